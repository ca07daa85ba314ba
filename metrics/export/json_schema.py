"""The JSON Schema of a scorecard in JSON: what each key holds, in both languages, for whoever reads it by program."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_FLAGS = r"^([^;]+(;[^;]+)*)?$"
Code = Annotated[str, Field(min_length=1)]
Number = float | None


def _about(zh: str, en: str, **bounds: Any) -> Any:
    return Field(description=f"{zh} · {en}", **bounds)


class _Part(BaseModel):
    """A part of the file; a key that is not described here is not in it."""

    model_config = ConfigDict(extra="forbid")


class Name(_Part):
    """名称 · a name in both languages"""

    zh: str = _about("中文", "Chinese")
    en: str = _about("英文", "English")


class Row(_Part):
    """一个周期、一个地区、一个节点 · one cycle, region and node of the tree"""

    period: Code = _about("评估周期", "cycle")
    region: Code = _about("地区代码", "code of the region")
    code: Code = _about("指标、维度或综合得分的代码", "code of the indicator, pillar or composite")
    level: Literal["composite", "pillar", "indicator"] = _about("层级", "level: composite, pillar or indicator")
    parent: str | None = _about("上级的代码；综合得分和不计入的指标没有", "code of what it stands under; null for none")
    value: Number = _about(
        "指标值，按 units 的单位；缺失为 null", "the indicator's value in its unit; null where missing"
    )
    treated: Number = _about("插补和离群值处理之后的值", "the value after missing values and outliers were treated")
    score: Number = _about("得分，未取整；没有得分为 null", "the score, not rounded; null where there is none")
    weight: Number = _about("同级之间的份额", "the share among siblings", ge=0)
    coverage: Number = _about("覆盖率，0 至 1", "the share of weight that is scored, 0 to 1", ge=0)
    imputed: Number = _about("权重中插补所占的份额，0 至 1", "the share of weight that was imputed, 0 to 1", ge=0)
    rank: Annotated[int, Field(ge=1)] | None = _about(
        "排名，1 最好；没有得分则没有排名", "1 is best; null without a score"
    )
    grade: str | None = _about("等级的代码，只在综合得分上", "code of the grade, at the composite only")
    flags: str = _about("标记与规则的代码，以分号隔开", "codes of flags and rules, apart by semicolons", pattern=_FLAGS)


class Reported(_Part):
    """一个周期、一个地区、一个变量 · one cycle, region and variable"""

    period: Code = _about("评估周期", "cycle")
    region: Code = _about("地区代码", "code of the region")
    variable: Code = _about("变量代码", "code of the variable")
    value: Number = _about("汇总后的数，按 units 的单位", "the number as it was rolled up, in its unit")
    flags: str = _about("标记的代码，以分号隔开", "codes of flags, apart by semicolons", pattern=_FLAGS)


class ScorecardFile(_Part):
    """区衡评分卡（JSON）· a scorecard of Quheng in JSON"""

    quheng: Literal[1] = _about("格式版本", "version of this format")
    title: Name = _about("标题", "title")
    notice: str = _about(
        "声明，例如“示例数据”；没有则为空", "a notice, such as that this is a demonstration; empty for none"
    )
    definitions: str = _about("定义文件的 SHA-256", "SHA-256 of the definitions file", pattern="^([0-9a-f]{64})?$")
    periods: list[Code] = _about("评估周期，从早到晚", "the cycles, the earliest first")
    regions: dict[str, Name] = _about("地区代码与名称", "regions: names by code")
    names: dict[str, Name] = _about(
        "指标、维度、变量的代码与名称", "names of indicators, pillars and variables by code"
    )
    units: dict[str, Code] = _about("有单位者的代码与单位", "units by code, of what has one")
    grades: dict[str, Name] = _about("等级的代码与名称，最好的在前", "grades: names by code, the best first")
    rows: list[Row] = _about("评分，按周期、地区、指标体系的次序", "scores, by cycle, region and the tree's order")
    variables: list[Reported] = _about("变量，按周期、地区、代码的次序", "variables, by cycle, region and code")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `metrics.export.json` writes."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Quheng scorecard"}
    return {**head, **{key: part for key, part in ScorecardFile.model_json_schema().items() if key != "title"}}
