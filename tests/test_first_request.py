"""The first request of a new window, for every page and role: what it shows, what it refuses, what is recorded."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.grants import give
from data.proposals import publish
from data.recorded import entries
from data.rights import ROLES, Grant
from data.store import Store
from tests import test_server as server
from tests import test_signin as signin
from tests.windows import Seen, opened

# What a typed address gives: results of `all` regions, of their `own` alone, a `page` that names no region, or `no`: a
# refusal that says who may.
TABLE = """
              leader evaluator reviewer reporter assessor auditor administrator
overview      all    all       own      own      all      all     no
compare       all    all       own      own      all      all     no
region        all    all       own      own      all      all     no
indicator     all    all       own      own      all      all     no
explain       all    all       own      own      all      all     no
paths         all    all       own      own      all      all     no
integration   all    all       no       no       all      all     no
robustness    all    all       no       no       all      all     no
efficiency    all    all       no       no       all      all     no
scorecards    all    all       own      own      all      all     no
definitions   page   page      page     page     page     page    no
diagnostics   all    all       no       no       all      all     no
weights       no     page      no       no       no       no      no
facts         all    all       own      own      all      all     no
process       page   list      page     page     page     page    page
rights        no     no        no       no       no       list    list
journal       no     no        no       no       no       list    no
"""
# Who was granted what, of which cycles they see results, and the regions that are somebody's own: the reporter's, and
# the one that the reviewer's was drawn to review.
GRANTS = {
    "leader": Grant(0, "leader", "leader"),
    "evaluator": Grant(0, "evaluator", "evaluator"),
    "reviewer": Grant(0, "reviewer", "reviewer", "930400"),
    "reporter": Grant(0, "reporter", "reporter", "930400"),
    "assessor": Grant(0, "assessor", "assessor", cycles=("2024",)),
    "auditor": Grant(0, "auditor", "auditor"),
    "administrator": Grant(0, "administrator", "administrator"),
}
# 2024 is open, 2023 published, 2022 published and not for everybody yet.
EVERY = ("2022", "2023", "2024")
SEES = {"leader": ("2023",), "reviewer": ("2024",), "assessor": ("2024",)}
OWN = {"reporter": "930400", "reviewer": "920100"}
OTHER = "920200"
HEAD, *LINES = (line.split() for line in TABLE.strip().splitlines())
WHAT = {(role, line[0]): what for line in LINES for role, what in zip(HEAD, line[1:], strict=True)}
# Years that are no cycle: one by which something will be, and those in the names of what is shown.
_YEAR = re.compile(r"(?<!到 )(20\d\d) 年(?!电网因子|）)")


@pytest.fixture(scope="module")
def gateway(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    """The app behind a gateway, which is this test; its address and store."""
    folder = tmp_path_factory.mktemp("first")
    store = Store(shutil.copyfile(demo, folder / "s.duckdb"))
    publish(store, "2023", person="丁")
    publish(store, "2022", person="丁", release="2099-01-01T00:00:00+00:00")
    for grant in GRANTS.values():
        give(store, replace(grant, giver="丁", reason="试"))
    with store.transaction("draw") as writer:
        drawn = "'2024', '930400', '920100', 1, '丁', '2026-01-01T00:00:00Z'"
        writer.execute(f"INSERT INTO assignments VALUES ({drawn})", {})
    secrets, port = folder / "secrets.toml", signin._free()
    secrets.write_text('[gateway]\naddress = "127.0.0.1"\nheader = "X-Remote-User"\n', encoding="utf-8")
    app = ["pages.parts.serve", "--server.port", str(port), "--secrets.files", str(secrets)]
    with signin._running(*app, db=store.path):
        server._wait_until_it_listens(port)
        yield f"http://127.0.0.1:{port}", store


def _seen(address: str, role: str, page: str, cycle: str) -> Seen:
    slug = "" if page == "overview" else page
    headers = {"X-Remote-User": role} if role else {}
    return opened(address, slug, f"cycle={cycle}&region={OTHER}", headers=headers)


def _named(seen: Seen, store: Store) -> set[str]:
    """The regions that are named in what came; the code that was typed may be said back."""
    rows = store.query("SELECT code, name_zh, name_en FROM regions").iter_rows()
    return {code for code, zh, en in rows if zh in seen or en in seen or (code != OTHER and code in seen)}


def test_the_table_has_every_page_and_every_role() -> None:
    """A page that is new says here what it gives whom."""
    assert set(HEAD) == set(ROLES) == set(GRANTS)
    assert [line[0] for line in LINES] == ["overview", *server.SLUGS[1:]]


def test_a_first_request_gives_what_the_role_may_see(gateway: tuple[str, Store]) -> None:
    """Whichever page is typed, with another region and an open or a published cycle in its address: what is refused
    names no region, what is shown is of own regions and of cycles that the role may see, nothing fails."""
    address, store = gateway
    # What is refused, or shown, whatever the cycle, is asked for once.
    cases = [(*of, "2024") for of in WHAT]
    cases += [(*of, "2023") for of, what in WHAT.items() if what in ("all", "own") or of[0] in OWN]
    cases += [("leader", page, "2022") for page in ("overview", "region", "scorecards", "facts")]
    with ThreadPoolExecutor(3) as pool:
        came = pool.map(lambda case: _seen(address, *case), cases)
        wrong = [
            (*case, *found)
            for case, seen in zip(cases, came, strict=True)
            if (found := _amiss(*case, seen, _named(seen, store)))
        ]
    assert wrong == []
    told = [entry for entry in entries(store.path) if entry.kind == "denied"]
    for role in ROLES:
        refused = sum(WHAT[whose, page] == "no" for whose, page, _ in cases if whose == role)
        assert sum(entry.person == role for entry in told) >= refused
    # An address that names what its reader may not see is in the journal too: each page, and each window, once.
    vain = Counter((entry.person, entry.what.get("page")) for entry in told if _in_vain(entry.what))
    for (role, page), what in WHAT.items():
        if what == "own" or (role == "leader" and what == "all"):
            assert vain[role, page] >= 1


def _in_vain(what: Mapping[str, Any]) -> bool:
    return "2024" in what.get("cycles", ()) or OTHER in what.get("regions", ())


def _amiss(role: str, page: str, cycle: str, seen: Seen, named: set[str]) -> list[str]:
    """What is not as it should be."""
    what, sees = WHAT[role, page], SEES.get(role, EVERY)
    refused = any(f"<h2>{words}</h2>" in seen for words in ("没有权限", "没有看得到的结果", "还没有抽到会审对象"))
    allowed = {"all": named, "list": named, "own": {OWN.get(role)}, "page": set(), "no": set()}[what]
    found = ["refused"] if refused != (what == "no") else []
    found += [f"names {code}" for code in sorted(named - allowed)]
    found += ["failed"] if "encountered an error" in seen else []
    if what in ("all", "own"):
        shown = cycle if cycle in sees else sees[-1]
        years = set(_YEAR.findall(seen.text))
        found += [f"no {shown}"] if shown not in years else []
        found += [f"tells of {year}" for year in sorted(years & set(EVERY) - set(sees))]
        found += [] if named >= allowed and named else ["names nobody"]
    return found


def test_without_an_identity_there_is_a_door_only(gateway: tuple[str, Store]) -> None:
    """Nobody's first request shows where to sign in, on every page, and no region."""
    address, store = gateway
    with ThreadPoolExecutor(3) as pool:
        for seen in pool.map(lambda line: _seen(address, "", line[0], "2023"), LINES):
            assert "请先登录" in seen
            assert _named(seen, store) == set()
