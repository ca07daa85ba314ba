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
    "not_plausible": (W, "“{variable}”的数值 {value} 超出合理范围 {low}–{high}，请核对。", "{value} for “{variable}” lies outside its plausible range {low}–{high}; please check."),
    "unknown_version": (E, "没有第 {number} 版（最新的是第 {last} 版）。", "There is no version {number} (the newest is {last})."),
    "author_wanted": (E, "提交新版本要写明提交人。", "A version needs the name of who proposes it."),
    "person_wanted": (E, "请写明是谁：每个决定都要留名。", "Say who you are: every decision carries a name."),
    "reason_wanted": (E, "请写明理由：日后查阅的人要知道为什么。", "Give a reason: whoever looks this up later must know why."),
    "nothing_changed": (E, "文本与第 {number} 版完全相同，没有可提交的改动。", "The text is the same as version {number}: there is nothing to submit."),
    "calendar_changed": (E, "评估周期（cycle、fiscal_year_starts）不能随版本改变：已有的周期会对不上。请保持原来的“{kind}”，或另建数据库。", "The cycle (cycle, fiscal_year_starts) cannot change with a version: earlier cycles would no longer match. Keep “{kind}”, or make another store."),
    "no_cycle": (E, "“{cycle}”不是一个评估周期（周期为 {kind}，如 2024、2024-H1、2024-Q3、2024-07）。", "“{cycle}” names no cycle (they are of the kind {kind}, such as 2024, 2024-H1, 2024-Q3, 2024-07)."),
    "begins_in_published": (E, "不能自 {cycle} 起施行：{published} 已公布，已公布的得分不再改变。请从其后的周期起。", "It cannot be in force from {cycle}: {published} is published, and published scores never change. Begin with a later cycle."),
    "overtaken": (E, "这份文本基于第 {number} 版，而第 {latest} 版（{author}）已经批准：直接采用会丢掉其中的改动。请先并入第 {latest} 版再提交。", "This text is based on version {number}, and version {latest} ({author}) has been approved since: its changes would be lost. Take version {latest} in first, then submit."),
    "overtaken_file": (E, "这份文本开始修改以后，它所依据的定义文件（现为第 {number} 版）又改过：直接采用会丢掉其中的改动。请先并入再提交。", "The definitions file this text is based on (now version {number}) has changed since it was begun: its changes would be lost. Take them in first, then submit."),
    "already_decided": (E, "第 {number} 版已有决定（{person}，{made}），不能再改。", "Version {number} has been decided already ({person}, {made}) and cannot be decided again."),
    "own_approval": (E, "{person} 是第 {number} 版的提交人：须由另一人批准或退回。", "{person} proposed version {number}: another person has to approve or return it."),
    "not_the_author": (E, "第 {number} 版由 {author} 提交，只有提交人能撤回。", "Version {number} was proposed by {author}, who alone can withdraw it."),
    "cycle_published": (E, "{cycle} 已于 {made} 公布，不能再次公布。", "{cycle} was published on {made} and cannot be published again."),
    "cycle_without_facts": (E, "{cycle} 没有按它所用的定义版本上报的数据。", "{cycle} has no facts of the variables that its version of the definitions reports."),
    "draft_unsaved": (E, "草稿没有存下来：{path} 无法写入（{reason}）。请先把文本下载到本机。", "The draft was not saved: {path} cannot be written ({reason}). Download the text first."),
    "sheet_unsaved": (E, "专家的判断没有存下来：{path} 无法写入（{reason}）。请别关掉本页，先下载 CSV 或写入草稿。", "The judgements were not saved: {path} cannot be written ({reason}). Keep this page open, and download the CSV or write them into the draft first."),
    "not_journalled": (W, "文件可以使用，但这次导出没有记入台账：{path} 无法写入（{reason}）。", "The file is good, but its export is not in the journal: {path} cannot be written ({reason})."),
    "journal_broken": (W, "台账 {path} 的这些行与前一行对不上，可能被改过或删过：{lines}。", "These lines of the journal {path} do not follow from the line before; something was changed or taken out: {lines}."),
    "batches_full": (E, "服务器上已有 {count} 批文件在生成或等待。请过几分钟再试。", "{count} batches are being made or are waiting on this server. Try again in a few minutes."),
    "export_refused": (E, "{person} 不能导出这些周期：{cycles}。", "{person} may not export these cycles: {cycles}."),
    "key_exists": (E, "已有密钥 {path}，未作改动。查看公钥请加 --show。", "There is a key at {path} already; nothing was changed. Add --show to see its public half."),
    "key_absent": (E, "还没有密钥（{path}）。请先运行 python -m data key。", "There is no key yet ({path}). Run python -m data key first."),
    "key_too_open": (E, "密钥 {path} 别人也能读，没有用它签名。请运行 chmod 600。", "Others can read the key {path}, so nothing was signed with it. Run chmod 600 on it."),
    "key_unusable": (E, "{path} 不是可用的 Ed25519 私钥。", "{path} is no Ed25519 private key that can be used."),
    "bad_areas": (E, "地区“{region}”的 areas 写法不对：应为“名称|Name;名称|Name”。", "The areas of “{region}” are not written right: “名称|Name;名称|Name”."),
}  # fmt: skip

register(CODES)
