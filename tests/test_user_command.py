"""hemvist user: the first administrator, and what the operator does when somebody is locked out."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from members import PASSWORD

from web.cli import Unusable, cli
from web.settings import Settings
from web.store import accounts, audit
from web.store.access import Store

ANNA = ("--name", "Anna Berg", "--role", "admin", "--scope", "norrby")


@pytest.fixture
def run(store_settings: Settings, database: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `hemvist user` with these arguments and this input."""
    monkeypatch.setenv("HEMVIST_KNOWLEDGE", str(store_settings.knowledge))
    monkeypatch.setenv("HEMVIST_DATA", str(store_settings.data))
    monkeypatch.setenv("HEMVIST_SECRET_KEY", ",".join(store_settings.secret_key))
    monkeypatch.setenv("HEMVIST_MESSAGE_KEY", ",".join(store_settings.message_key))
    for name, value in database.items():
        monkeypatch.setenv(name, value)
    return lambda *given, typed="": CliRunner().invoke(cli, ["user", *given], input=typed)


@pytest.fixture
def anna(run: Callable[..., Result]) -> Result:
    found = run("add", "Anna@Norrby.example", *ANNA, "--password-stdin", typed=f"{PASSWORD}\n")
    assert found.exit_code == 0, found.output
    return found


def told(result: Result) -> str:
    return str(result.exception) if isinstance(result.exception, Unusable) else result.output


def test_the_first_administrator_is_made_here(run: Callable[..., Result], anna: Result) -> None:
    assert "anna@norrby.example is admin in norrby" in anna.output
    assert "anna@norrby.example  Anna Berg  admin in norrby" in run("list").output


def test_a_password_is_asked_for_twice_and_not_shown(run: Callable[..., Result]) -> None:
    found = run("add", "bo@norrby.example", *ANNA, typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert found.exit_code == 0
    assert PASSWORD not in found.output


REFUSED = {
    "no address": ("bo", ANNA, PASSWORD, "is no e-mail address"),
    "no scope": ("bo@x.se", (*ANNA[:-1], "nowhere"), PASSWORD, "group:trebygden, *"),
    "weak": ("bo@x.se", ANNA, "password1234", "easy to guess"),
    "empty": ("bo@x.se", ANNA, "", "at least 12"),
    "twice": ("anna@norrby.example", ANNA, PASSWORD, "has an account already"),
}


@pytest.mark.parametrize(("email", "given", "password", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_said_in_a_line(
    run: Callable[..., Result], anna: Result, email: str, given: tuple[str, ...], password: str, why: str
) -> None:
    found = run("add", email, *given, "--password-stdin", typed=f"{password}\n")
    assert found.exit_code != 0
    assert why in told(found)


def test_there_is_one_account_for_emergencies(run: Callable[..., Result]) -> None:
    first = run("add", "a@x.se", *ANNA, "--break-glass", "--password-stdin", typed=f"{PASSWORD}\n")
    second = run("add", "b@x.se", *ANNA, "--break-glass", "--password-stdin", typed=f"{PASSWORD}\n")
    assert (first.exit_code, "one is enough" in told(second)) == (0, True)
    assert "break-glass" in run("list").output


def test_an_invitation_is_a_link(run: Callable[..., Result]) -> None:
    found = run("invite", "bo@norrby.example", *ANNA, "--address", "https://chat.example.se/")
    assert found.output.startswith("https://chat.example.se/staff/invitation?token=")


def test_everything_is_noted_and_done(run: Callable[..., Result], anna: Result, store_settings: Settings) -> None:
    steps = [
        ("role", "anna@norrby.example", "viewer", "--scope", "ostby"),
        ("role", "anna@norrby.example", "none", "--scope", "norrby"),
        ("disable", "anna@norrby.example"),
        ("enable", "anna@norrby.example"),
        ("sign-out", "anna@norrby.example"),
        ("reset-totp", "anna@norrby.example"),
    ]
    assert [run(*step).exit_code for step in steps] == [0] * len(steps)
    new = run("reset-password", "anna@norrby.example", "--password-stdin", typed="helt andra ord om havet\n")
    assert new.exit_code == 0
    with Store(store_settings).reading() as connection:
        found = accounts.find_by_email(connection, "anna@norrby.example")
        noted = [deed.action for deed in audit.page(connection, audit.Wanted(["*", "norrby", "ostby"]), 1)]
        actor = audit.page(connection, audit.Wanted(["norrby"]), 1)[0].actor
    assert [(grant.scope, grant.role) for grant in found.grants] == [("ostby", "viewer")]
    assert noted[::-1] == [
        "account_made",
        "role_given",
        "role_taken",
        "account_disabled",
        "account_enabled",
        "sessions_ended",
        "second_factor_removed",
        "password_changed",
    ]
    assert actor.startswith("hemvist user (")


@pytest.mark.parametrize("command", ["disable", "enable", "sign-out", "reset-totp"])
def test_an_unknown_account_is_said(run: Callable[..., Result], command: str) -> None:
    assert "no account with this address" in told(run(command, "nobody@x.se"))


def test_a_password_is_never_an_argument() -> None:
    group = cli.get_command(cli.make_context("hemvist", [], resilient_parsing=True), "user")
    names = {option for command in group.commands.values() for one in command.params for option in one.opts}
    assert {name for name in names if "password" in name} == {"--password-stdin"}
