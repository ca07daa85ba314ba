"""Build: the live sheets of one cycle, each line after what it rests on."""

from collections.abc import Iterator, Sequence

from metrics.export.live.decisions import decision_lines, rank_line
from metrics.export.live.grid import Line
from metrics.export.live.means import node_lines, share_lines
from metrics.export.live.quantities import formula_line, given
from metrics.export.live.scores import indicator_lines
from metrics.export.live.words import SECTIONS, word
from metrics.export.live.world import World
from metrics.models import Node
from metrics.same import Latest
from metrics.scorecard import Scorecard

Live = World
# More formulas than that take a spreadsheet minutes to open; a sheet has so many columns.
MOST_CELLS, MOST_COLUMNS = 400_000, 16_000
# The workbooks of one scorecard are made one after the other, mostly with the same columns.
_LATEST = Latest("_live")


def build(card: Scorecard, period: str, *, regions: Sequence[str], lang: str) -> Live | None:
    """The method of a cycle as lines of formulas: of the compared regions, those that their scores need, and those
    that are asked for. None where they would be more than a workbook holds."""
    columns = _columns(card, regions)
    if len(columns) > MOST_COLUMNS or len(columns) * _height(card) > MOST_CELLS or not columns:
        return None
    world: World = _LATEST.get(card, (period, lang, columns), lambda: _built(card, period, lang, columns))
    return world


def _built(card: Scorecard, period: str, lang: str, columns: tuple[int, ...]) -> Live:
    world = World(card, period, lang, columns)
    given(world)
    world.given.add(Line("head", word(SECTIONS, "earlier", lang)))
    _indicators(world)
    for node in _upwards(world.card.definitions.index):
        share_lines(world, node)
        world.calculation.add(Line("head", f"{world.name(node.code)} · {node.code}"))
        node_lines(world, node)
        if node is not world.card.definitions.index:
            _ranked(world, node.code)
    decision_lines(world)
    if world.given.lines[-1].kind == "head":
        world.given.lines.pop()
    return world


def _ranked(world: World, code: str) -> None:
    world.spots[f"rank {code}", world.cycle] = rank_line(world, code, world.spots[f"score {code}", world.cycle])


def _upwards(node: Node) -> Iterator[Node]:
    """The nodes, each after those below it."""
    for child in node.children:
        if isinstance(child, Node):
            yield from _upwards(child)
    yield node


def _columns(card: Scorecard, regions: Sequence[str]) -> tuple[int, ...]:
    definitions = card.definitions
    named = {getattr(definitions.normaliser(code), "reference", None) for code in definitions.indicators}
    wanted = {*regions, *named, *card.regions.filter("compared")["code"]}
    return tuple(at for at, code in enumerate(card.regions["code"]) if code in wanted)


def _height(card: Scorecard) -> int:
    """About how many lines there are."""
    definitions = card.definitions
    children = sum(len(node.children) for node in definitions.tree_nodes.values())
    return len(definitions.variables) + 7 * len(definitions.indicators) + 5 * children


def _indicators(world: World) -> None:
    """Derived variables and indicators, each after what its formula names."""
    definitions, derived = world.card.definitions, False
    for code in definitions.evaluation_order:
        if code in definitions.indicators:
            told = definitions.indicators[code].formula.text
            world.calculation.add(Line("head", f"{world.name(code)} · {code} = {told}"))
            row = world.spots[code, world.cycle] = formula_line(world, code, "value")
            indicator_lines(world, code, row)
            _ranked(world, code)
            continue
        if not derived:
            world.calculation.add(Line("head", word(SECTIONS, "derived", world.lang)))
            derived = True
        world.spots[code, world.cycle] = formula_line(world, code, "derived")
