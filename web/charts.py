"""Charts as marks to be printed as SVG: columns, bars and lines, each with the table that says the same.

Lengths are in the units of the view box, which is WIDTH wide whatever the width on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

WIDTH: Final = 480
PLOT: Final = 150  # height of columns
TOP, SIDE, FOOT = 26, 4, 30
SCALE: Final = 54  # room for the numbers at the side
ROW, BAR, THIN = 54, 16, 6
MOST_LABELS: Final = 8
STEPS: Final = (1, 2, 3, 4, 5)
Anchor = Literal["start", "middle", "end"]
Shade = Literal["now", "before", "line"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    shade: Shade = "now"


@dataclass(frozen=True, slots=True)
class Label:
    """Words in a chart; `is_strong`: a value, and not what it is of."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and its table: `head` names the columns, of each row the first cell is its name."""

    name: str
    title: str
    summary: str
    height: float
    bars: Sequence[Bar]
    labels: Sequence[Label]
    grid: Sequence[float]
    points: Sequence[tuple[float, float]]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    key: Sequence[tuple[Shade, str]] = ()
    width: int = WIDTH
    left: int = SCALE

    @property
    def line(self) -> str:
        """The points as SVG writes them."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)


@dataclass(frozen=True, slots=True)
class Words:
    """What stands around a chart."""

    name: str
    title: str
    summary: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    key: Sequence[tuple[Shade, str]] = ()


def columns(words: Words, values: Sequence[tuple[str, int]]) -> Chart:
    """Draw a column for each value, with its label below where there is room."""
    highest = ceiling(max((value for _label, value in values), default=0))
    step = (WIDTH - SCALE - SIDE) / max(len(values), 1)
    every = -(-len(values) // MOST_LABELS) or 1
    bars, labels = [], []
    for place, (label, value) in enumerate(values):
        x, height = SCALE + place * step, PLOT * value / highest
        bars.append(Bar(_round(x + step * 0.14), _round(TOP + PLOT - height), _round(step * 0.72), _round(height)))
        if place % every == 0:
            labels.append(Label(_round(x + step / 2), TOP + PLOT + 22, label, "middle"))
    scale = [Label(SCALE - 8, TOP + PLOT * (1 - part) + 5, _number(highest * part), "end") for part in (0, 0.5, 1)]
    grid = [_round(TOP + PLOT * part) for part in (0, 0.5, 1)]
    return _chart(words, TOP + PLOT + FOOT, bars, [*scale, *labels], grid)


def line(words: Words, values: Sequence[tuple[str, float]]) -> Chart:
    """Draw a line through shares (0 to 1), the first and the last with their label."""
    step = (WIDTH - SCALE - 24) / max(len(values) - 1, 1)
    points = [
        (_round(SCALE + 10 + place * step), _round(TOP + PLOT * (1 - value)))
        for place, (_label, value) in enumerate(values)
    ]
    scale = [Label(SCALE - 8, TOP + PLOT * (1 - part) + 5, f"{part:.0%}", "end") for part in (0, 0.5, 1)]
    labels = [Label(points[0][0], TOP + PLOT + 22, values[0][0])] if values else []
    if len(values) > 1:
        labels.append(Label(points[-1][0], TOP + PLOT + 22, values[-1][0], "end"))
    grid = [_round(TOP + PLOT * part) for part in (0, 0.5, 1)]
    return _chart(words, TOP + PLOT + FOOT, [], [*scale, *labels], grid, points)


def bars(words: Words, values: Sequence[tuple[str, float, float | None, str]]) -> Chart:
    """Draw for each (label, value, value before, value in words) a bar, and below it a thin one of before."""
    longest = max((max(value, before or 0) for _label, value, before, _said in values), default=0) or 1
    room = WIDTH - 2 * SIDE
    drawn, labels = [], []
    for place, (label, value, before, said) in enumerate(values):
        y = place * ROW + 18
        labels.append(Label(SIDE, y, shortened(label)))
        labels.append(Label(WIDTH - SIDE, y, said, "end", is_strong=True))
        drawn.append(Bar(SIDE, y + 6, _round(room * value / longest), BAR))
        if before is not None:
            drawn.append(Bar(SIDE, y + 6 + BAR + 2, _round(room * before / longest), THIN, "before"))
    return _chart(words, len(values) * ROW + 4, drawn, labels, ())


def ceiling(value: float) -> int:
    """Return a round number that is not below `value`, of which half is whole too: 2, 4, 6, 8, 10, 20, 40 …"""
    power = 1
    while True:
        for step in STEPS:
            if step * power * 2 >= value:
                return step * power * 2
        power *= 10


def shortened(text: str, most: int = 44) -> str:
    """Return a label that fits; the table has all of it."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _chart(
    words: Words,
    height: float,
    drawn: Sequence[Bar],
    labels: Sequence[Label],
    grid: Sequence[float],
    points: Sequence[tuple[float, float]] = (),
) -> Chart:
    return Chart(
        words.name,
        words.title,
        words.summary,
        height,
        drawn,
        labels,
        grid,
        points,
        words.head,
        words.rows,
        words.key,
    )


def _round(value: float) -> float:
    return round(value, 1)


def _number(value: float) -> str:
    return f"{value:g}"
