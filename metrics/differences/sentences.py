"""A difference of two definitions files as a sentence: by names, with what it was and what it is."""

import re
from dataclasses import dataclass
from typing import Any

from metrics.definitions import Definitions
from metrics.differences.found import LISTS, MAPPINGS, Difference, differences
from metrics.differences.renamed import recoded, renames
from metrics.differences.values import (
    NONE,
    formula_words,
    item_words,
    key_words,
    placing,
    quoted,
    share_of,
    value_words,
)  # fmt: skip
from metrics.differences.weights import judges_news, shares_words
from metrics.fields import Frozen
from metrics.tree import code_of
from metrics.yamltext import Path

# Of the parts with entries: what one is called, and what several are.
ITEMS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "factors": (("系数", "factor"), ("系数", "factors")),
    "variables": (("变量", "variable"), ("变量", "variables")),
    "indicators": (("指标", "indicator"), ("指标", "indicators")),
    "index": (("维度", "pillar"), ("维度", "pillars")),
    "grades": (("等级", "grade"), ("等级", "grades")),
    "rules": (("规则", "rule"), ("规则", "rules")),
}
OTHERS = {"defaults": ("默认设置", "default"), "robustness": ("稳健性分析", "robustness analysis")}
# Names of more would make a list and no sentence.
MOST_NAMED = 8
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def sentences(before: Definitions, after: Definitions, lang: str) -> list[str]:
    """What is another in the second file, a sentence each."""
    same = recoded(before, renames(before, after))
    return [_words(found, same, after, lang) for found in differences(before, after)]


def words(difference: Difference, before: Definitions, after: Definitions, lang: str) -> str:
    """The difference in one sentence, without a full stop."""
    return _words(difference, recoded(before, renames(before, after)), after, lang)


def _words(difference: Difference, before: Definitions, after: Definitions, lang: str) -> str:
    told = _Sentence(difference, before, after, lang).text()
    # A name may hold line breaks; the sentence stays one.
    return "".join(character if character.isprintable() else " " for character in told)


@dataclass(frozen=True)
class _Sentence:
    found: Difference
    before: Definitions
    after: Definitions
    lang: str

    def text(self) -> str:
        part, *rest = self.found.path
        if self._is_order():
            return self._order()
        if part == "index":
            item, depth = self._in_tree()
            if depth == len(self.found.path):
                return self._placed(code_of(item))
            return self._field(self._subject("index", code_of(item)), item, self.found.path[depth:])
        if part in (*MAPPINGS, *LISTS):
            if rest[1:] == ["code"]:
                return self._recoded()
            if len(rest) == 1:
                return self._item(str(part))
            owner = _object(self._file, self.found.path[:2])
            code = str(rest[0]) if part in MAPPINGS else owner.code
            return self._field(self._subject(str(part), code), owner, self.found.path[2:])
        subject = self.pick(*OTHERS[str(part)]) if part in OTHERS else ""
        owner = _object(self._file, (part,)) if part in OTHERS else self._file.heading
        return self._field(subject, owner, self.found.path[1:] if part in OTHERS else self.found.path)

    def pick(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    @property
    def _file(self) -> Definitions:
        """The file in which the path leads somewhere."""
        return self.before if self.found.kind == "removed" else self.after

    def _is_order(self) -> bool:
        path = self.found.path
        among = path == path[:1] and path[0] in (*MAPPINGS, *LISTS)
        return self.found.kind == "changed" and (among or path[-1] == "children")

    def _order(self) -> str:
        part, codes = str(self.found.path[0]), self.found.after
        assert isinstance(codes, list)
        where = ""
        if self.found.path[-1] == "children":
            item, _ = self._in_tree()
            where = quoted(self._name(self.after, code_of(item)), self.lang)
        kinds = self.pick(*ITEMS[part][1])
        names = [self._name(self.after, code) for code in codes]
        between, colon = self.pick("、", ", "), self.pick("：", ": ")
        now = colon + between.join(names) if len(names) <= MOST_NAMED else ""
        if not where:
            return self.pick(f"{kinds}的先后次序变了{now}", f"the {kinds} stand in another order{now}")
        return self.pick(f"{where}之下的先后次序变了{now}", f"what is under {where} stands in another order{now}")

    def _in_tree(self) -> tuple[Any, int]:
        """The node or leaf that a path of the tree leads to or through, and how many steps lead to it."""
        item: Any = self._file.index
        depth = 1
        path = self.found.path
        while path[depth : depth + 1] == ("children",) and len(path) > depth + 1:
            item = item.children[path[depth + 1]]
            depth += 2
        return item, depth

    def _name(self, file: Definitions, code: str) -> str:
        entries: list[Any] = [*file.grades, *file.rules]
        named = next((item.name for item in entries if item.code == code and item.name), None)
        return named.text(self.lang) if named is not None else file.name_of(code, self.lang)

    def _subject(self, part: str, code: str) -> str:
        """What a sentence is about: by its name before, where that is what has changed."""
        name = quoted(self._name(self.before if "name" in self.found.path else self._file, code), self.lang)
        bare = part == "indicators" or (part == "index" and code in self._file.indicators)
        kind = "" if bare else self.pick(*ITEMS[part][0])
        return name if not kind else self.pick(f"{kind}{name}", f"{kind} {name}")

    def _item(self, part: str) -> str:
        """An entry of a part that has come or gone."""
        file, code = self._file, self.found.path[1]
        if part in LISTS:
            code = getattr(file, part)[code].code
        said = item_words(part, str(code), file, self.lang) if self.found.kind == "added" else ""
        subject = f"{self.pick(*ITEMS[part][0])}{self.pick('', ' ')}{quoted(self._name(file, str(code)), self.lang)}"
        if self.found.kind == "added":
            return self.pick(f"新增{subject}{said}", f"new {subject}{said}")
        return self.pick(f"删去{subject}", f"{subject} removed")

    def _placed(self, code: str) -> str:
        """A node or leaf that has come into the tree, left it or moved in it."""
        kind, is_node = self.found.kind, code in self._file.tree_nodes
        name = quoted(self._name(self._file, code), self.lang)
        if kind == "changed":
            old, new = (
                quoted(self._name(file, str(code)), self.lang)
                for file, code in ((self.before, self.found.before), (self.after, self.found.after))
            )
            return self.pick(f"{name}由{old}移到{new}", f"{name} moves from {old} to {new}")
        above = self._file.standing[code].above or self._file.index.code
        under = quoted(self._name(self._file, above), self.lang)
        if kind == "added":
            said = placing(code, self._file, self.lang)
            head = self.pick("新增维度", "new pillar ") if is_node else ""
            verb = "" if is_node else self.pick("列入体系", " enters the index")
            return f"{head}{name}{verb}{said}"
        if is_node:
            return self.pick(f"删去维度{name}（原在{under}下）", f"pillar {name} removed (was under {under})")
        return self.pick(f"{name}从{under}中移出，不再计入", f"{name} leaves {under} and no longer counts")

    def _field(self, subject: str, owner: Any, steps: Path) -> str:
        """A field that is another one: whose, which, what it was and what it is."""
        named, last = self._steps(owner, steps)
        change = judges_news(self.found.before, self.found.after, self.lang) or " → ".join(self._values(last))
        head, *inner = named
        of = f"{subject}的{head}" if subject else head
        who = f"{subject}: {head}" if subject else head
        deeper = self.pick("：", ", ") + self.pick("，", ", ").join(inner) if inner else ""
        more = self._left_to_defaults() + self._share(steps)
        return f"{self.pick(of, who)}{deeper} {change}{more}"

    def _recoded(self) -> str:
        part, code = map(str, self.found.path[:2])
        subject = self._subject(part, code)
        told = f"{self.found.before} → {self.found.after}"
        return self.pick(f"{subject}的代码 {told}", f"{subject}: code {told}")

    def _steps(self, owner: Any, steps: Path) -> tuple[list[str], str]:
        """Each step in words, and the key that says how values are told."""
        named: list[str] = []
        key = ""
        for step in steps:
            if isinstance(owner, Frozen):
                key, field = str(step), _field_name(owner, str(step))
                named.append(key_words(type(owner), field, self.lang))
                owner = getattr(owner, field)
            else:
                named += self._keyed(str(step))
                owner = next((value for name, value in owner.items() if str(name) == step), None)
        return named, key

    def _keyed(self, step: str) -> list[str]:
        """The key of a mapping: a day from which, a region, or what an example gives."""
        if step == "default":
            return []
        if "given" in self.found.path:
            return [formula_words(step, self._file, self.lang)]
        if _DAY.fullmatch(step):
            return [self.pick(f"{step} 起", f"from {step}")]
        return [self.pick(f"地区 {step}", f"region {step}")]

    def _values(self, key: str) -> tuple[str, str]:
        """Both values; where they would look alike, as they are written."""
        values = (self.found.before, self.before), (self.found.after, self.after)
        old, new = (value_words(key, value, file, self.lang) for value, file in values)
        if old == new:
            old, new = (self.pick(*NONE) if value is None else str(value) for value, _ in values)
        # Who gave weights, and how they are put together, is told whole.
        return (old, new) if key == "weights" else _cut(old, new)

    def _share(self, steps: Path) -> str:
        """What a weight, or a source of weights, that has changed makes of the shares among siblings."""
        if self.found.path[0] != "index" or steps not in (("weight",), ("weights",)):
            return ""
        code = code_of(self._in_tree()[0])
        if steps == ("weights",):
            return shares_words(code, self.before, self.after, self.lang)
        now = self.after.standing.get(code)
        old, new = share_of(code, self.before), share_of(code, self.after)
        if now is None or old is None or new is None:
            return ""
        above = quoted(self._name(self.after, now.above or self.after.index.code), self.lang)
        return self.pick(f"（在{above}中的份额 {old} → {new}）", f" (share in {above} {old} → {new})")

    def _left_to_defaults(self) -> str:
        """Which side of a change is not written out but left to the file's defaults."""
        if self.found.kind != "changed":
            return ""
        item, depth = self._in_tree() if self.found.path[0] == "index" else (None, 0)
        if item is not None and len(self.found.path) == depth + 1:
            owners: list[Any] = [file.tree_nodes.get(code_of(item)) for file in (self.before, self.after)]
            steps = self.found.path[-1:]
        elif self.found.path[0] == "indicators" and len(self.found.path) == 3:
            owners = [file.indicators.get(str(self.found.path[1])) for file in (self.before, self.after)]
            steps = self.found.path[2:]
        else:
            return ""
        own = [getattr(owner, _field_name(owner, str(steps[0])), None) if owner else 0 for owner in owners]
        if own[0] is None:
            return self.pick("（原为默认）", " (was the default)")
        return self.pick("（改用默认）", " (now the default)") if own[1] is None else ""


def _cut(old: str, new: str) -> tuple[str, str]:
    """Long texts from a little before where they part; short ones whole."""
    if max(len(old), len(new)) <= 60:
        return old, new
    same = next((at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), 0)
    start = max(0, same - 12)
    return _piece(old, start), _piece(new, start)


def _piece(text: str, start: int) -> str:
    if len(text) <= 60:
        return text
    return ("…" if start else "") + text[start : start + 60] + ("…" if start + 60 < len(text) else "")


def _field_name(owner: Frozen, step: str) -> str:
    fields = type(owner).model_fields.items() if isinstance(owner, Frozen) else ()
    return next((name for name, field in fields if step in (field.alias, name)), step)


def _object(file: Definitions, path: Path) -> Any:
    """The part of a file at a path of keys, codes and places in lists."""
    part, *steps = path
    found: Any = file.heading.defaults if part == "defaults" else getattr(file, str(part))
    for step in steps:
        found = found[step]
    return found
