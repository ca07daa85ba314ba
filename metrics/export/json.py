"""JSON: the contract's rows with the names of everything in both languages."""

import json
from collections.abc import Sequence
from typing import Any

from metrics.export.labels import View, view
from metrics.scorecard import Scorecard

VERSION = 1


def write(
    card: Scorecard,
    *,
    regions: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    lang: str = "zh",
    notice: str = "",
) -> bytes:
    """UTF-8; `rows` as the contract's columns, `names`, `units`, `grades` beside them; no NaN, keys in order."""
    chosen = view(card, regions, periods, lang, notice)
    return (json.dumps(_content(chosen), ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _content(chosen: View) -> dict[str, Any]:
    card, definitions = chosen.card, chosen.card.definitions
    codes = [*(row.code for row in definitions.nodes()), *definitions.variables]
    names = card.regions.select("code", "name_zh", "name_en").iter_rows()
    return {
        "quheng": VERSION,
        "title": definitions.title.model_dump(),
        "notice": chosen.notice,
        "definitions": definitions.digest,
        "periods": list(chosen.periods),
        "regions": {code: {"zh": zh, "en": en} for code, zh, en in names if code in chosen.regions},
        "names": {code: {lang: definitions.name_of(code, lang) for lang in ("zh", "en")} for code in codes},
        "units": {code: unit for code in codes if (unit := definitions.unit_of(code))},
        "grades": {grade.code: grade.name.model_dump() for grade in definitions.grades},
        "rows": chosen.kept(card.frame).to_dicts(),
        "variables": chosen.kept(card.variables).to_dicts(),
    }
