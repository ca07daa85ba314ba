"""A warm rerun of each page on the demonstration, as the server does it: the script run, its elements made."""

import logging
import os
import tempfile
from pathlib import Path

from streamlit.testing.v1 import AppTest

from benchmarks.timing import Line, best
from data.__main__ import main

ROOT = Path(__file__).parent.parent
PAGES = ("overview", "compare", "region", "indicator", "explain", "integration")
WARM = 0.15


def lines() -> list[Line]:
    """Seconds of a rerun of each page for viewing."""
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QUHENG_DB"] = str(Path(folder) / "demo.duckdb")
        assert main(["demo"]) == 0
        return [Line(f"warm rerun of the page {page} (s)", _rerun(page), None, WARM) for page in PAGES]


def _rerun(page: str) -> float:
    opened = AppTest.from_file(str(ROOT / "pages" / "view" / f"{page}.py"), default_timeout=60).run()
    assert not opened.exception
    return best(opened.run)
