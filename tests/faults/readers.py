"""Readers in other processes and threads, while a writer publishes again and again."""

import multiprocessing
import threading
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from data.editions import editions
from data.intake import import_file
from data.store import Store
from tests.faults.look import whole
from tests.faults.scenes import DEFINITIONS, file_in, keys, store_in

_REGIONS = 4
# In seconds; so long a process may take to begin and to end.
PATIENCE = 120.0


@dataclass
class Read:
    """What a reader met: how often it read, how many states it saw, what was not of one of them alone, and its first
    error."""

    reads: int = 0
    states: int = 0
    mixed: int = 0
    errors: int = 0
    told: str = ""


def begun(folder: Path) -> Store:
    """A store whose facts all have the value 1."""
    (folder / "indicators.yaml").write_text(DEFINITIONS, encoding="utf-8")
    store = store_in(folder)
    with store.created() as writer:
        writer.setting("indicators", str(folder / "indicators.yaml"))
    publish(store, folder, 1)
    return store


def publish(store: Store, folder: Path, value: int) -> None:
    """Every fact gets this value, by a batch of this number."""
    import_file(store, file_in(folder, "value.csv", value, regions=_REGIONS))


def publications(folder: Path, count: int, readers: int) -> list[Read]:
    """So many publications under so many reading processes; what each of these met."""
    store = begun(folder)
    context = multiprocessing.get_context("spawn")
    stop, found = context.Event(), context.Queue()
    started = context.Semaphore(0)
    processes = [context.Process(target=_read, args=(folder, stop, started, found)) for _ in range(readers)]
    for process in processes:
        process.start()
    for _ in processes:
        assert started.acquire(timeout=PATIENCE), "a reader has not begun"
    try:
        for value in range(2, count + 2):
            publish(store, folder, value)
    finally:
        stop.set()
    # A reader that has died answers nothing, and is an error rather than waited for.
    met = [found.get(timeout=PATIENCE) for _ in processes]
    for process in processes:
        process.join()
    return met


def _read(folder: Path, stop: Event, started: Any, found: Any) -> None:
    met, seen, last, turn = Read(), set(), 0, 0
    started.release()
    while not stop.is_set() or not turn:
        turn += 1
        try:
            value, one = (_scored if turn % 20 == 0 else _asked)(folder)
        except Exception as error:
            met.errors += 1
            met.told = met.told or f"{type(error).__name__}: {error}"
            continue
        met.reads += 1
        # One value everywhere, of the batch that came last; and never an earlier one than before.
        met.mixed += not one or value < last
        seen.add(value)
        last = value
    met.states = len(seen)
    found.put(met)


def _asked(folder: Path) -> tuple[int, bool]:
    row = store_in(folder).query(
        "SELECT count(*) AS n, min(value) AS low, max(value) AS high, (SELECT max(id) FROM batches) AS batch,"
        " (SELECT count(*) FROM events) AS events FROM current_facts"
    ).row(0, named=True)  # fmt: skip
    one = row["n"] == len(keys(_REGIONS)) and row["low"] == row["high"] == row["batch"] == row["events"]
    return int(row["high"]), one


def _scored(folder: Path) -> tuple[int, bool]:
    """Many questions that a page asks, of one state."""
    store = store_in(folder).held()
    whole(store)
    facts, batches = store.facts(), store.batches()
    value = int(facts["value"].max() or 0)
    of = editions(store)
    known = set(of.latest.facts["value"].to_list())
    one = set(facts["value"]) == {float(value)} == known and batches["id"].max() == value
    return value, one and store.newest_event() == value


def threads(folder: Path, count: int, queries: int, publications: int) -> tuple[int, int]:
    """So many threads with so many queries each, while others are published; how many were asked, and wrong."""
    store = begun(folder)
    wrong: list[object] = []
    asked: list[int] = []

    def ask(thread: int) -> None:
        for turn in range(queries):
            region = f"r{(thread * 7 + turn) % _REGIONS:03}"
            found = store.query(
                "SELECT region, value, batch FROM current_facts WHERE region = $region", region=region
            ).rows()
            if len(found) != len(keys(1)) or any(row != (region, float(found[0][2]), found[0][2]) for row in found):
                wrong.append(found)
        asked.append(queries)

    started = [threading.Thread(target=ask, args=(number,)) for number in range(count)]
    for thread in started:
        thread.start()
    for value in range(2, publications + 2):
        publish(store, folder, value)
    for thread in started:
        thread.join()
    return sum(asked), len(wrong)
