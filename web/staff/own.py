"""My account: name and language, password, second factor, where I am signed in."""

from typing import Any

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from bot import LANGUAGES
from web.errors import RequestError, asked_language, speak
from web.i18n import NAMES, sentences
from web.people import read_name
from web.staff import passwords
from web.staff.audit import doing
from web.staff.factor import keep_paper_codes, paper_page
from web.staff.guard import see_other
from web.staff.invitation import new_password_mistakes
from web.staff.proving import TooManyTriesError, knows_password
from web.staff.service import get_staff, moment
from web.staff.session import begin, member
from web.staff.shell import say
from web.staff.typed import Typed, safe_target
from web.store import accounts, signing_in


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


def show() -> str:
    """Show everything about whoever is signed in."""
    return _page({})


def change_self() -> ResponseReturnValue:
    """Take another name or language."""
    account = member().account
    name = read_name(request.form.get("name", ""))
    language = next((one for one in LANGUAGES if one == request.form.get("language")), account.language)
    if name is None:
        return _page({"name": sentences(asked_language())(_("Write your name."))}), 422
    with doing("account_changed", about=account.email) as writing:
        accounts.change(writing.connection, account.id, name=name, language=language)
        writing.detail.update(name=name, language=language)
    session["language"] = language
    speak(language)
    say(_("Your name and language are saved."))
    return see_other("staff.account")


def change_password() -> ResponseReturnValue:
    """Take a new password; every other session ends, and this one goes on under a new key."""
    account, new = member().account, request.form.get("new_password", "")
    mistakes = _wrong_password() or new_password_mistakes(new, [account.email, account.name])
    if mistakes:
        return _page(mistakes), 422
    kept = passwords.hash_password(new)
    by_provider = member().session.by_provider
    with doing("password_changed", about=account.email) as writing:
        accounts.change(writing.connection, account.id, password_hash=kept)
        writing.detail["sessions_ended"] = signing_in.end_all(writing.connection, account.id, member().session.id)
        begin(account, is_whole=True, by_provider=by_provider, connection=writing.connection)
    say(_("Your password is changed. Everywhere else you are signed out."))
    return see_other("staff.account")


def renew_factor() -> ResponseReturnValue:
    """Forget the app, as for a new phone; who needs a second factor sets it up at once."""
    account = member().account
    if mistakes := _wrong_password("factor_password"):
        return _page(mistakes), 422
    with doing("second_factor_removed", about=account.email) as writing:
        accounts.change(writing.connection, account.id, totp_salt=None, totp_step=None)
        accounts.keep_recovery_codes(writing.connection, account.id, [])
        signing_in.end_all(writing.connection, account.id, member().session.id)
    return see_other("staff.factor")


def renew_codes() -> ResponseReturnValue:
    """Show new codes for the paper; the old ones are worth nothing now."""
    account = member().account
    if not account.has_totp:
        raise RequestError("not_found")
    if mistakes := _wrong_password("codes_password"):
        return _page(mistakes), 422
    with doing("recovery_codes_made", about=account.email) as writing:
        made = keep_paper_codes(writing, account)
    return paper_page(made, Typed(safe_target("/staff/account")))


def end_session(session: int) -> ResponseReturnValue:
    """Sign out somewhere else, or here."""
    account = member().account
    with doing("session_ended", about=account.email) as writing:
        if not signing_in.end(writing.connection, account.id, session):
            raise RequestError("not_found")
    say(_("That session is ended."))
    return redirect(safe_target("/staff/account"), 303)


def _wrong_password(field: str = "password") -> dict[str, str]:
    text = sentences(asked_language())
    try:
        is_right = knows_password(member().account, request.form.get("password", ""))
    except TooManyTriesError as error:
        return {field: text(_("Too many tries. Please wait %(seconds)s seconds."), seconds=error.seconds)}
    return {} if is_right else {field: text(_("That is not your password."))}


def _page(mistakes: dict[str, str]) -> str:
    found, service = member(), get_staff()
    with service.store.reading() as connection:
        mine = signing_in.open_sessions(connection, found.account.id, moment(), service.idle, service.longest)
        left = accounts.count_recovery_codes(connection, found.account.id)
    values: dict[str, Any] = {
        "sessions": mine,
        "paper_codes": left,
        "mistakes": mistakes,
        "languages": NAMES,
        "by_provider": found.session.by_provider,
        "name": request.form.get("name", found.account.name),
    }
    return render_template("staff/account.html", **values)
