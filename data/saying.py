"""Saying: what a command prints for people: a sentence of what holds now, tables under their heads, places by name."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from data.store import Store
from metrics.visible import visible

# A head, or a sentence, in Chinese and in English.
Pair = tuple[str, str]
NONE: Pair = ("没有", "None")


def say(lang: str, zh: str, en: str) -> int:
    """Prints the sentence of the language; gives the exit code of what was done."""
    print(visible(zh if lang == "zh" else en))
    return 0


def say_written(lang: str, path: Path, rows: int) -> int:
    """Says which table was written and how many rows it has; gives the exit code of what was done."""
    return say(lang, f"已写入 {path}（{rows:,} 行）。", f"Wrote {path} (rows: {rows:,}).")


def print_table(heads: Sequence[Pair], rows: Iterable[Sequence[object]], lang: str, *, none: Pair = NONE) -> None:
    """Prints rows under their heads, — for what is empty; where there are no rows, that there are none."""
    lines = ["\t".join(visible("—" if cell is None else str(cell) or "—") for cell in row) for row in rows]
    print("\n".join(["\t".join(head[lang != "zh"] for head in heads), *lines] if lines else [none[lang != "zh"]]))


def places(store: Store, lang: str) -> Callable[[str], str]:
    """What a region or an area is called, with its code: 霁川市（910100）; what has no other name stays as it is."""
    every = f"SELECT area, name_{lang} FROM areas UNION ALL SELECT code, name_{lang} FROM regions"
    names = dict(store.query(every).rows())

    def called(code: str) -> str:
        name = names.get(code) or code
        if name == code:
            return code
        return f"{name}（{code}）" if lang == "zh" else f"{name} ({code})"

    return called
