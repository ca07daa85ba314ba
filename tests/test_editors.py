"""Editors outside the app: a file that is watched, and the guide's settings and hooks, each tried as it is written."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest
import yaml

from metrics.__main__ import main

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
GOOD = """\
schema: 1
title: {zh: 用水, en: Water}
variables: {water: {name: {zh: 用水量, en: Water used}, unit: m3}}
indicators: {used: {name: {zh: 用水, en: Used}, unit: m3, formula: water, better: lower}}
index: {code: all, name: {zh: 综合, en: All}, children: [{indicator: used}]}
"""
BAD = GOOD.replace("better: lower", "better: lower, colour: red")


def piece(language: str, holding: str) -> str:
    """The guide's piece of code in a language that holds a text, with this project in the place of /opt/quheng."""
    (found,) = [text for text in re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL) if holding in text]
    return found.replace("/opt/quheng/.venv/bin/python", sys.executable).replace("/opt/quheng", str(ROOT))


class Watch:
    """A running `check --watch`, ended after 30 s whatever happens."""

    def __init__(self, file: Path) -> None:
        line = [sys.executable, "-m", "metrics", "check", str(file), "--watch"]
        self.process = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self.timer = Timer(30, self.process.kill)
        self.timer.start()

    def until(self, text: str) -> str:
        """The lines up to the one that holds a text."""
        assert self.process.stdout is not None
        told = ""
        for line in self.process.stdout:
            told += line
            if text in line:
                return told
        raise AssertionError(told)

    def interrupt(self) -> int:
        """Ctrl-C, and the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait()


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """A watched file that is good at first."""
    (tmp_path / "indicators.yaml").write_text(GOOD, encoding="utf-8")
    watch = Watch(tmp_path / "indicators.yaml")
    yield watch
    watch.timer.cancel()
    watch.process.kill()
    watch.process.communicate()


def test_a_watched_file_may_break_go_and_come_back(watch: Watch, tmp_path: Path) -> None:
    """Checked at once and after each change, with the clock and the counts; half a file and none are only problems."""
    file = tmp_path / "indicators.yaml"
    assert re.search(r"── \d\d:\d\d:\d\d ── 没有问题", watch.until("没有问题"))
    file.write_text(BAD, encoding="utf-8")
    assert "个错误" in watch.until("unknown_key")
    file.write_text(GOOD[: len(GOOD) // 2], encoding="utf-8")
    watch.until("yaml_syntax")
    file.unlink()
    watch.until("unreadable_file")
    (tmp_path / "new").write_text(GOOD, encoding="utf-8")
    (tmp_path / "new").replace(file)
    watch.until("没有问题")
    assert watch.interrupt() == 0


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Git in a folder, by nobody's settings."""
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = {f"GIT_{role}_{key}": "x" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    line = ["git", *arguments]
    return subprocess.run(
        line, cwd=folder, capture_output=True, text=True, env={**os.environ, **nobody, **who}, check=False
    )


def test_the_hook_refuses_definitions_with_errors(tmp_path: Path) -> None:
    """A commit goes through with good definitions, and with files that are none; with bad ones it says where."""
    git(tmp_path, "init", "--quiet")
    hook = tmp_path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(piece("sh", "git"), encoding="utf-8")
    hook.chmod(0o755)
    (tmp_path / "metrics").mkdir()
    file = tmp_path / "北 区" / "indicators.yaml"
    file.parent.mkdir()
    for text, done in ((GOOD, 0), (BAD, 1)):
        file.write_text(text, encoding="utf-8")
        (tmp_path / "notes.txt").write_text(text, encoding="utf-8")
        git(tmp_path, "add", ".")
        commit = git(tmp_path, "commit", "--quiet", "-m", "x")
        assert commit.returncode == done, commit.stderr
    assert "北 区/indicators.yaml:4:" in commit.stdout + commit.stderr
    file.write_text(GOOD, encoding="utf-8")
    assert git(tmp_path, "commit", "--quiet", "-m", "mended on disk alone").returncode == 1
    git(tmp_path, "reset", "--quiet", "--", "北 区")
    assert git(tmp_path, "commit", "--quiet", "-m", "notes alone").returncode == 0


def test_the_hook_of_pre_commit_refuses_them_too(tmp_path: Path) -> None:
    """Its command, given the files that its pattern finds, fails where one of several is bad."""
    ((hook,),) = (found["hooks"] for found in yaml.safe_load(piece("yaml", "repos:"))["repos"])
    for name, text in (("indicators.yaml", GOOD), ("indicators_new.yaml", BAD)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert re.search(hook["files"], name)
    assert not re.search(hook["files"], "other.yaml")
    line = shlex.split(hook["entry"])
    codes = [
        subprocess.run([*line, *names], cwd=tmp_path, capture_output=True, check=False).returncode
        for names in (["indicators.yaml"], ["indicators.yaml", "indicators_new.yaml"])
    ]
    assert codes == [0, 1]


def test_a_new_file_names_the_schema_from_where_it_stands(tmp_path: Path) -> None:
    """The first line of a file made by `new` leads an editor from the file to the schema, wherever the file is."""
    file = tmp_path / "here" / "mine.yaml"
    file.parent.mkdir()
    assert main(["new", str(file)]) == 0
    schema = file.read_text(encoding="utf-8").splitlines()[0].partition("$schema=")[2]
    assert (file.parent / schema).resolve() == ROOT / "docs" / "indicators.schema.json"


def test_the_settings_of_the_editor_lead_somewhere(tmp_path: Path) -> None:
    """The schema is where the settings say; the task's pattern reads what `check` prints."""
    (schema,) = json.loads(piece("json", "yaml.schemas"))["yaml.schemas"]
    assert json.loads(Path(schema).read_text(encoding="utf-8"))["properties"]["indicators"]
    assert schema in piece("yaml", "yaml-language-server")
    (task,) = json.loads(piece("json", "tasks"))["tasks"]
    file = tmp_path / "indicators.yaml"
    file.write_text(BAD, encoding="utf-8")
    line = [task["command"], *(text.replace("${file}", str(file)) for text in task["args"])]
    env = {**os.environ, **task["options"]["env"]}
    told = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, env=env, check=False).stdout
    pattern = task["problemMatcher"]["pattern"]
    found = re.match(pattern["regexp"], told.splitlines()[0])
    assert found is not None
    assert [found[pattern[key]] for key in ("file", "line", "severity", "code")] == [
        str(file),
        "4",
        "error",
        "unknown_key",
    ]


def test_checking_with_facts_tells_what_they_say_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A variable outside its plausible range is a warning at its line, which is no error."""
    file, facts = tmp_path / "indicators.yaml", tmp_path / "facts.csv"
    text = GOOD.replace("unit: m3}}", "unit: m3, plausible: [0, 5]}}")
    scored = "better: lower, normalise: {method: goalposts, worst: 20, best: 1}"
    file.write_text(text.replace("better: lower", scored), encoding="utf-8")
    facts.write_text("region,period,variable,value\n01,2024,water,9\n", encoding="utf-8")
    assert main(["check", str(file), "--facts", str(facts)]) == 0
    assert f"{file}:3:" in (told := capsys.readouterr().out)
    assert "facts_not_plausible" in told
    facts.write_text("region,period,variable,value\n01,2024,nothing,9\n", encoding="utf-8")
    assert main(["check", str(file), "--facts", str(facts)]) == 1
    assert f"{facts}:2:" in capsys.readouterr().err
