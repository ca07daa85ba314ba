"""Who exchanges how much with whom: what a city reports of its exchange, divided among the other cities."""

from data.demo_places import AREAS, CITIES, City, wobble

# Reported by counterpart: assets taken over from it, requests for its services, and those of them that were met.
PAIRED = ("assets_reused_across", "cross_requests", "cross_requests_met")
_START = 2020
_RING = frozenset(AREAS[-1][3])


def divided(city: City, year: int, totals: dict[str, float]) -> dict[str, dict[str, float]]:
    """Each of the paired variables by counterpart, in whole numbers that add up to its total.

    What is met of the requests follows these, so that no counterpart meets more than it was asked for.
    """
    others = [other for other in CITIES if other is not city]
    pull = {
        kind: {other.code: _pull(city, other, year, kind) for other in others}
        for kind in ("assets_reused_across", "cross_requests")
    }
    found = {kind: _whole(totals[kind], pull[kind]) for kind in pull}
    return {**found, "cross_requests_met": _whole(totals["cross_requests_met"], found["cross_requests"])}


def _pull(city: City, other: City, year: int, kind: str) -> float:
    """How strongly a city turns to another: its size, the same province, the same ring, and a little chance."""
    # Cities of other provinces come into reach year by year.
    near = 1.0 if other.province is city.province else 0.2 + 0.15 * (year - _START)
    ring = 1.8 if {city.code, other.code} <= _RING else 1.0
    return other.staff * near * ring * (1.0 + 0.4 * wobble(city.code, other.code, kind))


def _whole(total: float, shares: dict[str, float]) -> dict[str, float]:
    """A whole number divided by shares into whole numbers, the largest remainders rounded up (Hamilton's method)."""
    whole = sum(shares.values())
    exact = {code: total * share / whole if whole else 0.0 for code, share in shares.items()}
    found = {code: float(int(part)) for code, part in exact.items()}
    left = round(total - sum(found.values()))
    for code in sorted(exact, key=lambda code: (found[code] - exact[code], code))[:left]:
        found[code] += 1.0
    return found
