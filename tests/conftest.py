"""What several tests need."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with published data and worked results, which the project does not hold; skips where it is absent."""
    folder = Path(os.environ.get("QUHENG_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"no published data at {folder}; set QUHENG_SHARED to the folder that holds them")
    return folder
