"""Silence: what a library written in C prints stays out of standard output, where a command's own words stand."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_LOCK = Lock()
_INSIDE: list[int] = []
_OUT = 1


@contextmanager
def silence() -> Iterator[None]:
    """Nothing that the process prints below Python arrives meanwhile: HiGHS tells of its repairs whatever is asked.

    The first thread that enters turns the file descriptor away, the last that leaves turns it back.
    """
    _turn_away()
    try:
        yield
    finally:
        _turn_back()


def _turn_away() -> None:
    with _LOCK:
        if not _INSIDE:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            try:
                kept = os.dup(_OUT)
            except OSError:
                # A service without output: nothing is heard of it anyway.
                kept = os.dup(nowhere)
            os.dup2(nowhere, _OUT)
            os.close(nowhere)
            _INSIDE.append(kept)
        _INSIDE.append(_OUT)


def _turn_back() -> None:
    with _LOCK:
        _INSIDE.pop()
        if len(_INSIDE) == 1:
            # C keeps what it prints to a file or a pipe until it is told to write it.
            if os.name == "posix":
                ctypes.CDLL(None).fflush(None)
            os.dup2(_INSIDE[0], _OUT)
            os.close(_INSIDE.pop())
