"""The packer of verify.pyz: the engine as one file that verifies bundles, the same bytes whenever it is made."""

import io
import sys
import zipfile
from pathlib import Path

ENTRY = b"import sys\n\nfrom metrics.verify.__main__ import main\n\nsys.exit(main())\n"
# The first moment that a zip file can tell.
EPOCH = (1980, 1, 1, 0, 0, 0)


def packed() -> bytes:
    """A zipapp of metrics/; it needs the libraries of the engine, and nothing else of this house."""
    root = Path(__file__).resolve().parent.parent
    sources = {f"metrics/{file.relative_to(root).as_posix()}": file.read_bytes() for file in root.rglob("*.py")}
    file = io.BytesIO(b"#!/usr/bin/env python3\n")
    file.seek(0, io.SEEK_END)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted({"__main__.py": ENTRY, **sources}.items()):
            archive.writestr(stamped(name), content)
    return file.getvalue()


def pack(target: Path) -> None:
    """Writes it to `target`."""
    target.write_bytes(packed())


def stamped(name: str) -> zipfile.ZipInfo:
    """An entry without a clock, readable by all, the same on every system."""
    entry = zipfile.ZipInfo(name, date_time=EPOCH)
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
    return entry


if __name__ == "__main__":
    pack(Path(sys.argv[1] if len(sys.argv) > 1 else "verify.pyz"))
