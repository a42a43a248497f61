"""The bill of materials: every package that a lock installs, in the words of CycloneDX 1.6."""

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any, Final

FORMAT: Final = {"bomFormat": "CycloneDX", "specVersion": "1.6"}
SPACE: Final = uuid.UUID("6f1c54d4-5b6e-5c5c-9d0e-2f8c6f1b7a11")  # ours: the same parts have the same serial number
PINNED: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
EXPRESSION: Final = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*")
LICENCE: Final = "License :: "


class LockError(Exception):
    """A lock that cannot be read; the message says where."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A package as a lock names it, and the SHA-256 of each archive that may be installed for it."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def address(self) -> str:
        """The package's URL, by which scanners know it."""
        return f"pkg:pypi/{self.name}@{self.version}"


def read_lock(text: str) -> list[Pin]:
    """Return the packages of a lock; raises LockError where one has no version or no hash."""
    pins = []
    for line in text.replace("\\\n", " ").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found, hashes = PINNED.match(line), HASH.findall(line)
        if not found or not hashes:
            raise LockError(f"{line.split('--hash')[0].strip()!r} has no version or no hash")
        pins.append(Pin(_plain(found[1]), found[2], tuple(hashes)))
    return pins


def bill(pins: Sequence[Pin], version: str) -> dict[str, Any]:
    """Return the bill of Hemvist `version` with `pins`; the same for the same lock and the same installed packages."""
    addresses = {pin.name: pin.address for pin in pins}
    ours = Pin("hemvist", version, ())
    known = {pin.name: _installed(pin) for pin in [ours, *pins]}
    serial = uuid.uuid5(SPACE, "\n".join([ours.address, *(f"{pin.address} {pin.hashes}" for pin in pins)]))
    return {
        **FORMAT,
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {"type": "application", **_named(ours, known[ours.name])}},
        "components": [_component(pin, known[pin.name]) for pin in pins],
        "dependencies": [
            {
                "ref": pin.address,
                "dependsOn": sorted(addresses[name] for name in _needed(known[pin.name]) & addresses.keys()),
            }
            for pin in [ours, *pins]
        ],
    }


def _component(pin: Pin, found: Distribution | None) -> dict[str, Any]:
    hashes = [{"alg": "SHA-256", "content": digest} for digest in pin.hashes]
    archives = {"type": "distribution", "url": pin.address, "comment": "the archives the lock accepts"}
    return {"type": "library", **_named(pin, found), "externalReferences": [{**archives, "hashes": hashes}]}


def _named(pin: Pin, found: Distribution | None) -> dict[str, Any]:
    named = {"bom-ref": pin.address, "name": pin.name, "version": pin.version, "purl": pin.address}
    licences = list(_licences(found)) if found else []
    return {**named, "licenses": licences} if licences else named


def _licences(found: Distribution) -> Iterator[dict[str, Any]]:
    """Yield what the package says of its licence: the expression it declares, else what its classifiers name."""
    for told in _told(found, "License-Expression"):
        if EXPRESSION.fullmatch(told):
            yield {"expression": told}
            return
    classifiers = [line for line in _told(found, "Classifier") if line.startswith(LICENCE)]
    short = [text for text in _told(found, "License") if text.strip() and "\n" not in text]
    names = sorted(line.rsplit(" :: ", 1)[1] for line in classifiers) or short
    yield from ({"license": {"name": name}} for name in names if name != "OSI Approved")


def _told(found: Distribution, name: str) -> list[str]:
    return found.metadata.get_all(name) or []


def _installed(pin: Pin) -> Distribution | None:
    """Return the package where it is installed in this very version: another one may say something else."""
    try:
        found = distribution(pin.name)
    except PackageNotFoundError:
        return None
    return found if found.version == pin.version else None


def _needed(found: Distribution | None) -> set[str]:
    requirements = (found.requires if found else None) or ()
    return {_plain(match[0]) for requirement in requirements if (match := NAME.match(requirement))}


def _plain(name: str) -> str:
    """Spell a package's name in the one way in which names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()
