"""Text that a spreadsheet program would calculate → text that it leaves alone, and back again without loss."""

import re
from typing import Final

MARK: Final = "'"
# what begins a formula in some program, behind blanks, marks of our own, or in the wide signs of East Asian keyboards
CALCULATED: Final = re.compile("[\\s']*[=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")


def inert(text: str) -> str:
    """Return `text` so that no spreadsheet program takes it for a formula; `restored` gives it back."""
    return MARK + text if CALCULATED.match(text) else text


def restored(text: str) -> str:
    """Return what `inert` was given; text that it would not have changed stays as it is."""
    return text[1:] if text.startswith(MARK) and CALCULATED.match(text, 1) else text
