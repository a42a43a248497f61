"""Those who keep the knowledge: accounts, and which role holds where. No database, no web."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from bot import Language, Municipality

Role = Literal["viewer", "editor", "publisher", "admin"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "editor", "publisher", "admin")  # each may do what those before it may
WITH_SECOND_FACTOR: Final[Collection[Role]] = ("publisher", "admin")
EVERYWHERE: Final = "*"
GROUP: Final = "group:"
GROUPS: Final = "groups/"  # and MUNICIPALITIES: how the layers of a kind begin
MUNICIPALITIES: Final = "municipalities/"
LONGEST_EMAIL: Final = 254
LONGEST_NAME: Final = 100
EMAIL: Final = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]{1,189}")


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in a scope: everywhere (`*`), in a group (`group:<id>`), or in a municipality (its id)."""

    scope: str
    role: Role
    given_by: Literal["local", "oidc"] = "local"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    id: int
    email: str
    name: str
    language: Language
    has_password: bool
    has_totp: bool
    break_glass: bool
    is_disabled: bool
    signed_in_at: datetime | None
    grants: tuple[Grant, ...]

    @property
    def needs_totp(self) -> bool:
        """Whether a role of theirs may not be used without a second factor."""
        return any(grant.role in WITH_SECOND_FACTOR for grant in self.grants)

    def role_in(self, municipality: Municipality) -> Role | None:
        """Return the highest role that holds in `municipality`; None where there is none."""
        here = scopes_of(municipality)
        return highest(grant.role for grant in self.grants if grant.scope in here)

    def governs(self, scope: str, known: Mapping[str, Municipality]) -> bool:
        """Whether this is an admin of all that `scope` covers."""
        wider = scopes_of(known[scope]) if scope in known else (scope, EVERYWHERE)
        return any(grant.role == "admin" and grant.scope in wider for grant in self.grants)

    def governs_wholly(self, other: "Account", known: Mapping[str, Municipality]) -> bool:
        """Whether this is an admin of everything that `other` may do something in."""
        return bool(other.grants) and all(self.governs(grant.scope, known) for grant in other.grants)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that makes an account with one role, once; `is_reset`: that gives a new password to an account."""

    id: int
    email: str
    name: str
    language: Language
    scope: str
    role: Role
    until: datetime
    is_reset: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in, in one browser."""

    id: int
    browser: str
    by_provider: bool
    is_whole: bool
    made_at: datetime
    seen_at: datetime


def scopes_of(municipality: Municipality) -> tuple[str, ...]:
    """Return the scopes whose roles hold in `municipality`, the nearest first."""
    return (municipality.id, *(GROUP + group for group in municipality.groups), EVERYWHERE)


def all_scopes(known: Iterable[Municipality]) -> list[str]:
    """Return every scope that a role can be given in."""
    listed = list(known)
    groups = sorted({GROUP + group for one in listed for group in one.groups})
    return [*sorted(one.id for one in listed), *groups, EVERYWHERE]


def scope_of(layer: str) -> str:
    """Return where a change of `layer` has effect, as roles and the audit name it."""
    if layer.startswith(GROUPS):
        return GROUP + layer.removeprefix(GROUPS)
    return layer.removeprefix(MUNICIPALITIES) if layer.startswith(MUNICIPALITIES) else EVERYWHERE


def highest(roles: Iterable[Role]) -> Role | None:
    """Return the role that may do most."""
    return max(roles, key=ROLES.index, default=None)


def suffices(role: Role | None, wanted: Role) -> bool:
    """Whether `role` may do what `wanted` may."""
    return role is not None and ROLES.index(role) >= ROLES.index(wanted)


def as_role(text: str) -> Role | None:
    """Return the role called `text`."""
    return next((role for role in ROLES if role == text), None)


def read_email(text: str) -> str | None:
    """Return an e-mail address as it is kept, in small letters; None where it is none."""
    address = text.strip().lower()
    return address if len(address) <= LONGEST_EMAIL and EMAIL.fullmatch(address) else None


def read_name(text: str) -> str | None:
    """Return a name in one line; None where there is none, or it is too long."""
    name = " ".join(text.split())
    return name if 0 < len(name) <= LONGEST_NAME and name.isprintable() else None
