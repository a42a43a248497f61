"""The pages as a browser without JavaScript gets them: choose, ask, read, ask on."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from reading import Element, read_page
from werkzeug.test import TestResponse

from web.chat.cards import excerpt, host
from web.chat.wording import topics

WEB = Path(__file__).resolve().parent.parent / "web"
ANSWERED = {"sv": "Hur reserverar jag en tomt?", "en": "How do I reserve a plot?"}
UNSURE = "anmäla flytt"
UNKNOWN = "bästa receptet på pannkakor"
CRISIS = "det brinner i huset"
ADDRESSES = [
    "/",
    "/norrby/sv/",
    "/norrby/en/",
    "/norrby/sv/plots",
    "/norrby/en/plots",
    "/finns/inte",
    "/norrby/sv/finns-inte",
]
SHIPPED = Path(__file__).parent.parent / "knowledge"
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "' autofocus onfocus=alert(1) x='",
    "{{ 7*7 }}{% raw %}",
    "[x](javascript:alert(1))",
    "<svg/onload=alert(1)>",
    "%(place)s %s",
]


@pytest.fixture(scope="module")
def shipped(make_app: Callable[..., Flask]) -> FlaskClient:
    """A browser of the application on the knowledge that is shipped."""
    return make_app(HEMVIST_KNOWLEDGE=str(SHIPPED)).test_client()


def page(response: TestResponse) -> Element:
    return read_page(response.text)


def ask(client: FlaskClient, question: str, address: str = "/norrby/sv/", **more: str) -> Element:
    response = client.post(address, data={"question": question, **more})
    assert response.status_code == 200
    return page(response)


# choosing


@pytest.mark.parametrize(
    ("header", "language", "heading"),
    [
        ("sv-SE,sv;q=0.9", "sv", "Vart vill du flytta?"),
        ("en-GB,en;q=0.9", "en", "Where do you want to move?"),
        ("de", "sv", "Vart vill du flytta?"),
    ],
    ids=["Swedish", "English", "neither"],
)
def test_the_start_page_speaks_the_browsers_language(
    client: FlaskClient, header: str, language: str, heading: str
) -> None:
    response = client.get("/", headers={"Accept-Language": header})
    found = page(response)
    assert (found.one("html")["lang"], found.one("h1").text) == (language, heading)
    assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("language", "order"), [("sv", ["norrby", "soderby", "ostby"]), ("en", ["norrby", "ostby", "soderby"])]
)
def test_the_start_page_lists_every_municipality_in_the_order_of_the_language(
    client: FlaskClient, language: str, order: list[str]
) -> None:
    links = page(client.get(f"/?language={language}")).one("ul", class_="places").all("a")
    assert [link["href"] for link in links] == [f"/{municipality}/{language}/" for municipality in order]
    assert {link["href"] for link in links if "demonstration" not in link.text} == {f"/soderby/{language}/"}


def test_the_start_page_can_be_switched(client: FlaskClient) -> None:
    switch = page(client.get("/?language=sv")).one("a", class_="switch")
    assert (switch["lang"], switch.text) == ("en", "English")
    assert page(client.get(switch["href"])).one("html")["lang"] == "en"


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/norrby/", "/norrby/en/"),
        ("/norrby", "/norrby/en/"),
        ("/Norrby/", "/norrby/en/"),
        ("/söderby/", "/soderby/en/"),
        ("/s%C3%B6derby", "/soderby/en/"),
        ("/SÖDERBY/sv/", "/soderby/sv/"),
        ("/söderby/sv/school", "/soderby/sv/school"),
        ("/söderby/accent.css", "/soderby/accent.css"),
    ],
)
def test_addresses_as_people_write_them_lead_right(client: FlaskClient, asked: str, led_to: str) -> None:
    response = client.get(asked, headers={"Accept-Language": "en"}, follow_redirects=True)
    assert (response.status_code, response.request.path) == (200, led_to)


@pytest.mark.parametrize(
    "address",
    ["/nowhere/", "/nowhere/sv/", "/norrby/de/", "/norrby/sv/nothing", "/norrby/sv/plots/", "/nowhere/accent.css"],
)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_wrong_address_says_so_and_leads_on(client: FlaskClient, address: str, language: str) -> None:
    response = client.get(address, headers={"Accept-Language": language})
    found = page(response)
    assert response.status_code == 404
    assert found.one("h1").text in ("Sidan finns inte", "There is nothing here")
    assert found.one("main").all("a")


def test_a_wrong_address_of_a_municipality_leads_to_its_chat(client: FlaskClient) -> None:
    links = page(client.get("/norrby/en/nothing")).one("main").all("a")
    assert links[0]["href"] == "/norrby/en/"


@pytest.mark.parametrize(
    ("language", "heading"), [("sv", "Något gick fel hos oss"), ("en", "Something went wrong on our side")]
)
def test_an_error_of_ours_is_told_calmly(make_app: Callable[..., Flask], language: str, heading: str) -> None:
    app = make_app()
    app.add_url_rule("/norrby/<language>/broken-on-purpose", view_func=lambda language: 1 / 0)
    response = app.test_client().get(f"/norrby/{language}/broken-on-purpose")
    assert (response.status_code, page(response).one("h1").text) == (500, heading)
    assert response.headers["X-Request-ID"] in response.text
    assert "ZeroDivisionError" not in response.text


def test_an_error_of_ours_leads_to_the_static_copy(make_app: Callable[..., Flask]) -> None:
    app = make_app(HEMVIST_COPY_URL="https://www.norrby.example/kopia")
    app.add_url_rule("/norrby/<language>/broken-on-purpose", view_func=lambda language: 1 / 0)
    links = page(app.test_client().get("/norrby/en/broken-on-purpose")).one("main").all("a")
    assert links[0]["href"] == "https://www.norrby.example/kopia/norrby/en/index.html"
    assert "kopia" not in app.test_client().get("/norrby/en/nothing").text


# the chat page


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_chat_says_what_it_is(client: FlaskClient, language: str) -> None:
    text = page(client.get(f"/norrby/{language}/")).one("main").text
    assert {"sv": "Jag är en chattbot: en maskin, ingen människa.", "en": "I am a chatbot: a machine, not a person."}[
        language
    ] in text
    assert {"sv": "Skriv inga personuppgifter.", "en": "Do not write any personal data."}[language] in text


@pytest.mark.parametrize("address", ["/norrby/sv/", "/norrby/sv/plots"])
def test_a_demonstration_says_so_and_is_not_for_search_engines(client: FlaskClient, address: str) -> None:
    found = page(client.get(address))
    assert found.one("p", class_="demonstration").text == "Det här är en demonstration och inte kommunens egen tjänst."
    assert found.one("meta", name="robots")["content"] == "noindex"


@pytest.mark.parametrize("address", ["/soderby/sv/", "/soderby/sv/school"])
def test_a_municipality_that_stands_behind_it_has_no_such_notice(client: FlaskClient, address: str) -> None:
    found = page(client.get(address))
    assert not found.all("p", class_="demonstration")
    assert not found.all("meta", name="robots")


def test_the_question_box_has_a_visible_label_and_its_note(client: FlaskClient) -> None:
    found = page(client.get("/norrby/sv/"))
    box = found.one("textarea")
    assert found.one("label", for_=box["id"]).text == "Din fråga"
    assert found.one("p", id=box["aria-describedby"]).text == "Skriv inga personuppgifter."
    assert "placeholder" not in box.attributes


@pytest.mark.parametrize("municipality", ["norrby", "soderby", "ostby"])
def test_topics_are_those_that_the_municipality_answers(client: FlaskClient, municipality: str) -> None:
    found = page(client.get(f"/{municipality}/sv/"))
    links = found.one("nav", class_="topics").all("a")
    assert 0 < len(links) <= 8
    for link in links:
        assert client.get(link["href"]).status_code == 200
        assert link.text == topics("sv")[link["data-entry"]]
    for entry in topics("sv").keys() - {link["data-entry"] for link in links}:
        assert client.get(f"/{municipality}/sv/{entry}").status_code == 404


def test_a_person_can_be_reached_from_every_chat(client: FlaskClient) -> None:
    side = page(client.get("/norrby/sv/")).one("aside")
    assert side.one("a", href="tel:+46-933-140-00").text == "0933-140 00"
    assert side.one("a", href="mailto:kommun@norrby.example")


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_has_one_main_heading_and_no_gap_below_it(client: FlaskClient, address: str) -> None:
    found = page(client.get(address))
    levels = [int(element.tag[1]) for element in found.all() if re.fullmatch("h[1-6]", element.tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False))
    assert found.one("title").text
    assert found.one("a", class_="skip")["href"] == f"#{found.one('main')['id']}"


@pytest.mark.parametrize("address", ["/?language=sv", "/norrby/sv/", "/norrby/sv/plots"])
def test_a_page_names_itself_and_its_translation(client: FlaskClient, address: str) -> None:
    found = page(client.get(address))
    alternates = {link["hreflang"]: link["href"] for link in found.all("link", rel="alternate")}
    assert alternates.keys() == {"sv", "en", "x-default"}
    assert found.one("link", rel="canonical")["href"] == alternates["sv"] == f"http://localhost{address}"
    assert found.one("meta", name="description")["content"]
    for tongue in ("sv", "en"):
        assert page(client.get(alternates[tongue])).one("html")["lang"] == tongue


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_on_a_page_is_inline_or_from_elsewhere(client: FlaskClient, address: str) -> None:
    found = page(client.get(address))
    assert not found.all("style")
    for element in found.all():
        assert not {name for name in element.attributes if name == "style" or name.startswith("on")}
    for element in found.all("script"):
        kind = element.attributes.get("type")
        assert kind in ("application/json", "application/ld+json") or element["src"].startswith("/static/")
    for element in found.all("link", rel="stylesheet") + found.all("use"):
        assert element["href"].startswith("/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_sets_a_cookie(client: FlaskClient, address: str) -> None:
    assert "Set-Cookie" not in client.get(address).headers


QUESTIONS = [
    "Vilka tomter är lediga?",
    "jobb",
    "Hur reserverar jag en tomt?",
    "vad finns i byarna",
    "jag vill dö",
    "xyzzy",
]


@pytest.mark.parametrize("question", [None, *QUESTIONS])
def test_the_first_page_and_the_first_answer_are_light(shipped: FlaskClient, question: str | None) -> None:
    response = shipped.post("/vindeln/sv/", data={"question": question}) if question else shipped.get("/vindeln/sv/")
    assert len(response.data) <= 30_000


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_of_every_shipped_answer_is_light(shipped: FlaskClient, language: str) -> None:
    titles = shipped.get(f"/api/v1/titles?municipality=vindeln&language={language}").json["titles"]
    sizes = {one["entry"]: len(shipped.get(f"/vindeln/{language}/{one['entry']}").data) for one in titles}
    assert {entry: size for entry, size in sizes.items() if size > 30_000} == {}


def test_colours_are_kept_by_the_browser_until_they_change(client: FlaskClient) -> None:
    link = next(
        link for link in page(client.get("/soderby/sv/")).all("link", rel="stylesheet") if "accent" in link["href"]
    )
    response = client.get(link["href"])
    assert response.mimetype == "text/css"
    assert response.cache_control.max_age == 31_536_000


# asking without JavaScript


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_question_comes_back_with_its_answer(client: FlaskClient, language: str) -> None:
    found = ask(client, ANSWERED[language], f"/norrby/{language}/")
    assert found.one("span", class_="said").text == ANSWERED[language]
    turn = found.one("div", id="answer")
    assert turn["lang"] == language
    assert {"sv": "Du kan reservera den i tre månader.", "en": "You can reserve it for three months."}[
        language
    ] in turn.text
    assert found.one("form", id="composer")["action"] == f"/norrby/{language}/#answer"


def test_an_answer_shows_where_it_comes_from(client: FlaskClient) -> None:
    source = ask(client, ANSWERED["sv"]).one("p", class_="source")
    assert source.text == (
        "Källa: norrby.example. Sidan är daterad den 22 februari 2022. Vi läste sidan den 21 november 2026."
    )
    assert source.one("a")["href"] == "https://www.norrby.example/reservera"


def test_a_source_without_a_date_says_so(client: FlaskClient) -> None:
    assert "Sidan har inget datum." in page(client.get("/norrby/sv/rental-housing")).one("p", class_="source").text


def test_only_a_checked_answer_says_that_the_municipality_checked_it(client: FlaskClient) -> None:
    checked = page(client.get("/norrby/sv/plots")).one("p", class_="checked").text
    assert checked == "Granskat av kommunen den 1 oktober 2026."
    assert not page(client.get("/norrby/sv/rental-housing")).all("p", class_="checked")


def test_an_answer_past_its_review_says_so_first(client: FlaskClient) -> None:
    card = ask(client, ANSWERED["sv"]).one("article")
    assert card.text.index("skulle ha setts över") < card.text.index("Skriv till byggkontoret")


def test_an_answer_that_is_not_local_says_so(client: FlaskClient) -> None:
    assert "gäller hela Sverige" in page(client.get("/norrby/sv/school")).one("article").text
    assert "gäller hela Sverige" not in page(client.get("/norrby/sv/plots")).one("article").text


def test_people_can_be_called_and_written_to(client: FlaskClient) -> None:
    contacts = page(client.get("/norrby/sv/plots")).one("ul", class_="contacts")
    assert contacts.one("a", href="tel:+46-933-140-20").text == "0933-140 20"
    assert contacts.one("a", href="mailto:bygg@norrby.example")
    assert "Telefontid 9–11." in contacts.text


def test_what_to_ask_next_is_ordinary_links(client: FlaskClient) -> None:
    card = ask(client, ANSWERED["sv"]).one("article")
    links = [link for link in card.all("a") if "data-entry" in link.attributes]
    assert [link["href"] for link in links] == ["/norrby/sv/plots"]
    assert client.get(links[0]["href"]).status_code == 200


def test_choices_are_ordinary_links_and_none_of_them_leads_to_a_person(client: FlaskClient) -> None:
    card = ask(client, UNSURE).one("article", class_="choices")
    links = card.one("ul", class_="steps").all("a")
    assert 2 <= len(links) <= 3
    assert all(client.get(link["href"]).status_code == 200 for link in links)
    none = card.one("details")
    assert none.one("summary").text == "Inget av det här"
    assert [link for link in none.all("a") if link["href"].startswith("tel:")]


def test_what_is_unknown_names_a_person(client: FlaskClient) -> None:
    card = ask(client, UNKNOWN).one("article", class_="none")
    call = next(link for link in card.all("a") if link["href"].startswith("tel:"))
    assert card.one("div", class_="text").text.endswith(f"{call.text}.")
    assert not card.all("p", class_="source")


def test_a_crisis_is_an_alert_with_numbers_to_call(client: FlaskClient) -> None:
    card = ask(client, CRISIS).one(class_="safety")
    assert card["role"] == "alert"
    assert card.all("a", href="tel:112")


@pytest.mark.parametrize("question", [ANSWERED["sv"], UNKNOWN])
def test_nothing_else_is_an_alert(client: FlaskClient, question: str) -> None:
    assert not ask(client, question).all(role="alert")


def test_the_conversation_goes_on_with_the_next_question(client: FlaskClient) -> None:
    found = ask(client, ANSWERED["sv"])
    token = found.one("form", id="composer").one("input", name="context")["value"]
    assert token
    answer = client.post("/api/v1/chat", json={"question": "och sedan?", "municipality": "norrby", "context": token})
    assert answer.json is not None
    assert answer.json["context_ignored"] is False


def test_the_switch_asks_the_same_in_the_other_language(client: FlaskClient) -> None:
    form = ask(client, ANSWERED["sv"]).one("form", class_="switch")
    fields = {field["name"]: field["value"] for field in form.all("input")}
    found = page(client.post(form["action"].partition("#")[0], data=fields))
    assert found.one("html")["lang"] == "en"
    assert found.one("span", class_="said").text == ANSWERED["sv"]
    assert "You can reserve it for three months." in found.one("article").text


def test_an_answer_in_another_language_than_the_page_is_marked(client: FlaskClient) -> None:
    found = ask(client, ANSWERED["en"], "/norrby/sv/")
    turn = found.one("div", id="answer")
    assert (found.one("html")["lang"], turn["lang"]) == ("sv", "en")
    assert "You asked:" in turn.text
    assert "Source:" in turn.text


@pytest.mark.parametrize(
    ("question", "said"),
    [("", "Skriv en fråga."), ("   ", "Skriv en fråga."), ("a" * 501, "Frågan har 501 tecken. Den får ha högst 500.")],
    ids=["empty", "blank", "too long"],
)
def test_a_question_that_cannot_be_asked_keeps_its_text(client: FlaskClient, question: str, said: str) -> None:
    response = client.post("/norrby/sv/", data={"question": question, "context": "kept"})
    found = page(response)
    box = found.one("textarea")
    assert response.status_code == 422
    assert found.one("p", id="mistake").text == said
    assert (box["aria-invalid"], box["aria-describedby"], box.text) == ("true", "mistake hint", question.strip())
    assert found.one("title").text.startswith("Fel:")
    assert found.one("form", id="composer").one("input", name="context")["value"] == "kept"


def test_a_form_without_a_question_is_refused_kindly(client: FlaskClient) -> None:
    assert client.post("/norrby/sv/").status_code == 422


def test_a_language_we_do_not_speak_is_not_a_choice(client: FlaskClient) -> None:
    assert ask(client, ANSWERED["sv"], language="de").one("div", id="answer")["lang"] == "sv"


def test_a_forged_context_changes_nothing(client: FlaskClient) -> None:
    assert "tre månader" in ask(client, ANSWERED["sv"], context="forged.token").text


def test_a_page_with_a_question_on_it_is_kept_nowhere(client: FlaskClient) -> None:
    response = client.post("/norrby/sv/", data={"question": ANSWERED["sv"]})
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_visitor_writes_is_only_text(client: FlaskClient, attack: str) -> None:
    plain, attacked = ask(client, "xyzzy"), ask(client, attack)
    assert attacked.one("span", class_="said").text == attack
    assert not attacked.all("img")
    assert len(attacked.all("script")) == len(plain.all("script"))
    assert not [element for element in attacked.all() if set(element.attributes) & {"onerror", "onload", "onfocus"}]


@pytest.mark.parametrize("attack", [attack * 60 for attack in ATTACKS[:5]])
def test_what_comes_back_into_the_box_is_only_text(client: FlaskClient, attack: str) -> None:
    found = page(client.post("/norrby/sv/", data={"question": attack}))
    assert found.one("textarea").text == attack[:2000].strip()


# one answer


@pytest.mark.parametrize("language", ["sv", "en"])
def test_an_answer_has_its_own_page(client: FlaskClient, language: str) -> None:
    found = page(client.get(f"/norrby/{language}/plots"))
    reply = client.get(f"/api/v1/entries/plots?municipality=norrby&language={language}").json
    assert reply is not None
    heading = reply["title"]
    assert found.one("h1").text == heading
    assert found.one("title").text.startswith(heading)
    assert found.one("meta", name="description")["content"].startswith(
        {"sv": "Norrby har tolv lediga", "en": "Norrby has twelve"}[language]
    )
    assert found.one("a", class_="switch")["href"] == f"/norrby/{'en' if language == 'sv' else 'sv'}/plots"
    assert found.one("form", id="composer")["action"] == f"/norrby/{language}/#answer"


def test_the_page_shows_what_the_api_says(client: FlaskClient) -> None:
    reply = client.get("/api/v1/entries/plots?municipality=norrby&language=sv").json
    card = page(client.get("/norrby/sv/plots")).one("article")
    assert reply is not None
    for link in reply["links"]:
        assert link["label"] in [shown.text for shown in card.all("a", href=link["url"])]
    for option in reply["next"]:
        assert card.one("a", href=option["link"]).text == option["title"]
    for contact in reply["contacts"]:
        assert contact["name"] in card.text


def test_the_address_kept_for_another_page_is_no_answer(client: FlaskClient) -> None:
    assert client.get("/norrby/sv/compare").status_code == 404


def test_a_description_is_cut_between_words() -> None:
    text = "Ring **växeln** och läs [kartan](https://a.se).\n\n1. Först\n2. Sedan " + "ord " * 60
    shown = excerpt(text)
    assert shown.startswith("Ring växeln och läs kartan. Först Sedan ord")
    assert shown.endswith("ord …")
    assert len(shown) <= 157


@pytest.mark.parametrize(
    ("url", "shown"),
    [("https://www.vindeln.se/x", "vindeln.se"), ("http://a.b.se", "a.b.se"), ("mailto:x@y.se", "mailto:x@y.se")],
)
def test_a_site_is_named_as_people_say_it(url: str, shown: str) -> None:
    assert host(url) == shown


# the code that makes them


@pytest.mark.parametrize("path", sorted((WEB / "static").glob("*.js")), ids=lambda path: path.name)
def test_no_script_writes_html_or_keeps_anything(path: Path) -> None:
    writing = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(|new Function"
    keeping = r"localStorage|sessionStorage|indexedDB|\.cookie"
    kept = {"sessionStorage"} if path.name == "widget.js" else set()  # from the first question on, see test_widget.py
    assert set(re.findall(f"{writing}|{keeping}", path.read_text())) == kept


@pytest.mark.parametrize("path", sorted((WEB / "templates").glob("*.html")), ids=lambda path: path.name)
def test_no_template_trusts_text(path: Path) -> None:
    assert not re.findall(r"\|\s*safe|autoescape false|style=|<style", path.read_text())
