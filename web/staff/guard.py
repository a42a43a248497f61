"""Who may pass: https, our own pages alone, a session that is whole, a role in this very municipality.

Default deny: an address that the table of routes does not have is not there.
"""

from typing import Final
from urllib.parse import urlsplit

from flask import g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as Redirect

from bot import LANGUAGES, Municipality, is_understood
from web.errors import RequestError, accepted_language, speak
from web.frame import municipalities
from web.people import ROLES, Role, suffices
from web.settings import is_loopback
from web.staff.routes import BY_ENDPOINT, Need
from web.staff.session import Member, current
from web.staff.typed import resume, typed_here

SAFE: Final = ("GET", "HEAD", "OPTIONS")


def guard() -> ResponseReturnValue | None:
    """Let a request pass, or answer it here."""
    route = BY_ENDPOINT.get(request.endpoint or "")
    if route is None:
        raise RequestError("not_found")
    choose_language()
    request.max_content_length = request.max_form_memory_size = route.largest
    _refuse_clear_text()
    is_write = request.method not in SAFE
    if is_write:
        refuse_foreign()
    if route.need != "anyone" and (refusal := _admit(route.need)):
        return refusal
    return _ask_again(route.need) if is_write and not has_token() else None


def choose_language() -> None:
    """Speak the language that was chosen, else the browser's."""
    chosen = session.get("language")
    accepted = accepted_language()
    standard = accepted if is_understood(accepted) else "en"  # the pages of staff are in these two alone
    speak(next((language for language in LANGUAGES if language == chosen), standard))


def refuse_foreign() -> None:
    """Raise RequestError where another site sends this; a request that does not say where it comes from is refused.

    Our pages send no referrer, so that browsers write the origin as null; they all tell the site.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_named = origin not in (None, "null")
    if is_named and origin != request.host_url.rstrip("/"):
        raise RequestError("cross_origin")
    if site not in (None, "same-origin", "none") or (site is None and not is_named):
        raise RequestError("cross_origin")


def has_token() -> bool:
    """Whether the form carries the token of this browser's cookie; a script sends it as X-CSRF-Token."""
    from flask_wtf.csrf import validate_csrf
    from wtforms import ValidationError

    try:
        validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRF-Token"))
    except ValidationError:
        return False
    return True


def role_here() -> Role | None:
    """Return the role of whoever is signed in, in the municipality of this address."""
    found: Role | None = g.get("role")
    return found


def municipality_here() -> Municipality:
    """Return the municipality of this address, where `guard` found a role in it."""
    found: Municipality = g.municipality
    return found


def own_municipalities(member: Member) -> list[Municipality]:
    """Return where `member` has a role."""
    return [one for one in municipalities().values() if member.account.role_in(one)]


def _refuse_clear_text() -> None:
    """A password goes over https, or does not leave this machine."""
    if not request.is_secure and not is_loopback(urlsplit(request.host_url).hostname or ""):
        raise RequestError("https_needed")


def _admit(need: Need) -> ResponseReturnValue | None:
    member = current()
    if member is None:
        return _sign_in_first()
    if need == "begun":
        return None
    if not member.session.is_whole:
        return _go_on("staff.code")
    if member.account.needs_totp and not member.account.has_totp and not member.session.by_provider:
        return _go_on("staff.factor")
    if need in ROLES:
        _refuse_role(member, need)
    return None


def _refuse_role(member: Member, wanted: Role) -> None:
    """Where somebody has no role they do not learn what there is."""
    municipality = municipalities().get((request.view_args or {}).get("municipality", ""))
    role = member.account.role_in(municipality) if municipality else None
    if municipality is None or role is None:
        raise RequestError("not_found")
    if not suffices(role, wanted):
        raise RequestError("role_too_low")
    g.municipality, g.role = municipality, role


def _sign_in_first() -> ResponseReturnValue:
    typed = typed_here()
    if not typed.fields:
        return redirect(url_for("staff.sign_in", target=typed.target), 303)
    from web.staff.door import sign_in_page

    return sign_in_page(typed, is_interrupted=True), 401


def _go_on(endpoint: str) -> ResponseReturnValue:
    """Lead to the second half of signing in; what was typed goes along."""
    typed = typed_here()
    if not typed.fields:
        return redirect(url_for(endpoint, target=typed.target), 303)
    from web.staff.door import code_page
    from web.staff.factor import factor_page

    return (code_page if endpoint == "staff.code" else factor_page)(typed), 401


def _ask_again(need: Need) -> ResponseReturnValue:
    """The form was made for another session: nothing is done, and what was typed can be sent from a new one."""
    typed = typed_here()
    if need == "anyone" or not typed.fields:
        raise RequestError("form_too_old")
    return resume(typed), 409


def see_other(endpoint: str, **values: object) -> Redirect:
    """Lead to a page after a write, so that loading it anew does not write again."""
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[arg-type]  # url_for takes any values
