"""What a file would change in what holds now: which batch it takes the place of, its facts, the scores that move."""

from html import escape

import polars as pl
import streamlit as st

from data.foreseen import foreseen_facts, foreseen_scores
from data.intake import JudgedFile
from data.shown import sight_of
from data.store import Store
from metrics.problems import InputError
from pages.parts.corrected import changes
from pages.parts.i18n import t
from pages.parts.intake import Place, Upload, refused
from pages.parts.previewed import short
from pages.parts.tables import title

GONE = ("superseded", "withdrawn")
# So many batches can be replaced by the page; older ones by the command.
MOST = 200
# The lists are as long as each other: unnested beside one another they are the rows that they were columns of.
_BESIDE = """
    SELECT DISTINCT batch FROM current_facts
    WHERE (region, period, variable) IN (SELECT (unnest($region), unnest($period), unnest($variable)))
"""


def replaced(place: Place, upload: Upload, judged: JudgedFile, person: str) -> int | None:
    """The batch that the file takes the place of, where a person says so; likely ones are named."""
    every = place.store.batches().filter(~pl.col("state").is_in(GONE)).head(MOST)
    if every.is_empty():
        return None
    likely = _likely(place, upload, judged, person, every)
    names = {
        row["id"]: t("第 {batch} 批 {file}", batch=row["id"], file=short(row["file"]))
        for row in every.iter_rows(named=True)
    }
    options = [0, *likely, *(one for one in names if one not in likely)]
    words = t("不替代：同一地区、机构、期间、变量的数以这次为准，其余不动")
    chosen = st.selectbox(
        t("这个文件替代哪一批"), options, format_func=lambda one: names.get(one, words),
        key=f"{upload.key[:16]} replaces", placeholder=t("请选择"),
        help=t("替代：那一批里的数都不再有效，包括这个文件里没有的。更正整份报表时选它。"),
    )  # fmt: skip
    if likely and not chosen:
        told = t("、").join(f"{names[one]}（{why}）" for one, why in likely.items())
        st.html(f'<p class="q-sub">{escape(t("可能是这一批的更正：{names}。是的话请在上面选它。", names=told))}</p>')
    return chosen or None


def _likely(place: Place, upload: Upload, judged: JudgedFile, person: str, every: pl.DataFrame) -> dict[int, str]:
    """Batches with the same file name, or of the same sender with a fact of the same region, period and variable."""
    likely = {one: t("文件名相同") for one in every.filter(pl.col("file") == upload.name)["id"].head(3)}
    mine = every.filter(pl.col("sender") == person, pl.col("sender") != "")["id"].to_list()
    if mine and judged.accepted:
        bound = judged.facts.select("region", "period", "variable").unique().to_dict(as_series=False)
        same = place.store.query(_BESIDE, **bound)["batch"].to_list()
        why = t("同一报送人、同样的地区、期间和变量")
        likely |= {one: why for one in mine[:20] if one in same and one not in likely}
    return dict(list(likely.items())[:3])


def effect(place: Place, judged: JudgedFile, upload: Upload, mapping: str | None, replaces: int | None) -> None:
    """New, changed and unchanged facts, and the scores that move; worked out when it is asked for."""
    if not st.toggle(t("看看入库后会改变什么"), key=f"{upload.key[:16]} effect"):
        return
    title(t("若入库"))
    key = (str(place.store.path), place.snapshot, place.digest, sight_of(place.store), upload.key, mapping)
    try:
        with st.spinner(t("正在比较…")):
            facts, scores = _foreseen(key, replaces, place.store, judged)
    except InputError as error:
        refused(error)
        return
    changes(place.store, facts, scores, key="foreseen")


@st.cache_resource(max_entries=4, ttl=3600, show_spinner=False)
def _foreseen(
    key: tuple[object, ...], replaces: int | None, _store: Store, _judged: JudgedFile
) -> tuple[pl.DataFrame, pl.DataFrame]:
    facts = _judged.facts
    return foreseen_facts(_store, facts, replaces=replaces), foreseen_scores(_store, facts, replaces=replaces)
