"""Mail: what a message becomes, and how it reaches a real server that refuses, is killed and comes back."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from mailserver import MailServer, mail_server
from sqlalchemy import Engine

from bot import Municipality, load
from web.delivery import Delivery, Pace, Tally
from web.desk import Desk
from web.letters import Envelope, Letter, envelope
from web.limits import OtherRequestError
from web.mail import RefusedError, compose
from web.sealing import Seal, open_seal
from web.settings import Settings, read_settings
from web.store.messages import claim, find, listed, mark_handled
from web.ticking import TickError, tick

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)  # a Tuesday: on Mondays owners are written to as well
MAILBOX = "inflyttning@norrby.example"
LETTER = Letter(
    "norrby", "en", "housing", "Hello,\nwe move in March.", "Anna", "anna@post.example", "+48 22 123", False
)
PACE = Pace()


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def settings(store_settings: Settings, server: MailServer, database: dict[str, str], official: Path) -> Settings:
    given = {
        "HEMVIST_KNOWLEDGE": str(official),
        "HEMVIST_DATA": str(store_settings.data),
        "HEMVIST_SECRET_KEY": "Vq3-" * 12,
        "HEMVIST_MESSAGE_KEY": "Wq4-" * 12,
        "HEMVIST_SMTP_URL": f"smtp+plain://127.0.0.1:{server.port}",
        "HEMVIST_MAIL_FROM": "hemvist@norrby.example",
    }
    return read_settings({**given, **database})


@pytest.fixture
def official(knowledge_folder: Path) -> Path:
    """Knowledge in which Norrby stands behind the service and has a mailbox."""
    path = knowledge_folder / "municipalities" / "norrby" / "municipality.yaml"
    text = path.read_text("utf-8").replace("official: false", "official: true")
    path.write_text(f"{text}mailbox: {MAILBOX}\n", "utf-8")
    return knowledge_folder


@pytest.fixture
def municipalities(official: Path) -> dict[str, Municipality]:
    return dict(load(official).municipalities)


@pytest.fixture
def desk(settings: Settings, municipalities: dict[str, Municipality], engine: Engine) -> Iterator[Desk]:
    """A desk that takes messages in and leaves the mail to whoever delivers."""
    made = Desk(settings, open_seal(settings), ["secret"], lambda: municipalities)
    made._rouse = lambda: None  # type: ignore[method-assign]
    yield made
    made.close()


@pytest.fixture
def deliver(settings: Settings, engine: Engine, municipalities: dict[str, Municipality]) -> Callable[..., Tally]:
    def begin(now: datetime = NOW, pace: Pace = PACE) -> Tally:
        return Delivery(settings, open_seal(settings), pace).deliver(engine, municipalities, lambda: now)

    return begin


def states(engine: Engine) -> list[tuple[str, int]]:
    return [(row.state, row.tries) for row in listed(engine)]


# what is mailed


def sent(letter: Letter = LETTER, **row: Any) -> Envelope:
    given = {"id": "7K3MX-9QXTA", "mail_id": "<7k3mx-9qxta.ab@norrby.example>", "at": NOW, **row}
    return envelope(letter, type("Row", (), given)(), MAILBOX, ZoneInfo("Europe/Stockholm"))


def test_mail_says_who_wrote_what_and_how_to_answer() -> None:
    mail = compose(sent(), "hemvist@norrby.example")
    assert mail["Subject"] == "Meddelande 7K3MX-9QXTA: Bostad och tomt"
    assert mail["To"] == MAILBOX
    assert mail["From"] == "Hemvist <hemvist@norrby.example>"
    assert mail["Reply-To"] == "anna@post.example"
    assert mail["Message-ID"] == "<7k3mx-9qxta.ab@norrby.example>"
    text = mail.get_content()
    for part in (
        "Svara på: English",
        "Namn: Anna",
        "Telefon: +48 22 123",
        "24 november 2026 10:00",
        "we move in March.",
    ):
        assert part in text


def test_mail_is_the_same_each_time() -> None:
    assert bytes(compose(sent(), "a@norrby.example")) == bytes(compose(sent(), "a@norrby.example"))


def test_danger_stands_in_the_subject_and_at_the_top() -> None:
    mail = compose(sent(replace(LETTER, is_danger=True)), "a@norrby.example")
    assert mail["Subject"].startswith("Läs först: ")
    assert mail.get_content().startswith("Meddelandet innehåller ord om fara.")


HOSTILE = {
    "name": {"name": "Anna\r\nBcc: all@evil.example"},
    "message": {"message": "Hi\r\nBcc: all@evil.example\r\n\r\n.\r\nMAIL FROM:<x@evil.example>"},
    "e-mail": {"email": "anna@post.example\r\nBcc: all@evil.example"},
    "topic": {"topic": "x\r\nBcc: all@evil.example"},
}


@pytest.mark.parametrize("changed", HOSTILE.values(), ids=HOSTILE)
def test_no_word_of_a_visitor_becomes_a_header(changed: dict[str, str]) -> None:
    """The form refuses most of these; were one kept all the same, it would still be harmless or not be mailed."""
    try:
        mail = compose(sent(replace(LETTER, **changed)), "a@norrby.example")
    except RefusedError:
        return
    head = bytes(mail).partition(b"\r\n\r\n")[0]
    assert b"evil" not in head
    assert mail["Bcc"] is None


def test_sender_that_cannot_be_answered_stands_in_the_text() -> None:
    mail = compose(sent(replace(LETTER, email="åsa@post.example")), "a@norrby.example")
    assert mail["Reply-To"] is None
    assert "åsa@post.example" in mail.get_content()


# how it gets there


def test_message_arrives_as_it_was_written(desk: Desk, deliver: Callable[..., Tally], server: MailServer) -> None:
    receipt = desk.take(LETTER, None, NOW)
    assert deliver() == Tally(1, ())
    (mail,) = server.taken
    assert server.recipients == [MAILBOX]
    assert "we move in March." in mail.get_content()
    assert receipt.number in mail["Subject"]
    assert deliver() == Tally(0, ())


def test_desk_mails_by_itself(
    settings: Settings, municipalities: dict[str, Municipality], server: MailServer, engine: Engine
) -> None:
    arrived = threading.Event()
    server.on_taken = arrived.set
    desk = Desk(settings, open_seal(settings), ["secret"], lambda: municipalities)
    desk.take(LETTER, None, datetime.now(UTC))
    assert arrived.wait(20)
    desk.close(20)
    assert states(engine) == [("sent", 1)]


def test_server_that_is_down_is_asked_again_until_the_mail_is_there(
    desk: Desk, deliver: Callable[..., Tally], server: MailServer, engine: Engine
) -> None:
    server.kill()
    desk.take(LETTER, None, NOW)
    assert deliver().sent == 0
    assert states(engine) == [("waiting", 1)]
    assert deliver(NOW + timedelta(seconds=59)).troubles == ()  # not yet
    assert deliver(NOW + timedelta(seconds=61)).troubles[0].startswith("the mail server cannot be reached")
    server.start()
    assert deliver(NOW + timedelta(minutes=4)).sent == 1
    assert states(engine) == [("sent", 3)]


def test_server_killed_while_it_takes_a_mail_gets_it_again_under_the_same_id(
    desk: Desk, deliver: Callable[..., Tally], server: MailServer, engine: Engine
) -> None:
    desk.take(LETTER, None, NOW)
    server.delay = 60
    killer = threading.Thread(target=server.kill)
    server.on_taken = killer.start
    assert deliver().sent == 0
    killer.join(20)
    server.delay, server.on_taken = 0, lambda: None
    server.start()
    assert deliver(NOW + timedelta(minutes=2)).sent == 1
    assert len(server.ids) == 2
    assert len(set(server.ids)) == 1


def test_mailbox_that_refuses_loses_nothing_and_is_told(
    desk: Desk, deliver: Callable[..., Tally], server: MailServer, engine: Engine
) -> None:
    server.answers["recipient"] = "550 5.1.1 No such mailbox"
    for _ in range(2):
        desk.take(LETTER, None, NOW)
    assert deliver() == Tally(0, ("550 5.1.1 No such mailbox",))
    assert states(engine) == [("refused", 1), ("refused", 1)]
    assert deliver(NOW + timedelta(hours=23)).troubles == ()
    server.answers["recipient"] = "250 OK"
    assert deliver(NOW + timedelta(hours=25)).sent == 2


def test_mail_that_is_put_off_does_not_keep_the_others_waiting(
    desk: Desk, deliver: Callable[..., Tally], server: MailServer, engine: Engine
) -> None:
    server.answers["mail"] = "451 4.7.1 Greylisted"
    for _ in range(3):
        desk.take(LETTER, None, NOW)
    assert deliver() == Tally(0, ("451 4.7.1 Greylisted",))
    assert states(engine) == [("waiting", 1)] * 3
    server.answers["mail"] = "250 OK"
    assert deliver(NOW + timedelta(minutes=2)).sent == 3


def test_waiting_grows_and_has_an_end() -> None:
    waits = [PACE.after(tries).total_seconds() / 60 for tries in (1, 2, 3, 6, 7, 8, 4_000)]
    assert waits == [1, 2, 4, 32, 60, 60, 60]


def test_two_processes_never_mail_the_same(desk: Desk, engine: Engine) -> None:
    numbers = {desk.take(LETTER, None, NOW).number for _ in range(2)}
    until = NOW + timedelta(minutes=5)
    taken = [claim(engine, holder, NOW, until, ["norrby"]) for holder in ("a", "b", "c")]
    assert {row.id for row in taken if row} == numbers
    assert taken[2] is None


def test_message_of_a_process_that_died_is_free_again(
    desk: Desk, deliver: Callable[..., Tally], engine: Engine, server: MailServer
) -> None:
    desk.take(LETTER, None, NOW)
    assert claim(engine, "dead", NOW, NOW + PACE.hold, ["norrby"])
    assert deliver(NOW + PACE.hold - timedelta(seconds=1)).sent == 0
    assert deliver(NOW + PACE.hold).sent == 1


def test_many_deliver_at_once_and_each_mail_goes_once(
    desk: Desk, deliver: Callable[..., Tally], server: MailServer
) -> None:
    for _ in range(20):
        desk.take(LETTER, None, NOW)
    workers = [threading.Thread(target=deliver) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert len(server.ids) == len(set(server.ids)) == 20


# where nothing is mailed


@pytest.mark.parametrize("reason", ["demonstration", "no mailbox", "no server"])
def test_without_a_way_messages_stand_in_the_list_alone(
    settings: Settings, municipalities: dict[str, Municipality], server: MailServer, engine: Engine, reason: str
) -> None:
    norrby = municipalities["norrby"]
    if reason == "demonstration":
        municipalities["norrby"] = replace(norrby, official=False)
    if reason == "no mailbox":
        municipalities["norrby"] = replace(norrby, mailbox=None)
    if reason == "no server":
        settings = replace(settings, smtp_url=None)
    desk = Desk(settings, open_seal(settings), ["secret"], lambda: municipalities)
    assert not desk.take(LETTER, None, NOW).is_mailed
    desk.close()
    municipalities["norrby"] = norrby  # what was written to a demonstration is not mailed later
    assert Delivery(settings, open_seal(settings)).deliver(engine, municipalities, lambda: NOW) == Tally(0, ())
    assert (states(engine), server.taken) == ([("listed", 0)], [])


def test_demonstration_is_mailed_where_the_operator_says_so(
    settings: Settings, municipalities: dict[str, Municipality]
) -> None:
    municipalities["norrby"] = replace(municipalities["norrby"], official=False)
    desk = Desk(replace(settings, mail_demonstrations=True), Seal(["k" * 32]), ["secret"], lambda: municipalities)
    assert desk.is_mailed(municipalities["norrby"])


# once


def test_same_request_is_one_message(desk: Desk, engine: Engine) -> None:
    receipts = {desk.take(LETTER, "key", NOW) for _ in range(3)}
    assert len(receipts) == len(listed(engine)) == 1
    assert desk.take(LETTER, "other", NOW) not in receipts


def test_same_key_with_other_words_is_told(desk: Desk, engine: Engine) -> None:
    desk.take(LETTER, "key", NOW)
    with pytest.raises(OtherRequestError):
        desk.take(replace(LETTER, message="Other"), "key", NOW)
    assert len(listed(engine)) == 1


# the tick


def test_tick_mails_what_waits_and_tells_what_is_in_the_way(
    desk: Desk, settings: Settings, server: MailServer, engine: Engine
) -> None:
    desk.take(LETTER, None, NOW)
    server.kill()
    with pytest.raises(TickError, match="mail: the mail server cannot be reached"):
        tick(settings, NOW)
    server.start()
    tick(settings, NOW + timedelta(minutes=2))
    assert states(engine) == [("sent", 2)]
    assert len(server.taken) == 1


def test_handled_message_is_mailed_no_more(
    desk: Desk, deliver: Callable[..., Tally], server: MailServer, engine: Engine
) -> None:
    number = desk.take(LETTER, None, NOW).number
    mark_handled(engine, number, NOW)
    assert deliver(NOW + timedelta(days=2)) == Tally(0, ())
    assert find(engine, number).handled_at == NOW


def test_message_sealed_under_a_lost_key_waits(
    desk: Desk, settings: Settings, engine: Engine, municipalities: dict[str, Municipality], server: MailServer
) -> None:
    desk.take(LETTER, None, NOW)
    other = Delivery(settings, Seal(["another key " * 4]))
    tally = other.deliver(engine, municipalities, lambda: NOW)
    assert tally.sent == 0
    assert "HEMVIST_MESSAGE_KEY is not the key" in tally.troubles[0]
    mended = Delivery(settings, Seal(["another key " * 4, *settings.message_key]))
    assert mended.deliver(engine, municipalities, lambda: NOW + timedelta(minutes=2)).sent == 1
