"""What is wrong with a text that is no YAML, in an evaluator's words and not in the parser's."""

import re

import yaml

from metrics.problems import Problem

# What libyaml says, and the problem that says it to an evaluator.
_SYNTAX = (
    ("found character that cannot start any token", "yaml_character"),
    ("found a tab character", "yaml_tab"),
    ("tabs", "yaml_tab"),
    ("mapping values are not allowed", "yaml_colon"),
    ("could not find expected ':'", "yaml_no_colon"),
    ("did not find expected key", "yaml_indent"),
    ("did not find expected '-' indicator", "yaml_indent"),
    ("did not find expected ',' or", "yaml_bracket"),
    ("unexpected end of stream", "yaml_quote"),
    ("found undefined alias", "yaml_alias"),
    ("found duplicate anchor", "yaml_alias"),
)


def syntax_problem(error: yaml.YAMLError | RecursionError, text: str) -> Problem:
    """The problem of a text that the parser refuses, where an evaluator would look for it."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem("yaml_syntax", line=1, column=1, facts={"reason": str(error).splitlines()[0]})
    words = f"{error.problem} {error.context or ''}"
    code = next((code for said, code in _SYNTAX if said in words), "yaml_syntax")
    marks = [mark for mark in (error.context_mark, error.problem_mark) if mark is not None]
    # A key without its colon is noticed on the next line only, and told where it began.
    mark = marks[0 if code == "yaml_no_colon" else -1] if marks else None
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    lines = text.split("\n")
    if line > len(lines):
        # The end of a text without a last line break is counted as if it had one.
        line, column = len(lines), len(lines[-1]) + 1
    tab = _tab(lines, {line, *(mark.line + 1 for mark in marks)}) if code in _TABBED else None
    if tab is not None:
        return Problem("yaml_tab", "", *tab)
    typed = _full_width(lines, {line, *(mark.line + 1 for mark in marks)})
    if typed is not None and code in _PUNCTUATION:
        character, line, column = typed
        return Problem("full_width", "", line, column, {"character": character, "half": _HALF[character]})
    return Problem(code, "", line, column, {"reason": error.problem or ""})


# What goes wrong where a tab indents.
_TABBED = frozenset(("yaml_character", "yaml_no_colon", "yaml_syntax", "yaml_indent", "yaml_colon", "yaml_tab"))


def _tab(lines: list[str], near: set[int]) -> tuple[int, int] | None:
    """The first tab that indents one of these lines."""
    for number in sorted(near):
        found = re.match(r" *\t", lines[number - 1] if number <= len(lines) else "")
        if found is not None:
            return number, found.end()
    return None


# What goes wrong where a sign of YAML was typed in full width.
_PUNCTUATION = frozenset(("yaml_no_colon", "yaml_bracket", "yaml_syntax", "yaml_quote", "yaml_indent", "yaml_colon"))
_HALF = dict(zip("：，｛｝［］＃－", ":,{}[]#-", strict=True))


def _full_width(lines: list[str], near: set[int]) -> tuple[str, int, int] | None:
    """The first full-width sign of YAML on one of these lines, outside quotes and comments, with its place."""
    for number in sorted(near):
        bare = _QUOTED.sub(lambda quoted: " " * len(quoted.group()), lines[number - 1] if number <= len(lines) else "")
        found = next((at for at, character in enumerate(bare) if character in _HALF), None)
        if found is not None:
            return bare[found], number, found + 1
    return None


_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|(?<!\S)#.*")
