"""hemvist user: who may sign in to the pages of staff, and what they may do. The first administrator is made here."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import click
from sqlalchemy.exc import IntegrityError

from bot import LANGUAGES, Language, Municipality, load_as_asked
from web.cli import Unusable, operator
from web.people import ROLES, Account, Invitation, Role, all_scopes, read_email, read_name
from web.settings import Settings, read_settings
from web.signing import secrets_of
from web.staff import passwords
from web.staff.audit import Actor, Writing, recorded
from web.staff.service import Keys, new_token
from web.staff.users import INVITED_FOR
from web.store import accounts, signing_in
from web.store.access import Store
from web.store.errors import StoreError

SCOPE_HELP: Final = "Where: a municipality's id, group:<id>, or * for everywhere."


@dataclass(frozen=True, slots=True)
class Office:
    """What a command works with."""

    settings: Settings
    store: Store

    @property
    def known(self) -> Mapping[str, Municipality]:
        """The municipalities that there are."""
        return load_as_asked(self.settings.knowledge).municipalities

    @contextmanager
    def doing(self, action: str, about: str, scope: str | None = None) -> Iterator[Writing]:
        """Give what to write by, and note it in the audit."""
        actor = Actor(None, operator("user"))
        with recorded(self.store, actor, datetime.now(UTC), action, scope=scope, about=about) as writing:
            yield writing

    def account(self, email: str) -> Account:
        """Return the account of an address; raises Unusable."""
        with self.store.reading() as connection:
            found = accounts.find_by_email(connection, email.strip().lower())
        if found is None:
            raise Unusable([f"{email}: there is no account with this address; hemvist user list shows them"])
        return found


@click.group()
@click.pass_context
def command(context: click.Context) -> None:
    """Say who may sign in to the pages of staff, and what they may do."""
    settings = read_settings(os.environ)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    context.obj = Office(settings, Store(settings))


@command.command()
@click.argument("email")
@click.option("--name", required=True, help="What colleagues read.")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--scope", required=True, help=SCOPE_HELP)
@click.option("--language", type=click.Choice(LANGUAGES), default="sv", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of the input; else ask.")
@click.option("--break-glass", is_flag=True, help="The one account whose password counts beside an identity provider.")
@click.pass_obj
def add(
    office: Office,
    email: str,
    name: str,
    role: Role,
    scope: str,
    language: Language,
    *,
    password_stdin: bool,
    break_glass: bool,
) -> None:
    """Make an account. The password is asked for, and never an argument that others could read."""
    address, person = _read_person(email, name)
    _check_scope(office, scope)
    password = _read_password(password_stdin=password_stdin)
    if weak := passwords.weakness(password, [address, person]):
        raise Unusable([weak])
    values = {"password_hash": passwords.hash_password(password), "break_glass": break_glass}
    try:
        with office.doing("account_made", address, scope) as writing:
            _refuse_second_break_glass(writing, wanted=break_glass)
            number = accounts.add(writing.connection, address, person, language, writing.at, **values)
            accounts.give(writing.connection, number, scope, role)
            writing.detail.update(role=role, break_glass=break_glass)
    except StoreError as error:
        if isinstance(error.__cause__, IntegrityError):
            raise Unusable([f"{address}: has an account already; hemvist user role gives it a role"]) from error
        raise
    click.echo(f"{address} is {role} in {scope}")


@command.command()
@click.argument("email")
@click.option("--name", required=True, help="What colleagues read.")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--scope", required=True, help=SCOPE_HELP)
@click.option("--language", type=click.Choice(LANGUAGES), default="sv", show_default=True)
@click.option("--address", metavar="URL", help="Where the server is for staff, such as https://chat.example.se.")
@click.pass_obj
def invite(
    office: Office, email: str, name: str, role: Role, scope: str, language: Language, address: str | None
) -> None:
    """Print a link that makes an account, once, within 72 hours."""
    to, person = _read_person(email, name)
    _check_scope(office, scope)
    settings, token, at = office.settings, new_token(), datetime.now(UTC)
    keys = Keys(secrets_of(settings))
    invitation = Invitation(0, to, person, language, scope, role, at + INVITED_FOR)
    with office.doing("invited", to, scope) as writing:
        if accounts.find_by_email(writing.connection, to):
            raise Unusable([f"{to}: has an account already; hemvist user role gives it a role"])
        accounts.invite(writing.connection, keys.hashed("invitation", token), "hemvist user", at, invitation)
        writing.detail["role"] = role
    where = (address or f"http://{settings.host}:{settings.port}").rstrip("/")
    click.echo(f"{where}/staff/invitation?token={token}")


@command.command(name="list")
@click.pass_obj
def list_(office: Office) -> None:
    """Print every account: address, name, roles, and what is special about it."""
    with office.store.reading() as connection:
        found = accounts.listed(connection)
        kept = {account.id: accounts.secrets_of(connection, account.id)[1] for account in found if account.has_totp}
    known = secrets_of(office.settings)
    keys = Keys(known)
    for account in found:
        roles = ", ".join(f"{grant.role} in {grant.scope}" for grant in account.grants) or "no role"
        marks = {
            "disabled": account.is_disabled,
            "second factor": account.has_totp,
            "needs an older HEMVIST_SECRET_KEY until the next sign-in": len(known) > 1
            and account.has_totp
            and not keys.is_sealed(kept[account.id] or "", account.email),
            "break-glass": account.break_glass,
        }
        said = "".join(f"; {mark}" for mark, holds in marks.items() if holds)
        click.echo(f"{account.email}  {account.name}  {roles}{said}")


@command.command()
@click.argument("email")
@click.argument("role", type=click.Choice([*ROLES, "none"]))
@click.option("--scope", required=True, help=SCOPE_HELP)
@click.pass_obj
def role(office: Office, email: str, role: str, scope: str) -> None:
    """Give a role in a scope instead of the one there, or take it away (none)."""
    account = office.account(email)
    given = next((one for one in ROLES if one == role), None)
    if given:
        _check_scope(office, scope)
    with office.doing("role_given" if given else "role_taken", account.email, scope) as writing:
        writing.detail["before"] = next((grant.role for grant in account.grants if grant.scope == scope), None)
        if given:
            accounts.give(writing.connection, account.id, scope, given)
            writing.detail["role"] = given
        else:
            accounts.take(writing.connection, account.id, scope)
    click.echo(f"{account.email}: {role} in {scope}")


@command.command()
@click.argument("email")
@click.pass_obj
def disable(office: Office, email: str) -> None:
    """Shut an account, and end its sessions at once."""
    account = office.account(email)
    with office.doing("account_disabled", account.email) as writing:
        accounts.change(writing.connection, account.id, disabled_at=writing.at)
        ended = signing_in.end_all(writing.connection, account.id)
        writing.detail["sessions_ended"] = ended
    click.echo(f"{account.email} can no longer sign in; {ended} sessions ended")


@command.command()
@click.argument("email")
@click.pass_obj
def enable(office: Office, email: str) -> None:
    """Open an account again."""
    account = office.account(email)
    with office.doing("account_enabled", account.email) as writing:
        accounts.change(writing.connection, account.id, disabled_at=None)
    click.echo(f"{account.email} can sign in again")


@command.command(name="sign-out")
@click.argument("email")
@click.pass_obj
def sign_out(office: Office, email: str) -> None:
    """End every session of an account."""
    account = office.account(email)
    with office.doing("sessions_ended", account.email) as writing:
        ended = signing_in.end_all(writing.connection, account.id)
        writing.detail["sessions_ended"] = ended
    click.echo(f"{account.email}: {ended} sessions ended")


@command.command(name="reset-password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of the input; else ask.")
@click.pass_obj
def reset_password(office: Office, email: str, *, password_stdin: bool) -> None:
    """Set a new password for somebody who forgot it, and end their sessions."""
    account = office.account(email)
    password = _read_password(password_stdin=password_stdin)
    if weak := passwords.weakness(password, [account.email, account.name]):
        raise Unusable([weak])
    kept = passwords.hash_password(password)
    with office.doing("password_changed", account.email) as writing:
        accounts.change(writing.connection, account.id, password_hash=kept)
        signing_in.end_all(writing.connection, account.id)
    click.echo(f"{account.email} has a new password")


@command.command(name="reset-totp")
@click.argument("email")
@click.pass_obj
def reset_totp(office: Office, email: str) -> None:
    """Forget the second factor of somebody who lost it; they set up a new one when they sign in."""
    account = office.account(email)
    with office.doing("second_factor_removed", account.email) as writing:
        accounts.change(writing.connection, account.id, totp_salt=None, totp_step=None)
        accounts.keep_recovery_codes(writing.connection, account.id, [])
        signing_in.end_all(writing.connection, account.id)
    click.echo(f"{account.email} sets up a new second factor at the next sign-in")


def _read_person(email: str, name: str) -> tuple[str, str]:
    address, person = read_email(email), read_name(name)
    problems = [] if address else [f"{email}: is no e-mail address"]
    problems += [] if person else ["--name: write a name of at most 100 characters in one line"]
    if problems or address is None or person is None:
        raise Unusable(problems)
    return address, person


def _check_scope(office: Office, scope: str) -> None:
    scopes = all_scopes(office.known.values())
    if scope not in scopes:
        raise Unusable([f"--scope {scope}: no such place; there are: {', '.join(scopes)}"])


def _read_password(*, password_stdin: bool) -> str:
    if password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _refuse_second_break_glass(writing: Writing, *, wanted: bool) -> None:
    if wanted and accounts.has_break_glass(writing.connection):
        raise Unusable(["--break-glass: there is such an account already, and one is enough; see hemvist user list"])
