"""What stands in a manual of indicators: the tree, each indicator, its inputs, what follows, method, history."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from metrics.definitions import Definitions
from metrics.differences import sentences
from metrics.differences.values import percent
from metrics.manual.blocks import Block, Bullets, Heading, Manual, Paragraph, Table
from metrics.manual.indicators import indicator
from metrics.manual.inputs import factors, variables
from metrics.manual.outcomes import grades, methods, rules
from metrics.manual.words import Words


@dataclass(frozen=True)
class Edition:
    """One version of the definitions in a manual's history; `differences` from the one before it, in sentences.

    `name`: what it is called where no date and author are known, such as its file.
    """

    version: str
    date: str = ""
    author: str = ""
    reason: str = ""
    differences: tuple[str, ...] = ()
    name: str = ""


def history_of(files: Sequence[tuple[str, Definitions]], lang: str) -> list[Edition]:
    """The history that files, by name, tell of each other: they come oldest first, the editions latest first."""
    told = [(), *(tuple(sentences(old, new, lang)) for (_, old), (_, new) in pairwise(files))]
    return [
        Edition(found.digest, differences=differences, name=name)
        for (name, found), differences in zip(reversed(files), reversed(told), strict=True)
    ]


def manual(definitions: Definitions, *, lang: str = "zh", history: Sequence[Edition] = (), notice: str = "") -> Manual:
    """The manual of a definitions file; `history`: its versions, the latest first; `notice`: on page one."""
    words = Words(definitions, lang)
    version = definitions.digest[:12]
    return Manual(
        title=definitions.title.text(lang),
        kind=words.pick("指标手册", "Manual of indicators"),
        about=tuple(_about(words, history)),
        notice=notice,
        lang=lang,
        version=version,
        blocks=tuple(_blocks(words, history)),
    )


def _about(words: Words, history: Sequence[Edition]) -> Iterator[tuple[str, str]]:
    file = words.file
    nodes = len(file.tree_nodes) - 1
    yield (
        words.pick("内容", "Contents"),
        words.pick(
            f"{nodes} 个维度，{len(file.indicators)} 项指标，{len(file.variables)} 个变量，{len(file.factors)} 个系数",
            f"{nodes} pillars, {len(file.indicators)} indicators, {len(file.variables)} variables, "
            f"{len(file.factors)} factors",
        ),
    )
    yield words.pick("评估周期", "Cycle"), words.term("cycle", file.cycle)
    yield words.pick("参评范围", "Who is compared"), words.term("compare", file.compare)
    if history and history[0].date:
        yield words.pick("修订日期", "Date"), history[0].date
    if file.digest:
        yield words.pick("版本", "Version"), f"SHA-256 {file.digest}"


def _blocks(words: Words, history: Sequence[Edition]) -> Iterator[Block]:
    yield Heading(1, words.pick("指标体系", "The index"))
    yield Paragraph(
        words.pick(
            "权重是同级之间的份额；占总分是一路乘到综合得分的份额。",
            "Weight is the share among siblings; share of the composite is the product of shares up to it.",
        )
    )
    yield _tree(words)
    yield Heading(1, words.pick("指标", "Indicators"))
    yield from _indicators(words)
    yield from variables(words)
    yield from factors(words)
    yield from grades(words)
    yield from rules(words)
    yield from methods(words)
    yield from _history(words, history)


def _tree(words: Words) -> Table:
    """The tree in its order, with weights."""
    rows, depths = [], []
    for row in words.file.nodes():
        if row.weight_share is None:
            continue
        is_node = row.level != "indicator"
        better = "" if is_node else words.better(row.code)
        unit = "" if is_node else words.unit(row.code)
        share, whole = words.share(row.code), words.whole(row.code)
        weight = "" if row.parent is None else words.pick("按数据", "from data") if share is None else percent(share)
        rows.append((words.name(row.code), weight, "" if whole is None else percent(whole), unit, better))
        depths.append(row.depth if is_node else -row.depth)
    heads = words.pick(("名称", "权重", "占总分", "单位", "方向"), ("Name", "Weight", "Share", "Unit", "Better"))
    return Table(heads, tuple(rows), (5, 1.2, 1.2, 1.8, 2), frozenset((1, 2)), depths=tuple(depths))


def _indicators(words: Words) -> Iterator[Block]:
    """Each indicator under the node that it stands below, in the tree's order; those outside it at the end."""
    under: str | None = ""
    for row in words.file.nodes():
        if row.level != "indicator":
            continue
        if row.parent != under:
            under = row.parent
            outside = words.pick("不计入综合得分的指标", "Indicators outside the index")
            yield Heading(2, outside if under is None else words.name(under))
        yield from indicator(words, row.code)


def _history(words: Words, history: Sequence[Edition]) -> Iterator[Block]:
    if not history:
        return
    yield Heading(1, words.pick("版本沿革", "History"))
    for edition in history:
        who = words.pick("，", ", ").join(filter(None, (edition.name, edition.date, edition.author)))
        yield Heading(2, who, edition.version[:12], listed=False)
        if edition.reason:
            yield Paragraph(edition.reason)
        if edition.differences:
            yield Bullets(edition.differences)
