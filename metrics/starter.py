"""A definitions file to begin with: small, commented, valid; one indicator a template."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.problems import InputError, Problem, nearest

HEAD = """\
# yaml-language-server: $schema=SCHEMA
# 指标定义：改完用 python -m metrics check 本文件 核对；写法见 docs/definitions.md。
# Definitions: check after each change with python -m metrics check FILE; how to write them: docs/definitions.md.
schema: 1
title: {zh: 新的评价, en: A new evaluation}
cycle: year
# 变量：上报的数字。over_time 各期怎样合成一年；over_sites 各机构、各下级怎样合成；plausible 合理范围。
# Variables: the numbers that are reported; how periods make a year, how sites and children are combined.
variables:
"""
INDICATORS = """\
# 指标：公式由变量算出；better 越高（higher）或越低（lower）越好；normalise 怎样变成 0–100 分。
# Indicators: a formula of variables; whether higher or lower is better; how a value becomes a score of 0–100.
indicators:
"""
INDEX = """\
# 指标体系：权重是同级之间的份额。
# The index: weights are shares among siblings.
index:
  code: composite
  name: {zh: 综合得分, en: Composite}
  children:
"""
GRADES = """\
# 等级：最好的在前，最后一个没有下限。
# Grades: the best first, the last without a bound.
grades:
  - {code: good, name: {zh: 良好, en: Good}, at_least: 80}
  - {code: fair, name: {zh: 合格, en: Fair}, at_least: 60}
  - {code: poor, name: {zh: 不合格, en: Poor}}
"""


@dataclass(frozen=True)
class Template:
    """One indicator and the variables that it needs (by code), each as it stands in a file."""

    indicator: str
    variables: tuple[str, ...]


VARIABLES: dict[str, str] = {
    "staff": """\
  staff:
    name: {zh: 在职人员数（年末）, en: Staff at the year's end}
    unit: person
    over_time: last
""",
    "operating_cost": """\
  operating_cost:
    name: {zh: 机关运行成本, en: Operating cost}
    unit: 万元
    plausible: [0, 1000000]
""",
    "energy": """\
  energy:
    name: {zh: 综合能耗, en: Energy}
    unit: kgce
""",
    "floor_area": """\
  floor_area:
    name: {zh: 建筑面积, en: Floor area}
    unit: m2
    over_time: last
""",
    "water": """\
  water:
    name: {zh: 用水量, en: Water}
    unit: m3
""",
    "idle_area": """\
  idle_area:
    name: {zh: 闲置面积, en: Idle floor area}
    unit: m2
    over_time: last
""",
    # Without a unit: the root of a number of answers has none either.
    "satisfied": """\
  satisfied:
    name: {zh: 满意的答卷份数, en: Satisfied answers}
    unit: "1"
    plausible: [0, 1.0e7]
""",
    "answers": """\
  answers:
    name: {zh: 答卷份数, en: Answers}
    unit: "1"
    plausible: [0, 1.0e7]
""",
    "satisfaction_margin": """\
  # 95 % 置信区间的半宽（正态近似）：答卷少时，差距可能只是抽样误差。
  # Half the width of the 95 % interval (normal approximation): of few answers a difference may be chance.
  satisfaction_margin:
    name: {zh: 满意率的误差范围, en: Margin of the satisfaction}
    unit: "%"
    formula: 1.96 * sqrt(satisfied / answers * (1 - satisfied / answers) / answers)
""",
}
TEMPLATES: dict[str, Template] = {
    "ratio": Template(
        """\
  # 两个量之比。 A ratio of two numbers.
  energy_per_area:
    name: {zh: 单位建筑面积能耗, en: Energy per floor area}
    unit: kgce/m2
    formula: energy / floor_area
    better: lower
    normalise: minmax
    example: {given: {energy: 1200, floor_area: 100}, value: 12}
""",
        ("energy", "floor_area"),
    ),
    "per_head": Template(
        """\
  # 人均：万元/person 写成 元/person 会自动换算。 Per head: the unit is converted.
  cost_per_head:
    name: {zh: 人均机关运行成本, en: Operating cost per head}
    unit: 元/person
    formula: operating_cost / staff
    better: lower
    normalise: minmax
    example: {given: {operating_cost: 50, staff: 20}, value: 25000}
""",
        ("operating_cost", "staff"),
    ),
    "share": Template(
        """\
  # 份额，以 % 计；约束值 10、基准值 5、引导值 2。 A share in %, scored by three limits.
  idle_share:
    name: {zh: 闲置面积占比, en: Idle share of floor area}
    unit: "%"
    formula: idle_area / floor_area
    better: lower
    normalise: {method: limits, binding: 10, current: 5, leading: 2}
    example: {given: {idle_area: 5, floor_area: 100}, value: 5}
""",
        ("idle_area", "floor_area"),
    ),
    "reduction": Template(
        """\
  # 比基年（2020）下降多少；下降 10 % 得满分。 The reduction on a base year; 10 % has full marks.
  water_reduction:
    name: {zh: 人均用水量比 2020 年下降率, en: Reduction of water per head since 2020}
    unit: "%"
    formula: 1 - (water / staff) / at(water / staff, 2020)
    better: higher
    normalise: {method: goalposts, worst: 0, best: 10}
""",
        ("water", "staff"),
    ),
    "satisfaction": Template(
        """\
  # 满意率；误差范围见变量 satisfaction_margin。 Its margin is the variable satisfaction_margin.
  satisfaction:
    name: {zh: 服务满意率, en: Satisfaction}
    unit: "%"
    formula: satisfied / answers
    better: higher
    normalise: {method: goalposts, worst: 60, best: 100}
    example: {given: {satisfied: 90, answers: 100}, value: 90}
""",
        ("satisfied", "answers", "satisfaction_margin"),
    ),
}


def starter(names: Sequence[str] = (), *, schema: str = "./docs/indicators.schema.json") -> str:
    """The text of a valid definitions file with these templates (all without names), equal weights and grades.

    `schema`: where editors find the JSON Schema, as seen from the file.
    Raises InputError for a name that is no template.
    """
    unknown = [name for name in names if name not in TEMPLATES]
    if unknown:
        facts = {"value": unknown[0], "known": ", ".join(TEMPLATES), "near": nearest(unknown[0], TEMPLATES) or ""}
        raise InputError([Problem("unknown_template", facts=facts)])
    chosen = [TEMPLATES[name] for name in dict.fromkeys(names or TEMPLATES)]
    needed = dict.fromkeys(code for template in chosen for code in template.variables)
    leaves = "".join(f"    - {{indicator: {_code(template)}, weight: 1}}\n" for template in chosen)
    variables = "".join(VARIABLES[code] for code in needed)
    head = HEAD.replace("SCHEMA", schema)
    return "\n".join(
        (head + variables, INDICATORS + "".join(template.indicator for template in chosen), INDEX + leaves, GRADES)
    )


def _code(template: Template) -> str:
    """The code of a template's indicator: the first key of its text."""
    return next(line.strip(" :") for line in template.indicator.splitlines() if not line.lstrip().startswith("#"))
