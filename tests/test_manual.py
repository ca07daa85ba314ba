"""The method's manual: made of the worked cases, whole, and in both languages."""

import re
from pathlib import Path

import pytest

from metrics.aggregate import METHODS as AGGREGATIONS
from metrics.impute import METHODS as IMPUTATIONS
from metrics.normalise import METHODS as NORMALISERS
from metrics.outliers import METHODS as TREATMENTS
from metrics.weigh import METHODS as SOURCES
from tests.manual import FOLDER, PARTS, manual, title_of

ROOT = Path(__file__).parent.parent
CHAPTERS = [name for names in PARTS.values() for name in names]
CHINESE = re.compile(r"[一-鿿]")


def test_the_manual_is_what_the_worked_cases_say() -> None:
    """docs/method.md is generated: `python -m tests.manual > docs/method.md` writes it anew."""
    assert (ROOT / "docs" / "method.md").read_text(encoding="utf-8") == manual()


def test_every_worked_case_has_its_place_in_the_manual() -> None:
    """A new chapter is put in order, once."""
    assert sorted(CHAPTERS) == sorted(file.stem for file in FOLDER.glob("*.md"))


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_begins_in_chinese(name: str) -> None:
    """A heading in both languages, and what the chapter says in Chinese before anything else."""
    zh, _, en = title_of(name).partition(" · ")
    assert CHINESE.search(zh)
    assert en
    assert not CHINESE.search(en)
    opening = (FOLDER / f"{name}.md").read_text(encoding="utf-8").split("\n\n")[1]
    assert CHINESE.search(opening)
    assert opening.endswith("。")


@pytest.mark.parametrize(
    "name",
    sorted({*NORMALISERS, *IMPUTATIONS, *AGGREGATIONS, *SOURCES, *TREATMENTS, "veto", "bonus", "penalty", "gate"}),
)
def test_every_method_is_worked_through(name: str) -> None:
    """Whatever a definitions file can name stands in the YAML of a chapter."""
    yaml = "\n".join(re.findall(r"^```yaml\n(.*?)^```", manual(), re.DOTALL | re.MULTILINE))
    # Not to be written where they are the default.
    assert re.search(rf"\b{name}\b", yaml) or name in ("none", "arithmetic", "declared")


@pytest.mark.parametrize("file", ["README.md", "README.zh-CN.md"])
def test_the_manual_can_be_found(file: str) -> None:
    """Both front pages lead to it."""
    assert "(docs/method.md)" in (ROOT / file).read_text(encoding="utf-8")
