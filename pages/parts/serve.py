"""Serves the app: `python -m pages.parts.serve`, with the options of `streamlit run`."""

import os
import sys
from pathlib import Path

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

APP = Path(__file__).parent.parent.parent / "app.py"


def serve(options: list[str]) -> None:
    """Starts the server, until it is ended.

    Streamlit takes a folder `pages` for a list of pages of its own until an app says otherwise: a server's first
    request to a page's address would meet "Page not found", or a script without the app around it. It is told first.
    Only this machine may ask, also where the server is started from another folder than its configuration's.
    """
    PagesManager.uses_pages_directory = False
    # Else whoever asks from this machine could say to come from another address, a gateway's for instance.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    named = any(option.startswith("--server.address") for option in options)
    sys.argv = ["streamlit", "run", str(APP), *([] if named else ["--server.address", "127.0.0.1"]), *options]
    main()


if __name__ == "__main__":
    serve(sys.argv[1:])
