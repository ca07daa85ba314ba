"""Words for the problems of mapping files and source files."""

from collections import Counter
from collections.abc import Mapping

from metrics.messages import register
from metrics.problems import Severity

_E: Severity = "error"
WORDS: dict[str, tuple[Severity, str, str]] = {
    "encrypted_file": (
        _E, "文件有打开密码。请用 Excel 另存为不加密的 .xlsx，再导入。",
        "A password is needed to open the file. Save it in Excel as an .xlsx without a password, and import that.",
    ),
    "workbook_exhausts": (
        _E, "读这个工作簿要用的内存或时间超过上限（{memory} MB，{seconds} 秒），没有读完。多半是离数据很远的地方有一格内容。"
        "请把数据区复制到一个新工作簿，再导入。",
        "Reading this workbook takes more memory or time than there is for it ({memory} MB, {seconds} s); it was given "
        "up. Most likely a cell lies far away from the data: copy the data into a new workbook, and import that.",
    ),
    "workbook_puffed": (
        _E, "工作簿里有一部分压缩后只有 {packed} 字节，解开却超过 {long} 字节，达 {times} 倍以上，没有读。多半是成片的空白。"
        "请把数据区复制到一个新工作簿，再导入。",
        "A part of the workbook is packed in {packed} bytes and unpacks to more than {long}, over {times} times as many; "
        "it was not read. Most likely these are blanks: copy the data into a new workbook, and import that.",
    ),
    "head_below_table": (
        _E, "表头写在第 {head} 行，文件只有 {rows} 行。", "The head should be in row {head}; the file has {rows} rows.",
    ),
    "unknown_sheet": (
        _E, "没有工作表“{sheet}”。现有：{known}。", "There is no sheet “{sheet}”. Known: {known}.",
    ),
    "unknown_encoding": (_E, "不认识编码“{encoding}”。", "The encoding “{encoding}” is not known."),
    "wrong_encoding": (
        _E, "文件不是映射里写的 {encoding} 编码。旧的中文文件多半是 GB 18030；不写明编码，程序会自己认。",
        "The file is not in {encoding}, which the mapping names. Older Chinese files most likely are in GB 18030; where "
        "no encoding is named it is found.",
    ),
    "template_unknown": (
        _E, "这个填报表是另一版程序做的（{version}），读不了。请用本程序重新生成填报表。",
        "This form was made by another version of the program ({version}) and cannot be read. Make the form anew.",
    ),
    "template_moved": (
        _E, "填报表的这一行被改写过：这一格印的不再是原来的内容（现在是“{value}”），这一行的数没有采用。请重新生成填报表，把数抄过去。",
        "This line of the form was overwritten: this printed cell no longer says what it did (it says “{value}”), and the "
        "line's numbers were not used. Make the form anew and copy the numbers.",
    ),
    "template_changed": (
        _E, "填报表被改动过：{place} 应为“{wanted}”，现在是“{found}”，没有读入任何数。请重新生成填报表，把数抄过去；"
        "工作表不要改名或删除，列不要插入或删除。",
        "The form was changed: {place} should say “{wanted}”, and says “{found}”. Nothing was read. Make the form anew and "
        "copy the numbers; sheets keep their names, and no column is put in or taken out.",
    ),
    "template_outside": (
        _E, "“{value}”填在填报表的行列之外，不知道是什么数。请填进对应的白格；没有列出的公共机构填在每一领域末尾的空行。",
        "“{value}” stands outside the form's lines and columns; what it is cannot be told. Write it into its white cell, "
        "or for a site that is not listed into the blank lines at the end of the field.",
    ),
    "template_unit": (
        _E, "填报表要求按“{value}”填这个变量，而它的计量单位后来改了。请重新生成填报表，按新的计量单位填。",
        "The form asks for this variable in “{value}”, and its unit has changed since. Make the form anew and fill it in "
        "in the new unit.",
    ),
    "encoding_not_found": (
        _E, "看不出文件是什么编码（不是 UTF-8、UTF-16、UTF-32 或 GB 18030）。请另存为 UTF-8（Excel 里选“CSV UTF-8”），或由映射写明编码。",
        "The file's encoding cannot be told (it is not UTF-8, UTF-16, UTF-32 or GB 18030). Save it as UTF-8 (in Excel: "
        "“CSV UTF-8”), or let a mapping name the encoding.",
    ),
    "nothing_known": (
        _E, "映射写了 known: {known}，但这里没有数据库可查名称。请在数据库里导入，或改写 names。",
        "The mapping says known: {known}, but there is no store here to look names up in. Import into a store, or write "
        "`names`.",
    ),
    "uneven_row": (
        _E, "这一行的格数不对（现有 / 应有：{value}），不知道哪一格是哪一列的。多半是千分位逗号没有加引号，或者少了分隔符：请改这一行。",
        "This row has too many cells, or too few (found / due: {value}); which cell is of which column cannot be told. "
        "Most likely a separator of thousands stands without quotes, or a delimiter is missing: mend the row.",
    ),
    "unit_in_cell": (
        _E, "格内写着“{value}”，其单位换算不到变量的计量单位。请改成变量的计量单位，只留数字。",
        "The cell says “{value}”, and its unit does not become the variable's. Write the number alone, in the variable's "
        "unit.",
    ),
    "period_wanted": (
        _E, "缺少 period：写在最外层，或写在 values 的每一项里。",
        "`period` is missing: write it at the top, or in each entry of `values`.",
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
    "times_zero": (
        _E, "times 不能是 0：每个数都会变成 0。单位相同的不写 times，不要的列不写进 columns。",
        "`times` cannot be 0: every number would become 0. Leave it out where the units are the same, and leave a column "
        "that is not wanted out of `columns`.",
    ),
    "variable_wanted": (
        _E, "缺少 variable：写在最外层，或写在 values 的每一项里。",
        "`variable` is missing: write it at the top, or in each entry of `values`.",
    ),
}  # fmt: skip
register(WORDS)

# What was read otherwise than as it stands, by the rule; {count} cells or facts.
READ_AS: dict[str, tuple[str, str]] = {
    "full_width": ("{count} 格的全角字符改成了半角", "{count} cells: full-width characters read as half-width"),
    "minus": ("{count} 格的负号改成了“-”", "{count} cells: another minus sign read as “-”"),
    "thousands": ("{count} 格去掉了千分位", "{count} cells: separators of thousands taken out"),
    "parentheses": ("{count} 格的括号读作负数", "{count} cells: parentheses read as a negative number"),
    "percent": ("{count} 格的百分数换算成变量的计量单位", "{count} cells: per cent brought to the variable's unit"),
    "unit": ("{count} 格按格内写的单位换算", "{count} cells: brought to the variable's unit from the one in the cell"),
    "not_reported": ("{count} 格读作未报", "{count} cells: read as not reported"),
    "successor": ("{count} 个数归入撤并后的地区", "{count} facts: given to the region that followed one that had gone"),
}
TAKEN: dict[str, tuple[str, str]] = {
    "encoding": ("编码读作 {found}", "encoding read as {found}"),
    "delimiter": ("分隔符读作 {found}", "delimiter read as {found}"),
    "hidden_rows": ("隐藏的行也读了：{found}", "hidden rows were read too: {found}"),
    "hidden": ("读的是隐藏的工作表“{found}”", "the sheet that was read, “{found}”, is hidden"),
    "password": ("文件用 {found} 的默认密码加密，已打开", "encrypted with {found}'s default password, and opened"),
}

# What was passed over, by the first word of the reason; {found} is the rest of it.
LEFT_OUT: dict[str, tuple[str, str]] = {
    "blank": ("空行、未填的格", "blank rows, and lines not filled in"),
    "skip": ("合计、注释等行", "rows of totals, notes and the like"),
    "where": ("不合条件的行（{found}）", "rows that do not meet a condition ({found})"),
    "others": ("名称不在所选之列的格", "cells whose name was not chosen"),
    "empty": ("空格", "empty cells"),
    "beyond": ("表头之外的格", "cells beyond the heads"),
    "column": ("“{found}”列的格", "cells in the column “{found}”"),
    "columns": ("{found}列的格", "cells in the columns {found}"),
    "gone": ("填报表里删掉的行", "lines deleted from the form"),
    "texts": ("不是数的文字", "texts that are no numbers"),
    "complete": ("月份不全的年份的行", "rows of years without all months"),
}
# So many columns that are not read are named.
NAMED = 4


def passed_over(left_out: Mapping[str, int], lang: str) -> dict[str, int]:
    """What was passed over, in words, and how much of it."""
    zh, unread = lang == "zh", [reason for reason in left_out if reason.startswith("column ")]
    first = ("、" if zh else ", ").join(f"“{reason.partition(' ')[2]}”" for reason in unread[:NAMED])
    every = f"columns {first}{f'等 {len(unread)} ' if zh else f' … ({len(unread)} in all)'}"
    found: Counter[str] = Counter()
    for reason, count in left_out.items():
        many = len(unread) > NAMED and reason in unread
        what, _, rest = (every if many else reason).partition(" ")
        found[LEFT_OUT[what][not zh].format(found=rest)] += count
    return dict(found)


def counted(read_as: Mapping[str, int], taken: Mapping[str, str], lang: str) -> list[str]:
    """The lines that tell what was read otherwise than as it stands, and what was found."""
    at = lang != "zh"
    found = [TAKEN[name][at].format(found={"\t": "tab"}.get(text, text)) for name, text in taken.items()]
    return found + [READ_AS[name][at].format(count=f"{count:,}") for name, count in read_as.items()]
