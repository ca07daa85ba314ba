"""Servers on this machine that take mail and web requests, for tests of what is sent."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class _Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as one message takes; refuses the addresses that its server is told to."""

    def handle(self) -> None:
        server: Any = self.server
        self._say("220 test")
        while line := self.rfile.readline():
            word = line.decode().strip()
            if word.upper().startswith("RCPT") and any(refused in word for refused in server.refused):
                self._say("550 no such person")
            elif word.upper() == "DATA":
                self._say("354 go on")
                server.taken.append(message_from_bytes(self._message(), policy=policy.default))
                self._say("250 taken")
            elif word.upper() == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _message(self) -> bytes:
        found = b""
        while (line := self.rfile.readline()) != b".\r\n":
            found += line[1:] if line.startswith(b"..") else line
        return found

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Web(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.taken.append((dict(self.headers), json.loads(body)))
        self.send_response(server.answer)
        if server.answer == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def _running(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def smtp() -> Iterator[Any]:
    """A mail server: `taken` (the messages), `refused` (addresses), `server_address`."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.daemon_threads = True
        taken: list[EmailMessage] = []
        server.taken, server.refused = taken, set()  # type: ignore[attr-defined]
        with _running(server) as running:
            yield running


@contextmanager
def web() -> Iterator[Any]:
    """A web server: `taken` (heads and JSON of each POST), `answer` (the status that it gives)."""
    server: Any = HTTPServer(("127.0.0.1", 0), _Web)
    server.taken, server.answer = [], 204
    with _running(server) as running:
        yield running
