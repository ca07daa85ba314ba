"""What follows in a manual from scores: grades, rules, and the methods by which they come about."""

from collections.abc import Iterator

from metrics.adjustments import rules_about
from metrics.definitions import Definitions
from metrics.differences.values import formula_words, percent
from metrics.manual.blocks import Block, Bullets, Heading, Note, Pairs, Paragraph, Table
from metrics.manual.indicators import normaliser
from metrics.manual.words import Words
from metrics.methods import aggregate_name
from metrics.models import Grade, Node, Rule
from metrics.written import number

# Means that are the same whatever the weights of the children that count.
UNWEIGHTED = ("minimum", "mazziotta_pareto")


def grades(words: Words) -> Iterator[Block]:
    """The grades, best first, with what each takes."""
    if not words.file.grades:
        return
    yield Heading(1, words.pick("等级", "Grades"))
    heads = words.pick(("等级", "条件"), ("Grade", "Condition"))
    rows = tuple((words.line(grade.name.text(words.lang)), grade_takes(words, grade)) for grade in words.file.grades)
    yield Table(heads, rows, (1, 3))
    if words.file.heading.tie_breaks:
        named = words.pick("、", ", ").join(words.quoted(code) for code in words.file.heading.tie_breaks)
        yield Paragraph(
            words.pick(
                f"名额之内并列时，依次比较{named}的得分。",
                f"Within a quota, ties are decided by the scores of {named} in turn.",
            )
        )


def grade_takes(words: Words, grade: Grade) -> str:
    """What a grade takes, in words."""
    if grade.at_least is not None:
        least = number(grade.at_least)
        return words.pick(f"综合得分不低于 {least}", f"a composite of at least {least}")
    if grade.top is not None:
        return words.pick(f"前 {grade.top} 名", f"the first {grade.top}")
    if grade.top_share is not None:
        return words.pick(f"前 {percent(grade.top_share)}", f"the first {percent(grade.top_share)}")
    return words.pick("其余", "all others")


def rules(words: Words) -> Iterator[Block]:
    """What acts beside the mean."""
    # Of the method there are only the rules of the file: adjustments are told where they act.
    own = rules_about(words.file, (), ())
    if not own:
        return
    yield Heading(1, words.pick("规则", "Rules"))
    heads = words.pick(("规则", "条件", "后果", "来源"), ("Rule", "When", "What follows", "Source"))
    yield Table(heads, tuple(rule_row(words, rule) for rule in own), (3, 2.4, 2, 2.6))
    if words.file.bonus_cap is not None:
        yield Paragraph(cap_words(words))


def cap_words(words: Words) -> str:
    """The cap of all bonuses; nothing without one."""
    if words.file.bonus_cap is None:
        return ""
    most = number(words.file.bonus_cap)
    return words.pick(f"各项加分合计不超过 {most} 分。", f"All bonuses together give at most {most} points.")


def rule_row(words: Words, rule: Rule) -> tuple[str, ...]:
    """A rule by name, when it acts, what follows, and its source."""
    kind = words.term("kind", rule.kind)
    follows = points_words(words, rule) or {
        "veto": words.pick(f"等级最高为{_grade(words, rule)}", f"at most {_grade(words, rule)}"),
        "gate": words.pick("不计分、不排名、不定级", "no score, rank or grade"),
    }[rule.kind]
    condition = formula_words(rule.when.text, words.file, words.lang)
    told = words.pick(f"{kind}：{follows}", f"{kind}: {follows}")
    return rule_name(words, rule), condition, told, words.line(rule.source)


def rule_name(words: Words, rule: Rule) -> str:
    """What a rule is called."""
    return words.line(rule.name.text(words.lang)) if rule.name is not None else rule.code


def points_words(words: Words, rule: Rule) -> str:
    """How many points a bonus gives or a penalty takes; empty for other rules."""
    if rule.points is None or rule.kind not in ("bonus", "penalty"):
        return ""
    points, unit = number(rule.points), "point" if rule.points == 1.0 else "points"
    if rule.kind == "bonus":
        return words.pick(f"加 {points} 分", f"{points} {unit} more")
    return words.pick(f"扣 {points} 分", f"{points} {unit} off")


def _grade(words: Words, rule: Rule) -> str:
    names = {grade.code: grade.name.text(words.lang) for grade in words.file.grades}
    return f"“{words.line(names.get(rule.cap or '', rule.cap or '—'))}”"


def methods(words: Words) -> Iterator[Block]:
    """How a score comes about, where nothing else is said, and the nodes that say otherwise."""
    yield Heading(1, words.pick("方法", "Method"))
    digits = words.pick(
        "本手册中各档和各点的得分写到四位有效数字，其余的数照定义文件；计算一律用定义文件中的准确值。",
        " Here the scores of steps and points have four significant digits and all other numbers those of the "
        "definitions file; whatever is computed takes its exact numbers.",
    )
    yield Note(in_short(words) + digits)
    yield Pairs(tuple(defaults(words).values()))
    yield from exceptions(words)


def in_short(words: Words) -> str:
    """How a score comes about, from the variables to the grade; of weights only where they count."""
    used = {aggregate_name(words.file.aggregate_of(node)) for node in words.file.tree_nodes.values()}
    named = words.pick("、", ", ").join(words.term("aggregate", name) for name in UNWEIGHTED if name in used)
    if not named:
        how = words.pick("按权重汇总", "aggregated by weight")
    elif used <= set(UNWEIGHTED):
        how = words.pick(f"汇总（{named}，不用权重）", f"aggregated without weights ({named})")
    else:
        how = words.pick(f"按权重汇总（{named}不用权重）", f"aggregated by weight (without weights: {named})")
    weighed = not used <= set(UNWEIGHTED)
    zh, en = ("，其权重由其余分摊", " and the others reweighted") if weighed else ("", "")
    return words.pick(
        f"指标值由公式从变量算出，按归一化方法变成得分；同一维度下的得分{how}，逐级到综合得分；"
        f"没有得分的下级不计入{zh}，覆盖率低于最低要求的不计分；然后适用规则、评定等级。",
        f"A formula makes an indicator's value of variables, a normalisation makes it a score; scores are {how}, level "
        f"by level. Children without a score are left out{en}, as long as enough of them are covered; then rules act "
        "and grades are given.",
    )


def defaults(words: Words) -> dict[str, tuple[str, str]]:
    """The methods that hold where nothing else is said, by key: what each is called, and what it is."""
    own = words.file.heading.defaults
    told = {key: words.value(key, getattr(own, key)) for key in ("missing", "outliers", "aggregate", "weights")}
    found = {"normalise": normaliser(words, own.normalise), **told, "min_coverage": percent(own.min_coverage)}
    return {key: (words.key(type(own), key), text) for key, text in found.items()}


def exceptions(words: Words) -> Iterator[Block]:
    """The nodes that say otherwise."""
    file = words.file
    told = tuple(text for node in file.tree_nodes.values() if (text := _node(words, file, node)))
    if told:
        yield Paragraph(words.pick("另有规定的维度：", "Pillars that say otherwise:"))
        yield Bullets(told)


def _node(words: Words, file: Definitions, node: Node) -> str:
    """What a node says otherwise than by default; nothing where it does not."""
    keys = ("aggregate", "floor", "weights", "min_coverage")
    own = [(key, getattr(node, key)) for key in keys if getattr(node, key) is not None]
    told = [f"{words.key(Node, key)} {words.value(key, value)}" for key, value in own]
    colon = words.pick("：", ": ")
    return f"{words.name(node.code)}{colon}{words.pick('，', ', ').join(told)}" if told else ""
