"""A gateway as an institution has it: what comes goes on to the app, with a header that says who somebody is."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gateway(port: int, headers: dict[str, str]) -> Iterator[str]:
    """The address of one that adds these headers to the first request of every connection to a port of this machine.

    A window's socket is a connection of its own, so that it always has them.
    """
    added = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()

    class _Through(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked = self.rfile.readline()
            with socket.create_connection(("127.0.0.1", port)) as app:
                app.sendall(asked + added)
                back = threading.Thread(target=_pass_on, args=(app, self.connection), daemon=True)
                back.start()
                while part := self.rfile.read1():
                    app.sendall(part)
                app.shutdown(socket.SHUT_WR)
                back.join()

    class _Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A window that closes in the middle is none."""

    with _Server(("127.0.0.1", 0), _Through) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def _pass_on(app: socket.socket, window: socket.socket) -> None:
    try:
        while part := app.recv(65_536):
            window.sendall(part)
        window.shutdown(socket.SHUT_WR)
    except OSError:
        # One of the two has gone.
        return
