"""A municipality's one colour, turned into shades that can be read on light and on dark pages."""

from functools import cache
from typing import Final

LEGIBLE: Final = 4.5  # WCAG 2.2 AA, 1.4.3: text against its background
STANDARD: Final = "#1f5673"
PAPER: Final = "#f5f3ee"
NIGHT: Final = "#12191c"
NIGHT_CARD: Final = "#1b2529"

RGB = tuple[int, int, int]


@cache
def stylesheet(accent: str | None) -> str:
    """Return the CSS variables of `accent` (#rrggbb): each text and background pair among them reaches 4.5:1."""
    colour = read(accent or STANDARD)
    light = {"accent": "", "accent-soft": "", "accent-line": "", "hero": "", "hero-far": "", "on-accent": "#ffffff"}
    day = legible(colour, _mixed(read(PAPER), colour, 0.1))
    night = legible(_mixed(colour, read("#ffffff"), 0.35), _mixed(read(NIGHT_CARD), colour, 0.2))
    hero = legible(colour, read("#ffffff"), least=6)
    light |= {
        "accent": write(day),
        "accent-soft": write(_mixed(read(PAPER), colour, 0.1)),
        "accent-line": write(_mixed(read(PAPER), colour, 0.35)),
        "hero": write(hero),
        "hero-far": write(_mixed(hero, read("#ffffff"), 0.16)),
    }
    dark = {
        "accent": write(night),
        "accent-soft": write(_mixed(read(NIGHT_CARD), colour, 0.2)),
        "accent-line": write(_mixed(read(NIGHT_CARD), night, 0.4)),
        "hero": write(_mixed(hero, read("#000000"), 0.35)),
        "hero-far": write(_mixed(_mixed(hero, read("#000000"), 0.35), read("#ffffff"), 0.12)),
        "on-accent": NIGHT,
    }
    return f":root {{ {_declared(light)} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {_declared(dark)} }} }}\n"


def legible(colour: RGB, background: RGB, *, least: float = LEGIBLE) -> RGB:
    """Return `colour`, darkened or lightened only as far as it takes to reach `least`:1 on `background`."""
    end = read("#000000") if _luminance(background) > 0.18 else read("#ffffff")
    steps = (_mixed(colour, end, step / 50) for step in range(51))
    return next((shade for shade in steps if contrast(shade, background) >= least), end)


def contrast(one: RGB, other: RGB) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def read(colour: str) -> RGB:
    """Read #rrggbb."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def write(colour: RGB) -> str:
    """Write #rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _luminance(colour: RGB) -> float:
    parts = (part / 255 for part in colour)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(colour: RGB, other: RGB, share: float) -> RGB:
    red, green, blue = (round(one + (two - one) * share) for one, two in zip(colour, other, strict=True))
    return red, green, blue


def _declared(shades: dict[str, str]) -> str:
    return " ".join(f"--{name}: {shade};" for name, shade in shades.items())
