"""The blocks that manuals and reports are made of, whatever they are written as."""

from dataclasses import dataclass

from metrics.syntax import Tree

# A number over time, the earliest first; None where there was none.
Course = tuple[float | None, ...]


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
    `courses`: each row's numbers over time, which may be drawn in its last column; the text there says the same.
    `named`: the column that says what a row is of.
    `caption`: what the rows are, where no heading says so.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    right: frozenset[int] = frozenset()
    mono: frozenset[int] = frozenset()
    depths: tuple[int, ...] = ()
    courses: tuple[Course, ...] = ()
    caption: str = ""
    named: int = 0


@dataclass(frozen=True)
class Figure:
    """A headline number: what it is, the number with its unit, what is to be known beside it, its course."""

    name: str
    value: str
    note: str = ""
    course: Course = ()


@dataclass(frozen=True)
class Figures:
    """Headline numbers, side by side."""

    items: tuple[Figure, ...]


@dataclass(frozen=True)
class Range:
    """A number among others: theirs lie from `low` to `high`, half of them below `middle`; `words` say the same."""

    name: str
    value: float | None
    low: float | None
    middle: float | None
    high: float | None
    words: str


@dataclass(frozen=True)
class Ranges:
    """Numbers among others, a line each, on one scale from `start` to `end`; the caption says what is drawn."""

    caption: str
    rows: tuple[Range, ...]
    start: float
    end: float


@dataclass(frozen=True)
class Bar:
    """A number as a bar; `words` say the same."""

    name: str
    value: float | None
    words: str


@dataclass(frozen=True)
class Bars:
    """Numbers as bars from 0, a line each, on one scale up to `end`; the caption says what is drawn."""

    caption: str
    rows: tuple[Bar, ...]
    end: float

    @property
    def start(self) -> float:
        """Where the scale begins: at 0, or at the least number where that is below."""
        return min([0.0, *(row.value for row in self.rows if row.value is not None)])


Block = Heading | Paragraph | Note | Bullets | Formula | Pairs | Table | Figures | Ranges | Bars


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


@dataclass(frozen=True)
class Report:
    """The same of a region or an area; `mark` stands behind each page where the numbers are not to be taken as final.

    `version` names what the numbers were made from, shortly, for the foot of each page.
    """

    title: str
    kind: str
    about: tuple[tuple[str, str], ...]
    notice: str
    lang: str
    version: str
    blocks: tuple[Block, ...]
    mark: str = ""


@dataclass(frozen=True)
class Letter(Report):
    """An office document: what is announced, who signed it, a line each, and how that is checked, term by term."""

    signed: tuple[str, ...] = ()
    proof: tuple[tuple[str, str], ...] = ()
