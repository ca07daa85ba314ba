"""Golden files: a small scorecard with hostile names in every format, byte for byte as it was read and approved."""


import pytest

from metrics.export import FORMATS
from tests.absent import absent
from tests.golden.made import HERE, KEPT, files, readable

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported.*:UserWarning")
FILES = files()


@pytest.mark.parametrize("name", FILES)
def test_a_format_is_as_it_was(name: str) -> None:
    """No byte of a format changes unseen; where one is to change, `python -m tests.golden` makes the files again."""
    if not readable(name):
        absent("pdftotext is absent")
    assert FILES[name]().decode() == (HERE / "files" / name).read_bytes().decode()


def test_every_format_has_its_golden_file() -> None:
    """Each format is kept, and each file that is kept is one that is made."""
    assert set(KEPT) == set(FORMATS)
    assert {file.name for file in (HERE / "files").iterdir()} == set(FILES)
