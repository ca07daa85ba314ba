"""Watching a file: told at once, and again whenever it is another one."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from metrics.problems import Problem

Stamp = tuple[int, int, int] | None


def watched(path: Path, wait: Callable[[], object]) -> Iterator[bool]:
    """Whether the file is there, at once and then whenever it has changed, been replaced, gone or come back.

    `wait` is called between two looks; what it raises ends the watch.
    """
    last: Stamp = None
    first = True
    while True:
        now = _stamp(path)
        if first or now != last:
            first, last = False, now
            yield now is not None
        else:
            wait()


def _stamp(path: Path) -> Stamp:
    """What is another one when the file is: when it was written, how long it is, which file it is; None for none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def counted(problems: Sequence[Problem], lang: str) -> str:
    """How many problems of each severity there are, in words; that there is none where there is none."""
    counts = {severity: sum(problem.severity == severity for problem in problems) for severity in _SEVERITIES}
    if not any(counts.values()):
        return "没有问题" if lang == "zh" else "no problems"
    if lang == "zh":
        return "，".join(f"{count} 个{_SEVERITIES[severity][0]}" for severity, count in counts.items())
    return ", ".join(f"{count} {_SEVERITIES[severity][1 + (count != 1)]}" for severity, count in counts.items())


_SEVERITIES = {
    "error": ("错误", "error", "errors"),
    "warning": ("警告", "warning", "warnings"),
    "note": ("提示", "note", "notes"),
}
