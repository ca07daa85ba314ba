"""Windows without a browser: what the first request of a page brings, as Streamlit tells it to a browser."""

import json
import re
from dataclasses import dataclass

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

ENDS = {"script_finished", "auth_redirect"}


@dataclass(frozen=True)
class Seen:
    """What came: `text` is everything as it was sent, figures, tables and menus too; escaped signs are read."""

    text: str

    def __contains__(self, words: str) -> bool:
        return words in self.text


def opened(address: str, page: str = "", query: str = "", *, headers: dict[str, str] | None = None) -> Seen:
    """A new window at a page's typed address, until its run has ended."""
    host = address.removeprefix("http://")
    asked = BackMsg()
    asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
    asked.rerun_script.context_info.url = f"{address}/{page}?{query}"
    came = b""
    with connect(
        f"ws://{host}/_stcore/stream", origin=address, subprotocols=["streamlit"], additional_headers=headers or {},
        max_size=None, compression=None, open_timeout=60,
    ) as socket:  # fmt: skip
        socket.send(asked.SerializeToString())
        while True:
            message = ForwardMsg.FromString(part := bytes(socket.recv(timeout=120)))
            came += part
            if message.WhichOneof("type") in ENDS:
                break
    text = came.decode("utf-8", "replace")
    return Seen(re.sub(r"\\u[0-9a-f]{4}", lambda found: json.loads(f'"{found[0]}"'), text))
