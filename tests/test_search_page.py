"""Every answer under its heading, or what a few words find: plain HTML, by the engine's own ranking."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from reading import Element, read_page

from bot import Assistant, Question, load

SHIPPED = Path(__file__).parent.parent / "knowledge"
DAY = date(2026, 11, 22)


def show(client: FlaskClient, query: str = "", address: str = "/norrby/sv/search") -> Element:
    response = client.get(address, query_string={"q": query} if query else None)
    assert response.status_code == 200
    return read_page(response.text)


def titles(found: Element, list_: str) -> list[str]:
    return [link.text for part in found.all("ul", class_=list_) for link in part.all("a")]


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant(load(SHIPPED))


def find(assistant: Assistant, text: str) -> list[str]:
    return [option.entry for option in assistant.find(Question(text, "vindeln", DAY)).options]


# everything


@pytest.mark.parametrize(
    ("language", "headings"),
    [
        ("sv", ["Bostad och tomt", "Flytta hit", "Familj, skola och vård", "Om chatboten", "Andra svar"]),
        ("en", ["Homes and plots", "Moving here", "Family, school and care", "About the chatbot", "Other answers"]),
    ],
)
def test_without_words_everything_stands_under_its_heading(
    client: FlaskClient, language: str, headings: list[str]
) -> None:
    found = show(client, address=f"/norrby/{language}/search")
    assert [heading.text for heading in found.one("main").all("h2")] == headings


def test_every_answer_that_is_given_is_linked_once(client: FlaskClient) -> None:
    links = [link["href"] for part in show(client).all("ul", class_="titles") for link in part.all("a")]
    assert len(links) == len(set(links)) > 10
    assert [link for link in links if client.get(link).status_code != 200] == []


def test_every_shipped_answer_stands_under_a_heading_that_has_a_name(make_app: Callable[..., Flask]) -> None:
    client = make_app(HEMVIST_KNOWLEDGE=str(SHIPPED)).test_client()
    knowledge = load(SHIPPED)
    found = show(client, address="/vindeln/en/search")
    links = {link["href"].split("/")[-1] for part in found.all("ul", class_="titles") for link in part.all("a")}
    assert links == set(knowledge.view("vindeln").entries)
    headings = [heading.text for heading in found.one("main").all("h2")]
    topics = {topic.id for topic in knowledge.topics}
    others = ["Other answers"] if set(knowledge.view("vindeln").entries) - topics else []
    assert [heading for heading in headings if heading == "Other answers"] == others
    assert len(headings) == len(knowledge.headings) + len(others)


def test_what_has_expired_is_not_listed(client: FlaskClient) -> None:
    listed = [link["href"] for link in show(client, address="/ostby/sv/search").one("main").all("a")]
    expired = [entry for entry in listed if client.get(entry).status_code == 404]
    assert expired == []


# searching


def test_words_find_answers_with_their_beginnings(client: FlaskClient) -> None:
    found = show(client, "tomt")
    results = found.one("ul", class_="results")
    assert "Hur reserverar jag en tomt?" in titles(found, "results")
    assert found.one("input", id="q")["value"] == "tomt"
    assert f"{len(results.all('li'))} svar på ”tomt”" in found.one("main").text
    link = next(link for link in results.all("a") if link.text == "Hur reserverar jag en tomt?")
    assert link["href"] == "/norrby/sv/plot-reservation"
    assert "Skriv till byggkontoret" in results.text


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("tomter", "plots"),
        ("bolån", "mortgage"),
        ("dagis", "preschool"),
        ("broadband", "broadband"),
        ("hyra lägenhet", "rental-housing"),
        ("läkare", "health-centre"),
        ("bredbnad", "broadband"),
        ("flytta sopor", "waste"),
    ],
)
def test_the_engine_s_own_ranking_comes_first(assistant: Assistant, text: str, first: str) -> None:
    assert first in find(assistant, text)[:2]


def test_several_answers_are_found(assistant: Assistant) -> None:
    assert {"school", "school-transport", "culture-school"} <= set(find(assistant, "skola"))


def test_a_word_that_only_an_answer_holds_is_mentioned(assistant: Assistant) -> None:
    matches = assistant.find(Question("Skatteverket", "vindeln", DAY))
    assert len(matches.options) + len(matches.mentions) >= 5
    assert not {option.entry for option in matches.options} & {option.entry for option in matches.mentions}


@pytest.mark.parametrize(
    "text", ["pannkakor", "asdfgh", "who won the world cup", "12345", "😀", "()[*", "bästa receptet på pannkakor"]
)
def test_what_nothing_answers_finds_nothing(assistant: Assistant, text: str) -> None:
    matches = assistant.find(Question(text, "vindeln", DAY))
    assert (matches.options, matches.mentions, matches.crisis) == ((), (), None)


def test_where_nothing_is_found_a_person_is_named(client: FlaskClient) -> None:
    main = show(client, "pannkakor").one("main")
    assert "Inget här svarar på ”pannkakor”" in main.text
    assert [link for link in main.all("a") if link["href"].startswith("tel:")]
    assert not main.all("ul", class_="results")


@pytest.mark.parametrize("query", ["jag vill dö", "det brinner i huset", "my husband hits me"])
def test_danger_is_met_before_anything_else(client: FlaskClient, query: str) -> None:
    main = show(client, query).one("main")
    card = main.one(class_="safety")
    assert card["role"] == "alert"
    assert card.all("a", href="tel:112")
    assert "svar på" not in main.text.split(card.text)[0]


def test_personal_data_is_told_of_and_not_kept(client: FlaskClient) -> None:
    response = client.get("/norrby/sv/search?q=tomt+anna@exempel.se")
    assert "ser ut som personuppgifter" in read_page(response.text).one("p", class_="callout").text
    assert response.headers["Cache-Control"] == "no-store"
    assert not show(client, "0933-140 00").all("p", class_="callout")


@pytest.mark.parametrize(
    "query", ["<script>alert(1)</script>", '" onfocus=alert(1) x="', "{{7*7}}", "%(words)s %s", "x" * 3000]
)
def test_what_is_searched_is_only_text(client: FlaskClient, query: str) -> None:
    found = show(client, query)
    assert not found.one("main").all("script")
    assert found.one("input", id="q")["value"] == query[:500]
    assert "49" not in found.one("h2").text


@pytest.mark.parametrize("query", ["   ", "\u200b", "+"])
def test_a_search_for_nothing_shows_everything(client: FlaskClient, query: str) -> None:
    response = client.get("/norrby/sv/search", query_string={"q": query})
    assert response.status_code == 200
    if query != "+":
        assert read_page(response.text).all("section")


def test_the_other_language_searches_the_same(client: FlaskClient) -> None:
    found = show(client, "tomt & hus")
    assert found.one("a", class_="switch")["href"] == "/norrby/en/search?q=tomt+%26+hus"


@pytest.mark.parametrize("address", ["/norrby/sv/search", "/soderby/sv/search", "/soderby/sv/search?q=tomt"])
def test_no_search_engine_keeps_it(client: FlaskClient, address: str) -> None:
    found = read_page(client.get(address).text)
    assert found.one("meta", name="robots")["content"] == "noindex"
    assert not found.all("script")


def test_the_chat_and_the_foot_of_every_page_lead_there(client: FlaskClient) -> None:
    found = show(client, address="/norrby/sv/")
    assert found.one("main").all("a", href="/norrby/sv/search")
    assert found.one("footer").all("a", href="/norrby/sv/search")


def test_a_text_in_the_other_language_is_marked(client: FlaskClient) -> None:
    found = show(client, address="/ostby/en/search?q=grovsopor")
    assert found.one("a", href="/ostby/en/waste")["lang"] == "sv"
    marked = [part["lang"] for part in found.one("main").all("p") if "lang" in part.attributes]
    assert "sv" in marked


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_title_is_marked_where_it_stands_in_the_other_language_only(client: FlaskClient, language: str) -> None:
    links = show(client, address=f"/ostby/{language}/search").one("main").all("a", lang="sv")
    assert bool(links) == (language == "en")
    assert all(link.text.endswith("?") for link in links)
