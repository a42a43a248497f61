"""Sign in and out: the password, the second factor, and the way back to where somebody was."""

from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from bot import LANGUAGES
from web.errors import asked_language
from web.i18n import NAMES, sentences
from web.people import Account, read_email
from web.staff.audit import doing
from web.staff.proving import TooManyTriesError, sign_in, with_code, with_password
from web.staff.service import get_staff
from web.staff.session import Member, current, forget, member
from web.staff.typed import Typed, safe_target, typed_before
from web.store import signing_in

WRONG = 422


def show() -> ResponseReturnValue:
    """Show the form; whoever is signed in goes on."""
    found = current()
    if found and found.session.is_whole:
        return redirect(typed_before().target, 303)
    return sign_in_page(typed_before())


def sign_in_page(typed: Typed, *, is_interrupted: bool = False, mistake: str | None = None, email: str = "") -> str:
    """Return the form; `is_interrupted` where a session ended while somebody wrote."""
    return render_template(
        "staff/sign_in.html",
        typed=typed,
        is_interrupted=is_interrupted,
        mistake=mistake,
        email=email,
        has_provider=get_staff().provider is not None,
        languages=NAMES,
    )


def enter() -> ResponseReturnValue:
    """Take an e-mail address and a password."""
    _ = sentences(asked_language())
    typed, written = typed_before(), request.form.get("email", "")
    address = read_email(written)
    try:
        account = with_password(address or "", request.form.get("password", ""))
    except TooManyTriesError as error:
        return _wait(sign_in_page(typed, mistake=_too_many(error), email=written[:254]), error)
    if account is None:
        mistake = _("The e-mail address or the password is wrong.")
        return sign_in_page(typed, mistake=mistake, email=written[:254]), WRONG
    return _enter(account, typed)


def ask_code() -> ResponseReturnValue:
    """Show the form for the second factor."""
    if member().session.is_whole:
        return redirect(typed_before().target, 303)
    return code_page(typed_before())


def code_page(typed: Typed, mistake: str | None = None) -> str:
    """Return the form for the second factor."""
    return render_template("staff/code.html", typed=typed, mistake=mistake)


def take_code() -> ResponseReturnValue:
    """Take a code of the app, or one from the paper."""
    _ = sentences(asked_language())
    typed, account = typed_before(), member().account
    if member().session.is_whole:
        return typed.go_on()
    try:
        is_right = with_code(account, request.form.get("code", ""))
    except TooManyTriesError as error:
        return _wait(code_page(typed, _too_many(error)), error)
    if not is_right:
        return code_page(typed, _("The code is wrong, or it was used before. Wait for the next one.")), WRONG
    sign_in(account, is_whole=True, way="password and code")
    return _went_on(typed)


def leave() -> ResponseReturnValue:
    """End this session."""
    found = member()
    with doing("sign_out", about=found.account.email) as writing:
        signing_in.end(writing.connection, found.account.id, found.session.id)
    forget()
    return redirect(url_for("staff.sign_in", left="yes"), 303)


def choose_language() -> ResponseReturnValue:
    """Speak the other language from now on, in this browser."""
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(safe_target(request.form.get("target", "")), 303)


def _enter(account: Account, typed: Typed) -> ResponseReturnValue:
    sign_in(account, is_whole=not account.has_totp)
    if account.has_totp:
        return code_page(typed) if typed.fields else redirect(url_for("staff.code", target=typed.target), 303)
    return _went_on(typed)


def _went_on(typed: Typed) -> ResponseReturnValue:
    """Lead on, by way of the second factor where one is to be set up first."""
    found: Member = member()
    if found.account.needs_totp and not found.account.has_totp:
        from web.staff.factor import factor_page

        return factor_page(typed) if typed.fields else redirect(url_for("staff.factor", target=typed.target), 303)
    return typed.go_on()


def _too_many(error: TooManyTriesError) -> str:
    _ = sentences(asked_language())
    return _("Too many tries. Please wait %(seconds)s seconds.", seconds=error.seconds)


def _wait(page: str, error: TooManyTriesError) -> tuple[str, int, dict[str, Any]]:
    return page, 429, {"Retry-After": str(error.seconds)}
