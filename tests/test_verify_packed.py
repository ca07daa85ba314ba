"""verify.pyz: one file that verifies a bundle where the engine's libraries are and nothing else of this house."""

import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from metrics.verify.environment import LIBRARIES
from metrics.verify.pack import pack
from tests.bundles import files_of, made, signer, zipped

ROOT = Path(__file__).parent.parent
REFUSED = (
    *("streamlit", "duckdb", "plotly", "xlsxwriter", "fastexcel", "typst", "SALib", "scipy", "babel"),
    *("data", "pages"),
)
# Python runs this module at its start, before anything of ours.
BLOCK = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {REFUSED!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
"""


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packed engine, with nothing of the project beside it."""
    target = tmp_path_factory.mktemp("packed") / "verify.pyz"
    pack(target)
    (target.parent / "sitecustomize.py").write_text(BLOCK)
    return target


def _run(packed: Path, *arguments: str) -> tuple[int, str, str]:
    environment = {**os.environ, "PYTHONPATH": str(packed.parent)}
    line = [sys.executable, str(packed), *arguments]
    done = subprocess.run(line, cwd=packed.parent, env=environment, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_it_verifies_elsewhere(packed: Path) -> None:
    """From another folder and without screens, database or exports it says match, by the very engine of the bundle."""
    bundle = packed.parent / "b.zip"
    bundle.write_bytes(made())
    code, out, err = _run(packed, str(bundle), "--key", signer().fingerprint, "--lang", "en")
    assert (code, err) == (0, "")
    assert out.startswith("match: ")
    assert "bundle_other_versions" not in out


def test_it_finds_what_was_changed(packed: Path) -> None:
    """It says MISMATCH and exits 1 for a bundle with one other byte."""
    bundle = packed.parent / "changed.zip"
    files = files_of(made())
    bundle.write_bytes(zipped({**files, "facts.csv": files["facts.csv"].replace(b"4.5", b"4.4", 1)}))
    code, out, _ = _run(packed, str(bundle), "--lang", "en")
    assert code == 1
    assert out.startswith("MISMATCH")
    assert "“facts.csv” was changed" in out


def test_what_is_blocked_is_blocked(packed: Path) -> None:
    """The test above would find an import of what a foreign machine does not have."""
    environment = {**os.environ, "PYTHONPATH": str(packed.parent)}
    done = subprocess.run([sys.executable, "-c", "import duckdb"], env=environment, capture_output=True, check=False)
    assert done.returncode == 1


def test_it_is_the_same_file_whenever_it_is_made(packed: Path, tmp_path: Path) -> None:
    """The same sources give the same bytes, so that its digest can be published; it holds the engine alone."""
    first, second = tmp_path / "first.pyz", tmp_path / "second.pyz"
    pack(first)
    pack(second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
    assert {name.partition("/")[0] for name in names} == {"__main__.py", "metrics"}
    assert all(name.endswith(".py") for name in names)


def test_the_manual_names_what_it_needs() -> None:
    """The line that installs its libraries has the versions that this house computes with."""
    told = re.findall(r"^pip install (.+)$", (ROOT / "docs" / "verify.md").read_text(encoding="utf-8"), re.MULTILINE)
    pinned = set((ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines())
    (named,) = (line.split() for line in told)
    assert [name for name in named if name not in pinned] == [f"numpy=={version('numpy')}"]
    assert {name.partition("==")[0] for name in named} == {*LIBRARIES, "cryptography"}


def test_wrong_usage_is_2(packed: Path) -> None:
    """Without a bundle it shows its usage."""
    code, out, err = _run(packed)
    assert (code, out) == (2, "")
    assert err.startswith("usage: verify")
