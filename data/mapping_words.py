"""Words for the problems of mapping files and source files."""

from metrics.messages import register
from metrics.problems import Severity

_E: Severity = "error"
WORDS: dict[str, tuple[Severity, str, str]] = {
    "encrypted_file": (
        _E, "文件已加密（可能是 Excel 的默认密码，打开时不会询问）。请用 Excel 另存为不加密的 .xlsx，再导入。",
        "The file is encrypted (perhaps with Excel's default password, which Excel does not ask for). Save it in Excel "
        "as an .xlsx without a password, and import that.",
    ),
    "head_below_table": (
        _E, "表头写在第 {head} 行，文件只有 {rows} 行。", "The head should be in row {head}; the file has {rows} rows.",
    ),
    "unknown_sheet": (
        _E, "没有工作表“{sheet}”。现有：{known}。", "There is no sheet “{sheet}”. Known: {known}.",
    ),
    "unknown_encoding": (_E, "不认识编码“{encoding}”。", "The encoding “{encoding}” is not known."),
    "wrong_encoding": (
        _E, "文件不是 {encoding} 编码。旧的中文文件请试 encoding: gb18030。",
        "The file is not in {encoding}. For older Chinese files try encoding: gb18030.",
    ),
    "ambiguous_name": (
        _E, "名称“{name}”对应两个代码：{codes}。", "The name “{name}” stands for two codes: {codes}.",
    ),
    "unknown_site": (_E, "没有公共机构“{value}”。", "There is no site “{value}”."),
    "unknown_name": (_E, "对照表里没有“{value}”。", "The table of names does not hold “{value}”."),
    "bad_column_text": (
        _E, "“{found}”里的花括号不对：列名写成 {{列}}，补零写成 {{列:02}}。",
        "The braces in “{found}” are wrong: write {{column}}, or {{column:02}} to pad with zeros.",
    ),
    "bad_pattern": (_E, "“{found}”不是正则表达式：{reason}。", "“{found}” is not a regular expression: {reason}."),
    "pattern_without_to": (
        _E, "pattern 和 to 须同时写。", "`pattern` and `to` stand together.",
    ),
    "unknown_group": (
        _E, "to 用了第 {group} 组，pattern 只有 {groups} 组。", "`to` names group {group}; `pattern` has {groups}.",
    ),
    "one_test_wanted": (
        _E, "每个条件写且只写一项：above、is 或 present。", "A condition has one test: above, is or present.",
    ),
    "variable_wanted": (
        _E, "缺少 variable：写在最外层，或写在 values 的每一项里。",
        "`variable` is missing: write it at the top, or in each entry of `values`.",
    ),
}  # fmt: skip
register(WORDS)
