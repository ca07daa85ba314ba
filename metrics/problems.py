"""Problems: what is wrong with somebody's input, where, and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from metrics.messages import CODES

Severity = Literal["error", "warning", "note"]
# What the system most often refuses for, in its words and in ours.
_REASONS = {
    "No such file or directory": "没有这个文件或文件夹",
    "Permission denied": "没有权限",
    "Is a directory": "这是一个文件夹",
    "Not a directory": "路径中有一段不是文件夹",
    "File exists": "已有同名的文件",
    "File name too long": "名称太长",
    "No space left on device": "磁盘已满",
    "Read-only file system": "只能读，不能写",
    "Not a regular file": "不是普通文件",
    "calamine error: Cannot detect file format": "不是完整的 Excel 工作簿，可能没有传完或已损坏，请重新存盘再传",
}
# The keys and methods that a message may name all fit in; a whole file in the place of a code does not.
_MOST_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: its code (a key of `messages.CODES`), where it is, and what its message names.

    `path` is dotted (`indicators.x.formula`) or a file's; line and column count from 1, 0 where there is none.
    """

    code: str
    path: str = ""
    line: int = 0
    column: int = 0
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """error, warning or note."""
        return CODES[self.code][0]

    def message(self, lang: str = "zh") -> str:
        """What is wrong and what to do, in words."""
        _, zh, en = CODES[self.code]
        # What is called otherwise in each language comes as one fact a language.
        ours = {name[:-3]: value for name, value in self.facts.items() if name.endswith(f"_{lang}")}
        facts = {name: _clipped(value) for name, value in {"path": self.path, **self.facts, **ours}.items()}
        if lang == "zh" and "reason" in facts:
            facts["reason"] = _REASONS.get(str(facts["reason"]), facts["reason"])
        words = (zh if lang == "zh" else en).format_map(facts)
        near = facts.get("near")
        if not near:
            return words
        return f"{words}是否想写“{near}”？" if lang == "zh" else f"{words} Did you mean “{near}”?"

    def render(self, file: str, lang: str = "zh") -> str:
        """`FILE:LINE:COL: severity CODE message` (contract §5); without the place where no file is meant.

        One line that can be printed: what a file holds neither breaks it nor reaches a terminal as a command.
        """
        place = f"{file}:{self.line}:{self.column}: " if file else ""
        line = f"{place}{self.severity} {self.code} {self.message(lang)}"
        return "".join(character if character.isprintable() else " " for character in line)


def _clipped(value: object) -> object:
    """The value; of a text that nobody would read to its end the beginning."""
    return value[:_MOST_SHOWN] + "…" if isinstance(value, str) and len(value) > _MOST_SHOWN else value


class InputError(Exception):
    """Input that cannot be used, with every problem found; `file` is the one they stand in, where that is known."""

    def __init__(self, problems: Iterable[Problem], *, file: object = "") -> None:
        self.problems, self.file = tuple(problems), str(file)
        super().__init__("; ".join(problem.render("", "en") for problem in self.problems[:5]))


def file_error(code: str, file: object, *, line: int = 0, **facts: object) -> InputError:
    """The one problem of a file as an error to raise."""
    return InputError([Problem(code, str(file), line, 0, facts)], file=file)


def reason_of(error: OSError) -> str:
    """Why the system refused, in its words."""
    return error.strerror or type(error).__name__


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like this one, where one is alike at all."""
    by_lower = {word.lower(): word for word in sorted(known)}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None
