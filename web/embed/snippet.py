"""The line that a site pastes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import escape

from bot import Language
from web.embed.script import Script

COPY_POLICY: Final = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the chat stands: the address of the server, and what the line says of it; None is not said.

    `copy`: where the static copy lies.
    """

    address: str
    municipality: str
    language: Language | None = None
    topic: str | None = None
    accent: str | None = None
    phone: str | None = None
    email: str | None = None
    copy: str | None = None

    @property
    def copy_page(self) -> str | None:
        """The page of the static copy; in Swedish where the line names no language."""
        return f"{self.copy}/{self.municipality}/{self.language or 'sv'}/index.html" if self.copy else None


def line(place: Place, label: str = "") -> str:
    """Return the script tag that puts the chat on a page, after the link that stands there until it has loaded."""
    return _without_script(place, label) + _tag({"src": f"{place.address}/embed.js", "async": None, **_data(place)})


def pinned_line(place: Place, script: Script, label: str = "") -> str:
    """Return the same with a script tag that runs this very `script` and no other.

    A pinned file knows no municipality: `place` should say whom to call when the service does not answer.
    """
    address = f"{place.address}/embed-{script.version}.js"
    checked = {"src": address, "integrity": script.integrity, "crossorigin": "anonymous", "async": None}
    return _without_script(place, label) + _tag({**checked, **_data(place)})


def inline(place: Place, label: str) -> str:
    """Return the chat inside the page; the link in it is what is left without the script."""
    link = place.copy_page or f"{place.address}/{place.municipality}/{place.language or 'sv'}/"
    given = {name.removeprefix("data-"): value for name, value in _data(place).items() if value}
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in given.items())
    return (
        f'<hemvist-chat inline {attributes}><a href="{escape(link)}">{escape(label)}</a></hemvist-chat>\n'
        f'<script src="{escape(place.address)}/embed.js" async></script>'
    )


def frame(place: Place, title: str) -> str:
    """Return the frame for a site that allows no scripts."""
    address = f"{place.address}/embed/{place.municipality}/{place.language or 'sv'}"
    return f'<iframe src="{escape(address)}" title="{escape(title)}" width="400" height="640" loading="lazy"></iframe>'


def policy(address: str) -> str:
    """Return what the site's Content-Security-Policy has to allow."""
    return f"script-src {address}; connect-src {address}"


def _without_script(place: Place, label: str) -> str:
    """Return the link to the copy, which the chat takes the place of where it loads."""
    if not place.copy_page:
        return ""
    return f'<hemvist-chat><a href="{escape(place.copy_page)}">{escape(label)}</a></hemvist-chat>\n'


def _data(place: Place) -> dict[str, str]:
    return {
        "data-municipality": place.municipality,
        "data-language": place.language or "",
        "data-topic": place.topic or "",
        "data-accent": place.accent or "",
        "data-phone": place.phone or "",
        "data-email": place.email or "",
        "data-copy": place.copy or "",
    }


def _tag(attributes: Mapping[str, str | None]) -> str:
    written = [
        name if value is None else f'{name}="{escape(value)}"' for name, value in attributes.items() if value != ""
    ]
    return f"<script {' '.join(written)}></script>"
