"""The method's manual, made of the worked cases: `python -m tests.manual > docs/method.md`."""

import re
import sys
from pathlib import Path

FOLDER = Path(__file__).parent / "spec"
# What must be known first stands first.
PARTS: dict[str, tuple[str, ...]] = {
    "从事实到变量 · From facts to variables": (
        *("over_time", "fiscal_years", "over_sites", "parents", "weight_not_rolled", "zero_for_unweighted", "factors"),
    ),
    "从变量到指标值 · From variables to values": ("formulas", "other_cycles", "peers", "not_in_force_lost", "surveys"),
    "缺失值与离群值 · Missing values and outliers": ("missing", "imputed_out_of_force", "outliers"),
    "归一化 · Normalisation": (
        *("frames", "normalise_relative", "normalise_fixed", "ranks_and_ties", "rank_beside_constant"),
        *("rank_of_rounding", "zscore_overflow", "infinite_score"),
    ),
    "权重 · Weights": ("weights_from_judges", "weights_from_data"),
    "汇总 · Aggregation": ("coverage", "means", "other_means", "mazziotta_pareto", "copeland"),
    "等级与规则 · Grades and rules": ("grades_and_rules", "gate_low_coverage"),
}
PREFACE = """# 方法手册 · The method

每一章先写公式和规则，再用能按计算器核对的小例子算一遍：定义（YAML）、事实、应得的结果。这些例子也是程序的测试：程序和另一个独立的计算都必须得出表中的数。表中没有列出的，不在该例的要点之内；空格表示没有值。

Each chapter states its rule and formula first, and then works it through on cases small enough for a pocket
calculator: definitions (YAML), facts, and what must come out. The cases are the program's tests as well: the
program and a second, independent computation have to give the numbers of the tables. An empty cell means that
there is no value. Words: [GLOSSARY.md](../GLOSSARY.md); messages: [problems.md](problems.md). The formulas
follow the OECD/JRC *Handbook on Constructing Composite Indicators* (ISBN 978-92-64-04345-9) and the papers
named beside them.
"""


def manual() -> str:
    """The whole manual as Markdown: preface, contents, and the chapters in their order, each under an anchor."""
    lines = [PREFACE, "## 目录 · Contents", ""]
    for part, names in PARTS.items():
        lines += [f"- {part}", *(f"  - [{title_of(name)}](#{name})" for name in names)]
    for part, names in PARTS.items():
        lines += ["", f"## {part}", *(_chapter(name) for name in names)]
    return "\n".join(lines).rstrip() + "\n"


def title_of(name: str) -> str:
    """A chapter's heading."""
    return _text(name).split("\n", 1)[0].removeprefix("# ")


def _text(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8").strip()


def _chapter(name: str) -> str:
    """A chapter with its headings two levels deeper, below those of the manual and of its part."""
    blocks = re.split(r"(^```.*?^```)", _text(name), flags=re.DOTALL | re.MULTILINE)
    deeper = [block if block.startswith("```") else re.sub(r"^(#+ )", r"##\1", block, flags=re.M) for block in blocks]
    return f'\n<a id="{name}"></a>\n\n{"".join(deeper)}'


if __name__ == "__main__":
    sys.stdout.write(manual())
