"""Every problem's severity and words (zh, en); `docs/problems.md` lists them."""

from typing import Literal

Severity = Literal["error", "warning", "note"]
E: Severity = "error"
W: Severity = "warning"
N: Severity = "note"

_TEXT: dict[str, tuple[Severity, str, str]] = {
    "file_too_large": (E, "文件过大（{size}，上限 {most}）。请拆分或删去多余内容。", "The file is too large ({size}; at most {most}). Split it or remove what is not needed."),
    "not_utf8": (E, "文件不是 UTF-8 编码（此处字节 {byte}）。请另存为 UTF-8。", "The file is not UTF-8 (byte {byte} here). Save it as UTF-8."),
    "control_character": (E, "含有不可见的控制字符 {character}。请删除它。", "There is an invisible control character {character}. Delete it."),
    "empty_file": (E, "文件是空的。", "The file is empty."),
    "second_document": (E, "文件里有第二个文档（---）。请只保留一个。", "There is a second document (---). Keep one only."),
    "nested_too_deep": (E, "层次过深（上限 {most} 层）。", "Nested too deep (at most {most} levels)."),
    "tag": (E, "不接受标签 {tag}。请删除以“!”开头的部分。", "Tags such as {tag} are not accepted. Remove the part that starts with “!”."),
    "yaml_syntax": (E, "YAML 语法错误：{reason}。", "YAML syntax: {reason}."),
    "yaml_character": (E, "此处的字符不能开头（如 @ ` %）。文字请加引号。", "Nothing can start with this character (such as @ ` %). Put the text in quotes."),
    "yaml_tab": (E, "缩进用了制表符。请改用空格。", "A tab is used to indent. Use spaces."),
    "yaml_colon": (E, "一行里多了一个冒号。含冒号的文字请加引号。", "One colon too many on this line. Put text with a colon in quotes."),
    "yaml_no_colon": (E, "缺少冒号：应写成“键: 值”，冒号后留空格。", "A colon is missing: write “key: value”, with a blank after the colon."),
    "yaml_indent": (E, "缩进与上文不一致。同级内容须左对齐。", "The indentation does not match. Align what belongs to one level."),
    "yaml_bracket": (E, "括号或逗号不完整。", "A bracket or a comma is missing."),
    "yaml_quote": (E, "引号没有收尾。", "A quotation mark is not closed."),
    "yaml_alias": (E, "引用（*）或锚点（&）有误：{reason}。", "An alias (*) or anchor (&) is wrong: {reason}."),
    "not_a_mapping": (E, "文件最外层应是“键: 值”。", "The file should consist of “key: value” at its top."),
    "anchors_explode": (E, "锚点展开后内容过多。请直接写出内容。", "The anchors expand to too much. Write the content out."),
    "anchor_in_itself": (E, "锚点引用了它自己。", "An anchor refers to itself."),
    "duplicate_key": (E, "“{key}”写了两次（第一次在第 {first} 行）。请删去一个。", "“{key}” stands twice (first on line {first}). Remove one."),
    "key_not_text": (E, "键“{found}”会被读成数字或是非。请加引号。", "The key “{found}” reads as a number or a yes/no. Put it in quotes."),
    "merge_key": (E, "不接受合并键“<<”。请直接写出内容。", "The merge key “<<” is not accepted. Write the content out."),
    "quote_text": (E, "此处应是文字，“{found}”会被读成数字或是非。请加引号：\"{found}\"。", "Text is due here, and “{found}” reads as a number or a yes/no. Put it in quotes: \"{found}\"."),
    "text_wanted": (E, "此处应是文字。", "Text is due here."),
    "number_wanted": (E, "此处应是数字，写的是“{found}”。", "A number is due here, not “{found}”."),
    "not_finite_number": (E, "数字必须有限，不能是“{found}”。", "A number must be finite, not “{found}”."),
    "whole_wanted": (E, "此处应是整数，写的是 {found}。", "A whole number is due here, not {found}."),
    "true_or_false": (E, "此处应写 true 或 false，写的是“{found}”。", "true or false is due here, not “{found}”."),
    "date_wanted": (E, "此处应是日期，如 2024-01-31，写的是“{found}”。", "A date such as 2024-01-31 is due here, not “{found}”."),
    "mapping_wanted": (E, "此处应是“键: 值”。", "“key: value” is due here."),
    "list_wanted": (E, "此处应是列表，如 [1, 2] 或以“- ”开头的各行。", "A list is due here, such as [1, 2] or lines that start with “- ”."),
    "too_few": (E, "“{key}”的项数不对（应为 {least}）。", "“{key}” has the wrong number of entries ({least} are due)."),
    "too_many": (E, "项数过多：{count}（上限 {most}）。", "Too many entries: {count} (at most {most})."),
    "out_of_bounds": (E, "“{key}”超出允许范围（界限 {bound}）。", "“{key}” is out of bounds (bound {bound})."),
    "unknown_key": (E, "不认识的键“{key}”。可用：{known}。", "Unknown key “{key}”. Known: {known}."),
    "missing_key": (E, "缺少“{key}”。", "“{key}” is missing."),
    "unknown_word": (E, "不认识“{found}”。可用：{known}。", "Unknown word “{found}”. Known: {known}."),
    "bad_value": (E, "“{key}”的值“{found}”不可用：{reason}。", "“{found}” cannot be used for “{key}”: {reason}."),
}  # fmt: skip

_FORMULA: dict[str, tuple[Severity, str, str]] = {
    "formula_too_long": (E, "公式过长（{length} 字符，上限 {most}）。请拆成派生变量。", "The formula is too long ({length} characters, at most {most}). Split it into derived variables."),
    "formula_too_deep": (E, "公式嵌套过深（上限 {most} 层）。请拆成派生变量。", "The formula is nested too deep (at most {most} levels). Split it into derived variables."),
    "empty_formula": (E, "公式是空的。", "The formula is empty."),
    "unexpected": (E, "此处不应出现“{found}”。是否少了运算符、逗号或括号？", "“{found}” does not belong here. Is an operator, a comma or a parenthesis missing?"),
    "unexpected_end": (E, "公式没有写完。", "The formula ends too early."),
    "unclosed_parenthesis": (E, "此括号没有对应的右括号。", "This parenthesis is never closed."),
    "chained_comparison": (E, "不能连写比较。请写成 a < b and b < c。", "Comparisons cannot be chained. Write a < b and b < c."),
    "function_without_arguments": (E, "“{name}”是函数，后面须跟括号。", "“{name}” is a function and needs parentheses."),
    "unknown_function": (E, "没有函数“{name}”。", "There is no function “{name}”."),
    "wrong_arguments": (E, "“{name}”应有 {wanted} 个参数，写了 {found} 个。", "“{name}” takes {wanted} arguments, not {found}."),
    "number_too_large": (E, "数字过大：{number}。", "The number is too large: {number}."),
    "condition_wanted": (E, "“{name}”需要条件（如 a > 0），不能是数值。", "“{name}” needs a condition (such as a > 0), not a number."),
    "value_wanted": (E, "“{name}”需要数值，不能是条件。", "“{name}” needs a number, not a condition."),
    "previous_count": (E, "previous 的第二个参数应是正整数（往前几个周期）。", "The second argument of previous is a positive whole number (how many cycles back)."),
    "not_a_cycle": (E, "此处应是周期名，如 2024。", "The name of a cycle is due here, such as 2024."),
    "full_width": (E, "全角字符“{character}”请改为半角“{half}”。", "Type the half-width “{half}” instead of the full-width “{character}”."),
    "percent_sign": (E, "公式和数值里不用百分号：份额写 {share}；以 % 为单位的指标按百分数写 {number}。", "No percent sign here: write {share} for a share; an indicator in % counts in per cent, so {number}."),
    "single_equals": (E, "比较是否相等请写 ==。", "Write == to compare."),
    "strange_character": (E, "公式里不能有“{character}”。只可用数字、代码、+ - * / ** ( ) 和列出的函数。", "A formula cannot hold “{character}”: only numbers, codes, + - * / ** ( ) and the listed functions."),
    "not_a_number": (E, "“{text}”不是一个数。", "“{text}” is not a number."),
    "condition_due": (E, "此处应是条件，如 energy_per_area > 30。", "A condition is due here, such as energy_per_area > 30."),
    "value_due": (E, "此处应是数值公式，不能是条件。", "A formula for a number is due here, not a condition."),
    "unknown_code": (E, "没有叫“{name}”的变量、系数或指标。", "Nothing is called “{name}”."),
    "ring": (E, "公式互相引用成环：{ring}。", "The formulas refer to each other in a ring: {ring}."),
}  # fmt: skip

_UNITS: dict[str, tuple[Severity, str, str]] = {
    "bad_unit": (E, "计量单位“{unit}”写法不对（“{part}”处）。应写成 kgce/m2、m3/person。", "The unit “{unit}” is not written right (at “{part}”). Write kgce/m2, m3/person."),
    "strange_unit": (W, "不认识单位“{word}”，当作新的基本单位。", "The unit “{word}” is not known; it is taken as a base unit of its own."),
    "unit_differs": (E, "公式的单位是 {found}，声明的是 {declared}，量纲不同。", "The formula comes to {found}, another dimension than the declared {declared}."),
    "unit_converted": (N, "公式的单位是 {found}，按声明的 {declared} 换算：× {constant}。", "The formula comes to {found}; converted to the declared {declared}: × {constant}."),
    "units_differ": (E, "{first} 与 {second} 不能相加或比较。", "{first} and {second} cannot be added or compared."),
    "scales_differ": (E, "{first} 与 {second} 相差 {times} 倍，不能直接相加。请先换算成同一单位。", "{first} and {second} differ by {times} and cannot be added as they are. Bring them to one unit first."),
    "number_without_unit": (E, "纯数字不能与带单位 {unit} 的量相加。", "A bare number cannot be added to something in {unit}."),
    "exponent_not_whole": (E, "带单位 {unit} 的量只能取整数次方。", "Something in {unit} can be raised to a whole number only."),
    "root_of_unit": (E, "单位 {unit} 不能开平方。", "The unit {unit} has no square root."),
    "dimension_in_function": (E, "{name} 里不能是带单位 {unit} 的量。", "{name} cannot take something in {unit}."),
}  # fmt: skip

_DEFINITIONS: dict[str, tuple[Severity, str, str]] = {
    "bad_code": (E, "代码“{code}”不合规则：用字母、数字、下划线（不以数字开头）或中文。", "The code “{code}” is not allowed: letters, digits and _ (no digit first), or Chinese."),
    "reserved_code": (E, "“{code}”是公式语言的词，不能作代码。", "“{code}” is a word of the formula language and cannot be a code."),
    "code_twice": (E, "代码“{code}”已在 {first} 中使用。", "The code “{code}” is already used in {first}."),
    "no_children": (E, "“{code}”没有下级。", "“{code}” has no children."),
    "range_not_low_high": (E, "范围应先低后高：{low}，{high}。", "A range goes from low to high: {low}, {high}."),
    "goalposts_equal": (E, "目标区间的 worst 与 best 相同（{value}）。", "worst and best are the same ({value})."),
    "log_of_goalposts": (E, "log 需要目标区间大于 0，现为 {value}。", "log needs goalposts above 0, not {value}."),
    "not_above_zero": (E, "“{name}”必须大于 0，现为 {value}。", "“{name}” must be above 0, not {value}."),
    "not_a_share": (E, "“{name}”应在 0 到 1 之间，现为 {value}。", "“{name}” must lie between 0 and 1, not {value}."),
    "not_ascending": (E, "“{name}”须按数值从小到大排列。", "“{name}” must be in ascending order."),
    "limits_out_of_order": (E, "约束值、基准值、引导值须依次变好：{limits}。", "binding, current and leading must get better in this order: {limits}."),
    "band_out_of_order": (E, "best 须在 worst 之内：best {best}，worst {worst}。", "best must lie inside worst: best {best}, worst {worst}."),
    "power_of_zero": (E, "power 不能为 0（请用 geometric）。", "power cannot be 0 (use geometric)."),
    "valid_ends_before": (E, "有效期止（{end}）早于起（{start}）。", "It ends ({end}) before it starts ({start})."),
    "band_wanted": (E, "better 为区间时应使用 band，不是“{method}”。", "With a band in better, use band and not “{method}”."),
    "between_wanted": (E, "band 需要 better: {{between: [低, 高]}}，写的是 {better}。", "band needs better: {{between: [low, high]}}, not {better}."),
    "better_contradicts": (E, "better: {better} 与 {method} 的数值方向相反。", "better: {better} contradicts the direction of {method}."),
    "log_against_numbers": (W, "离群处理在必要时改取对数，而 {method} 的数值是原单位的，两者不能相比。请写 otherwise: none，或换用 minmax 等方法。", "The treatment of outliers may turn values into logarithms, while the numbers of {method} are in the indicator's unit. Write otherwise: none, or use a method such as minmax."),
    "outside_tree": (N, "指标“{code}”不在指标体系中：计分，不汇总。", "The indicator “{code}” stands outside the tree: scored, not aggregated."),
    "leaf_names_nothing": (E, "没有叫“{name}”的指标。", "There is no indicator “{name}”."),
    "indicator_twice": (E, "指标“{code}”在指标体系中出现两次。", "The indicator “{code}” stands in the tree twice."),
    "floor_wanted": (E, "{aggregate} 平均遇到 0 分无意义。请加 floor（如 floor: 1）。", "A {aggregate} mean over scores that reach 0 says nothing. Add a floor (such as floor: 1)."),
    "matrix_size": (E, "{by} 的判断与下级个数（{count}）不符。", "The judgement of {by} does not have one entry a child ({count})."),
    "matrix_not_reciprocal": (E, "{by} 的判断矩阵第 {row} 行第 {column_} 列与其对称位置不互为倒数。", "In the matrix of {by}, row {row}, column {column_} is not the reciprocal of its mirror image."),
    "matrix_inconsistent": (W, "{by} 的判断不够一致：一致性比率 {ratio} 大于 0.1。", "The judgement of {by} is inconsistent: its ratio {ratio} is above 0.1."),
    "grades_mixed": (E, "等级不能既用分数线又用名额。", "Grades use thresholds or quotas, not both."),
    "grade_without_bound": (E, "等级“{code}”缺少 at_least、top 或 top_share（只有最后一级可以没有）。", "The grade “{code}” needs at_least, top or top_share (only the last one has none)."),
    "grades_not_best_first": (E, "等级须从好到差：{value} 不低于上一级的 {above}。", "Grades go from best to worst: {value} is not below {above}."),
    "unknown_score": (E, "tie_breaks 里的“{name}”不是指标，也不是指标体系中的维度。", "“{name}” in tie_breaks is neither an indicator nor a pillar of the tree."),
    "unknown_grade": (E, "没有等级“{name}”。", "There is no grade “{name}”."),
    "unused": (N, "“{code}”没有被任何公式使用。", "“{code}” is used by no formula."),
    "given_unused": (W, "例子给出的“{name}”不在公式中。", "The example gives “{name}”, which the formula does not use."),
    "example_not_recomputed": (N, "公式涉及其他周期或地区，例子无法单独复算。", "The formula needs other cycles or regions, so the example is not recomputed."),
    "score_needs_frame": (N, "{method} 的得分取决于其他地区，例子里的 score 无法复算。", "The score by {method} depends on other regions, so the example's score is not recomputed."),
    "example_disagrees": (E, "例子的 {what} 写的是 {written}，按公式算得 {found}。", "The example's {what} is {written}; the definition gives {found}."),
}  # fmt: skip

_FACTS: dict[str, tuple[Severity, str, str]] = {
    "missing_cell": (E, "“{column}”不能为空。", "“{column}” must not be empty."),
    "unknown_region": (E, "没有地区“{value}”。", "There is no region “{value}”."),
    "unknown_variable": (E, "没有变量“{value}”。", "There is no variable “{value}”."),
    "bad_period": (E, "“{value}”不是期间。应写成 2024、2024-Q3、2024-07、2023/24。", "“{value}” is no period. Write 2024, 2024-Q3, 2024-07, 2023/24."),
    "period_needs_fiscal_year": (E, "“{value}”是财政年度，定义里须写 fiscal_year_starts。", "“{value}” is a fiscal year; the definitions must say fiscal_year_starts."),
    "period_is_fiscal": (E, "定义按财政年度计，“{value}”应写成 2023/24 的形式。", "The definitions use fiscal years; write “{value}” in the form 2023/24."),
    "bad_number": (E, "“{value}”不是数字。不要写千位分隔符或单位。", "“{value}” is no number. Leave out thousands separators and units."),
    "not_finite": (E, "“{value}”不是有限的数字（NaN 或无穷大）。未报请留空。", "“{value}” is not a finite number. Leave the cell empty for “not reported”."),
    "bad_status": (E, "状态“{value}”不可用。可用：reported、reviewed、verified。", "The status “{value}” is not known. Known: reported, reviewed, verified."),
    "duplicate_fact": (E, "同一地区、机构、期间、变量报了两次（{value}）。请只保留一行。", "The same region, site, period and variable stands twice ({value}). Keep one row."),
    "missing_column": (E, "缺少列 {columns}。现有：{found}。", "The columns {columns} are missing. Found: {found}."),
    "unreadable_file": (E, "文件无法读取：{reason}。", "The file cannot be read: {reason}."),
    "unwritable_file": (E, "文件无法写入：{reason}。", "The file cannot be written: {reason}."),
    "not_a_table": (E, "文件不是可读的表格：{reason}。", "The file is not a table that can be read: {reason}."),
    "mapping_due": (E, "电子表格须附映射文件（--mapping），写明哪些行列是什么；见 docs/mapping.md。", "A spreadsheet needs a mapping file (--mapping) that says what its rows and columns are; see docs/mapping.md."),
    "bad_column_type": (E, "列“{column}”的单元格是 {type}，不是文字、数字或日期。", "The cells of the column “{column}” are {type}, not text, numbers or dates."),
    "unknown_format": (E, "不支持的文件格式“{format}”。可用：{known}。", "The format “{format}” is not supported. Known: {known}."),
    "period_too_long": (W, "有 {count} 条事实的期间长于评估周期，未使用（如 {value}）。", "{count} facts cover more than a cycle and are not used (such as {value})."),
    "weights_undefined": (E, "“{code}”的权重无法由 {name} 算出：没有足够的地区在该周期有全部下级得分，或得分全部相同、有负值、全为零，或下级之间完全一致或毫无关联。", "The weights of “{code}” cannot be computed by {name}: too few regions have all children's scores in that cycle, or the scores are all the same, negative or all zero, or the children run all alike or are all unrelated."),
    "weights_without_cycle": (E, "“{code}”的权重取自周期 {cycle}，但评分中没有这个周期。现有：{known}。", "The weights of “{code}” come from the cycle {cycle}, which is not scored. Known: {known}."),
    "not_later": (E, "“{due}”不是 {period} 之后的评估周期。", "“{due}” is no cycle later than {period}."),
    "no_path_through": (E, "“{codes}”的汇总方法不是凹的（如中位数、Copeland），算不出最省力的路径。", "The mean of “{codes}” is not concave (a median or Copeland, say), so no path of least effort can be computed."),
    "negative_loading": (W, "“{code}”按 {cycle} 的第一主成分赋权，但 {against} 的载荷为负：它们与其余指标反向变动，只按绝对值计权。", "“{code}” is weighted by the first principal component of {cycle}, in which {against} load negatively: they run against the others and count by their size only."),
    "no_facts": (E, "没有可用的事实。", "There are no facts to use."),
}  # fmt: skip

_REGIONS: dict[str, tuple[Severity, str, str]] = {
    "region_without_code": (E, "地区没有代码。", "A region has no code."),
    "duplicate_region": (E, "地区“{region}”出现两次。", "The region “{region}” stands twice."),
    "unknown_parent": (E, "地区“{region}”的上级“{parent}”不存在。", "The parent “{parent}” of “{region}” does not exist."),
    "ring_of_parents": (E, "地区“{region}”的上级关系成环。", "The parents of “{region}” form a ring."),
    "reserved_attribute": (E, "地区属性不能叫“{name}”。", "An attribute of regions cannot be called “{name}”."),
    "unknown_level": (E, "compare 写的级别“{level}”在地区表 level 列中没有。现有：{known}。", "No region has the level “{level}” that compare names. Known: {known}."),
    "unknown_attribute": (E, "地区没有属性“{attribute}”。", "Regions have no attribute “{attribute}”."),
    "weights_not_linear": (E, "“{code}”的汇总是 {name}，不是加权算术平均，无法由线性规划求出名次的界限。", "“{code}” is aggregated by {name}, not by a weighted arithmetic mean; linear programming cannot bound its ranks."),
    "not_in_scorecard": (E, "评分卡中没有“{name}”。", "The scorecard has no “{name}”."),
    "change_without_score": (E, "“{region}”在 {period} 没有“{code}”的得分，变化无从分解。", "“{region}” has no score of “{code}” in {period}, so there is no change to take apart."),
}  # fmt: skip

_STATISTICS: dict[str, tuple[Severity, str, str]] = {
    "too_few_regions": (N, "本周期只有 {n} 个地区有综合得分，相关和影响无从谈起。能否扩大评估范围，或看其他周期？", "Only {n} regions have a composite in this cycle: nothing can be said of correlation or importance. Can more regions be assessed, or another cycle be looked at?"),
    "few_regions": (N, "只有 {n} 个地区有综合得分：|r| 不到 {r} 的相关都可能出于偶然（p > 0.05）。结论是否在其他周期也成立？", "Only {n} regions have a composite: a correlation below |r| = {r} may well be chance (p > 0.05). Do the findings hold in other cycles too?"),
    "rarely_reported": (W, "“{code}”应报 {due} 个地区，报了 {n} 个（{share}）：得分只反映一部分地区。是口径太难取数，还是不适用？", "“{code}”: {n} of {due} regions have reported it ({share}), so it speaks for some of them only. Is it too hard to measure, or does it not apply?"),
    "reports_little": (W, "“{region}”应报 {due} 项指标，报了 {n} 项（{share}）：它的得分与别人的不是同一回事。缺的是哪些，能否补报？", "“{region}” has reported {n} of {due} indicators ({share}): its score does not mean what the others' do. Which are missing, and can they be had?"),
    "constant_scores": (W, "“{code}”的 {n} 个得分全部相同：它占着权重，却不影响排名。目标区间是否太宽，指标是否还需要？", "All {n} scores of “{code}” are the same: it has weight and changes no rank. Are its goalposts too wide, or is it no longer needed?"),
    "many_ties": (N, "“{code}”的 {n} 个得分中，{share} 是同一个分数：它难以区分地区。分档或目标区间是否太粗、太容易达到？", "{share} of the {n} scores of “{code}” are one and the same: it hardly tells regions apart. Are its steps or goalposts too coarse, or too easy to reach?"),
    "skewed": (W, "“{code}”严重偏斜（偏度 {skew}，超额峰度 {kurtosis}）：个别极端值可能左右得分。数值核对过吗，是否要做离群处理或改用目标区间？", "“{code}” is badly skewed (skewness {skew}, excess kurtosis {kurtosis}): a few extremes may decide its scores. Have they been checked, and should outliers be treated or goalposts be used?"),
    "outliers_treated": (N, "“{code}”有 {count} 个值作了离群处理。这些值核对过吗，是错报还是真的突出？", "{count} values of “{code}” were treated as outliers. Have they been checked: are they mistakes, or truly outstanding?"),
    "against_parent": (W, "“{code}”与所属的“{other}”反向变动（r = {r}，n = {n}，p {p}）：这一项越好的地区，整体反而越差。优劣方向对吗，它该在这里吗？", "“{code}” moves against “{other}”, to which it belongs (r = {r}, n = {n}, p {p}): regions that do well in it do worse as a whole. Is its direction right, and does it belong here?"),
    "perhaps_against_parent": (N, "“{code}”与所属的“{other}”略呈反向（r = {r}，n = {n}，p {p}），也可能出于偶然。其他周期也这样吗？", "“{code}” moves slightly against “{other}”, to which it belongs (r = {r}, n = {n}, p {p}); this may be chance. Is it so in other cycles too?"),
    "trade_off": (N, "“{code}”与“{other}”此消彼长（r = {r}，n = {n}）：加权平均会让两者相互抵消。这种抵消是有意的吗？", "“{code}” and “{other}” trade off (r = {r}, n = {n}): a weighted mean lets them cancel out. Is that intended?"),
    "near_duplicates": (W, "“{code}”与“{other}”几乎同步（r = {r}，n = {n}）：同一件事可能算了两遍。是否合并，或各减权重？", "“{code}” and “{other}” move almost as one (r = {r}, n = {n}): one thing may be counted twice. Should they be merged, or weigh less each?"),
    "moving_together": (W, "{count} 项指标连成一组，彼此几乎同步（相连者 r ≥ {r}）：{codes}。各地区在其中只分得出一个高低，权重在它们之间怎样分配都一样。是否留几项代表？", "{count} indicators form a group that moves almost as one (linked by r ≥ {r}): {codes}. They tell regions apart in one way only, however weight is shared among them. Would a few of them do?"),
    "mirror_images": (W, "“{code}”与“{other}”几乎完全相反（r = {r}，n = {n}）：两者在平均中相互抵消。其中一项的优劣方向是否写反？", "“{code}” and “{other}” are almost mirror images (r = {r}, n = {n}): in a mean they cancel out. Is the direction of one of them the wrong way round?"),
    "dominant": (W, "“{code}”一项就占综合得分差异的 {effect}（名义权重 {nominal}）：其余指标加起来还不及它。这是有意的吗？", "“{code}” alone makes up {effect} of the differences between composites (nominal weight {nominal}): all others together count for less. Is that intended?"),
    "without_effect": (W, "维度“{code}”名义权重 {nominal}，有效权重只有 {effective}：它几乎不拉开差距，或与其他维度相抵。它还体现评估意图吗？", "The pillar “{code}” has a nominal weight of {nominal} but an effective one of {effective}: it hardly tells regions apart, or others cancel it out. Does it still serve its purpose?"),
    "heavier_than_meant": (N, "“{code}”的有效权重 {effective}，名义权重只有 {nominal}：得分差距大，实际影响超出设定。是否减权，或调整目标区间？", "“{code}” has an effective weight of {effective} and a nominal one of only {nominal}: its scores lie far apart, so it decides more than was meant. Should it weigh less, or its goalposts change?"),
    "lighter_than_meant": (N, "“{code}”的名义权重 {nominal}，有效权重只有 {effective}：得分差距小，实际影响低于设定。是否加权，或收紧目标区间？", "“{code}” has a nominal weight of {nominal} but an effective one of only {effective}: its scores lie close together, so it decides less than was meant. Should it weigh more, or its goalposts be tighter?"),
    "low_alpha": (N, "“{code}”的 {k} 个下级内部一致性低（α = {alpha}，{n} 个地区）：它们量的未必是同一件事。若本来就各管一面，则无妨；否则是否该拆分？", "The {k} children of “{code}” hang together little (α = {alpha}, {n} regions): they may not measure one thing. Where they are meant to cover different sides that is no fault; else, should they be split?"),
}  # fmt: skip

_EFFICIENCY: dict[str, tuple[Severity, str, str]] = {
    "unknown_measure": (E, "“{name}”不能用作投入或产出：投入取变量或越低越好的指标，产出取变量、指标得分或维度得分。", "“{name}” cannot be an input or output: inputs are variables or indicators of which less is better, outputs are variables or the scores of indicators and pillars."),
    "measures_wanted": (E, "效率核对至少要有一项投入和一项产出。", "Efficiency needs at least one input and one output."),
    "measure_twice": (E, "“{code}”不能出现两次，也不能既是投入又是产出。", "“{code}” cannot stand twice, nor be both an input and an output."),
    "left_out_missing": (N, "“{region}”缺“{code}”，未参加效率核对。", "“{region}” has no “{code}” and is left out of the efficiency check."),
    "left_out_not_positive": (N, "“{region}”的“{code}”不大于 0（{value}），未参加效率核对。", "“{code}” of “{region}” is not above 0 ({value}), so it is left out of the efficiency check."),
    "few_for_efficiency": (W, "{n} 个地区对 {m} 项投入、{s} 项产出太少（至少 {least} 个）：容易人人有效。请减少投入产出。", "{n} regions are few for {m} inputs and {s} outputs (at least {least} are due): nearly everyone comes out efficient. Use fewer."),
    "ratios_in_efficiency": (W, "“{codes}”是比率或得分，不随规模成比例变化，“规模报酬不变”模型不适用：以“规模报酬可变”为准。要比较总量，请改用变量。", "A ratio or a score is among the measures (“{codes}”): it does not grow with size, so constant returns to scale do not apply. Go by variable returns, or use totals."),
    "not_solved": (W, "“{region}”的线性规划没有解出，不给结果。", "The linear programme of “{region}” was not solved; there is no result."),
}  # fmt: skip

CODES: dict[str, tuple[Severity, str, str]] = {
    **_TEXT,
    **_FORMULA,
    **_UNITS,
    **_DEFINITIONS,
    **_FACTS,
    **_REGIONS,
    **_STATISTICS,
    **_EFFICIENCY,
}


def register(codes: dict[str, tuple[Severity, str, str]]) -> None:
    """Words for problems of another part of the house; a code is registered once and never changed."""
    twice = {code for code in codes if code in CODES and CODES[code] != codes[code]}
    if twice:
        raise ValueError(f"problem codes registered twice: {sorted(twice)}")
    CODES.update(codes)
