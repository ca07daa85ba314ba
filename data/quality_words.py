"""Words for data quality (zh, en): parts, grades, and each number of a card explained in a sentence."""

from collections.abc import Mapping
from typing import Any

from data.quality import GRADES, MEASURES

PARTS = {
    "completeness": ("完整", "Completeness"),
    "timeliness": ("及时", "Timeliness"),
    "checked": ("审核", "Checked"),
    "doubts": ("提示", "Doubts"),
    "rejections": ("拒绝", "Rejections"),
    "corrections": ("更正", "Corrections"),
    "imputed": ("插补", "Imputed"),
    "heaping": ("凑整", "Heaping"),
    "age": ("最近报送", "Last batch"),
}
NAMES = {
    "good": ("良好", "good"),
    "usable": ("可用", "usable"),
    "weak": ("偏弱", "weak"),
    "poor": ("差", "poor"),
}
# What a part's number says, and what is said where there is none.
SENTENCES = {
    "completeness": (
        ("应报 {due} 项，已报 {reported} 项", "{reported} of {due} due are reported"),
        ("没有应报项", "nothing is due"),
    ),
    "timeliness": (
        (
            "期限已过的 {judged} 项中 {timely} 项按期报送，另有 {after} 项逾期才报，{late} 项逾期未报",
            "of {judged} past their deadline {timely} came in time; {after} came late, {late} have not come",
        ),
        ("没有到期的期限", "no deadline is over"),
    ),
    "checked": (
        (
            "{facts} 个数中 {verified} 个已核定、{reviewed} 个已审核，其余只是已报送",
            "of {facts} numbers {verified} are verified and {reviewed} reviewed, the others only reported",
        ),
        ("没有数", "there are no numbers"),
    ),
    "doubts": (
        (
            "{warnings} 条提示中 {unexplained} 条没有说明理由（每 100 个数 {per_hundred} 条）{rules}",
            "{unexplained} of {warnings} warnings have no reason ({per_hundred} for each 100 numbers){rules}",
        ),
        ("没有数", "there are no numbers"),
    ),
    "rejections": (
        (
            "所用批次共读入 {read} 条，拒绝 {rejected} 条（批次里可能还有别的地区和变量）",
            "the batches used had {read} records, of which {rejected} were rejected (other regions and variables may "
            "be among them)",
        ),
        ("没有批次", "there is no batch"),
    ),
    "corrections": (
        (
            "{cells} 个数（含空的）中 {resent} 个重报过，其中 {changed} 个改了数值{size}",
            "of {cells} numbers, empty ones included, {resent} were sent again, {changed} with another value{size}",
        ),
        ("没有数", "there are no numbers"),
    ),
    "imputed": (
        ("得分的权重中有 {share} 来自插补", "{share} of the score's weight is imputed"),
        ("没有得分", "there is no score"),
    ),
    "heaping": (
        (
            "1000 以上的 {large} 个数中 {round} 个只有一两位有效数字（自然情况约 1 %）",
            "of {large} numbers from 1,000 on {round} have one or two digits before their zeros (about 1 % by chance)",
        ),
        ("1000 以上的数不足 10 个，不作判断", "fewer than 10 numbers from 1,000 on: not judged"),
    ),
    "age": (
        ("最近一批是 {age} 天前收到的（{day}）", "the last batch came {age} days ago ({day})"),
        ("没有批次", "there is no batch"),
    ),
}


def part_words(part: str, lang: str) -> str:
    """What a part of a card is called."""
    return PARTS[part][lang != "zh"]


def grade_words(grade: str | None, lang: str) -> str:
    """What a grade is called; — where there is none."""
    return "—" if grade is None else NAMES[grade][lang != "zh"]


def number_words(part: str, value: float | None, lang: str) -> str:
    """A part's number as it stands in a cell."""
    if value is None:
        return "—"
    if part == "age":
        return f"{value:,.0f} 天" if lang == "zh" else f"{value:,.0f} d"
    # What does not quite reach 100 %, or is not quite 0, is not rounded to it.
    text = f"{value * 100:.1f}"
    text = "> 99.9" if text == "100.0" and value < 1 else "< 0.1" if text == "0.0" and value > 0 else text
    return f"{text.removesuffix('.0')} %"


def explained(card: Mapping[str, Any], part: str, lang: str) -> str:
    """A part of a card in a sentence, with its grade and what the grades ask for."""
    said, none = (words[lang != "zh"] for words in SENTENCES[part])
    value = card[part]
    told = none if value is None else said.format(**_facts(card, part, lang))
    colon, stop = ("：", "。") if lang == "zh" else (": ", ".")
    if MEASURES[part].bounds is None or value is None:
        return f"{part_words(part, lang)}{colon}{told}{stop}"
    head = f"{part_words(part, lang)} {number_words(part, value, lang)}"
    grade = grade_words(card[f"{part}_grade"], lang)
    bracket = f"（{grade}；{bounds_words(part, lang)}）" if lang == "zh" else f" ({grade}; {bounds_words(part, lang)})"
    return f"{head}{bracket}{colon}{told}{stop}"


def _facts(card: Mapping[str, Any], part: str, lang: str) -> dict[str, str]:
    counts = {name: f"{value:,}" for name, value in card.items() if isinstance(value, int)}
    share, size = number_words("imputed", card["imputed"], lang), card["size"]
    comma = "，" if lang == "zh" else ", "
    moved = "改动的中位数为 {}" if lang == "zh" else "the median change is {}"
    more = {
        "share": share,
        "per_hundred": f"{(card['doubts'] or 0.0) * 100:.3g}",
        "size": "" if size is None else comma + moved.format(number_words("", size, lang)),
        "rules": _rules(card["rules"], lang),
        "day": str(card["last"] or "")[:10],
    }
    return {**counts, **more} if part != "age" else {**more, "age": f"{card['age']:,.0f}"}


def _rules(text: str | None, lang: str) -> str:
    """How many warnings of each rule there are, and how many of them have no reason."""
    if not text:
        return ""
    zh, lines = lang == "zh", []
    for one in text.split(";"):
        rule, _, counts = one.partition(" ")
        every, _, unsaid = counts.partition("/")
        lines.append(f"{rule} {every} 条（未说明 {unsaid}）" if zh else f"{rule} {every} ({unsaid} without a reason)")
    return ("：" if zh else ": ") + ("、" if zh else ", ").join(lines)


def bounds_words(part: str, lang: str) -> str:
    """From which share on a part is good, usable, weak."""
    measure = MEASURES[part]
    sign, comma = ("≥" if measure.more else "≤"), ("，" if lang == "zh" else ", ")
    pairs = zip(GRADES, measure.bounds or (), strict=False)
    return comma.join(f"{grade_words(grade, lang)} {sign} {bound * 100:g} %" for grade, bound in pairs)


def decided_words(card: Mapping[str, Any], lang: str) -> str:
    """The grade, and the parts that it is the grade of: it is the lowest of the parts."""
    deciding = [part_words(one, lang) for one in (card["decided"] or "").split(";") if one]
    parts = ("、" if lang == "zh" else ", ").join(deciding)
    grade = grade_words(card["grade"], lang)
    if not parts:
        return grade
    return f"{grade}（取决于{parts}）" if lang == "zh" else f"{grade} (by {parts.lower()})"
