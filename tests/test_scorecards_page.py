"""The scorecards page: what is asked for is what is made, in one file or in many, and every taking is journalled."""

import gc
import shutil
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

import data.exports
from data.__main__ import main
from data.exports import Leave, exports
from data.keys import key_file, make_key
from data.recorded import journal_of
from data.store import Store
from metrics.export import FORMATS, typesetter
from metrics.problems import InputError
from pages.parts import batch_shown, taking
from pages.parts.batch import KEPT, KEPT_FOR, Batches
from pages.parts.batch_shown import size_words
from pages.parts.shell import open_screen
from pages.parts.taking import Order, named
from pages.parts.taking_log import _csv
from pages.parts.url import ACTING, PLACE

PAGE = str(Path(__file__).parent.parent / "pages" / "take" / "scorecards.py")


@pytest.fixture(scope="module")
def own(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration of these tests' own."""
    folder = tmp_path_factory.mktemp("taken") / "own"
    shutil.copytree(demo.parent, folder)
    # What other tests have taken from the demonstration is not these tests'.
    journal_of(folder / demo.name).file.unlink(missing_ok=True)
    return folder / demo.name


@pytest.fixture
def store(own: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """What the page reads, with nothing in the journal."""
    monkeypatch.setenv("QUHENG_DB", str(own))
    store = Store()
    yield store
    file = journal_of(store.path).file
    if file.is_dir():
        file.rmdir()
    file.unlink(missing_ok=True)


def _run(**query: str) -> AppTest:
    at = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def _text(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def _order(store: Store, *forms: str, regions: tuple[str, ...] = ("920100",), apart: bool = False) -> Order:
    return Order(open_screen(store), forms, regions, ("2024",), "zh", apart, "王五", "枫屿市")


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_every_format_has_a_name_and_a_purpose(store: Store) -> None:
    """Whatever there is can be chosen, and says in a line what it is for."""
    at = _run(form=",".join(FORMATS))
    assert [named(form) for form in FORMATS if named(form) == form.upper()] == []
    assert all(f"<b>{named(form)}</b> " in _text(at) for form in FORMATS)
    assert at.button[-1].label.startswith(f"生成 {len(FORMATS)} 个文件")


def test_one_file_is_made_when_it_is_asked_for_and_journalled(store: Store) -> None:
    """The bytes that are taken are those whose digest stands in the journal, with who took them."""
    order = _order(store, "csv")
    assert not order.several
    assert exports(store) == []
    content = order.content()
    (entry,) = exports(store)
    assert entry.digest == sha256(content).hexdigest()
    assert (entry.way, entry.by, entry.state, entry.file) == ("page", "王五", "open", "枫屿市_2024_明细表.csv")
    assert "未公布" in content.decode()
    assert "枫屿市_2024" in _text(_run(regions="920100"))


def test_whoever_sees_a_part_takes_the_reports_of_each_region(store: Store) -> None:
    """Of the one in sight its own, although no other can be chosen; of several a file each, which is said before."""
    order = replace(_order(store, "md", regions=("930400",)), whole=True)
    assert "岫原市" in order.content().decode()
    at = AppTest.from_file(PAGE, default_timeout=60)
    at.session_state[ACTING], at.session_state[PLACE], at.query_params["form"] = "reporter", "910000", "md"
    at.run()
    assert "报告每个地区各一份" in _text(at)
    assert "每个地区各一份" not in [one.label for one in at.toggle]
    assert any(one.label.startswith("生成 4 个文件") for one in at.button)


def test_many_files_are_made_in_the_background(store: Store) -> None:
    """The archive is begun with a button, found again on a page opened anew, and journalled when it is there."""
    at = _run(form="csv,json", regions="920100,920200", apart="1")
    button = next(one for one in at.button if one.label.startswith("生成 4 个文件"))
    at = button.click().run()
    batch = at.session_state["batch"]
    _until(lambda: batch.over)
    at = at.run()
    assert not at.exception
    names = ZipFile(BytesIO(batch.content())).namelist()
    assert len(names) == 5
    assert "枫屿市_2024_明细表.csv" in names
    assert f">{batch.digest}</code>" in _text(at)
    (entry,) = exports(store)
    assert (entry.way, entry.forms, entry.digest) == ("batch", ("csv", "json"), batch.digest)
    gone = next(one for one in at.button if one.label == "丢弃").click().run()
    assert "batch" not in gone.session_state


def test_a_page_without_a_format_or_leave_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be taken then; what is refused is refused for one file and for many."""
    at = _run()
    at.session_state["form"] = []
    assert at.run().info[0].value == "请选择至少一种格式。"
    monkeypatch.setattr(data.exports, "may_export", lambda store, person, *_: Leave(allowed=False, state="open"))
    at = _run(form="csv,json")
    assert "不能导出这些周期" in at.error[0].value
    for order in (_order(store, "csv"), _order(store, "csv", "json")):
        with pytest.raises(InputError):
            order.content()
        with pytest.raises(InputError):
            order.asked()
    assert exports(store) == []


def test_the_journal_says_what_the_files_say(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cycle that is published while its files are made stays open in them, and in the entry."""
    order, made = _order(store, "csv", "json"), Batches()
    asked = order.asked()
    parts = order.parts(asked)
    monkeypatch.setattr(data.exports, "may_export", lambda store, person, *_: Leave(allowed=True, state="published"))
    noted = lambda batch: order.journal("batch", asked, batch.digest, batch.size, "a.zip")  # noqa: E731
    batch = made.start("a.zip", parts, noted, person="甲")
    _until(lambda: batch.over)
    assert "未公布" in ZipFile(BytesIO(batch.content())).read("枫屿市_2024_明细表.csv").decode()
    assert [entry.state for entry in exports(store)] == ["open"]


def test_the_journal_is_read_when_it_is_opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It only grows: a page that does not show it does not wait for it."""
    _order(store, "csv").content()
    monkeypatch.setattr("pages.parts.taking_log.exports", lambda store: pytest.fail("read"))
    _run()


def test_where_nothing_can_be_journalled_the_file_is_given_all_the_same(store: Store) -> None:
    """The page says beforehand that there will be no entry."""
    journal_of(store.path).file.unlink(missing_ok=True)
    journal_of(store.path).file.mkdir()
    assert "不会记入台账" in _text(_run())
    assert _order(store, "csv").content().startswith(b"\xef\xbb\xbf")


def test_the_journal_stands_on_the_page(store: Store) -> None:
    """Who took what, with the digest; what they are called is text."""
    order = _order(store, "csv")
    Order(order.screen, order.forms, order.regions, order.periods, "zh", False, "<script>王五", "枫屿市").content()
    at = _run()
    at.session_state["exports"] = True
    text = _text(at.run())
    assert "&lt;script&gt;王五" in text
    assert exports(store)[0].digest in text
    (line,) = pl.read_csv(_csv(exports(store))).iter_rows(named=True)
    assert (line["by"], line["digest"], line["regions"]) == ("<script>王五", exports(store)[0].digest, 920100)
    assert "<script>" not in text


def _slow(stopped: threading.Event) -> list[tuple[str, Callable[[], bytes]]]:
    def make() -> bytes:
        stopped.wait(30)
        return b"x"

    return [("a.csv", make), ("b.csv", make)]


def test_a_batch_can_be_cancelled_and_others_wait() -> None:
    """One at a time; one that waits is never begun once it is cancelled; a full pool refuses in words."""
    pool, go, told = Batches(at_once=1, waiting=1), threading.Event(), []
    first = pool.start("a.zip", _slow(go), told.append, person="甲")
    second = pool.start("b.zip", _slow(go), told.append, person="甲")
    with pytest.raises(InputError) as refused:
        pool.start("c.zip", _slow(go), told.append, person="甲")
    assert refused.value.problems[0].code == "batches_full"
    _until(lambda: first.stage == "running")
    second.cancel()
    first.cancel()
    go.set()
    _until(lambda: first.over)
    assert (first.stage, second.stage, told) == ("cancelled", "cancelled", [])
    third = pool.start("d.zip", [("a.csv", lambda: b"x")], told.append, person="甲")
    _until(lambda: third.over)
    assert (third.stage, second.stage, told) == ("done", "cancelled", [third])


def test_a_batch_that_fails_says_why_and_leaves_no_file() -> None:
    """A full disk, and input that cannot be written: the pool goes on with the next."""

    def fails() -> bytes:
        raise OSError(28, "No space left on device")

    pool, told = Batches(), []
    batch = pool.start("a.zip", [("a.csv", fails)], told.append, person="甲")
    _until(lambda: batch.over)
    assert (batch.stage, batch.content(), told) == ("failed", b"", [])
    assert "No space left" in str(batch.error)
    after = pool.start("b.zip", [("a.csv", lambda: b"x")], told.append, person="甲")
    _until(lambda: after.over)
    assert after.stage == "done"


def test_a_batch_that_fails_keeps_nothing_of_what_it_was_made_from() -> None:
    """The error stays with the session, and not the scorecard that it came by."""

    class Card:
        def write(self) -> bytes:
            try:
                raise OSError(28, "No space left on device")
            except OSError as error:
                raise InputError([]) from error

    card = Card()
    alive, pool = weakref.ref(card), Batches()
    batch = pool.start("a.zip", [("a.csv", card.write)], [].append, person="甲")
    after = pool.start("b.zip", [("a.csv", lambda: b"x")], [].append, person="甲")
    del card
    _until(lambda: after.over)
    gc.collect()
    assert batch.stage == "failed"
    assert alive() is None


def test_a_batch_without_some_of_its_files_says_which(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that could be made are there to be taken."""
    monkeypatch.setattr(typesetter, "FONTS", "no_such_fonts")
    at = _run(form="csv,pdf", regions="920100")
    at = next(one for one in at.button if one.label.startswith("生成 2 个文件")).click().run()
    batch = at.session_state["batch"]
    _until(lambda: batch.over)
    at = at.run()
    assert "1 个文件没有生成" in at.warning[0].value
    assert "no\\_such\\_fonts" in at.warning[0].value
    names = ZipFile(BytesIO(batch.content())).namelist()
    assert names == ["枫屿市_2024_明细表.csv", "NOT-WRITTEN.txt", "SHA256SUMS.txt"]
    next(one for one in at.button if one.label == "丢弃").click().run()


def test_without_a_typesetter_a_page_is_taken(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said before, with what is missing; the name says what it is."""
    assert "枫屿市_2024_报告.pdf" in _text(_run(form="pdf", regions="920100"))
    monkeypatch.setattr(typesetter, "FONTS", "no_such_fonts")
    at = _run(form="pdf", regions="920100")
    assert "现在下载的是网页报告" in at.warning[0].value
    assert "枫屿市_2024_网页.html" in _text(at)


def test_one_file_that_is_refused_says_why(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser does not tell: the page looks until the file is there or refused, and no longer."""
    at = _run(form="csv", regions="920100")
    made, order = at.session_state["one"], _order(store, "csv")
    assert made.make(order).startswith(b"\xef\xbb\xbf")
    assert not at.run().error
    made.click()
    assert made.awaited
    monkeypatch.setattr(data.exports, "may_export", lambda store, person, *_: Leave(allowed=False, state="open"))
    with pytest.raises(InputError):
        made.make(order)
    assert not made.awaited
    monkeypatch.undo()
    monkeypatch.setenv("QUHENG_DB", str(store.path))
    assert "不能导出这些周期" in at.run().error[0].value


def test_a_page_loaded_again_finds_its_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the token in its address and by no other, and taking it is journalled each time; when it is thrown away the
    address names it no more."""
    taken = []
    monkeypatch.setattr(batch_shown, "noted", lambda store, name, make: taken.append(name) or make)
    at = _run(form="csv,json", regions="920100")
    at = next(one for one in at.button if one.label.startswith("生成 2 个文件")).click().run()
    batch = at.session_state["batch"]
    token = batch.token
    assert token in at.query_params["batch"]
    _until(lambda: batch.over)
    again = _run(batch=token)
    assert again.session_state["batch"] is batch
    assert "最多保留 60 分钟" in _text(again)
    assert set(taken) == {batch.name}
    other = _run(batch=token[:-1] + "云")
    assert [info.value for info in other.info] == ["这个网址里的压缩包已经不在了，请重新生成。"]
    assert "batch" not in other.query_params
    gone = next(one for one in again.button if one.label == "丢弃").click().run()
    assert "batch" not in gone.query_params
    assert [info.value for info in _run(batch=token).info] == [info.value for info in other.info]


def test_batches_are_kept_for_a_while_and_few_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last ones for an hour; one that failed is not kept."""
    pool, told = Batches(), []
    made = [pool.start(f"{at}.zip", [("a.csv", lambda: b"x")], told.append, person="甲") for at in range(KEPT + 1)]
    _until(lambda: all(batch.over for batch in made))
    assert [pool.find(batch.token, "甲") for batch in made] == [None, *made[1:]]
    assert pool.find(made[-1].token, "乙") is None
    assert len({batch.token for batch in made}) == KEPT + 1
    later = time.monotonic() + KEPT_FOR + 1
    monkeypatch.setattr("pages.parts.batch.time.monotonic", lambda: later)
    assert [pool.find(batch.token, "甲") for batch in made] == [None] * len(made)


def test_the_whole_is_what_the_command_writes(store: Store, tmp_path: Path) -> None:
    """Where no region is chosen all are written, those above too; chosen ones, and a file for each, as they are."""
    text = _text(_run())
    assert "全部 16 个地区（其中 3 个不参加排名）" in text
    assert "“突出显示的地区”" in text
    assert "写入：枫屿市、" in _text(_run(regions="920100,920200"))
    assert "写入：13 个地区" in _text(_run(apart="1"))
    screen = open_screen(store)
    order = Order(screen, ("csv",), tuple(screen.card.regions["code"]), ("2024",), "zh", False, "", "x", whole=True)
    out = tmp_path / "o.csv"
    assert main(["scorecard", "--db", str(store.path), "--format", "csv", "--period", "2024", "--out", str(out)]) == 0
    assert order.content() == out.read_bytes()
    assert {entry.regions for entry in exports(store)} == {order.regions}


def test_an_area_is_called_by_its_name(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report of an area has its name at its head, of regions that were picked it has none."""
    made: list[Order] = []
    kept = taking.Order

    def seen(*given: object) -> Order:
        made.append(kept(*given))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(taking, "Order", seen)
    area, name = store.areas().select("area", "name_zh").row(0)
    _run(area=area, form="md")
    _run(area=area, form="md", regions="920100,920200")
    assert [one.area for one in made] == [name, ""]
    title = made[0].asked().write("md", made[0].wanted).decode().split("\n", 1)[0]
    assert name in title


def test_a_bundle_is_verified_with_what_the_page_gives(store: Store) -> None:
    """The program and the public key are there to be taken, with the command that uses them."""
    make_key(store)
    at = _run()
    at.session_state["verify"] = True
    at.run()
    assert "python verify.pyz BUNDLE.zip --key public_key.pem" in _text(at)
    assert f"cryptography=={version('cryptography')}" in _text(at)
    assert [one.label for one in at.get("download_button")][1:] == ["下载 verify.pyz", "下载公钥"]
    key_file(store).unlink()


def test_sizes_are_read_by_people() -> None:
    """In kilobytes and megabytes."""
    assert [size_words(size) for size in (0, 1234, 99_999, 100_000, 12_345_678)] == [
        "0.0 kB", "1.2 kB", "100.0 kB", "0.1 MB", "12.3 MB",
    ]  # fmt: skip
