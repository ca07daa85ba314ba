"""What is told of a suggestion: what each column was taken for and why, and what is doubtful."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from metrics.terms import unit_words

# So many names stand in a message.
MANY = 12

WORDS: dict[str, tuple[str, str]] = {
    # why a column was taken for what it was
    "named": ("名称或代码相同", "the name or code is the same"),
    "begins": ("名称的开头相同", "the name begins the same"),
    "ends": ("名称的结尾相同", "the name ends the same"),
    "within": ("名称包含在内", "the name is part of it"),
    "words": ("代码的词和计量单位相符", "the words of the code and the unit agree"),
    "unit": ("只有它用这个计量单位", "it alone has this unit"),
    "title": ("表题里有它的名称", "the title names it"),
    "cells": ("{share} 的内容认得", "{share} of the cells are known"),
    "head": ("按表头", "by its head"),
    "numbers": ("是仅有的数值列", "it is the only column of numbers"),
    "kept": ("以前确认过", "confirmed before"),
    "empty_column": ("整列空白", "the column is blank"),
    "no_match": ("没有认出是哪个变量", "no variable was recognised"),
    "taken_already": ("同一变量已取另一列", "another column is taken for that variable"),
    "no_role": ("不是地区、期间、变量或数值", "neither region, period, variable nor value"),
    # what is doubtful
    "no_table": ("没有找到表格：看不到表头和下面的数值。", "No table was found: no heads with numbers below."),
    "region_missing": ("没有认出地区：请在映射里写 region。", "No region was recognised: write `region` in the mapping."),
    "period_missing": ("没有认出期间：请在映射里写 period。", "No period was recognised: write `period` in the mapping."),
    "variable_missing": ("没有认出变量：请在映射里给“{column}”的各个名称选定变量（names）。", "No variable was recognised: choose one for each name in “{column}” (`names`)."),
    "values_missing": ("没有认出数值列：请在映射里写 values。", "No column of values was recognised: write `values` in the mapping."),
    "region_from_name": ("地区取自文件名或表题：{found}。请核对。", "The region is from the file's name or title: {found}. Please check."),
    "period_from_title": ("期间取自表题：{found}。请核对。", "The period is from the title: {found}. Please check."),
    "period_from_name": ("期间取自文件名：{found}。请核对。", "The period is from the file's name: {found}. Please check."),
    "variable_from_name": ("变量取自文件名或表题：{found}。请核对。", "The variable is from the file's name or title: {found}. Please check."),
    "total_from_title": ("“{column}”按表题当作 {found}。请核对。", "“{column}” is taken for {found}, which the title names. Please check."),
    "years_or_months": ("“{found}”可能是月份，也可能是财政年度，按{taken}读。请核对。", "“{found}” may be a month or a fiscal year; it is read as {taken}. Please check."),
    "fiscal_year_named": ("“{found}”按财政年度读作 {taken}（以结束的年份命名）。如果以开始的年份命名，请改选另一个期间。", "“{found}” is read as the fiscal year {taken}, named by the year in which it ends. Where it is named by its first year choose the other period."),
    "unknown_regions": ("这些地区不认识：{names}。", "These regions are not known: {names}."),
    "unknown_variables": ("这些名称没有认出变量，略过不读：{names}。", "No variable was recognised for these names, which are left out: {names}."),
    "totals_left_out": ("这些行像合计，略过不读：{names}。", "These rows look like totals and are left out: {names}."),
    "likely_variable": ("“{column}”按名称近似当作 {found}。请核对。", "“{column}” is taken for {found} by a similar name. Please check."),
    "unit_factor": ("{found} 的数值由{unit}换成{declared}：乘以 {times}。", "Values of {found} go from {unit} to {declared}: times {times}."),
    "unit_mismatch": ("{found} 的计量单位是{declared}，表里印的是{unit}，换算不了。请核对。", "{found} is in {declared}, and the table says {unit}, which does not become it. Please check."),
    "mixed_units": ("“{column}”有几种计量单位（{names}），没有采用。请分开，或统一单位。", "“{column}” stands in several units ({names}) and is left out. Separate them, or use one unit."),
    "no_unit": ("表里没有印计量单位，按各变量自己的单位读：{names}。请核对。", "The table prints no unit; each variable is read in its own: {names}. Please check."),
    "maybe_share": ("{found} 的计量单位是 %，表里的数都在 0 到 1 之间，可能是比值。如果是，请乘以 100。", "{found} is in %, and all numbers lie between 0 and 1: perhaps shares. If so multiply by 100."),
    "maybe_percent": ("{found} 是比值，表里的数大于 1，可能是百分数。如果是，请乘以 0.01。", "{found} is a share, and there are numbers above 1: perhaps per cent. If so multiply by 0.01."),
    "same_head": ("“{names}”列也像“{column}”（表头相同的列编了号），取“{column}”。请核对。", "“{names}” looks like “{column}” too (columns of one head are numbered); “{column}” is taken. Please check."),
    "several_values": ("有几列数值，取“{column}”；另有：{names}。请核对。", "There are several columns of numbers; “{column}” is taken, not {names}. Please check."),
    "other_sheets": ("另有工作表也像表格：{names}。每张表各导入一次（--sheet）。", "Other sheets look like tables too: {names}. Import each by itself (--sheet)."),
    "encoding": ("编码读作 {found}。", "The encoding is read as {found}."),
    "password": ("文件用 Excel 的默认密码加密，已打开。", "The file is encrypted with Excel's default password, and was opened."),
    "kept_period": ("上次的期间是 {before}，这个文件是 {found}，按这个文件的。", "Last time the period was {before}, this file says {found}, which is taken."),
    "kept_period_unsure": ("期间 {found} 是上次确认的，这个文件里没有写。请核对。", "The period {found} was confirmed last time; this file does not say. Please check."),
    "kept_region": ("上次的地区是 {before}，这个文件是 {found}，按这个文件的。", "Last time the region was {before}, this file says {found}, which is taken."),
    "kept_region_unsure": ("地区 {found} 是上次确认的，这个文件里没有写。请核对。", "The region {found} was confirmed last time; this file does not say. Please check."),
    "kept_variable": ("上次的变量是 {before}，这个文件是 {found}，按这个文件的。请核对。", "Last time the variable was {before}, this file says {found}, which is taken. Please check."),
    "kept_variable_unsure": ("变量 {found} 是上次确认的，这个文件里没有写。请核对。", "The variable {found} was confirmed last time; this file does not say. Please check."),
    "kept_factor": ("{found} 的数值乘以 {times} 是上次确认的，这个文件没有写明。请核对。", "That values of {found} are multiplied by {times} was confirmed last time; this file does not say so. Please check."),
    "kept_unusable": ("上次确认的映射用不上这个文件，按文件重新建议。", "The mapping confirmed last time does not fit this file; it is suggested anew."),
    # roles
    "region": ("地区", "region"),
    "period": ("期间", "period"),
    "site": ("公共机构", "site"),
    "variable": ("变量", "variable"),
    "value": ("数值", "value"),
    "status": ("状态", "status"),
    "source": ("来源", "source"),
    "note": ("说明", "note"),
    "units": ("计量单位", "unit"),
    "left_out": ("不读", "not read"),
    "certain": ("确定", "certain"),
    "likely": ("多半", "likely"),
    "unsure": ("存疑", "unsure"),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """Something to be told, by its key in WORDS."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def text(self, lang: str = "zh") -> str:
        """The words in a language; of `units` the first pairs of a variable and its unit are its `names`."""
        facts = dict(self.facts)
        if "declared" in facts:
            facts["declared"] = unit_words(facts["declared"], lang) or facts["declared"]
        if "units" in facts:
            facts["names"] = listed(f"{name} {unit_words(unit, lang)}" for name, unit in facts["units"])
        return WORDS[self.code][lang != "zh"].format(**facts)


def listed(names: Iterable[str]) -> str:
    """Names in a row, the first dozen of them."""
    every = list(names)
    return ", ".join(every[:MANY]) + (f" … (+{len(every) - MANY})" if len(every) > MANY else "")
