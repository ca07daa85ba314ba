"""The guard before the app: whom it lets in, and what browsers are told."""

import asyncio
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from metrics.problems import InputError
from pages.parts import signin
from pages.parts.guard import HEADERS, POLICY, Guard, Rules, name_of_file, require_guard
from pages.parts.signin import rules
from tests import test_server as server
from tests.windows import opened

ROOT = Path(__file__).parent.parent
STREAM, UPLOAD = "/_stcore/stream", "/_stcore/upload_file/a-session/a-file"
PUBLIC = Rules(hosts=frozenset({"quheng.example"}), gateway="10.0.0.5", single=Rules.single | {"x-remote-user"})


@dataclass(frozen=True)
class Answer:
    """What came of a request: a websocket that was let in has status 101; `came` are the headers that the app got."""

    status: int
    headers: list[tuple[str, str]]
    came: dict[str, str]

    def all(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for own, value in self.headers if own.lower() == name]


def _ask(
    path: str = "/", kind: str = "http", rules: Rules = PUBLIC, peer: str = "10.0.0.5", **headers: str | list[str]
) -> Answer:
    """A request of the guard; behind it whatever is asked for is there, with two cookies."""
    sent: list[dict[str, Any]] = []
    came: dict[str, str] = {}

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        came.update({name.decode(): value.decode() for name, value in scope["headers"]})
        own = {"set-cookie": "one=1; HttpOnly", "SET-COOKIE": "two=2; secure", "cache-control": "public",
               "access-control-allow-origin": "*"}  # fmt: skip
        pairs = [(name.encode(), value.encode()) for name, value in own.items()]
        await send({"type": f"{kind}.{'accept' if kind == 'websocket' else 'response.start'}", "status": 200,
                    "headers": pairs})  # fmt: skip

    async def send(message: Any) -> None:
        sent.append(message)

    page = {"origin": "http://quheng.example"} if kind == "websocket" else {}
    given = {"host": "quheng.example", **page, **headers}
    raw = [
        (name.replace("_", "-").encode(), one.encode())
        for name, value in given.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    scope = {"type": kind, "path": path, "scheme": "http", "client": (peer, 5000), "headers": raw, "method": "GET"}
    asyncio.run(Guard(inside, rules)(scope, None, send))  # type: ignore[arg-type]
    first = sent[0]
    status = {"websocket.accept": 101, "websocket.close": 403}.get(first["type"]) or int(first["status"])
    return Answer(status, [(n.decode(), v.decode()) for n, v in first.get("headers", [])], came)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("quheng.example", 200), ("QUHENG.example:8443", 200), ("localhost:8501", 200), ("[::1]:8501", 200),
        ("evil.example", 421), ("quheng.example.evil.example", 421), ("x@quheng.example", 421), ("", 421),
        ("quheng.example:x", 421), ("quheng.example/..", 421), ("[::1", 421), ("10.0.0.5", 421),
    ],
)  # fmt: skip
def test_only_known_names_are_answered(host: str, status: int) -> None:
    """A page of another name that points to this machine (DNS rebinding) gets nothing, by websocket neither."""
    assert _ask("/facts", host=host).status == status
    talked = _ask(STREAM, "websocket", host=host, origin=f"http://{host}")
    assert (talked.status, bool(talked.came)) == ((101, True) if status == 200 else (403, False))


@pytest.mark.parametrize(
    "origin", [None, "", "null", "http://evil.example", "http://quheng.example.x", "http://quheng.example:81"]
)
def test_a_websocket_is_for_own_pages_alone(origin: str | None) -> None:
    """Another site's page, and whoever does not say which page asks, opens no session; nor does it get a file."""
    said = [] if origin is None else [origin]
    assert _ask(STREAM, "websocket", origin=said).status == 403
    assert _ask("/media/a.csv", origin=said).status == (200 if origin is None else 403)
    for own in ("http://quheng.example", "https://quheng.example"):
        assert _ask(STREAM, "websocket", origin=own).status == 101


def test_a_header_that_names_a_person_comes_once() -> None:
    """A gateway that adds its header to a forged one names two people: neither is believed."""
    for path, kind in (("/", "http"), (STREAM, "websocket")):
        assert _ask(path, kind, x_remote_user=["forged", "real"]).came == {}
        assert _ask(path, kind, x_remote_user="real").came["x-remote-user"] == "real"


def test_every_answer_tells_the_browser_what_to_keep_to() -> None:
    """Nothing of another host, in no frame, no address told on, nothing kept but the files that are everybody's."""
    for path, host in (("/facts", "localhost"), ("/media/a.csv", "localhost"), ("/facts", "evil.example")):
        answer = _ask(path, host=host)
        assert {name: answer.all(name.lower()) for name in HEADERS} == {name: [told] for name, told in HEADERS.items()}
        assert answer.all("cache-control") == ["no-store"]
        assert answer.all("access-control-allow-origin") == []
    assert _ask("/static/js/a.js").all("cache-control") == ["public"]
    assert not re.search(r"https?:|\*|unsafe-eval", HEADERS["Content-Security-Policy"])
    assert "unsafe-inline" not in POLICY["script-src"]
    assert POLICY["frame-ancestors"] == POLICY["default-src"] == POLICY["base-uri"] == "'none'"


@pytest.mark.parametrize(
    ("given", "peer", "told", "secure"),
    [
        (Rules(PUBLIC.hosts, https=True), "10.0.0.9", "http", True),
        (PUBLIC, "10.0.0.5", "https", True),
        (PUBLIC, "10.0.0.9", "https", False),
        (PUBLIC, "10.0.0.5", "http", False),
    ],
)
def test_cookies_stay_on_https_where_people_come_by_it(given: Rules, peer: str, told: str, secure: bool) -> None:
    """Known from the address people come back to, or told by the gateway itself and by nobody else."""
    answer = _ask(rules=given, peer=peer, x_forwarded_proto=told)
    one, two = answer.all("set-cookie")
    assert (one.lower().count("; secure"), two.lower().count("; secure")) == (int(secure), 1)
    assert bool(answer.all("strict-transport-security")) == secure


def test_what_nobody_needs_is_shut() -> None:
    """Counts of sessions and the door for other programs answer nobody; files go through the gateway alone."""
    for path in ("/_stcore/metrics", "/_stcore/agent/interact", "/_stcore/agent/openapi.json", "/x/_stcore/metrics"):
        assert _ask(path).status == 404
    for path in ("/media/a.csv", UPLOAD):
        assert _ask(path, peer="10.0.0.9").status == 404
        assert _ask(path).status == 200


def test_files_are_for_whoever_has_signed_in() -> None:
    """Its name alone brings no file to somebody without the cookie of signing in, and nobody else leaves one."""
    rules = Rules(signed=True)
    cookie = create_signed_value(get_cookie_secret(), "_streamlit_user", "{}").decode()
    asked = {"host": "localhost", "rules": rules}
    for path in ("/media/a.csv", UPLOAD):
        assert _ask(path, **asked, cookie=f"_streamlit_user={cookie}").status == 200
        for forged in ("", "_streamlit_user=", f"_streamlit_user={cookie[:-4]}0000", f"_streamlit_xsrf={cookie}"):
            assert _ask(path, **asked, cookie=forged).status == 404


def test_a_window_says_what_pages_send_and_nothing_else() -> None:
    """What empties the caches of all, writes files or is not to be read never reaches the app; what follows it does."""
    asked = [BackMsg() for _ in range(6)]
    asked[0].clear_cache = asked[1].load_git_info = asked[2].debug_shutdown_runtime = True
    asked[3].backend_operation_request.install_skills.SetInParent()
    asked[4].backend_operation_request.deferred_file.file_id = "a"
    asked[5].rerun_script.page_name = "facts"
    said = [b"\xff", b"", *(one.SerializeToString() for one in asked)]
    first, last = {"type": "websocket.connect"}, {"type": "websocket.disconnect"}
    left, came = iter([first, *({"type": "websocket.receive", "bytes": one} for one in said), last]), list[Any]()

    async def receive() -> Any:
        return next(left)

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        while not came or came[-1]["type"] != "websocket.disconnect":
            came.append(await receive())

    pairs = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
    scope = {"type": "websocket", "path": STREAM, "scheme": "ws", "client": ("127.0.0.1", 5000), "headers": pairs}
    asyncio.run(Guard(inside, Rules())(scope, receive, None))  # type: ignore[arg-type]
    assert [one.get("bytes") for one in came] == [None, said[-2], said[-1], None]


def test_a_page_knows_whether_its_window_came_by_the_guard() -> None:
    """The mark is the guard's: one that was sent along is replaced, and without it a page refuses."""
    came = _ask(STREAM, "websocket", x_quheng_guard="forged").came
    require_guard(came)
    for other in ({"host": "quheng.example"}, {**came, "x-quheng-guard": "forged"}):
        with pytest.raises(InputError, match="make run"):
            require_guard(other)


def test_a_files_name_tells_all_of_it_and_cannot_be_found_out() -> None:
    """Large files that differ in the middle alone are not one; the digest of a file does not lead to it."""
    one, other = bytes(3_000_000), bytes(1_000_000) + b"1" + bytes(1_999_999)
    names = {name_of_file(one, "text/csv"), name_of_file(other, "text/csv"), name_of_file(one, "text/csv", "a.csv")}
    assert len(names) == 3
    ask = "from pages.parts.guard import name_of_file; print(name_of_file(b'', ''))"
    found = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() != name_of_file(b"", "")


def test_the_settings_say_whom_the_guard_lets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names in the settings and that of the redirect; https where the redirect is; the gateway's address."""
    auth = {"auth": {"redirect_uri": "https://Quheng.example/oauth2callback"}, "quheng": {"hosts": ["Other.example"]}}
    monkeypatch.setattr(signin, "_secrets", lambda: auth)
    assert (rules().hosts, rules().https, rules().signed) == ({"quheng.example", "other.example"}, True, True)
    gateway = {"gateway": {"address": "10.0.0.5", "header": "X-User", "name_header": "X-Name"}}
    monkeypatch.setattr(signin, "_secrets", lambda: gateway)
    assert (rules().gateway, rules().https) == ("10.0.0.5", False)
    assert {"x-user", "x-name", "host", "origin"} == rules().single
    monkeypatch.setattr(signin, "_secrets", lambda: {"quheng": {"hosts": ["open.example"]}})
    assert rules().hosts == frozenset()
    before = config.get_option("server.address")
    config.set_option("server.address", "0.0.0.0")
    try:
        with pytest.raises(InputError, match=r"0\.0\.0\.0"):
            rules()
    finally:
        config.set_option("server.address", before)


@pytest.mark.parametrize("hours", ["eight", 0, -1.0, float("inf"), float("nan"), [8]])
def test_settings_that_say_no_time_are_refused_at_once(hours: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only when somebody signs in; a number is fine, with a fraction and as text too."""
    monkeypatch.setattr(signin, "_secrets", lambda: {"quheng": {"hours": hours}})
    with pytest.raises(InputError) as caught:
        rules()
    assert [one.code for one in caught.value.problems] == ["hours_unset"]
    for good in (8, 0.5, "12"):
        monkeypatch.setattr(signin, "_secrets", lambda good=good: {"quheng": {"hours": good}})
        assert rules().hosts == frozenset()


def test_a_server_that_must_not_be_does_not_start(tmp_path: Path) -> None:
    """Open to other machines without sign-in, or with settings that say two things or no time: it says why, and
    ends."""
    both = tmp_path / "secrets.toml"
    both.write_text('[auth]\n[gateway]\naddress = "10.0.0.5"\nheader = "X"\n', encoding="utf-8")
    timeless = tmp_path / "timeless.toml"
    timeless.write_text('[quheng]\nhours = "eight"\n', encoding="utf-8")
    cases = {"只能在本机": ["--server.address", "0.0.0.0"], "[gateway]": ["--secrets.files", str(both)],
             "“eight”": ["--secrets.files", str(timeless)]}  # fmt: skip
    for words, options in cases.items():
        command = [sys.executable, "-m", "pages.parts.serve", "--server.port", "0", *options]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 1
        assert words in ended.stderr
        assert "Traceback" not in ended.stderr


def test_a_server_without_its_guard_shows_nothing(demo: Path) -> None:
    """Started by `streamlit run` the app says how to start it, and that is all."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    with server._served(demo, command) as (address, port):
        server._wait_until_it_listens(port)
        for page in ("", "facts"):
            seen = opened(address, page)
            assert "python -m pages.parts.serve" in seen
            assert "920100" not in seen
