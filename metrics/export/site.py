"""Site: a published cycle as pages that need no server: ranking, regions, method and notice, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from metrics.adjustments import adjusted, adjustments_of
from metrics.export import csv
from metrics.export.html import Link, write
from metrics.export.occasion import Occasion
from metrics.export.read_back import blocks_of
from metrics.manual.blocks import Report
from metrics.report import area_of, area_report, ask, region_report
from metrics.report.asked import Asked
from metrics.scorecard import Scorecard

LANGS = ("zh", "en")
_ENDING = {"zh": "", "en": ".en"}
_OTHER = {"zh": "English", "en": "中文"}


@dataclass(frozen=True)
class Announced:
    """A notice in one language as it was signed: its text, signature and public key (PEM)."""

    text: str
    signature: bytes
    key: bytes


@dataclass(frozen=True)
class Published:
    """What is written out: a cycle, the cards of it and of the public cycles before it, and what is announced of it;
    `notice`: what every page has to say, by language."""

    cycle: str
    cards: Mapping[str, Scorecard]
    occasion: Occasion
    announced: Mapping[str, Announced] = field(default_factory=dict)
    notice: Mapping[str, str] = field(default_factory=dict)


def site(found: Published) -> dict[str, bytes]:
    """The files by name: index.html, a page a region, the notice with its signature, the scores as a table.

    Nothing in them is fetched from elsewhere or run; of adjustments who agreed is left out.
    """
    made: dict[int, Scorecard] = {}
    cards = {cycle: made.setdefault(id(card), _impersonal(card)) for cycle, card in found.cards.items()}
    card = cards[found.cycle]
    compared = card.regions.filter("compared")["code"].to_list()
    # A code may hold what no file's name can.
    names = {region: f"region-{number:04d}" for number, region in enumerate(compared, start=1)}
    files: dict[str, bytes] = {}
    for lang in LANGS:
        notice = found.notice.get(lang, "")
        asked = ask(card, found.cycle, lang=lang, notice=notice, series=cards, occasion=found.occasion)
        files |= _pages(asked, found, names)
    said = found.notice.get("zh", "")
    files["scores.csv"] = csv.write(card, regions=compared, periods=[found.cycle], lang="zh", notice=said)
    for lang, own in found.announced.items():
        name = f"notice.{lang}.md"
        files |= {name: own.text.encode(), f"{name}.sig": own.signature, f"{name}.pem": own.key}
    return dict(sorted(files.items()))


def _impersonal(card: Scorecard) -> Scorecard:
    own = [replace(one, by="") for one in adjustments_of(card.definitions)]
    return replace(card, definitions=adjusted(card.definitions, own))


def _pages(asked: Asked, found: Published, names: Mapping[str, str]) -> dict[str, bytes]:
    """The pages of one language."""
    pick, end = asked.words.pick, _ENDING[asked.lang]
    other = _ENDING["en" if asked.lang == "zh" else "zh"]
    home: Link = (pick("总览", "Overview"), f"index{end}.html")
    beside = [(pick("得分表（CSV）", "Scores (CSV)"), "scores.csv")]
    files = {}
    if asked.lang in found.announced:
        beside = [(pick("通报", "Notice"), f"notice{end}.html"), *beside]
        source = f"notice.{asked.lang}.md"
        proof = [(pick("原文", "Text"), source), (pick("签名", "Signature"), f"{source}.sig")]
        links = {pick("本站", "This site"): [home, *proof, (pick("公钥", "Public key"), f"{source}.pem")]}
        files[f"notice{end}.html"] = write(_announced(asked, found.announced[asked.lang].text), links=links)
    regions = [(asked.names[region], f"{name}{end}.html") for region, name in names.items()]
    language = (_OTHER[asked.lang], f"index{other}.html")
    whole = area_report(area_of(asked, None))
    links = {pick("本站", "This site"): [*beside, language]}
    files[f"index{end}.html"] = write(whole, links=links, below={pick("地区", "Regions"): regions})
    for region, name in names.items():
        links = {pick("本站", "This site"): [home, (_OTHER[asked.lang], f"{name}{other}.html")]}
        files[f"{name}{end}.html"] = write(region_report(asked, region), links=links)
    return files


def _announced(asked: Asked, text: str) -> Report:
    title, blocks = blocks_of(text)
    named = asked.words.line(asked.card.definitions.title.text(asked.lang))
    kind = asked.words.pick("通报", "Notice")
    return Report(title=title or named, kind=kind, about=(), notice="", lang=asked.lang, version="", blocks=blocks)
