"""Where a report's numbers come from: method in short, versions, state, and the marks that follow from these."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from metrics import states
from metrics.manual.blocks import Block, Heading, Note, Pairs, Paragraph
from metrics.manual.outcomes import defaults, exceptions, grade_takes, in_short
from metrics.report.asked import Asked
from metrics.report.sentences import few, listed
from metrics.report.trials import trials_words


def state_words(asked: Asked) -> str:
    """Whether the cycle is published, or from when on it is public; empty where nobody knows."""
    return states.state_words(*asked.occasion.standing, asked.lang)


def mark(asked: Asked) -> str:
    """What stands behind each page: that the numbers are invented, may still change or are not public; else nothing."""
    demonstration = re.split("[：:]", asked.notice, maxsplit=1)[0].strip()
    return " · ".join(filter(None, (demonstration, "" if asked.occasion.state == "published" else state_words(asked))))


def notices(asked: Asked) -> str:
    """The same as sentences, to be read first."""
    still = states.warning(*asked.occasion.standing, asked.lang)
    told = [asked.words.line(asked.notice), still]
    return asked.words.pick("；", ". ").join(filter(None, told))


def version_words(asked: Asked) -> str:
    """The version of the definitions by number, where a store counts them."""
    number = asked.occasion.version
    return asked.words.pick(f"第 {number} 版", f"version {number}") if number else ""


def foot(asked: Asked) -> str:
    """What the numbers were made from, shortly."""
    pick, snapshot = asked.words.pick, asked.occasion.snapshot
    told = [f"{pick('定义', 'Definitions')} {version_words(asked)} {asked.card.definitions.digest[:12]}"]
    told += [f"{pick('快照', 'Snapshot')} {snapshot[:12]}"] if snapshot else []
    told += [words] if (words := state_words(asked)) else []
    return " · ".join(" ".join(text.split()) for text in told)


def about(asked: Asked) -> tuple[tuple[str, str], ...]:
    """What stands beneath the title."""
    pick, file = asked.words.pick, asked.card.definitions
    state = state_words(asked)
    cycle = f"{asked.period}{pick('（', ' (')}{asked.words.term('cycle', file.cycle)}{pick('）', ')')}"
    rows = [
        (pick("评估周期", "Cycle"), cycle),
        (pick("参评范围", "Who is compared"), _compared(asked)),
        (pick("状态", "State"), state),
        (pick("结果版次", "Edition of the results"), _edition(asked)),
    ]
    return tuple((name, text) for name, text in rows if text)


def _edition(asked: Asked) -> str:
    return asked.words.line(asked.occasion.editions_of([asked.period], asked.lang))


def _compared(asked: Asked) -> str:
    """How many regions are compared, and which they are."""
    count, level = asked.card.compared, asked.card.definitions.compare
    some = asked.words.pick(f"{count} 个地区", f"{count} region{'' if count == 1 else 's'}")
    if level == "leaves":
        return some + asked.words.pick("，上级地区不参加", ", none that has others below it")
    return some + asked.words.pick(f"，级别为 {asked.words.line(level)}", f" of level {asked.words.line(level)}")


def method(asked: Asked) -> Iterator[Block]:
    """How scores come about, and from which versions; enough to ask the right questions of the files beside it."""
    pick = asked.words.pick
    yield Heading(1, pick("方法与来源", "Method and sources"))
    yield Note(in_short(asked.words))
    yield Pairs(tuple(_methods(asked)))
    yield from exceptions(asked.words)
    yield Heading(2, pick("版本与来源", "Versions and sources"))
    yield Pairs(tuple((name, text) for name, text in _sources(asked) if text))
    yield Paragraph(
        pick(
            "本报告的数均取自评分卡，写到便于阅读的位数；全精度的数、公式、变量与系数"
            "见同一评分卡的 CSV、XLSX 或 JSON 文件。",
            "All numbers are the scorecard's, written with as many digits as can be read well; full precision, "
            "formulas, variables and factors are in the same scorecard's CSV, XLSX or JSON file.",
        )
    )


def _methods(asked: Asked) -> Iterator[tuple[str, str]]:
    words, file = asked.words, asked.card.definitions
    told = defaults(words)
    codes = [row.code for row in file.nodes() if row.level == "indicator"]
    used = {
        "normalise": (file.normaliser(code).method for code in codes),
        "missing": (file.missing(code).method for code in codes),
        "outliers": (file.outliers(code).method for code in codes),
    }
    yield from ((told[key][0], _counted(asked, key, names)) for key, names in used.items())
    yield from (told[key] for key in ("aggregate", "weights"))
    yield words.pick("最低覆盖率", "Lowest coverage that is scored"), told["min_coverage"][1]
    if file.grades:
        colon = words.pick("：", ": ")
        grades = [f"{asked.grades[grade.code]}{colon}{grade_takes(words, grade)}" for grade in file.grades]
        yield words.pick("等级", "Grades"), words.pick("；", "; ").join(grades)
    if asked.ranks and asked.shared.drawn is not None:
        yield words.pick("名次区间", "Rank intervals"), _drawn(asked)


def _counted(asked: Asked, key: str, names: Iterable[str]) -> str:
    """Methods, and how many indicators use each, the most used first."""
    counts = sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))
    told = [f"{asked.words.term(key, name)} {count}{asked.words.pick(' 项', '')}" for name, count in counts]
    return listed(told, asked.lang)


def _drawn(asked: Asked) -> str:
    """What the trials drew."""
    assert asked.shared.drawn is not None
    settings, pick = asked.shared.drawn.settings, asked.words.pick
    told = (trials_words(settings, asked.lang), pick("区间为 5 %–95 % 分位", "intervals are the 5 %–95 % quantiles"))
    return pick("；", "; ").join(filter(None, (*told, few(settings.trials, asked.lang))))


def _sources(asked: Asked) -> Iterator[tuple[str, str]]:
    """Versions, snapshot, who and when."""
    pick, file = asked.words.pick, asked.card.definitions
    yield pick("定义", "Definitions"), f"{asked.words.line(file.title.text(asked.lang))} {version_words(asked)}".strip()
    yield pick("定义文件 SHA-256", "SHA-256 of the definitions"), file.digest
    yield pick("数据快照", "Snapshot of the data"), asked.occasion.snapshot
    yield pick("状态", "State"), state_words(asked)
    yield pick("结果版次", "Edition of the results"), _edition(asked)
    yield pick("制作", "Made by"), asked.words.line(asked.occasion.by)
    yield pick("制作时间", "Made"), _moment(asked)


def _moment(asked: Asked) -> str:
    """When it was made, to the minute and by a clock that is the same everywhere; as it is where it is no such time."""
    try:
        made = datetime.fromisoformat(asked.occasion.made)
        if made.tzinfo is None:
            return asked.occasion.made
        told = made.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return asked.occasion.made
    return asked.words.pick(f"{told}（UTC）", f"{told} (UTC)")
