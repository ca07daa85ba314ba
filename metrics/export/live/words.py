"""Words of the live sheets in both languages."""

SHEETS: dict[str, tuple[str, str]] = {
    "calculation": ("计算", "Calculation"),
    "given": ("输入", "Inputs"),
    "weights": ("权重", "Weights"),
    "settings": ("参数", "Parameters"),
}
STEPS: dict[str, tuple[str, str]] = {
    "raw": ("上报汇总", "reported, rolled up"),
    "earlier": ("{cycle} 周期的值", "value of {cycle}"),
    "factor": ("系数", "factor"),
    "zero": ("{cycle} 周期的值，空白计 0", "value of {cycle}, 0 where blank"),
    "derived": ("变量", "variable"),
    "helper": ("公式中的一段", "piece of a formula"),
    "value": ("指标值", "value"),
    "treated": ("处理后的值", "treated value"),
    "filled": ("补缺后的值", "value with stand-ins"),
    "passes": ("偏度、峰度检验（1 通过）", "test of skewness and kurtosis (1 = passes)"),
    "stand_in": ("插补值（固定）", "stand-in (fixed)"),
    "min": ("基准框最小值", "least of the frame"),
    "max": ("基准框最大值", "greatest of the frame"),
    "mean": ("基准框平均数", "mean of the frame"),
    "sd": ("基准框标准差（n−1）", "sd of the frame (n − 1)"),
    "count": ("基准框个数", "number in the frame"),
    "tie": ("并列容差", "width of ties"),
    "rank": ("基准框内名次（最差为 1）", "rank in the frame (worst = 1)"),
    "reference": ("参照地区的值", "value of the reference region"),
    "relative": ("相比的值", "compared with"),
    "score": ("得分", "score"),
    "child_score": ("下级得分", "child's score"),
    "child_floored": ("下级得分（不低于下限）", "child's score, raised to the floor"),
    "child_coverage": ("下级覆盖率", "child's coverage"),
    "child_reported": ("下级实报比例", "child's reported share"),
    "child_weight": ("缺项重分后的权重", "weight among the scored"),
    "child_part": ("加权部分", "weighted part"),
    "coverage": ("覆盖率", "coverage"),
    "reported": ("实报比例（插补前）", "reported share (before imputation)"),
    "mean_of": ("汇总值", "mean"),
    "node_score": ("得分", "score"),
    "met": ("是否适用（1 是）", "applies (1 = yes)"),
    "final": ("规则后的综合得分", "composite after the rules"),
    "place": ("排名", "rank"),
    "tie_break": ("并列时的名次", "rank for ties"),
    "order": ("名额次序", "order for quotas"),
    "grade_place": ("等级序号", "number of the grade"),
    "capped": ("否决后的等级序号", "number of the grade after vetoes"),
    "grade": ("等级", "grade"),
}
HEADS: dict[str, tuple[str, str]] = {
    "name": ("名称", "Name"),
    "code": ("代码", "Code"),
    "step": ("步骤", "Step"),
    "unit": ("计量单位", "Unit"),
    "node": ("上级", "Parent"),
    "node_code": ("上级代码", "Parent code"),
    "source": ("权重来源", "Source of weights"),
    "weight": ("权重（可改）", "Weight (can be changed)"),
    "in_force": ("本周期计入", "Counts in the cycle"),
    "share": ("份额", "Share"),
    "method": ("方法", "Method"),
    "parameter": ("参数", "Parameter"),
    "number": ("数值（可改）", "Number (can be changed)"),
    "defined": ("公式中的名称", "Name in formulas"),
}
SECTIONS: dict[str, tuple[str, str]] = {
    "raw": ("变量（上报数汇总到地区）", "Variables (reports rolled up to the region)"),
    "earlier": ("其他周期的值（公式用到的）", "Values of other cycles (as formulas need them)"),
    "factors": ("系数", "Factors"),
    "zero": ("没报就是零的变量", "Variables that are 0 where nothing is reported"),
    "derived": ("推算的变量", "Derived variables"),
    "decided": ("规则、排名、等级", "Rules, ranks, grades"),
}
PARAMETERS: dict[str, tuple[str, str]] = {
    "range_low": ("得分下界", "bottom of the range"),
    "range_high": ("得分上界", "top of the range"),
    "worst": ("最差值", "worst"),
    "best": ("最好值", "best"),
    "mean": ("得分平均数", "mean of the scores"),
    "sd": ("得分标准差", "sd of the scores"),
    "target": ("目标", "target"),
    "point": ("折点 {n} 的值", "value of point {n}"),
    "point_score": ("折点 {n} 的得分", "score of point {n}"),
    "up_to": ("第 {n} 档不超过", "step {n} up to"),
    "step_score": ("第 {n} 档得分", "score of step {n}"),
    "above": ("以上得分", "score above"),
    "binding": ("约束值", "binding limit"),
    "current": ("基准值", "current limit"),
    "leading": ("引导值", "leading limit"),
    "binding_score": ("约束值得分", "score at the binding limit"),
    "current_score": ("基准值得分", "score at the current limit"),
    "leading_score": ("引导值得分", "score at the leading limit"),
    "best_low": ("最好区间下界", "best from"),
    "best_high": ("最好区间上界", "best to"),
    "worst_low": ("最差界限下界", "worst below"),
    "worst_high": ("最差界限上界", "worst above"),
    "constant": ("缺失值固定为", "constant for missing values"),
    "min_coverage": ("最低覆盖率", "least coverage"),
    "floor": ("得分下限", "floor"),
    "power": ("幂", "power"),
    "points": ("分数", "points"),
    "bonus_cap": ("加分上限", "most bonus points"),
    "at_least": ("等级下限", "least score of the grade"),
    "top": ("名额", "quota"),
    "top_share": ("名额比例", "share of the best"),
}
# Why something is a number as it was computed, and no formula.
REASONS: dict[str, tuple[str, str]] = {
    "outliers": (
        "离群值处理须逐点迭代：未通过检验的取评分时的结果；通过的照算，改动后不再通过的不再计入",
        "the treatment of outliers is iterated: where the test fails its outcome is as scored; where it passes the "
        "value is used, and left out should it no longer pass after a change",
    ),
    "frame": (
        "基准框含其他周期的各地区，取评分时的结果",
        "the frame holds regions of other cycles; the score as computed",
    ),
    "stand_in": (
        "缺失值按其他周期插补，取评分时的插补值",
        "missing values are filled from other cycles; the stand-ins as computed",
    ),
    "weights": (
        "权重由数据或专家判断算出，取算得的份额",
        "weights computed from data or judgements; the shares as computed",
    ),
    "copeland": (
        "Copeland 须两两比较所有地区，取评分时的结果",
        "Copeland compares all pairs of regions; the outcome as scored",
    ),
    "size": (
        "数值太大或太小，电子表格算不出统计量，取评分时的结果",
        "numbers too large or too small for a spreadsheet's statistics; the score as computed",
    ),
    "too_long": ("公式超出电子表格的限度", "the formula is beyond what a spreadsheet holds"),
}
# What stands where a number would be, once something was changed that no formula can follow; a narrow cell holds it.
HELD: dict[str, tuple[str, str]] = {
    "later": ("评分时缺值", "was missing"),
    "beyond": ("未过检验", "test fails"),
}
ABOUT: dict[str, tuple[str, str]] = {
    "live": ("可重算的周期", "Cycle that recomputes"),
    "live_words": (
        "{cycle}：在“输入”“权重”“参数”三页改黄色单元格，“计算”页从变量、指标值、得分、维度、综合得分到规则、排名、等级"
        "逐步重算，“评分卡”“指标”两页该周期的数随之改变；地区在这几页占同一列。各行的次序、标有“导出时”的列和其余各页不随之改变。",
        "{cycle}: change a yellow cell of Inputs, Weights or Parameters, and Calculation recomputes step by step from "
        "variables to values, scores, pillars, composite, rules, rank and grade; Scorecard and Indicators follow for "
        "this cycle. A region has the same column on all of them. The order of rows, columns headed “as exported” and "
        "all other sheets do not change.",
    ),
    "recheck": ("如何复核", "How to recheck"),
    "recheck_words": (
        "一、打开后全部重算（Excel 按 Ctrl+Alt+F9，LibreOffice 按 Ctrl+Shift+F9），各数应与同一评分卡的报告、CSV 一致；"
        "二、点任一单元格看公式；三、改一个输入或权重，看谁变、变多少；四、存盘后在“评分卡”页上传，与本系统逐项核对。"
        "上级地区的变量由下级汇总而来，此处不再汇总。",
        "1. Recalculate all (Excel: Ctrl+Alt+F9, LibreOffice: Ctrl+Shift+F9): the numbers agree with the same "
        "scorecard's report and CSV. 2. Select any cell to see its formula. 3. Change an input or a weight and see who "
        "changes, and by how much. 4. Save the file and upload it on the page scorecards: it is compared with ours "
        "number by number. What a parent region has is rolled up from its parts before, and is not rolled up again "
        "here.",
    ),
    "note": (
        "{cycle} 的得分、排名、等级随“输入”“权重”“参数”重算，行序和标记说明是导出时的",
        "Scores, ranks and grades of {cycle} follow Inputs, Weights and Parameters; the order of rows and the flags in "
        "words are as exported",
    ),
    "others": ("其他地区的数", "Numbers of other regions"),
    "others_words": (
        "排名和部分得分取决于所有参评地区，“输入”“计算”两页因此含有其他地区的数；转交前请确认可以公开。",
        "Ranks and some scores depend on all compared regions: Inputs and Calculation hold the numbers of others too. "
        "Make sure that these may be shown before you pass the file on.",
    ),
    "colours": ("颜色", "Colours"),
    "colours_words": (
        "黄色可改；橙色是评分时算得的数（包括“计算”页没有的上级地区），不随输入改变，只在所依据的值被清空时留空；其余是公式。改动后写着“评分时缺值”“未过检验”"
        "的格无法重算，不计入。工作表保护没有密码。",
        "Yellow can be changed; orange is a number as computed (also of parent regions that Calculation leaves out), "
        "which follows no input and is blank only once what it rests on is cleared; the rest are formulas. After a "
        "change “was missing” and “test fails” stand where no formula can follow, and do not count. The sheets are "
        "protected without a password.",
    ),
    "ties": ("并列", "Ties"),
    "ties_words": (
        "两个数之差小于容差（全体极差的十亿分之一）算并列。几个数依次相差不到容差、首尾却超过时，评分时全部并列，此处只两两"
        "比较，名次可能不同。",
        "Two numbers closer than a billionth of the spread are ties. Several, each so close to the next but the first "
        "and the last further apart, are one tie when scored; here each pair is compared, and ranks may differ.",
    ),
    "fixed": ("不重算的", "What does not recompute"),
    "none": ("没有可重算的工作表", "No sheet that recomputes"),
    "none_words": (
        "地区和指标太多，一个工作簿容纳不下全部公式；各步算式见“指标”页。",
        "There are too many regions and indicators for one workbook to hold all formulas; see the workings on "
        "Indicators.",
    ),
}
UNTIL: dict[str, tuple[str, str]] = {
    "plausible": ("合理范围 {low} 至 {high}", "Plausible: {low} to {high}"),
    "unit": ("计量单位：{unit}", "Unit: {unit}"),
    "zero": ("留空计 0", "A blank counts as 0"),
    "positive": ("请填大于 0 的数", "A number above 0"),
    "number": ("请填数", "A number"),
}


def word(words: dict[str, tuple[str, str]], name: str, lang: str, **facts: object) -> str:
    """A word in one language."""
    return words[name][lang != "zh"].format(**facts) if facts else words[name][lang != "zh"]
