"""What administrators and everybody do with accounts on the pages of staff; each write leaves one row in the audit."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from members import PASSWORD, Browser, StoppedClock, add_member, begin_anew, count_deeds, deeds, service_of
from sqlalchemy import text

from web.people import Account, read_email, read_name
from web.settings import Settings
from web.staff.passwords import weakness
from web.staff.routes import ROUTES
from web.store import accounts, audit

ADMIN, EDITOR, WIDE = "anna@norrby.example", "eva@norrby.example", "gun@trebygden.example"
NEW = "fyra ord som inte passar ihop"


@pytest.fixture(scope="module")
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture(scope="module")
def one(make_app: Callable[..., Flask], clock: StoppedClock) -> Flask:
    return make_app(clock)


@pytest.fixture
def database() -> dict[str, str]:
    return {}


@pytest.fixture
def app(one: Flask, clock: StoppedClock, store_settings: Settings) -> Flask:
    made = begin_anew(one, store_settings, clock)
    add_member(made, ADMIN, ("norrby", "admin"))
    add_member(made, EDITOR, ("norrby", "editor"), totp=True)
    add_member(made, WIDE, ("group:trebygden", "admin"))
    add_member(made, "ola@ostby.example", ("ostby", "editor"))
    add_member(made, "both@norrby.example", ("norrby", "viewer"), ("ostby", "viewer"))
    return made


@pytest.fixture
def admin(app: Flask, clock: StoppedClock) -> Browser:
    return Browser(app).sign_in(ADMIN, clock)


def account(app: Flask, email: str) -> Account | None:
    with service_of(app).store.reading() as connection:
        return accounts.find_by_email(connection, email)


def invite(browser: Browser, email: str = "bo@norrby.example", **data: str) -> str:
    """Return the link of a new invitation."""
    wish = {"email": email, "name": "Bo Ek", "role": "editor", "scope": "norrby", "language": "sv", **data}
    answer = browser.post("/staff/norrby/users", wish)
    assert answer.status_code == 200, answer.text
    return unescape(re.search(r'readonly value="http://localhost([^"]+)"', answer.text)[1])


def accept(app: Flask, link: str, password: str = NEW, **data: str) -> Browser:
    browser = Browser(app)
    browser.get(link)
    token = link.split("token=")[1]
    given = {"token": token, "name": "Bo Ek", "new_password": password, "again": password, **data}
    browser.last = browser.post("/staff/invitation", given)
    return browser


# invitations


def test_an_invitation_makes_an_account(app: Flask, admin: Browser) -> None:
    browser = accept(app, invite(admin))
    assert browser.last.headers["Location"] == "/staff/"
    assert browser.get("/staff/norrby/").status_code == 200
    assert deeds(app)[-3:] == ["invited", "invitation_accepted", "sign_in"]
    assert Browser(app).enter("bo@norrby.example", NEW).status_code == 303


def test_121_an_invitation_counts_once_for_72_hours(app: Flask, admin: Browser, clock: StoppedClock) -> None:
    link = invite(admin)
    accept(app, link)
    assert Browser(app).get(link).status_code == 410
    assert accept(app, link).last.status_code in (400, 410)
    late = invite(admin, "late@norrby.example")
    clock.go(hours=72)
    assert Browser(app).get(late).status_code == 410
    assert account(app, "late@norrby.example") is None


@pytest.mark.parametrize("token", ["", "x", "%00", "a" * 5000, "' OR 1=1 --"])
def test_121_a_made_up_link_opens_nothing(app: Flask, token: str) -> None:
    assert Browser(app).get("/staff/invitation", query_string={"token": token}).status_code == 410


def test_a_newer_link_ends_the_older_and_withdrawing_ends_both(app: Flask, admin: Browser) -> None:
    first, second = invite(admin), invite(admin)
    assert Browser(app).get(first).status_code == 410
    (number,) = re.findall(r"/staff/norrby/invitations/(\d+)", admin.get("/staff/norrby/users").text)
    assert admin.post(f"/staff/norrby/invitations/{number}").status_code == 303
    assert Browser(app).get(second).status_code == 410


WEAK = {
    "short": "Kort-12345!",
    "common": "passwordpassword",
    "keyboard": "qwertyuiop123",
    "repeated": "aaaaaaaaaaaaaaaa",
    "the address": "bo@norrby.example",
    "too long": "x y z " * 50,
}


@pytest.mark.parametrize("password", WEAK.values(), ids=WEAK)
def test_120_a_password_that_is_easy_to_guess_is_refused(app: Flask, admin: Browser, password: str) -> None:
    browser = accept(app, invite(admin), password)
    assert browser.last.status_code == 422
    assert browser.last.text.count('type="password" value=""') == 2
    assert account(app, "bo@norrby.example") is None


@pytest.mark.parametrize(
    "password", [NEW, "å" * 3 + " fjäll morot kvast " * 3, "x7$kP2!qWz9@" * 6, "κόσμος ψωμί ανάσα"]
)
def test_120_long_passwords_and_any_letters_are_welcome(password: str) -> None:
    assert weakness(password) is None


def test_the_two_passwords_must_be_the_same(app: Flask, admin: Browser) -> None:
    assert "inte lika" in accept(app, invite(admin), again="something else").last.text


BAD = {
    "no address": {"email": "bo"},
    "two addresses": {"email": "a@b.se,c@d.se"},
    "line break": {"email": "a@b.se\nBcc: x@y.se"},
    "no name": {"name": " "},
    "long name": {"name": "x" * 101},
    "unknown role": {"role": "owner"},
    "another municipality": {"scope": "ostby"},
    "its group": {"scope": "group:trebygden"},
    "everywhere": {"scope": "*"},
    "no scope": {"scope": ""},
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
def test_a_wish_that_cannot_be_is_refused_with_words(app: Flask, admin: Browser, change: dict[str, str]) -> None:
    wish = {"email": "bo@norrby.example", "name": "Bo <b>Ek", "role": "editor", "scope": "norrby", **change}
    before = count_deeds(app)
    answer = admin.post("/staff/norrby/users", wish)
    assert answer.status_code == 422
    assert 'class="mistake"' in answer.text
    assert "<b>Ek" not in answer.text
    assert count_deeds(app) == before


def test_fields_that_nobody_asked_for_change_nothing(app: Flask, admin: Browser) -> None:
    accept(app, invite(admin), break_glass="true", role="admin", scope="*", email="x@y.se")
    found = account(app, "bo@norrby.example")
    assert not found.break_glass
    assert [(grant.scope, grant.role) for grant in found.grants] == [("norrby", "editor")]


def test_somebody_with_an_account_gets_the_role_at_once(app: Flask, admin: Browser) -> None:
    wish = {"email": "ola@ostby.example", "name": "Ola", "role": "viewer", "scope": "norrby"}
    assert admin.post("/staff/norrby/users", wish).status_code == 303
    assert {grant.scope for grant in account(app, "ola@ostby.example").grants} == {"norrby", "ostby"}


def test_a_forgotten_password_is_chosen_anew_by_a_link(app: Flask, admin: Browser, clock: StoppedClock) -> None:
    number = account(app, EDITOR).id
    inside = Browser(app).sign_in(EDITOR, clock)
    answer = admin.post(f"/staff/norrby/users/{number}/password")
    link = unescape(re.search(r'readonly value="http://localhost([^"]+)"', answer.text)[1])
    browser = accept(app, link, name="Eva Ny")
    assert browser.last.headers["Location"] == "/staff/code", "the second factor stays"
    assert inside.get("/staff/account").status_code == 303
    assert Browser(app).enter(EDITOR).status_code == 422
    assert Browser(app).enter(EDITOR, NEW).status_code == 303


# one account


def test_a_municipality_sees_its_own_people_alone(app: Flask, admin: Browser) -> None:
    page = admin.get("/staff/norrby/users").text
    assert EDITOR in page
    assert WIDE in page
    assert "ola@ostby.example" not in page
    assert admin.get(f"/staff/norrby/users/{account(app, 'ola@ostby.example').id}").status_code == 404
    assert admin.get("/staff/norrby/users/999").status_code == 404
    assert admin.get("/staff/norrby/users/99999999999999999999").status_code == 404


ACTIONS = ("disable", "enable", "factor", "sessions", "password")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("whose", [ADMIN, WIDE, "both@norrby.example"])
def test_nobody_stops_themselves_or_whom_they_do_not_wholly_govern(
    app: Flask, admin: Browser, action: str, whose: str
) -> None:
    before = count_deeds(app)
    assert admin.post(f"/staff/norrby/users/{account(app, whose).id}/{action}").status_code == 403
    assert admin.post(f"/staff/norrby/users/{account(app, 'ola@ostby.example').id}/{action}").status_code == 404
    assert count_deeds(app) == before


@pytest.mark.parametrize("scope", ["ostby", "group:trebygden", "*", "", "soderby"])
def test_roles_are_given_where_one_is_administrator(app: Flask, admin: Browser, scope: str) -> None:
    path = f"/staff/norrby/users/{account(app, EDITOR).id}/role"
    assert admin.post(path, {"scope": scope, "role": "admin"}).status_code == 422
    assert len(account(app, EDITOR).grants) == 1


def test_an_administrator_of_a_group_gives_roles_in_all_of_it(app: Flask, clock: StoppedClock) -> None:
    wide = Browser(app).sign_in(WIDE, clock)
    path = f"/staff/soderby/users/{account(app, EDITOR).id}/role"
    assert wide.post(path, {"scope": "soderby", "role": "editor"}).status_code == 404
    path = f"/staff/norrby/users/{account(app, EDITOR).id}/role"
    assert wide.post(path, {"scope": "group:trebygden", "role": "publisher"}).status_code == 303
    assert wide.post(path, {"scope": "norrby", "role": "none"}).status_code == 303
    assert [(grant.scope, grant.role) for grant in account(app, EDITOR).grants] == [("group:trebygden", "publisher")]


def test_a_shut_account_is_signed_out_and_opens_again(app: Flask, admin: Browser, clock: StoppedClock) -> None:
    editor, number = Browser(app).sign_in(EDITOR, clock), account(app, EDITOR).id
    admin.post(f"/staff/norrby/users/{number}/disable")
    assert editor.get("/staff/norrby/").status_code == 303
    assert Browser(app).enter(EDITOR).status_code == 422
    admin.get(f"/staff/norrby/users/{number}")
    admin.post(f"/staff/norrby/users/{number}/enable")
    assert Browser(app).enter(EDITOR).status_code == 303


# each write leaves one row


def _user(path: str) -> Callable[[Flask], str]:
    return lambda app: f"/staff/norrby/users/{account(app, EDITOR).id}{path}"


WRITES: dict[str, tuple[Callable[[Flask], str], dict[str, str], str]] = {
    "sign_out": (lambda _app: "/staff/sign-out", {}, "sign_out"),
    "change_self": (lambda _app: "/staff/account", {"name": "Anna B", "language": "sv"}, "account_changed"),
    "change_password": (
        lambda _app: "/staff/account/password",
        {"password": PASSWORD, "new_password": NEW, "again": NEW},
        "password_changed",
    ),
    "renew_factor": (lambda _app: "/staff/account/second-factor", {"password": PASSWORD}, "second_factor_removed"),
    "renew_codes": (lambda _app: "/staff/account/recovery-codes", {"password": PASSWORD}, "recovery_codes_made"),
    "invite": (
        lambda _app: "/staff/norrby/users",
        {"email": "bo@x.se", "name": "Bo", "role": "editor", "scope": "norrby"},
        "invited",
    ),
    "give_role": (_user("/role"), {"scope": "norrby", "role": "publisher"}, "role_given"),
    "disable": (_user("/disable"), {}, "account_disabled"),
    "enable": (_user("/enable"), {}, "account_enabled"),
    "reset_factor": (_user("/factor"), {}, "second_factor_removed"),
    "new_password": (_user("/password"), {}, "password_link_made"),
    "end_sessions": (_user("/sessions"), {}, "sessions_ended"),
}
ELSEWHERE = {
    *("enter", "give_code", "set_factor", "accept", "provider", "withdraw", "end_session"),  # here or in test_door
    *("ignore_gaps", "settle_gap", "send_gap", "add_phrasing", "keep_phrasing"),  # in test_gaps, test_following
    "handle_message",  # in test_staff_messages
    *("confirm_answer", "confirm_meaning"),  # in test_staff_freshness
    "fact_right",  # in test_fact
    *("upload_sheet", "import_sheet"),  # in test_spreadsheet
    *("decide", "test_mail"),  # in test_staff_settings
    *("discard_draft", "publish", "remove_own", "restore", "save_draft", "settle", "still_right"),  # in test_editor
    *("discard_record", "publish_record", "remove_record", "restore_record", "save_record"),  # in test_record
    *("look", "look_record"),  # keep nothing: they show what a draft would do
    "language",  # of this browser alone; nothing is kept
}


def test_every_write_is_tried_here_or_elsewhere() -> None:
    assert {route.endpoint for route in ROUTES if route.method == "POST"} == set(WRITES) | ELSEWHERE


@pytest.mark.parametrize(("path", "data", "action"), WRITES.values(), ids=WRITES)
def test_a_write_leaves_one_row(
    app: Flask, admin: Browser, path: Callable[[Flask], str], data: dict[str, str], action: str
) -> None:
    before = count_deeds(app)
    assert admin.post(path(app), data).status_code in (200, 303)
    assert (count_deeds(app) - before, deeds(app)[-1]) == (1, action)


@pytest.mark.parametrize(("path", "data", "action"), WRITES.values(), ids=WRITES)
def test_a_write_that_cannot_be_noted_changes_nothing(
    app: Flask, admin: Browser, path: Callable[[Flask], str], data: dict[str, str], action: str
) -> None:
    store, where = service_of(app).store, path(app)
    with store.writing() as connection:
        connection.execute(text("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"))

    def state() -> list[list[tuple[object, ...]]]:
        tables = ("accounts", "grants", "invitations", "sessions", "recovery_codes", "audit")
        with store.reading() as connection:
            found = [connection.execute(text(f"SELECT * FROM {name}")).fetchall() for name in tables]  # noqa: S608
        return [sorted(map(repr, rows)) for rows in found]

    before = state()
    answer = admin.post(where, data)
    assert answer.status_code == 503, action
    assert state() == before
    if "name" in data:
        assert f'value="{data["name"]}"' in answer.text, "what was typed can be sent again"


def test_the_record_is_shown_filtered_and_in_pages(app: Flask, admin: Browser) -> None:
    for _ in range(audit.PAGE + 1):
        admin.post("/staff/account", {"name": "Anna & Co", "language": "sv"})
    page = admin.get("/staff/norrby/audit").text
    assert "Anna &amp; Co" in page
    assert "Sida 1 av 2" in page
    assert admin.get("/staff/norrby/audit?page=2").text.count("<tr>") == 3
    assert "loggade in" in admin.get("/staff/norrby/audit?action=sign_in").text
    assert "Ingen rad passar" in admin.get("/staff/norrby/audit?words=%25").text


@pytest.mark.parametrize("number", ["-1", "0", "1e9", "999999999999999999999", "x", "", "٣", "1;2"])
def test_123_a_page_that_is_not_there_is_the_nearest(admin: Browser, number: str) -> None:
    assert admin.get("/staff/norrby/audit", query_string={"page": number, "limit": "1000000000"}).status_code == 200


# names and addresses


@pytest.mark.parametrize(
    "address", ["a@b", "", "a b@c.se", "a@b@c.se", "@x.se", "x" * 250 + "@y.se", "a@b.se\r\nX: y", "<a@b.se>"]
)
def test_addresses_are_plain(address: str) -> None:
    assert read_email(address) is None or address == "a@b"


def test_names_are_one_line() -> None:
    assert read_name("  Åsa \n Öberg ") == "Åsa Öberg"
    assert [read_name(bad) for bad in ("", " ", "x" * 101, "a\x00b", "a\u202eb")] == [None] * 5
