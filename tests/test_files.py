"""Files in and out: written whole or not at all, nothing but files replaced, and no cell of a table lost."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.delimited import plain_cut
from data.mapping_file import read_mapping
from metrics.facts import judge
from metrics.files import read_bounded, read_reading, whole, write_bytes
from metrics.problems import InputError
from metrics.tables import LOOKED_AT, TOLD, WIDEST, facts_and_rest, read_facts, read_table
from metrics.verify.tables import from_csv
from metrics.yamltext import MAX_BYTES


def test_a_link_stays_and_what_it_points_to_is_written(tmp_path: Path) -> None:
    """The file behind the link has the content, and no piece lies beside it."""
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "there" / "file.csv")
    write_bytes(b"a", link)
    assert link.is_symlink()
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["file.csv"]
    assert link.read_bytes() == b"a"


def test_a_pipe_takes_what_it_is_given(tmp_path: Path) -> None:
    """Whoever reads at its other end gets it, and it is still a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_bytes(b"a", pipe)
    reader.join(20)
    assert got == [b"a"]
    assert pipe.is_fifo()


@pytest.mark.parametrize("read", [read_table, read_bounded, read_mapping])
def test_a_pipe_is_not_waited_for(read: Callable[[Path], object], tmp_path: Path) -> None:
    """A table, definitions or a mapping that is a pipe is told at once, whether anybody writes or not."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with pytest.raises(InputError) as error:
        read(pipe)
    (problem,) = error.value.problems
    assert (problem.code, problem.facts["reason"]) == ("unreadable_file", "Not a regular file")


def test_nobodys_file_is_in_the_way(tmp_path: Path) -> None:
    """One that is called as a piece might be is left as it is."""
    own = tmp_path / "z.zip.part"
    own.write_bytes(b"own")
    write_bytes(b"a", tmp_path / "z.zip")
    assert own.read_bytes() == b"own"


def test_two_who_write_at_once_do_not_mix(tmp_path: Path) -> None:
    """Each writes a piece of its own; the last to end stays, whole, and one that fails leaves nothing."""
    target = tmp_path / "z.zip"
    with whole(target) as first, whole(target) as second:
        first.write(b"first")
        second.write(b"2nd")
    assert target.read_bytes() == b"first"
    with pytest.raises(ValueError, match="closed"), whole(target) as third:
        third.close() or third.write(b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["z.zip"]
    assert target.read_bytes() == b"first"


@pytest.mark.parametrize("name", ["x" * 300, ".", "no/such/folder"])
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str) -> None:
    """Names that are too long, folders, folders that are not there."""
    with pytest.raises(InputError) as raised:
        write_bytes(b"a", tmp_path / name)
    assert raised.value.problems[0].code == "unwritable_file"
    assert list(tmp_path.iterdir()) == []


def test_of_a_file_too_large_the_size_is_enough(tmp_path: Path) -> None:
    """Of terabytes that take no room on the disk not one is read; the limit and the size are told."""
    file = tmp_path / "large.yaml"
    with file.open("wb") as empty:
        empty.truncate(2**40)
    with pytest.raises(InputError) as raised:
        read_reading(file)
    (problem,) = raised.value.problems
    assert (problem.code, problem.facts) == ("file_too_large", {"size": 2**40, "most": MAX_BYTES})


def test_a_device_without_end_is_not_read() -> None:
    """What is no file of its own is said to be none."""
    with pytest.raises(InputError) as raised:
        read_reading(Path("/dev/zero"))
    assert [problem.code for problem in raised.value.problems] == ["unreadable_file"]


HEAD = b"region,period,variable,value,note\n"


@pytest.mark.parametrize(("rows", "code", "line"), [
    (b"a,2024,v,1,\na,2025,v,2\n", "ragged_row", 3),
    (b"a,2024,v,1,n\na,2025,v,1,234,n\n", "ragged_row", 3),
    (b'a,2024,v,1,"n"\r\n\r\na,2025,v,2\r\n', "ragged_row", 4),
    (b'a,2024,v,1,n\na,2025,v,2,"n\na,2026,v,3,n\n', "bad_quote", 3),
    (b'a,2024,v,1,"n\na,2025,v,2,n\na,2026,v,3,"n"\n', "bad_quote", 2),
    (b'a,2024,v,1,"n""\n"\n' + b"a,2025,v,2,n\n" * 4 + b'a,2026,v,3,5" pipe\na,2027,v,4,n\n', "bad_quote", 8),
])  # fmt: skip
def test_a_row_has_as_many_cells_as_the_head(tmp_path: Path, rows: bytes, code: str, line: int) -> None:
    """A cell that is not there is not “not reported”, and a quote swallows no rows: both are told with the line."""
    (tmp_path / "a.csv").write_bytes(HEAD + rows)
    with pytest.raises(InputError) as raised:
        read_table(tmp_path / "a.csv")
    (problem,) = raised.value.problems
    assert (problem.code, problem.line) == (code, line)


def test_a_blank_line_is_no_row(tmp_path: Path) -> None:
    """The others keep the numbers that they have in the file; a row of blank cells between is none either."""
    (tmp_path / "a.csv").write_bytes(HEAD + b'a,2024,v,1,\n\na,2025,v,,"x\ny"\n\r\na,2026,v,3,\n\n')
    assert read_facts(tmp_path / "a.csv").select("row", "period").rows() == [(2, "2024"), (4, "2025"), (6, "2026")]


@pytest.mark.parametrize(("head", "row"), [("\r", "\r"), ("\n", "\r"), ("\r\n", "\r")])
def test_a_line_ends_in_any_way(tmp_path: Path, head: str, row: str) -> None:
    """No row is lost to the way in which a program ends its lines."""
    text = "region,period,variable,value" + head + row.join(f"a,{year},v,{year}" for year in (2023, 2024, 2025)) + row
    (tmp_path / "a.csv").write_bytes(text.encode())
    found = read_facts(tmp_path / "a.csv")
    assert found.select("row", "value").rows() == [(2, "2023"), (3, "2024"), (4, "2025")]


@pytest.mark.parametrize(("row", "trimmed"), [
    (b"a,2024,v,1,", True), (b"a,2024,v,1,\r", True), (b"a,2024,v, 1,", False), (b"a,2024,v,1\t,", False),
    (b"a,2024,v,1\v,", False), (b"a,2024,v,1\f,", False), (b'a,2024,v,"",', False), (b'a,2024,v,"1\n",', False),
    ("a,2024,v,1\u00a0,".encode(), False), ("a,2024,v,1,é".encode(), False),
])  # fmt: skip
def test_of_which_text_no_cell_need_be_trimmed(tmp_path: Path, row: bytes, trimmed: bool) -> None:
    """Of one in which no letter is a blank or a quote; so a large file is judged sooner."""
    (tmp_path / "a.csv").write_bytes(HEAD + row + b"\n")
    assert facts_and_rest(tmp_path / "a.csv")[2] == trimmed


CELLS = [
    "",
    "1",
    "a",
    "\r",
    "\x1c",
    "\x1f",
    '""',
    '"a"',
    '"1\r"',
    '"\n"',
    "\t1",
    "a\v",
    "\f",
    " ",
    "\u00a0",
    "\u3000",
    "é",
]


@given(st.lists(st.lists(st.sampled_from(CELLS), max_size=2).map("".join), min_size=1, max_size=4))
def test_a_text_called_trimmed_is(cells: list[str]) -> None:
    """However a file is written, what is judged of it is the same as if every cell had been trimmed."""
    with TemporaryDirectory() as name:
        file = Path(name) / "a.csv"
        file.write_text("region,period,variable,value\n" + "\n".join(f"a,2024,{text},1" for text in cells), newline="")
        try:
            frame, _, trimmed = facts_and_rest(file)
        except InputError:
            return
    one, other = (judge(frame, variables={"1", "a"}, trimmed=told) for told in (trimmed, False))
    assert one.accepted.equals(other.accepted)
    assert one.rejected.equals(other.rejected)


@pytest.mark.parametrize("head", ["x^2", "x\u0680", "x\x01y", "x"])
def test_a_text_is_read_as_it_is(tmp_path: Path, head: str) -> None:
    """Though it begins as a compressed file does: what were unpacked would not be what has been looked at."""
    (tmp_path / "a.csv").write_text(f"{head},region\n1,a\n2,b\n", encoding="utf-8")
    wanted = {head: ["1", "2"], "region": ["a", "b"]}
    assert read_table(tmp_path / "a.csv").to_dict(as_series=False) == wanted
    assert from_csv((tmp_path / "a.csv").read_bytes(), "facts.csv").to_dict(as_series=False) == wanted
    cells = plain_cut(f"{head},region\n1,a\n", ",", tmp_path / "a.csv")
    assert cells is not None
    assert cells.rows() == [(head, "region"), ("1", "a")]


def test_rows_are_looked_at_before_the_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose rows do not match its head is not read whole to find that out."""
    monkeypatch.setattr(pl, "read_csv", lambda *_, **__: pytest.fail("read"))
    (tmp_path / "a.csv").write_bytes(HEAD + b"a\n" * 5)
    with pytest.raises(InputError) as raised:
        read_table(tmp_path / "a.csv")
    found = [(problem.code, problem.line) for problem in raised.value.problems]
    assert found == [("ragged_row", line) for line in range(2, 7)]


def test_every_row_of_other_length_is_told_at_once(tmp_path: Path) -> None:
    """Wherever they are and up to a number; what is beyond it is counted, a quote that ends the reading told too."""
    good, short = b"a,2024,v,1,n\n", b"a,2024\n"
    (tmp_path / "a.csv").write_bytes(HEAD + good * LOOKED_AT + short + good + short * TOLD + b'a,2024,v,1,"\n')
    with pytest.raises(InputError) as raised:
        read_table(tmp_path / "a.csv")
    *odd, quote, more = raised.value.problems
    lines = [LOOKED_AT + 2, *range(LOOKED_AT + 4, LOOKED_AT + 3 + TOLD)]
    assert [(problem.code, problem.line) for problem in odd] == [("ragged_row", line) for line in lines]
    assert (quote.code, quote.line) == ("bad_quote", LOOKED_AT + TOLD + 4)
    assert (more.code, more.facts) == ("more_problems", {"count": 1})


@pytest.mark.parametrize(("content", "code", "line"), [
    (HEAD + b'a,2024,v,1,"' + b"x" * 200_000 + b'"\n', "cell_too_long", 2),
    (b'region,"' + b"x" * 200_000 + b'"\n', "cell_too_long", 1),
    (b"PK\x03\x04" + bytes(50), "workbook_as_text", 0),
    (b"\xd0\xcf\x11\xe0" + bytes(50), "workbook_as_text", 0),
    (HEAD.decode().encode("utf-16-le"), "not_utf8", 1),
    (HEAD.decode().encode("utf-32-be"), "not_utf8", 1),
])  # fmt: skip
def test_what_is_no_such_text_is_said(tmp_path: Path, content: bytes, code: str, line: int) -> None:
    """A cell without end, a workbook under another name, and another encoding each in words of its own."""
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_table(tmp_path / "a.csv")
    assert [(problem.code, problem.line) for problem in raised.value.problems] == [(code, line)]


def test_a_column_without_a_head_is_not_named(tmp_path: Path) -> None:
    """What is missing is told beside the columns that there are; what it holds is counted by its place."""
    (tmp_path / "a.csv").write_bytes(b"region,,period,,,variable,value\na,1,2024,2,,v,3\n")
    assert facts_and_rest(tmp_path / "a.csv")[1] == {"2": 1, "4": 1}
    (tmp_path / "a.csv").write_bytes(b"region,,period,,\na,1,2024,2,3\n")
    with pytest.raises(InputError) as raised:
        read_facts(tmp_path / "a.csv")
    assert raised.value.problems[0].facts["found"] == "region, period"


def test_of_too_wide_a_table_the_head_is_enough(tmp_path: Path) -> None:
    """The limit and the width are told; whether names are doubled is found in one pass."""
    (tmp_path / "a.csv").write_text(",".join(f"c{at}" for at in range(100_000)))
    with pytest.raises(InputError) as raised:
        read_table(tmp_path / "a.csv")
    (problem,) = raised.value.problems
    assert (problem.code, problem.facts) == ("too_many_columns", {"found": 100_000, "most": WIDEST})


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (date(2024, 1, 2), "2024-01-02")])
def test_truths_and_dates_are_no_numbers(tmp_path: Path, value: object, text: str) -> None:
    """Of a Parquet file they are texts, which are refused where a number is due."""
    frame = pl.DataFrame({"region": "a", "period": "2024", "variable": "v", "value": [value]})
    frame.write_parquet(tmp_path / "a.parquet")
    assert read_facts(tmp_path / "a.parquet")["value"].to_list() == [text]
