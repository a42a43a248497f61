"""Records through the API and on the page: cards, chips, what gave way, and the next question that changes them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot import Context, Filters, Plot
from tests.test_chat_api import MEMBERS
from web.feed_files import Head, path_of, write_feed
from web.signing import ContextSigner


def ask(client: FlaskClient, question: str, **members: object) -> dict:
    response = client.post("/api/v1/chat", json={"question": question, "municipality": "soderby", **members})
    assert response.status_code == 200, response.json
    assert set(response.json) == MEMBERS
    return response.json


def test_a_question_with_limits_is_answered_with_records(client: FlaskClient) -> None:
    reply = ask(client, "tomt i Storholm under 200 000 kr")
    assert (reply["kind"], reply["entry"], reply["total"]) == ("records", "plots", 2)
    assert reply["filters"] == {"place": "Storholm", "price_max": 200_000}
    assert reply["text"] == "2 tomter passar."
    first = reply["records"][0]
    assert (first["id"], first["status"], first["badge"], first["price_kr"]) == (
        "storholm-1", "available", "Ledig", 150_000,
    )  # fmt: skip
    assert first["lines"][0] == "1\xa0200 m², 150\xa0000 kr"
    assert first["url"] == "https://www.soderby.example/tomter/storholm-1"


def test_words_are_in_the_language_of_the_question(client: FlaskClient) -> None:
    reply = ask(client, "are there any plots in Storholm for less than 200 000")
    assert reply["text"] == "2 plots fit."
    assert reply["records"][0]["lines"][0] == "1,200 m², SEK 150,000"
    assert [chip["text"] for chip in reply["chips"]] == ["in Storholm", "at most SEK 200,000"]


def test_each_chip_leads_to_the_list_without_it(client: FlaskClient) -> None:
    reply = ask(client, "tomt i Storholm under 200 000 kr")
    without = {chip["name"]: parse_qs(urlsplit(chip["without"]).query) for chip in reply["chips"]}
    assert without == {
        "place": {"show": ["plots"], "price_max": ["200000"]},
        "price_max": {"show": ["plots"], "place": ["Storholm"]},
    }
    assert urlsplit(reply["list_link"]).path == "/soderby/sv/map"


def test_a_wish_that_cannot_be_looked_for_is_a_chip_of_its_own(client: FlaskClient) -> None:
    chips = ask(client, "tomt i Storholm med utsikt")["chips"]
    assert [chip["name"] for chip in chips] == ["place", None]
    assert "utsikt" in chips[1]["text"]
    assert chips[1]["without"] is None


def test_what_has_to_give_way_is_told_with_its_figure(client: FlaskClient) -> None:
    reply = ask(client, "tomt i Storholm under 50 000 kr")
    assert (reply["total"], reply["relaxed"]) == (0, {"price_max": 90_000})
    assert reply["text"] == (
        "Inget för högst 50\xa0000 kr. Det billigaste som annars passar kostar 90\xa0000 kr."
    )  # fmt: skip
    assert [record["id"] for record in reply["records"]] == ["storholm-3"]


def test_the_next_question_changes_the_filters(client: FlaskClient) -> None:
    first = ask(client, "ledig tomt i Storholm")
    second = ask(client, "billigare?", context=first["context"])
    assert second["filters"] == {"place": "Storholm", "status": "available", "price_max": 149_999}
    third = ask(client, "och i Lillnäs?", context=second["context"])
    assert third["filters"]["place"] == "Lillnäs"


def test_a_context_with_odd_filters_is_no_error(client: FlaskClient) -> None:
    token = ContextSigner(["x" * 40]).sign(Context("soderby", "plots", "sv", "k", Filters(place="Storholm")))
    assert ask(client, "billigare?", context=token)["context_ignored"] is True


@pytest.mark.parametrize("said", [{}, {"place": "Storholm", "price_max": 1, "water_sewage": False, "near": "school"}])
def test_filters_travel_in_the_context(said: dict[str, object]) -> None:
    signer = ContextSigner(["x" * 40])
    context = Context("soderby", "plots", "sv", "k", Filters(**said) if said else None)  # type: ignore[arg-type]
    token = signer.sign(context)
    assert len(token) <= 700
    assert signer.read(token, "soderby") == context


def test_two_careers_are_told_by_place(client: FlaskClient) -> None:
    reply = ask(client, "sjuksköterska och svetsare")
    assert [(one["municipality"], one["place"]) for one in reply["together"]] == [
        ("Söderby", "Storholm"), ("Östby", "Östby"),
    ]  # fmt: skip
    assert reply["text"] == "Lediga jobb för båda finns i: Storholm (Söderby), Östby."


def test_places_beside_each_other_say_what_is_unknown(client: FlaskClient) -> None:
    reply = ask(client, "Norrby eller Söderby: tomtpris, pendling")
    assert reply["kind"] == "compare"
    assert reply["comparison"]["columns"] == ["Norrby", "Söderby"]
    cells = {row["id"]: [cell["text"] for cell in row["cells"]] for row in reply["comparison"]["rows"]}
    assert cells["plot-price"] == ["okänt", "100\xa0000 kr"]
    assert cells["commuting"] == ["okänt", "Buss till Storstad, 35 minuter"]


def test_the_page_shows_records_without_javascript(client: FlaskClient) -> None:
    page = client.post("/soderby/sv/", data={"question": "tomt i Storholm under 200 000 kr"}).get_data(as_text=True)
    assert page.count('class="record"') == 2
    assert "Ledig" in page
    assert 'href="/soderby/sv/map?show=plots&amp;price_max=200000"' in page


def test_the_page_shows_a_comparison_as_a_table(client: FlaskClient) -> None:
    page = client.post("/soderby/en/", data={"question": "compare Söderby and Östby"}).get_data(as_text=True)
    assert '<th scope="col">Östby</th>' in page
    assert "unknown" in page


@pytest.mark.parametrize("table", ["plots", "jobs"])
def test_no_record_is_shown_as_markup(client: FlaskClient, table: str) -> None:
    question = {"plots": "tomter till salu", "jobs": "lediga jobb"}[table]
    assert "<" not in json.dumps(ask(client, question)["records"])


@pytest.mark.parametrize(("days", "told"), [(0, False), (3, True)], ids=["fresh", "old"])
def test_f23_old_rows_tell_their_age(make_app: Callable[..., Flask], tmp_path: Path, days: int, told: bool) -> None:
    fetched = datetime.now(UTC) - timedelta(days=days)
    plot = Plot("imported-1", "available", place="Storholm", price_kr=10_000)
    write_feed(path_of(tmp_path, "soderby", "plots", "wfs"), Head("wfs", fetched), [plot])
    client = make_app(HEMVIST_DATA=str(tmp_path)).test_client()
    reply = ask(client, "tomt i Storholm under 20 000 kr")
    assert [record["id"] for record in reply["records"]] == ["imported-1"]
    assert ("old-records" in [notice["code"] for notice in reply["notices"]]) is told
    assert "Senast hämtat" in client.get("/soderby/sv/map?show=plots").get_data(as_text=True)
