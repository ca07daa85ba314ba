"""The blocks that a manual is made of, whatever it is written as."""

from dataclasses import dataclass

from metrics.syntax import Tree


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 3, the code of what it is about, and whether a list of contents names it."""

    level: int
    text: str
    code: str = ""
    listed: bool = True


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True)
class Note:
    """Text that is set apart, such as a notice."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Formula:
    """A formula of something: as it is written, in words, and as a tree with names in the place of codes."""

    name: str
    code: str
    words: str
    tree: Tree


@dataclass(frozen=True)
class Pairs:
    """What something is: terms and what they are, one below the other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """Rows of text under heads; `right`: the columns of numbers, `mono`: of codes; `widths`: relative to each other.

    `depths`: how deep each row's first cell stands in a tree, 0 for the rows of nodes; none where it is no tree.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    right: frozenset[int] = frozenset()
    mono: frozenset[int] = frozenset()
    depths: tuple[int, ...] = ()


Block = Heading | Paragraph | Note | Bullets | Formula | Pairs | Table


@dataclass(frozen=True)
class Manual:
    """A title, what kind of document it is, what stands beneath, a notice where one is due, and the blocks."""

    title: str
    kind: str
    about: tuple[tuple[str, str], ...]
    notice: str
    lang: str
    version: str
    blocks: tuple[Block, ...]
