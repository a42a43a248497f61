"""Whatever bytes come, a reader gives rows or an ExchangeError in words, never anything else."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import (
    ExchangeError,
    Origin,
    guess,
    read_geojson,
    read_jobs,
    read_plots,
    read_rss,
    read_sheet,
    read_visma,
    write_records,
)

FIXTURES = Path(__file__).parent / "fixtures"
TODAY = date(2026, 11, 22)
ORIGIN = Origin(None, TODAY)


def plots_of_map(data: bytes) -> str:
    table = read_geojson(data, "x")
    return write_records(read_plots(table, guess(table.columns), ORIGIN).plots)


def plots_of_sheet(data: bytes) -> str:
    table = read_sheet(data, "x.csv")
    return write_records(read_plots(table, guess(table.columns), ORIGIN).plots)


READERS: dict[str, tuple[Callable[[bytes], str], str]] = {
    "map": (plots_of_map, "wfs_lediga_tomter_3006.json"),
    "sheet": (plots_of_sheet, "lediga_tomter_cp1252.csv"),
    "jobs": (lambda data: write_records(read_jobs(data, "x", TODAY).jobs), "jobsearch_search.json"),
    "lines": (lambda data: write_records(read_jobs(data, "x", TODAY).jobs), "jobstream_v2_stream.jsonl"),
    "visma": (lambda data: write_records(read_visma(data, "x", TODAY, "X").jobs), "visma_assignmentlist.xml"),
    "rss": (lambda data: write_records(read_rss(data, "x", TODAY, "X").jobs), "visma_assignmentlist.xml"),
}


def outcome(read: Callable[[bytes], str], data: bytes) -> str:
    """Return the rows, or the words of the error."""
    try:
        return read(data)
    except ExchangeError as error:
        return str(error)


QUICK = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(("read", "fixture"), READERS.values(), ids=READERS)
@QUICK
@given(start=st.integers(0, 4_000), length=st.integers(0, 40), put=st.binary(max_size=12) | st.sampled_from(
    [b"null", b"[]", b"{}", b"-1", b"1e400", b'"\\ud800"', b'"\\u0000"', b"true", b";", b'"', b"\x1b[31m", b"=1"]
))  # fmt: skip
def test_a_changed_file_is_rows_or_an_error_in_words(
    read: Callable[[bytes], str], fixture: str, start: int, length: int, put: bytes
) -> None:
    whole = (FIXTURES / fixture).read_bytes()
    start %= len(whole)
    result = outcome(read, whole[:start] + put + whole[start + length :])
    assert "\x1b" not in result
    result.encode()


@pytest.mark.parametrize("read", [read for read, _ in READERS.values()], ids=READERS)
@QUICK
@given(data=st.binary(max_size=200))
def test_any_bytes_are_rows_or_an_error_in_words(read: Callable[[bytes], str], data: bytes) -> None:
    outcome(read, data).encode()
