"""What a store holds, as frames: settings, facts, regions, areas, sites, batches."""

from abc import ABC, abstractmethod
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from data.checks import DERIVED
from metrics.periods import PeriodError, parse
from metrics.problems import InputError, Problem

ROOT = Path(__file__).parent.parent
# A warning tells a row and a number, and so it is about the region of that row, and about the fact there that has the
# number, unless it is one that nobody reported: a price, an indicator's value, or the first of a region's.
_ITS = f"FILTER (held.value = try_cast(told.value AS DOUBLE) AND told.rule NOT IN {DERIVED})"
_ONE = "CASE WHEN min({0}) {1} = max({0}) {1} THEN min({0}) {1} END AS {0}"
_WARNED = f"""
    WITH told AS (
        SELECT *, row_number() OVER (PARTITION BY rule, reason, person ORDER BY row, value) AS number
        FROM warnings WHERE batch = $batch
        QUALIFY rank() OVER (PARTITION BY rule, reason, person ORDER BY row) <= $most
    ), placed AS (
        SELECT told.row, {_ONE.format("region", "")}, {_ONE.format("period", _ITS)}, {_ONE.format("variable", _ITS)},
            rule, told.value, reason, person, number
        FROM told LEFT JOIN facts AS held ON held.batch = $batch AND held.row = told.row
        GROUP BY told.row, rule, told.value, reason, person, number
    )
    SELECT * EXCLUDE (number) FROM placed
    QUALIFY row_number() OVER (PARTITION BY rule, reason, person ORDER BY row, period, number) <= $most
    ORDER BY row, rule, period, number, reason, person
"""
# A batch that was brought back is what it was before it was replaced: levels only rise.
_STATES = """
    SELECT batch AS id, CASE WHEN last(event ORDER BY id) IN ('superseded', 'withdrawn') THEN last(event ORDER BY id)
        ELSE last(event ORDER BY id) FILTER (WHERE event IN ('received', 'reviewed', 'verified')) END AS state
    FROM events GROUP BY batch
"""


class Holdings(ABC):
    """What can be asked of the snapshot that readers see; every question raises InputError where there is no store."""

    @abstractmethod
    def snapshot(self) -> str:
        """The id of what readers see."""

    @abstractmethod
    def query(self, sql: str, **values: Any) -> pl.DataFrame:
        """What a statement gives on it."""

    def settings(self) -> dict[str, str]:
        """All settings by key."""
        return dict(self.query("SELECT key, value FROM settings").iter_rows())

    def definitions_path(self) -> Path:
        """The definitions file in force: what `init --indicators` named, else the project's indicators.yaml."""
        named = Path(self.settings().get("indicators", "indicators.yaml"))
        return named if named.is_absolute() else ROOT / named

    def facts(self, *, as_of: int | None = None) -> pl.DataFrame:
        """The facts that hold: region, site, period, variable, value, status, source, note, batch, row; sorted.

        `as_of`: as they were when that event had happened (`events`); None: now.
        """
        moment = self.newest_event() if as_of is None else as_of
        return self.query(
            "SELECT * FROM facts_at($moment) ORDER BY region, site NULLS FIRST, period, variable", moment=moment
        )

    def newest_event(self) -> int:
        """The number of what happened last to a batch; 0 where nothing has."""
        return int(self.query("SELECT coalesce(max(id), 0) AS id FROM events")["id"][0])

    def event_at(self, moment: str) -> int:
        """What had happened last at a moment (ISO, UTC; a day is meant whole); 0 where nothing had.

        Raises InputError for what is neither a day nor a moment.
        """
        try:
            read = datetime.fromisoformat(f"{moment}T23:59:59.999999" if len(moment) == len("2024-01-01") else moment)
            known = read if read.tzinfo else read.replace(tzinfo=UTC)
            whole = known.astimezone(UTC).isoformat(timespec="microseconds")
        except (ValueError, OverflowError) as error:
            raise InputError([Problem("no_moment", facts={"value": moment})]) from error
        found = self.query("SELECT coalesce(max(id), 0) AS id FROM events WHERE made <= $whole", whole=whole)
        return int(found["id"][0])

    def events(self) -> pl.DataFrame:
        """id, batch, event, other, person, made, reason: what happened to the batches, the first first."""
        return self.query("SELECT * FROM events ORDER BY id")

    def warnings(self, batch: int) -> pl.DataFrame:
        """row, column, rule, value, reason ('': none yet), person: what a batch came in with, by row."""
        return self.query("SELECT * EXCLUDE (batch) FROM warnings WHERE batch = $batch ORDER BY row, rule", batch=batch)

    def warned(self, batch: int, most: int = 1 << 62) -> pl.DataFrame:
        """row, region, period, variable (null where not certain), rule, value, reason, person: the same with what each
        is about, the first `most` of each rule, reason and person."""
        return self.query(_WARNED, batch=batch, most=most)

    def regions(self) -> pl.DataFrame | None:
        """code, names, parent, validity and a column an attribute; None where the store learns regions from facts."""
        frame = self.query("SELECT * FROM regions ORDER BY code")
        if self.settings().get("regions") != "given":
            return None
        attributes = self.query("SELECT region AS code, name, value FROM region_attributes ORDER BY name")
        wide = (
            attributes.pivot(on="name", index="code", values="value")
            if attributes.height
            else attributes.select("code")
        )
        return frame.join(wide, on="code", how="left", maintain_order="left")

    def areas(self) -> pl.DataFrame:
        """area, name_zh, name_en, region: one row a member."""
        return self.query(
            "SELECT area, name_zh, name_en, region FROM areas JOIN area_regions USING (area) ORDER BY area, region"
        )

    def sites(self) -> pl.DataFrame:
        """region, code, name_zh, name_en."""
        return self.query("SELECT * FROM sites ORDER BY region, code")

    def batches(self) -> pl.DataFrame:
        """id, file, digest, sender, received, read, accepted, rejected, content, mapping; the newest first.

        `state` is received, reviewed, verified, superseded or withdrawn; `standing` counts the facts that hold.
        """
        return self.query(
            "SELECT batches.*, state, coalesce(standing, 0) AS standing FROM batches"
            f" LEFT JOIN ({_STATES}) USING (id)"
            " LEFT JOIN (SELECT batch AS id, count(*) AS standing FROM current_facts GROUP BY batch) USING (id)"
            " ORDER BY id DESC"
        )

    def status(self) -> dict[str, Any]:
        """How much the store holds, from which period to which, its snapshot, label and definitions."""
        counted = self.query(
            "SELECT (SELECT count(*) FROM current_facts) AS facts, (SELECT count(*) FROM batches) AS batches,"
            " (SELECT count(*) FROM regions) AS regions, (SELECT count(*) FROM sites) AS sites"
        ).row(0, named=True)
        periods = self.query("SELECT DISTINCT period FROM current_facts")["period"].to_list()
        settings = self.settings()
        return {
            **{name: counted[name] for name in ("facts", "batches", "regions", "sites")},
            "periods": {
                "first": min(periods, key=lambda text: _stretch(text)[0], default=None),
                "last": max(periods, key=lambda text: _stretch(text)[1], default=None),
            },
            "snapshot": self.snapshot(),
            "label": settings.get("label", ""),
            "indicators": str(self.definitions_path()),
        }


def _stretch(text: str) -> tuple[tuple[date, str], tuple[date, str]]:
    """A period's first and last day, for putting periods in order, whatever month a fiscal year starts in."""
    for starts in (1, 4):
        with suppress(PeriodError):
            found = parse(text, fiscal_year_starts=starts)
            return (found.first, text), (found.last, text)
    return (date.min, text), (date.max, text)
