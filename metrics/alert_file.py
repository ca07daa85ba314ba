"""The rules of alerts: what somebody is to be told about, and who (docs/alerts.md)."""

from email.headerregistry import Address as Mailbox
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

import metrics.alert_words  # noqa: F401  (registers the words of this part's problems)
from metrics.fields import Name, Number, Period, SchemaVersion, Text, Whole, problem
from metrics.settings import Setting, read_settings, refuse_twice


def _address(text: str) -> str:
    try:
        known = Mailbox(addr_spec=text).addr_spec == text and text.isprintable() and not set(text) & set(",;<> ")
    # What is no address breaks the parser of the standard library in many ways, and it names none of them.
    except Exception:
        known = False
    if not known:
        raise problem("no_address", found=text)
    return text


Address = Annotated[Text, AfterValidator(_address)]


class Told(Setting):
    """What every rule has: its code and name, and the addresses of those who are told by mail."""

    code: Text
    name: Name
    tell: tuple[Address, ...] = ()


class OverLimit(Told):
    """A region meets a veto, a gate or a penalty of the definitions; or an indicator is above or below a number."""

    kind: Literal["over_limit"]
    indicator: Text | None = None
    above: Number | None = None
    below: Number | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        limits = sum(limit is not None for limit in (self.above, self.below))
        if limits != (self.indicator is not None):
            raise problem("one_limit_wanted")
        return self


class OffPace(Told):
    """An indicator with a target will not reach it by a cycle (default: the next) at the pace of the last one."""

    kind: Literal["off_pace"]
    by: Period | None = None
    indicators: tuple[Text, ...] = ()


class LateReport(Told):
    """A region has so many facts or more that are past their deadline and not reported."""

    kind: Literal["late_report"]
    least: Annotated[Whole, Field(ge=1)] = 1


class QualityDrop(Told):
    """A region's grade of data quality is so many steps lower than in the cycle before."""

    kind: Literal["quality_drop"]
    steps: Annotated[Whole, Field(ge=1)] = 1


Rule = Annotated[OverLimit | OffPace | LateReport | QualityDrop, Field(discriminator="kind")]


class Alerts(Setting):
    """A rules file."""

    alerts: SchemaVersion
    title: Name
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _once(self) -> Self:
        refuse_twice(rule.code for rule in self.rules)
        return self


def read_alerts(path: Path) -> Alerts:
    """The rules of a file. Raises InputError with every problem, at its line and column."""
    return read_settings(Alerts, path)
