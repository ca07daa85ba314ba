"""Where a report's numbers come from: method in short, versions, state, and the marks that follow from these."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from metrics.manual.blocks import Block, Heading, Note, Pairs, Paragraph
from metrics.manual.outcomes import defaults, exceptions, grade_takes
from metrics.report.asked import Asked
from metrics.report.sentences import listed
from metrics.shown import share

STATES = {"published": ("已公布", "published"), "open": ("未公布", "not published")}


def state_words(asked: Asked) -> str:
    """Whether the cycle is published; empty where nobody knows."""
    found = STATES.get(asked.occasion.state)
    return "" if found is None else asked.words.pick(*found)


def mark(asked: Asked) -> str:
    """What stands behind each page: that the numbers are invented, or may still change; else nothing."""
    demonstration = re.split("[：:]", asked.notice, maxsplit=1)[0].strip()
    return " · ".join(filter(None, (demonstration, state_words(asked) if asked.occasion.state == "open" else "")))


def notices(asked: Asked) -> str:
    """The same as sentences, to be read first."""
    still = asked.words.pick("未公布：得分、名次、等级仍可能变动", "Not published: scores, ranks and grades may change")
    told = [asked.words.line(asked.notice), still if asked.occasion.state == "open" else ""]
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
        (pick("参评范围", "Who is compared"), asked.words.term("compare", file.compare)),
        (pick("状态", "State"), state),
    ]
    return tuple((name, text) for name, text in rows if text)


def method(asked: Asked) -> Iterator[Block]:
    """How scores come about, and from which versions; enough to ask the right questions of the files beside it."""
    pick = asked.words.pick
    yield Heading(1, pick("方法与来源", "Method and sources"))
    yield Note(
        pick(
            "指标值由公式从变量算出，按归一化方法变成得分；同一维度下的得分按权重汇总，逐级到综合得分；没有得分的下级"
            "不计入，其权重由其余分摊，覆盖率低于最低要求的不计分；然后适用规则、评定等级。",
            "A formula makes an indicator's value of variables, a normalisation makes it a score; scores are "
            "aggregated by weight, level by level. Children without a score are left out and the others reweighted, "
            "as long as enough of them are covered; then rules act and grades are given.",
        )
    )
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
    yield from (told[key] for key in ("aggregate", "weights", "min_coverage"))
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
    spread = "" if settings.weights is None else share(settings.weights.spread)
    moved = pick(f"，各级权重 ±{spread} 浮动", f", weights of all levels ±{spread}") if spread else ""
    return pick(
        f"{settings.trials:,} 次抽样的 5 %–95 % 分位，种子 {settings.seed}{moved}；方法按定义的 robustness 抽取",
        f"5 %–95 % quantiles of {settings.trials:,} trials, seed {settings.seed}{moved}; methods drawn as the "
        "definitions' robustness says",
    )


def _sources(asked: Asked) -> Iterator[tuple[str, str]]:
    """Versions, snapshot, who and when."""
    pick, file = asked.words.pick, asked.card.definitions
    yield pick("定义", "Definitions"), f"{asked.words.line(file.title.text(asked.lang))} {version_words(asked)}".strip()
    yield pick("定义文件 SHA-256", "SHA-256 of the definitions"), file.digest
    yield pick("数据快照", "Snapshot of the data"), asked.occasion.snapshot
    yield pick("状态", "State"), state_words(asked)
    yield pick("制作", "Made by"), asked.words.line(asked.occasion.by)
    yield pick("制作时间", "Made"), asked.occasion.made
