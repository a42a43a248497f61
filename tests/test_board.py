"""The numbers that all processes add to: nothing counted is lost when one is killed, and nothing grows."""

import os
import signal
import threading
from collections.abc import Callable

import pytest

from web import board as boards
from web.board import FIELDS, HEAD, SEAT, Board

ANSWERS = ("answers", "kind å", "sv")
SECONDS = ("seconds", "chat")


def forked(board: Board, work: Callable[[], None], how: signal.Signals = signal.SIGKILL) -> None:
    """Let a process take the next seat, work and die; then clear its seat, as the server does."""
    seat = board.offer_seat()
    child = os.fork()
    if child == 0:
        work()
        os.kill(os.getpid(), how)
    os.waitpid(child, 0)
    board.clear_seat(seat)


@pytest.fixture
def board() -> Board:
    made = Board()
    made.share(3)
    return made


def test_what_killed_processes_counted_stays_and_adds_up(board: Board) -> None:
    for _ in range(40):
        forked(board, lambda: board.add_all([(ANSWERS, 1.0), (SECONDS, 0.25)]))
    assert board.read().counts == {ANSWERS: 40, SECONDS: 10}


def test_who_takes_a_seat_goes_on_in_the_same_place(board: Board) -> None:
    for _ in range(4):
        forked(board, lambda: board.add(ANSWERS))
    first = [board._words[seat * SEAT // 8] for seat in range(3)]
    for _ in range(40):
        forked(board, lambda: board.add(ANSWERS))
    assert [board._words[seat * SEAT // 8] for seat in range(3)] == first
    assert board.read().counts == {ANSWERS: 44}


def test_fields_are_those_of_who_sits_there(board: Board) -> None:
    seat = board.offer_seat()
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        board.publish([7.0, 8.5])
        os.write(ready[1], b"x")
        os.read(done[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    assert seat is not None
    assert list(board.read().fields[seat][:3]) == [7.0, 8.5, 0.0]
    os.write(done[1], b"x")
    os.waitpid(child, 0)
    board.clear_seat(seat)
    assert seat not in board.read().fields


def test_threads_lose_nothing() -> None:
    board = Board()
    threads = [threading.Thread(target=lambda: [board.add(ANSWERS) for _ in range(5_000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert board.read().counts == {ANSWERS: 20_000}


def test_process_without_a_seat_counts_for_itself(board: Board) -> None:
    board.add(ANSWERS)
    child = os.fork()
    if child == 0:
        board.add(ANSWERS)
        os._exit(int(board.read().counts[ANSWERS]))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert board.read().counts == {ANSWERS: 1}


def test_more_processes_than_seats_are_served_all_the_same(board: Board) -> None:
    assert [board.offer_seat() for _ in range(4)] == [0, 1, 2, None]
    board.clear_seat(None)
    board.clear_seat(1)
    assert board.offer_seat() == 1


def test_full_seat_counts_on_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "SEAT", HEAD + 256)
    board = Board()
    for number in range(50):
        board.add(("many", str(number)))
    board.add(("many", "0"))
    counts = board.read().counts
    assert 2 < len(counts) < 50
    assert counts["many", "0"] == 2


def test_being_stopped_is_known_to_those_forked_before() -> None:
    board = Board()
    start = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(start[0], 1)
        os._exit(int(board.is_draining))
    assert not board.is_draining
    board.drain()
    os.write(start[1], b"x")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def test_there_is_room_for_a_whole_country() -> None:
    board = Board()
    places = [f"a-municipality-of-a-long-name-{number}" for number in range(290)]
    kinds = ("answer", "choices", "none", "records", "plan", "safety")
    for place in places:
        for kind in kinds:
            for language in ("sv", "en"):
                board.add(("hemvist_answers_total", kind, language, place))
    assert len(board.read().counts) == len(places) * len(kinds) * 2
    assert FIELDS > 12
