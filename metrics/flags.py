"""Flags: what stands beside a number when something about it must be known."""

FLAGS: dict[str, tuple[str, str]] = {
    "partial_period": ("周期内有期间未报，合计不成立", "periods missing in the cycle, no sum"),
    "mixed_periods": (
        "同时报了整周期与分期数，取整周期（或最细分期）",
        "whole-cycle and shorter facts both reported; one kind used",
    ),
    "partial_sites": ("有公共机构未报", "a site has not reported"),
    "partial_children": ("有下级地区未报", "a child region has no value"),
    "differs_from_parts": ("自报数与下级汇总不一致", "own report differs from the sum of its parts"),
    "not_in_force": ("本周期不适用", "not in force in this cycle"),
    "zero_division": ("分母为零", "division by zero"),
    "infinite": ("数值溢出", "not a finite number"),
    "undefined": ("数学上无定义", "mathematically undefined"),
    "constant": ("各地区数值相同，无法归一化", "all regions equal, cannot be normalised"),
    "goal_not_ahead": (
        "比较对象均已达到目标（或参照值），无从计分",
        "all in the frame have reached the target or reference, no score",
    ),
    "not_positive": ("最大值或数值不大于零，不能取比例", "no share of a number that is not above zero"),
    "single_region": ("可比组内仅一个地区", "only one region in the frame"),
    "empty_frame": ("基准框内无数值", "no value in the frame"),
    "no_comparison": ("无可比数值", "nothing to compare with"),
    "few_responses": ("调查样本少于规定份数", "fewer answered the survey than are needed"),
    "wide_interval": ("调查的置信区间过宽", "the survey's interval is wider than it should be"),
    "imputed": ("插补值", "imputed"),
    "treated": ("已作离群值处理", "outlier treated"),
    "low_coverage": ("覆盖率低于下限，不计分", "coverage below the minimum, no score"),
}

# Of them those that say how sure the answer of a survey is.
SURVEYED = ("few_responses", "wide_interval")


def label(code: str, lang: str) -> str:
    """A flag's words; a rule's code, which is no flag of the method, stands for itself."""
    zh, en = FLAGS.get(code, (code, code))
    return zh if lang == "zh" else en
