"""Accounts, sessions, tries and the audit as rows, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from members import NOON
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from web.people import Grant, Invitation
from web.settings import Settings
from web.staff.audit import Actor, recorded
from web.store import accounts, audit, signing_in
from web.store.access import Store
from web.store.errors import StoreError

ROOT = Path(__file__).parent.parent
ANNA = Actor(1, "anna@norrby.example")
HOUR = timedelta(hours=1)


@pytest.fixture
def store(store_settings: Settings) -> Iterator[Store]:
    return Store(store_settings)


def add(store: Store, email: str = "anna@norrby.example", *grants: tuple[str, str]) -> int:
    with store.writing() as connection:
        number = accounts.add(connection, email, email.split("@")[0], "sv", NOON)
        for scope, role in grants:
            accounts.give(connection, number, scope, role)
    return number


def test_an_account_comes_back_as_it_was_kept(store: Store) -> None:
    number = add(store, "anna@norrby.example", ("norrby", "editor"), ("group:trebygden", "viewer"))
    with store.reading() as connection:
        found = accounts.find_by_email(connection, "anna@norrby.example")
        assert accounts.find(connection, number) == found
        assert accounts.find(connection, 99) is None
    assert found.grants == (Grant("group:trebygden", "viewer"), Grant("norrby", "editor"))
    assert (found.has_password, found.has_totp, found.is_disabled, found.signed_in_at) == (False, False, False, None)


def test_an_address_has_one_account(store: Store) -> None:
    add(store)
    with pytest.raises(StoreError) as error:
        add(store)
    assert isinstance(error.value.__cause__, IntegrityError)
    assert "anna" not in str(error.value)


def test_roles_of_the_provider_replace_each_other_and_leave_ours(store: Store) -> None:
    number = add(store, "anna@norrby.example", ("norrby", "viewer"))
    for grants in ([Grant("*", "admin"), Grant("ostby", "editor")], [Grant("soderby", "editor")]):
        with store.writing() as connection:
            accounts.replace_provided(connection, number, grants)
            found = accounts.find(connection, number)
    assert found.grants == (Grant("norrby", "viewer"), Grant("soderby", "editor", "oidc"))


def test_an_invitation_is_used_once_and_ends(store: Store) -> None:
    until = NOON + timedelta(hours=72)
    with store.writing() as connection:
        for key in ("a", "b"):
            accounts.invite(connection, key, "x", NOON, Invitation(0, "e@x.se", "E", "sv", "norrby", "editor", until))
    with store.writing() as connection:
        assert accounts.open_invitation(connection, ["a"], NOON) is None, "the newer one ends it"
        found = accounts.open_invitation(connection, ["b"], NOON)
        assert accounts.open_invitation(connection, ["b"], until) is None
        assert [accounts.use_invitation(connection, found.id, NOON) for _ in range(2)] == [True, False]
        assert accounts.open_invitation(connection, ["b"], NOON) is None


def test_a_step_of_the_second_factor_is_used_once_and_never_an_older_one(store: Store) -> None:
    number = add(store)
    with store.writing() as connection:
        assert [accounts.use_step(connection, number, step) for step in (7, 7, 6, 8)] == [True, False, False, True]


def test_many_tries_at_once_are_all_counted(store: Store) -> None:
    with store.reading():
        pass

    def attempt(_number: int) -> bool:
        with store.writing() as connection:
            return not signing_in.attempt(connection, {"key": 5}, NOON).wait

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(12))) == 5


def test_a_shared_key_is_forgiven_one_failure(store: Store) -> None:
    for _ in range(20):
        with store.writing() as connection:
            assert not signing_in.attempt(connection, {"own": 5, "shared": 5}, NOON).wait
            signing_in.forgive(connection, ["own"], ["shared"])


def test_sessions_end_with_their_account_or_alone(store: Store) -> None:
    number, other = add(store), add(store, "bo@norrby.example")
    with store.writing() as connection:
        for key, account in (("a", number), ("b", number), ("c", other)):
            signing_in.begin(connection, account, key, "Firefox", NOON, is_whole=True, by_provider=False)
        first = signing_in.open_session(connection, ["a"], NOON, HOUR, HOUR)[0]
        assert signing_in.end_all(connection, number, but=first.id) == 1
        assert not signing_in.end(connection, other, first.id)
        assert signing_in.end(connection, number, first.id)
        assert signing_in.open_session(connection, ["c"], NOON, HOUR, HOUR) is not None


# the audit


def did(store: Store, action: str, scope: str | None = "norrby", about: str | None = None, by: Actor = ANNA) -> None:
    with recorded(store, by, NOON, action, scope=scope, about=about):
        pass


def rows(store: Store, wanted: audit.Wanted, page: int = 1) -> list[audit.Deed]:
    with store.reading() as connection:
        return audit.page(connection, wanted, page)


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"])
def test_the_audit_is_neither_changed_nor_emptied(store: Store, change: str) -> None:
    did(store, "sign_in")
    with pytest.raises(StoreError, match="append-only"), store.writing() as connection:
        connection.execute(text(change))
    assert len(rows(store, audit.Wanted(["norrby"]))) == 1


def test_the_audit_is_not_truncated_either(store: Store, database: dict[str, str]) -> None:
    did(store, "sign_in")
    if database:
        with pytest.raises(StoreError, match="append-only"), store.writing() as connection:
            connection.execute(text("TRUNCATE audit"))


def test_a_write_and_its_row_are_kept_together_or_not_at_all(store: Store) -> None:
    def fail() -> None:
        with recorded(store, ANNA, NOON, "account_made") as writing:
            accounts.add(writing.connection, "bo@norrby.example", "Bo", "sv", NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.reading() as connection:
        assert accounts.find_by_email(connection, "bo@norrby.example") is None
    assert rows(store, audit.Wanted(["norrby", "*"])) == []


def test_a_write_that_cannot_be_noted_is_refused(store: Store, database: dict[str, str]) -> None:
    did(store, "sign_in")
    with store.writing() as connection:
        connection.execute(text("ALTER TABLE audit RENAME TO elsewhere"))
    with pytest.raises(StoreError), recorded(store, ANNA, NOON, "account_made") as writing:
        accounts.add(writing.connection, "bo@norrby.example", "Bo", "sv", NOON)
    with store.reading() as connection:
        assert accounts.find_by_email(connection, "bo@norrby.example") is None


def test_an_administrator_sees_what_concerns_their_scopes(store: Store) -> None:
    anna = add(store, "anna@norrby.example", ("norrby", "editor"))
    add(store, "bo@ostby.example", ("ostby", "admin"))
    did(store, "sign_in", None, by=Actor(anna, "anna@norrby.example"))
    did(store, "role_given", "ostby")
    did(store, "sign_in", None, by=Actor(2, "bo@ostby.example"))
    did(store, "account_disabled", None, by=Actor(None, "hemvist user (root)"))
    seen = {scope: [deed.actor for deed in rows(store, audit.Wanted([scope]))] for scope in ("norrby", "ostby", "*")}
    assert seen == {
        "norrby": ["anna@norrby.example"],
        "ostby": ["bo@ostby.example", "anna@norrby.example"],
        "*": ["hemvist user (root)"],
    }


@pytest.mark.parametrize("words", ["%", "_", "'", "\\", "100%", "a_b", "O'Hara", "%' OR 1=1 --"])
def test_122_searched_signs_are_meant_as_they_stand(store: Store, words: str) -> None:
    did(store, "invited", about=f"before {words} after")
    did(store, "invited", about="something else altogether, axb, 100 of them, O Hara")
    found = rows(store, audit.Wanted(["norrby"], None, words))
    assert [deed.object for deed in found] == [f"before {words} after"]


def test_pages_hold_fifty_the_newest_first(store: Store) -> None:
    for number in range(audit.PAGE + 3):
        did(store, "invited", about=str(number))
    wanted = audit.Wanted(["norrby"], "invited")
    pages = [[deed.object for deed in rows(store, wanted, page)] for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 3, 0]
    assert pages[0][0] == "52"
    with store.reading() as connection:
        assert audit.count(connection, wanted) == 53
        assert audit.actions(connection, wanted) == ["invited"]


def test_only_the_audit_and_the_door_write() -> None:
    """A view that gets its connection elsewhere could change something without a row; `proof` notes what a deed did,
    and `hemvist backup` writes nothing but such a row."""
    allowed = {"web/staff/audit.py", "web/staff/proof.py", "web/staff/proving.py", "web/staff/session.py"}
    allowed.add("web/commands/backup.py")
    writers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("web/staff", "web/commands")
        for path in (ROOT / folder).glob("*.py")
        if ".writing()" in path.read_text(encoding="utf-8")
    }
    assert writers == allowed
