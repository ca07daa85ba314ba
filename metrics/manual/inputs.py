"""Variables and factors of a manual: what is reported, what is derived, and the constants in between."""

from collections.abc import Iterator

from metrics.differences.found import plain
from metrics.differences.values import formula_words, valid_words
from metrics.manual.blocks import Block, Heading, Paragraph, Table
from metrics.manual.words import Words
from metrics.models import Variable
from metrics.written import number

_CODES = frozenset((1,))


def variables(words: Words) -> Iterator[Block]:
    """What is reported, and what is derived from it."""
    raw = {code: words.file.variables[code] for code in words.file.raw}
    derived = {code: item for code, item in words.file.variables.items() if item.formula is not None}
    if raw:
        yield Heading(1, words.pick("上报的变量", "Variables that are reported"))
        yield Paragraph(
            words.pick(
                "各期合成：一个周期内各期的数怎样成为一个数；各机构与下级合成：各单位、各下级地区的数怎样成为一个数。",
                "Over time: how the numbers of a cycle's periods become one; over sites: how those of sites and "
                "regions below do.",
            )
        )
        heads = words.pick(
            ("名称", "代码", "单位", "各期合成", "各机构与下级合成", "合理范围与说明"),
            ("Name", "Code", "Unit", "Over time", "Over sites", "Plausible range and notes"),
        )
        yield Table(
            heads,
            tuple(_raw(words, code, item) for code, item in raw.items()),
            (2.8, 2.6, 1.3, 1.1, 2, 2.2),
            mono=_CODES,
        )
    if derived:
        yield Heading(1, words.pick("推算的变量", "Variables that are derived"))
        columns = words.pick(("名称", "代码", "单位", "公式"), ("Name", "Code", "Unit", "Formula"))
        yield Table(
            columns,
            tuple(_derived(words, code, item) for code, item in derived.items()),
            (2.5, 2.6, 1.3, 4.6),
            mono=_CODES,
        )


def _raw(words: Words, code: str, item: Variable) -> tuple[str, ...]:
    return (
        words.name(code),
        code,
        words.unit(code),
        words.value("over_time", item.over_time),
        words.value("over_sites", item.over_sites),
        words.pick("；", "; ").join(_notes(words, item)),
    )


def _notes(words: Words, item: Variable) -> Iterator[str]:
    """Whatever else a variable says."""
    if item.plausible is not None:
        yield words.value("plausible", item.plausible)
    if item.absent != "unknown":
        yield words.pick("没报视为零", "not reported counts as zero")
    if item.partial != "refuse":
        yield words.value("partial", item.partial)
    if item.valid is not None:
        yield valid_words(plain(item.valid), words.lang)
    yield from (words.line(text) for text in (item.why, item.source) if text)


def _derived(words: Words, code: str, item: Variable) -> tuple[str, ...]:
    assert item.formula is not None  # only what has one is asked for
    formula = formula_words(item.formula.text, words.file, words.lang)
    more = [words.line(text) for text in (item.why, item.source) if text]
    return words.name(code), code, words.unit(code), words.pick("；", "; ").join((formula, *more))


def factors(words: Words) -> Iterator[Block]:
    """The constants with what they are from which day on, where, and by which source."""
    if not words.file.factors:
        return
    yield Heading(1, words.pick("系数", "Factors"))
    heads = words.pick(
        ("名称", "代码", "单位", "起始日期", "地区", "数值", "来源"),
        ("Name", "Code", "Unit", "From", "Region", "Value", "Source"),
    )
    yield Table(heads, tuple(_factors(words)), (2.8, 2.3, 1.5, 1.5, 1.1, 1.2, 3.2), frozenset((5,)), _CODES)


def _factors(words: Words) -> Iterator[tuple[str, ...]]:
    """A row for each value; what is the same as above is left empty."""
    others = words.pick("其他", "others")
    for code, item in words.file.factors.items():
        head = (words.name(code), code, words.unit(code))
        source = words.line(item.source)
        for dated in item.values:
            day = dated.start.isoformat()
            rows = [(others if dated.regions else "", dated.default)] if dated.default is not None else []
            for region, value in [*rows, *dated.regions.items()]:
                yield (*head, day, region, number(value), source)
                head, source, day = ("", "", ""), "", ""
