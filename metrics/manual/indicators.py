"""One indicator of a manual: what it says in a sentence, its formula, and everything its definition holds."""

import re
from collections.abc import Iterator
from typing import Any

from metrics.differences.found import plain
from metrics.differences.values import formula_words, grouped, method_words, percent, valid_words
from metrics.manual.blocks import Block, Heading, Pairs, Paragraph
from metrics.manual.words import Words
from metrics.methods import FIXED, Borda, Limits, Method, Piecewise, Rank, Steps, Zscore
from metrics.models import Indicator
from metrics.written import number

# Of these the range tells nothing: their scores are written out, or have no fixed end.
_WITHOUT_RANGE = (Piecewise, Steps, Limits, Zscore, Rank, Borda)


def indicator(words: Words, code: str) -> Iterator[Block]:
    """The blocks of one indicator."""
    item = words.file.indicators[code]
    yield Heading(3, words.name(code), code)
    yield Paragraph(_sentence(words, code))
    yield words.formula(code, item.formula)
    yield Pairs(tuple((term, text) for term, text in _pairs(words, code, item) if text))


def _sentence(words: Words, code: str) -> str:
    """What an indicator is: its unit, which way is better, how much it counts, and why it is assessed."""
    item, unit = words.file.indicators[code], words.unit(code)
    zh = re.sub("(?<=[一-鿿]) (?=[一-鿿])", "", f"以 {unit} 计")
    measured = words.pick(zh, f"in {unit}") if unit else ""
    told = words.pick("，", ", ").join(filter(None, (measured, words.better(code), _weight(words, code))))
    return words.pick(f"{told}。", f"{told[:1].upper()}{told[1:]}. ") + words.line(item.why)


def _pairs(words: Words, code: str, item: Indicator) -> Iterator[tuple[str, str]]:
    """Terms and what they are, empty ones among them."""
    file = words.file
    yield words.pick("归一化", "Normalisation"), normaliser(words, file.normaliser(code))
    yield words.pick("基准框", "Frame"), _frame(words, file.normaliser(code))
    yield words.pick("可比组", "Peers"), words.line(item.peers or "")
    missing, outliers = words.value("missing", file.missing(code)), words.value("outliers", file.outliers(code))
    yield (
        words.pick("数据处理", "Treatment"),
        words.pick(f"缺失值{missing}，离群值{outliers}", f"missing values: {missing}, outliers: {outliers}"),
    )
    yield words.pick("所用数据", "Data"), _data(words, item)
    for key in ("source", "owner", "checked_by"):
        yield words.key(Indicator, key), words.line(str(getattr(item, key)))
    yield words.key(Indicator, "next_review"), str(item.next_review or "")
    yield words.key(Indicator, "valid"), valid_words(plain(item.valid), words.lang) if item.valid else ""
    yield words.key(Indicator, "survey"), _survey(words, item)
    yield words.key(Indicator, "example"), _example(words, code, item)


def normaliser(words: Words, method: Method) -> str:
    """A normalisation with all its numbers."""
    fields = {name: getattr(method, name) for name in type(method).model_fields}
    told = {name: plain(own) for name, own in fields.items() if own is not False and own != "none" and name != "frame"}
    ends = told.pop("range")
    for key in told.keys() & {"steps", "points"}:
        told[key] = [(value, float(f"{score:.4g}")) for value, score in told[key]]
    if not isinstance(method, _WITHOUT_RANGE):
        told["range"] = ends
    return method_words("normalise", told, words.file, words.lang)


def _frame(words: Words, method: Any) -> str:
    """Whose numbers a score is measured by; nothing where a method has numbers of its own."""
    if method.method in FIXED or (isinstance(method, Steps) and method.relative_to == "none"):
        return ""
    return words.term("frame", method.frame)


def _weight(words: Words, code: str) -> str:
    above, share, whole = words.above(code), words.share(code), words.whole(code)
    if above is None:
        return words.pick("不计入综合得分", "not part of the composite")
    if share is None:
        method = words.value("weights", words.file.weights_of(words.file.tree_nodes[above]))
        return words.pick(f"在{words.quoted(above)}中由{method}确定", f"in {words.quoted(above)} by {method}")
    zh, en = f"占{words.quoted(above)}的 {percent(share)}", f"{percent(share)} of {words.quoted(above)}"
    # Right below the composite both are the same.
    if whole is None or above == words.file.index.code:
        return words.pick(zh, en)
    return words.pick(f"{zh}，占综合得分的 {percent(whole)}", f"{en}, {percent(whole)} of the composite")


def _data(words: Words, item: Indicator) -> str:
    """What the formula names, with units."""
    named = [code for code in words.file.codes if code in item.formula.codes]
    told = [f"{words.name(code)}（{words.unit(code)}）" if words.unit(code) else words.name(code) for code in named]
    return words.pick("、".join(told), ", ".join(text.replace("（", " (").replace("）", ")") for text in told))


def _survey(words: Words, item: Indicator) -> str:
    """From where on a row is flagged: too few who answered, too wide an interval."""
    asked = item.survey
    if asked is None:
        return ""
    few = words.pick(
        f"{words.quoted(asked.respondents)}少于 {grouped(asked.least)} 的注明",
        f"noted where {words.quoted(asked.respondents)} is below {grouped(asked.least)}",
    )
    if asked.half_width is None or asked.widest is None:
        return few
    wide = words.pick(
        f"{words.quoted(asked.half_width)}大于 {grouped(asked.widest)} 的注明",
        f"where {words.quoted(asked.half_width)} is above {grouped(asked.widest)}",
    )
    return words.pick("；", ", and ").join((few, wide))


def _example(words: Words, code: str, item: Indicator) -> str:
    """The example worked by hand: what is given, and what comes of it."""
    example = item.example
    if example is None:
        return ""
    given = [
        f"{formula_words(text, words.file, words.lang)} = {grouped(value)}" for text, value in example.given.items()
    ]
    unit = words.unit(code)
    value = f"{grouped(example.value)}{' ' + unit if unit else ''}"
    points = number(example.score)
    score = "" if example.score is None else words.pick(f"，得分 {points}", f", score {points}")
    return words.pick("，", ", ").join(given) + words.pick(f"：指标值 {value}", f": value {value}") + score
