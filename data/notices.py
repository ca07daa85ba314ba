"""Notices: what is announced of a cycle, from its numbers, edited, signed, and public with the cycle."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any, Literal

from data.clock import now
from data.dated import kept_at
from data.editions import editions
from data.exports import notice_of, occasion_of
from data.keys import key_file, signer_beside
from data.persons import is_blank, is_same, require, signed_by
from data.revisions import revisions_in, revisions_of
from data.stage_checks import Asked, compared, days, days_set, unconcluded
from data.stages import asking, numbered, refused, require_all
from data.store import Store
from data.writer import Writer
from metrics.export.read_back import blocks_of, parted
from metrics.notice import Terms, misstated, notice
from metrics.problems import InputError
from metrics.report import ask
from metrics.states import Standing, marked, state_words
from metrics.verify.signing import is_signed

Lang = Literal["zh", "en"]
# The reason of a version that nobody worded: the numbers themselves.
NUMBERS = "numbers"
# Signs of Markdown that leave nothing on paper by themselves.
_MARKS = re.compile(r"[#*+>|:\\_-]")
# A notice is read by people.
MOST = 200_000
# How many regions the tables of a draft list (None: all): the first of these with which it fits.
LISTED = (None, 1_000, 300, 100)
_LIMITS = ("objection_days", "rectification_days")
_ALL = """
    SELECT id, cycle, lang, text, n.person, n.made, n.reason, coalesce(signature, '') AS signature,
        coalesce(key, '') AS key, coalesce(s.person, '') AS signer, coalesce(s.made, '') AS signed
    FROM notices AS n LEFT JOIN notice_signatures AS s ON s.notice = n.id
    WHERE cycle = $cycle AND lang = $lang ORDER BY id
"""


@dataclass(frozen=True)
class Notice:
    """One version of a notice, and who signed it, when and by which key (PEM), where somebody has."""

    id: int
    cycle: str
    lang: str
    text: str
    person: str
    made: str
    reason: str
    signature: str
    key: str
    signer: str
    signed: str

    @property
    def is_sound(self) -> bool:
        """Whether the signature is its key's over this very text."""
        return bool(self.signature) and is_signed(
            self.text.encode(), bytes.fromhex(self.signature), self.key.encode("ascii", "replace")
        )


def written(store: Store, cycle: str, lang: Lang) -> str:
    """The text that a cycle's numbers make, compared to the earlier cycles that are everybody's; once these numbers are
    approved or published it is one to be published with them.

    Of regions that do not fit the best are listed. Raises InputError for a cycle that has no numbers, and for a text
    that fits with no number of regions.
    """
    store = store.held()
    found, revisions = editions(store), revisions_of(store)
    state = Asked(asking(store), revisions, cycle)
    standing = Standing("published" if settled(state) else "open")
    # Its edition, with why there is another, the notice has in a line of its own.
    about = replace(occasion_of(store, found, cycle, standing=standing, by=""), editions={})
    own, series = found.card(cycle), found.public(cycle, now())
    asked = ask(own, cycle, lang=lang, notice=notice_of(store, lang), series=series, occasion=about)
    terms = _terms(state)
    for most in LISTED[:-1]:
        text = notice(asked, terms, most)
        with suppress(InputError):
            return _settable(parted(text))
    return _settable(parted(notice(asked, terms, LISTED[-1])))


def _terms(asked: Asked) -> Terms:
    """What a notice says beside the numbers, as it is now."""
    known = asked.publication
    edition = (1, "") if known is None else (known.edition, known.reason if known.edition > 1 else "")
    return Terms(*edition, *(days(asked.ask, name) for name in _LIMITS))


def _settable(text: str) -> str:
    """The text. Raises InputError where it is more than can be set on paper."""
    if len(text.encode()) > MOST:
        raise refused("notice_size", most=MOST // 1000)
    blocks_of(text)
    return text


def settled(asked: Asked) -> str:
    """The moment since which what a notice tells is settled: the newest edition was published, of the first the results
    were approved; '' while they are not."""
    published = asked.publication
    if published is None and unconcluded(asked):
        return ""
    approved = asked.numbers("SELECT made FROM conclusions WHERE cycle = $cycle ORDER BY id DESC LIMIT 1")
    is_later = published is not None and (published.edition > 1 or not approved)
    return published.made if published is not None and is_later else approved[0]


def draft(store: Store, cycle: str, lang: Lang, *, person: str) -> int:
    """The text that the numbers make, as the next version; gives its number. Raises InputError where what it tells has
    changed while it was written."""
    store = store.held()
    before = _told(Asked(asking(store), revisions_of(store), cycle))
    return _kept(store, cycle, lang, written(store, cycle, lang), person, NUMBERS, before=before)


def _told(asked: Asked) -> tuple[Any, ...]:
    """What a notice tells beside the numbers, and since when these are settled."""
    return settled(asked), compared(asked), *(days(asked.ask, name) for name in _LIMITS)


def edit(
    store: Store, cycle: str, lang: Lang, text: str, *, person: str, reason: str, seen: int | None = None
) -> int:
    """An edited text as the next version; what was signed stays signed, and this is not yet. Gives its number.

    Raises InputError for a text without anything to be seen, or with more than can be set on paper, and where the
    version that it was `seen` in is not the newest any more.
    """
    # By that word a version is one that nobody worded.
    require("reason", "" if reason.strip() == NUMBERS else reason)
    if is_blank(_MARKS.sub("", unescape(text))):
        raise refused("notice_size", most=MOST // 1000)
    title, _ = blocks_of(_settable(text))
    if title and is_blank(title):
        raise refused("notice_untitled")
    revisions_of(store).place(cycle)
    return _kept(store, cycle, lang, text, person, reason, seen=seen)


def _kept(
    store: Store,
    cycle: str,
    lang: Lang,
    text: str,
    person: str,
    reason: str,
    *,
    before: tuple[Any, ...] | None = None,
    seen: int | None = None,
) -> int:
    file = store.definitions_path()
    why = "" if reason == NUMBERS else reason
    with store.transaction(f"notice {cycle} {lang}", "run", reason=why) as writer:
        require_all(store, writer.found, "run", cycle)
        person = signed_by(store, person)
        if before is not None and _told(_asked(writer, file, cycle)) != before:
            raise refused("results_moved", cycle=cycle)
        known = writer.found(_ALL, {"cycle": cycle, "lang": lang})
        if seen is not None and (not known or known[-1][0] != seen):
            raise refused("notice_moved", number=seen, last=known[-1][0] if known else "—")
        number = numbered(writer, "notices")
        values = {"id": number, "cycle": cycle, "lang": lang, "text": text, "person": person, "reason": reason.strip()}
        writer.execute(
            "INSERT INTO notices VALUES ($id, $cycle, $lang, $text, $person, $moment, $reason)",
            values,
            moment=kept_at(writer.found),
        )
    return number


def sign(store: Store, cycle: str, lang: Lang, number: int, *, person: str) -> None:
    """Whoever may approve results, and sees them, signs a version, which must be the newest, with the store's key.

    Raises InputError where there is no key, another version is newer, it is signed already, for whoever drafted or
    edited its text, and where the results are neither approved nor published, or what it tells has changed since its
    numbers were taken (`outdated`).
    """
    file = store.definitions_path()
    with store.transaction(f"sign {cycle} {lang} {number}", "conclude") as writer:
        require_all(store, writer.found, "conclude", cycle)
        person = signed_by(store, person)
        asked = _asked(writer, file, cycle)
        if not settled(asked):
            raise refused("notice_early", cycle=cycle)
        if not asked.known.is_public(cycle):
            require_all(store, writer.found, "see_provisional", cycle)
        known = [Notice(*row) for row in writer.found(_ALL, {"cycle": cycle, "lang": lang})]
        last = known[-1] if known else None
        if last is None or last.id != number:
            raise refused("notice_not_last", number=number, last="—" if last is None else last.id)
        if outdated(asked, known):
            raise refused("notice_stale", cycle=cycle, number=number)
        if last.signature:
            raise refused("notice_signed", number=number)
        if any(is_same(person, one) for one in authors(known)):
            raise refused("own_notice", number=number, person=person)
        signer = signer_beside(store)
        if signer is None:
            raise refused("key_absent", path=key_file(store))
        values = {"notice": number, "signature": signer.sign(last.text.encode()).hex(), "key": signer.public.decode()}
        writer.execute(
            "INSERT INTO notice_signatures VALUES ($notice, $signature, $key, $person, $moment)",
            {**values, "person": person},
            moment=kept_at(writer.found),
        )


def _asked(writer: Writer, file: Path, cycle: str) -> Asked:
    """A cycle as it stands in a transaction."""
    return Asked(writer.found, revisions_in(lambda sql: writer.found(sql, {}), file), cycle)


def outdated(asked: Asked, known: Sequence[Notice]) -> Literal["results", "beside", ""]:
    """Why the newest version tells what may be so no more: its numbers were taken before the `results` were settled or
    it names another edition of them; or, where nobody has signed it, while what stands `beside` them was another: the
    editions it was compared to, the numbers of days."""
    # An edit has the numbers of the draft before it, or those of an older text that was brought back.
    taken = next((one.made for one in reversed(known) if one.reason == NUMBERS), known[-1].made)
    since = settled(asked)
    if taken < since or (since and _reads_open(known[-1])):
        return "results"
    if not since or known[-1].signature:
        return ""
    # An older text may have been brought back.
    if wrong := misstated(known[-1].text, _terms(asked)):
        return "results" if "edition" in wrong else "beside"
    return "beside" if compared(asked) != compared(asked, taken) or taken < days_set(asked.ask) else ""


def _reads_open(one: Notice) -> bool:
    """Whether a text says that its results are not published, as one from numbers that were not settled does: in the
    sentence at its top, its state, its last line."""
    words = re.escape(state_words("open", "", one.lang))
    state = rf"(\*\*(状态|State)\*\*(：|: )|· ){words}\s*$"
    return marked("open", "", one.lang) in one.text or re.search(state, one.text, re.MULTILINE) is not None


def authors(known: Sequence[Notice]) -> tuple[str, ...]:
    """Who made the newest version's text: whoever drafted it from the numbers, and all who edited it since."""
    start = max((at for at, one in enumerate(known) if one.reason == NUMBERS), default=0)
    return tuple(one.person for one in known[start:])


def versions(store: Store, cycle: str, lang: Lang) -> tuple[Notice, ...]:
    """Every version that the store's person sees, the first first."""
    return tuple(Notice(**row) for row in store.query(_ALL, cycle=cycle, lang=lang).iter_rows(named=True))


def public_notice(store: Store, cycle: str, lang: Lang) -> Notice | None:
    """The newest version that was signed for the newest edition, once that is public; a signature that is not its
    text's counts for none."""
    asked = Asked(asking(store), revisions_of(store), cycle)
    if not asked.known.is_public(cycle):
        return None
    since, every = settled(asked), reversed(versions(store, cycle, lang))
    return next((one for one in every if one.signed >= since and one.is_sound), None)
