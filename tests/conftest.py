"""What several tests need."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.__main__ import main
from data.demo import build
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from pages.parts.editor import BUNDLE
from tests.absent import absent

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Servers and browsers come first: they take longest, and at the end one core would wait for the other."""
    first = {"test_server.py", "test_first_request.py", "test_nginx.py"}
    items.sort(key=lambda item: item.path.name not in first)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with published data and worked results, which the project does not hold; skips where it is absent."""
    folder = Path(os.environ.get("QUHENG_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"no published data at {folder}; set QUHENG_SHARED to the folder that holds them")
    return folder


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the demonstration, alone in its folder; to be read only."""
    path = tmp_path_factory.mktemp("demo") / "demo.duckdb"
    assert main(["demo", "--db", str(path)]) == 0
    return path


@pytest.fixture(scope="session")
def demonstration() -> Scorecard:
    """The demonstration, scored by the default definitions: geometric and arithmetic nodes, bonuses, gaps."""
    definitions = read((ROOT / "indicators.yaml").read_bytes()).definitions
    assert definitions is not None
    made = build()
    return score(definitions, made.facts, regions=made.regions.drop("areas", strict=False))


@pytest.fixture
def used(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages read the demonstration."""
    monkeypatch.setenv("QUHENG_DB", str(demo))


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Debian's Chromium; where it is absent the test is skipped, but never in CI."""
    if CHROMIUM is None:
        absent("Chromium is absent")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The editor as it was built; where it was not the test is skipped, but never in CI."""
    if not BUNDLE.is_file():
        absent("the editor is not built; `make static/editor.js`")
    return BUNDLE
