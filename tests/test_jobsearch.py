"""Vacancies of Arbetsförmedlingen and of RSS feeds → jobs, of which nothing personal is kept."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot import ExchangeError, is_feed, is_visma, read_jobs, read_rss, read_visma, write_records
from bot.inventory import Job, Occupation

FIXTURES = Path(__file__).parent / "fixtures"
TODAY = date(2026, 11, 22)
OCCUPATIONS = (
    Occupation("assistant-nurse", ("undersköterska", "uska"), ("assistant nurse",)),
    Occupation("welder", ("svetsare",), ("welder",)),
)
PERSONAL = ("Testsson", "070-000", "test@kommun", "Påhittad", "2120009999", "Exempelkommun", "<p>")


def advertisement(**members: Any) -> dict[str, Any]:
    whole = json.loads((FIXTURES / "jobsearch_search.json").read_text(encoding="utf-8"))["hits"][0]
    return {**whole, **members}


def read(*advertisements: dict[str, Any], municipality: str | None = "2404") -> list[Job]:
    data = json.dumps({"total": {"value": 1}, "hits": advertisements}).encode()
    return list(read_jobs(data, "page", TODAY, OCCUPATIONS, municipality).jobs)


@pytest.mark.parametrize("name", ["jobsearch_search.json", "jobstream_v1_stream.json", "jobstream_v2_stream.jsonl"])
def test_a_fixture_is_one_job_and_what_is_removed_is_left_out(name: str) -> None:
    (job,) = read_jobs((FIXTURES / name).read_bytes(), name, TODAY, OCCUPATIONS).jobs
    assert (job.id, job.title.sv, job.employer) == ("af-90000001", "Undersköterska till hemtjänsten", "EXEMPELKOMMUN")
    assert (job.occupation, job.place, job.extent) == ("assistant-nurse", "Vindeln", "full-time")
    assert (job.deadline, job.url) == (
        date(2026, 12, 31), "https://arbetsformedlingen.se/platsbanken/annonser/90000001",
    )  # fmt: skip
    assert job.source is not None
    assert (job.source.copied, job.source.dated) == (TODAY, date(2026, 11, 20))


def test_nothing_personal_passes() -> None:
    headline = "Svetsare sökes, ring Test 070-000 00 00 eller test@kommun.example, +46 70 000 00 00"
    jobs = read(advertisement(), advertisement(id=2, headline=headline))
    written = write_records(jobs)
    assert jobs[1].title.sv == "Svetsare sökes, ring Test eller"
    assert [word for word in PERSONAL if word in written] == []


def test_no_text_of_an_advertisement_but_the_kept_ones_passes() -> None:
    def marked(part: Any, path: str) -> Any:
        if isinstance(part, dict):
            return {name: marked(value, f"{path}.{name}") for name, value in part.items()}
        if isinstance(part, list):
            return [marked(value, path) for value in part]
        return f"SECRET{path}" if isinstance(part, str) or part is None else part

    whole = marked(advertisement(), "")
    kept = {
        "id": "1",
        "headline": "Svetsare",
        "webpage_url": "https://arbetsformedlingen.se/1",
        "employer": {"name": "X"},
    }
    address = {**whole["workplace_address"], "city": "Granö", "municipality_code": "2404"}
    written = write_records(read({**whole, **kept, "workplace_address": address}))
    assert "Svetsare" in written
    assert "SECRET" not in written


@pytest.mark.parametrize(
    ("members", "field", "value"),
    [
        ({"application_deadline": None}, "deadline", None),
        ({"application_deadline": "2026-02-30T00:00:00"}, "deadline", None),
        ({"application_deadline": 5}, "deadline", None),
        ({"working_hours_type": {"label": "Deltid"}}, "extent", "part-time"),
        ({"working_hours_type": None, "scope_of_work": {"min": 50, "max": 75}}, "extent", "part-time"),
        ({"working_hours_type": None, "scope_of_work": {"min": 100, "max": 100}}, "extent", "full-time"),
        ({"working_hours_type": None, "scope_of_work": {"min": 50, "max": 100}}, "extent", None),
        ({"working_hours_type": None, "scope_of_work": None}, "extent", None),
        ({"workplace_address": {"city": "HÄLLNÄS"}}, "place", "Hällnäs"),
        ({"workplace_address": None}, "place", None),
        ({"occupation": None, "occupation_group": None}, "occupation", "assistant-nurse"),
        ({"occupation": {"label": "Svetsare, manuell"}}, "occupation", "welder"),
        ({"occupation": None, "occupation_group": None, "headline": "Någon"}, "occupation", None),
        ({"employer": {"name": None, "workplace": "Hemtjänsten"}}, "employer", "Hemtjänsten"),
        ({"webpage_url": "javascript:alert(1)"}, "url", None),
        ({"headline": "x" * 500}, "id", "af-90000001"),
    ],
)
def test_almost_everything_may_be_missing(members: dict[str, Any], field: str, value: object) -> None:
    (job,) = read(advertisement(**members))
    assert getattr(job, field) == value


@pytest.mark.parametrize(
    "members",
    [
        {"headline": None},
        {"headline": " "},
        {"employer": None},
        {"employer": {"name": "-", "workplace": None}},
        {"removed": True},
        {"workplace_address": {"municipality_code": "2480"}},
    ],
)
def test_what_cannot_be_shown_or_is_not_here_is_left_out_and_the_rest_stays(members: dict[str, Any]) -> None:
    assert [job.id for job in read(advertisement(**members), advertisement(id="2"))] == ["af-2"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{}", "not-jobs"),
        (b'{"hits": {}}', "not-jobs"),
        (b"1", "not-jobs"),
        (b"<html>", "json"),
        (b'{"hits": [', "json"),
        (b'{"hits": []}\n{', "json"),
        (b" " * 20_000_001, "large"),
        (json.dumps({"hits": [{}] * 20_001}).encode(), "rows"),
    ],
    ids=["no hits", "hits no list", "number", "page", "truncated", "truncated lines", "20 MB", "20,001 rows"],
)
def test_what_is_no_answer_of_jobsearch_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(ExchangeError) as raised:
        read_jobs(data, "page", TODAY)
    assert [problem.code for problem in raised.value.problems] == [code]


# RSS

RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Lediga jobb</title>
<item><title>Svetsare &amp; plåtslagare</title><link>https://jobb.example/1</link><guid>1</guid>
<pubDate>Fri, 20 Nov 2026 08:00:00 +0100</pubDate><description>Ring Test Testsson</description></item>
<item><title>&lt;b&gt;Kock&lt;/b&gt; ring 070-000 00 00</title><link>https://jobb.example/2</link></item>
<item><title>Utan länk</title></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><id>x</id><updated>2026-11-20T08:00:00Z</updated>
<entry><title>Kock</title><id>urn:1</id><link href="https://jobb.example/1"/><updated>2026-11-20T08:00:00Z</updated>
<author><name>Test Testsson</name></author></entry></feed>"""


def test_title_link_and_date_of_an_item_are_a_job() -> None:
    found = read_rss(RSS.encode(), "feed", TODAY, "Norrby kommun")
    first, second = found.jobs
    assert (first.title.sv, first.url, first.employer) == (
        "Svetsare & plåtslagare", "https://jobb.example/1", "Norrby kommun",
    )  # fmt: skip
    assert first.source is not None
    assert first.source.dated == date(2026, 11, 20)
    assert second.title.sv == "Kock ring"
    assert "Testsson" not in write_records(found.jobs)
    assert found.notes == ("1 items have no title or no link; left out",)


def test_atom_is_read_too() -> None:
    (job,) = read_rss(ATOM.encode(), "feed", TODAY, "Norrby kommun").jobs
    assert (job.title.sv, job.url) == ("Kock", "https://jobb.example/1")


BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><rss version="2.0"><channel/></rss>'


@pytest.mark.parametrize(
    "data",
    [b"", b"hej", b"<html><p>Logga in", b"<xml/>", BOMB.encode(), RSS[:400].encode()],
    ids=["empty", "text", "page", "other XML", "bomb", "truncated"],
)
def test_what_is_no_feed_is_refused(data: bytes) -> None:
    with pytest.raises(ExchangeError) as raised:
        read_rss(data, "feed", TODAY, "Norrby kommun")
    assert [problem.code for problem in raised.value.problems] == ["feed"]


def test_xml_is_told_from_json() -> None:
    assert is_feed(b"\xef\xbb\xbf\n<rss/>")
    assert not is_feed(b'{"hits": []}')


# Visma Recruit

VISMA = (FIXTURES / "visma_assignmentlist.xml").read_bytes()


def test_the_visma_fixture_is_one_job() -> None:
    assert is_visma(VISMA)
    (job,) = read_visma(VISMA, "list", TODAY, "Norrby kommun").jobs
    assert (job.id, job.title.sv, job.place, job.extent) == (
        "visma-1001", "Lärare i matematik", "Vindeln", "full-time",
    )  # fmt: skip
    assert (job.deadline, job.url) == (date(2026, 12, 1), "https://jobb.kommun.example/1001")
    assert "Påhittad" not in write_records([job])


def test_internal_vacancies_are_left_out() -> None:
    internal = VISMA.replace(b"<IsInternal>false", b"<IsInternal>true")
    assert read_visma(internal, "list", TODAY, "Norrby kommun").jobs == ()


@pytest.mark.parametrize("data", [VISMA[:300], BOMB.encode().replace(b"rss", b"AssignmentList")], ids=["cut", "bomb"])
def test_a_visma_list_that_is_no_whole_xml_is_refused(data: bytes) -> None:
    with pytest.raises(ExchangeError):
        read_visma(data, "list", TODAY, "Norrby kommun")
