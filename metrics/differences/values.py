"""Values of a definitions file in words: numbers, formulas, methods and their parameters, by names and not by codes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from metrics.definitions import Definitions
from metrics.differences.found import plain
from metrics.fields import Frozen
from metrics.formula import FormulaError, parse
from metrics.judgement import combined, consistency
from metrics.methods import PlainWeights
from metrics.syntax import Code, Tree, rewritten
from metrics.terms import term, unit_words
from metrics.tree import code_of
from metrics.written import number, written

NONE = ("无", "none")
# What is told as shares of a whole, in per cent.
_SHARES = ("min_coverage", "top_share", "spread", "share")
_TEXTS = ("zh", "en", "name", "source", "why", "owner", "checked_by", "by", "reference")
# Signs and words of the formula language: a name that holds one stands in quotes inside a formula.
_SIGNS = re.compile(r"[-+*/()<>=,]|\b(?:and|or|not)\b")


def pick(lang: str, zh: str, en: str) -> str:
    """The words in one language."""
    return zh if lang == "zh" else en


def quoted(text: str, lang: str) -> str:
    """A name as a sentence holds it: on one line, in quotation marks."""
    return f"“{' '.join(text.split())}”"


def key_words(model: type[Frozen], field: str, lang: str) -> str:
    """What a field is called: the beginning of its description; its key where it has none."""
    held = model.model_fields.get(field)
    zh, sign, en = ((held.description if held is not None else None) or "").partition(" · ")
    if not sign:
        return field
    return re.split("[：；，]" if lang == "zh" else "[:;,]", zh if lang == "zh" else en)[0].strip()


def declared_share(code: str, file: Definitions) -> float | None:
    """The share among siblings; None for the root and where weights do not come from what is declared."""
    found = file.standing.get(code)
    if found is None:
        return None
    above = file.tree_nodes[found.above or file.index.code]
    method = file.weights_of(above)
    if not isinstance(method, PlainWeights):
        return None
    equal = method.method == "equal"
    shares = {code_of(child): 1.0 if equal else child.weight for child in above.children}
    return shares[code] / sum(shares.values())


def share_of(code: str, file: Definitions) -> str | None:
    """`declared_share` in per cent."""
    share = declared_share(code, file)
    return None if share is None else percent(share)


def grouped(value: float) -> str:
    """A number for readers: 12 significant digits, thousands apart."""
    return f"{value:,.12g}"


def percent(share: float) -> str:
    """A share in per cent, to three digits."""
    return f"{share * 100:.3g} %"


def value_words(key: str, value: Any, file: Definitions, lang: str) -> str:
    """A plain value at a key in words."""
    if value is None:
        return pick(lang, *NONE)
    if key in ("formula", "when"):
        return formula_words(str(value), file, lang)
    if isinstance(value, bool):
        return pick(lang, "是" if value else "否", "yes" if value else "no")
    if isinstance(value, int | float):
        return percent(value) if key in _SHARES else grouped(value)
    if isinstance(value, str):
        return _text(key, value, file, lang)
    if isinstance(value, list):
        return _list(key, value, file, lang)
    return _mapping(key, value, file, lang)


def _text(key: str, value: str, file: Definitions, lang: str) -> str:
    if key == "cap":
        names = {grade.code: grade.name.text(lang) for grade in file.grades}
        return quoted(names.get(value, value), lang)
    if key in ("tie_breaks", "mean_by", "indicator", "respondents", "half_width"):
        return quoted(file.name_of(value, lang), lang)
    return quoted(value, lang) if key in _TEXTS else term(key, value, lang)


def _list(key: str, values: list[Any], file: Definitions, lang: str) -> str:
    if len(values) == 2 and key in ("plausible", "range", "between", "best", "worst"):
        return pick(lang, " 至 ", " to ").join(grouped(value) for value in values)
    if key in ("steps", "points"):
        form = {"steps": ("不超过 {} 得 {}", "up to {}: {}"), "points": ("{} 得 {}", "{}: {}")}[key]
        return pick(lang, "、", ", ").join(pick(lang, *form).format(*map(grouped, pair)) for pair in values)
    if values and isinstance(values[0], list):
        return pick(lang, "、", ", ").join(f"({', '.join(number(part) for part in value)})" for value in values)
    # What judges and sources of weights say is told by each; of a frame or method the words at its own key.
    return pick(lang, "、", ", ").join(value_words(key, value, file, lang) for value in values)


def _mapping(key: str, value: Mapping[str, Any], file: Definitions, lang: str) -> str:
    if set(value) == {"zh", "en"}:
        return quoted(str(value[lang]), lang)
    if "method" in value:
        return method_words(key, value, file, lang)
    if "mean_by" in value:
        weight = value_words("mean_by", value["mean_by"], file, lang)
        return pick(lang, f"按{weight}加权平均", f"mean weighted by {weight}")
    if "between" in value:
        low_high = value_words("between", value["between"], file, lang)
        return pick(lang, f"{low_high} 之间最好", f"best from {low_high}")
    if "power" in value:
        return f"{term('aggregate', 'power', lang)} ({number(value['power'])})"
    if set(value) == {"spread"}:
        return f"± {percent(value['spread'])}"
    if set(value) <= {"from", "to"}:
        return valid_words(value, lang)
    return pick(lang, "；", "; ").join(_pairs(key, value, file, lang))


def valid_words(value: Mapping[str, Any], lang: str) -> str:
    """Between which days something is in force."""
    start, end = value.get("from"), value.get("to")
    told = [pick(lang, f"{start} 起", f"from {start}")] if start else []
    return " ".join([*told, *([pick(lang, f"至 {end}", f"to {end}")] if end else [])]) or pick(lang, *NONE)


def method_words(key: str, value: Mapping[str, Any], file: Definitions, lang: str) -> str:
    """A method by the handbook's name, with those of its parameters that are not as they are by default."""
    name = str(value["method"])
    if "judges" in value:
        told = judges_words(value, lang)
    elif "parts" in value:
        told = _parts(value["parts"], file, lang)
    else:
        own = {own: part for own, part in value.items() if own != "method"}
        told = list(_pairs(key, own, file, lang, _class(name)))
    called = term(key, name, lang)
    between = pick(lang, "，", ", ").join(told)
    return pick(lang, f"{called}（{between}）", f"{called} ({between})") if told else called


def _parts(parts: list[Any], file: Definitions, lang: str) -> list[str]:
    """Sources of weights, each with its share in the whole."""
    shares = [part.get("share", 1.0) for part in parts]
    return [
        f"{value_words('weights', part['of'], file, lang)} {percent(share / sum(shares))}"
        for part, share in zip(parts, shares, strict=True)
    ]


def judges_words(value: Mapping[str, Any], lang: str) -> list[str]:
    """Who the judges are and, of comparisons of three and more, how consistent all together."""
    judges = value["judges"]
    names = pick(lang, "、", ", ").join(quoted(judge["by"], lang) for judge in judges)
    told = [pick(lang, f"专家{names}", f"{'judge' if len(judges) == 1 else 'judges'} {names}")]
    if "matrix" in judges[0] and len(judges[0]["matrix"]) > 2:
        ratio = consistency(combined([judge["matrix"] for judge in judges]))
        told.append(pick(lang, f"一致性比率 {ratio:.2f}", f"consistency ratio {ratio:.2f}"))
    return told


def _pairs(
    key: str, value: Mapping[str, Any], file: Definitions, lang: str, model: type[Frozen] | None = None
) -> Iterator[str]:
    for own, part in value.items():
        words = value_words(own, part, file, lang)
        if own == "default":
            yield words
        elif isinstance(part, bool):
            called = key_words(_owner(own, model), own, lang)
            yield called if part else pick(lang, f"不{called}", f"no {called}")
        else:
            yield f"{key_words(_owner(own, model), own, lang)} {words}"


def _owner(key: str, model: type[Frozen] | None) -> type[Frozen]:
    """The model that a key belongs to: the one given, else any that has it."""
    if model is not None and key in model.model_fields:
        return model
    return next((cls for cls in _models() if key in cls.model_fields), Frozen)


def _models() -> Iterator[type[Frozen]]:
    waiting: list[type[Frozen]] = [Frozen]
    while waiting:
        below = waiting.pop(0).__subclasses__()
        yield from below
        waiting += below


def _class(name: str) -> type[Frozen] | None:
    """The model of a method by its name."""
    return next(
        (
            cls
            for cls in _models()
            if "method" in cls.model_fields and name in get_args(cls.model_fields["method"].annotation)
        ),
        None,
    )


def formula_words(text: str, file: Definitions, lang: str) -> str:
    """A formula with names in the place of codes; as it is written where it cannot be read."""

    def named(part: Tree) -> Tree | None:
        if not isinstance(part, Code):
            return None
        own = pick(lang, "填报率", "reported share") if part.name == "reported_share" else None
        name = own or file.name_of(part.name, lang)
        return Code(quoted(name, lang) if _SIGNS.search(name) else name)

    try:
        return written(rewritten(parse(text).tree, named))
    except FormulaError:
        return " ".join(text.split())


def placing(code: str, file: Definitions, lang: str) -> str:
    """Where something stands in the tree, with its weight and share; that it does not count where it is in none."""
    found = file.standing.get(code)
    if found is None:
        return pick(lang, "，不计入综合得分", ", outside the index")
    above = quoted(file.name_of(found.above or file.index.code, lang), lang)
    weight = number(found.item.weight)
    share = share_of(code, file)
    part = "" if share is None else pick(lang, f"（份额 {share}）", f" (share {share})")
    return pick(lang, f"，在{above}下，权重 {weight}{part}", f", under {above}, weight {weight}{part}")


# What of an indicator moves a score or flags a row, and is otherwise the default.
_OF_ITS_OWN = ("normalise", "missing", "outliers", "peers", "survey", "valid")


def item_words(part: str, code: str, file: Definitions, lang: str) -> str:
    """What an entry of a part is, to follow its name."""
    colon, between = pick(lang, "：", ": "), pick(lang, "，", ", ")
    if part == "indicators":
        item = file.indicators[code]
        formula = formula_words(item.formula.text, file, lang)
        told = [formula, unit_words(item.unit, lang), value_words("better", plain(item.better), file, lang)]
        said = {key: value for key, value in plain(item).items() if key in _OF_ITS_OWN}
        told += _pairs("", said, file, lang, type(item))
        return placing(code, file, lang) + pick(lang, "；公式 ", "; formula ") + between.join(told)
    if part in ("variables", "factors"):
        found: Any = getattr(file, part)[code]
        formula = formula_words(found.formula.text, file, lang) if getattr(found, "formula", None) else ""
        return colon + between.join(filter(None, (unit_words(found.unit, lang), formula)))
    if part == "grades":
        grade = next(item for item in file.grades if item.code == code)
        said = {key: value for key, value in plain(grade).items() if key not in ("code", "name")}
        return colon + between.join(_pairs("", said, file, lang, type(grade))) if said else ""
    rule = next(item for item in file.rules if item.code == code)
    said = {key: value for key, value in plain(rule).items() if key not in ("code", "name", "source", "kind")}
    kind = term("kind", rule.kind, lang)
    return colon + between.join([kind, *_pairs("", said, file, lang, type(rule))])
