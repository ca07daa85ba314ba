"""Taking away: which formats, regions, cycles and language are asked for; nothing is made before that."""

from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from html import escape

import streamlit as st

from data.exports import Export, bundled, leave, note, notice_of, occasion_of
from metrics.export import FORMATS
from metrics.export.many import Asked, File, file_name
from metrics.export.occasion import Occasion
from metrics.problems import InputError
from metrics.states import Standing
from pages.parts.filters import Choice
from pages.parts.i18n import LANGUAGES, language, t
from pages.parts.pickers import pick_flag
from pages.parts.shell import Screen
from pages.parts.tables import bullets
from pages.parts.url import arrive
from pages.parts.url import leave as into_address
from pages.parts.workbench import who

USUAL = "xlsx"
# What tells of several regions beside all that are compared: for whoever sees these.
REPORTS = frozenset({"pdf", "html", "md"})
# So many regions are named, of more there are is told.
_FEW = 5


@dataclass(frozen=True)
class Order:
    """What a person asks for: formats, regions and cycles; `apart` is a file for each region, `whole` the whole
    scorecard as the command writes it where no region is named, `area` what several regions are called together."""

    screen: Screen
    forms: tuple[str, ...]
    regions: tuple[str, ...]
    periods: tuple[str, ...]
    lang: str
    apart: bool
    by: str
    who: str
    whole: bool = False
    area: str = ""

    @property
    def wanted(self) -> tuple[str, ...] | None:
        """The regions of one file; None for all that there are. Of one there is a report of its own."""
        return None if self.whole and len(self.regions) > 1 else self.regions

    @property
    def several(self) -> bool:
        """Whether more than one file comes of it."""
        return len(self.forms) > 1 or (self.apart and len(self.regions) > 1)

    def key(self) -> tuple[str, ...]:
        """The same for what is shown the same, whatever the formats."""
        digest = self.screen.definitions.digest
        return digest, self.by, *self.standing(), str(self.apart), self.area, *self.periods, "", *self.regions

    def standing(self) -> Standing:
        """How far the cycles are, which the files have to name. Raises InputError where the person may not take
        them."""
        return leave(self.screen.store, self.by, self.periods, self.regions)

    def asked(self) -> Asked:
        """What is written, whatever the format. Raises as `standing` does."""
        screen, standing = self.screen, self.standing()
        about = occasion_of(screen.store, screen.editions, self.periods[-1], standing=standing, by=self.by)
        notice = notice_of(screen.store, self.lang)
        whole = partial(bundled, screen.store, screen.card, self.periods)
        return Asked(screen.card, self.periods, self.lang, notice, screen.editions.cards, about, self.area, whole)

    def parts(self, asked: Asked) -> list[File]:
        """Every file that is asked for, to be made one after the other."""
        if self.apart:
            return list(asked.each(self.regions, self.forms))
        return [(self.name(form), lambda form=form: asked.write(form, self.wanted)) for form in self.forms]  # type: ignore[misc]

    def name(self, form: str) -> str:
        """A safe name that says which regions, cycles and format."""
        return file_name(self.who, self._cycles(), form, self.lang, code=self.regions[0])

    def archive(self) -> str:
        """The name of all files together."""
        word = "评分卡" if self.lang == "zh" else "scorecards"
        name = file_name(self.who, self._cycles(), word, self.lang, code=self.regions[0])
        return f"{name.rpartition('.')[0]}.zip"

    def _cycles(self) -> str:
        return "-".join(dict.fromkeys((self.periods[0], self.periods[-1])))

    def content(self) -> bytes:
        """The one file, journalled; where no entry can be written the page says so beforehand."""
        self.screen.store.require_unmoved()
        form, asked = self.forms[0], self.asked()
        content = asked.write(form, self.wanted)
        self.journal("page", asked, sha256(content).hexdigest(), len(content), self.name(form))
        return content

    def journal(self, way: str, asked: Asked, digest: str, size: int, file: str) -> None:
        """An entry of what was taken, in the state that its files name; without one nothing is given that is not
        public, but to whoever holds the store's file."""
        what = self.forms, self.regions, self.periods, self.lang
        about = asked.occasion or Occasion()
        try:
            note(self.screen.store, Export(way, self.by, *what, about.state, digest, size, file, release=about.release))
        except InputError as error:
            if error.problems[0].code != "not_journalled":
                raise
            if about.state != "published" and not self.screen.store.access.whole:
                raise InputError([replace(one, code="journal_shut") for one in error.problems]) from error


def named(form: str) -> str:
    """A format by what it is to a person."""
    names = {
        "xlsx": t("Excel 工作簿"), "csv": t("CSV 明细表"), "json": t("JSON 数据"), "pdf": t("PDF 报告"),
        "html": t("网页报告"), "md": t("Markdown 文稿"), "bundle": t("复核包"),
    }  # fmt: skip
    return names.get(form, form.upper())


def _purpose(form: str) -> str:
    """In a line, what a format is for."""
    words = {
        "xlsx": t("在 Excel、WPS 里查看和复算"),
        "csv": t("一行一个数，给统计软件"),
        "json": t("给程序读取，结构固定"),
        "pdf": t("打印、归档、呈报"),
        "html": t("在浏览器里看，一个文件，不联网"),
        "md": t("放进别的文稿里再编辑"),
        "bundle": t("数据、定义、得分和清单都在内，不靠本系统即可重算核对"),
    }
    return words.get(form, "")


def order(screen: Screen, choice: Choice) -> Order | None:
    """The pickers, and what comes of them; None where no format is chosen."""
    forms = _formats(screen)
    first, second, third, fourth = st.columns([1, 1.2, 1.3, 1.6], vertical_alignment="bottom")
    with first:
        lang = _language()
    with second:
        every = pick_flag(t("全部评估周期"), "every")
    with third:
        several = len(choice.shown) > 1
        apart = several and (_only_apart(screen, forms) or pick_flag(t("每个地区各一份"), "apart"))
    with fourth:
        by = who(screen.store, screen.editions.revisions)
    periods = tuple(_periods(screen)) if every else (choice.cycle,)
    if not forms:
        st.info(t("请选择至少一种格式。"))
        return None
    compared = screen.card.regions.filter("compared")["code"]
    whole = not (apart or choice.regions) and set(choice.members) == set(compared)
    regions = tuple(screen.card.regions["code"]) if whole else choice.shown
    area = "" if choice.regions else _areas(screen, lang).get(choice.area, "")
    return Order(screen, forms, regions, periods, lang, apart, by, _who(screen, choice, lang), whole, area)


def _only_apart(screen: Screen, forms: tuple[str, ...]) -> bool:
    """Whether several regions come in a file each, which is said instead of asked."""
    if screen.card.whole or REPORTS.isdisjoint(forms):
        return False
    st.html(f'<p class="q-sub">{escape(t("报告每个地区各一份：合在一起的要看得到全部地区"))}</p>')
    return True


def scope(wanted: Order) -> str:
    """Which regions are taken, and where others are chosen."""
    names, count = wanted.screen.names(), len(wanted.regions)
    told = t("、").join(names[code] for code in wanted.regions) if count <= _FEW else t("{count} 个地区", count=count)
    if wanted.whole:
        above = count - wanted.screen.card.regions["compared"].sum()
        told = t("全部 {count} 个地区（其中 {above} 个不参加排名）", count=count, above=above) if above else told
    return t("写入：{regions}。要换地区，请在本页最上方的“{picker}”里选。", regions=told, picker=t("突出显示的地区"))


def _formats(screen: Screen) -> tuple[str, ...]:
    # A bundle holds everybody's facts.
    offered = [form for form in FORMATS if form != "bundle" or screen.card.whole]
    arrive("form", offered, several=True)
    if "form" not in st.session_state:
        st.session_state["form"] = [USUAL]
    st.session_state["form"] = [form for form in st.session_state["form"] if form in offered]
    found = st.pills(
        t("格式（可选多种）"), offered, selection_mode="multi", key="form", format_func=named,
        persist_state="session",
    )  # fmt: skip
    chosen = tuple(form for form in FORMATS if form in found)
    into_address("form", chosen, default=USUAL)
    bullets([f"<b>{escape(named(form))}</b> {escape(_purpose(form))}" for form in chosen])
    return chosen


def _language() -> str:
    """The files' language; the page's where nothing else is chosen."""
    return str(
        st.segmented_control(
            t("文件的语言"), list(LANGUAGES), default=language(), format_func=LANGUAGES.__getitem__, required=True,
            key=f"file language {language()}",
        )
    )  # fmt: skip


def _periods(screen: Screen) -> list[str]:
    """The cycles that share the looked-at one's scorecard; which they are is said where others are left out."""
    alike = screen.editions.beside(screen.card)
    if len(alike) < len(screen.periods):
        words = t("只含按同一版定义评分的周期：{cycles}；其余周期请分别下载。", cycles=t("、").join(alike))
        st.html(f'<p class="q-sub">{escape(words)}</p>')
    return alike


def _who(screen: Screen, choice: Choice, lang: str) -> str:
    """Whose files these are, in a file's name: the one region, how many there are of several, or the area."""
    names = dict(screen.card.regions.select("code", f"name_{lang}").iter_rows())
    if len(choice.shown) == 1:
        return names.get(choice.shown[0]) or choice.shown[0]
    if choice.regions:
        return f"{len(choice.regions)}个地区" if lang == "zh" else f"{len(choice.regions)}-regions"
    if not screen.card.whole and choice.area == "all":
        return f"{len(choice.shown)}个地区" if lang == "zh" else f"{len(choice.shown)}-regions"
    return _areas(screen, lang).get(choice.area) or ("全部地区" if lang == "zh" else "all-regions")


def _areas(screen: Screen, lang: str) -> dict[str, str]:
    return dict(screen.areas.select("area", f"name_{lang}").iter_rows())
