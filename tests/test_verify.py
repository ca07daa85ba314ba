"""Verification: every way in which a bundle can be wrong is told apart, and no bundle does harm."""

import io
import json
import os
import random
import re
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from metrics.__main__ import main
from metrics.problems import InputError
from metrics.scorecard import Scorecard, score
from metrics.verify import environment, recompute
from metrics.verify.archive import read_archive
from metrics.verify.layout import (
    DEFINITIONS,
    FACTORS,
    FACTS,
    KEY,
    MANIFEST,
    NEEDED,
    README,
    REGIONS,
    SCORECARD,
    SIGNATURE,
)
from metrics.verify.pack import stamped
from metrics.verify.parts import rows_of
from metrics.verify.recompute import compare
from metrics.verify.signing import fingerprint_of, is_signed
from metrics.verify.tables import from_csv, to_csv
from metrics.verify.verdict import Verdict, verify
from tests.bundles import ABOUT, card_of, files_of, made, remade, signer, zipped

Change = Callable[[str], str]
LAST: Change = lambda text: text.rstrip().rpartition("\n")[2] + "\n"  # noqa: E731
WITHOUT_LAST: Change = lambda text: text[: text.rstrip().rindex("\n") + 1]  # noqa: E731


def _verdict(content: bytes, folder: Path, key: str = "") -> Verdict:
    path = folder / "bundle.zip"
    path.write_bytes(content)
    return verify(path, key=key)


def _codes(verdict: Verdict) -> list[str]:
    """The errors, in order."""
    return [problem.code for problem in verdict.problems if problem.severity == "error"]


def _said(verdict: Verdict, code: str) -> str:
    return next(problem.message("en") for problem in verdict.problems if problem.code == code)


def test_a_bundle_as_it_was_made_matches(tmp_path: Path) -> None:
    """Recomputed from its own facts, each number is the bundle's to the last digit; the manifest's digest is told."""
    verdict = _verdict(made(), tmp_path, signer().fingerprint)
    assert verdict.matches
    assert verdict.problems == ()
    first, *marks = verdict.lines("en")
    assert first.startswith("match: =Title, with comma, 2024; 24 rows and ")
    assert "to the last digit" in first
    assert verdict.digest in first
    assert marks == ["示例数据", "Not published: scores, ranks and grades may change."]
    assert verdict.lines("zh")[0].startswith("match ")


def test_a_bundle_under_embargo_says_from_when_it_is_public(tmp_path: Path) -> None:
    """Final, not open, by its manifest, its readme and the verdict; of others the manifest has what it always had."""
    release = "2999-01-01T09:00:00+08:00"
    content = made(about=replace(ABOUT, state="final", release=release))
    verdict = _verdict(content, tmp_path, signer().fingerprint)
    assert verdict.matches
    assert (verdict.manifest.state, verdict.manifest.release) == ("final", release)  # type: ignore[union-attr]
    assert verdict.lines("zh")[2] == "已定稿，将于 2999-01-01 09:00 UTC+08:00 公开。"
    assert verdict.lines("en")[2] == "Final, public from 2999-01-01 09:00 UTC+08:00."
    assert "已定稿，将于 2999-01-01 09:00 UTC+08:00 公开 · Final, public from" in files_of(content)[README].decode()
    assert b"release" not in files_of(made())[MANIFEST]


def test_whoever_signed_is_named(tmp_path: Path) -> None:
    """Without --key the bundle matches, and a note names the fingerprint that has to be compared."""
    verdict = _verdict(made(), tmp_path)
    assert verdict.matches
    assert signer().fingerprint in _said(verdict, "bundle_key_unknown")


def test_an_unsigned_bundle_says_so(tmp_path: Path) -> None:
    """Its numbers match, with a warning; where a signature is asked for, it does not match."""
    content = made(signed=False)
    assert [problem.code for problem in _verdict(content, tmp_path).problems] == ["bundle_unsigned"]
    assert _verdict(content, tmp_path).matches
    assert _codes(_verdict(content, tmp_path, signer().fingerprint)) == ["bundle_key_wanted"]


def test_a_key_is_named_by_fingerprint_or_file(tmp_path: Path) -> None:
    """A fingerprint with colons and prefix, or the PEM file, mean the same key; anything else is said."""
    pem, print_ = tmp_path / "key.pem", signer().fingerprint
    pem.write_bytes(signer().public)
    colons = "SHA256:" + ":".join(re.findall("..", print_)).upper()
    for key in (print_, colons, str(pem)):
        assert _verdict(made(), tmp_path, key).problems == ()
    for key in ("nonsense", print_[:-1], str(tmp_path), str(tmp_path / "none.pem"), "\0"):
        with pytest.raises(InputError) as refused:
            _verdict(made(), tmp_path, key)
        assert refused.value.problems[0].code == "bad_public_key"


@pytest.mark.parametrize("name", [*NEEDED, KEY, SIGNATURE])
def test_one_byte_of_any_file_is_found(tmp_path: Path, name: str) -> None:
    """A byte that changes is a mismatch that names the file; of manifest, key or signature: the signature fails."""
    files = files_of(made())
    changed = bytearray(files[name])
    changed[len(changed) // 2] ^= 1
    verdict = _verdict(zipped({**files, name: bytes(changed)}), tmp_path)
    assert not verdict.matches
    if name == MANIFEST:
        assert {"bundle_signature", "bundle_manifest"} & set(_codes(verdict))
    elif name == SIGNATURE:
        assert _codes(verdict) == ["bundle_signature"]
    else:
        assert f"“{name}”" in _said(verdict, "bundle_file_changed")


REMADE: dict[str, tuple[str, Change, str]] = {
    "a fact": (FACTS, lambda text: text.replace('"2024","area",4.5,', '"2024","area",4.4,'), "bundle_number"),
    "a fact left out": (FACTS, WITHOUT_LAST, "bundle_number"),
    "a region's group": (REGIONS, WITHOUT_LAST, "unknown_region"),
    "a weight": (DEFINITIONS, lambda text: text.replace("weight: 2", "weight: 3"), "bundle_weight"),
    "a factor": (DEFINITIONS, lambda text: text.replace("11.25", "11.26"), "bundle_factors"),
    "a formula": (DEFINITIONS, lambda text: text.replace("gas * gross", "gas * gross * 2"), "bundle_number"),
    "a title": (DEFINITIONS, lambda text: text.replace("=Title", "=Other"), "bundle_definitions"),
    "the table of factors": (FACTORS, lambda text: text.replace("11.25", "11.26"), "bundle_factors"),
    "a rank": (SCORECARD, lambda text: text.replace(',4,"good"', ',5,"good"', 1), "bundle_number"),
    "a rank by next to nothing": (
        SCORECARD, lambda text: text.replace(',4,"good"', ',4.0000000001,"good"', 1), "bundle_number",
    ),
    "a rank that is none": (SCORECARD, lambda text: text.replace(',4,"good"', ',x,"good"', 1), "bundle_number"),
    "a grade": (SCORECARD, lambda text: text.replace('"poor"', '"good"', 1), "bundle_number"),
    "a score": (SCORECARD, lambda text: text.replace(",97.", ",96.", 1), "bundle_number"),
    "a score made infinite": (SCORECARD, lambda text: re.sub(r",97\.\d+,", ",inf,", text, count=1), "bundle_number"),
    "a score made NaN": (SCORECARD, lambda text: re.sub(r",97\.\d+,", ",NaN,", text, count=1), "bundle_number"),
    "a row less": (SCORECARD, WITHOUT_LAST, "bundle_rows_missing"),
    "a row twice": (SCORECARD, lambda text: text + LAST(text), "bundle_rows_extra"),
    "a row of another region": (SCORECARD, lambda text: text + LAST(text).replace("@x", "zz"), "bundle_rows_extra"),
    "a cycle": (MANIFEST, lambda text: text.replace('"cycles": ["2024"]', '"cycles": ["2023"]'), "bundle_rows_missing"),
    "no cycle": (MANIFEST, lambda text: text.replace('"cycles": ["2024"]', '"cycles": []'), "bundle_empty"),
    "a cycle more": (MANIFEST, lambda text: text.replace('["2024"]', '["2024", "2025"]'), "not_in_scorecard"),
    "a region of none": (MANIFEST, lambda text: text.replace('"regions": null', '"regions": ["x"]'), "bundle_empty"),
    "the digest": (MANIFEST, lambda text: re.sub('"digest": "..', '"digest": "zz', text), "bundle_definitions"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REMADE)
def test_what_is_changed_with_its_manifest_is_found_by_computing(tmp_path: Path, kind: str) -> None:
    """Without a signature whoever changes a part can make the manifest anew; the numbers then do not follow."""
    name, change, code = REMADE[kind]
    verdict = _verdict(remade({name: change}), tmp_path)
    assert code in _codes(verdict)
    assert "bundle_file_changed" not in _codes(verdict)


def test_the_first_difference_is_told_whole(tmp_path: Path) -> None:
    """Cycle, region, code, column, and both values stand in the sentence, a rank without decimals."""
    change: Change = lambda text: re.sub(r",97\.\d+,", ",96.5,", text, count=1)  # noqa: E731
    said = _said(_verdict(remade({SCORECARD: change}), tmp_path), "bundle_number")
    assert re.search(r"the score of Energy \(intensity\) of \S+ \('-2\) in 2024: 97\.\d+ by computation, 96.5 in", said)
    rank: Change = lambda text: text.replace(',4,"good"', ',5,"good"', 1)  # noqa: E731
    said = _said(_verdict(remade({SCORECARD: rank}), tmp_path), "bundle_number")
    assert said.endswith(": 4 by computation, 5 in the bundle.")


def test_a_changed_fact_is_told_where_it_begins(tmp_path: Path) -> None:
    """The last region's indicator, with the facts that it is made of, and not the ranks of the first that follow."""
    fact: Change = lambda text: re.sub(r'("005",,"2024","area",)[^,]+', r"\g<1>9000.5", text)  # noqa: E731
    verdict = _verdict(remade({FACTS: fact}), tmp_path)
    (found,) = (problem for problem in verdict.problems if problem.code == "bundle_number")
    assert found.facts["count"] > 2
    assert f"2024 {'长' * 200}（005）用能（intensity）的 value，算得 " in found.message("zh")
    assert found.message("zh").endswith("；这个数由面积（area）、燃气（gas）的事实算出。")


def test_of_a_region_and_its_parent_the_region_is_told() -> None:
    """Where a fact of a part goes into the whole, both values differ; it begins with the part."""

    def card(area: float) -> Scorecard:
        areas = {"2": 7.0, "3": area}
        facts = [(region, "2024", *fact) for region in areas for fact in (("gas", 9.0), ("area", areas[region]))]
        frame = pl.DataFrame(facts, schema=["region", "period", "variable", "value"], orient="row")
        regions = pl.DataFrame({"code": ["1", "2", "3"], "parent": [None, "1", "1"]})
        return score(card_of().definitions, frame, regions=regions)

    given = from_csv(to_csv(rows_of(card(9.0), ["2024"], None)), SCORECARD)
    (found,) = compare(card(8.0), rows_of(card(8.0), ["2024"], None), given).problems
    assert (found.facts["region_zh"], found.facts["column"]) == ("3", "value")


@pytest.mark.parametrize("name", [FACTS, DEFINITIONS, SCORECARD, README])
def test_a_manifest_made_anew_breaks_the_signature(tmp_path: Path, name: str) -> None:
    """Whoever has no key can keep the old signature only, which is not of this manifest."""
    before, changed = files_of(made()), files_of(remade({name: lambda text: text.replace("2", "3", 1)}))
    manifest = changed[MANIFEST].replace(b'"key": null', f'"key": "{signer().fingerprint}"'.encode())
    told = json.loads(manifest)
    told["files"][KEY] = json.loads(before[MANIFEST])["files"][KEY]
    forged = {**changed, MANIFEST: json.dumps(told).encode(), KEY: before[KEY], SIGNATURE: before[SIGNATURE]}
    codes = _codes(_verdict(zipped(forged), tmp_path))
    assert "bundle_signature" in codes
    assert "bundle_file_changed" not in codes


def test_another_key_is_told_from_a_broken_signature(tmp_path: Path) -> None:
    """A bundle that somebody else signed holds in itself, and is not by the key that was asked for."""
    other = remade({}, by=signer(1))
    assert _verdict(other, tmp_path).matches
    verdict = _verdict(other, tmp_path, signer().fingerprint)
    assert _codes(verdict) == ["bundle_foreign_key"]
    assert signer(1).fingerprint in _said(verdict, "bundle_foreign_key")


@pytest.mark.parametrize("name", [*NEEDED, KEY, SIGNATURE])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    """Each file is missed, the signature too where the manifest names a key."""
    files = {kept: content for kept, content in files_of(made()).items() if kept != name}
    verdict = _verdict(zipped(files), tmp_path)
    assert f"“{name}”" in _said(verdict, "bundle_file_missing")
    assert not verdict.matches


def test_a_bundle_packed_again_with_its_folder_matches(tmp_path: Path) -> None:
    """Its files are checked as ever, with a note; a file beside the folder, or what no bundle has, is one too many."""
    inside = {f"2024/{name}": content for name, content in files_of(made()).items()}
    verdict = _verdict(zipped({"2024/": b"", **inside}), tmp_path, signer().fingerprint)
    assert [problem.code for problem in verdict.problems] == ["bundle_in_folder"]
    assert verdict.matches
    assert "“2024/x”" in _said(_verdict(zipped({**inside, "2024/x": b""}), tmp_path), "bundle_file_extra")
    assert _codes(_verdict(zipped({"2024/": b"hidden", **inside}), tmp_path)) == ["bundle_file_extra"]
    changed = {**inside, f"2024/{FACTS}": inside[f"2024/{FACTS}"] + b"\n"}
    assert "bundle_file_changed" in _codes(_verdict(zipped(changed), tmp_path))
    assert not _verdict(zipped({**inside, "beside": b""}), tmp_path).matches
    assert _codes(_verdict(zipped({**inside, "2024/../x": b""}), tmp_path)) == ["bundle_unsafe_name"]
    bomb = {**inside, f"2024/{FACTS}": bytes(9_000_000)}
    assert _codes(_verdict(zipped(bomb), tmp_path)) == ["bundle_inflates"]


def test_a_bundle_packed_again_by_another_program_is_told(tmp_path: Path) -> None:
    """Its files are checked as ever; that the archive is another is a note, with a moment beside each file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files_of(made()).items():
            entry = zipfile.ZipInfo(name, (2025, 1, 31, 12, 30, 10))
            entry.extra = struct.pack("<HHBI", 0x5455, 5, 1, 1738290610)
            archive.writestr(entry, content)
    verdict = _verdict(packed.getvalue(), tmp_path, signer().fingerprint)
    assert verdict.matches
    assert [problem.code for problem in verdict.problems] == ["bundle_repacked"]


def test_every_bit_of_the_archives_heads_counts(tmp_path: Path) -> None:
    """Wherever a bit of the first file's two heads or of the end turns, something is told of it."""
    whole, path = made(), tmp_path / "b.zip"
    listed = whole.index(b"PK\x01\x02")
    heads = range(30 + len(README)), range(listed, listed + 46 + len(README)), range(len(whole) - 22, len(whole))
    for at in (at for head in heads for at in head):
        for bit in (1, 0x80):
            changed = bytearray(whole)
            changed[at] ^= bit
            path.write_bytes(changed)
            try:
                found = read_archive(path)
            except InputError:
                continue
            assert found.problems or not found.is_usable, (at, bit)


def test_a_key_by_which_anything_counts_as_signed_is_none() -> None:
    """For the points of small order there are signatures of any content: each is refused, in either way to write it."""
    eighth = int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little")
    prime = 2**255 - 19
    none = (1).to_bytes(32, "little") + bytes(32)
    for height in (0, 1, prime - 1, prime, prime + 1, eighth, prime - eighth):
        for sign in (0, 1 << 255):
            key = Ed25519PublicKey.from_public_bytes((height | sign).to_bytes(32, "little"))
            pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            assert not any(is_signed(bytes([content]), none, pem) for content in range(99)), height
            with pytest.raises(ValueError, match="anything"):
                fingerprint_of(pem)


def test_a_file_too_many_is_named(tmp_path: Path) -> None:
    """A file outside the manifest, and a signature that the manifest does not know of."""
    extra = _verdict(zipped({**files_of(made()), "run.exe": b"x"}), tmp_path)
    assert "“run.exe”" in _said(extra, "bundle_file_extra")
    unsigned = files_of(made(signed=False))
    for name in (SIGNATURE, KEY):
        verdict = _verdict(zipped({**unsigned, name: files_of(made())[name]}), tmp_path)
        assert _codes(verdict) == ["bundle_file_extra"]


@pytest.mark.parametrize("version", ["2", "0", "true", '"1"', "1.5", "null", "[1]"])
def test_another_format_is_said(tmp_path: Path, version: str) -> None:
    """A bundle of a later format is told as such, not as broken."""
    change: Change = lambda text: text.replace('"version": 1', f'"version": {version}', 1)  # noqa: E731
    assert _codes(_verdict(remade({MANIFEST: change}), tmp_path)) == ["bundle_version"]


def test_other_versions_are_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another library version is told, and no mismatch by itself."""
    monkeypatch.setattr(environment, "libraries", lambda: {"polars": "99.0"})
    verdict = _verdict(made(), tmp_path, signer().fingerprint)
    assert verdict.matches
    assert "→ 99.0" in _said(verdict, "bundle_other_versions")


def test_only_rounding_is_forgiven(tmp_path: Path) -> None:
    """A last digit that another processor rounds differently is no mismatch, and how far off it is is told."""
    change: Change = lambda text: re.sub(  # noqa: E731
        r",(97\.\d+),", lambda found: f",{float(found[1]) * (1 + 4e-15)!r},", text, count=1
    )
    verdict = _verdict(remade({SCORECARD: change}), tmp_path)
    assert verdict.matches
    assert re.search(r"largest relative difference is \d\.\de-15", verdict.lines("en")[0])
    larger: Change = lambda text: re.sub(  # noqa: E731
        r",(97\.\d+),", lambda found: f",{float(found[1]) * (1 + 1e-8)!r},", text, count=1
    )
    assert _codes(_verdict(remade({SCORECARD: larger}), tmp_path)) == ["bundle_number"]


def test_a_bundle_of_one_region_matches(tmp_path: Path) -> None:
    """The rows of some regions and cycles are recomputed among all of them."""
    from metrics.export import bundle

    for regions, periods in ((["=1+1"], ["2023"]), (["'-2", "002"], None), (None, None), (["004"], ["2024"])):
        verdict = _verdict(bundle.write(card_of(), regions=regions, periods=periods), tmp_path)
        assert verdict.matches, verdict.lines("en")


# hostile archives


def _with_entry(name: str, content: bytes = b"x", **attributes: int) -> bytes:
    packed = io.BytesIO(made())
    with zipfile.ZipFile(packed, "a") as archive:
        entry = zipfile.ZipInfo(name)
        for attribute, value in attributes.items():
            setattr(entry, attribute, value)
        archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _doubled() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return _with_entry(FACTS)


def _flagged(content: bytes, flag: int) -> bytes:
    """The archive with a flag set on its first entry, in both of the places that have it."""
    central = content.index(b"PK\x01\x02")
    changed = bytearray(content)
    changed[6] |= flag
    changed[central + 8] |= flag
    return bytes(changed)


def _unlisted(content: bytes, hidden: bytes) -> bytes:
    """The archive with bytes before its list of files, which readers of the list pass over."""
    end, central = bytearray(content[-22:]), content.index(b"PK\x01\x02")
    end[16:20] = struct.pack("<I", central + len(hidden))
    return content[:central] + hidden + content[central:-22] + bytes(end)


def _with_size(content: bytes, size: int) -> bytes:
    """The archive whose first entry says that it is so large."""
    central = content.index(b"PK\x01\x02")
    changed = bytearray(content)
    changed[central + 24 : central + 28] = struct.pack("<I", size)
    return bytes(changed)


def _entry(name: str = README, **attributes: bytes) -> bytes:
    """The bundle with one file's entry given something beside its name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in files_of(made()).items():
            entry = stamped(each)
            for attribute, value in attributes.items() if each == name else ():
                setattr(entry, attribute, value)
            archive.writestr(entry, content)
    return packed.getvalue()


def _renamed(name: str, other: str) -> bytes:
    """The bundle in which a file has another name for those who read such fields."""
    told = b"\x01" + struct.pack("<I", zlib.crc32(name.encode())) + other.encode()
    return _entry(name, extra=struct.pack("<HH", 0x7075, len(told)) + told)


def _behind(hidden: bytes) -> bytes:
    """The bundle with bytes behind the packed ones of its last file, which that file's sizes count in."""
    whole = made()
    listed, end = whole.index(b"PK\x01\x02"), len(whole) - 22
    changed = bytearray(whole[:listed] + hidden + whole[listed:])
    last = zipfile.ZipFile(io.BytesIO(whole)).infolist()[-1]
    for place in (last.header_offset + 18, whole.rindex(b"PK\x01\x02") + len(hidden) + 20, end + len(hidden) + 16):
        (number,) = struct.unpack_from("<I", changed, place)
        struct.pack_into("<I", changed, place, number + len(hidden))
    return bytes(changed)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "not a zip": (lambda: b"region,period,variable,value\n", "bundle_not_zip"),
    "empty": (lambda: b"", "bundle_not_zip"),
    "an empty archive": (lambda: zipped({}), "bundle_file_missing"),
    "cut off": (lambda: made()[:-1], "bundle_not_zip"),
    "half": (lambda: made()[: len(made()) // 2], "bundle_not_zip"),
    "something before it": (lambda: b"#!/bin/sh\n" + made(), "bundle_not_zip"),
    "something behind it": (lambda: made() + b"\0", "bundle_not_zip"),
    "absolute": (lambda: _with_entry("/etc/cron.d/x"), "bundle_unsafe_name"),
    "upwards": (lambda: _with_entry("../../x"), "bundle_unsafe_name"),
    "hidden upwards": (lambda: _with_entry("a/../../x"), "bundle_unsafe_name"),
    "upwards in Windows": (lambda: _with_entry("..\\x"), "bundle_unsafe_name"),
    "a drive": (lambda: _with_entry("C:x"), "bundle_unsafe_name"),
    "a link": (lambda: _with_entry("x", b"/etc/passwd", external_attr=0o120777 << 16), "bundle_link"),
    "twice": (_doubled, "bundle_file_twice"),
    "encrypted": (lambda: _flagged(made(), 1), "bundle_encrypted"),
    "a bomb": (lambda: zipped({**files_of(made()), FACTS: bytes(9_000_000)}), "bundle_inflates"),
    "a bomb beside": (lambda: zipped({**files_of(made()), "x": bytes(9_000_000)}), "bundle_too_large"),
    "a huge manifest": (lambda: zipped({**files_of(made()), MANIFEST: b"[" * 1_000_001}), "bundle_too_large"),
    "huge definitions": (lambda: zipped({**files_of(made()), DEFINITIONS: b"#" * 1_100_000}), "bundle_too_large"),
    "many files": (lambda: zipped({f"{n}": b"" for n in range(101)}), "bundle_not_zip"),
    "a size that is not so": (lambda: _with_size(made(), 4_000), "bundle_hidden"),
    "a smaller size": (lambda: _with_size(made(), 10), "bundle_hidden"),
    "a folder": (lambda: _with_entry("folder/", b""), "bundle_file_extra"),
    "a file that no list has": (lambda: _unlisted(made(), b"PK\x03\x04 hidden"), "bundle_hidden"),
    "bytes beside a name": (lambda: _entry(extra=struct.pack("<HH", 0x9999, 60_000) + bytes(60_000)), "bundle_hidden"),
    "many moments": (lambda: _entry(extra=struct.pack("<HH", 0x5455, 80) + bytes(80)), "bundle_hidden"),
    "a remark on a file": (lambda: _entry(comment=b"forged"), "bundle_hidden"),
    "another name for some": (lambda: _renamed(FACTORS, SCORECARD), "bundle_hidden"),
    "bytes behind the packed ones": (lambda: _behind(b"hidden"), "bundle_damaged"),
    "another head of a file": (lambda: made()[:14] + b"\0\0\0\0" + made()[18:], "bundle_hidden"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_told_and_does_nothing(tmp_path: Path, kind: str) -> None:
    """Refused in its own words, unpacked nowhere."""
    content, code = HOSTILE[kind]
    folder = tmp_path / "in"
    folder.mkdir()
    verdict = _verdict(content(), folder)
    assert code in _codes(verdict)
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "bundle.zip"]
    assert all(line.isprintable() for line in (*verdict.lines("zh"), *verdict.lines("en")))


@pytest.mark.parametrize("kind", ["folder", "pipe", "nothing"])
def test_what_is_no_file_is_said(tmp_path: Path, kind: str) -> None:
    """A folder, a device and a path to nothing are mismatches with their reason."""
    path = {"folder": tmp_path, "pipe": Path("/dev/null"), "nothing": tmp_path / "none.zip"}[kind]
    assert _codes(verify(path)) == ["unreadable_file"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Neither as a bundle nor as a key: nobody may ever write into it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert _codes(verify(pipe)) == ["unreadable_file"]
    with pytest.raises(InputError) as refused:
        _verdict(made(), tmp_path, str(pipe))
    assert refused.value.problems[0].code == "bad_public_key"


MANIFESTS = {
    "not JSON": "{",
    "not UTF-8": "\udcff",
    "a list": "[]",
    "a number": "1",
    "nested": "[" * 100_000,
    "nested keys": '{"a":' * 100_000,
    "twice": '{"format": "quheng-bundle", "format": "quheng-bundle"}',
    "another": '{"format": "other", "version": 1}',
    "nothing in it": '{"format": "quheng-bundle", "version": 1}',
    "a long number": '{"format": "quheng-bundle", "version": 1, "engine": ' + "9" * 10_000 + "}",
    "half a sign": '{"format": "quheng-bundle", "version": 1, "by": "\\ud800"}',
    "NaN": '{"format": "quheng-bundle", "version": 1, "engine": NaN}',
}


@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_manifest_that_is_none_is_said(tmp_path: Path, kind: str) -> None:
    """Whatever stands there, it is one problem and no crash."""
    content = MANIFESTS[kind].encode(errors="surrogateescape")
    assert _codes(_verdict(zipped({**files_of(made()), MANIFEST: content}), tmp_path)) == ["bundle_manifest"]


@pytest.mark.parametrize(
    "change",
    [
        ('"cycles": ["2024"]', '"cycles": "2024"'), ('"regions": null', '"regions": [1]'), ('"bytes": ', '"bytes": -'),
        ('"state": "open"', '"state": "x"'), ('"sha256": "', '"sha256": "x'), ('"by": ', '"more": 1, "by": '),
        ('"by": ', '"bye": '), ('"state": "open"', '"state": "open",\n "release": 1'),
    ],
)  # fmt: skip
def test_a_manifest_of_other_kinds_is_said(tmp_path: Path, change: tuple[str, str]) -> None:
    """Keys and values that the format does not have are refused by name, not passed over."""
    verdict = _verdict(remade({MANIFEST: lambda text: text.replace(*change, 1)}), tmp_path)
    assert _codes(verdict) == ["bundle_manifest"]


# hostile contents

CONTENTS: dict[str, tuple[str, Change, str]] = {
    "facts that are none": (FACTS, lambda text: "\0\0\0", "missing_column"),
    "facts without a line": (FACTS, lambda text: "", "not_a_table"),
    "other columns": (FACTS, lambda text: text.replace('"site"', '"place"', 1), "missing_column"),
    "a wide head": (FACTS, lambda text: "a," * 100_000 + text, "not_a_table"),
    "two heads that come to one": (REGIONS, lambda text: "code,\"'=a\",\"=a\"\n001,x,y\n", "not_a_table"),
    "ragged": (FACTS, lambda text: text + ",,,,,,,,,,,\n", "not_a_table"),
    "an open quote": (FACTS, lambda text: text + '"', "not_a_table"),
    "an infinite fact": (FACTS, lambda text: text.replace(",4.5,", ",inf,", 1), "not_finite"),
    "a fact that is no number": (FACTS, lambda text: text.replace(",4.5,", ',"=1+1",', 1), "bad_number"),
    "a fact twice": (FACTS, lambda text: text + LAST(text), "duplicate_fact"),
    "a bad period": (FACTS, lambda text: text.replace('"2023"', '"2023-99"', 1), "bad_period"),
    "regions in a ring": (
        REGIONS, lambda text: re.sub('(\n"002",.*?),,', r'\1,"002",', text, flags=re.S), "ring_of_parents",
    ),
    "regions without codes": (REGIONS, lambda text: '"name_zh"\n"a"\n', "missing_column"),
    "definitions that are none": (DEFINITIONS, lambda text: "a: [", "yaml_syntax"),
    "an alias bomb": (
        DEFINITIONS,
        lambda text: "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]\n" for n in range(1, 12)),
        "anchors_explode",
    ),
    "a tag": (DEFINITIONS, lambda text: text + "x: !!python/object/apply:os.system [ls]\n", "tag"),
    "a scorecard that is none": (SCORECARD, lambda text: "x\n1\n", "missing_column"),
    "an empty table of factors": (FACTORS, lambda text: text.partition("\n")[0] + "\n", "bundle_factors"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CONTENTS)
def test_hostile_contents_are_told(tmp_path: Path, kind: str) -> None:
    """Facts, regions and definitions inside are read as suspiciously as those of any file."""
    name, change, code = CONTENTS[kind]
    verdict = _verdict(remade({name: change}), tmp_path)
    assert code in _codes(verdict), verdict.lines("en")
    assert all(line.isprintable() for line in verdict.lines("zh"))


@pytest.mark.parametrize(
    ("name", "change", "place"),
    [
        (FACTS, lambda text: text.replace(",4.5,", ",inf,", 1), "facts.csv:14:5: error not_finite "),
        (DEFINITIONS, lambda text: text.replace("weight: 2", "weight: -2"), "definitions.yaml:18:38: error "),
        (SCORECARD, lambda text: "x\n1\n", "scorecard.csv:1:0: error missing_column "),
    ],
)
def test_a_problem_inside_has_its_place(tmp_path: Path, name: str, change: Change, place: str) -> None:
    """A problem of a file inside is told with the file's name, line and column."""
    lines = _verdict(remade({name: change}), tmp_path).lines("en")
    assert any(line.startswith(place) for line in lines), lines


def test_text_that_is_no_text_is_told(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are told with file and line."""
    files = files_of(made(signed=False))
    verdict = _verdict(zipped({**files, FACTS: files[FACTS] + b"\xff"}), tmp_path)
    assert {"bundle_file_changed", "not_utf8"} == set(_codes(verdict))


def test_more_numbers_than_memory_holds_are_not_computed(tmp_path: Path) -> None:
    """Many regions in many cycles of a small file would take all memory: they are counted before."""
    regions: Change = lambda text: '"code"\n' + "".join(f'"r{n}"\n' for n in range(20_000))  # noqa: E731
    head = '"region","site","period","variable","value","status","source","note"\n'
    facts: Change = lambda text: head + "".join(f'"r0",,"{1000 + n}","gas",1,,,\n' for n in range(900))  # noqa: E731
    assert _codes(_verdict(remade({REGIONS: regions, FACTS: facts}), tmp_path)) == ["bundle_too_many"]


def test_little_is_unpacked_into_little(tmp_path: Path) -> None:
    """Cells and numbers are counted before they take memory: a computer that has little says no, and lives."""
    heads = "code," + ",".join(f"c{n}" for n in range(990))
    many = '"code"\n' + "".join(f'"r{n}"\n' for n in range(60_000))
    facts = '"region","site","period","variable","value","status","source","note"\n'
    facts += "".join(f'"r0",,"{1900 + n}","gas",1,,,\n' for n in range(100))
    bombs = {
        "wide": remade({REGIONS: lambda text: heads + "\na" * 500_000}),
        "long": remade({REGIONS: lambda text: many, FACTS: lambda text: facts}),
    }
    for name, content in bombs.items():
        (tmp_path / name).write_bytes(content)
    alone = {**os.environ, "POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    program = "import sys; from metrics.__main__ import main; [main(['verify', one]) for one in sys.argv[1:]]"
    done = subprocess.run(
        [sys.executable, "-c", program, *(str(tmp_path / name) for name in bombs)],
        env=alone, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "error bundle_too_many_cells " in done.stdout
    assert "error bundle_too_many " in done.stdout


def test_a_nation_is_not_too_much() -> None:
    """3,000 regions in 60 cycles by a hundred codes are computed."""
    assert recompute._MOST_CELLS >= 3_000 * 60 * 100


def test_facts_are_judged_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row is named by its line, whatever piece it stands in; one that stands twice is found across pieces."""
    monkeypatch.setattr(recompute, "_PART", 2)
    assert _verdict(made(), tmp_path, signer().fingerprint).problems == ()
    last: Change = lambda text: text + '"zz",,"2023","gas",1,,,\n'  # noqa: E731
    twice: Change = lambda text: text + text.splitlines()[1] + "\n"  # noqa: E731
    rows = len(from_csv(files_of(made())[FACTS], FACTS))
    assert any(f"facts.csv:{rows + 2}:1: " in line for line in _verdict(remade({FACTS: last}), tmp_path).lines("en"))
    verdict = _verdict(remade({FACTS: twice}), tmp_path)
    assert [(problem.code, problem.line) for problem in verdict.problems if problem.line] == [
        ("duplicate_fact", 2), ("duplicate_fact", rows + 2),
    ]  # fmt: skip


def test_parents_without_end_are_not_walked(tmp_path: Path) -> None:
    """A chain of many thousand regions would take hours: it is refused."""
    chain: Change = lambda text: '"code","parent"\n"r0",\n' + "".join(f'"r{n}","r{n - 1}"\n' for n in range(1, 9_000))  # noqa: E731
    assert _codes(_verdict(remade({REGIONS: chain}), tmp_path)) == ["bundle_too_deep"]


def test_of_very_many_bad_rows_the_first_are_told(tmp_path: Path) -> None:
    """A million rejected facts are no million sentences."""
    rows: Change = lambda text: text + "".join(f'"zz",,"2023","gas",{n},,,\n' for n in range(3_000))  # noqa: E731
    assert len(_codes(_verdict(remade({FACTS: rows}), tmp_path))) == 20


def test_bytes_turned_at_random_do_no_harm(tmp_path: Path) -> None:
    """Wherever a byte of the archive turns, it is a verdict; one that still matches has the very files."""
    generator, whole = random.Random(20240101), made()
    for _ in range(80):
        changed = bytearray(whole)
        changed[generator.randrange(len(changed))] ^= 1 << generator.randrange(8)
        verdict = _verdict(bytes(changed), tmp_path, signer().fingerprint)
        assert verdict.lines("zh")
        if verdict.matches:
            assert files_of(bytes(changed)) == files_of(whole)


def test_no_key_is_wrong_usage(tmp_path: Path) -> None:
    """`--key ""`, as of a variable that was never set, does not pass for a check of who signed."""
    path = tmp_path / "b.zip"
    path.write_bytes(made())
    for key in ("", " "):
        with pytest.raises(SystemExit) as usage:
            main(["verify", str(path), "--key", key])
        assert usage.value.code == 2


# the command


def test_the_command_says_match_and_exits_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that begins with match, whatever the language."""
    path = tmp_path / "b.zip"
    path.write_bytes(made())
    for lang in ("zh", "en"):
        assert main(["verify", str(path), "--key", signer().fingerprint, "--lang", lang]) == 0
        assert capsys.readouterr().out.startswith("match")


def test_the_command_says_mismatch_and_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that begins with MISMATCH, then a sentence for each thing found, on standard output."""
    path = tmp_path / "b.zip"
    for content in (made()[:-5], zipped({**files_of(made()), README: b"x"})):
        path.write_bytes(content)
        assert main(["verify", str(path), "--lang", "en"]) == 1
        first, *sentences = capsys.readouterr().out.splitlines()
        assert first.startswith("MISMATCH")
        assert any(line.startswith("error bundle_") for line in sentences)
    assert main(["verify", str(tmp_path / "none.zip")]) == 1
    assert capsys.readouterr().out.startswith("MISMATCH")


def test_a_key_that_is_none_is_an_error_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fingerprint that was copied wrong is told before anything is said of the bundle."""
    path = tmp_path / "b.zip"
    path.write_bytes(made())
    assert main(["verify", str(path), "--key", "abc"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "bad_public_key" in told.err
