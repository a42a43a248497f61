"""Messages under fire, a small run; `tests/load/messages.py` is the whole one."""

from pathlib import Path

import pytest
from load.messages import prepare, run
from mailserver import mail_server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The second database is for the night."""
    return str(request.param)


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the server dies with calls under way
def test_no_message_is_lost_or_doubled_while_server_and_worker_fail(tmp_path: Path, database: dict[str, str]) -> None:
    with mail_server() as server:
        settings = prepare(tmp_path, server, database.get("HEMVIST_DATABASE_URL", ""))
        result = run(settings, server, messages=40, kills=3)
    assert (result.lost, result.duplicates) == (0, 0)
    assert result.resent <= result.kills
    assert result.seconds_down > 0
