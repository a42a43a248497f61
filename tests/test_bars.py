"""The load benches, small; `tests/load/bars.py` and `tests/load/soak.py` are the whole ones."""

from itertools import islice, repeat
from pathlib import Path

import pytest
from load.measuring import AGAIN, bodies, cost, hemvist, median_ratio, percentile, served
from load.soak import SHORT, distinct, soak

HERE = Path(__file__).parent


@pytest.mark.slow
def test_what_is_refused_costs_less_than_what_is_answered() -> None:
    questions = bodies(["Vilka tomter är lediga?", "vad kostar en tomt", "vem ringer jag"], "norrby")
    with served(*hemvist(), knowledge=HERE / "knowledge") as server:
        cost(server, questions, 20, path=AGAIN)
        answered = cost(server, questions, 100, path=AGAIN)
        refused = cost(server, repeat(b'{"question": 1, "municipality": "norrby"}'), 100, path=AGAIN, status=422)
    assert refused < answered


@pytest.mark.nightly
@pytest.mark.slow
def test_a_soak_leaves_no_file_and_no_thread_behind() -> None:
    found = soak(SHORT)
    assert (found.files, found.threads) == (0, 0)


def test_no_two_questions_of_a_soak_are_alike() -> None:
    asked = [text for text, _ in islice(distinct(["finns det tomter", "var ligger skolan"], 600), 600)]
    assert len(set(asked)) > 0.8 * len(asked)


@pytest.mark.parametrize(("share", "wanted"), [(0.5, 51), (0.99, 100), (1.0, 100)], ids=["half", "slowest", "all"])
def test_a_share_does_not_exceed_its_percentile(share: float, wanted: int) -> None:
    assert percentile(range(1, 101), share) == wanted


def test_one_round_that_others_disturbed_does_not_set_the_ratio() -> None:
    assert median_ratio([(6.0, 1.0), (60.0, 1.0), (12.0, 2.0)]) == 6.0
