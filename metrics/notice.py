"""Notices: what is announced of a cycle's results (通报), written from the numbers of its scorecard, to be edited."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from metrics.export.markdown import write
from metrics.manual.blocks import Block, Heading, Paragraph, Report, Table
from metrics.report.area import headlines
from metrics.report.asked import Asked
from metrics.report.members import Area, area_of
from metrics.report.origin import about, foot, notices
from metrics.report.side_by_side import pillars
from metrics.shown import points, rank


@dataclass(frozen=True)
class Terms:
    """What a notice says beside the numbers: which edition it is of and why, and how many days there are to object and
    to put things right."""

    edition: int = 1
    reason: str = ""
    objection_days: int = 15
    rectification_days: int = 60


def notice(asked: Asked, terms: Terms, most: int | None = None) -> str:
    """The notice of a cycle as Markdown: every number in it is the scorecard's. Its tables list the best regions, at
    most so many (None: all), and it says how many they leave out."""
    area = area_of(asked, None)
    title = asked.words.line(asked.card.definitions.title.text(asked.lang))
    pick, cycle = asked.words.pick, asked.cycle.strip()
    return write(
        Report(
            title=pick(f"关于 {cycle}{title}结果的通报", f"Notice of the results of {title}, {cycle}"),
            kind=_edition(asked, terms),
            about=about(asked),
            notice=notices(asked),
            lang=asked.lang,
            version="",
            blocks=tuple(_blocks(asked, area, terms, most)),
        )
    ).decode()


# How a text states its edition and its days, in the words of `notice` now and before.
_STATED = {
    "edition": (r"结果第 (\d+) 版", r"Edition (\d+) of the results"),
    "objection_days": (
        r"(?:结果公开|公布)后 (\d+) 日内", r"within (\d+) days (?:after they became public|of publication)",
    ),
    "rectification_days": (r"请在通知后 (\d+) 日内", r"within (\d+) days of the request"),
}  # fmt: skip


def misstated(text: str, terms: Terms) -> list[str]:
    """Which of the terms a text that was written before states otherwise: names of `Terms`."""
    return [
        name
        for name, patterns in _STATED.items()
        if any(found != str(getattr(terms, name)) for pattern in patterns for found in re.findall(pattern, text))
    ]


def _edition(asked: Asked, terms: Terms) -> str:
    number = asked.words.pick(f"结果第 {terms.edition} 版", f"Edition {terms.edition} of the results")
    colon = asked.words.pick("：", ": ")
    return f"{number}{colon}{asked.words.line(terms.reason)}" if terms.reason else number


def _blocks(asked: Asked, area: Area, terms: Terms, most: int | None) -> Iterator[Block]:
    pick = asked.words.pick
    yield Heading(1, pick("总体情况", "Overall"))
    yield from headlines(area)
    yield Heading(1, pick("排名", "Ranking"))
    if most is not None and (rest := len(area.roots) - most) > 0:
        area = replace(area, members=tuple(row["region"] for row in area.roots[:most]))
        yield Paragraph(
            pick(
                f"以下各表按排名列出前 {most:,} 个地区，另有 {rest:,} 个没有列出，见评分卡。",
                f"The tables list the first {most:,} regions by rank. Not listed, and in the scorecard: {rest:,}.",
            )
        )
    heads = pick(("排名", "地区", "得分", "等级"), ("Rank", "Region", "Score", "Grade"))
    rows = tuple(
        (
            rank(row["rank"], row["ranked"]), asked.names[row["region"]], points(row["score"]),
            asked.grades.get(row["grade"] or "", ""),
        )
        for row in area.roots
    )  # fmt: skip
    yield Table(heads, rows, (1, 3, 1.2, 1.5), right=frozenset({2}), named=1)
    yield from pillars(area)
    yield Heading(1, pick("异议与整改", "Objections and rectification"))
    yield Paragraph(_days(asked, terms))
    yield Paragraph(foot(asked))


def _days(asked: Asked, terms: Terms) -> str:
    objecting, putting = terms.objection_days, terms.rectification_days
    return asked.words.pick(
        f"对结果有异议的地区，请在结果公开后 {objecting} 日内提出，并附依据；"
        f"需要整改的，请在通知后 {putting} 日内完成并报告。",
        f"Regions that object to their results do so within {objecting} days after they became public, with their "
        f"grounds; what is to be put right is done and reported within {putting} days of the request.",
    )
