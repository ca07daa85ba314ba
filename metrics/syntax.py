"""The syntax tree of a formula: its pieces, and the walks over it for whoever computes, names, draws or rewrites it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

# Whether a row is a region's in a cycle: the condition of an adjustment, which no formula can write.
ROW = "row"
CONDITIONS = frozenset(("<", "<=", ">", ">=", "==", "!=", "and", "or", "not", "present"))
# Operator → (how tightly it binds to its left, to its right).
BINDS = {
    "or": (1, 2), "and": (3, 4),
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), (7, 8)),
    "+": (9, 10), "-": (9, 10), "*": (11, 12), "/": (11, 12), "**": (16, 15),
}  # fmt: skip
BINDS_NOT, BINDS_MINUS = 5, 13

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float


@dataclass(frozen=True, slots=True)
class Code:
    """The code of a variable, factor, indicator or node; `column` counts from 1."""

    name: str
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Period:
    """A cycle named in `at(x, 2020)`."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A function or an operator (`+`, `neg`, `<`, `and`, …) with its arguments.

    Equal to another that says the same wherever it stands; compared in a loop, since a long sum is a deep tree.
    """

    name: str
    args: tuple["Tree", ...]
    column: int = 0
    _hash: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.name, self.args)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        left: list[tuple[object, object]] = [(self, other)]
        while left:
            one, two = left.pop()
            if isinstance(one, Call) and isinstance(two, Call):
                if one is two:
                    continue
                if (one._hash, one.name, len(one.args)) != (two._hash, two.name, len(two.args)):
                    return False
                left += zip(one.args, two.args, strict=True)
            elif isinstance(one, Call) or isinstance(two, Call) or one != two:
                return False
        return True

    def __reduce__(self) -> tuple[type["Call"], tuple[object, ...]]:
        # Another process hashes text otherwise.
        return Call, (self.name, self.args, self.column)


Tree = Number | Code | Period | Call


def is_condition(tree: Tree) -> bool:
    """Whether the tree says true or false rather than a number."""
    return isinstance(tree, Call) and tree.name in CONDITIONS


def parts_of(tree: Tree) -> Iterator[Tree]:
    """The tree and every part of it, from left to right."""
    left: list[Tree] = [tree]
    while left:
        here = left.pop()
        yield here
        if isinstance(here, Call):
            left += reversed(here.args)


def codes_of(tree: Tree) -> Iterator[Code]:
    """Every code of the tree, from left to right."""
    return (part for part in parts_of(tree) if isinstance(part, Code))


def walk(tree: Tree, *, code: Callable[[str], T], functions: Mapping[str, Callable[..., T]]) -> T:
    """The tree computed by somebody's functions: numbers go through as float, periods as text, codes by `code`."""
    if isinstance(tree, Number):
        return tree.value  # type: ignore[return-value]
    if isinstance(tree, Period):
        return tree.text  # type: ignore[return-value]
    if isinstance(tree, Code):
        return code(tree.name)
    # A long sum is a long chain to the left: it is walked in a loop, so that only real nesting recurses.
    chain: list[Call] = []
    first: Tree = tree
    while isinstance(first, Call) and first.name in BINDS:
        chain.append(first)
        first = first.args[0]
    if not chain:
        return functions[tree.name](*(walk(argument, code=code, functions=functions) for argument in tree.args))
    value = walk(first, code=code, functions=functions)
    for call in reversed(chain):
        value = functions[call.name](value, walk(call.args[1], code=code, functions=functions))
    return value


def rewritten(tree: Tree, change: Callable[[Tree], Tree | None]) -> Tree:
    """The tree with other pieces in place of those for which `change` gives one, looked at from the top."""
    chain: list[Call] = []
    first = tree
    while (found := change(first)) is None and isinstance(first, Call) and first.name in BINDS:
        chain.append(first)
        first = first.args[0]
    if found is None and isinstance(first, Call):
        found = replace(first, args=tuple(rewritten(argument, change) for argument in first.args))
    value = first if found is None else found
    for call in reversed(chain):
        value = replace(call, args=(value, rewritten(call.args[1], change)))
    return value


def without_change(tree: Tree) -> Tree:
    """The tree with every change(x) written out as x / previous(x) − 1."""

    def written_out(part: Tree) -> Tree | None:
        if not isinstance(part, Call) or part.name != "change":
            return None
        x = without_change(part.args[0])
        return Call("-", (Call("/", (x, Call("previous", (x,)))), Number(1.0)))

    return rewritten(tree, written_out)
