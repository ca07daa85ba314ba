"""Notices on paper: the sentences of the text and who signed it, what it is not yet on each page, nothing as markup."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pypdf
import pytest

from data.__main__ import main
from data.clock import zoned
from data.cycles import conclude
from data.keys import make_key
from data.notice_paper import command_of, paper
from data.notices import Notice, draft, edit, sign, versions
from data.proposals import publish
from data.republished import publish_again
from data.revisions import revisions_of
from data.store import Store
from metrics.export.read_back import blocks_of
from metrics.manual.blocks import Bullets
from metrics.problems import InputError
from metrics.verify.signing import fingerprint_of
from pages.parts.noticed_files import _paper
from pages.parts.stages import place_of
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, at_approval, known_as, sent
from tests.test_report_pdf import LONG, ODD, _bare, _read, _texts


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of four regions, ready to be approved."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("paper"))
    sent(made, 2024, {"p1": 9, "p2": 6, "p3": 7, "p4": 5})
    at_approval(made)
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path) -> Store:
    """A store of one's own of them, with a key."""
    made = Store(shutil.copyfile(first, tmp_path / "s.duckdb"))
    make_key(made)
    return made


def announced(store: Store, lang: str = "zh", release: str = "") -> Notice:
    """The notice of a published cycle, signed."""
    conclude(store, "2024", person="丙", reason="同意")
    publish(store, "2024", person="甲", release=release)
    sign(store, "2024", lang, draft(store, "2024", lang, person="甲"), person="丙")  # type: ignore[arg-type]
    return versions(store, "2024", lang)[-1]  # type: ignore[arg-type]


def bare(content: bytes) -> list[str]:
    """The text of each page, without spaces."""
    return [_bare(page) for page in _read(content)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_paper_says_what_the_text_says_and_who_signed_it(store: Store, lang: str) -> None:
    """Every sentence and cell, each page's number, the version, who signed and when, by which key, how that is checked;
    the same bytes twice, and nothing of a draft."""
    one = announced(store, lang)
    content = paper(store, one)
    pages = bare(content)
    whole = "".join(pages)
    title, blocks = blocks_of(one.text)
    wanted = {_bare(text) for block in blocks for text in (title, *_texts(block))}
    assert [text for text in wanted if text not in whole] == []
    for told in ("丙", one.signed[:10], fingerprint_of(one.key.encode()), command_of(one)):
        assert _bare(told) in whole
    assert ("结果第1版，通报第1版" if lang == "zh" else "edition1oftheresults") in whole
    assert all(f"—{number}/{len(pages)}—" in page for number, page in enumerate(pages, start=1))
    assert not any(word in whole for word in ("草稿", "未公布", "未签发", "Draft", "Notpublished"))
    assert content == paper(store, one)
    root = pypdf.PdfReader(BytesIO(content)).trailer["/Root"]
    assert root["/Lang"].startswith(lang)
    assert {"/OpenAction", "/AA", "/JavaScript"}.isdisjoint(root)


def marks(store: Store, one: Notice) -> str:
    """What stands at the head of every page: the first line of each is the same."""
    (found,) = {page.split("\n", 1)[0].strip() for page in _read(paper(store, one))}
    return found


def test_each_page_says_what_it_is_not_yet(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft of what is not published; one under embargo, with the moment of its release; one of an edition that is no
    more the newest, and a draft of the next; an altered text."""
    draft(store, "2024", "zh", person="甲")
    edit(store, "2024", "zh", "# 题\n\n" + "长文。\n\n" * 30, person="甲", reason="试")
    (*_, long) = versions(store, "2024", "zh")
    assert marks(store, long) == "草稿 · 未公布"
    assert "尚未签发" in bare(paper(store, long))[-1]
    signed = announced(store, release="2999-01-01T00:00+00:00")
    assert marks(store, signed) == f"已定稿，将于 {zoned('2999-01-01T00:00+00:00')} 公开"
    for module in ("revisions", "exports"):
        monkeypatch.setattr(f"data.{module}.now", lambda: "2999-01-01T00:00:00+00:00")
    sent(store, 2024, {"p1": 3}, why="核实")
    publish_again(store, "2024", person="丙", reason="更正")
    assert marks(store, signed) == "为以前的结果签发"
    assert "结果第1版" in "".join(bare(paper(store, signed)))
    draft(store, "2024", "zh", person="甲")
    assert marks(store, versions(store, "2024", "zh")[-1]) == "草稿 · 未签发"
    forged = replace(signed, text=signed.text + "又")
    assert marks(store, forged) == "草稿 · 未签发"
    assert "签名与文本不符" in "".join(bare(paper(store, forged)))


def test_nothing_that_was_typed_is_read_as_markup(store: Store) -> None:
    """Marks of the typesetter, of Markdown that is not ours and of HTML stand as they were typed, in every kind of
    block and in names; words without end are broken, what no font has comes as �, letters from right to left stay."""
    odd = f'#read("/etc/passwd") {ODD} \\ #{{1+1}} /* c */ <a>'
    table = f"| 头 | {odd} |\n| --- | --: |\n| {odd} | 1 |"
    marked = f"{odd}\n\n> {odd}\n\n## {odd}\n\n- {odd}\n\n* 星\n* 加"
    text = f"# {odd}\n\n{LONG}{'x' * 300}\n\n{marked}\n\n{table}\n\n😀 שלום\n\n1. 一"
    edit(store, "2024", "zh", text, person=f"甲{odd}", reason="试")
    (one,) = versions(store, "2024", "zh")
    pages = pypdf.PdfReader(BytesIO(paper(store, one))).pages
    found = _bare("".join(page.extract_text() for page in pages))
    title, blocks = blocks_of(one.text)
    assert title == odd
    assert {Bullets((odd,)), Bullets(("星", "加"))} <= set(blocks)
    wanted = {_bare(text) for block in blocks for text in _texts(block) if "😀" not in text}
    assert [text for text in wanted if text not in found] == []
    assert "root:" not in found
    assert f"甲{_bare(odd)}记于" in found
    assert "�" in found


def test_a_paper_that_is_not_theirs_is_not_made(store: Store) -> None:
    """Whoever does not see the results before they are public neither finds the version nor is given its PDF."""
    draft(store, "2024", "zh", person="甲")
    (one,) = versions(store, "2024", "zh")
    leader = known_as(store, "leader")
    assert versions(leader, "2024", "zh") == ()
    with pytest.raises(InputError) as refused:
        _paper(place_of(leader, revisions_of(leader), "2024"), one)
    assert refused.value.problems[0].code == "export_refused"
    signed = announced(store)
    leader = known_as(store, "leader")
    assert _paper(place_of(leader, revisions_of(leader), "2024"), signed) == paper(store, signed)


def test_the_command_writes_the_pdf(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By --format, or as the file's name ends; without the signature's files, which are those of the text."""
    run: Callable[..., int] = lambda *words: main(["notice", "2024", *map(str, words), "--db", str(store.path)])  # noqa: E731
    one = announced(store)
    assert run("--format", "pdf", "--out", tmp_path / "a") == 0
    assert run("--public", "--out", tmp_path / "b.PDF") == 0
    assert run("--format", "md", "--out", tmp_path / "c.pdf") == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b.PDF").read_bytes() == paper(store, one)
    assert (tmp_path / "c.pdf").read_text(encoding="utf-8") == one.text
    assert sorted(path.name for path in tmp_path.iterdir() if path.name[0] in "abc") == [
        "a", "b.PDF", "c.pdf", "c.pdf.pem", "c.pdf.sig"]  # fmt: skip
    capsys.readouterr()


@pytest.mark.parametrize(
    ("line", "code", "number", "count"),
    [
        (f"|{'a|' * 51}\n|{'--|' * 51}", "notice_columns", 3, 51),
        (f"|{'a|' * 50}\n|{'--|' * 50}\n" + "|\n" * 599, "notice_parts", 3, 30_051),
        ("a\n" * 30_000, "notice_parts", 30_002, 30_001),
        ("- a\n" * 30_000, "notice_parts", 3, 30_001),
        (f"## {'字' * 501}", "notice_heading", 3, 501),
        (f"a\n- b\n- 字{'x' * 501}字", "notice_run", 5, 501),
        (f"字{chr(0x301) * 501}", "notice_run", 3, 501),
        (f"|a|\n|--|\n|{chr(0x3099) * 501}|", "notice_run", 5, 501),
        (f"ｶ{chr(0xFF9E) * 501}", "notice_run", 3, 501),
    ],
    ids=["columns", "cells", "paragraphs", "points", "heading", "letters", "marks", "cell", "half"],
)
def test_what_cannot_be_set_is_neither_kept_nor_set(
    store: Store, line: str, code: str, number: int, count: int
) -> None:
    """A few signs that make a table of any size, a heading without end: refused with the line, also in a version that
    was kept before."""
    text = f"# 题\n\n{line}\n"
    with pytest.raises(InputError) as kept:
        edit(store, "2024", "zh", text, person="甲", reason="试")
    draft(store, "2024", "zh", person="甲")
    with pytest.raises(InputError) as made:
        paper(store, replace(versions(store, "2024", "zh")[0], text=text))
    assert kept.value.problems == made.value.problems
    (problem,) = kept.value.problems
    assert (problem.code, problem.facts["line"], problem.facts["count"]) == (code, number, count)


def test_what_just_can_be_set_is(store: Store) -> None:
    """As many columns, as long a title and as long a word as there may be; of Chinese signs there may be more."""
    table = f"|{'a|' * 50}\n|{'--|' * 50}\n" + "|\n" * 20
    text = f"# {'字' * 500}\n\n{table}\n{'x' * 500} {'x' * 500}\n{'长，' * 1000}\n{'|---' * 40}|"
    edit(store, "2024", "zh", text, person="甲", reason="试")
    (one,) = versions(store, "2024", "zh")
    assert "".join(bare(paper(store, one))).count("字") == 500


def test_a_text_in_which_nothing_is_seen_is_no_notice(store: Store) -> None:
    """Blanks and signs without a shape are no text and no title; a version that was kept with such a title is set under
    the notice's own."""
    for text, code in (("\u200b\n\u2060\u3164", "notice_size"), ("# \u200b\u115f\n\n正文", "notice_untitled")):
        with pytest.raises(InputError) as refused:
            edit(store, "2024", "zh", text, person="甲", reason="试")
        assert refused.value.problems[0].code == code
    draft(store, "2024", "zh", person="甲")
    one = replace(versions(store, "2024", "zh")[0], text="# \u200b\u200b\n\n正文")
    assert "2024通报" in bare(paper(store, one))[0]
