"""Makes the golden files again: `python -m tests.golden`; what changed is then to be read, and committed with why."""

import sys

from tests.golden.made import HERE, files, readable


def main() -> int:
    """Writes every golden file; names those whose program is not there."""
    kept = HERE / "files"
    kept.mkdir(exist_ok=True)
    wanted = files()
    for old in kept.iterdir():
        if old.name not in wanted:
            old.unlink()
    for name, make in wanted.items():
        if not readable(name):
            print(f"{name}: pdftotext is absent", file=sys.stderr)
            continue
        (kept / name).write_bytes(make())
    return 0


if __name__ == "__main__":
    sys.exit(main())
