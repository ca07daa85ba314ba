"""Roll-ups on Apache Spark: in this process, and on a real cluster of one master and two workers on loopback."""

import importlib.util
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pytest

from data.demo import build
from data.holdings import ROOT
from data.parquet import sources_of
from data.rollups import RolledUpFiles, roll_up_files
from metrics.definitions import Definitions
from metrics.files import read_definitions
from metrics.problems import InputError
from tests.absent import absent
from tests.rollup_cases import alike, definitions, files, hostile

ABSENT = [
    name
    for name, found in (("Java", shutil.which("java")), ("pyspark", importlib.util.find_spec("pyspark")))
    if not found
]
LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="module", autouse=True)
def _spark() -> None:
    """Java and pyspark; where one is absent the tests are skipped, but never in CI."""
    if ABSENT:
        absent(f"{' and '.join(ABSENT)} absent")


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A standalone cluster's address; its three processes are ended, each by its own id."""
    spec = importlib.util.find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    home, folder = Path(spec.origin).parent, tmp_path_factory.mktemp("cluster")
    java = {"SPARK_LOCAL_IP": LOOPBACK, "SPARK_DAEMON_MEMORY": "384m", "SPARK_HOME": str(home)}
    with ExitStack() as ended:

        def start(name: str, *options: str) -> Path:
            log = folder / f"{name}.log"
            command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{options[0]}", *options[1:]]
            with log.open("wb") as file:
                process = subprocess.Popen(command, stdout=file, stderr=file, env={**os.environ, **java}, cwd=folder)
            ended.callback(_end, process)
            return log

        log = start("master", "master.Master", "--host", LOOPBACK, "--port", "0", "--webui-port", "0")
        address = _awaited(log, r"spark://127\.0\.0\.1:\d+")
        for number in (1, 2):
            options = ("--host", LOOPBACK, "--cores", "1", "--memory", "1g", "--webui-port", "0")
            work = ("--work-dir", str(folder / f"work{number}"))
            worker = start(f"worker{number}", "worker.Worker", *options, *work, address)
            _awaited(worker, "Successfully registered with master")
        yield address


def _awaited(log: Path, what: str) -> str:
    for _ in range(600):
        found = re.search(what, log.read_text(encoding="utf-8", errors="replace"))
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-2000:])


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _rolled(folder: Path, on: str, chosen: Definitions, master: str = "") -> RolledUpFiles:
    return roll_up_files(sources_of([folder]), chosen, regions=None, on=on, master=master)


def test_spark_gives_what_duckdb_gives(tmp_path: Path) -> None:
    """On this machine, of facts with all that is awkward: the same rows and flags, values to 1e-9."""
    folder = files(hostile(), tmp_path / "facts")
    alike(_rolled(folder, "duckdb", definitions()), _rolled(folder, "spark", definitions()))


def test_spark_finds_what_is_wrong(tmp_path: Path) -> None:
    """Two facts for one period, an infinite one, blanks and an unknown variable: as the other engines."""
    strange = [("s1", "total", 1.0), (" s1", "total", 2.0), ("s2", "total", float("nan")), ("s2", "none", 1.0)]
    rows = [
        {"region": "a", "site": site, "period": "2024", "variable": of, "value": value} for site, of, value in strange
    ]
    folder = files(pl.DataFrame(rows), tmp_path / "facts")
    found = [_rolled(folder, on, definitions()) for on in ("duckdb", "spark")]
    assert found[0].rejected.count == found[1].rejected.count == 4
    assert [one.code for _, one in found[1].rejected.shown] == [one.code for _, one in found[0].rejected.shown]
    assert found[1].facts.is_empty()


def test_a_cluster_gives_what_polars_gives(master: str, tmp_path: Path) -> None:
    """Of the demonstration's sites, by the shipped definitions, on two workers: the same values to 1e-9."""
    folder, chosen = files(build().facts, tmp_path / "facts"), read_definitions(ROOT / "indicators.yaml")
    found = _rolled(folder, "polars", chosen)
    assert found.read > 50_000
    alike(found, _rolled(folder, "spark", chosen, master))


def test_a_master_that_is_not_there_is_told(tmp_path: Path) -> None:
    """It is said that Spark cannot be used, and why."""
    folder = files(hostile(), tmp_path / "facts")
    with pytest.raises(InputError) as refused:
        _rolled(folder, "spark", definitions(), "no-such-master")
    assert [one.code for one in refused.value.problems] == ["spark_absent"]
