"""Words for the problems of the store and of intake (zh, en)."""

from metrics.messages import E, Severity, W, register

CODES: dict[str, tuple[Severity, str, str]] = {
    "no_store": (E, "没有数据库 {path}。请先运行 python -m data init 或 python -m data demo。", "There is no store at {path}. Run python -m data init or python -m data demo first."),
    "store_exists": (E, "数据库 {path} 已存在，未作改动。请换一个路径，或先移走它。", "There is a store at {path} already; nothing was changed. Choose another path, or move it away first."),
    "store_busy": (E, "另一个程序正在写数据库 {path}（等了 {seconds} 秒）。请稍后再试。", "Another program is writing to {path} (waited {seconds} s). Try again later."),
    "store_damaged": (E, "{path} 不是可用的数据库：{reason}。", "{path} is not a store that can be used: {reason}."),
    "store_foreign": (E, "{path} 不是本程序的数据库，或者没有建完；未作改动。请核对路径，或移走它再新建。", "{path} is no store of this program, or one that was never finished; nothing was changed. Check the path, or move it away and make a new one."),
    "store_newer": (E, "{path} 由更新版本的程序建立（结构 {found}，本程序认识到 {known}）。请升级程序。", "{path} was made by a newer version (schema {found}; this one knows up to {known}). Upgrade the program."),
    "store_unwritable": (E, "数据库 {path} 无法写入：{reason}。原有数据没有变化。", "The store {path} cannot be written: {reason}. What it held is unchanged."),
    "store_unpublished": (E, "数据已存入 {path}，但还看不到：{reason}。解决后请运行 python -m data status。", "{path} holds the data, but they cannot be seen yet: {reason}. Once that is mended run python -m data status."),
    "report_over_input": (E, "报告不能写到 {path}：导入要用到这个文件。未作改动，请换一个路径。", "The report cannot go to {path}, which the import needs. Nothing was changed; choose another path."),
    "not_plausible": (W, "“{variable}”的数值 {value} 超出合理范围 {low}–{high}，请核对。", "{value} for “{variable}” lies outside its plausible range {low}–{high}; please check."),
    "bad_areas": (E, "地区“{region}”的 areas 写法不对：应为“名称|Name;名称|Name”。", "The areas of “{region}” are not written right: “名称|Name;名称|Name”."),
}  # fmt: skip

register(CODES)
