"""Words for the problems of surveys and their answers (zh, en)."""

from metrics.messages import E, N, Severity, register

CODES: dict[str, tuple[Severity, str, str]] = {
    "satisfied_from_wanted": (E, "请写 satisfied_from：从几分起算满意，应高于 {low}、不高于 {high}。", "Write satisfied_from: the score from which an answer counts as satisfied, above {low} and at most {high}."),
    "answers_alike": (E, "各种回答的分值都一样，分不出高低。", "All answers have the same score, so none is better than another."),
    "answer_and_none": (E, "这些既写在 answers、又写在 no_answer：{answers}。", "These stand both in answers and in no_answer: {answers}."),
    "not_of_measure": (E, "measure: {measure} 不能有 {keys}。", "With measure: {measure} there can be no {keys}."),
    "gives_nothing": (E, "gives 没有写出结果变量：share 写 rate 或 satisfied，mean 写 mean。", "gives names no variable for the result: rate or satisfied of a share, mean of a mean."),
    "satisfied_alone": (E, "写了 satisfied，也要写 respondents：两者之比才是满意率。", "Where satisfied is given, respondents is due too: their ratio is the rate."),
    "bad_confidence": (E, "confidence 应在 0.5 与 1 之间（如 95%），写的是 {found}。", "confidence is between 0.5 and 1 (such as 95%), not {found}."),
    "in_two_sets": (E, "{key} 中这些写在了两处：{codes}。", "These stand under {key} twice: {codes}."),
    "least_for_mean": (E, "求均值的区间至少要 {least} 份，而这些主体的 least 更少：{codes}。", "An interval of a mean takes {least} answers at least, and these bodies have a smaller least: {codes}."),
    "unknown_body": (E, "调查文件里没有主体“{value}”。可用：{known}。", "The surveys file has no body “{value}”. Known: {known}."),
    "unknown_question": (E, "调查文件里没有问题“{value}”。可用：{known}。", "The surveys file has no question “{value}”. Known: {known}."),
    "unknown_answer": (E, "问题“{question}”没有“{value}”这种回答。可用：{known}。", "“{value}” is no answer to “{question}”. Known: {known}."),
    "bad_count": (E, "份数“{value}”应是 0 或正整数，连同前面各行不超过 {most}。", "The count “{value}” should be 0 or a positive whole number, with those of the rows above at most {most}."),
    "answered_twice": (E, "“{value}”对问题“{question}”答了不止一次。请只保留一行，份数为 1。", "“{value}” answered “{question}” more than once. Keep one row, with a count of 1."),
    "body_left_out": (N, "{period} {region} {set}：{body}只有 {n} 份，少于 {least}，未计入，其余按权重重新分配。", "{period} {region} {set}: {body} has {n} answers, fewer than {least}; it is left out, and the others are reweighted."),
    "bodies_left_out": (N, "另有 {count} 处主体因份数不足未计入，见 --intervals。", "{count} more bodies were left out for too few answers; --intervals lists them."),
}  # fmt: skip

register(CODES)
