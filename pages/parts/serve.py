"""Serves the app behind its guard: `python -m pages.parts.serve`, with the options of `streamlit run`."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import click

# Whole before the first window: the chart library looks for it, and of one that another window is loading has a part.
import pandas  # noqa: F401
import streamlit as st
from starlette.middleware import Middleware
from streamlit import config
from streamlit.runtime import memory_media_file_storage
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.bootstrap import load_config_options
from streamlit.web.cli import configurator_options

from data.store import Store
from metrics.problems import InputError
from pages.parts.guard import LOOPBACK, Guard, name_of_file
from pages.parts.signin import rules

APP = Path(__file__).parent.parent.parent / "app.py"


@click.command(context_settings={"auto_envvar_prefix": "STREAMLIT"})
@configurator_options
def serve(**options: object) -> None:
    """Starts the server, until it is ended; says why where the settings are such that it must not.

    Streamlit takes a folder `pages` for a list of pages of its own until an app says otherwise: a server's first
    request to a page's address would meet "Page not found", or a script without the app around it. It is told first.
    Only this machine may ask, also where the server is started from another folder than its configuration's. What was
    committed and not published before a crash is seen from the first window on.
    """
    PagesManager.uses_pages_directory = False
    # Else whoever asks from this machine could say to come from another address, a gateway's for instance.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    given = {name.replace("_", "."): value for name, value in options.items() if value not in (None, ())}
    given.setdefault("server.address", LOOPBACK[0])
    memory_media_file_storage._calculate_file_id = name_of_file
    # The settings are those beside the app.
    sys.argv, config._main_script_path = [str(APP)], str(APP)
    load_config_options(given)
    try:
        guard = Middleware(Guard, rules=rules())
    except InputError as error:
        raise SystemExit("\n".join(error.problems[0].message(language) for language in ("zh", "en"))) from error
    # Whatever is wrong with the store is said in the window.
    with suppress(InputError):
        Store().heal()
    st.App(APP, middleware=[guard]).run(config=given)


if __name__ == "__main__":
    serve()
