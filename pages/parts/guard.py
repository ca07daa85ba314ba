"""The guard before the app: which requests are let in, and what every answer tells a browser to keep to."""

import hmac
import re
import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.file_util import get_static_dir
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from metrics.problems import InputError, Problem

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# What a request has that came by the guard; nobody outside this process knows it.
_MARK, _TOKEN = "x-quheng-guard", secrets.token_urlsafe(32)
# Streamlit's own, of use to nobody who looks at a page: counts of sessions, and a door for other programs.
_SHUT = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
# What people take away, and what they bring.
_FILES = ("/media/", "/_stcore/upload_file/")
# What a page sends. The rest is for who writes an app, and empties everybody's caches or writes to the server's disk.
_SAID = {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"}
_OPERATIONS = {"deferred_file", "dataframe_chunk"}
# Files that are everybody's, under names that change with their content.
_KEPT = ("/static/", "/app/static/")
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Rules:
    """Whom the guard lets in.

    `hosts` are the names that the app is asked for by, beside this machine's own; `https`: people come by https only;
    `gateway` is the address whose word on https is taken; `single` are headers that no request may have twice;
    `signed`: files, those brought too, want the cookie of somebody who has signed in.
    """

    hosts: frozenset[str] = frozenset()
    https: bool = False
    gateway: str | None = None
    single: frozenset[str] = frozenset({"host", "origin"})
    signed: bool = False


class Guard:
    """The app behind its rules, as an ASGI application."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self.app, self.rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request in, with a mark on it, or refuses it."""
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        https = self.rules.https or scope["scheme"] in ("https", "wss") or self._told_https(scope, headers)
        told = _telling(scope["path"], https, send)
        refusal = self._refusal(scope, headers)
        if refusal is None:
            own = [pair for pair in scope["headers"] if pair[0] != _MARK.encode()]
            heard = _hearing(receive) if scope["type"] == "websocket" else receive
            await self.app({**scope, "headers": [*own, (_MARK.encode(), _TOKEN.encode())]}, heard, told)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            status, words = refusal
            await PlainTextResponse(words, status)(scope, receive, told)
        return None

    def _told_https(self, scope: Scope, headers: Headers) -> bool:
        return _peer(scope) == self.rules.gateway and headers.get("x-forwarded-proto") == "https"

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        if any(len(headers.getlist(name)) > 1 for name in self.rules.single):
            return 400, _TWICE
        host, origin = headers.get("host", ""), headers.get("origin")
        if _name(host) not in {*LOOPBACK, *self.rules.hosts}:
            return 421, _UNKNOWN_NAME
        # Browsers say with every websocket whose page opens it.
        if origin not in (f"http://{host}", f"https://{host}") and (origin is not None or scope["type"] != "http"):
            return 403, _OTHER_PAGE
        stranger = self.rules.gateway not in (None, _peer(scope)) or (self.rules.signed and not _has_signed_in(headers))
        closed = (*_SHUT, *_FILES) if stranger else _SHUT
        return (404, "") if any(path in scope["path"] for path in closed) else None


def _hearing(receive: Receive) -> Receive:
    """What a window says, without what no page sends."""

    async def heard() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive" or _is_a_pages(message.get("bytes") or b""):
                return message

    return heard


def _is_a_pages(said: bytes) -> bool:
    try:
        message = BackMsg.FromString(said)
    except DecodeError:
        return False
    asked = message.backend_operation_request.WhichOneof("payload")
    return message.WhichOneof("type") in _SAID and asked in {None, *_OPERATIONS}


def _has_signed_in(headers: Headers) -> bool:
    """Whether the cookie of signing in is there and ours; how old it is, and whose, the pages ask."""
    value = cookie_parser(headers.get("cookie", "")).get(USER_COOKIE_NAME, "")
    return decode_signed_value(get_cookie_secret(), USER_COOKIE_NAME, value.encode("latin-1", "replace")) is not None


def _peer(scope: Scope) -> str:
    return str((scope.get("client") or ("", 0))[0])


def _name(host: str) -> str:
    """The name in a host header, without its port; '' where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        whole = parts.netloc == host and "@" not in host and (parts.port or 1) > 0
    except ValueError:
        return ""
    return (parts.hostname or "") if whole else ""


def _telling(path: str, https: bool, send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            del headers["Access-Control-Allow-Origin"]
            if not path.startswith(_KEPT):
                headers["Cache-Control"] = "no-store"
            if https:
                headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
                message["headers"] = [_secure(*pair) for pair in message["headers"]]
        await send(message)

    return sent


def _secure(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    cookie = name.lower() == b"set-cookie" and b"; secure" not in value.lower()
    return name, value + b"; Secure" if cookie else value


def name_of_file(content: bytes, kind: str, filename: str | None = None) -> str:
    """What a file to be fetched is called: all of its content tells, and nobody finds it who was not told.

    Streamlit's own name is a digest that whoever has the content can compute, and of a large file only of parts.
    """
    told = b"".join(sha256(part).digest() for part in (content, kind.encode(), repr(filename).encode()))
    return hmac.new(_TOKEN.encode(), told, sha256).hexdigest()


def require_guard(headers: Mapping[str, str]) -> None:
    """Raises InputError (`unguarded`) for a window whose websocket did not come by the guard; without headers there is
    no server at all."""
    if headers and headers.get(_MARK) != _TOKEN:
        raise InputError([Problem("unguarded")])


def _inline(folder: str) -> list[str]:
    """The few scripts that Streamlit writes into its first page, by their digests, so that no other one runs."""
    page = (Path(folder) / "index.html").read_text("utf-8")
    found = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return [f"'sha256-{b64encode(sha256(one.encode()).digest()).decode()}'" for one in found]


_UNKNOWN_NAME = (
    "这个服务不以这个名称提供。请由管理员在 secrets.toml 的 [quheng] hosts 写明它的名称。\n"
    "This service is not known by this name. An administrator adds it to hosts under [quheng] in secrets.toml.\n"
)
_OTHER_PAGE = "请求来自别的网站的页面，已拒绝。\nThe request came from another site's page and was refused.\n"
_TWICE = "请求头重复，已拒绝。\nA header came twice; the request was refused.\n"
# Nothing is fetched from, sent to or shown within another host. Styles are written by the pages themselves; Streamlit
# loads a component's script, the editor's, from a blob that only a script of this page can have made.
POLICY = {
    "default-src": "'none'",
    "script-src": " ".join(["'self'", *_inline(get_static_dir()), "blob:"]),
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
