"""What the definitions editor says, in the page's language."""

from metrics.differences.texts import END, MINE, THEIRS
from metrics.formula import FUNCTIONS
from pages.parts.i18n import language, t
from pages.parts.words import severity_words

# The words of the library's own parts by their English, which it says of itself.
PHRASES = {
    "Find": "查找",
    "Replace": "替换为",
    "next": "下一处",
    "previous": "上一处",
    "all": "全选",
    "match case": "区分大小写",
    "regexp": "正则表达式",
    "by word": "整词",
    "replace": "替换",
    "replace all": "全部替换",
    "close": "关闭",
    "current match": "当前匹配",
    "on line": "在行",
    "replaced match on line $": "已替换第 $ 行的匹配",
    "replaced $ matches": "已替换 $ 处",
    "Go to line": "转到行",
    "go": "转到",
    "Completions": "补全",
    "Diagnostics": "问题",
    "No diagnostics": "没有问题",
    "Folded lines": "已折叠的行",
    "Unfolded lines": "已展开的行",
    "Fold line": "折叠",
    "Unfold line": "展开",
    "folded code": "已折叠",
    "unfold": "展开",
    "to": "至",
    "Selection deleted": "已删除所选内容",
    "Control character": "控制字符",
}


def editor_words(label: str) -> dict[str, object]:
    """Everything that is read or heard in the editor, as its script wants it."""
    return {
        "lang": language(),
        "label": label,
        "described": t("Tab 键缩进；先按 Esc 再按 Tab 离开编辑器。"),
        "phrases": PHRASES if language() == "zh" else {},
        "severities": {code: t("{severity}：", severity=severity_words(code)) for code in ("error", "warning", "note")},
        "below": {
            "error": t("错误 {count} 处", count="{count}"),
            "warning": t("警告 {count} 处", count="{count}"),
            "info": t("提示 {count} 条", count="{count}"),
            "and": t("，"),
            "none": t("没有问题"),
            "next": t("下一处问题（F8）"),
            "unsent": t("未保存 · 连接中断"),
            "at": t("行 {line}，列 {column}", line="{line}", column="{column}"),
        },
        "marks": (MINE, THEIRS, END),
        "functions": [(name, form, words) for name, (form, words) in _functions().items()],
    }


def _functions() -> dict[str, tuple[str, str]]:
    """Each function of a formula: how it is written after its name, and what it gives (contract §3)."""
    words = {
        "min": ("(a, b, …)", t("其中最小的")),
        "max": ("(a, b, …)", t("其中最大的")),
        "abs": ("(x)", t("绝对值")),
        "sqrt": ("(x)", t("平方根")),
        "ln": ("(x)", t("自然对数")),
        "exp": ("(x)", t("e 的 x 次方")),
        "clip": ("(x, low, high)", t("限制在 low 与 high 之间")),
        "coalesce": ("(x, y)", t("x 缺失时取 y")),
        "where": ("(condition, a, b)", t("条件成立取 a，否则取 b")),
        "previous": ("(x, n)", t("n 个周期以前的值；不写 n 为上一周期")),
        "at": ("(x, 2020)", t("指定周期的值")),
        "change": ("(x)", t("与上一周期相比的变化率")),
        "peers_mean": ("(x)", t("同组其他地区的平均值")),
        "peers_median": ("(x)", t("同组其他地区的中位数")),
        "present": ("(x)", t("是否有值；用于条件")),
    }
    return {name: words[name] for name in FUNCTIONS}
