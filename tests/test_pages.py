"""Every page: it draws in both languages, follows its address, and says what to do where it cannot."""

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import pages.parts.editor
from data.__main__ import main
from pages.parts.formats import axis_number, full, moved, period_words, told_apart

ROOT = Path(__file__).parent.parent
# Every page that the app lists, as folder/name.
PAGES = re.findall(r'_page\("(\w+/\w+)"', (ROOT / "app.py").read_text("utf-8"))
assert PAGES


def _run(page: str, **query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def _text(at: AppTest) -> str:
    """All that the page says in HTML."""
    return "\n".join(element.proto.body for element in at.get("html"))


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_draws(page: str, lang: str) -> None:
    """No page ends in an exception, and the demonstration is named on each."""
    at = _run(page, lang=lang)
    assert not at.exception
    assert "示例数据" in _text(at)


@pytest.mark.usefixtures("used")
def test_the_sentence_is_made_from_the_numbers() -> None:
    """The overview's first sentence names the area's mean, the best and who is vetoed."""
    text = _text(_run("view/overview"))
    assert '2024 年<span class="q-name">三江区</span>综合得分平均 75.1' in text
    assert "枫屿市" in text
    assert "旻阳市" in text


@pytest.mark.usefixtures("used")
def test_a_grade_that_only_a_veto_holds_down_is_the_first_step() -> None:
    """The veto that hides the grade of the score is named before the way to the next one; unknown paces are apart."""
    text = _text(_run("view/paths", region="910400"))
    assert "消除一票否决“单位建筑面积能耗" in text
    assert "”即为良好" in text
    assert re.search(
        r"项已达到目标；按现在的速度，\d+ 项到 2025 年达不到，\d+ 项无上期可比",
        _text(_run("view/paths", region="920200")),
    )


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize(
    ("name", "value"), [("cycle", "1999"), ("region", "999999"), ("area", "nope"), ("regions", "910100,zzz")]
)
def test_an_address_that_names_what_is_not_there_says_so(name: str, value: str) -> None:
    """What is shown in its place is another one, and nobody may take it for what was asked."""
    at = _run("view/region" if name == "region" else "view/compare", **{name: value})
    assert [f"“{value.split(',')[-1]}”" in warning.value for warning in at.warning] == [True]
    assert not _run("view/compare", **{name: ""}).warning


@pytest.mark.usefixtures("used")
def test_the_address_is_the_view() -> None:
    """A cycle, an area and a region in the address are shown; what does not exist is passed over."""
    at = _run("view/region", cycle="2022", area="river_ring", region="920100")
    assert "枫屿市 2022 年综合得分" in _text(at)
    assert at.selectbox(key="area").value == "river_ring"
    stray = _run("view/region", cycle="1900", area="<b>", region="nowhere", regions="a,b")
    assert not stray.exception
    assert stray.selectbox(key="cycle").value == "2024"


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize(
    ("page", "query", "words"),
    [
        ("view/compare", {"node": "energy_saving", "sort": "water_per_head"}, "人均用水量"),
        ("view/compare", {"regions": "920100,930400", "against": "target"}, "■ 岫原市"),
        ("view/indicator", {"code": "energy_per_area"}, "约束值"),
        ("view/region", {"region": "920000"}, "云澜省 2024 年综合得分"),
        ("view/region", {"region": "920200", "cycle": "2023"}, "2023-04 缺报：外购用电量"),
        ("view/explain", {"code": "electricity", "region": "920200"}, "用于："),
        ("facts/facts", {"cycle": "2023"}, "缺 3 项（已报 99.97 %）"),
        ("facts/facts", {"by": "cycles"}, "每格为原始变量中有可用数值的份额"),
        ("take/scorecards", {"regions": "920100"}, "评分卡：1 个地区"),
    ],
)
def test_an_address_opens_the_same_view(page: str, query: dict[str, str], words: str) -> None:
    """What can be chosen on a page stands in its address, and an address alone shows it."""
    at = _run(page, **query)
    assert not at.exception
    assert words in _text(at)


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize("against", ["last", "peers", "target"])
@pytest.mark.parametrize("cycle", ["2020", "2023"])
@pytest.mark.parametrize("page", ["view/overview", "view/compare", "view/region", "view/indicator"])
def test_any_comparison_in_any_cycle(page: str, cycle: str, against: str) -> None:
    """The first cycle, which has none before it, and one with missing facts draw with every comparison."""
    at = _run(page, cycle=cycle, against=against, region="920200", code="energy_per_area")
    assert not at.exception
    assert "NaN" not in _text(at)
    assert "None" not in _text(at)


@pytest.mark.usefixtures("used")
def test_of_those_that_moved_the_rest_is_counted() -> None:
    """Four are named; how many more moved, and how many kept their rank, is said."""
    told = _text(_run("view/overview"))
    moved, rest, still = (
        int(re.search(words, told)[1])  # type: ignore[index]
        for words in (r"(\d+) 个地区名次变动", r"其余 (\d+) 个地区升降较小", r"(\d+) 个地区名次持平")
    )
    assert (moved - rest, moved + still) == (4, 13)


def test_a_quarter_has_its_name() -> None:
    """In a column's head, inside its year."""
    told = [period_words(period, "2024") for period in ("2024-Q1", "2024-Q4", "2024-03", "2024-H1", "2024")]
    assert told == ["一季度", "四季度", "3月", "上半年", "全周期"]


def test_what_is_taken_away_is_journalled() -> None:
    """Each file of pages that gives something away notes it, or journals it in its own way, or has no result in it."""
    own = {"adjusted_evidence", "journalled_taken", "noticed_files", "taking_one"}
    none = {"judged", "mapped", "measures", "previewed", "taking_verify", "versions", "workbench"}
    files = {file.stem: file.read_text("utf-8") for file in (ROOT / "pages").rglob("*.py")}
    assert {name for name, text in files.items() if "download_button(" in text and "noted(" not in text} == own | none


@pytest.mark.usefixtures("used")
def test_who_to_learn_from_is_the_best_of_the_group() -> None:
    """A weak indicator names the best peer with its value, as a link to it."""
    text = _text(_run("view/region", region="930400"))
    weak = text[text.index("弱项") :]
    assert "可学<a href=" in weak[: weak.index("</ul>")]


@pytest.mark.usefixtures("used")
def test_weak_is_only_what_is_below_the_median() -> None:
    """Weak is what is below the group's median, strong what is above it; where there is none of these it says so."""
    assert "强在节约能源资源，弱在后勤服务质量" in _text(_run("view/region", region="920300"))
    assert "各维度都不低于中位数，领先最少的是节约能源资源" in _text(_run("view/region", region="920100"))
    assert "各维度都不高于中位数，落后最少的是节约能源资源" in _text(_run("view/region", region="930400"))


def test_a_region_without_values_is_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no indicator has a score, neither column claims that none is above or below the median."""
    facts, store = tmp_path / "f.csv", tmp_path / "s.duckdb"
    definitions = """
schema: 1
title: t
variables: {x: {name: x, unit: "1"}, y: {name: y, unit: "1"}}
indicators: {a: {name: 甲, unit: "1", formula: x, better: higher}}
index: {code: all, name: 总, children: [{indicator: a}]}
"""
    (tmp_path / "i.yaml").write_text(definitions, "utf-8")
    facts.write_text("region,period,variable,value\n1,2024,x,1\n2,2024,x,2\n3,2024,y,2\n", "utf-8")
    assert main(["init", "--db", str(store), "--indicators", str(tmp_path / "i.yaml")]) == 0
    assert main(["import", str(facts), "--db", str(store)]) == 0
    monkeypatch.setenv("QUHENG_DB", str(store))
    text = _text(_run("view/region", region="3"))
    assert text.count("没有数值，无法比较") == 2
    assert "中位数的指标<" not in text


@pytest.mark.usefixtures("used")
def test_no_english_stands_on_a_chinese_page() -> None:
    """Labels, heads and messages of the widgets are Chinese wherever they can be chosen."""
    for page in PAGES:
        at = _run(page)
        kinds = ("selectbox", "multiselect", "toggle", "button", "file_uploader", "expander", "tabs", "text_area")
        labels = [element.label for kind in kinds for element in getattr(at, kind)]
        labels += [element.placeholder for element in at.multiselect]
        labels += [element.proto.label for element in at.get("download_button")]
        assert [label for label in labels if label and not re.search("[\u4e00-\u9fff]", label)] == [], page


@pytest.mark.usefixtures("used")
def test_a_choice_goes_into_the_address() -> None:
    """Choosing a cycle changes the address, and the usual one leaves it short."""
    at = _run("view/overview")
    assert "cycle" not in at.query_params
    at.selectbox(key="cycle").set_value("2021").run()
    assert at.query_params["cycle"] in ("2021", ["2021"])


@pytest.mark.parametrize("page", PAGES)
def test_no_store_says_what_to_do(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a store each page names the command that makes one."""
    monkeypatch.setenv("QUHENG_DB", str(tmp_path / "none.duckdb"))
    at = _run(page)
    assert not at.exception
    assert "python -m data demo" in _text(at)


def test_a_foreign_store_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no store of ours says so, and does not send anybody to the definitions."""
    (tmp_path / "s.duckdb").write_bytes(b"no store at all")
    monkeypatch.setenv("QUHENG_DB", str(tmp_path / "s.duckdb"))
    at = _run("view/overview")
    assert not at.exception
    assert "数据库现在不能用" in _text(at)
    assert "去核对定义" not in _text(at)


@pytest.mark.parametrize("page", ["view/overview", "define/definitions"])
def test_broken_definitions_are_listed(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Definitions that no longer read give their problems, not a stack trace."""
    file, store = tmp_path / "indicators.yaml", tmp_path / "s.duckdb"
    file.write_text((ROOT / "indicators.yaml").read_text("utf-8"), "utf-8")
    assert main(["init", "--db", str(store), "--indicators", str(file)]) == 0
    file.write_text("schema: 1\nindicators: [\n", "utf-8")
    monkeypatch.setenv("QUHENG_DB", str(store))
    at = _run(page)
    assert not at.exception
    assert "YAML" in _text(at)


def test_an_empty_store_leads_to_the_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store without facts says that there are none and where to bring them in."""
    store = tmp_path / "s.duckdb"
    assert main(["init", "--db", str(store)]) == 0
    monkeypatch.setenv("QUHENG_DB", str(store))
    at = _run("view/overview")
    assert not at.exception
    assert "还没有数据" in _text(at)


def test_an_empty_store_can_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The facts page of a store without facts says so and still takes a file."""
    store = tmp_path / "s.duckdb"
    assert main(["init", "--db", str(store)]) == 0
    monkeypatch.setenv("QUHENG_DB", str(store))
    at = _run("facts/facts")
    assert not at.exception
    assert "还没有事实" in _text(at)
    assert len(at.file_uploader) == 2


def test_an_edited_text_is_checked_beside_its_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in the text is told with its line and how bad it is, in Chinese; nothing can be downloaded then."""
    store = tmp_path / "s.duckdb"
    assert main(["init", "--db", str(store)]) == 0
    monkeypatch.setenv("QUHENG_DB", str(store))
    monkeypatch.setattr(pages.parts.editor, "BUNDLE", tmp_path / "absent.js")
    assert "5 个维度，38 项指标" in _text(_run("define/definitions"))
    at = _run("define/definitions", part="edit")
    assert "0 处错误" in _text(at)
    area = next(area for area in at.text_area if area.label == "定义文本")
    area.set_value("schema: 1\ntitle: t\nindicatorz: {}\n").run()
    text = _text(at)
    assert not at.exception
    assert "错误" in text
    assert '<td><div class="q-first">3</div></td>' in text
    assert "indicatorz" in text


def test_markup_in_names_stays_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A region's name with markup in it is shown as it is written, on every page."""
    regions, facts, store = (tmp_path / name for name in ("r.csv", "f.csv", "s.duckdb"))
    regions.write_text("code,name_zh,name_en\n1,<b onclick=x>甲</b>,A\n2,乙,B\n", "utf-8")
    rows = [f"{region},2024,{code},{value}" for region in "12" for code, value in (("water", 5), ("energy_users", 2))]
    facts.write_text("region,period,variable,value\n" + "\n".join(rows) + "\n", "utf-8")
    assert main(["init", "--db", str(store), "--regions", str(regions)]) == 0
    assert main(["import", str(facts), "--db", str(store)]) == 0
    monkeypatch.setenv("QUHENG_DB", str(store))
    for page in PAGES:
        at = _run(page, region="1", code="water_per_head")
        assert not at.exception
        charts = "".join(element.proto.spec for element in at.get("plotly_chart"))
        assert "<b onclick" not in _text(at) + charts


@pytest.mark.usefixtures("used")
def test_integration_answers_its_question() -> None:
    """The sentence says in both languages whether the area grows together, with an interval, and what it rests on."""
    text = _text(_run("view/integration"))
    assert "三江区综合得分的变异系数由 0.244 变为 0.129" in text
    assert "差距在缩小（期末与期初的对数标准差之比为 0.472，95 % 区间 0.339–0.655）" in text
    assert "良好协调" in text
    words = _text(_run("view/integration", lang="en", code="operating_cost_per_head"))
    assert "whether the gap has changed cannot be told from chance" in words
    assert not re.search("[\u4e00-\u9fff]", re.sub("(?s)<style.*?</style>|示例数据", "", words))


@pytest.mark.usefixtures("used")
def test_what_holds_apart_adds_up_to_the_whole() -> None:
    """Where a title says 100 % the bars come to it: what the rules add stands beside the pillars."""
    at = _run("view/integration")
    assert "合计 100 %；低于 0 的（斜纹）使各地区更接近；含加分与扣分" in _text(at)
    drawn = [json.loads(element.proto.spec)["data"][0] for element in at.get("plotly_chart")]
    pillars = next(bars for bars in drawn if "运行成本" in (bars.get("y") or ()))
    assert "加分与扣分" in pillars["y"]
    assert sum(pillars["x"]) == pytest.approx(100.0)


@pytest.mark.usefixtures("used")
def test_integration_says_what_it_cannot_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One cycle, values with either sign, and a store with one region each get words instead of numbers."""
    assert "还不能判断是否趋同（只有一个周期有值）" in _text(_run("view/integration", cycle="2020"))
    assert "没有变异系数（有负值）" in _text(_run("view/integration", code="service_gap"))
    file, store = tmp_path / "facts.csv", tmp_path / "one.duckdb"
    file.write_text("region,period,variable,value\na,2023,staff_on_post,5\na,2024,staff_on_post,6\n", "utf-8")
    assert main(["init", "--db", str(store)]) == 0
    assert main(["import", str(file), "--db", str(store)]) == 0
    monkeypatch.setenv("QUHENG_DB", str(store))
    at = _run("view/integration")
    assert not at.exception
    assert "只有一个地区" in _text(at)


@pytest.mark.usefixtures("used")
def test_integration_can_be_weighed_by_heads() -> None:
    """By heads the spread is another and says so; the interval, which is not weighed, says that."""
    text = _text(_run("view/integration", weight="staff_on_post"))
    assert "加权）的变异系数" in text
    assert "不加权时差距在缩小（期末与期初的对数标准差之比为 0.472" in text


ONE_INDICATOR = """
schema: 1
title: one
variables: {x: {name: x, unit: "1"}, heads: {name: heads, unit: person, over_time: last}}
indicators: {a: {name: 甲, unit: "1", formula: x, better: higher, normalise: {method: goalposts, worst: 0, best: 100}}}
index: {code: all, name: all, children: [{indicator: a}]}
"""
# Who was behind caught up, while the differences above, which the mean is made of, grew.
CROSSING = {
    "2020": {"p": 2.06, "q": 0.04, "r": 1.42, "s": 0.8, "u": 4.78, "v": 1.92},
    "2024": {"p": 1.8, "q": 0.06, "r": 1.19, "s": 0.75, "u": 4.72, "v": 1.72},
}


def _integration(folder: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, dict[str, float]], *more: str) -> str:
    """What the page says of one indicator with these values, by cycle and region; by heads where facts follow."""
    definitions, facts, store = (folder / name for name in ("one.yaml", "one.csv", "one.duckdb"))
    definitions.write_text(ONE_INDICATOR, "utf-8")
    rows = [f"{region},{period},x,{x}\n" for period, of in values.items() for region, x in of.items()]
    facts.write_text("region,period,variable,value\n" + "".join([*rows, *more]), "utf-8")
    assert main(["init", "--db", str(store), "--indicators", str(definitions)]) == 0
    assert main(["import", str(facts), "--db", str(store)]) == 0
    monkeypatch.setenv("QUHENG_DB", str(store))
    at = _run("view/integration", code="a", **({"weight": "heads"} if more else {}))
    assert not at.exception
    return _text(at)


def test_integration_compares_the_same_regions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four regions that stay as they are have the spread that they had, whoever else came or went; the rest say so."""
    same = {"p": 10.0, "q": 12.0, "r": 14.0, "s": 16.0}
    text = _integration(tmp_path, monkeypatch, {"2020": {**same, "u": 90.0}, "2024": {**same, "w": 13.0}})
    assert "甲的变异系数由 0.172 变为 0.172（6 个地区中两期都能算的 4 个）" in text
    assert "2 个地区缺起止值，未计入" in text
    assert "1.09（地区不尽相同）" in text
    assert "越低越接近（地区不尽相同）" in text


def test_integration_by_heads_compares_the_same_regions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has heads in one cycle only is left out of both spreads, and the cards say that the regions differ."""
    heads = [f"{region},{period},heads,5\n" for period in ("2020", "2024") for region in "pqrs"]
    same = {"p": 10.0, "q": 12.0, "r": 14.0, "s": 16.0}
    text = _integration(tmp_path, monkeypatch, {"2020": same, "2024": same}, *heads[1:])
    assert "甲（按heads加权）的变异系数由 0.117 变为 0.117（4 个地区中两期都能算的 3 个）" in text
    assert "1 个地区缺起止值，未计入" in text
    assert "0.117（地区不尽相同）" in text


def test_integration_does_not_contradict_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the coefficient of variation rises while all draw together, the measure of the verdict is told."""
    text = _integration(tmp_path, monkeypatch, CROSSING)
    told = re.search(
        r"甲的对数标准差由 ([\d.]+) 变为 ([\d.]+)；差距在缩小（期末与期初的对数标准差之比为 ([\d.]+)", text
    )
    assert told is not None
    assert float(told[2]) / float(told[1]) == pytest.approx(float(told[3]), abs=0.005)
    assert "甲的变异系数由" not in text


@pytest.mark.usefixtures("used")
def test_integration_shows_exchange_between_members_only() -> None:
    """The matrix has the area's members as rows and columns, and the variable of the address."""
    text = _text(_run("view/integration", area="river_ring", flow="cross_requests"))
    matrix = next(part for part in text.split("<table") if "填报地区" in part and "heat small" in part)
    assert "枫屿市" in matrix
    assert "岫原市" not in matrix
    assert matrix.count("<tr") == 6
    assert re.search("最多的是.{3}填报的与.{3}往来，", text)


def test_two_values_have_as_many_digits_as_tell_them_apart() -> None:
    """Equal texts of different numbers would show a change of nothing; equal numbers stay short."""
    assert told_apart(42.986, 42.954, "kgCO2/m2") == ("42.99 kgCO₂/m²", "42.95 kgCO₂/m²")
    assert told_apart(43.0, 41.0, "m2") == ("43.0 m²", "41.0 m²")
    assert told_apart(43.0, 43.0, "m2") == ("43.0 m²", "43.0 m²")
    assert told_apart(1_234_567.0, 1_234_568.0, "1") == ("1,234,567", "1,234,568")
    assert told_apart(None, 1.0, "1")[0] == "—"
    assert moved(0.04) == "持平"
    assert moved(-0.06) == "−0.1"


def test_a_large_number_has_separators_and_no_power_of_ten() -> None:
    """As long as its digits can be counted; beyond, and for what is very small, a power says more."""
    numbers = (1.7e11, -123456789012.4, 12.5, 9_999_999_999.4, 999_999_999_999_999.0, 2e15, 1.5e-7, 0.0)
    assert [full(number) for number in numbers] == [
        "170,000,000,000", "−123,456,789,012", "12.5", "9,999,999,999", "999,999,999,999,999", "2e+15", "1.5e−07", "0",
    ]  # fmt: skip
    assert full(1.7e11, "CNY") == "170,000,000,000 元"
    assert axis_number(5e19) == "500,000,000,000 亿"
