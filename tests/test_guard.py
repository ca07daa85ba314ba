"""Looks at files: one database in memory serves all of them, and none harms the next."""

import gc
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import duckdb
import pytest

from data.guard import DatabaseError, looked_at


def _made(file: Path, value: int) -> Path:
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"CREATE TABLE told AS SELECT {value} AS value")
    return file


def _told(file: Path) -> int:
    with looked_at(file) as connection:
        return int(connection.execute("SELECT value FROM told").fetchall()[0][0])


def _damage(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    whole[8192:8292] = b"\1" * 100
    file.write_bytes(whole)


def _text(file: Path) -> None:
    file.write_text("nothing of the kind", encoding="utf-8")


@pytest.mark.parametrize("spoilt", [_damage, _text, Path.unlink])
def test_a_file_that_cannot_be_read_spoils_no_other_look(spoilt: Callable[[Path], None], tmp_path: Path) -> None:
    """What is wrong is raised as the database says it, as often as it is asked; other files are read as ever."""
    sound, other = _made(tmp_path / "sound.duckdb", 1), _made(tmp_path / "other.duckdb", 2)
    spoilt(other)
    for _ in range(2):
        with pytest.raises(DatabaseError):
            _told(other)
        assert _told(sound) == 1


def test_a_file_in_the_place_of_another_is_read_anew(tmp_path: Path) -> None:
    """Nothing of a file is kept once it has been looked at."""
    file = _made(tmp_path / "a.duckdb", 1)
    assert _told(file) == 1
    _made(tmp_path / "b.duckdb", 2).replace(file)
    assert _told(file) == 2
    with duckdb.connect(str(file)) as connection:
        connection.execute("UPDATE told SET value = 3")
    assert _told(file) == 3


def test_looks_of_many_threads_and_at_what_is_open_already(tmp_path: Path) -> None:
    """Each sees its own file; one that a reader of the same process holds open is looked at too."""
    files = [_made(tmp_path / f"it's {value}.duckdb", value) for value in range(8)]
    with duckdb.connect(str(files[0]), read_only=True), ThreadPoolExecutor(8) as threads:
        assert list(threads.map(_told, files * 20)) == [*range(8)] * 20


def test_what_raises_inside_a_look_ends_it(tmp_path: Path) -> None:
    """The next one finds nothing of it."""
    file = _made(tmp_path / "a.duckdb", 1)
    with pytest.raises(KeyError), looked_at(file):
        raise KeyError
    with pytest.raises(duckdb.CatalogException), looked_at(file) as connection:
        connection.execute("FROM absent")
    assert _told(file) == 1


def _forked(work: Callable[[], None]) -> int | None:
    """The exit code of a process that is forked and works; of one that does not end, that it was killed."""
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(60)
    child.kill()
    child.join()
    return child.exitcode


def test_a_forked_process_looks_for_itself(tmp_path: Path) -> None:
    """The threads of its parent's database are not there, and it ends; the parent looks on."""
    file = _made(tmp_path / "a.duckdb", 1)
    assert _told(file) == 1

    def work() -> None:
        assert _told(file) == 1
        gc.collect()

    assert _forked(work) == 0
    assert _told(file) == 1


def test_a_process_forked_while_another_thread_looks(tmp_path: Path) -> None:
    """It waits for the look to end, and has a lock of which it can be had again."""
    file, looking = _made(tmp_path / "a.duckdb", 1), Event()

    def look() -> None:
        with looked_at(file):
            looking.set()
            time.sleep(0.5)

    def work() -> None:
        assert _told(file) == 1

    with ThreadPoolExecutor(1) as other:
        seen = other.submit(look)
        assert looking.wait(60)
        assert _forked(work) == 0
        seen.result()
    assert _told(file) == 1
