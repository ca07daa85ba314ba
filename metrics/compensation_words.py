"""Words for the problems of compensation between regions (zh, en)."""

from metrics.messages import E, N, Severity, register

CODES: dict[str, tuple[Severity, str, str]] = {
    "not_a_flow": (E, "规则“{rule}”的“{flow}”不是按对方地区报的变量（协同领域、over_sites: sum）。", "“{flow}” of the rule “{rule}” is no variable that is reported by counterpart (domain synergy, over_sites: sum)."),
    "rate_unit": (E, "规则“{rule}”的单价（{unit}）乘以“{flow}”（{of}）不是钱。", "The rate of the rule “{rule}” ({unit}) times “{flow}” ({of}) is no money."),
    "no_such_area": (E, "没有叫“{area}”的区域，也没有下级地区属于它。现有：{known}。", "No area is called “{area}”, and no region belongs to it. Known: {known}."),
    "flows_unknown": (N, "{period}：{count} 对地区的往来量不全，未计补偿。", "{period}: the flows of {count} pairs are not wholly known and not compensated."),
    "nothing_to_compensate": (E, "事实里没有这些规则所指的地区间往来。", "The facts hold no flows between regions that these rules are about."),
}  # fmt: skip

register(CODES)
