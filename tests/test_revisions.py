"""Versions of the definitions: who may do what to them, and what each cycle is scored with."""

from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import duckdb
import pytest

from data.__main__ import main
from data.clock import zoned
from data.editions import editions
from data.intake import import_file
from data.proposals import approve, publish, send_back, submit, withdraw
from data.prospect import prospect
from data.revisions import digest_of, read_text, revisions_of
from data.steps import SCHEMA
from data.store import Store
from metrics.impact import rows_of
from metrics.problems import InputError
from metrics.series import changes

TEXT = """\
schema: 1
title: test
variables:
  water: {name: Water, unit: m3}
  staff: {name: Staff, unit: person, over_time: last}
indicators:
  water_per_head:
    {name: Water per head, unit: m3/person, formula: water / staff, better: lower,
     normalise: {method: goalposts, worst: 10, best: 0}}
index: {code: composite, name: Composite, children: [{indicator: water_per_head}]}
"""
LENIENT = TEXT.replace("worst: 10", "worst: 16")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two regions with facts of 2023 and 2024; the definitions are a file."""
    file = tmp_path / "indicators.yaml"
    file.write_text(TEXT, encoding="utf-8")
    made = Store(tmp_path / "s.duckdb", patience=1.0)
    with made.created() as writer:
        writer.setting("indicators", str(file))
    rows = [
        f"{region},{year},{variable},{value}"
        for year in (2023, 2024)
        for region, water in (("a", 2), ("b", 8))
        for variable, value in (("water", water), ("staff", 1))
    ]
    _bring(made, tmp_path, *rows)
    return made


def _bring(store: Store, folder: Path, *rows: str) -> None:
    file = folder / f"facts{len(list(folder.glob('facts*')))}.csv"
    file.write_text("region,period,variable,value\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert import_file(store, file).batch is not None


def _propose(store: Store, text: str = LENIENT, **changed: object) -> int:
    asked = {"based_on": revisions_of(store).latest.number, "author": "甲", "reason": "放宽", "from_cycle": "2024"}
    return submit(store, text, **{**asked, **changed})  # type: ignore[arg-type]


def _codes(call: Callable[[], object]) -> list[str]:
    with pytest.raises(InputError) as raised:
        call()
    return [problem.code for problem in raised.value.problems]


def _scores(store: Store) -> dict[tuple[str, str], float | None]:
    frame = editions(store).frame.filter(code="composite")
    return {(period, region): score for period, region, score in frame.select("period", "region", "score").iter_rows()}


def test_the_file_is_in_force_until_a_version_is_proposed(store: Store, tmp_path: Path) -> None:
    """Before, an edited file counts at once; from then on the store holds the text, and the file moves nothing."""
    (tmp_path / "indicators.yaml").write_text(LENIENT, encoding="utf-8")
    assert revisions_of(store).latest.number == 0
    assert _scores(store)["2023", "a"] == 87.5
    (tmp_path / "indicators.yaml").write_text(TEXT, encoding="utf-8")
    assert _propose(store) == 2
    (tmp_path / "indicators.yaml").write_text("nothing: at all", encoding="utf-8")
    known = revisions_of(store)
    assert [(one.number, one.state, one.based_on) for one in known.all] == [(1, "approved", None), (2, "submitted", 1)]
    assert known.latest.text == TEXT
    assert _scores(store)["2024", "a"] == 80.0


def test_a_version_holds_from_its_cycle_once_another_approves_it(store: Store) -> None:
    """Submitted it moves nothing; approved it moves the cycles from its own on, and no earlier one."""
    before = _scores(store)
    number = _propose(store)
    assert _scores(store) == before
    approve(store, number, person="乙")
    after = _scores(store)
    assert (after["2024", "a"], after["2024", "b"]) == (87.5, 50.0)
    assert {key: score for key, score in after.items() if key[0] == "2023"} == {
        key: score for key, score in before.items() if key[0] == "2023"
    }


def test_published_cycles_never_move(store: Store, tmp_path: Path) -> None:
    """Neither corrected facts nor new versions change a published cycle; open ones follow both."""
    publish(store, "2023", person="丙")
    before = _scores(store)
    _bring(store, tmp_path, "a,2023,water,9", "a,2024,water,9")
    approve(store, _propose(store), person="乙")
    after = _scores(store)
    assert (after["2023", "a"], after["2023", "b"]) == (before["2023", "a"], before["2023", "b"]) == (80.0, 20.0)
    assert after["2024", "a"] == 43.75
    facts = editions(store).of["2023"].facts(store)
    assert facts.filter(region="a", period="2023", variable="water")["value"].to_list() == [2.0]


@pytest.mark.parametrize("name", ["甲", " 甲 ", "甲\u3000", "甲\u200b", "\u2060甲\ufe0f", "甲\u3164"])
def test_nobody_approves_or_returns_his_own_version(store: Store, name: str) -> None:
    """The same name, however blanks, width or signs that cannot be seen are typed, is the same person."""
    number = _propose(store)
    assert _codes(lambda: approve(store, number, person=name)) == ["own_approval"]
    assert _codes(lambda: send_back(store, number, person=name, reason="再议")) == ["own_approval"]
    assert revisions_of(store)[number].state == "submitted"


def test_a_decision_is_never_changed(store: Store) -> None:
    """What is approved, returned or withdrawn stays so; history only grows, with who, when and why."""
    returned, taken_back, accepted = (_propose(store, LENIENT + f"# {count}\n") for count in range(3))
    send_back(store, returned, person="乙", reason="请说明依据")
    withdraw(store, taken_back, person="甲")
    approve(store, accepted, person="乙", reason="同意")
    for number in (returned, taken_back, accepted):
        assert _codes(lambda number=number: approve(store, number, person="丙")) == ["already_decided"]  # type: ignore[misc]
        assert _codes(lambda number=number: withdraw(store, number, person="甲")) == ["already_decided"]  # type: ignore[misc]
    told = [(one.state, one.decided_by, one.answer) for one in revisions_of(store).all[1:]]
    assert told == [("returned", "乙", "请说明依据"), ("withdrawn", "甲", ""), ("approved", "乙", "同意")]
    assert all(one.made and one.decided and one.reason == "放宽" for one in revisions_of(store).all[1:])


def test_a_text_that_knows_not_the_latest_version_is_refused(store: Store) -> None:
    """Of two edits of one version the second would take back the first: neither submitted nor approved it passes."""
    early, late = _propose(store), _propose(store, TEXT + "# a note\n")
    approve(store, early, person="乙")
    assert _codes(lambda: approve(store, late, person="乙")) == ["overtaken"]
    assert _codes(lambda: _propose(store, TEXT + "# another\n", based_on=1)) == ["overtaken"]


def test_an_old_text_comes_back_as_a_new_version(store: Store) -> None:
    """Restoring appends: the old text has a new number, and the one between stays readable."""
    approve(store, _propose(store), person="乙")
    approve(store, _propose(store, TEXT), person="乙")
    known = revisions_of(store)
    assert [one.text for one in known.all] == [TEXT, LENIENT, TEXT]
    assert known.all[0].digest == known.all[2].digest != known.all[1].digest
    assert known.latest.number == 3


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"author": "  "}, "author_wanted"),
        ({"reason": ""}, "reason_wanted"),
        ({"from_cycle": "2023"}, "begins_in_published"),
        ({"from_cycle": "2024-Q1"}, "no_cycle"),
        ({"text": TEXT}, "nothing_changed"),
        ({"text": LENIENT + "cycle: quarter\n"}, "calendar_changed"),
        ({"text": LENIENT.replace("water / staff", "water / stuff")}, "unknown_code"),
    ],
)
def test_what_cannot_be_proposed(store: Store, changed: dict[str, str], code: str) -> None:
    """Each is refused with its own words, and the store holds no version more."""
    publish(store, "2023", person="丙")
    assert _codes(lambda: _propose(store, **changed)) == [code]  # type: ignore[arg-type]
    assert len(revisions_of(store).all) == 1


def test_a_version_is_not_approved_into_a_published_cycle(store: Store) -> None:
    """A cycle published between proposal and approval keeps its version."""
    number = _propose(store)
    publish(store, "2024", person="丙")
    assert _codes(lambda: approve(store, number, person="乙")) == ["begins_in_published"]


def test_a_cycle_is_published_once_and_only_with_facts(store: Store) -> None:
    """Again, without facts or by nobody: refused."""
    publish(store, "2024", person="丙")
    assert _codes(lambda: publish(store, "2024", person="丁")) == ["cycle_published"]
    assert _codes(lambda: publish(store, "2030", person="丁")) == ["cycle_without_facts"]
    assert _codes(lambda: publish(store, "2023", person=" ")) == ["person_wanted"]


def test_a_cycle_without_facts_of_its_own_version_is_neither_published_nor_shown(store: Store, tmp_path: Path) -> None:
    """No other version stands in for its own."""
    wider = TEXT.replace("variables:\n", "variables:\n  gas: {name: Gas, unit: m3}\n")
    approve(store, _propose(store, wider), person="乙")
    _bring(store, tmp_path, "a,2022,gas,1")
    with pytest.raises(InputError) as refused:
        publish(store, "2022", person="丁")
    assert refused.value.problems[0].code == "cycle_without_facts"
    with pytest.raises(InputError):
        editions(store).card("2022")


def test_facts_of_a_variable_that_only_one_version_knows(store: Store, tmp_path: Path) -> None:
    """They come in as soon as a version has it approved, and the cycles of other versions do not mind them."""
    wider = LENIENT.replace("indicators:", "  gas: {name: Gas, unit: m3}\nindicators:", 1)
    approve(store, _propose(store, wider), person="乙")
    _bring(store, tmp_path, "a,2024,gas,5")
    assert editions(store).card("2023").definitions.raw == ("water", "staff")
    approve(store, _propose(store), person="乙")
    _bring(store, tmp_path, "b,2024,gas,7")
    assert _scores(store)["2024", "a"] == 87.5


@pytest.mark.parametrize("first", ["reported", "derived"])
def test_a_variable_may_be_reported_in_one_version_and_derived_in_another(
    store: Store, tmp_path: Path, first: str
) -> None:
    """Each cycle is scored as its own version knows the variable, and facts of it still come in."""
    derived = TEXT.replace("staff: {name: Staff, unit: person, over_time: last}",
                           "heads: {name: Heads, unit: person, over_time: last}\n"
                           "  staff: {name: Staff, unit: person, formula: heads * 2}")  # fmt: skip
    approve(store, _propose(store, derived), person="乙")
    _bring(store, tmp_path, "a,2024,heads,1", "b,2024,heads,1")
    if first == "derived":
        approve(store, _propose(store, TEXT, reason="改回"), person="乙")
    _bring(store, tmp_path, "a,2023,staff,2", "b,2023,staff,2")
    found = editions(store)
    assert list(found.cards) == ["2023", "2024"]
    water = {"2023": 1.0, "2024": 1.0 if first == "reported" else 2.0}
    for period, value in water.items():
        rows = found.frame.filter(period=period, region="a", code="water_per_head")
        assert rows["value"].to_list() == [value]


def test_a_version_of_other_variables_takes_no_cycle_from_the_one_before(store: Store, tmp_path: Path) -> None:
    """A published cycle and an open one keep the scorecards of their own version, before and after the first facts of
    the next; a draft from the beginning is told of the open one, and the series goes on."""
    publish(store, "2023", person="丙")
    other = TEXT.replace("water", "heat").replace("staff", "seats")
    approve(store, _propose(store, other, from_cycle="2025"), person="乙")
    before = _scores(store)
    assert {cycle for cycle, _ in before} == {"2023", "2024"}
    found = prospect(editions(store), read_text(other, "t"), facts=store.facts(), regions=store.regions())
    assert found.held() == ["2024"]
    _bring(store, tmp_path, *(f"{region},2025,{code},3" for region in "ab" for code in ("heat", "seats")))
    after = editions(store)
    assert list(after.cards) == ["2023", "2024", "2025"]
    assert before.items() < _scores(store).items()
    rows = changes(after.cards).filter(code="composite", region="a")
    assert rows.select("period", "score_change").rows() == [("2023", None), ("2024", 0.0), ("2025", 10.0)]


def _impacts(store: Store, text: str, begins: str = "") -> dict[str, dict[str, float]]:
    """What a text changes of the composites, by cycle and region."""
    found = prospect(editions(store), read_text(text, "t"), facts=store.facts(), regions=store.regions())
    rows = rows_of(found.impacts(begins)).filter(level="composite")
    told: dict[str, dict[str, float]] = {}
    for period, region, change in rows.select("period", "region", "change").iter_rows():
        told.setdefault(period, {})[region] = change
    return told


def test_the_impact_is_against_the_version_that_scores_each_cycle(store: Store) -> None:
    """The text of a version of 2024 on, submitted again from 2023 on, changes 2023 and nothing of 2024."""
    approve(store, _propose(store), person="乙")
    again = LENIENT.replace("title: test", "title: again")
    assert _impacts(store, again, "2023") == {"2023": {"a": 7.5, "b": 30.0}}
    assert _impacts(store, again, "2024") == {}
    assert _impacts(store, TEXT, "2023") == {"2024": {"a": -7.5, "b": -30.0}}


def test_the_impact_leaves_out_published_cycles_and_what_it_does_is_done(store: Store) -> None:
    """A published cycle is not among them; adopted, the text does to the others just what was told."""
    publish(store, "2023", person="甲")
    told, before = _impacts(store, LENIENT), _scores(store)
    assert list(told) == ["2024"]
    approve(store, _propose(store), person="乙")
    after = _scores(store)
    moved = {key: (after[key] or 0.0) - (before[key] or 0.0) for key in after if after[key] != before[key]}
    assert moved == {("2024", region): change for region, change in told["2024"].items()}


def test_the_impact_sees_facts_of_a_variable_that_the_draft_takes_up_again(store: Store, tmp_path: Path) -> None:
    """Facts that an earlier version knew count for a draft that knows them again."""
    heads = TEXT.replace("staff", "heads").replace("Staff", "Heads")
    approve(store, _propose(store, heads), person="乙")
    _bring(store, tmp_path, *(f"{region},2024,heads,2" for region in "ab"))
    approve(store, _propose(store, TEXT, reason="改回"), person="乙")
    assert _impacts(store, heads, "2024")["2024"] == pytest.approx({"a": 10.0, "b": 40.0})


def test_there_is_no_impact_of_another_calendar(store: Store) -> None:
    """A store's cycles are what they are."""
    assert _codes(lambda: _impacts(store, TEXT + "cycle: half\n")) == ["calendar_changed"]


def test_the_impact_is_told_where_a_version_dropped_a_variable(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Facts that only an earlier version knows are no matter of it; `--from` names the first cycle."""
    wider = TEXT.replace("variables:\n", "variables:\n  gas: {name: Gas, unit: m3}\n")
    for text in (wider, TEXT):
        approve(store, _propose(store, text), person="乙")
        if text == wider:
            _bring(store, tmp_path, "a,2024,gas,1")
    draft, out = tmp_path / "draft.yaml", tmp_path / "rows.csv"
    draft.write_text(LENIENT, encoding="utf-8")
    asked = ["impact", str(draft), "--db", str(store.path), "--lang", "en", "--out", str(out)]
    assert main(asked) == 0
    assert "2024: 2 composite scores change" in capsys.readouterr().out
    assert main([*asked, "--from", "2025"]) == 0
    assert capsys.readouterr().out == "No score, rank, grade or rule changes.\n"
    assert len(out.read_text(encoding="utf-8").splitlines()) == 1
    assert main([*asked, "--from", "soon"]) == 1


def _first_schema(folder: Path) -> Path:
    """A store as it was made before there were versions."""
    file, path = folder / "indicators.yaml", folder / "it's old.duckdb"
    file.write_text(TEXT, encoding="utf-8")
    connection = duckdb.connect(str(path))
    connection.execute("CREATE TABLE schema_version (version INTEGER)")
    connection.execute(sorted(SCHEMA.glob("*.sql"))[0].read_text(encoding="utf-8"))
    connection.execute("INSERT INTO schema_version VALUES (1)")
    connection.execute(f"INSERT INTO settings VALUES ('state', '{'0' * 16}'), ('indicators', '{file}')")
    connection.close()
    return path


def test_a_store_of_the_first_schema_is_brought_up(tmp_path: Path) -> None:
    """A store made before there were versions opens, with the file in force."""
    store = Store(_first_schema(tmp_path))
    assert revisions_of(store).latest.text == TEXT
    assert len(store.snapshot()) == 16


def test_a_store_of_the_first_schema_is_read_on_a_protected_disk(tmp_path: Path) -> None:
    """Where nothing can be written it stays as it is and is read all the same; once it can, it is brought up."""
    path = _first_schema(tmp_path)
    snapshots = tmp_path / f"{path.name}.snapshots"
    snapshots.mkdir()
    (snapshots / f"{'0' * 16}.duckdb").write_bytes(path.read_bytes())
    (snapshots / "current").write_text("0" * 16, encoding="ascii")
    lock = tmp_path / f"{path.name}.lock"
    lock.mkdir()
    before = path.read_bytes()
    store = Store(path)
    assert revisions_of(store).latest.text == TEXT
    assert store.facts().height == 0
    assert store.snapshot() == "0" * 16
    with pytest.raises(InputError, match="store_unwritable"), store.transaction("x"):
        pass
    assert path.read_bytes() == before
    with pytest.raises(duckdb.Error, match="disabled"):
        store.query("SELECT * FROM read_csv($file)", file=str(tmp_path / "indicators.yaml"))
    lock.rmdir()
    with store.transaction("x") as writer:
        writer.setting("a", "b")
    assert store.settings()["a"] == "b"
    assert revisions_of(store).latest.text == TEXT


def test_a_text_into_a_pipe_is_what_it_is(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever encoding the terminal has, what is kept of a version is its text to the last sign."""
    text = LENIENT.replace("title: test", "title: m³ ‍🏢")
    approve(store, _propose(store, text), person="乙")
    kept = TextIOWrapper(BytesIO(), encoding="gbk")
    monkeypatch.setattr("sys.stdout", kept)
    assert main(["versions", "2", "--text", "--db", str(store.path)]) == 0
    assert kept.buffer.getvalue().decode() == text  # type: ignore[attr-defined]


def test_the_commands_play_a_version_through(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """propose, approve, publish, versions: each says what it did, refusals end with 1."""
    file = tmp_path / "new.yaml"
    file.write_text(LENIENT, encoding="utf-8")
    db = ("--db", str(store.path))
    propose = ["propose", str(file), "--by", "甲", "--reason", "放宽", "--from", "2024", *db]
    assert main(propose) == 0
    assert main(["approve", "2", "--by", "甲", *db]) == 1
    assert main(["approve", "2", "--by", "乙", *db]) == 0
    assert main(["publish", "2023", "--by", "丙", *db]) == 0
    capsys.readouterr()
    assert main(["versions", *db]) == 0
    first, second, _, published = [line.split("\t") for line in capsys.readouterr().out.splitlines()[1:]]
    latest = revisions_of(store)[2]
    assert first == ["1", "已批准", "最初", digest_of(TEXT)[:12], *"——", "取自指标定义文件", *"———"]
    assert second[:5] == ["2", "已批准", "2024", latest.digest[:12], "甲"]
    assert second[5:] == [zoned(latest.made), "放宽", "乙", zoned(latest.decided), "—"]
    assert published[:4] == ["2023", "1", "1", "丙"]
    assert main(["versions", "2", *db]) == 0
    assert "10 → 16" in capsys.readouterr().out
    assert main(["versions", "2", "--text", *db]) == 0
    assert capsys.readouterr().out == LENIENT
    assert main(["versions", "9", *db]) == 1
    out = tmp_path / "out.csv"
    assert main(["score", "--out", str(out), *db]) == 0
    rows = {tuple(line.split(",")[:3]): line.split(",")[7] for line in out.read_text("utf-8").splitlines()[1:]}
    assert (rows["2023", "a", "composite"], rows["2024", "a", "composite"]) == ("80.0", "87.5")


def test_the_manual_of_a_store_tells_its_history(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Each approved version with its author, its reason and what it changed; those not approved are no history."""
    approve(store, _propose(store), person="乙")
    _propose(store, TEXT)
    assert main(["doc", "--db", str(store.path)]) == 0
    history = capsys.readouterr().out.split("版本沿革")[1]
    assert "甲" in history
    assert "放宽" in history
    assert "10 → 16" in history
    assert "16 → 10" not in history
