"""Every document by its name."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from web.policy.accessibility import accessibility
from web.policy.archive import disposal, record
from web.policy.document import Document, Facts
from web.policy.privacy import privacy

Kind = Literal["privacy", "record", "disposal", "accessibility"]
DOCUMENTS: Final[Mapping[Kind, Callable[[Facts], Document]]] = {
    "privacy": privacy,
    "record": record,
    "disposal": disposal,
    "accessibility": accessibility,
}
