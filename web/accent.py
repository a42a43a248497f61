"""A municipality's one colour, turned into shades that can be read on light and on dark pages."""

import hashlib
from functools import cache
from typing import Final

LEGIBLE: Final = 4.5  # WCAG 2.2 AA, 1.4.3: text against its background
BANNER: Final = 6.0  # white text on the large coloured band at the top
STANDARD: Final = "#1f5673"

RGB = tuple[int, int, int]
BLACK: Final[RGB] = (0, 0, 0)
WHITE: Final[RGB] = (255, 255, 255)
PAPER: Final[RGB] = (245, 243, 238)  # --paper and, at night, --card of site.css
NIGHT: Final[RGB] = (27, 37, 41)
NIGHT_INK: Final[RGB] = (18, 25, 28)


@cache
def stylesheet(accent: str | None) -> str:
    """Return the CSS variables of `accent` (#rrggbb); each pair of text and background among them reaches 4.5:1."""
    colour = read(accent or STANDARD)
    banner = legible(colour, WHITE, least=BANNER)
    return (
        f":root {{ {_declared(_day(colour, banner))} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {_declared(_night(colour, banner))} }} }}\n"
    )


@cache
def fingerprint(accent: str | None) -> str:
    """Return what changes in the address of a stylesheet when its shades do."""
    return hashlib.sha256(stylesheet(accent).encode()).hexdigest()[:8]


def _day(colour: RGB, banner: RGB) -> dict[str, RGB]:
    soft = mixed(PAPER, colour, 0.1)
    return {
        "accent": legible(colour, soft, PAPER),
        "accent-soft": soft,
        "accent-line": mixed(PAPER, colour, 0.35),
        "on-accent": WHITE,
        "hero": banner,
        "hero-far": mixed(banner, WHITE, 0.16),
    }


def _night(colour: RGB, banner: RGB) -> dict[str, RGB]:
    soft = mixed(NIGHT, colour, 0.2)
    text = legible(mixed(colour, WHITE, 0.35), soft, NIGHT)
    deep = mixed(banner, BLACK, 0.35)
    return {
        "accent": text,
        "accent-soft": soft,
        "accent-line": mixed(NIGHT, text, 0.4),
        "on-accent": NIGHT_INK,
        "hero": deep,
        "hero-far": mixed(deep, WHITE, 0.12),
    }


def legible(colour: RGB, *backgrounds: RGB, least: float = LEGIBLE) -> RGB:
    """Return `colour`, darkened or lightened only as far as it takes to reach `least`:1 on all of the `backgrounds`."""

    def worst(shade: RGB) -> float:
        return min(contrast(shade, background) for background in backgrounds)

    end = max(BLACK, WHITE, key=worst)
    shades = (mixed(colour, end, step / 50) for step in range(51))
    return next((shade for shade in shades if worst(shade) >= least), end)


def contrast(one: RGB, other: RGB) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: RGB, other: RGB, share: float) -> RGB:
    """Return `colour` with `share` (0 to 1) of `other` in it."""
    red, green, blue = (round(one + (two - one) * share) for one, two in zip(colour, other, strict=True))
    return red, green, blue


def read(colour: str) -> RGB:
    """Read #rrggbb."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _luminance(colour: RGB) -> float:
    parts = (part / 255 for part in colour)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _declared(shades: dict[str, RGB]) -> str:
    return " ".join(f"--{name}: #{red:02x}{green:02x}{blue:02x};" for name, (red, green, blue) in shades.items())
