"""Two processes of the app on one store behind nginx, as deploy/nginx.conf has it: two people, each at their own."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from data.grants import give
from data.recorded import entries
from data.rights import Grant
from data.store import Store
from tests import test_server as server
from tests import test_signin as signin
from tests.absent import absent
from tests.windows import opened

ROOT = Path(__file__).parent.parent
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
USER = 'proxy_set_header X-Remote-User "";'


@dataclass(frozen=True)
class Two:
    """Two processes behind nginx: its address, their ports with how each is ended, and the store."""

    address: str
    processes: dict[int, subprocess.Popen[bytes]]
    store: Store

    def seats(self, **headers: str) -> dict[int, str]:
        """For each process the cookie of somebody who is served by it."""
        found: dict[int, str] = {}
        for number in range(200):
            known = {**headers, "Cookie": f"quheng_seat=s{number}"}
            asked = urllib.request.Request(f"{self.address}/_stcore/health", headers=known)
            with urllib.request.urlopen(asked, timeout=10) as answer:
                found.setdefault(int(answer.headers["X-Process"].rpartition(":")[2]), f"s{number}")
            if len(found) == len(self.processes):
                break
        return found


@contextmanager
def _two(demo: Path, folder: Path, secrets: str, *, user: str = USER) -> Iterator[Two]:
    if NGINX is None:
        absent("nginx is absent")
    store = Store(shutil.copyfile(demo, folder / "s.duckdb"))
    for person, region in (("one@example.org", "930400"), ("two@example.org", "920100")):
        give(store, Grant(0, person, "reporter", region, giver="丁", reason="试"))
    front, *ports = (signin._free() for _ in range(3))
    (folder / "secrets.toml").write_text(secrets.replace("{port}", str(front)), encoding="utf-8")
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8").replace(USER, user)
    for usual, port in zip(("8600", "8501", "8502"), (front, *ports), strict=True):
        text = text.replace(f"127.0.0.1:{usual}", f"127.0.0.1:{port}")
    # Its own folder for what it keeps meanwhile, and a word on who answered.
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    root = "user root; " if os.geteuid() == 0 else ""
    text = text.replace("http {", f"{root}pid {folder}/pid; http {{ access_log off; {paths}")
    text = text.replace("location / {", "location / { add_header X-Process $upstream_addr always;")
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    with ExitStack() as stack:
        processes = {port: stack.enter_context(_process(port, folder, store.path)) for port in ports}
        command = [NGINX, "-p", str(folder), "-e", str(folder / "error"), "-c", str(folder / "nginx.conf")]
        stack.enter_context(_ended(subprocess.Popen([*command, "-g", "daemon off;"])))
        for port in (front, *ports):
            server._wait_until_it_listens(port)
        yield Two(f"http://127.0.0.1:{front}", processes, store)


def _process(port: int, folder: Path, store: Path) -> AbstractContextManager[subprocess.Popen[bytes]]:
    options = ["--server.port", str(port), "--secrets.files", str(folder / "secrets.toml")]
    environment = {**os.environ, "QUHENG_DB": str(store)}
    quiet = subprocess.DEVNULL
    command = [sys.executable, "-m", "pages.parts.serve", *options]
    return _ended(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet))


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def test_two_people_behind_nginx_each_see_their_own(demo: Path, tmp_path: Path, browser: object) -> None:
    """Each is at a process of their own, sees their own region and cannot send another's; who signs out is out for both
    processes, and when one of them ends its people go on at the other."""
    provider = signin._free()
    secrets = signin.SECRETS.replace("{provider}", str(provider))
    with signin._running("oidc_provider_mock", "-p", str(provider)), _two(demo, tmp_path, secrets) as two:
        server._wait_until_it_listens(provider)
        seats = two.seats()
        windows = {}
        people = (("one", "岫原市", "枫屿市"), ("two", "枫屿市", "岫原市"))
        for port, (person, own, others) in zip(seats, people, strict=True):
            windows[port] = window = signin._window(browser)
            window.context.add_cookies([{"name": "quheng_seat", "value": seats[port], "url": two.address}])
            signin._enter(window, two.address, f"{person}@example.org")
            window.goto(f"{two.address}/facts")
            window.get_by_text(own).first.wait_for()
            assert others not in window.content()
        (_, one), (second, other) = windows.items()
        _send(one, two.address, tmp_path, "920100")
        one.get_by_text("无权报送数据").first.wait_for()
        assert {entry.person for entry in entries(two.store.path) if entry.kind == "denied"} == {"one@example.org"}
        two.processes[second].kill()
        other.goto(f"{two.address}/facts")
        other.get_by_text("枫屿市").first.wait_for()
        one.goto(f"{two.address}/facts")
        one.get_by_text("岫原市").first.wait_for()
        cookies = one.context.cookies()
        time.sleep(1.1)
        one.get_by_role("button", name="退出登录").click()
        one.get_by_role("button", name="退出登录").wait_for(state="detached")
        copy = signin._window(browser)
        copy.context.add_cookies(cookies)
        copy.goto(f"{two.address}/facts")
        copy.get_by_text("请先登录").wait_for()


def _send(window: object, address: str, folder: Path, region: str) -> None:
    """A file with a fact of a region, which is judged as soon as it is there."""
    file = folder / "sent.csv"
    file.write_text(f"region,period,variable,value,unit\n{region},2025,electricity,1,kWh\n", encoding="utf-8")
    window.goto(f"{address}/facts?part=bring")  # type: ignore[attr-defined]
    window.locator("input[type=file]").first.set_input_files(str(file))  # type: ignore[attr-defined]


def test_nginx_alone_says_who_is_there(demo: Path, tmp_path: Path) -> None:
    """As a gateway it names whom it has let in; a name that a browser sends along is dropped, whoever it does
    not let in gets nothing, and when one process ends the other goes on."""
    (tmp_path / "people").write_text("one@example.org:{PLAIN}a\n", encoding="utf-8")
    user = f'auth_basic "in"; auth_basic_user_file {tmp_path}/people; proxy_set_header X-Remote-User $remote_user;'
    secrets = '[gateway]\naddress = "127.0.0.1"\nheader = "X-Remote-User"\n'
    known = {"Authorization": f"Basic {b64encode(b'one@example.org:a').decode()}", "X-Remote-User": "two@example.org"}
    with _two(demo, tmp_path, secrets, user=user) as two:
        for seat in (seats := two.seats(**known)).values():
            seen = opened(two.address, "facts", headers={**known, "Cookie": f"quheng_seat={seat}"})
            assert "岫原市" in seen
            assert "枫屿市" not in seen
        with pytest.raises(InvalidStatus):
            opened(two.address, "facts", headers={"X-Remote-User": "two@example.org"})
        ended = next(iter(seats))
        two.processes[ended].kill()
        assert "岫原市" in opened(two.address, "facts", headers={**known, "Cookie": f"quheng_seat={seats[ended]}"})
