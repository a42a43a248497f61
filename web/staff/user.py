"""One account, as an administrator sees it: its roles, and how it may be stopped."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from web.errors import RequestError, asked_language
from web.frame import municipalities
from web.i18n import sentences
from web.people import Account, Invitation, as_role, scopes_of
from web.staff.audit import doing
from web.staff.guard import municipality_here, see_other
from web.staff.service import get_staff, moment
from web.staff.session import member
from web.staff.shell import say
from web.staff.users import INVITED_FOR, make_link, may_give, own_scopes
from web.store import accounts, signing_in


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


def show(account: int) -> str:
    """Show an account that has a role here."""
    return _page(_found(account), {})


def give_role(account: int) -> ResponseReturnValue:
    """Give another role in a scope, or take the role there away; nobody does this to themselves."""
    found, scope, wanted = _other(account), request.form.get("scope", ""), request.form.get("role", "")
    role = as_role(wanted)
    if not may_give(scope) or (role is None and wanted != "none"):
        return _page(found, {"role": sentences(asked_language())(_("Choose a role and where it holds."))}), 422
    with doing("role_given" if role else "role_taken", scope=scope, about=found.email) as writing:
        writing.detail["before"] = next((grant.role for grant in found.grants if grant.scope == scope), None)
        if role:
            accounts.give(writing.connection, account, scope, role)
            writing.detail["role"] = role
        else:
            accounts.take(writing.connection, account, scope)
    say(_("The role of %(email)s is changed."), email=found.email)
    if role is None and not _is_here(account):
        return see_other("staff.users", municipality=municipality_here().id)
    return see_other("staff.user", municipality=municipality_here().id, account=account)


def disable(account: int) -> ResponseReturnValue:
    """Shut an account, and end its sessions at once."""
    found = _governed(account)
    with doing("account_disabled", scope=_scope(found), about=found.email) as writing:
        accounts.change(writing.connection, account, disabled_at=moment())
        writing.detail["sessions_ended"] = signing_in.end_all(writing.connection, account)
    say(_("%(email)s can no longer sign in."), email=found.email)
    return see_other("staff.user", municipality=municipality_here().id, account=account)


def enable(account: int) -> ResponseReturnValue:
    """Open an account again."""
    found = _governed(account)
    with doing("account_enabled", scope=_scope(found), about=found.email) as writing:
        accounts.change(writing.connection, account, disabled_at=None)
    say(_("%(email)s can sign in again."), email=found.email)
    return see_other("staff.user", municipality=municipality_here().id, account=account)


def reset_factor(account: int) -> ResponseReturnValue:
    """Forget somebody's app and paper, and end their sessions; they set up a new one when they sign in."""
    found = _governed(account)
    with doing("second_factor_removed", scope=_scope(found), about=found.email) as writing:
        accounts.change(writing.connection, account, totp_salt=None, totp_step=None)
        accounts.keep_recovery_codes(writing.connection, account, [])
        writing.detail["sessions_ended"] = signing_in.end_all(writing.connection, account)
    say(_("%(email)s sets up a new second factor at the next sign-in."), email=found.email)
    return see_other("staff.user", municipality=municipality_here().id, account=account)


def new_password(account: int) -> ResponseReturnValue:
    """Make a link by which somebody who forgot their password chooses a new one."""
    found = _governed(account)
    if get_staff().provider or found.is_disabled:
        raise RequestError("not_found")
    until, role = moment() + INVITED_FOR, found.grants[0].role
    link = Invitation(0, found.email, found.name, found.language, _scope(found), role, until, is_reset=True)
    with doing("password_link_made", scope=_scope(found), about=found.email) as writing:
        address = make_link(writing, link)
    return render_template("staff/invited.html", invitation=link, link=address)


def end_sessions(account: int) -> ResponseReturnValue:
    """Sign somebody out everywhere."""
    found = _governed(account)
    with doing("sessions_ended", scope=_scope(found), about=found.email) as writing:
        writing.detail["sessions_ended"] = signing_in.end_all(writing.connection, account)
    say(_("%(email)s is signed out everywhere."), email=found.email)
    return see_other("staff.user", municipality=municipality_here().id, account=account)


def _found(account: int) -> Account:
    """Return an account that has a role in this municipality; others are not there."""
    with get_staff().store.reading() as connection:
        found = accounts.find(connection, account)
    if found is None or found.role_in(municipality_here()) is None:
        raise RequestError("not_found")
    return found


def _is_here(account: int) -> bool:
    with get_staff().store.reading() as connection:
        found = accounts.find(connection, account)
    return found is not None and found.role_in(municipality_here()) is not None


def _other(account: int) -> Account:
    found = _found(account)
    if found.id == member().account.id:
        raise RequestError("role_too_low")
    return found


def _governed(account: int) -> Account:
    """Return an account that has roles only where whoever is signed in is an administrator."""
    found = _other(account)
    if not member().account.governs_wholly(found, municipalities()):
        raise RequestError("role_too_low")
    return found


def _scope(account: Account) -> str:
    """Return the nearest scope in which the account has a role here."""
    mine = {grant.scope for grant in account.grants}
    return next(scope for scope in scopes_of(municipality_here()) if scope in mine)


def _page(found: Account, mistakes: dict[str, str]) -> str:
    service = get_staff()
    with service.store.reading() as connection:
        sessions = signing_in.open_sessions(connection, found.id, moment(), service.idle, service.longest)
    is_self = found.id == member().account.id
    values: dict[str, Any] = {
        "account": found,
        "sessions": len(sessions),
        "mistakes": mistakes,
        "is_self": is_self,
        "by_provider": service.provider is not None,
        "scopes": [] if is_self else own_scopes(),
        "is_governed": not is_self and member().account.governs_wholly(found, municipalities()),
    }
    return render_template("staff/user.html", **values)
