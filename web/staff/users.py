"""Who may do what here, and who is invited."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import LANGUAGES, Language
from web.errors import RequestError, asked_language
from web.frame import municipalities, origin
from web.i18n import NAMES, sentences
from web.people import Account, Invitation, Role, all_scopes, as_role, highest, read_email, read_name, scopes_of
from web.staff.audit import Writing, doing
from web.staff.guard import municipality_here, see_other
from web.staff.service import get_staff, moment, new_token
from web.staff.session import member
from web.staff.shell import say
from web.store import accounts

INVITED_FOR: Final = timedelta(hours=72)


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Wish:
    """Who shall get which role where."""

    email: str
    name: str
    language: Language
    scope: str
    role: Role


def show() -> str:
    """Show who has a role here, and who is invited."""
    return _page({})


def invite() -> ResponseReturnValue:
    """Give a role to somebody: by a link, or at once where they have an account."""
    wish, mistakes = _read()
    if wish is None:
        return _page(mistakes), 422
    with get_staff().store.reading() as connection:
        known = accounts.find_by_email(connection, wish.email)
    if known:
        return _give(known, wish)
    if get_staff().provider:
        return _expect(wish)
    return _link(wish)


def withdraw(invitation: int) -> ResponseReturnValue:
    """Let a link be worth nothing."""
    with get_staff().store.reading() as connection:
        found = _invited(connection)
    wanted = next((one for one in found if one.id == invitation), None)
    if wanted is None or not may_give(wanted.scope):
        raise RequestError("not_found")
    with doing("invitation_withdrawn", scope=wanted.scope, about=wanted.email) as writing:
        accounts.withdraw_one(writing.connection, writing.at, invitation)
    say(_("The invitation of %(email)s is withdrawn."), email=wanted.email)
    return see_other("staff.users", municipality=municipality_here().id)


def may_give(scope: str) -> bool:
    """Whether whoever is signed in decides over roles in `scope`, and it is one that concerns this municipality."""
    return scope in scopes_of(municipality_here()) and member().account.governs(scope, municipalities())


def own_scopes() -> list[str]:
    """Return where whoever is signed in may give roles, here and wider."""
    wider = [scope for scope in scopes_of(municipality_here()) if scope in all_scopes(municipalities().values())]
    return [scope for scope in wider if may_give(scope)]


def _give(account: Account, wish: Wish) -> ResponseReturnValue:
    here = municipality_here().id
    with doing("role_given", scope=wish.scope, about=account.email) as writing:
        accounts.give(writing.connection, account.id, wish.scope, wish.role)
        writing.detail["role"] = wish.role
    say(_("%(email)s has an account already, and now the role."), email=account.email)
    return see_other("staff.users", municipality=here)


def _expect(wish: Wish) -> ResponseReturnValue:
    """Make an account without a password, for whom the identity provider will name by this address."""
    with doing("account_made", scope=wish.scope, about=wish.email) as writing:
        number = accounts.add(writing.connection, wish.email, wish.name, wish.language, writing.at)
        accounts.give(writing.connection, number, wish.scope, wish.role)
        writing.detail["role"] = wish.role
    say(_("%(email)s can sign in now."), email=wish.email)
    return see_other("staff.users", municipality=municipality_here().id)


def _link(wish: Wish) -> ResponseReturnValue:
    until = moment() + INVITED_FOR
    invitation = Invitation(0, wish.email, wish.name, wish.language, wish.scope, wish.role, until)
    with doing("invited", scope=wish.scope, about=wish.email) as writing:
        link = make_link(writing, invitation)
        writing.detail["role"] = wish.role
    return render_template("staff/invited.html", invitation=invitation, link=link)


def make_link(writing: Writing, invitation: Invitation) -> str:
    """Keep an invitation, and return the address that it is for; nobody can make that out again."""
    token = new_token()
    key = get_staff().keys.hashed("invitation", token)
    accounts.invite(writing.connection, key, member().account.email, writing.at, invitation)
    return origin() + url_for("staff.invitation", token=token)


def _read() -> tuple[Wish | None, dict[str, str]]:
    text = sentences(asked_language())
    email, name = read_email(request.form.get("email", "")), read_name(request.form.get("name", ""))
    scope, role = request.form.get("scope", ""), as_role(request.form.get("role", ""))
    language = next((one for one in LANGUAGES if one == request.form.get("language")), asked_language())
    mistakes = {}
    if email is None:
        mistakes["email"] = text(_("Write an e-mail address, such as anna@kommunen.se."))
    if name is None:
        mistakes["name"] = text(_("Write a name."))
    if role is None:
        mistakes["role"] = text(_("Choose a role."))
    if not may_give(scope):
        mistakes["scope"] = text(_("Choose where the role holds."))
    if email is None or name is None or role is None or mistakes:
        return None, mistakes
    return Wish(email, name, language, scope, role), {}


def _page(mistakes: dict[str, str]) -> str:
    here, scopes = municipality_here(), scopes_of(municipality_here())
    with get_staff().store.reading() as connection:
        found = accounts.listed(connection, scopes)
        invited = _invited(connection)
    values: dict[str, Any] = {
        "people": [{"account": one, "role": one.role_in(here)} for one in found],
        "invited": invited,
        "scopes": own_scopes(),
        "mistakes": mistakes,
        "typed": request.form,
        "languages": NAMES,
        "may_give": may_give,
        "by_provider": get_staff().provider is not None,
        "top": highest(grant.role for grant in member().account.grants),
    }
    return render_template("staff/users.html", **values)


def _invited(connection: Any) -> list[Invitation]:
    return accounts.open_invitations(connection, scopes_of(municipality_here()), moment())
