"""Words for the problems of alert rules (zh, en)."""

from metrics.messages import E, Severity, register

CODES: dict[str, tuple[Severity, str, str]] = {
    "no_address": (E, "“{found}”不是邮件地址。", "“{found}” is no mail address."),
    "one_limit_wanted": (E, "写了 indicator，就写 above、below 之一；没写 indicator，两者都不写。", "With an indicator one of above and below is due, without one neither."),
    "not_alerted_of": (E, "提醒规则“{rule}”所指的“{value}”不是定义里的指标。", "The alert rule “{rule}” names “{value}”, which is no indicator of the definitions."),
    "no_target_to_reach": (E, "提醒规则“{rule}”所指的“{value}”没有要达到的目标，没有进度可言。", "The alert rule “{rule}” names “{value}”, which has no target to reach, and so no pace towards one."),
    "by_no_cycle": (E, "提醒规则“{rule}”的 by 写着“{value}”，这不是定义里的周期。周期写成 {cycle} 的样子。", "The alert rule “{rule}” has by: {value}, which is no cycle of the definitions. A cycle is written like {cycle}."),
}  # fmt: skip

register(CODES)
