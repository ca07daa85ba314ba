"""Bundles for tests: a small scorecard of regions that give trouble, its bundle, and others tampered with."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import polars as pl

from metrics.export import bundle
from metrics.export.occasion import Occasion
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from metrics.verify.layout import KEY, MANIFEST, SIGNATURE, listed
from metrics.verify.pack import stamped
from metrics.verify.signing import Signer, generated, signer_of

DEFINITIONS = """
schema: 1
title: {zh: "=标题（示例）", en: "=Title, with comma"}
defaults: {min_coverage: 0.4}
factors:
  gross: {unit: kWh/m3, source: "=GB", values: {2020-01-01: 10.5, 2024-01-01: {default: 11.25, "002": 12}}}
variables:
  gas: {name: {zh: 燃气, en: Gas}, unit: m3}
  area: {name: {zh: 面积, en: Area}, unit: m2}
  staff: {name: {zh: 人数, en: Staff}, unit: person}
indicators:
  intensity: {name: {zh: 用能, en: Energy}, unit: kWh/m2, formula: gas * gross / area, better: lower, missing: mean}
  room: {name: {zh: 人均面积, en: Room}, unit: m2/person, formula: area / staff, better: higher, normalise: zscore}
index:
  code: composite
  name: {zh: 综合, en: Composite}
  children:
    - {indicator: intensity, weight: 2}
    - {indicator: room, weight: 1}
grades:
  - {code: good, name: {zh: 良好, en: Good}, at_least: 40}
  - {code: poor, name: {zh: 较差, en: Poor}}
"""
NAMES = {
    "001": '说"引号", 逗号', "002": "两\n行", "003": '=HYPERLINK("http://x","y")', "004": "😀\r", "005": "长" * 200,
    "=1+1": "'=apostrophe", "'-2": "../../etc/passwd", "@x": "nul\0inside",
}  # fmt: skip
ABOUT = Occasion("open", "snapshot0", "3", "某人", "2025-01-31T00:00:00+00:00")
Files = dict[str, bytes]


@cache
def card_of(definitions: str = DEFINITIONS) -> Scorecard:
    """Eight regions in two cycles, with a missing and an imputed value."""
    found = read(definitions).definitions
    assert found is not None
    rows = [
        (region, period, variable, value, "=note" if region == "001" else None)
        for place, region in enumerate(NAMES)
        for period, more in (("2023", 0.0), ("2024", 1 / 7))
        for variable, value in (
            ("gas", None if (region, period) == ("003", "2024") else (place + 1) * 1000.1 / 3 + more),
            ("area", (place + 1) ** 2 * 1.1 + 0.1),
            ("staff", None if region == "004" else 1 / 3 + place),
        )
    ]
    facts = pl.DataFrame(rows, schema=["region", "period", "variable", "value", "note"], orient="row")
    names = list(NAMES.values())
    regions = pl.DataFrame({"code": list(NAMES), "name_zh": names, "name_en": names, "=zone": ["-a"] * len(names)})
    return score(found, facts, regions=regions)


@cache
def signer(number: int = 0) -> Signer:
    """One key a number."""
    return signer_of(generated())


@cache
def made(*, signed: bool = True, about: Occasion = ABOUT) -> bytes:
    """The bundle of the last cycle."""
    occasion = replace(about, signer=signer) if signed else about
    return bundle.write(card_of(), periods=["2024"], notice="示例数据", occasion=occasion)


def files_of(content: bytes) -> Files:
    """A bundle's files by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The archive of these files, as a bundle is packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(stamped(name), content)
    return packed.getvalue()


def remade(changes: Mapping[str, Callable[[str], str]], *, by: Signer | None = None) -> bytes:
    """The bundle with texts changed and the manifest made anew: unsigned, or signed by somebody."""
    files = {name: content for name, content in files_of(made()).items() if name not in (KEY, SIGNATURE)}
    for name, change in changes.items():
        if name in files and name != MANIFEST:
            before = files[name].decode()
            files[name] = change(before).encode()
            assert files[name] != before.encode(), name
    if by is not None:
        files[KEY] = by.public
    told = json.loads(files[MANIFEST])
    told["key"] = by.fingerprint if by is not None else None
    told["files"] = {name: listed(content).model_dump() for name, content in files.items() if name != MANIFEST}
    text = json.dumps(told, ensure_ascii=False)
    files[MANIFEST] = changes.get(MANIFEST, str)(text).encode()
    return zipped({**files, SIGNATURE: by.sign(files[MANIFEST])} if by is not None else files)
