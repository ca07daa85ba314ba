"""Owed: the statements that count, series by series, in one look at the facts, what a cycle has been reported of."""

from collections.abc import Sequence

# Which positions in a cycle a series has, as the bits of a number; of days there are too many for one.
_FEW, _MOST = 62, 366
_FACTS = "WHERE variable IN (SELECT unnest($variables::VARCHAR[])) AND ($region = '' OR region = $region)"
# A series is a variable of a site, or ('') of the region; a region in the place of a site is the counterpart of an
# exchange.
_SERIES = """
    region, CASE WHEN site IS NULL OR site IN (SELECT code FROM regions) THEN '' ELSE site END AS site, variable
"""
_CALENDAR = """
    calendar AS (
        SELECT unnest($periods::VARCHAR[]) AS period, unnest($places::INTEGER[]) AS place,
            unnest($positions::INTEGER[]) AS position, unnest($until::VARCHAR[]) AS until
    )
"""
# Sites are told from counterparts when the facts are grouped: there are fewer series than facts.
_OWED = """
    held AS (
        SELECT region, site, variable, bit_or(1 << place) AS stands,
            bit_or(1 << place) FILTER (WHERE value IS NOT NULL) AS filled {sets}
        FROM facts_at($moment) JOIN calendar USING (period) {facts} GROUP BY ALL
    ),
    series AS (
        SELECT {series}, bit_or(stands) AS stands, coalesce(bit_or(filled), 0) AS filled {unions}
        FROM held GROUP BY ALL
    ),
    owed AS (SELECT region, site, variable, CASE {choices} END AS place, {bits} AS bits FROM series)
"""
# The positions that had a value by their deadline, whoever has corrected it since.
_TIMELY = """
    arrived AS (
        SELECT batch, made FROM events WHERE event = 'received' AND id <= $moment AND batch NOT IN (
            SELECT batch FROM events WHERE event = 'withdrawn' AND id <= $moment
        )
    ),
    timely AS (
        SELECT {series}, place, {set} AS timely
        FROM facts JOIN (SELECT * FROM calendar WHERE until <> '') AS dated USING (period) JOIN arrived USING (batch)
        {facts} AND value IS NOT NULL AND made <= until
        GROUP BY ALL
    )
"""


def counted(current: Sequence[int], others: Sequence[int], most: int, *, dated: bool) -> str:
    """How many series each region has of each variable in each place, and how many of them have a value in each of
    `most` positions, and had it by its deadline (where any is `dated`).

    A place is a rhythm of the cycle (`current`) or of the one before (`others`), each in the order in which they count:
    a series counts where it first has a value, else where it first stands empty, in this cycle before the other.
    """
    reported = [f"coalesce(sum({_has('bits', at, most)}), 0)::BIGINT" for at in range(most)]
    on_time = [f"coalesce(sum({_has('bits & timely', at, most)}), 0)::BIGINT" if dated else "0" for at in range(most)]
    parts = [_CALENDAR, _owed(current, others, most)]
    parts += [_TIMELY.format(series=_SERIES, facts=_FACTS, set=_set(most))] if dated else []
    return f"""
        WITH {", ".join(parts)}
        SELECT region, variable, place, count(*)::BIGINT AS series, [{", ".join(reported)}]::BIGINT[] AS reported,
            [{", ".join(on_time)}]::BIGINT[] AS on_time
        FROM owed {"LEFT JOIN timely USING (region, site, variable, place)" if dated else ""}
        GROUP BY region, variable, place
    """


def listed(current: Sequence[int], others: Sequence[int], most: int) -> str:
    """Each series with the positions that have a value; places as for `counted`."""
    known = f"list_filter(range(0, {most}), lambda nth: {_has('bits', 'nth', most)} = 1)"
    return f"""
        WITH {_CALENDAR}, {_owed(current, others, most)}
        SELECT region, site, variable, place, {known} AS known FROM owed
    """


def _set(most: int) -> str:
    return "bit_or(1::BIGINT << position)" if most <= _FEW else f"bitstring_agg(position, 0, {_MOST})"


def _has(bits: str, at: int | str, most: int) -> str:
    return f"((({bits}) >> {at}) & 1)" if most <= _FEW else f"get_bit({bits}, {at}::INTEGER)"


def _owed(current: Sequence[int], others: Sequence[int], most: int) -> str:
    choices = [
        f"WHEN ({name} & {1 << place}) > 0 THEN {place}"
        for places in (current, others)
        for name in ("filled", "stands")
        for place in places
    ]
    own = [f"WHEN {place} THEN bits_{place}" for place in current]
    return _OWED.format(
        facts=_FACTS,
        series=_SERIES,
        sets="".join(
            f", {_set(most)} FILTER (WHERE place = {place} AND value IS NOT NULL) AS bits_{place}" for place in current
        ),
        unions="".join(f", bit_or(bits_{place}) AS bits_{place}" for place in current),
        choices=" ".join(choices) or "WHEN TRUE THEN 0",
        bits=f"CASE place {' '.join(own)} END" if own else "NULL::BIGINT",
    )
