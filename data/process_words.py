"""Words for the problems of the evaluation's course: stages, reviews, adjustments, objections (zh, en)."""

from metrics.messages import E, Severity, register

CODES: dict[str, tuple[Severity, str, str]] = {
    "not_yourself": (E, "{person}不是登录的人（{known}）：每个决定都由本人署名。", "{person} is not who is signed in ({known}): everybody signs for themselves."),
    "no_moment": (E, "“{value}”不是带时区的时刻。请写成 2025-03-31T09:00+08:00。", "“{value}” is no moment with its offset. Write 2025-03-31T09:00+08:00."),
    "no_stage": (E, "没有叫“{stage}”的阶段。可用：{known}。", "No stage is called “{stage}”. Known: {known}."),
    "stage_order": (E, "{cycle} 在“{stage_zh}”，不能直接到“{to_zh}”。", "{cycle} is in the stage “{stage_en}” and cannot go to “{to_en}” from there."),
    "stage_final": (E, "{cycle} 已公布，不能退回；要更正请另出新版。", "{cycle} is published and cannot go back; to correct it publish a new edition."),
    "wrong_stage": (E, "{cycle} 在“{stage}”，这件事要在“{due}”阶段做。", "{cycle} is in the stage “{stage}”; this is done in: {due}."),
    "not_concluded": (E, "{cycle} 的结果还没有审定，不能公布。", "The results of {cycle} are not approved yet, and cannot be published."),
    "concluded_already": (E, "{cycle} 的结果已由{person}审定。", "The results of {cycle} have been approved already, by {person}."),
    "cycle_warnings": (E, "{cycle} 还有 {count} 条提示没有说明理由（批次：{batches}）。", "{count} warnings of {cycle} have no reason yet (batches: {batches})."),
    "cycle_undrawn": (E, "{cycle} 还没有抽签分配会审对象。", "For {cycle} nobody has been drawn to review anybody yet."),
    "reviews_open": (E, "{cycle} 还有 {count} 个地区没有会审结论：{regions}。", "{count} regions of {cycle} have no verdict of their reviewers yet: {regions}."),
    "escalations_open": (E, "{cycle} 还有 {count} 个上报的分歧没有裁定：{regions}。", "{count} escalated reviews of {cycle} are not settled yet: {regions}."),
    "adjustments_open": (E, "{cycle} 还有 {count} 个调整建议没有决定：{numbers}。", "{count} proposed adjustments of {cycle} are not decided yet: {numbers}."),
    "cycle_unpublished": (E, "{cycle} 还没有公布。", "{cycle} is not published yet."),
    "cycle_embargoed": (E, "{cycle} 要到 {release}（UTC）才公开。", "{cycle} is not public before {release} (UTC)."),
    "window_open": (E, "{cycle} 的异议期到 {due} 才结束。", "Objections to {cycle} may be filed until {due}."),
    "objections_open": (E, "{cycle} 还有 {count} 个异议没有答复：{numbers}。", "{count} objections to {cycle} are not answered yet: {numbers}."),
    "rectifications_open": (E, "{cycle} 还有 {count} 项整改没有办结：{numbers}。", "{count} rectifications of {cycle} are not done yet: {numbers}."),
}  # fmt: skip

register(CODES)
