"""The command that verifies a bundle, and nothing else: what a zipapp of the engine runs."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from metrics.commands import DONE, USER_ERROR, run


def add_verify(parser: argparse.ArgumentParser) -> None:
    """The options of `verify`."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument(
        "--key", type=_key, metavar="PUBLIC", help="who must have signed it: a fingerprint or a PEM file"
    )


def _key(text: str) -> str:
    """Raises ArgumentTypeError, which is wrong usage, for none: by a variable that is not set no one is asked for."""
    if not text.strip():
        raise argparse.ArgumentTypeError("a fingerprint or a PEM file is needed, not an empty text")
    return text


def print_verdict(options: argparse.Namespace) -> int:
    """`verify`: the verdict on standard output; exit 0 where the bundle matches."""
    from metrics.verify.verdict import verify

    verdict = verify(options.bundle, key=options.key or "")
    print(*verdict.lines(options.lang), sep="\n")
    return DONE if verdict.matches else USER_ERROR


def main(arguments: Sequence[str] | None = None) -> int:
    """Verifies one bundle; gives the exit code: 0 it matches, 1 it does not, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="verify", description=__doc__)
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    add_verify(parser)
    options = parser.parse_args(arguments)
    return run(print_verdict, options)


if __name__ == "__main__":
    sys.exit(main())
