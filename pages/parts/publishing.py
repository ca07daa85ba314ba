"""Publishing: a cycle's editions, what each changed, the next one, and the pages for everybody."""

from contextlib import suppress
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import streamlit as st

from data.exports import note as journalled
from data.exports import standing_of
from data.republished import Changes, edition_changes, publish_again, upcoming_changes
from data.revisions import Publication, editions_of
from data.site import entry, write_site
from data.store import Store
from metrics.change import KINDS
from metrics.problems import InputError
from metrics.shown import NOTHING, told_change
from metrics.states import state_words
from pages.parts.formats import cycle_words, points, signed, told_apart
from pages.parts.i18n import language, t
from pages.parts.journalled_exports import noted
from pages.parts.moments import moment, zoned
from pages.parts.releasing import releasing
from pages.parts.review_acts import act, in_sight, note, reason, region_names, seen_before, signer, wide
from pages.parts.stages import Place, missing
from pages.parts.tables import bullets, csv_of, table, title

# So many corrected numbers are told one by one.
_LISTED = 12
# Whether a region's score, come or gone too, its rank or its grade is another; what rounding alone tells apart is not.
_SCORE = (pl.col("change").abs() > NOTHING) | (pl.col("score_before").is_null() != pl.col("score_after").is_null())
_RANK, _GRADE = (pl.col(f"{name}_before").ne_missing(pl.col(f"{name}_after")) for name in ("rank", "grade"))


def publishing(at: Place) -> None:
    """The editions, what the chosen one changed, the next one for whoever may make it, and the static pages."""
    every = editions_of(at.store, at.cycle)
    if not every:
        words = t("{cycle}还没有公布，所以没有版本，也不能写成公众网页", cycle=cycle_words(at.cycle))
        title(words, t("审定以后，在“阶段与任务”里公布"))
        return
    _table(at, every)
    releasing(at)
    _changed(at, every)
    _again(at)
    _site(at)


def _table(at: Place, every: tuple[Publication, ...]) -> None:
    state = state_words(*standing_of(at.store, at.cycle), language())
    title(t("共 {count} 版，{state}", count=len(every), state=state), t("以前的版本不再改变，仍可核对"))
    rows = [
        [
            escape(_edition(one.edition)), escape(moment(one.made)),
            escape(zoned(one.release or one.made)), escape(one.person), wide(one.reason),
        ]
        for one in reversed(every)
    ]  # fmt: skip
    st.html(table([t("版次"), t("公布于"), t("公开于"), t("谁"), t("理由")], rows, kind="words stacked"))


def _edition(number: int) -> str:
    return t("第 {edition} 版", edition=number)


@st.cache_resource(max_entries=8, show_spinner=False)
def _changes(db: str, snapshot: str, cycle: str, number: int | None) -> Changes:
    """What an edition changed, or (None) the next one would, for all regions: cut before it is shown."""
    store = Store(db)
    return upcoming_changes(store, cycle) if number is None else edition_changes(store, cycle, number)


def _found(at: Place, number: int | None) -> Changes:
    """The same of the regions in sight."""
    with st.spinner(t("正在比较…")):
        found = _changes(str(at.store.path), at.store.snapshot(), at.cycle, number)
    seen = in_sight(at.store, at.cycle)
    return found if seen is None else Changes(*(one.filter(pl.col("region").is_in(seen)) for one in found))


def _changed(at: Place, every: tuple[Publication, ...]) -> None:
    """The ledger of changes of an edition, the newest unless another is chosen."""
    later = [one.edition for one in every if one.edition > 1]
    if not later or in_sight(at.store, at.cycle) == frozenset():
        return
    number = later[-1]
    if len(later) > 1:
        number = st.selectbox(t("看哪一版改变了什么"), list(reversed(later)), key="edition", format_func=_edition,
                              placeholder=t("请选择"))  # fmt: skip
    found = _found(at, number)
    finding = t("{edition}改变了 {what}", edition=_edition(number), what=_moved(found.outcomes))
    _shown(at, found, finding, t("变化账各项之和等于得分的变化"))
    _ledger(at, found.terms, f"changes-{at.cycle.replace('/', '-')}-{number}.csv")


def _ledger(at: Place, terms: pl.DataFrame, name: str) -> None:
    """Where each change is from, whose terms add up to it; whole as CSV."""
    found = _named(at, terms, region_names(at.store))
    if found.is_empty():
        return
    with st.expander(t("变化账：每一项从哪里来"), key="edition ledger"):
        cells = [[*map(escape, row[:-1]), signed(row[-1], 3)] for row in found.iter_rows()]
        st.html(table(found.columns, cells, kind="words"))
        content = noted(at.store, name, lambda: csv_of(found))
        st.download_button(t("下载 CSV"), content, name, "text/csv", on_click="ignore")


def _moved(outcomes: pl.DataFrame) -> str:
    """How many of the regions that are compared have another score, and how many another rank."""
    compared = outcomes.filter(pl.col("rank_before").is_not_null() | pl.col("rank_after").is_not_null())
    scores, ranks = (compared.filter(moved).height for moved in (_SCORE, _RANK))
    return t("{scores} 个地区的得分、{ranks} 个地区的名次", scores=scores, ranks=ranks)


def _named(at: Place, terms: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """The ledger in words: region, kind, what of, points."""
    definitions, lang = at.known.of(at.cycle).definitions, language()
    called = {row.code: definitions.name_of(row.code, lang) for row in definitions.nodes()}
    called |= {rule.code: rule.name.text(lang) for rule in definitions.rules if rule.name is not None}
    for code in terms["code"].drop_nulls().unique():
        if code.startswith("adjustment-"):
            called[code] = t("第 {number} 号调整", number=code.removeprefix("adjustment-"))
    kinds = {kind: words[lang != "zh"] for kind, words in KINDS.items()}
    return terms.filter(pl.col("term") != 0.0).select(
        pl.col("region").replace_strict(names, default=pl.col("region")).alias(t("地区")),
        pl.col("kind").replace_strict(kinds, default=pl.col("kind")).alias(t("从哪里来")),
        pl.col("code").replace_strict(called, default=pl.col("code")).fill_null("—").alias(t("名称")),
        pl.col("term").alias(t("变化（分）")),
    )


def _shown(at: Place, found: Changes, finding: str, subtitle: str) -> None:
    """The numbers that were corrected, then the regions whose score, rank or grade moved, what moved most first."""
    moved = found.outcomes.filter(_SCORE | _RANK | _GRADE)
    moved = moved.sort(pl.col("change").abs(), "region", descending=[True, False], nulls_last=True)
    title(finding, subtitle)
    names = region_names(at.store)
    _corrected(at, found.corrected, names)
    if moved.is_empty():
        return
    grades = {one.code: one.name.text(language()) for one in at.known.of(at.cycle).definitions.grades}
    rows = [
        [
            escape(names.get(row["region"], row["region"])),
            f"{points(row['score_before'])} → {points(row['score_after'])}",
            _change(row["change"]),
            _both(row["rank_before"], row["rank_after"]),
            escape(_both(grades.get(row["grade_before"]), grades.get(row["grade_after"]))),
        ]
        for row in moved.iter_rows(named=True)
    ]  # fmt: skip
    st.html(table([t("地区"), t("得分"), t("变化"), t("名次"), t("等级")], rows, kind="words"))


def _corrected(at: Place, found: pl.DataFrame, names: dict[str, str]) -> None:
    """Whose numbers are not what they were: the first of them, and how many there are."""
    if found.is_empty():
        return
    definitions = at.known.of(at.cycle).definitions
    lines = []
    for region, code, before, after in found.head(_LISTED).iter_rows():
        was, now = told_apart(before, after, definitions.unit_of(code))
        words = t("{region}：{name} {before} → {after}", region=names.get(region, region),
                  name=definitions.name_of(code, language()), before=was, after=now)  # fmt: skip
        lines.append(escape(words))
    if found.height > _LISTED:
        lines.append(escape(t("共 {count} 个数不同", count=found.height)))
    bullets(lines)


def _change(points: float | None) -> str:
    """A change of a score, with as many decimals as show it; in words where there is none."""
    if points is None:
        return "—"
    return t("持平") if abs(points) <= NOTHING else told_change(points)


def _both(before: object, after: object) -> str:
    one, other = ("—" if value is None else str(value) for value in (before, after))
    return one if one == other else f"{one} → {other}"


def _again(at: Place) -> None:
    """The next edition: what it would change, then the form, for whoever approves results."""
    if at.stage == "closed" or not at.may("conclude") or in_sight(at.store, at.cycle) is not None:
        return
    form = f"again {at.cycle}"
    seen = seen_before(form, at.store.snapshot())
    try:
        found = _found(at, None)
    except InputError as error:
        bullets(missing(at, error.problems))
        return
    before = at.publication.edition if at.publication else 0
    number = _edition(before + 1)
    finding = t("现在再版会改变 {what}", what=_moved(found.outcomes))
    unmoved = t("变的是不影响得分的数，或通报用来比较的以前周期的版次")
    moves = not found.outcomes.filter(_SCORE).is_empty()
    _shown(at, found, finding, t("沿用原来的定义，用现在的事实和已同意的调整") if moves else unmoved)
    with st.form(form, enter_to_submit=False):
        words = {"edition": number, "before": _edition(before)}
        note(t("将出{edition}；{before}留存可查，异议期从新版公开之日重新计算。", **words))
        why = reason(form)
        if st.form_submit_button(t("公布{edition}", edition=number), key=f"{form} go"):
            act(form, lambda: _published_again(at, why, seen))


def _published_again(at: Place, why: str, seen: str) -> str:
    number = publish_again(at.store, at.cycle, person=signer(at.store), reason=why, seen=seen)
    return t("{cycle}{edition}已公布。", cycle=cycle_words(at.cycle), edition=_edition(number))


def _site(at: Place) -> None:
    """The pages for everybody as one archive; not before the cycle is public."""
    if not at.may("export"):
        return
    title(t("公众网页"), t("总览、每个地区一页、签发的通报、得分表；不用登录，不联网；没有公布的都不在内"))
    if not at.is_public:
        note(t("公开以后才能写出。"))
        return
    name = f"quheng-site-{at.cycle.replace('/', '-')}.zip"
    note(t("将写出 {cycle}最新一版和以前已公开周期的网页，一个 ZIP，记入导出台账。", cycle=cycle_words(at.cycle)))
    st.download_button(t("写出并下载（ZIP）"), lambda: _packed(at, name), name, "application/zip", key="site",
                       icon=":material/download:", on_click="ignore")  # fmt: skip


def _packed(at: Place, name: str) -> bytes:
    """The archive, journalled; what is public is given whether or not the journal can be written."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / name
        files, regions = write_site(at.store, at.cycle, file)
        content = file.read_bytes()
    with suppress(InputError):
        journalled(at.store, entry(files, regions, at.cycle, way="page", by=signer(at.store), file=name))
    return content
