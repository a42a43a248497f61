"""Questions without a good answer in the store: which they are, what was decided, and how long their words stay."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select

from web.cli import cli
from web.gap_words import hasher
from web.settings import Settings
from web.store import gaps
from web.store.conversations import forget, write
from web.store.engine import open_engine, reading
from web.store.gap_keeping import drop, keep_longer
from web.store.gap_tables import GapRow, KeptQuestion
from web.store.models import Turn
from web.store.schema import upgrade
from web.store.upkeep import sweep
from web.ticking import tick

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
KEY, OTHER = "a" * 64, "b" * 64


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The second database is for the night."""
    return str(request.param)


@pytest.fixture
def engine(store_settings: Settings) -> Iterator[Engine]:
    made = open_engine(store_settings)
    upgrade(made)
    yield made
    made.dispose()


def ask(engine: Engine, question: str, days: float = 0, **changing: Any) -> None:
    asked = NOON - timedelta(days=days)
    row = {
        "municipality": "norrby", "language": "sv", "key_hash": KEY, "asked_at": asked, "day": asked.date(),
        "kind": "none", "entry": None, "confidence": 0.1, "question": question, "gap": question, **changing,
    }  # fmt: skip
    write(engine, [row], [], {})


def think(engine: Engine, entry: str | None, *, helpful: bool = False, **changing: Any) -> None:
    usual = {"municipality": "norrby", "language": "sv", "key_hash": KEY, "entry": entry, "helpful": helpful}
    write(engine, [], [{**usual, "reason": None, "at": NOON, **changing}], {})


def found(engine: Engine, municipality: str = "norrby") -> list[tuple[str, str]]:
    with reading(engine).connect() as connection:
        return [(asked.why, asked.missed) for asked in gaps.questions(connection, municipality)]


def settle(engine: Engine, settings: Settings, text: str, state: gaps.State, at: datetime = NOON) -> int:
    with engine.begin() as connection:
        return gaps.decide(connection, "norrby", hasher(settings)("norrby", text), state, "eva@norrby.example", at)


def words_left(engine: Engine) -> int:
    with reading(engine).connect() as connection:
        turns = connection.scalar(select(func.count()).select_from(Turn).where(Turn.question.is_not(None))) or 0
        return turns + (connection.scalar(select(func.count()).select_from(KeptQuestion)) or 0)


# what counts as no good answer


def test_what_nothing_was_found_for_is_one(engine: Engine) -> None:
    ask(engine, "kan man ha höns")
    ask(engine, "vad kostar en tomt", kind="answer", entry="plots", gap=None)
    ask(engine, "annan kommun", municipality="ostby")
    assert found(engine) == [("none", "kan man ha höns")]


def test_of_a_listing_the_words_that_nothing_took_are_one(engine: Engine) -> None:
    ask(engine, "tomt med brygga", kind="records", entry="plots", gap="brygga")
    ask(engine, "tomt i hällnäs", kind="records", entry="plots", gap="")
    assert found(engine) == [("words", "brygga")]


def test_a_thumb_down_is_on_the_last_question_that_got_that_answer(engine: Engine) -> None:
    for minutes, question in ((30, "vad kostar en tomt"), (20, "tomtpris"), (10, "annat")):
        entry = "move" if question == "annat" else "plots"
        ask(engine, question, minutes / 1440, kind="answer", entry=entry, gap=None)
    ask(engine, "någon annans tomt", 0.001, kind="answer", entry="plots", gap=None, key_hash=OTHER)
    think(engine, "plots")
    think(engine, "move", helpful=True)
    assert found(engine) == [("thumb", "tomtpris")]


def test_none_of_the_choices_is_one(engine: Engine) -> None:
    ask(engine, "simning", 0.01, kind="choices", gap=None)
    ask(engine, "tack", 0.005, kind="answer", entry="plots", gap=None)
    think(engine, None)
    assert found(engine) == [("choices", "simning")]


def test_a_question_with_two_reasons_is_one_question(engine: Engine) -> None:
    ask(engine, "tomt med brygga", kind="records", entry="plots", gap="brygga")
    think(engine, "plots")
    think(engine, "plots", at=NOON + timedelta(seconds=9))
    assert found(engine) == [("words", "brygga")]


# what was decided


def test_a_decision_is_tied_to_the_words(engine: Engine, store_settings: Settings) -> None:
    settle(engine, store_settings, "Kan man ha höns?", "ignored")
    with reading(engine).connect() as connection:
        known = gaps.decided(connection, "norrby")
        assert gaps.decided(connection, "ostby") == {}
    gap = known[hasher(store_settings)("norrby", "höns kan MAN ha")[0]]
    assert (gap.state, gap.by, gap.since) == ("ignored", "eva@norrby.example", NOON)
    assert hasher(store_settings)("ostby", "höns kan man ha")[0] not in known


def test_decisions_that_grow_together_are_one(engine: Engine) -> None:
    with engine.begin() as connection:
        first = gaps.decide(connection, "norrby", ["1", "2"], "ignored", "a", NOON)
        second = gaps.decide(connection, "norrby", ["3"], "drafted", "b", NOON, "plots")
        both = gaps.decide(connection, "norrby", ["1", "2", "3", "4"], "solved", "c", NOON)
        known = gaps.decided(connection, "norrby")
    assert (both, len(known), {gap.id for gap in known.values()}) == (first, 4, {first})
    assert second != first
    with reading(engine).connect() as connection:
        assert connection.scalar(select(func.count()).select_from(GapRow)) == 1


def test_many_wordings_are_tied_at_once(engine: Engine) -> None:
    hashes = [f"{number:064}" for number in range(1_500)]
    with engine.begin() as connection:
        gaps.decide(connection, "norrby", hashes, "ignored", "a", NOON)
        assert len(gaps.decided(connection, "norrby")) == 1_500


def test_a_group_sees_what_was_sent_to_it_until_it_is_closed(engine: Engine) -> None:
    with engine.begin() as connection:
        gap = gaps.decide(connection, "norrby", ["1"], "new", "a", NOON)
        gaps.send(connection, gap, "trebygden", "Höns på tomten?", "sv", 7, NOON)
        (seen,) = gaps.sent_to(connection, ["trebygden"], but="soderby")
        assert (seen.sent_text, seen.sent_visitors, seen.municipality) == ("Höns på tomten?", 7, "norrby")
        assert gaps.sent_to(connection, ["trebygden"], but="norrby") == []
        assert gaps.sent_to(connection, ["other"], but="soderby") == []
        gaps.decide(connection, "norrby", ["1"], "solved", "a", NOON)
        assert gaps.sent_to(connection, ["trebygden"], but="soderby") == []


# how long the words stay

DAYS = {
    "a day too young for the purge": (29.9, "new", True),
    "open": (31, "new", True),
    "open and old": (89.9, "new", True),
    "open and too old": (90.1, "new", False),
    "drafted": (31, "drafted", True),
    "ignored": (31, "ignored", False),
    "solved": (31, "solved", False),
}


@pytest.mark.parametrize(("days", "state", "stays"), DAYS.values(), ids=DAYS)
def test_words_of_an_open_gap_stay_longer(
    engine: Engine, store_settings: Settings, days: float, state: gaps.State, *, stays: bool
) -> None:
    ask(engine, "kan man ha höns", days)
    if state != "new":
        settle(engine, store_settings, "kan man ha höns", state)
    before = found(engine)
    tick(store_settings, NOON)
    assert found(engine) == (before if stays else [])
    tick(store_settings, NOON + timedelta(minutes=1))
    assert words_left(engine) == stays


def test_what_fails_after_it_was_solved_is_open(engine: Engine, store_settings: Settings) -> None:
    settle(engine, store_settings, "kan man ha höns", "solved", NOON - timedelta(days=40))
    ask(engine, "kan man ha höns", 41)
    ask(engine, "kan man ha höns", 39)
    tick(store_settings, NOON)
    assert words_left(engine) == 1


def test_what_is_dealt_with_later_goes_then(engine: Engine, store_settings: Settings) -> None:
    ask(engine, "kan man ha höns", 31)
    tick(store_settings, NOON)
    assert words_left(engine) == 1
    settle(engine, store_settings, "höns kan man ha", "ignored")
    tick(store_settings, NOON + timedelta(minutes=1))
    assert words_left(engine) == 0


def test_other_words_go_as_before(engine: Engine, store_settings: Settings) -> None:
    ask(engine, "vad kostar en tomt", 31, kind="answer", entry="plots", gap=None)
    tick(store_settings, NOON)
    assert words_left(engine) == 0


def test_a_deleted_conversation_takes_them_along(engine: Engine, store_settings: Settings) -> None:
    ask(engine, "kan man ha höns", 31)
    ask(engine, "kan man ha katt", 31, key_hash=OTHER)
    tick(store_settings, NOON)
    forget(engine, [KEY], "norrby", NOON, ["norrby"])
    assert words_left(engine) == 2
    sweep(engine, NOON)
    assert found(engine) == [("none", "kan man ha katt")]
    forget(engine, [OTHER], "norrby", NOON, [])
    assert words_left(engine) == 0


def test_held_municipalities_keep_everything(engine: Engine, store_settings: Settings) -> None:
    ask(engine, "kan man ha höns", 31)
    hashes_of = hasher(store_settings)
    assert keep_longer(engine, NOON - timedelta(days=90), NOON, hashes_of, held=["norrby"]) == 0
    assert keep_longer(engine, NOON - timedelta(days=90), NOON, hashes_of, only=["ostby"]) == 0
    assert keep_longer(engine, NOON - timedelta(days=90), NOON, hashes_of) == 1
    assert drop(engine, None, NOON, held=["norrby"]) == 0
    assert drop(engine, None, NOON, only=["norrby"]) == 1


def test_what_was_sent_to_a_group_goes_too(engine: Engine, store_settings: Settings) -> None:
    with engine.begin() as connection:
        gap = gaps.decide(connection, "norrby", ["1"], "new", "a", NOON)
        gaps.send(connection, gap, "trebygden", "Höns?", "sv", 7, NOON - timedelta(days=91))
    tick(store_settings, NOON)
    with reading(engine).connect() as connection:
        assert gaps.sent_to(connection, ["trebygden"], but="soderby") == []
        assert connection.scalar(select(GapRow.sent_text)) is None


def test_more_than_one_batch_is_set_aside(engine: Engine, store_settings: Settings) -> None:
    asked = NOON - timedelta(days=31)
    row = {
        "municipality": "norrby", "language": "sv", "key_hash": KEY, "asked_at": asked, "day": asked.date(),
        "kind": "none", "entry": None, "confidence": 0.1,
    }  # fmt: skip
    write(engine, [{**row, "question": f"{number}", "gap": f"{number}"} for number in range(1_100)], [], {})
    tick(store_settings, NOON)
    assert len(found(engine)) == words_left(engine) == 1_100


@pytest.mark.parametrize(("options", "left"), [((), 1), (("--all-texts",), 0)], ids=["by age", "all"])
def test_purge_by_hand_keeps_to_it(
    engine: Engine, store_settings: Settings, database: dict[str, str], options: tuple[str, ...], left: int
) -> None:
    asked = datetime.now(UTC) - timedelta(days=40)
    ask(engine, "kan man ha höns", asked_at=asked, day=asked.date())
    ask(engine, "tomt", asked_at=asked, day=asked.date(), kind="answer", gap=None)
    environment = {
        "HEMVIST_KNOWLEDGE": str(store_settings.knowledge),
        "HEMVIST_DATA": str(store_settings.data),
        "HEMVIST_SECRET_KEY": ",".join(store_settings.secret_key),
        "HEMVIST_MESSAGE_KEY": store_settings.message_key[0],
        **database,
    }
    result = CliRunner().invoke(cli, ["purge", *options], env=environment)
    assert result.exit_code == 0, result.output
    assert words_left(engine) == left
