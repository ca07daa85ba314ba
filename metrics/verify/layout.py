"""The layout of a bundle: which files it has, how large each may be, and what its manifest says."""

import hashlib
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from metrics.states import State
from metrics.yamltext import MAX_BYTES

FORMAT: Final = "quheng-bundle"
VERSION: Final = 1
MANIFEST, SIGNATURE, KEY, README = "manifest.json", "manifest.sig", "public_key.pem", "README.txt"
DEFINITIONS, FACTS, REGIONS, FACTORS, SCORECARD, ADJUSTMENTS = (
    "definitions.yaml", "facts.csv", "regions.csv", "factors.csv", "scorecard.csv", "adjustments.csv",
)  # fmt: skip
# What every bundle has; KEY and SIGNATURE are there where it is signed, ADJUSTMENTS where there are any.
NEEDED = (README, DEFINITIONS, FACTS, REGIONS, FACTORS, SCORECARD, MANIFEST)
# The most bytes of each file: four million facts, and no more than a computer of an office can hold.
MOST = {
    README: 100_000, DEFINITIONS: MAX_BYTES, FACTS: 256_000_000, REGIONS: 16_000_000, FACTORS: 16_000_000,
    SCORECARD: 256_000_000, ADJUSTMENTS: 16_000_000, MANIFEST: 1_000_000, SIGNATURE: 64, KEY: 4_000,
}  # fmt: skip
# The most cells of each table: so many rows that can be empty, by so many columns.
CELLS = {FACTS: 32_000_000, REGIONS: 4_000_000, FACTORS: 4_000_000, SCORECARD: 40_000_000, ADJUSTMENTS: 80_000}

FACT_COLUMNS = ("region", "site", "period", "variable", "value", "status", "source", "note")
ADJUSTMENT_COLUMNS = ("number", "period", "region", "node", "points", "reason", "by", "evidence")
FACTOR_COLUMNS = ("code", "name_zh", "name_en", "unit", "start", "region", "value", "source")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Listed(_Part):
    """One file of a bundle: its SHA-256 in hexadecimal digits, and how many bytes it has."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]


def listed(content: bytes) -> Listed:
    """A file as the manifest lists it."""
    return Listed(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))


class Defined(_Part):
    """The definitions: their number in the store ("" where there is none), SHA-256, and title in both languages."""

    version: str
    digest: str
    title: dict[Literal["zh", "en"], str]


class Manifest(_Part):
    """What a bundle says of itself; `regions` None: all; `key`: the fingerprint of the key that signs it, or None."""

    format: Literal["quheng-bundle"] = FORMAT
    version: Literal[1] = VERSION
    engine: str
    python: str
    libraries: dict[str, str]
    snapshot: str
    definitions: Defined
    cycles: list[str]
    regions: list[str] | None
    state: State
    release: str = ""
    by: str
    made: str
    notice: str
    key: str | None
    files: dict[str, Listed]

    def content(self) -> bytes:
        """The bytes of manifest.json; of results that wait for no release those that earlier versions read too."""
        left = None if self.release else {"release"}
        return (self.model_dump_json(indent=1, exclude=left) + "\n").encode()
