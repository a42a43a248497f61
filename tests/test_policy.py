"""What the service says about itself is written from what it is: one source for the pages and for the command."""

import re
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from reading import Element, read_page

from bot import Language, load
from bot.quality.readability import lix
from web.cli import cli
from web.policy.accessibility import COMPLAINT
from web.policy.document import Facts, facts_of
from web.policy.writing import DOCUMENTS, Kind
from web.settings import read_settings

KNOWLEDGE = Path(__file__).parent / "knowledge"
SHIPPED = Path(__file__).parent.parent / "knowledge"
PAGES: dict[str, Kind] = {"policy": "privacy", "accessibility": "accessibility"}
LANGUAGES: tuple[Language, ...] = ("sv", "en")
TILES = "https://tiles.norrby.example/{z}/{x}/{y}.png"


@pytest.fixture(scope="module")
def make_facts() -> Callable[..., Facts]:
    """Write from the facts of a municipality, some of them changed."""
    knowledge = load(KNOWLEDGE)

    def make(municipality: str = "norrby", language: Language = "sv", **changed: Any) -> Facts:
        facts = facts_of(knowledge.view(municipality), read_settings({}), language)
        own = {field.name for field in fields(facts)}
        inner = {name: value for name, value in changed.items() if name not in own}
        outer = {name: value for name, value in changed.items() if name in own}
        return replace(facts, municipality=replace(facts.municipality, **inner), **outer)

    return make


def show(client: FlaskClient, address: str) -> Element:
    response = client.get(address)
    assert response.status_code == 200
    return read_page(response.text)


def text(element: Element) -> str:
    """All text, with the spaces that do not break made ordinary ones."""
    return element.text.replace("\u00a0", " ")


# the pages


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_the_page_is_the_text_of_the_command(
    client: FlaskClient, make_facts: Callable[..., Facts], page: str, language: Language
) -> None:
    found = show(client, f"/norrby/{language}/{page}")
    document = DOCUMENTS[PAGES[page]](make_facts(language=language))
    assert found.one("html")["lang"] == language
    assert found.one("h1").text == document.title
    assert [heading.text for heading in found.one("main").all("h2")] == [one.heading for one in document.sections]
    shown = text(found.one("main"))
    for section in document.sections:
        for line in re.sub(r"\[([^]]+)\]\([^)]*\)|^- ", r"\1", section.text, flags=re.M).splitlines():
            assert line in shown


@pytest.mark.parametrize("address", ["/", "/norrby/sv/", "/norrby/sv/plots", "/norrby/sv/map", "/norrby/sv/search"])
def test_both_stand_at_the_foot_of_every_page(client: FlaskClient, address: str) -> None:
    foot = show(client, address).one("footer")
    for page, name in (("policy", "Dina uppgifter"), ("accessibility", "Tillgänglighet")):
        (link,) = [link for link in foot.all("a") if link.text == name]
        led = client.get(link["href"], follow_redirects=True)
        assert led.status_code == 200
        assert led.request.path == (f"/{page}" if address == "/" else f"/norrby/sv/{page}")


@pytest.mark.parametrize(
    ("address", "led_to"),
    [("/finns/inte", "/policy?language=sv"), ("/norrby/sv/finns-inte", "/norrby/sv/policy")],
)
def test_a_wrong_address_leads_there_too(client: FlaskClient, address: str, led_to: str) -> None:
    foot = read_page(client.get(address).text).one("footer")
    assert [link["href"] for link in foot.all("a") if link.text == "Dina uppgifter"] == [led_to]


@pytest.mark.parametrize("page", PAGES)
def test_without_a_municipality_one_is_chosen(client: FlaskClient, page: str) -> None:
    response = client.get(f"/{page}?language=en")
    links = read_page(response.text).one("ul", class_="places").all("a")
    assert [link["href"] for link in links] == [f"/{name}/en/{page}" for name in ("norrby", "ostby", "soderby")]
    assert "Accept-Language" in response.headers["Vary"]


def test_where_there_is_only_one_municipality_its_page_comes_at_once(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    knowledge = shutil.copytree(SHIPPED, tmp_path / "knowledge")
    for other in (knowledge / "municipalities").iterdir():
        if other.name != "vindeln":
            shutil.rmtree(other)
    client = make_app(HEMVIST_KNOWLEDGE=str(knowledge)).test_client()
    assert client.get("/policy", headers={"Accept-Language": "en"}).location == "/vindeln/en/policy"


def test_an_address_as_people_write_it_leads_right(client: FlaskClient) -> None:
    assert client.get("/Söderby/sv/policy").location == "/soderby/sv/policy"
    assert client.get("/nowhere/sv/policy").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_what_search_engines_ask(client: FlaskClient, page: str) -> None:
    found = show(client, f"/soderby/sv/{page}")
    assert found.one("link", rel="canonical")["href"] == f"http://localhost/soderby/sv/{page}"
    assert found.one("meta", name="description")["content"]
    assert not found.all("meta", name="robots")
    assert found.one("a", class_="switch")["href"] == f"/soderby/en/{page}"
    assert not found.all("script")


@pytest.mark.parametrize("page", PAGES)
def test_a_demonstration_says_that_it_is_one(client: FlaskClient, page: str) -> None:
    assert "en demonstration" in text(show(client, f"/norrby/sv/{page}").one("main"))
    assert "demonstration" not in text(show(client, f"/soderby/sv/{page}"))


# privacy, as it really is


@pytest.mark.parametrize(("days", "said"), [(30, "efter 30 dagar"), (1, "efter 1 dag."), (365, "efter 365 dagar")])
def test_how_long_is_said_by_the_setting(make_facts: Callable[..., Facts], days: int, said: str) -> None:
    assert said in DOCUMENTS["privacy"](make_facts(retention_days=days)).as_markdown()


def test_the_setting_is_that_of_the_server() -> None:
    result = run("--municipality", "norrby", "--kind", "privacy", HEMVIST_RETENTION_DAYS="45")
    assert "efter 45 dagar" in result.output


def test_who_gives_the_map_its_pictures_is_said(make_app: Callable[..., Flask]) -> None:
    client = make_app(HEMVIST_TILE_URL=TILES, HEMVIST_TILE_ATTRIBUTION="Norrby").test_client()
    assert "tiles.norrby.example" in text(show(client, "/norrby/sv/policy"))
    plain = make_app().test_client()
    assert "hämtar din webbläsare bilder" not in text(show(plain, "/norrby/sv/policy"))


def test_that_nothing_is_deleted_for_now_is_said(make_facts: Callable[..., Facts]) -> None:
    for kind in ("privacy", "record", "disposal"):
        held, free = (DOCUMENTS[kind](make_facts(legal_hold=hold)).as_markdown() for hold in (True, False))
        assert len(held) > len(free)
        assert "just nu" in held.casefold()


@pytest.mark.parametrize(
    "word", ["personnummer", "kakor", "ip-adress", "6.1 e", "IMY", "Radera samtalet", "Namn, gatuadresser"]
)
def test_the_privacy_page_tells(client: FlaskClient, word: str) -> None:
    assert word in text(show(client, "/norrby/sv/policy"))


def test_the_municipality_is_responsible_once_it_stands_behind_it(make_facts: Callable[..., Facts]) -> None:
    assert "Kommunen i Norrby ansvarar" in DOCUMENTS["privacy"](make_facts(official=True)).as_markdown()
    assert "Den som driver servern ansvarar" in DOCUMENTS["privacy"](make_facts(official=False)).as_markdown()


def test_whom_to_turn_to_is_named(client: FlaskClient) -> None:
    main = show(client, "/norrby/sv/policy").one("main")
    assert "0933-140 00" in text(main)
    assert main.all("a", href="https://www.norrby.example")


def test_a_municipality_without_a_switchboard_is_named_itself(make_facts: Callable[..., Facts]) -> None:
    assert "- Kommunen i Östby" in DOCUMENTS["privacy"](make_facts("ostby")).as_markdown()


# accessibility: the eleven things of Digg

ELEVEN = {
    "actor": "Kommunen i Söderby står bakom tjänsten",
    "service": "Hemvist, chatten",
    "how far it meets the law": "delvis förenlig med lagen",
    "what does not work, and why": "De här bristerna känner vi till",
    "when it was looked through": "gicks igenom senast den 22 november 2026",
    "when the text was changed": "Texten ändrades senast den 22 november 2026",
    "how it was tested": "Vi har testat själva",
    "where to report": "Säg till kommunen",
    "who supervises": "Myndigheten Digg har tillsyn",
    "undue burden": "(12 §)",
    "outside the law": "(9 §)",
}


@pytest.mark.parametrize("said", ELEVEN.values(), ids=ELEVEN)
def test_the_statement_tells(client: FlaskClient, said: str) -> None:
    assert said in text(show(client, "/soderby/sv/accessibility"))


def test_the_statement_links_to_digg_s_own_form(client: FlaskClient) -> None:
    assert show(client, "/soderby/en/accessibility").one("a", href=COMPLAINT)


def test_the_statement_owns_what_is_not_known(client: FlaskClient) -> None:
    shown = text(show(client, "/soderby/en/accessibility"))
    assert "This we do not know: how it works with a screen reader in daily use" in shown


# the command


def run(*arguments: str, **settings: str) -> Result:
    return CliRunner().invoke(cli, ["policy", *arguments], env={"HEMVIST_KNOWLEDGE": str(KNOWLEDGE), **settings})


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_command_prints_one_text(make_facts: Callable[..., Facts], kind: Kind) -> None:
    result = run("--municipality", "soderby", "--language", "en", "--kind", kind)
    assert result.exit_code == 0
    assert result.output == DOCUMENTS[kind](make_facts("soderby", "en")).as_markdown() + "\n"


def test_the_command_prints_all_in_swedish() -> None:
    titles = [line for line in run("--municipality", "norrby").output.splitlines() if line.startswith("# ")]
    assert titles == [
        "# Dina uppgifter",
        "# Registerförteckning",
        "# Gallring av frågor till inflyttarchatten",
        "# Tillgänglighetsredogörelse",
    ]


def test_the_command_reads_the_settings() -> None:
    tiles = {"HEMVIST_TILE_URL": TILES, "HEMVIST_TILE_ATTRIBUTION": "Norrby"}
    assert "tiles.norrby.example" in run("--municipality", "norrby", "--kind", "privacy", **tiles).output


def test_a_municipality_that_is_not_there_is_a_line_not_a_traceback() -> None:
    result = run("--municipality", "nowhere")
    assert result.exit_code == 2
    assert "nowhere" in result.output


# every text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_words_are_plain(make_facts: Callable[..., Facts], kind: Kind, language: Language) -> None:
    for municipality in ("norrby", "soderby"):
        document = DOCUMENTS[kind](make_facts(municipality, language, tile_host="a.example", legal_hold=True))
        assert lix(document.as_markdown()) <= 40


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_text_is_whole_in_both_languages(make_facts: Callable[..., Facts], kind: Kind) -> None:
    swedish, english = (DOCUMENTS[kind](make_facts(language=language)) for language in LANGUAGES)
    assert len(swedish.sections) == len(english.sections)
    pairs = zip(swedish.sections, english.sections, strict=True)
    assert [one.heading for one, other in pairs if one.heading == other.heading or one.text == other.text] == []


def test_a_decision_on_disposal_is_quoted(make_facts: Callable[..., Facts]) -> None:
    decided = DOCUMENTS["disposal"](make_facts(disposal="KS 2026/123")).as_markdown()
    assert "Beslutat: KS 2026/123" in decided
    assert "Inte beslutat ännu" in DOCUMENTS["disposal"](make_facts()).as_markdown()


def test_the_record_has_what_article_30_asks_for(make_facts: Callable[..., Facts]) -> None:
    headings = [one.heading for one in DOCUMENTS["record"](make_facts(language="en")).sections]
    assert headings == [
        "Controller",
        "Data protection officer",
        "Purpose",
        "Legal basis",
        "Whose data",
        "What data",
        "Who gets it",
        "Outside the EU and EEA",
        "How long",
        "Safeguards",
    ]


def test_a_name_is_only_text(make_app: Callable[..., Flask], knowledge_folder: Path) -> None:
    path = knowledge_folder / "municipalities" / "norrby" / "municipality.yaml"
    path.write_text(path.read_text().replace("sv: Norrby", "sv: <b onclick=x>Norrby</b>"))
    client = make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder)).test_client()
    assert not show(client, "/norrby/sv/policy").all("b")
