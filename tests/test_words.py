"""Every Chinese text of the pages has its English, and the catalogue holds nothing else."""

import ast
import string
from pathlib import Path

import pytest

from pages.parts import i18n
from pages.parts.i18n import english, t

ROOT = Path(__file__).parent.parent
# Chosen by name at run time.
BY_NAME = {"目标", "约束值", "基准值", "引导值"}


def _texts() -> set[str]:
    files = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]
    calls = [
        node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)
    ]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "t" and call.args]
    return {call.args[0].value for call in named if isinstance(call.args[0], ast.Constant)}  # type: ignore[misc]


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_catalogue_is_complete() -> None:
    """No text is missing, none is left over."""
    assert set(english()) == _texts() | BY_NAME


def test_both_languages_name_the_same_values() -> None:
    """What stands in braces is the same in both."""
    assert [text for text, words in english().items() if _fields(text) != _fields(words)] == []


def test_english_counts_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A noun after a number of one is in the singular, after any other in the plural."""
    monkeypatch.setattr(i18n, "language", lambda: "en")
    assert [t("被拒绝的 {count} 条", count=count) for count in (0, 1, "1", "1,001")] == [
        "0 rejected records", "1 rejected record", "1 rejected record", "1,001 rejected records",
    ]  # fmt: skip
