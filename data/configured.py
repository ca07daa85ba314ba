"""Settings of an installation: `.streamlit/secrets.toml` (or the file `$QUHENG_SECRETS`), and environment variables."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import data.messages  # noqa: F401  (registers the words of this part's problems)
from data.holdings import ROOT
from metrics.files import opened
from metrics.problems import file_error, reason_of

_PREFIX = "QUHENG_"


def secrets_path() -> Path:
    """Where the settings stand."""
    return Path(os.environ.get("QUHENG_SECRETS") or ROOT / ".streamlit" / "secrets.toml")


def section(name: str) -> Mapping[str, Any]:
    """A section of the settings, each key that the environment has (`QUHENG_ALERTS_WEBHOOK`) from there; empty where
    neither says anything. Raises InputError for a file that cannot be read."""
    found = _file().get(name, {})
    prefix = f"{_PREFIX}{name.upper()}_"
    told = {key.removeprefix(prefix).lower(): value for key, value in os.environ.items() if key.startswith(prefix)}
    return {**(found if isinstance(found, Mapping) else {}), **{key: value for key, value in told.items() if value}}


def settings_file(name: str) -> Path | None:
    """The file that `$QUHENG_<NAME>`, else `[quheng] <name>` names; None where neither does. A relative one is meant
    from the project's folder."""
    given = os.environ.get(f"{_PREFIX}{name.upper()}") or _quheng().get(name)
    return ROOT / str(given) if given else None


def _quheng() -> Mapping[str, Any]:
    found = _file().get("quheng", {})
    return found if isinstance(found, Mapping) else {}


def _file() -> Mapping[str, Any]:
    path = secrets_path()
    try:
        with opened(path) as file:
            return tomllib.load(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise file_error("unreadable_file", path, reason=reason_of(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise file_error("bad_settings", path, reason=str(error)) from error
