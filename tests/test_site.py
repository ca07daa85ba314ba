"""The site of a public cycle: what is published and nothing else, whole, without anything from elsewhere."""

import hashlib
import json
import re
import shutil
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from data.__main__ import main
from data.adjusting import decide, propose
from data.exports import exports
from data.keys import make_key
from data.notices import draft, edit, sign, versions
from data.proposals import publish
from data.republished import publish_again
from data.site import published, write_site
from data.store import Store
from metrics.export.read_back import blocks_of
from metrics.export.site import site
from metrics.manual.blocks import Bullets, Heading, Note, Paragraph, Table
from metrics.verify.signing import is_signed
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, known_as, refused, sent


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three years of four regions: the middle one is published, with a signed notice and an adjustment."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("site"))
    for year, values in ((2023, (1, 2, 3, 4)), (2024, (5, 6, 7, 8)), (2025, (9, 9, 9, 7.77))):
        sent(made, year, dict(zip(("p1", "p2", "p3", "p4"), values, strict=True)), why="核实")  # type: ignore[arg-type]
    with made.transaction("stage") as writer:
        writer.execute("INSERT INTO transitions VALUES (1, '2024', 'audit', 'third_party', '甲', '', '试', '')")
    number = propose(made, "2024", "p1", "one", 2.5, person="提议人", reason="补报")
    decide(made, number, "agreed", person="裁定人", reason="核实")
    with made.transaction("unstaged") as writer:
        writer.execute("DELETE FROM transitions")
    make_key(made)
    publish(made, "2024", person="甲")
    edit(made, "2024", "zh", "# 关于结果的通报\n\n特此通报 <b>。\n", person="甲", reason="定稿")
    sign(made, "2024", "zh", 1, person="丙")
    edit(made, "2024", "zh", "没有签发的话", person="甲", reason="试")
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path) -> Store:
    """A store of one's own of them, with its key."""
    shutil.copyfile(first.with_name(f"{first.name}.key"), tmp_path / "s.duckdb.key")
    (tmp_path / "s.duckdb.key").chmod(0o600)
    return Store(shutil.copyfile(first, tmp_path / "s.duckdb"))


class Addresses(HTMLParser):
    """The addresses that a page names, and the tags and attributes that could run or fetch something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetching: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "href":
                self.links.append(value or "")
            elif name in ("src", "srcset", "action", "data", "poster", "xlink:href") or name.startswith("on"):
                self.fetching.append(f"{tag} {name}")
        if tag in ("script", "iframe", "link", "img", "object", "embed", "form"):
            self.fetching.append(tag)


def test_pages_lead_to_each_other_and_to_nothing_else(store: Store) -> None:
    """Every link is a file of the site or a place in the page; nothing is fetched or run; all files are reached."""
    files = site(published(store, "2024"))
    reached = {"index.html"}
    for name, content in files.items():
        if not name.endswith(".html"):
            continue
        found = Addresses(content.decode())
        assert found.fetching == []
        assert "default-src &#x27;none&#x27;" in content.decode() or "default-src 'none'" in content.decode()
        for link in found.links:
            assert link.startswith("#") or link in files, link
            reached |= {link} - {link if link.startswith("#") else ""}
        assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/)", content.decode())
    assert reached == set(files)
    assert sum(name.startswith("region-") for name in files) == 8


def test_nothing_that_is_not_published_is_in_it(store: Store) -> None:
    """Neither other cycles, nor unsigned words, nor who proposed or agreed; the reason of an adjustment is."""
    files = site(published(store, "2024"))
    whole = "\n".join(content.decode(errors="replace") for content in files.values())
    for word in ("2025", "2023", "7.77", "没有签发的话", "裁定人", "提议人", "s.duckdb"):
        assert word not in whole, word
    assert "补报" in files["index.html"].decode()
    assert "补报" in files["region-0001.html"].decode()
    assert "补报" not in files["region-0002.html"].decode()
    assert "特此通报 &lt;b&gt;。" in files["notice.html"].decode()
    assert "notice.en.html" not in files


def test_earlier_public_cycles_are_what_it_is_compared_with(store: Store) -> None:
    """Once the year before is public too, the change on it is told; before that, or under embargo, it is not."""
    assert "较上期 +" not in site(published(store, "2024"))["index.html"].decode()
    publish(store, "2023", person="甲", release="2999-01-01T00:00+00:00")
    assert "较上期 +" not in site(published(store, "2024"))["index.html"].decode()
    with store.transaction("released") as writer:
        writer.execute("UPDATE publications SET release = '' WHERE cycle = '2023'")
    assert "较上期 +" in site(published(store, "2024"))["index.html"].decode()


def test_the_notice_can_be_checked_and_the_numbers_are_the_editions(store: Store) -> None:
    """Text, signature and key agree; a new edition says so, with its reason."""
    files = site(published(store, "2024"))
    text, signature, key = (files[f"notice.zh.md{ending}"] for ending in ("", ".sig", ".pem"))
    assert is_signed(text, signature, key)
    assert text.decode() == versions(store, "2024", "zh")[0].text
    assert "52.5" in files["region-0001.html"].decode()
    sent(store, 2024, {"p1": 3}, why="更正")
    assert site(published(store, "2024")) == files
    publish_again(store, "2024", person="丙", reason="异议成立")
    again = site(published(store, "2024"))
    assert "2 · 异议成立" in again["index.html"].decode()
    assert "32.5" in again["region-0001.html"].decode()


@pytest.mark.parametrize("packed", [False, True])
def test_it_is_written_whole_and_never_over_anything(store: Store, tmp_path: Path, packed: bool) -> None:
    """A new folder or zip of just these files; the same twice; where something has the name it is left alone."""
    names = sorted(site(published(store, "2024")))
    one, two = (tmp_path / f"{name}{'.zip' if packed else ''}" for name in "ab")
    for out in (one, two):
        assert sorted(write_site(store, "2024", out)[0]) == names
    if packed:
        assert one.read_bytes() == two.read_bytes()
        with zipfile.ZipFile(one) as archive:
            assert sorted(archive.namelist()) == names
    else:
        assert sorted(file.name for file in one.iterdir()) == names
        digests = [{f.name: hashlib.sha256(f.read_bytes()).digest() for f in out.iterdir()} for out in (one, two)]
        assert digests[0] == digests[1]
    assert refused(lambda: write_site(store, "2024", one)) == "site_exists"


@pytest.mark.parametrize("name", ["site.zip", "site"])
def test_what_came_while_it_was_made_is_left_alone(
    store: Store, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of that name was there at first; it is refused, with what somebody else put there as it was."""
    out, made = tmp_path / name, site

    def slowly(announced: Any) -> dict[str, bytes]:
        out.write_bytes(b"theirs")
        return made(announced)

    monkeypatch.setattr("data.site.site", slowly)
    assert refused(lambda: write_site(store, "2024", out)) == "site_exists"
    assert out.read_bytes() == b"theirs"


def test_only_what_is_public_is_written_and_by_whoever_may(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unpublished, embargoed, a part of the tree, no right to export: refused, and no piece is left."""
    out, run = tmp_path / "x", ["site", "--db", str(store.path), "--out", str(tmp_path / "x"), "--cycle"]
    assert main([*run, "2023"]) == 1
    publish(store, "2023", person="甲", release="2999-01-01T00:00+00:00")
    assert main([*run, "2023"]) == 1
    told = capsys.readouterr().err
    assert "cycle_unpublished" in told
    assert "cycle_embargoed" in told
    for role, region in (("auditor", ""), ("evaluator", "p1"), ("reporter", "p1")):
        own = known_as(store, role, region)
        assert refused(lambda own=own: write_site(own, "2024", out)) == "denied"
    assert not out.exists()
    assert main([*run, "2024", "--by", "丁"]) == 0
    (kept,) = exports(store)
    assert (kept.by, kept.forms, kept.cycles, kept.state, kept.of) == ("丁", ("site",), ("2024",), "published", 4)


def test_a_notice_is_read_back_as_it_was_written(store: Store) -> None:
    """Headings, tables, lists and notes of our own text come back; marks of others stay as they are typed."""
    table = "| 名 | 数 |\n| --- | --: |\n| 甲\\|乙 | 3 |"
    text = f"# 题\n\n正文 1\\.5 与 **粗**。\n\n> 注\n\n## 节\n\n- 一\n- 二\n\n{table}\n\n<script>x</script>"
    title, blocks = blocks_of(text)
    assert title == "题"
    assert blocks == (
        Paragraph("正文 1.5 与 粗。"), Note("注"), Heading(1, "节"), Bullets(("一", "二")),
        Table(("名", "数"), (("甲|乙", "3"),), (1.0, 1.0), right=frozenset({1})), Paragraph("<script>x</script>"),
    )  # fmt: skip
    made = draft(store, "2024", "zh", person="甲")
    title, blocks = blocks_of(versions(store, "2024", "zh")[-1].text)
    assert made == versions(store, "2024", "zh")[-1].id
    assert title.endswith("结果的通报")
    assert sum(isinstance(block, Table) for block in blocks) >= 1
    assert json.dumps(title, ensure_ascii=False)
