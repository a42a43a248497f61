"""Sign in by the identity provider: go there, come back, and be somebody here."""

import logging
from typing import Final

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from web.errors import RequestError, asked_language
from web.frame import origin
from web.people import Account
from web.staff.audit import Actor, recorded
from web.staff.oidc import Begun, Person, Provider, ProviderError
from web.staff.proving import sign_in
from web.staff.service import get_staff, moment
from web.staff.typed import carried, carry, typed_before
from web.store import accounts

LOG: Final = logging.getLogger("hemvist.staff")
UNDER_WAY: Final = "provider"


def begin() -> ResponseReturnValue:
    """Send the browser to the provider."""
    try:
        address, begun = _provider().begin(_come_back())
    except ProviderError as error:
        raise _refused(error) from error
    session[UNDER_WAY] = [begun.state, begun.nonce, begun.verifier]
    carry(typed_before())
    return redirect(address, 303)


def come_back() -> ResponseReturnValue:
    """Take whom the provider names, where there is a role for them here."""
    remembered, typed = session.pop(UNDER_WAY, None), carried()
    begun = Begun(*remembered) if remembered else None
    try:
        person = _provider().finish(_come_back(), begun, request.args)
    except ProviderError as error:
        raise _refused(error) from error
    account = _known(person)
    if account is None or account.is_disabled or not account.grants:
        LOG.warning("somebody whom the identity provider knows has no account or no role here")
        raise RequestError("sign_in_failed")
    sign_in(account, is_whole=True, by_provider=True, way="identity provider")
    return typed.go_on()


def _known(person: Person) -> Account | None:
    """Return the account of `person`, linked or made, with the roles that the provider gives.

    An account made here by e-mail address is linked the first time to whom the provider names by that address; after
    that only to the same person. One that is linked is never taken over by another with its address.
    """
    service = get_staff()
    with service.store.reading() as connection:
        found = accounts.find_by_subject(connection, person.subject)
        by_email = accounts.find_by_email(connection, person.email) if person.email else None
        is_free = by_email is not None and not accounts.is_linked(connection, by_email.id) and not by_email.break_glass
    account = found or (by_email if is_free else None)
    gives = _provider().gives_roles
    if account and account.is_disabled:
        return account
    if account is None and (not gives or not person.grants or not person.email or by_email):
        return None
    if found and not gives:
        return found
    actor = Actor(account.id if account else None, person.email or "identity provider")
    with recorded(service.store, actor, moment(), "roles_provided", about=person.email or person.name) as writing:
        number = account.id if account else _add(writing.connection, person)
        accounts.change(writing.connection, number, subject=person.subject)
        if gives:
            accounts.replace_provided(writing.connection, number, person.grants)
        writing.detail["roles"] = {grant.scope: grant.role for grant in person.grants}
        return accounts.find(writing.connection, number)


def _add(connection: Connection, person: Person) -> int:
    return accounts.add(connection, person.email or "", person.name, asked_language(), moment())


def _provider() -> Provider:
    found = get_staff().provider
    if found is None:
        raise RequestError("not_found")
    return found


def _come_back() -> str:
    return origin() + url_for("staff.provided")


def _refused(error: ProviderError) -> RequestError:
    LOG.warning("the identity provider did not let somebody in: %s", error)
    return RequestError("sign_in_failed")
