"""The house's own rules: who may import whom, and what may stand where."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("metrics", "data", "pages/parts", "pages", "app")
# A heavy library stands behind the one module that needs it.
BEHIND = {
    "plotly": {"pages/parts/charts.py"},
    "pint": {"metrics/units.py"},
    "xlsxwriter": {"metrics/export/xlsx.py", "data/template.py"},
    "fastexcel": {"data/workbook_child.py"},
    "msoffcrypto": {"data/workbook_child.py"},
    "duckdb": {"data/guard.py", "data/opening.py", "data/engines/on_duckdb.py"},
    "pyspark": {"data/engines/on_spark.py"},
    "SALib": {"metrics/robustness/sensitivity.py"},
    "typst": {"metrics/export/typesetter.py"},
    "cryptography": {"metrics/verify/signing.py"},
}


def _files() -> list[Path]:
    return [
        ROOT / "app.py",
        *(file for folder in ("metrics", "data", "pages") for file in (ROOT / folder).rglob("*.py")),
    ]


def _layer(name: str) -> int | None:
    path = name.replace(".", "/")
    found = [index for index, layer in enumerate(LAYERS) if path == layer or path.startswith(f"{layer}/")]
    return min(found) if found else None


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_imports_go_one_way() -> None:
    """app → pages → pages/parts → data → metrics, and never back."""
    wrong = []
    for file in _files():
        own = _layer(str(file.relative_to(ROOT).with_suffix("")))
        wrong += [f"{file.relative_to(ROOT)}: {name}" for name in _imports(file) if (_layer(name) or 0) > (own or 0)]
    assert wrong == []


def test_the_method_is_pure() -> None:
    """metrics/ knows no screen, no database, no clock and no network."""
    refused = {"streamlit", "duckdb", "time", "socket", "urllib", "requests", "http"}
    files = list((ROOT / "metrics").rglob("*.py"))
    imported = [f"{file.name}: {name}" for file in files for name in _imports(file) if name.split(".")[0] in refused]
    assert imported == []
    # The command is the edge: it tells the method what day it is.
    pure = [file for file in files if file.name != "__main__.py"]
    assert [file.name for file in pure if re.search(r"\.(now|today|utcnow)\(", file.read_text("utf-8"))] == []


@pytest.mark.parametrize("library", BEHIND)
def test_a_heavy_library_stands_behind_one_module(library: str) -> None:
    """Only its own module imports it, so that it can be replaced in one place."""
    users = {
        str(file.relative_to(ROOT)) for file in _files() for name in _imports(file) if name.split(".")[0] == library
    }
    assert users <= BEHIND[library]


def test_no_page_lies_open() -> None:
    """A script directly in pages/ would run without app.py on a server's first request."""
    assert list((ROOT / "pages").glob("*.py")) == []


def test_nothing_is_fetched_at_run_time() -> None:
    """Users sit on intranets: nothing is loaded from another host."""
    pattern = re.compile(r"cdn\.|unpkg\.com|jsdelivr|googleapis\.com|plotly\.express")
    assert [str(file) for file in _files() if pattern.search(file.read_text(encoding="utf-8"))] == []


def test_requirements_are_pinned() -> None:
    """Every requirement names its exact version."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-r"))]
        assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][0-9A-Za-z.]*", line)] == []
