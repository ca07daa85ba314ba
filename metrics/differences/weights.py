"""Weights by people in a sentence: whose judgements, how consistent, and what each child weighs before and after."""

from collections.abc import Iterator, Mapping
from typing import Any

from metrics.consultation import in_force
from metrics.definitions import Definitions
from metrics.differences.found import by_people
from metrics.differences.values import NONE, judges_words, percent, pick, quoted
from metrics.terms import term
from metrics.tree import code_of


def judges_news(old: Any, new: Any, lang: str) -> str | None:
    """What has become of the judges of one and the same method, as plain data; None where other things changed too."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping) or old.get("method") != new.get("method"):
        return None
    if "parts" in old:
        return _inside(old["parts"], new["parts"], lang)
    if "judges" not in old:
        return None
    was, now = ({judge["by"]: judge for judge in side["judges"]} for side in (old, new))
    told = [*_news(was, now, lang)]
    written = pick(lang, "专家的次序或判断的写法变了", "the order of the judges or the way they are written")
    between, colon = pick(lang, "，", ", "), pick(lang, "：", ": ")
    called = term("weights", str(new["method"]), lang)
    return called + colon + between.join([*(told or [written]), *judges_words(new, lang)[1:]])


def _inside(old: list[Any], new: list[Any], lang: str) -> str | None:
    """The news of the judges inside a combination that is otherwise as it was."""
    if [part.get("share") for part in old] != [part.get("share") for part in new]:
        return None
    news = [judges_news(was["of"], now["of"], lang) for was, now in zip(old, new, strict=True) if was != now]
    if None in news:
        return None
    return pick(lang, "组合赋权中的", "combined, ") + pick(lang, "；", "; ").join(filter(None, news))


def _news(old: Mapping[str, Any], new: Mapping[str, Any], lang: str) -> Iterator[str]:
    came, gone = [by for by in new if by not in old], [by for by in old if by not in new]
    other = [by for by in new if by in old and new[by] != old[by]]
    for names, zh, en in ((came, "新增专家", "new judge "), (gone, "不再有专家", "without judge ")):
        if names:
            yield pick(lang, zh, en) + _names(names, lang)
    if other:
        yield _names(other, lang) + pick(lang, "改了判断", " judging otherwise")


def _names(names: list[str], lang: str) -> str:
    return pick(lang, "、", ", ").join(quoted(name, lang) for name in names)


def shares_words(code: str, before: Definitions, after: Definitions, lang: str) -> str:
    """The share of each child of a node before and after, where people have given one of them; else nothing."""
    if not any(by_people(file.weights_of(file.tree_nodes[code])) for file in (before, after)):
        return ""
    old, new = _shares(code, before), _shares(code, after)
    told = [
        f"{quoted((after if child in new else before).name_of(child, lang), lang)} {_moved(child, old, new, lang)}"
        for child in {**new, **old}
    ]
    return pick(lang, "；权重：", "; weights: ") + pick(lang, "、", ", ").join(told) if told else ""


def _shares(code: str, file: Definitions) -> dict[str, str]:
    """The share of each child of a node in per cent; nothing where they come from scores."""
    node = file.tree_nodes[code]
    shares = in_force(file, node)
    return {} if shares is None else {
        code_of(child): percent(share) for child, share in zip(node.children, shares, strict=True)
    }  # fmt: skip


def _moved(child: str, old: Mapping[str, str], new: Mapping[str, str], lang: str) -> str:
    """From what to what; of a side without any weights only the other."""
    was, now = (side.get(child, pick(lang, *NONE)) for side in (old, new))
    return was if was == now or not new else now if not old else f"{was} → {now}"
