"""Whether a ring of corners is the outline of one piece of ground."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.exchange.tables import Point

MAX_CORNERS = 1_000
FEWEST_CORNERS = 3


def fault_of(ring: Sequence[Point]) -> tuple[str, dict[str, object]] | None:
    """Return the code and values of what is wrong with a ring as GeoJSON writes it (first corner repeated last)."""
    if len(ring) > MAX_CORNERS:
        return "corners-many", {"count": len(ring), "limit": MAX_CORNERS}
    if len(ring) < FEWEST_CORNERS:
        return "corners-different", {"count": len(set(ring))}
    if ring[0] != ring[-1]:
        return "ring-open", {}
    corners = simplified(ring)
    if len(set(corners)) < FEWEST_CORNERS:
        return "corners-different", {"count": len(set(corners))}
    if crossing := next(_crossings(corners), None):
        return "ring-crosses", {"x": crossing[0], "y": crossing[1]}
    if area(corners) == 0:
        return "ring-flat", {}
    return None


def simplified(ring: Sequence[Point]) -> tuple[Point, ...]:
    """Return a closed ring without the closing corner and without corners that stand twice in a row."""
    return tuple(corner for corner, following in pairwise(ring) if corner != following)


def area(corners: Sequence[Point]) -> float:
    """Return the area inside `corners`, in the square of their unit.

    Counted from the first corner, so that large coordinates do not eat the decimals.
    """
    x0, y0 = corners[0]
    shifted = [(x - x0, y - y0) for x, y in corners]
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in _edges(shifted))) / 2


Edge = tuple[Point, Point]


def _edges(corners: Sequence[Point]) -> Iterator[Edge]:
    yield from zip(corners, (*corners[1:], corners[0]), strict=True)


def _crossings(corners: Sequence[Point]) -> Iterator[Point]:
    """Yield a corner of each edge that crosses another; edges are swept from west to east, so most never meet."""
    edges = sorted(_edges(corners), key=lambda edge: min(edge[0][0], edge[1][0]))
    for index, edge in enumerate(edges):
        furthest = max(edge[0][0], edge[1][0])
        for other in edges[index + 1 :]:
            if min(other[0][0], other[1][0]) > furthest:
                break
            if _cross(edge, other):
                yield other[0]


def _cross(one: Edge, other: Edge) -> bool:
    """Whether two edges cross in a point inside both; touching at an end is no crossing."""
    (a, b), (c, d) = one, other
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, c: Point) -> float:
    """Positive where `c` lies left of the line from `a` to `b`, negative right of it, zero on it."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
