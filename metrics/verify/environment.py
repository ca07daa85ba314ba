"""The environment of a computation: which engine, which Python, which versions of the libraries that compute."""

import hashlib
import platform
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable

LIBRARIES = ("narwhals", "numpy", "Pint", "polars", "pydantic", "PyYAML")


@cache
def engine() -> str:
    """The SHA-256 of the program's own sources, shortened: the same for a checkout and for a zipapp of it."""
    found = hashlib.sha256()
    for name, source in sorted(_sources(files("metrics"), "metrics")):
        found.update(f"{name}\0{len(source)}\0".encode() + source)
    return found.hexdigest()[:16]


def _sources(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    for item in folder.iterdir():
        inside = f"{name}/{item.name}"
        if item.is_dir():
            yield from _sources(item, inside)
        elif item.name.endswith(".py"):
            yield inside, item.read_bytes()


def install() -> str:
    """The line that installs, elsewhere, the libraries that this program verifies with, and those of signatures."""
    needed = {**libraries(), "cryptography": version("cryptography")}
    return " ".join(("pip install", *(f"{name}=={number}" for name, number in needed.items())))


def python() -> str:
    """The version of Python."""
    return platform.python_version()


def libraries() -> dict[str, str]:
    """The versions of the libraries that compute, as far as they are installed."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
