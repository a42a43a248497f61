"""Who is signed in: a row in the store, and its key in a signed cookie that only /staff sets and reads."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast

from flask import Flask, Request, Response, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, current_user, login_user, logout_user

from web.people import Account, Session
from web.services import get_services
from web.staff.service import StaffService, get_staff, moment, new_token

PATH: Final = "/staff"
SECURE_COOKIE: Final = "__Host-hemvist-staff"
LOCAL_COOKIE: Final = "hemvist-staff"  # without https, on this machine alone
TOUCHED_AFTER: Final = timedelta(minutes=1)
LONGEST_BROWSER: Final = 60
# the first that stands in the header; those that others pretend to be come last
BROWSERS: Final = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS: Final = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody signed in, as Flask-Login wants to know them."""

    token: str
    session: Session
    account: Account
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """Return what the cookie names them by: the key of their session."""
        return self.token


class StaffCookie(SecureCookieSessionInterface):
    """Flask's signed cookie, for the pages of staff alone: no other page can read or set one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie holds; None elsewhere, where nothing can be put in."""
        return super().open_session(app, request) if is_staff(request.path) else None

    def get_cookie_name(self, app: Flask) -> str:
        """Return the name: over https one that browsers accept from this very host alone."""
        return SECURE_COOKIE if _is_secure() else LOCAL_COOKIE

    def get_cookie_path(self, app: Flask) -> str:
        """Return where it is sent: the name above demands /, else it is kept to these pages."""
        return "/" if _is_secure() else request.script_root + PATH

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether it is sent over https alone."""
        return _is_secure()

    def get_cookie_domain(self, app: Flask) -> str | None:
        """No other host gets it."""
        return None

    def get_cookie_httponly(self, app: Flask) -> bool:
        """No script reads it."""
        return True

    def get_cookie_samesite(self, app: Flask) -> str:
        """Other sites may link here, and not post."""
        return "Lax"


def _is_secure() -> bool:
    """Whether the site is reached over https: what the operator says of it counts, however this request came."""
    site = get_services().settings.site_url
    return request.is_secure or (site is not None and site.startswith("https:"))


def is_staff(path: str) -> bool:
    """Whether `path` is one of these pages."""
    return path == PATH or path.startswith(f"{PATH}/")


def register(app: Flask, service: StaffService) -> None:
    """Have `app` know who is signed in."""
    app.secret_key, *older = service.keys.cookies
    app.config["SECRET_KEY_FALLBACKS"] = older
    app.config["WTF_CSRF_SECRET_KEY"] = [*reversed(older), app.secret_key]  # the last of them signs
    app.session_interface = StaffCookie()
    manager = LoginManager()
    manager.session_protection = None  # a row can be revoked; who changes networks stays signed in
    manager.user_loader(_load)
    manager.init_app(app, add_context_processor=False)


def current() -> Member | None:
    """Return who is signed in, perhaps not wholly; raises StoreError where that cannot be told."""
    found = cast("Any", current_user)._get_current_object()
    return found if isinstance(found, Member) else None


def member() -> Member:
    """Return who is signed in, where `guard` has made sure that somebody is."""
    found = current()
    assert found is not None  # noqa: S101 - the table of routes says so
    return found


def begin(account: Account, *, is_whole: bool, by_provider: bool = False, connection: Any) -> None:
    """Sign somebody in under a new key; what the browser had before is worth nothing now."""
    from web.store import signing_in

    service, at, token = get_staff(), moment(), new_token()
    before = current()
    if before:
        signing_in.end(connection, before.account.id, before.session.id)
    signing_in.sweep(connection, at, service.longest)
    key = service.keys.hashed("session", token)
    browser = browser_of(request.headers.get("User-Agent", ""))
    signing_in.begin(connection, account.id, key, browser, at, is_whole=is_whole, by_provider=by_provider)
    found = signing_in.open_session(connection, [key], at, service.idle, service.longest)
    assert found is not None  # noqa: S101 - it was written two lines above
    language = session.get("language", account.language)
    session.clear()
    session["language"] = language
    login_user(Member(token, *found))


def forget() -> None:
    """Let the browser forget who was signed in; the language stays."""
    language = session.get("language")
    logout_user()
    session.clear()
    if language:
        session["language"] = language


def browser_of(agent: str) -> str:
    """Name a browser roughly, so that people know their own: Firefox, Windows."""
    browser = next((name for sign, name in BROWSERS.items() if sign in agent), "")
    system = next((name for name in SYSTEMS if name in agent), "")
    return ", ".join(filter(None, (browser, system)))[:LONGEST_BROWSER]


def _load(token: str) -> Member | None:
    """Find the session of a cookie, and note once a minute that it is used."""
    from web.store import signing_in
    from web.store.errors import StoreError

    service, at = get_staff(), moment()
    with service.store.reading() as connection:
        known = service.keys.known("session", token)
        found = signing_in.open_session(connection, known, at, service.idle, service.longest)
    if found is None:
        return None
    if at - found[0].seen_at > TOUCHED_AFTER:
        try:
            with service.store.writing() as connection:
                signing_in.touch(connection, found[0].id, at)
        except StoreError:
            pass  # it may be looked at; the session ends a little earlier
    return Member(token, *found)


def private(response: Response) -> Response:
    """Have nobody keep a page of staff."""
    response.headers["Cache-Control"] = "no-store"
    return response
