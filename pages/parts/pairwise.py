"""Pairwise: two children at a time on Saaty's scale, what a judge says in words, and the judgement to look at again."""

from html import escape
from math import ceil

import streamlit as st

from metrics import consultation
from metrics.consultation import STEPS
from metrics.judgement import Doubt, changed, consistency, doubt
from metrics.semantics import LARGEST_RATIO
from pages.parts.asked import Asked, put, say
from pages.parts.formats import full
from pages.parts.i18n import t

# So many pairs at a time, so that none is far from the head of the page.
PAGE = 10
# On a narrow screen one side has the row above the 1, the other the row below; what a file adds flows on.
_STYLE = """<style>
.q-pair{display:flex;gap:.8rem;justify-content:space-between;font-size:.95rem;margin:.5rem 0 0;line-height:1.35}
.q-pair b{font-size:.85rem;text-align:center;color:var(--accent);flex:1.6}
.q-pair b.none{font-weight:400;color:inherit;opacity:.75}
.q-pair span{flex:1;font-weight:600}.q-pair span:last-child{text-align:right}
[class*=st-key-pair] [data-testid=stButtonGroup]>div{width:100%}
[class*=st-key-pair] button{min-width:0;padding:0;flex:1 1 0}
@media (min-width:641px){[data-testid=stColumn]:has(.st-key-own){position:sticky;top:4rem;align-self:flex-start}}
@media (max-width:640px){
 [class*=st-key-pair] [role=radiogroup]{display:grid;grid-template-columns:repeat(8,1fr)}
 [class*=st-key-pair] button{width:auto;min-height:2.75rem}
 [class*=st-key-pair] button:nth-child(9):nth-last-child(9){grid-column:1/-1}
 .q-pair{flex-wrap:wrap;row-gap:0}.q-pair b{order:3;flex-basis:100%}
}
</style>"""


def compare(asked: Asked, by: str) -> None:
    """One row a pair; of many pairs a page at a time."""
    st.html(_STYLE)
    _advice(asked)
    pairs, names = consultation.pairs(asked.count), asked.names
    pages = _pages(asked.size)
    shown = _page(asked, by, pages) if len(pages) > 1 else 0
    for place in pages[shown]:
        row, column = pairs[place]
        _pair(asked, by, place, (names[row], names[column]))
    if shown + 1 < len(pages):
        st.button(t("接着比较"), on_click=_turn, args=(asked, by, shown + 1), key=f"next {asked.key}")


def _pages(size: int) -> list[range]:
    """The places of the pairs on each page, about as many on each."""
    step = ceil(size / ceil(size / PAGE))
    return [range(start, min(start + step, size)) for start in range(0, size, step)]


def _turn(asked: Asked, by: str, page: int) -> None:
    st.session_state[_pager(asked, by)] = page


def _pager(asked: Asked, by: str) -> str:
    return f"page {asked.key} {by}"


def _advice(asked: Asked) -> None:
    words = t("点靠近哪一边，哪一边就更重要：1 同等，3 稍微，5 明显，7 强烈，9 绝对，偶数居中")
    st.html(f'<p class="q-sub">{escape(words)}</p>')
    if asked.count > consultation.MOST_COMPARED:
        many = t("{count} 项下级要比较 {pairs} 对：多于 {most} 项难以前后一致。先分成几个维度，或改用分配 100 分。",
                 count=asked.count, pairs=asked.size, most=consultation.MOST_COMPARED)  # fmt: skip
        st.warning(many)


def _page(asked: Asked, by: str, pages: list[range]) -> int:
    """How far the judge has come, and the choice of a page; at first the one with the first pair to judge."""
    said, widget = asked.judges[by], _pager(asked, by)
    given = [sum(said[place] is not None for place in page) for page in pages]
    st.progress(sum(given) / asked.size, text=t("已判断 {given} / {all} 对", given=sum(given), all=asked.size))
    words = [
        f"{page.start + 1}–{page.stop}{' ✓' if count == len(page) else ''}"
        for page, count in zip(pages, given, strict=True)
    ]
    first = next((place for place, page in enumerate(pages) if given[place] < len(page)), 0)
    if widget not in st.session_state:
        st.session_state[widget] = first
    shown = st.segmented_control(
        t("第几对"), range(len(pages)), key=widget, format_func=words.__getitem__, required=True
    )
    return int(shown or 0)


def _pair(asked: Asked, by: str, place: int, names: tuple[str, str]) -> None:
    """Both names with what has been said between them, and the scale from the one to the other."""
    step, widget = asked.judges[by][place], f"pair {place} {asked.key} {by}"
    words = t("未判断") if step is None else step_words(step, names)
    mark = ' class="none"' if step is None else ""
    first, second = (f"<span>{escape(name)}</span>" for name in names)
    st.html(f'<p class="q-pair">{first}<b{mark}>{escape(words)}</b>{second}</p>')
    # Kept apart from the widget, which is forgotten with its page.
    st.session_state[widget] = step
    st.segmented_control(
        t("{first}与{second}相比", first=names[0], second=names[1]), _scale(step), key=widget,
        format_func=_figure, label_visibility="collapsed", on_change=say, args=(asked, by, place, widget),
        width="stretch", wrap=True,
    )  # fmt: skip


def _scale(step: float | None) -> list[float]:
    """The steps, with a number between them that a file may hold in its place."""
    own = {step} - {None} - set(STEPS)
    return sorted([*STEPS, *own], key=lambda each: -consultation.ratio_of(each))  # type: ignore[list-item,arg-type]


def _figure(step: float) -> str:
    """The number with an arrow to the side that it favours; no two steps may be written alike."""
    size = full(abs(step))
    return size if step == 1.0 else f"←{size}" if step > 0.0 else f"{size}→"


def step_words(step: float, names: tuple[str, str]) -> str:
    """What a step of the scale says of two children: 能源稍微重要（3）."""
    size, name = abs(step), names[0] if step > 0.0 else names[1]
    if size == 1.0:
        return t("同等重要（1）")
    degrees = {1: t("同等"), 3: t("稍微"), 5: t("明显"), 7: t("强烈"), 9: t("绝对")}
    if size in degrees:
        return t("{name}{degree}重要（{step}）", name=name, degree=degrees[int(size)], step=full(size))
    if size == int(size) and size < 9.0:
        between = {"low": degrees[int(size) - 1], "high": degrees[int(size) + 1]}
        return t("{name}重要，介于{low}与{high}（{step}）", name=name, **between, step=full(size))
    return t("{name}重要 {step} 倍", name=name, step=full(size))


def consistency_words(ratio: float) -> str:
    """What a consistency ratio means."""
    if ratio > LARGEST_RATIO:
        return t("一致性比率 {ratio}，超过 0.1：判断有自相矛盾，请先复核", ratio=f"{ratio:.2f}")
    return t("一致性比率 {ratio}，不超过 0.1，可以采用", ratio=f"{ratio:.2f}")


def reconsider(asked: Asked, by: str) -> None:
    """How consistent a finished judge is, which judgement agrees least with the others, and what would agree best."""
    steps = [step or 1.0 for step in asked.judges[by]]
    matrix = consultation.matrix_of(steps, asked.count)
    if asked.count < 3:
        st.html(f'<p class="q-sub">{escape(t("只有两项，无所谓一致与否"))}</p>')
        return
    ratio, odd = consistency(matrix), doubt(matrix)
    kind = "worse" if ratio > LARGEST_RATIO else "better"
    st.html(f'<p class="q-small {kind}">{escape(consistency_words(ratio))}</p>')
    if odd is not None:
        step = consultation.nearest_step(odd.implied)
        mended = consistency(changed(matrix, odd.row, odd.column, consultation.ratio_of(step)))
        _suggest(asked, by, odd, step, (ratio, mended))


def _suggest(asked: Asked, by: str, odd: Doubt, step: float, ratios: tuple[float, float]) -> None:
    """The odd judgement and what would agree best; nothing where judgements agree well and it makes no difference."""
    before, after = (f"{ratio:.2f}" for ratio in ratios)
    better = float(after) < float(before)
    if ratios[0] <= LARGEST_RATIO and not better:
        return
    place = consultation.pairs(asked.count).index((odd.row, odd.column))
    names = (asked.names[odd.row], asked.names[odd.column])
    words = t("与其余判断最不一致的一对：{first}与{second}，现在是“{now}”", first=names[0], second=names[1],
              now=step_words(asked.judges[by][place] or 1.0, names))  # fmt: skip
    if odd.alike:
        words += t("（另有 {count} 对同样不一致，请看哪一对最没把握）", count=odd.alike)
    words += t("。其余判断合起来是“{step}”", step=step_words(step, names))
    words += t("；照此修改，一致性比率由 {before} 降到 {after}", before=before, after=after) if better else (
        t("；只改这一对不够，请逐对再看"))  # fmt: skip
    st.html(f'<p class="q-sub">{escape(words + t("。是否修改由专家决定。"))}</p>')
    if better:
        st.button(t("采用这个建议"), on_click=put, args=(asked, by, place, step), key=f"mend {asked.key}")
