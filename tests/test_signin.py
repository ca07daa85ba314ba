"""Signing in for real: a provider on this machine, two people with different rights, and a cookie that is copied."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from data.grants import give
from data.proposals import publish
from data.recorded import entries
from data.rights import Grant, Person
from data.store import Store
from pages.parts import signin
from tests import test_server as server
from tests.gateway import gateway

ROOT = Path(__file__).parent.parent
SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "not a secret, since it is in a test's file"
client_id = "quheng"
client_secret = "neither"
server_metadata_url = "http://127.0.0.1:{provider}/.well-known/openid-configuration"
[quheng]
unverified_email = true
"""


@pytest.fixture
def signing(demo: Path, tmp_path: Path) -> Iterator[tuple[str, Store]]:
    """The app with a provider to sign in at; a leader may see what is published, 2023, a reporter one region."""
    store = Store(shutil.copyfile(demo, tmp_path / "s.duckdb"))
    publish(store, "2023", person="丁")
    give(store, Grant(0, "leader@example.org", "leader", giver="丁", reason="试"))
    give(store, Grant(0, "reporter@example.org", "reporter", "930400", giver="丁", reason="试"))
    port, provider = _free(), _free()
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(SECRETS.format(port=port, provider=provider), encoding="utf-8")
    app = ["pages.parts.serve", "--server.port", str(port), "--secrets.files", str(secrets)]
    with _running("oidc_provider_mock", "-p", str(provider)), _running(*app, db=store.path):
        for each in (port, provider):
            server._wait_until_it_listens(each)
        yield f"http://127.0.0.1:{port}", store


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _running(*module: str, db: Path | None = None) -> Iterator[None]:
    environment = {**os.environ, **({"QUHENG_DB": str(db)} if db is not None else {})}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_two_people_sign_in_and_each_sees_what_was_granted(signing: tuple[str, Store], browser: object) -> None:
    """Nobody sees anything before; a leader sees the published cycle only, a reporter no other region's results; after
    signing out a copy of the cookie is good for nothing."""
    address, store = signing
    stranger = _window(browser)
    for path in ("", "facts", "definitions", "weights", "scorecards"):
        stranger.goto(f"{address}/{path}")
        stranger.get_by_text("请先登录").wait_for()
        assert stranger.locator(".q-foot").count() == 0
    leader = _window(browser)
    _enter(leader, address, "leader@example.org")
    leader.get_by_text("已公布（结果第 1 版）").wait_for()
    leader.goto(f"{address}/?cycle=2024")
    leader.get_by_text("已公布（结果第 1 版）").wait_for()
    assert "2024 年" not in leader.locator("[data-testid=stMain]").inner_text()
    leader.goto(f"{address}/weights")
    leader.get_by_text("没有权限").wait_for()
    cookies = leader.context.cookies()
    reporter = _window(browser)
    _enter(reporter, address, "reporter@example.org")
    reporter.locator(".q-foot").first.wait_for()
    shown = reporter.locator("[data-testid=stMain]").inner_text()
    others = store.query("SELECT name_zh FROM regions WHERE code <> '930400' AND name_zh LIKE '%市'")["name_zh"]
    assert "岫原市" in shown
    assert [name for name in others if name in shown] == []
    # Another window of the leader's, with a copy of the cookie: good until they sign out.
    copy = _window(browser)
    copy.context.add_cookies(cookies)
    copy.goto(address)
    copy.get_by_text("已登录：").wait_for()
    time.sleep(1.1)
    leader.get_by_role("button", name="退出登录").click()
    # To the provider, which is told too.
    leader.get_by_role("button", name="退出登录").wait_for(state="detached")
    leader.goto(address)
    leader.get_by_text("请先登录").wait_for()
    copy.goto(address)
    copy.get_by_text("请先登录").wait_for()
    # Once for each time that somebody signed in, whatever they opened then.
    come = [(one.kind, one.person) for one in entries(store.path) if one.kind in ("sign_in", "sign_out")]
    people = "leader@example.org", "reporter@example.org"
    assert come == [*(("sign_in", person) for person in people), ("sign_out", people[0])]
    asked = [one.what.get("cycles") for one in entries(store.path) if (one.kind, one.person) == ("denied", people[0])]
    assert ["2024"] in asked


@pytest.mark.parametrize(("address", "told"), [("127.0.0.1", "已公布（结果第 1"), ("10.9.9.9", "不是设置里的网关")])
def test_a_header_is_believed_of_the_gateway_alone(
    demo: Path, tmp_path: Path, browser: object, address: str, told: str
) -> None:
    """Only what comes straight from the address of the settings, whatever a header says of where it came from; without
    the header nobody is signed in."""
    store = Store(shutil.copyfile(demo, tmp_path / "s.duckdb"))
    publish(store, "2023", person="丁")
    give(store, Grant(0, "leader@example.org", "leader", giver="丁", reason="试"))
    secrets, port = tmp_path / "secrets.toml", _free()
    secrets.write_text(f'[gateway]\naddress = "{address}"\nheader = "X-Remote-User"\n', encoding="utf-8")
    app = ["pages.parts.serve", "--server.port", str(port), "--secrets.files", str(secrets)]
    with _running(*app, db=store.path):
        server._wait_until_it_listens(port)
        page = _window(browser)
        with gateway(port, {"X-Remote-User": "leader@example.org", "X-Forwarded-For": "10.9.9.9"}) as entrance:
            page.goto(entrance)  # type: ignore[attr-defined]
            page.get_by_text(told).wait_for()  # type: ignore[attr-defined]
            page.close()  # type: ignore[attr-defined]
        unknown = _window(browser)
        unknown.goto(f"http://127.0.0.1:{port}/facts")  # type: ignore[attr-defined]
        unknown.get_by_text("请先登录" if address == "127.0.0.1" else told).wait_for()  # type: ignore[attr-defined]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Person | None]:
    """Who is signed in by a provider's claims, or by a gateway's header as its bytes came."""
    store, session = Store(tmp_path / "s.duckdb"), dict[str, object]()

    def _told(name: bytes | None = None, *, trusting: bool = False, **claims: object) -> Person | None:
        gateway = {"gateway": {"address": "127.0.0.1", "header": "X-User"}}
        provider = {"auth": {}, "quheng": {"unverified_email": trusting}}
        monkeypatch.setattr(signin, "_secrets", lambda: gateway if name is not None else provider)
        came = {} if name is None else {"X-User": name.decode("latin-1")}
        user = SimpleNamespace(to_dict=lambda: {"is_logged_in": True, "iat": time.time(), **claims})
        at = SimpleNamespace(headers=came, ip_address="127.0.0.1")
        monkeypatch.setattr(signin, "st", SimpleNamespace(user=user, context=at, session_state=session))
        return signin._by_provider(store) if name is None else signin._by_gateway(store)

    return _told


@pytest.mark.parametrize("said", [False, "false", "true", 0, 1, None, ""])
def test_an_address_of_mail_that_is_not_verified_is_nobodys(told: Callable[..., Person | None], said: object) -> None:
    """Whatever a provider writes for it, or nothing; the settings may say that all of its addresses are believed."""
    assert told(email="rep", email_verified=said) is None
    assert told(email="rep") is None
    assert told(email="rep", email_verified=True) == Person("rep", "rep", "oidc")
    assert told(email="rep", trusting=True) == Person("rep", "rep", "oidc")


@pytest.mark.parametrize("issued", ["1e9", "abc", None, [], float("nan"), float("inf"), 0, 4e9])
def test_a_sign_in_of_no_moment_or_another_day_is_none(told: Callable[..., Person | None], issued: object) -> None:
    """Too long ago, in a time to come, or not to be told."""
    assert told(email="rep", email_verified=True, iat=issued) is None


UNSEEN = ["rep\u200b", "rep\ufe0f", "r\u1160ep", "rep\u034f"]


@pytest.mark.parametrize("name", ["ＲＥＰ", "ʳep", "Ⓐdmin", "ªdmin", "rep\u00a0", "\u00a0", " ", *UNSEEN])
def test_a_name_that_only_looks_like_anothers_is_nobodys(told: Callable[..., Person | None], name: str) -> None:
    """Width, circles, blanks of other kinds, signs that are not seen: the account is let in as nobody."""
    assert told(email=name, email_verified=True) is None
    assert told(name.encode()) is None


def test_letters_that_fold_together_are_two_persons(told: Callable[..., Person | None]) -> None:
    """Case alone does not tell persons apart; bytes of a name's last sign are no blanks; a name of old is read too."""
    ids = [told(name.encode()).id for name in ("straße", "strasse", "李久", "李习", " Rep ", "REP")]  # type: ignore[union-attr]
    assert ids == ["straße", "strasse", "李久", "李习", "rep", "rep"]
    assert told("josé".encode("latin-1")).id == "josé"  # type: ignore[union-attr]
    assert told(email="Straße", email_verified=True).id == "straße"  # type: ignore[union-attr]


def test_a_window_behind_a_gateway_does_not_stay_open_for_ever(
    told: Callable[..., Person | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway says who somebody is when a window opens and not again: it is asked anew after as many hours."""
    assert told(b"rep") is not None
    came = time.time()
    monkeypatch.setattr(time, "time", lambda: came + 7.9 * 3600.0)
    assert told(b"rep") is not None
    monkeypatch.setattr(time, "time", lambda: came + 8.1 * 3600.0)
    assert told(b"rep") is None


def _window(browser: object) -> object:
    """A window of somebody's own."""
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()  # type: ignore[attr-defined]
    page.set_default_timeout(60_000)
    return page


def _enter(page: object, address: str, person: str) -> None:
    page.goto(address)  # type: ignore[attr-defined]
    page.get_by_role("button", name="登录", exact=True).click()  # type: ignore[attr-defined]
    page.locator("input[name=sub]").fill(person)  # type: ignore[attr-defined]
    page.get_by_role("button", name="Authorize").click()  # type: ignore[attr-defined]
    page.get_by_text("已登录：").wait_for()  # type: ignore[attr-defined]
