"""A notice on paper: a version as an office document that says who signed it, and on each page what it is not yet."""

from hashlib import sha256

from data.clock import zoned
from data.exports import notice_of, standing_of
from data.notices import Notice, settled
from data.persons import is_blank
from data.revisions import editions_of, revisions_of
from data.stage_checks import Asked
from data.stages import asking
from data.store import Store
from metrics.export.pdf import write
from metrics.export.read_back import blocks_of
from metrics.manual.blocks import Letter
from metrics.states import state_words
from metrics.verify.signing import fingerprint_of

Pairs = tuple[tuple[str, str], ...]


def paper(store: Store, one: Notice) -> bytes:
    """The PDF of a version, the same bytes as long as it is signed or not, public or not, of these results or not.

    Raises InputError where the typesetter or its font is not installed, and for a text with more than can be set.
    """
    title, blocks = blocks_of(one.text)
    if is_blank(title):
        title = _in(one.lang, f"{one.cycle} 通报", f"Notice of {one.cycle}")
    digest = sha256(one.text.encode()).hexdigest()
    edition = _in(one.lang, f"{one.cycle} 通报第 {one.id} 版", f"Notice of {one.cycle}, version {one.id}")
    return write(
        Letter(
            title=title,
            kind=_in(one.lang, "通报", "Notice"),
            about=(),
            notice="",
            lang=one.lang,
            version=f"{edition} · SHA-256 {digest[:16]}",
            blocks=blocks,
            mark=" · ".join(_marks(store, one)),
            signed=_signed(one),
            proof=(*_origin(store, one), *_proof(one, digest)),
        )
    )


def file_name(one: Notice, ending: str) -> str:
    """What the file of a version is called: notice-2024-zh-3.md."""
    return f"notice-{one.cycle.replace('/', '-')}-{one.lang}-{one.id}.{ending}"


def command_of(one: Notice) -> str:
    """How a version's signature is checked by its three files."""
    name = file_name(one, "md")
    return f"openssl pkeyutl -verify -pubin -inkey {name}.pem -rawin -in {name} -sigfile {name}.sig"


def _in(lang: str, zh: str, en: str) -> str:
    return zh if lang == "zh" else en


def _marks(store: Store, one: Notice) -> list[str]:
    """What each page has to say: that its numbers are invented, that it is a draft, of former results, not public."""
    known, found = revisions_of(store), []
    since = settled(Asked(asking(store), known, one.cycle))
    if notice_of(store, one.lang):
        found.append(_in(one.lang, "示例数据", "Example data"))
    if not one.is_sound:
        found.append(_in(one.lang, "草稿", "Draft"))
    elif not since or one.signed < since:
        found.append(_in(one.lang, "为以前的结果签发", "Signed for former results"))
    standing = standing_of(store, one.cycle)
    if not standing.is_public:
        found.append(state_words(*standing, one.lang))
    elif not one.is_sound:
        found.append(_in(one.lang, "未签发", "Not signed"))
    return found


def _signed(one: Notice) -> tuple[str, ...]:
    if one.is_sound:
        return _in(one.lang, f"签发人：{one.signer}", f"Signed by {one.signer}"), zoned(one.signed)
    if one.signature:
        return (_in(one.lang, "签名与文本不符，不作为签发", "The signature is not the text's and counts for none"),)
    return (_in(one.lang, "（尚未签发）", "(not signed yet)"),)


def _origin(store: Store, one: Notice) -> Pairs:
    """Which version it is, and of which edition of the results once it is signed."""
    made = zoned(one.made)
    en = f"notice version {one.id}, by {one.person}, {made}"
    told = _in(one.lang, f"通报第 {one.id} 版，{one.person}记于 {made}", en)
    if one.is_sound:
        # Only the first edition's is signed before that edition is published.
        number = max(1, sum(edition.made <= one.signed for edition in editions_of(store, one.cycle)))
        told = _in(one.lang, f"结果第 {number} 版，{told}", f"edition {number} of the results, {told}")
    return ((_in(one.lang, "版次", "Version"), told),)


def _proof(one: Notice, digest: str) -> Pairs:
    """What it is checked with: the text that was signed is the file in Markdown, of which this is a print."""
    text = (_in(one.lang, "文本摘要", "Digest"), f"SHA-256 {digest}")
    if not one.is_sound:
        return (text,)
    how = _in(
        one.lang,
        "签名签的是同一版的文本文件，本文由它排成，两者不同时以文本为准。取该版的文本、签名和公钥，核对公钥指纹，再运行：",
        "What is signed is the text file of this version, of which this is a print; where they differ the text holds. "
        "Take its text, signature and public key, compare the key's fingerprint, and run: ",
    )
    return (
        text,
        (_in(one.lang, "公钥指纹", "Fingerprint"), f"SHA-256 {fingerprint_of(one.key.encode())}"),
        (_in(one.lang, "核对签名", "To verify"), how + command_of(one)),
    )
