"""What needs somebody today: each page that finds such matters returns them in this shape."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Matter:
    """Something to be done: what, how many visitors it touches, and the page where it is done."""

    text: str
    visitors: int
    link: str
