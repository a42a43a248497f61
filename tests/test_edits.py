"""Edits under fire, small runs; `tests/load/edits.py` is the whole one."""

from pathlib import Path

import pytest
from load.edits import Place, by_hand, full_apart, killed, prepare, served, together


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The second database is for the night."""
    return str(request.param)


@pytest.fixture
def place(tmp_path: Path, database: dict[str, str]) -> Place:
    return prepare(tmp_path, database.get("HEMVIST_DATABASE_URL", ""))


@pytest.mark.slow
@pytest.mark.parametrize("edits", [3, pytest.param(100, marks=pytest.mark.nightly)])
def test_four_editors_at_once_lose_nothing(place: Place, edits: int) -> None:
    found = together(place, edits)
    assert (found.acknowledged, found.lost, found.torn) == (4 * edits, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("kills", [3, pytest.param(60, marks=pytest.mark.nightly)])
def test_killed_while_saving_nothing_is_torn_or_lost(place: Place, kills: int) -> None:
    found = killed(place, kills)
    assert (found.lost, found.torn) == (0, 0)
    assert found.acknowledged >= kills


@pytest.mark.slow
@pytest.mark.parametrize("edits", [8, pytest.param(60, marks=pytest.mark.nightly)])
def test_what_is_written_by_hand_meanwhile_is_a_version_or_a_conflict(place: Place, edits: int) -> None:
    found = by_hand(place, edits)
    assert (found.lost, found.torn) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("edits", [24, pytest.param(120, marks=pytest.mark.nightly)])
def test_full_disk_refuses_edits_whole(edits: int) -> None:
    found = full_apart(edits)
    if found is None:
        pytest.skip("no disk may be mounted here")
    assert (found.lost, found.torn) == (0, 0)
    assert found.refused
    assert found.acknowledged + found.refused == edits


@pytest.mark.slow
@pytest.mark.parametrize(("edits", "workers"), [(2, 2), pytest.param(20, 4, marks=pytest.mark.nightly)])
def test_every_worker_answers_with_what_is_published(place: Place, edits: int, workers: int) -> None:
    """How soon is told by `tests/load/edits.py`; here it is within the time that a busy machine may take."""
    found = served(place, edits, workers, patience=10)
    assert (found.workers, found.failed, found.unserved) == (workers, 0, 0)
