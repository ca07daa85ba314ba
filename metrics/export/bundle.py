"""Bundle: a scorecard with all that its recomputation needs, hashed file by file and signed, as one zip file."""

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence

from metrics.adjustments import adjustments_of
from metrics.export.labels import View, view
from metrics.export.occasion import Occasion
from metrics.problems import InputError, Problem
from metrics.scorecard import Scorecard
from metrics.verify import environment, parts, readme
from metrics.verify.layout import (
    ADJUSTMENTS,
    DEFINITIONS,
    FACTORS,
    FACTS,
    KEY,
    MANIFEST,
    MOST,
    README,
    REGIONS,
    SCORECARD,
    SIGNATURE,
    Defined,
    Manifest,
    listed,
)  # fmt: skip
from metrics.verify.pack import stamped
from metrics.verify.tables import to_csv

UNKNOWN = Occasion()


def write(
    card: Scorecard,
    *,
    regions: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    lang: str = "zh",
    notice: str = "",
    occasion: Occasion | None = None,
) -> bytes:
    """The rows asked for, with the facts, regions and definitions of all that they depend on; in both languages.

    Raises InputError where a part is larger than a verifier reads, and for a scorecard of a part of the regions.
    """
    if not card.whole:
        raise InputError([Problem("bundle_in_part")])
    chosen = view(card, regions, periods, lang, notice)
    wanted = None if regions is None else list(chosen.regions)
    about = occasion or UNKNOWN
    signer = about.signing
    editions = about.editions_of(chosen.periods, "en")
    files = {
        README: readme.text(about.standing, editions, notice, signed=signer is not None).encode(),
        DEFINITIONS: _source(card),
        FACTS: to_csv(parts.facts_of(card)),
        REGIONS: to_csv(parts.regions_of(card)),
        FACTORS: to_csv(parts.factors_of(card.definitions)),
        SCORECARD: to_csv(parts.rows_of(card, chosen.periods, wanted)),
    }
    if adjustments_of(card.definitions):
        files[ADJUSTMENTS] = to_csv(parts.adjustments_table(card.definitions))
    if signer is not None:
        files[KEY] = signer.public
    files[MANIFEST] = _manifest(chosen, files, wanted, about, None if signer is None else signer.fingerprint)
    if signer is not None:
        files[SIGNATURE] = signer.sign(files[MANIFEST])
    return _zipped(files)


def _source(card: Scorecard) -> bytes:
    """The definitions as they were read: a text of ours would have another digest."""
    source = card.definitions.source
    if hashlib.sha256(source).hexdigest() != card.definitions.digest:
        raise ValueError("these definitions were not read from a text")
    return source


def _manifest(
    chosen: View, files: Mapping[str, bytes], regions: list[str] | None, about: Occasion, key: str | None
) -> bytes:
    definitions = chosen.card.definitions
    title = {"zh": definitions.title.text("zh"), "en": definitions.title.text("en")}
    return Manifest(
        engine=environment.engine(),
        python=environment.python(),
        libraries=environment.libraries(),
        snapshot=about.snapshot,
        definitions=Defined.model_validate({"version": about.version, "digest": definitions.digest, "title": title}),
        cycles=list(chosen.periods),
        regions=regions,
        state=about.state,
        release=about.release,
        by=about.by,
        made=about.made,
        notice=chosen.notice,
        key=key,
        files={name: listed(content) for name, content in files.items()},
    ).content()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    for name, content in files.items():
        if len(content) > MOST[name]:
            raise InputError(
                [Problem("bundle_too_large", facts={"name": name, "size": len(content), "most": MOST[name]})]
            )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(stamped(name), content)
    return made.getvalue()
