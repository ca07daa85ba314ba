"""The surveys file: who is asked what, by which bodies, and which variables the answers become (docs/surveys.md)."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

import metrics.survey_words  # noqa: F401  (registers the words of this part's problems)
from metrics.fields import Name, Number, SchemaVersion, Share, Text, Whole, problem
from metrics.settings import Setting, read_settings

# Fewer give no interval of a mean.
LEAST = {"share": 1, "mean": 2}


class Body(Setting):
    """Who asks, or is asked: its weight among the bodies, and of how few answers nothing is said."""

    name: Name
    weight: Share
    least: Annotated[Whole, Field(ge=1)] = 30

    @model_validator(mode="after")
    def _weighs(self) -> Self:
        if self.weight <= 0.0:
            raise problem("not_above_zero", name="weight", value=self.weight)
        return self


class Gives(Setting):
    """The variables that become facts. `satisfied` is the combined rate times `respondents`, so that their ratio is
    the rate; `rate` and `half_width` are in per cent where a share is measured."""

    satisfied: Text | None = None
    respondents: Text | None = None
    rate: Text | None = None
    mean: Text | None = None
    half_width: Text | None = None

    @property
    def variables(self) -> dict[str, str]:
        """Each number that becomes a fact with its variable."""
        return {name: str(code) for name, code in self.model_dump().items() if code is not None}


class QuestionSet(Setting):
    """Questions that are answered on one scale and become one number: a share of satisfied answers, or a mean."""

    name: Name
    measure: Literal["share", "mean"]
    questions: Annotated[dict[Text, Name], Field(min_length=1)]
    answers: Annotated[dict[Text, Number], Field(min_length=2)]
    satisfied_from: Number | None = None
    no_answer: tuple[Text, ...] = ()
    gives: Gives

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        share, known = self.measure == "share", set(self.answers.values())
        if share and (self.satisfied_from is None or not min(known) < self.satisfied_from <= max(known)):
            raise problem("satisfied_from_wanted", low=f"{min(known):g}", high=f"{max(known):g}")
        if len(known) < 2:
            raise problem("answers_alike")
        both = sorted(set(self.answers) & set(self.no_answer))
        if both:
            raise problem("answer_and_none", answers=", ".join(both))
        foreign = {"mean"} if share else {"satisfied", "rate"}
        wrong = sorted(foreign & set(self.gives.variables))
        wrong += [] if share or self.satisfied_from is None else ["satisfied_from"]
        if wrong:
            raise problem("not_of_measure", keys=", ".join(wrong), measure=self.measure)
        if not {"rate", "satisfied", "mean"} & set(self.gives.variables):
            raise problem("gives_nothing")
        if self.gives.satisfied is not None and self.gives.respondents is None:
            raise problem("satisfied_alone")
        return self


class Surveys(Setting):
    """A surveys file: the bodies, the question sets, and how sure an interval is to be."""

    surveys: SchemaVersion
    title: Name
    confidence: Share = 0.95
    bodies: Annotated[dict[Text, Body], Field(min_length=1)]
    sets: Annotated[dict[Text, QuestionSet], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not 0.5 <= self.confidence < 1.0:
            raise problem("bad_confidence", found=f"{self.confidence:g}")
        for key, found in (
            ("questions", Counter(code for one in self.sets.values() for code in one.questions)),
            ("gives", Counter(code for one in self.sets.values() for code in one.gives.variables.values())),
        ):
            twice = sorted(code for code, count in found.items() if count > 1)
            if twice:
                raise problem("in_two_sets", key=key, codes=", ".join(twice))
        if any(one.measure == "mean" for one in self.sets.values()):
            few = sorted(code for code, body in self.bodies.items() if body.least < LEAST["mean"])
            if few:
                raise problem("least_for_mean", codes=", ".join(few), least=LEAST["mean"])
        return self


def read_surveys(path: Path) -> Surveys:
    """The surveys of a file. Raises InputError with every problem, at its line and column."""
    return read_settings(Surveys, path)
