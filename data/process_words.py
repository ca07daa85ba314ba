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
    "drawn_already": (E, "{cycle} 的会审对象已经抽签分配。", "For {cycle} it has been drawn already who reviews whom."),
    "draw_bounds": (E, "抽样比例要在 0 和 1 之间（现为 {share}），每个对象至少由一方会审（现为 {each}）。", "A share lies between 0 and 1 (here {share}), and each is reviewed by one other at least (here {each})."),
    "review_region": (E, "没有叫“{region}”的参评地区。", "No region that takes part is called “{region}”."),
    "review_code": (E, "没有叫“{value}”的代码。", "There is no code “{value}”."),
    "not_drawn": (E, "{cycle} 没有抽到会审 {region}：只能会审抽签分配的地区。", "Nobody was drawn to review {region} in {cycle}: only who was drawn is reviewed."),
    "rating_bounds": (E, "评分要在 0 和 100 之间（现为 {value}）。", "A rating lies between 0 and 100 (here {value})."),
    "nothing_escalated": (E, "{cycle} 的 {region} 没有待裁定的上报。", "Nothing about {region} in {cycle} is escalated and unsettled."),
    "adjustment_points": (E, "调整的分数要在 −100 到 100 之间，且不为零（现为 {value}）。", "The points of an adjustment lie between −100 and 100 and are not 0 (here {value})."),
    "no_such_adjustment": (E, "没有第 {number} 号调整。", "There is no adjustment {number}."),
    "own_adjustment": (E, "第 {number} 号调整由{person}提出，须由另一人决定。", "Adjustment {number} was proposed by {person}: another person has to decide."),
    "adjustment_decided": (E, "第 {number} 号调整的状态是“{state}”，不能这样改。", "Adjustment {number} is {state} and cannot become that."),
    "evidence_too_many": (E, "佐证文件有 {count} 个，最多 {most} 个。", "There are {count} files of evidence; at most {most} are kept."),
    "evidence_size": (E, "佐证“{name}”是空的，或超过 {most} MB。", "The evidence “{name}” is empty, or larger than {most} MB."),
    "evidence_unknown": (E, "没有摘要为 {digest} 的佐证。", "No evidence has the digest {digest}."),
    "evidence_changed": (E, "佐证 {digest} 的文件被改动过，没有取出。", "The file of the evidence {digest} was changed, and is not given out."),
    "edition_same": (E, "{cycle} 自第 {edition} 版以来没有任何变化，不必另出新版。", "Nothing has changed since edition {edition} of {cycle}, so that there is no new one to publish."),
    "no_such_edition": (E, "{cycle} 没有第 {edition} 版（共 {last} 版）。", "There is no edition {edition} of {cycle} (it has {last})."),
    "first_edition": (E, "{cycle} 的第 1 版之前没有别的版本，无从比较。", "There is nothing before edition 1 of {cycle} to compare it with."),
    "cycle_unpublished": (E, "{cycle} 还没有公布。", "{cycle} is not published yet."),
    "cycle_embargoed": (E, "{cycle} 要到 {release}（UTC）才公开。", "{cycle} is not public before {release} (UTC)."),
    "window_open": (E, "{cycle} 的异议期到 {due} 才结束。", "Objections to {cycle} may be filed until {due}."),
    "objections_open": (E, "{cycle} 还有 {count} 个异议没有答复：{numbers}。", "{count} objections to {cycle} are not answered yet: {numbers}."),
    "rectifications_open": (E, "{cycle} 还有 {count} 项整改没有办结：{numbers}。", "{count} rectifications of {cycle} are not done yet: {numbers}."),
}  # fmt: skip

register(CODES)
