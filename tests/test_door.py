"""Sign in and out: passwords, the second factor, pauses, sessions that end, and typed words that do not."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from time import process_time

import pytest
from flask import Flask
from members import OWN, PASSWORD, Browser, StoppedClock, add_member, begin_anew, code_of, deeds, service_of

from web.settings import Settings
from web.staff import codes, proving
from web.staff.session import browser_of
from web.store import accounts, signing_in
from web.store.version import FILE

EDITOR, PUBLISHER = "eva@norrby.example", "pia@norrby.example"


@pytest.fixture(scope="module")
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture(scope="module")
def one(make_app: Callable[..., Flask], clock: StoppedClock) -> Flask:
    return make_app(clock)


@pytest.fixture
def database() -> dict[str, str]:
    """The rows are tested on both databases, the pages on one."""
    return {}


@pytest.fixture
def app(one: Flask, clock: StoppedClock, store_settings: Settings) -> Flask:
    made = begin_anew(one, store_settings, clock)
    add_member(made, EDITOR, ("norrby", "editor"))
    add_member(made, PUBLISHER, ("norrby", "publisher"))
    return made


@pytest.fixture
def editor(app: Flask) -> Browser:
    return Browser(app).sign_in(EDITOR)


def is_in(browser: Browser) -> bool:
    return browser.get("/staff/account").status_code == 200


# the password


def test_an_editor_signs_in_with_a_password(app: Flask) -> None:
    browser = Browser(app)
    answer = browser.enter(EDITOR)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/")
    assert browser.get("/staff/").headers["Location"] == "/staff/norrby/"
    assert deeds(app) == ["sign_in"]


@pytest.mark.parametrize("email", [EDITOR.upper(), f"  {EDITOR} "])
def test_an_address_may_be_spelt_otherwise(app: Flask, email: str) -> None:
    assert Browser(app).enter(email).status_code == 303


@pytest.mark.parametrize(
    ("email", "password"),
    [(EDITOR, "wrong"), (EDITOR, ""), ("nobody@norrby.example", PASSWORD), ("no address", PASSWORD), ("", "")],
)
def test_who_is_wrong_learns_nothing_of_what_is_wrong(app: Flask, email: str, password: str) -> None:
    answer = Browser(app).enter(email, password)
    assert answer.status_code == 422
    assert "E-postadressen eller lösenordet är fel." in answer.text
    assert deeds(app) == []


def test_an_unknown_address_costs_as_much_as_a_known_one(app: Flask) -> None:
    def spent(email: str) -> float:
        browser, costs = Browser(app), []
        browser.get("/staff/sign-in")
        for _ in range(4):
            began = process_time()
            browser.enter(email, "wrong wrong wrong")
            costs.append(process_time() - began)
        return sorted(costs)[1]

    assert spent("nobody@norrby.example") == pytest.approx(spent(EDITOR), rel=0.5)


def test_a_shut_account_does_not_open(app: Flask, clock: StoppedClock) -> None:
    number = add_member(app, "shut@norrby.example", ("norrby", "editor"), disabled_at=clock.at)
    assert number
    assert Browser(app).enter("shut@norrby.example").status_code == 422


# pauses


def test_the_sixth_try_waits(app: Flask, clock: StoppedClock) -> None:
    browser = Browser(app)
    assert [browser.enter(EDITOR, "wrong").status_code for _ in range(5)] == [422] * 5
    answer = browser.enter(EDITOR)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    assert "Vänta 30 sekunder" in answer.text
    assert deeds(app) == ["sign_in_paused"]
    clock.go(seconds=30)
    assert browser.enter(EDITOR, "wrong").status_code == 422
    assert browser.enter(EDITOR).headers["Retry-After"] == "60"
    clock.go(seconds=60)
    assert browser.enter(EDITOR).status_code == 303


def test_a_pause_ends_with_fifteen_minutes(app: Flask, clock: StoppedClock) -> None:
    browser, waits = Browser(app), []
    for _ in range(13):
        answer = browser.enter(EDITOR, "wrong")
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            clock.go(seconds=waits[-1])
    assert waits == [30, 60, 120, 240]
    for _ in range(8):
        clock.go(seconds=int(browser.enter(EDITOR, "wrong").headers.get("Retry-After", 0)))
    assert browser.enter(EDITOR, "wrong").status_code in (422, 429)
    assert max(int(browser.enter(EDITOR, "wrong").headers["Retry-After"]) for _ in range(2)) <= 900


def test_a_pause_is_for_unknown_addresses_too(app: Flask) -> None:
    browser = Browser(app)
    found = [browser.enter("nobody@norrby.example", "wrong").status_code for _ in range(6)]
    assert found == [422] * 5 + [429]
    assert deeds(app) == []


def test_others_go_on_signing_in_meanwhile(app: Flask) -> None:
    browser = Browser(app)
    for _ in range(6):
        browser.enter("nobody@norrby.example", "wrong")
    assert browser.enter(EDITOR).status_code == 303


def test_whoever_gets_in_starts_anew(app: Flask) -> None:
    for _ in range(3):
        browser = Browser(app)
        assert [browser.enter(EDITOR, "wrong").status_code for _ in range(4)] == [422] * 4
        assert browser.enter(EDITOR).status_code == 303


def test_tries_from_everywhere_are_counted_together(app: Flask) -> None:
    found = []
    for place in range(proving.ON_ONE_ACCOUNT // 4 + 1):
        browser = Browser(app)
        browser.get("/staff/sign-in")
        for _ in range(4):
            data = {"csrf_token": browser.token, "email": EDITOR, "password": "wrong"}
            where = {"REMOTE_ADDR": f"198.51.{place}.7"}
            found.append(browser.client.post("/staff/sign-in", data=data, headers=OWN, environ_base=where).status_code)
    assert found == [422] * 20 + [429] * 4


def test_tries_are_forgotten_after_an_hour(app: Flask, clock: StoppedClock) -> None:
    browser = Browser(app)
    for _ in range(5):
        browser.enter(EDITOR, "wrong")
    clock.go(minutes=61)
    assert [browser.enter(EDITOR, "wrong").status_code for _ in range(5)] == [422] * 5


# the second factor


def test_a_publisher_gives_a_code_too(app: Flask, clock: StoppedClock) -> None:
    browser = Browser(app)
    assert browser.enter(PUBLISHER).headers["Location"] == "/staff/code?target=/staff/"
    assert browser.get("/staff/norrby/").headers["Location"].startswith("/staff/code")
    browser.get("/staff/code")
    assert browser.post("/staff/code", {"code": "000000"}).status_code == 422
    assert deeds(app) == []
    code = code_of(app, PUBLISHER, clock)
    assert browser.post("/staff/code", {"code": f"{code[:3]} {code[3:]}"}).status_code == 303
    assert browser.get("/staff/norrby/").status_code == 200
    assert deeds(app) == ["sign_in"]


def test_a_code_counts_once(app: Flask, clock: StoppedClock) -> None:
    code = code_of(app, PUBLISHER, clock)
    found = []
    for _ in range(2):
        browser = Browser(app)
        browser.enter(PUBLISHER)
        browser.get("/staff/code")
        found.append(browser.post("/staff/code", {"code": code}).status_code)
    assert found == [303, 422]


@pytest.mark.parametrize(("seconds", "status"), [(-30, 303), (0, 303), (30, 303), (-75, 422), (75, 422), (3600, 422)])
def test_a_phone_may_be_half_a_minute_off(app: Flask, clock: StoppedClock, seconds: int, status: int) -> None:
    browser = Browser(app)
    browser.enter(PUBLISHER)
    browser.get("/staff/code")
    off = StoppedClock(clock.at + timedelta(seconds=seconds))
    assert browser.post("/staff/code", {"code": code_of(app, PUBLISHER, off)}).status_code == status


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-", "0" * 500])
def test_what_is_no_code_is_refused(app: Flask, code: str) -> None:
    browser = Browser(app)
    browser.enter(PUBLISHER)
    browser.get("/staff/code")
    assert browser.post("/staff/code", {"code": code}).status_code == 422


def test_codes_are_not_guessed(app: Flask, clock: StoppedClock) -> None:
    browser = Browser(app)
    browser.enter(PUBLISHER)
    browser.get("/staff/code")
    assert [browser.post("/staff/code", {"code": "000000"}).status_code for _ in range(6)] == [422] * 5 + [429]
    assert browser.post("/staff/code", {"code": code_of(app, PUBLISHER, clock)}).status_code == 429


def test_who_needs_a_second_factor_sets_it_up_first(app: Flask, clock: StoppedClock) -> None:
    add_member(app, "new@norrby.example", ("norrby", "admin"), totp=False)
    browser = Browser(app)
    assert browser.enter("new@norrby.example").headers["Location"].startswith("/staff/second-factor")
    assert browser.get("/staff/norrby/users").headers["Location"].startswith("/staff/second-factor")
    page = browser.get("/staff/second-factor").text
    assert "<svg" in page
    assert "style=" not in page
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    assert browser.post("/staff/second-factor", {"code": "000000"}).status_code == 422
    assert secret in browser.get("/staff/second-factor").text.replace(" ", "")
    import pyotp

    now = pyotp.TOTP(secret).generate_otp(int(clock.at.timestamp()) // codes.PERIOD)
    done = browser.post("/staff/second-factor", {"code": now})
    paper = re.findall(r"<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>", done.text)
    assert len(set(paper)) == codes.PAPER_CODES
    assert browser.get("/staff/norrby/users").status_code == 200
    kept = b"".join(path.read_bytes() for path in service_of(app).settings.data.glob("hemvist.db*"))
    assert secret.encode() not in kept
    assert paper[0].encode() not in kept


def test_a_code_from_the_paper_lets_in_once(app: Flask) -> None:
    number = _with_paper(app, "ABCDE-FGHJK")
    assert number
    found = []
    for spelt in ("abcde fghjk", "ABCDE-FGHJK"):
        browser = Browser(app)
        browser.enter(PUBLISHER)
        browser.get("/staff/code")
        found.append(browser.post("/staff/code", {"code": spelt}).status_code)
    assert found == [303, 422]
    assert deeds(app) == ["recovery_code_used", "sign_in"]


def _with_paper(app: Flask, code: str) -> int:
    with app.app_context(), service_of(app).store.writing() as connection:
        account = accounts.find_by_email(connection, PUBLISHER)
        assert account
        accounts.keep_recovery_codes(connection, account.id, [codes.hashes_of_paper_code(account.id, code)[0]])
        return account.id


# sessions


def test_the_cookie_from_before_signing_in_is_worth_nothing_after(app: Flask) -> None:
    browser, other = Browser(app), Browser(app)
    browser.get("/staff/sign-in")
    before = browser.client.get_cookie("hemvist-staff", path="/staff")
    browser.sign_in(EDITOR)
    other.client.set_cookie("hemvist-staff", before.value, path="/staff")
    assert not is_in(other)


def copied(browser: Browser) -> Browser:
    """Return a thief with the same cookie."""
    thief = Browser(browser.app)
    cookie = browser.client.get_cookie("hemvist-staff", path="/staff")
    thief.client.set_cookie("hemvist-staff", cookie.value, path="/staff")
    return thief


def test_the_cookie_of_half_a_sign_in_stays_half(app: Flask, clock: StoppedClock) -> None:
    browser = Browser(app)
    browser.enter(PUBLISHER)
    browser.get("/staff/code")
    half = copied(browser)
    browser.post("/staff/code", {"code": code_of(app, PUBLISHER, clock)})
    assert is_in(browser)
    assert not is_in(half)


def test_a_copied_cookie_is_dead_after_signing_out(editor: Browser) -> None:
    thief = copied(editor)
    assert is_in(thief)
    editor.get("/staff/account")
    assert editor.post("/staff/sign-out").headers["Location"] == "/staff/sign-in?left=yes"
    assert not is_in(thief)
    assert not is_in(editor)


def test_a_copied_cookie_is_dead_after_the_password_is_changed(editor: Browser) -> None:
    thief = copied(editor)
    elsewhere = Browser(editor.app).sign_in(EDITOR)
    new = {"password": PASSWORD, "new_password": "ett helt annat tal om moln", "again": "ett helt annat tal om moln"}
    assert editor.post("/staff/account/password", new).status_code == 303
    assert is_in(editor)
    assert not is_in(thief)
    assert not is_in(elsewhere)
    assert Browser(editor.app).enter(EDITOR).status_code == 422


def test_sessions_are_dead_when_the_account_is_shut(app: Flask, editor: Browser, clock: StoppedClock) -> None:
    with service_of(app).store.writing() as connection:
        accounts.change(connection, 1, disabled_at=clock.at)
    assert not is_in(editor)


def test_a_role_taken_away_is_gone_at_once(app: Flask, editor: Browser) -> None:
    with service_of(app).store.writing() as connection:
        accounts.take(connection, 1, "norrby")
    assert editor.get("/staff/norrby/").status_code == 404
    assert "ingen roll i någon kommun" in editor.get("/staff/").text


def test_a_session_ends_after_half_an_hour_without_a_click(editor: Browser, clock: StoppedClock) -> None:
    for _ in range(3):
        clock.go(minutes=29)
        assert is_in(editor)
    clock.go(minutes=31)
    assert not is_in(editor)


def test_a_session_ends_after_twelve_hours(editor: Browser, clock: StoppedClock) -> None:
    for _ in range(35):
        clock.go(minutes=20)
        assert is_in(editor)
    clock.go(minutes=21)
    assert not is_in(editor)


def test_the_limits_can_be_set(one: Flask, clock: StoppedClock, store_settings: Settings) -> None:
    app = begin_anew(one, replace(store_settings, staff_idle_minutes=5, staff_hours=1), clock)
    add_member(app, EDITOR, ("norrby", "editor"))
    browser = Browser(app).sign_in(EDITOR)
    clock.go(minutes=6)
    assert not is_in(browser)


def test_old_sessions_are_swept_away(app: Flask, clock: StoppedClock) -> None:
    for _ in range(3):
        Browser(app).sign_in(EDITOR)
        clock.go(hours=13)
    Browser(app).sign_in(EDITOR)
    with closing(sqlite3.connect(service_of(app).settings.data / FILE)) as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)


@pytest.mark.parametrize("cookie", ["", "x", "eyJfdXNlcl9pZCI6IjEifQ.aaaaaa.bbbb", "é" * 10, "." * 3000])
def test_a_forged_cookie_is_nobody(app: Flask, cookie: str) -> None:
    browser = Browser(app)
    browser.client.set_cookie("hemvist-staff", cookie, path="/staff")
    assert not is_in(browser)


def test_two_keys_of_a_session_are_never_the_same_and_not_kept(app: Flask) -> None:
    keys = set()
    for _ in range(5):
        browser = Browser(app).sign_in(EDITOR)
        with browser.client.session_transaction("/staff/") as session:
            keys.add(session["_user_id"])
    assert len(keys) == 5
    assert min(map(len, keys)) >= 43
    kept = b"".join(path.read_bytes() for path in service_of(app).settings.data.glob("hemvist.db*"))
    assert not [key for key in keys if key.encode() in kept]


def test_my_sessions_are_listed_and_end_one_by_one(app: Flask, editor: Browser) -> None:
    other = Browser(app)
    other.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"
    other.sign_in(EDITOR)
    page = editor.get("/staff/account").text
    assert "Firefox, Windows" in page
    (session,) = re.findall(r"/staff/account/sessions/(\d+)", page)
    assert editor.post(f"/staff/account/sessions/{session}").status_code == 303
    assert not is_in(other)
    assert is_in(editor)


def test_sessions_of_others_do_not_end(app: Flask, editor: Browser) -> None:
    add_member(app, "other@norrby.example", ("norrby", "editor"))
    other = Browser(app).sign_in("other@norrby.example")
    with service_of(app).store.reading() as connection:
        listed = signing_in.open_sessions(connection, 3, StoppedClock().at, timedelta(hours=1), timedelta(hours=1))
    assert editor.post(f"/staff/account/sessions/{listed[0].id}").status_code == 404
    assert is_in(other)


AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0": "Edge, Windows",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox, Linux",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36": "Chrome, Android",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1": "Safari, iPhone",
    "": "",
    "<script>alert(1)</script>" * 50: "",
}


@pytest.mark.parametrize(("agent", "name"), AGENTS.items())
def test_a_browser_is_named_roughly(agent: str, name: str) -> None:
    assert browser_of(agent) == name


# where somebody was going


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/staff/",
        "/staff//evil.example",
        "/staff/\\evil.example",
        "/staff/../norrby/",
        "javascript:alert(1)",
        "/norrby/sv/",
        "staff/norrby/",
        "/staff/\tnorrby",
        "/staff/\r\nSet-Cookie: x=1",
        "\x00/staff/",
        "http:/staff/",
        "///staff/",
        "/staff/" + "x" * 3000,
        "",
    ],
)
def test_nobody_is_led_off_the_pages_of_staff(app: Flask, target: str) -> None:
    assert Browser(app).enter(EDITOR, target=target).headers["Location"] == "/staff/"


def test_who_was_going_somewhere_gets_there(app: Flask) -> None:
    browser = Browser(app)
    where = browser.get("/staff/norrby/?page=2&words=å").headers["Location"]
    kept = _fields(browser.get(where).text)
    assert browser.enter(EDITOR, **kept).headers["Location"].startswith("/staff/norrby/?page=2&words=")


# typed words


def test_112_what_was_typed_survives_a_session_that_ended(app: Flask, editor: Browser, clock: StoppedClock) -> None:
    clock.go(hours=1)
    name = "Åsa <b>\"&' " + "x" * 20
    answer = editor.post("/staff/account", {"name": name, "language": "en"})
    assert answer.status_code == 401
    assert "Du var utloggad" in answer.text
    kept = _fields(answer.text)
    assert kept["target"] == "/staff/account"
    wrong = editor.enter(EDITOR, "wrong", **kept)
    assert _fields(wrong.text)["kept"] == kept["kept"]
    back = editor.enter(EDITOR, **kept)
    assert back.status_code == 200
    assert 'action="/staff/account"' in back.text
    again = _fields(back.text)
    assert (again["name"], again["language"]) == (name, "en")
    assert deeds(app).count("account_changed") == 0
    assert editor.post("/staff/account", again).status_code == 303
    with service_of(app).store.reading() as connection:
        assert accounts.find(connection, 1).name == name.strip()


def test_112_it_survives_the_second_factor_too(app: Flask, clock: StoppedClock) -> None:
    publisher = Browser(app).sign_in(PUBLISHER, clock)
    clock.go(hours=1)
    kept = _fields(publisher.post("/staff/account", {"name": "Pia P", "language": "sv"}).text)
    asked = publisher.enter(PUBLISHER, **kept)
    assert 'action="/staff/code"' in asked.text
    kept = _fields(asked.text)
    kept = _fields(publisher.post("/staff/code", {**kept, "code": "000000"}).text)
    back = publisher.post("/staff/code", {**kept, "code": code_of(app, PUBLISHER, clock)})
    assert _fields(back.text)["name"] == "Pia P"


def test_words_typed_before_signing_in_anew_elsewhere_are_asked_about_once_more(app: Flask, editor: Browser) -> None:
    """Two tabs: in one somebody signs out and in, and then sends the form of the other."""
    old = editor.token
    editor.post("/staff/sign-out")
    editor.get("/staff/sign-in")
    editor.sign_in(EDITOR)
    answer = editor.client.post("/staff/account", data={"csrf_token": old, "name": "Eva E"}, headers=OWN)
    assert answer.status_code == 409
    assert _fields(answer.text)["name"] == "Eva E"


def test_passwords_are_never_carried_along(editor: Browser, clock: StoppedClock) -> None:
    clock.go(hours=1)
    typed = {"password": "secret one", "new_password": "secret two", "again": "secret two", "code": "123456"}
    answer = editor.post("/staff/account/password", typed)
    assert answer.status_code == 303
    answer = editor.post("/staff/account", {**typed, "name": "Eva"})
    assert "Eva" in answer.text
    assert "secret" not in answer.text
    assert "123456" not in answer.text


@pytest.mark.parametrize("kept", ["x", "[[1, 2]]", '{"a": 1}', "[" * 5000, '[["password", "x"]]', '[["a"]]', "null"])
def test_what_is_not_ours_is_not_carried_along(app: Flask, kept: str) -> None:
    assert Browser(app).enter(EDITOR, kept=kept, target="/staff/account").headers["Location"] == "/staff/account"


def test_another_site_cannot_have_words_carried_along(app: Flask, editor: Browser, clock: StoppedClock) -> None:
    clock.go(hours=1)
    answer = editor.post("/staff/account", {"name": "Mallory"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "Mallory" not in answer.text


def _fields(page: str) -> dict[str, str]:
    """Return the hidden fields of the main form of a page."""
    from html import unescape

    main = page.split('<main id="content"')[1]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main)
    return {name: unescape(value) for name, value in found if name != "csrf_token"}


# language


def test_the_language_is_that_of_the_browser_until_one_is_chosen(app: Flask) -> None:
    browser = Browser(app)
    english = {"Accept-Language": "en"}
    assert '<html lang="en">' in browser.get("/staff/sign-in", headers=english).text
    answer = browser.post("/staff/language", {"language": "sv", "target": "/staff/sign-in"})
    assert answer.headers["Location"] == "/staff/sign-in"
    assert '<html lang="sv">' in browser.get("/staff/sign-in", headers=english).text


def test_the_language_of_an_account_comes_with_signing_in(app: Flask) -> None:
    add_member(app, "john@norrby.example", ("norrby", "viewer"), language="en")
    browser = Browser(app).sign_in("john@norrby.example")
    assert "What needs me today" in browser.get("/staff/norrby/").text
    assert '<html lang="en">' in browser.get("/staff/nowhere/").text


# when the store fails


def test_nobody_signs_in_where_tries_cannot_be_counted(app: Flask) -> None:
    browser = Browser(app)
    browser.get("/staff/sign-in")
    with closing(sqlite3.connect(service_of(app).settings.data / FILE)) as connection:
        connection.execute("DROP TABLE tries")
    assert browser.enter(EDITOR).status_code == 503


def test_visitors_are_answered_while_the_store_is_gone(app: Flask) -> None:
    browser = Browser(app).sign_in(EDITOR)
    with closing(sqlite3.connect(service_of(app).settings.data / FILE)) as connection:
        connection.execute("DROP TABLE sessions")
    answer = browser.get("/staff/norrby/")
    assert answer.status_code == 503
    assert "Databasen svarar inte" in answer.text
    assert browser.get("/norrby/sv/").status_code == 200
