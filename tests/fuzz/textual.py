"""Mutations of a file's text: what slips of a hand, an editor or a transfer do to it."""

from collections.abc import Callable
from random import Random

from tests.fuzz.grammar import number

Mutation = Callable[[str, Random], str]
_FULL = dict(zip(":,{}[]#-()+*/<>=%\"'.", "：，｛｝［］＃－（）＋＊／＜＞＝％＂＇．", strict=True))
_STRANGE = (
    "\ufeff", "\u202e", "\u200b", "\u2028", "\x85", "\x00", "\x07", "\x1b[31m", "\ud800", "\udfff", "\uffff", "\u00a0",
    "\u3000", "\t", "\r", "\v", "\f", "😀", "e\u0301", "\U000e0001", "𝒙", "ﬁ", "¼", "٣", "|", ">", "&a ", "*a ",
    "!!str ",
    "!!python/object:os.system ", "? ", "- ", "%YAML 1.1\n", "---\n", "...\n", "<<: ", "`", "@", "\\", "\\u0000", "~",
)  # fmt: skip


def _at(text: str, dice: Random) -> int:
    return dice.randint(0, len(text))


def _lines(change: Callable[[list[str], int, Random], None]) -> Mutation:
    def changed(text: str, dice: Random) -> str:
        lines = text.split("\n")
        change(lines, dice.randrange(len(lines)), dice)
        return "\n".join(lines)

    return changed


def _swap(lines: list[str], at: int, dice: Random) -> None:
    other = dice.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _indent(lines: list[str], at: int, dice: Random) -> None:
    bare = lines[at].lstrip()
    lines[at] = dice.choice((" ", "\t", "  ", "    ", "\t\t", "", " " * 200, "\u3000")) * dice.randint(0, 3) + bare


def _several(lines: list[str], at: int, dice: Random) -> None:
    end = at + dice.randint(1, 20)
    lines[at:end] = dice.choice(([], lines[at:end] * 2, lines[at:end][::-1], ["  " + line for line in lines[at:end]]))


def _hang(lines: list[str], at: int, dice: Random) -> None:
    key, colon, _ = lines[at].partition(":")
    lines[at] = f"{key}{colon} {dice.choice(_VALUES)}"


_VALUES = (
    "no", "on", "010000", "2024-01-01", "1_000", "1:30", "0x1F", ".inf", "-.INF", ".nan", "~", "null", "{}", "[]",
    "[[[[", "}", '"', "'", '"\\x00"', '"\\ud800"', "|", ">-", "&x", "*x", "!!int 3", "!x y", "? a", "- a", ": :",
    "{a: b, a: c}",
    "9" * 5000, "1e" + "9" * 30, "-" * 500, "{? [a] : b}", "{*x : 1}", "1e5", "true", "%x", "`x`", "@x", "# x", "a: b",
)  # fmt: skip


def _insert(text: str, dice: Random) -> str:
    at = _at(text, dice)
    return text[:at] + dice.choice(_STRANGE) * dice.choice((1, 1, 1, 3)) + text[at:]


def _random_characters(text: str, dice: Random) -> str:
    at = _at(text, dice)
    made = "".join(
        chr(dice.choice((dice.randrange(0x80), dice.randrange(0x110000)))) for _ in range(dice.randint(1, 12))
    )
    return text[:at] + made + text[at + dice.randint(0, 4) :]


def _cut(text: str, dice: Random) -> str:
    at = _at(text, dice)
    return dice.choice((text[:at], text[at:], text[:at] + text[at + dice.randint(1, 200) :]))


def _full_width(text: str, dice: Random) -> str:
    places = [at for at, character in enumerate(text) if character in _FULL]
    for at in dice.sample(places, min(len(places), dice.choice((1, 1, 3, 30)))):
        text = text[:at] + _FULL[text[at]] + text[at + 1 :]
    return text


def _digits(text: str, dice: Random) -> str:
    places = [at for at, character in enumerate(text) if character.isdigit()]
    if not places:
        return text
    at = dice.choice(places)
    return text[:at] + dice.choice((number(dice), "9" * dice.choice((30, 399, 400, 5000)), "")) + text[at + 1 :]


def _quotes(text: str, dice: Random) -> str:
    places = [at for at, character in enumerate(text) if character in "\"' "]
    at = dice.choice(places) if places else 0
    return text[:at] + dice.choice("\"'“”") + text[at + 1 :]


def _anchors(text: str, dice: Random) -> str:
    """Anchors that explode, name themselves, or stand for what is used many times over."""
    many = dice.choice((3, 9, 30))
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, many)
    )
    return dice.choice((
        bomb + text,
        text + "\n" + bomb,
        text.replace("indicators:", "indicators: &i", 1) + "\nmore: *i\n",
        text.replace("children:", "children: &c", 1).replace("children:\n", "children: *c\n", 1),
        text.replace("{", "&n {", 1).replace("name: {", "name: *n #", 3),
        text + "\nx: &x\n  <<: *x\n",
        text.replace("name:", "<<: *n\n    name:", 1),
        text.replace(": ", ": &k ", 1).replace(": ", ": *k #", 3),
    ))  # fmt: skip


def _deep(text: str, dice: Random) -> str:
    times = dice.choice((20, 39, 40, 41, 200, 3000, 100_000))
    return text + dice.choice((
        "\nx: " + "[" * times + "]" * times,
        "\nx: " + "{a: " * times + "}" * times,
        "\nx: " + "[" * times,
        "\n" + "".join(" " * at + f"k{at}:\n" for at in range(min(times, 800))),
        "\nx: " + "- " * min(times, 5000) + "y",
        "\n" + "? " * min(times, 5000) + "y",
    ))  # fmt: skip


def _long(text: str, dice: Random) -> str:
    times = dice.choice((1_000, 65_000, 400_000, 1_100_000))
    filler = dice.choice((
        "a", "汉", "1", "a ", "\\", "'", '"', "#", "- ", "a: ", ",", "[", " ", "\n", "\n\n# x", "&a ", "-", "=", "a.",
        "\t",
    ))  # fmt: skip
    at = _at(text, dice)
    return text[:at] + filler * (times // len(filler)) + text[at:]


def _endings(text: str, dice: Random) -> str:
    return text.replace("\n", dice.choice(("\r\n", "\r", "\n\n", "\u2028", "\x85", "\n\r"))) + dice.choice(("", "\n"))


def _documents(text: str, dice: Random) -> str:
    return dice.choice((
        f"{text}\n---\n{text}", f"---\n{text}", f"{text}\n...\n", f"%YAML 1.2\n---\n{text}", f"{text}\n--- x",
        f"%TAG ! x:\n---\n{text}", f"[{text}", f'"{text}',
    ))  # fmt: skip


def _tags(text: str, dice: Random) -> str:
    return text.replace(
        ": ", dice.choice((": !!str ", ": !x ", ": ! ", ": !!python/name:os ", ": !<tag:x> ")), dice.randint(1, 3)
    )


_KINDS: tuple[Mutation, ...] = (
    _lines(lambda lines, at, dice: lines.pop(at) and None),
    _lines(lambda lines, at, dice: lines.insert(dice.randint(0, len(lines)), lines[at])),
    _lines(_swap), _lines(_indent), _lines(_indent), _lines(_several), _lines(_hang), _lines(_hang), _lines(_hang),
    _insert, _insert, _insert, _random_characters, _cut, _full_width, _digits, _digits, _quotes, _anchors, _deep,
    _long, _endings, _documents, _tags,
)  # fmt: skip


def mutated_text(text: str, dice: Random) -> str:
    """The text after one to six slips."""
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        text = dice.choice(_KINDS)(text, dice)
    return text


def mutated_bytes(text: str, dice: Random) -> bytes:
    """The text's bytes with some of them wrong, or in another encoding."""
    if dice.random() < 0.3:
        encoding = dice.choice(("utf-16", "utf-8-sig", "gb18030", "utf-32", "utf-16-be"))
        return text.encode(encoding, "replace")
    raw = bytearray(text.encode("utf-8", "replace"))
    for _ in range(dice.randint(1, 5)):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    return bytes(raw[: dice.choice((len(raw), dice.randrange(len(raw))))])
