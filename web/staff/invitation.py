"""Come by an invitation: choose a password, and there is an account."""

from flask import render_template, request, session
from flask.typing import ResponseReturnValue

from web.errors import RequestError, asked_language, speak
from web.i18n import sentences
from web.people import Account, Invitation, read_name
from web.staff import passwords
from web.staff.audit import Actor, recorded
from web.staff.guard import see_other
from web.staff.proving import sign_in
from web.staff.service import get_staff, moment
from web.staff.shell import say
from web.staff.typed import Typed, safe_target
from web.store import accounts, signing_in


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


def show() -> ResponseReturnValue:
    """Show who is invited to what, and the form for a password."""
    return _page(_found())


def accept() -> ResponseReturnValue:
    """Make the account, and sign in with it."""
    invitation = _found()
    name = read_name(request.form.get("name", ""))
    password = request.form.get("new_password", "")
    mistakes = new_password_mistakes(password, [invitation.email, invitation.name])
    if name is None:
        mistakes["name"] = sentences(asked_language())(_("Write your name."))
    if mistakes or name is None:
        return _page(invitation, mistakes), 422
    account = (_renew if invitation.is_reset else _make)(invitation, name, password)
    if account.has_totp:
        sign_in(account, is_whole=False)
        return see_other("staff.code")
    sign_in(account, is_whole=True)
    say(_("Welcome, %(name)s."), name=name)
    return Typed(safe_target("")).go_on()


def new_password_mistakes(password: str, known: list[str]) -> dict[str, str]:
    """Say what is wrong with a new password that was typed twice, by field."""
    text = sentences(asked_language())
    if weak := passwords.weakness(password, known):
        return {"new_password": text(weak)}
    if password != request.form.get("again", ""):
        return {"again": text(_("The two passwords are not the same."))}
    return {}


def _found() -> Invitation:
    """Return the invitation of this link; while the identity provider signs people in, links make no accounts."""
    service = get_staff()
    token = request.values.get("token", "")
    with service.store.reading() as connection:
        found = accounts.open_invitation(connection, service.keys.known("invitation", token), moment())
    if found is None or service.provider is not None:
        raise RequestError("invitation_over")
    if "language" not in session:
        speak(found.language)
    return found


def _page(invitation: Invitation, mistakes: dict[str, str] | None = None) -> str:
    name = request.form.get("name", invitation.name)
    token = request.values.get("token", "")
    return render_template(
        "staff/invitation.html", invitation=invitation, name=name, token=token, mistakes=mistakes or {}
    )


def _renew(invitation: Invitation, name: str, password: str) -> Account:
    """Give the account its new password; whoever knew the old one is signed out."""
    kept, at, store = passwords.hash_password(password), moment(), get_staff().store
    with store.reading() as connection:
        account = accounts.find_by_email(connection, invitation.email)
    if account is None or account.is_disabled:
        raise RequestError("invitation_over")
    actor = Actor(account.id, account.email)
    with recorded(store, actor, at, "password_changed", about=account.email) as writing:
        if not accounts.use_invitation(writing.connection, invitation.id, at):
            raise RequestError("invitation_over")
        accounts.change(writing.connection, account.id, password_hash=kept, name=name)
        writing.detail["sessions_ended"] = signing_in.end_all(writing.connection, account.id)
    return account


def _make(invitation: Invitation, name: str, password: str) -> Account:
    kept, at = passwords.hash_password(password), moment()
    actor = Actor(None, invitation.email)
    with recorded(
        get_staff().store, actor, at, "invitation_accepted", scope=invitation.scope, about=invitation.email
    ) as writing:
        is_first = accounts.use_invitation(writing.connection, invitation.id, at)
        if not is_first or accounts.find_by_email(writing.connection, invitation.email):
            raise RequestError("invitation_over")
        number = accounts.add(writing.connection, invitation.email, name, invitation.language, at, password_hash=kept)
        accounts.give(writing.connection, number, invitation.scope, invitation.role)
        writing.detail["role"] = invitation.role
        account = accounts.find(writing.connection, number)
    assert account is not None  # noqa: S101 - it was made here
    return account
