"""The pages of questions without a good answer: what they show, what can be done, and who may."""

from collections.abc import Callable

import pytest
import seeds
from flask import Flask
from members import NOON, Browser, StoppedClock, add_member, begin_anew, count_deeds, deeds, service_of
from sqlalchemy import select
from test_editor import fields_of

from web.settings import Settings
from web.store.staff_tables import AuditRow

EDITOR, PUBLISHER, VIEWER = "eva@norrby.example", "per@norrby.example", "vera@norrby.example"


@pytest.fixture(scope="module")
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture(scope="module")
def made(make_app: Callable[..., Flask], clock: StoppedClock) -> Flask:
    return make_app(clock)


@pytest.fixture
def database() -> dict[str, str]:
    """What the store does is tested on both databases; here are pages."""
    return {}


@pytest.fixture
def app(made: Flask, store_settings: Settings, clock: StoppedClock) -> Flask:
    app = begin_anew(made, store_settings, clock)
    add_member(app, EDITOR, ("norrby", "editor"))
    add_member(app, PUBLISHER, ("norrby", "publisher"))
    add_member(app, VIEWER, ("norrby", "viewer"))
    add_member(app, "sara@soderby.example", ("soderby", "editor"))
    return app


@pytest.fixture
def hens(app: Flask) -> Flask:
    """Five visitors asked about hens in three ways, one about something else."""
    settings = seeds.store_of(app)
    seeds.ask(settings, *["kan man ha höns"] * 3, "kan man ha hons?", "höns kan man ha")
    seeds.ask(settings, "finns det curling", confidence=0.2)
    return app


@pytest.fixture
def eva(app: Flask, clock: StoppedClock) -> Browser:
    return Browser(app).sign_in(EDITOR, clock)


def link_of(browser: Browser, words: str) -> str:
    """Return the address of the cluster with that title."""
    page = browser.get("/staff/norrby/gaps?state=all").text
    before = page[: page.index(f">{words}</a>")]
    return before.rsplit('href="', 1)[1].split('"', 1)[0]


# the list


def test_those_that_mean_the_same_are_one_line(hens: Flask, eva: Browser) -> None:
    page = eva.get("/staff/norrby/gaps").text
    assert page.index(">kan man ha höns</a>") < page.index(">finns det curling</a>")
    assert "höns kan man ha<" not in page
    assert "ställd 5 gånger av 5 besökare" in page
    assert "ställd 1 gång av 1 besökare" in page


def test_an_empty_list_says_so(app: Flask, eva: Browser) -> None:
    assert "Alla frågor fick svar" in eva.get("/staff/norrby/gaps").text


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("", True),
        ("?state=new", True),
        ("?state=solved", False),
        ("?state=nonsense", True),
        ("?language=sv", True),
        ("?language=en", False),
        ("?page=7", True),
        ("?page=x", True),
    ],
)
def test_the_list_is_filtered(hens: Flask, eva: Browser, query: str, *, fits: bool) -> None:
    page = eva.get(f"/staff/norrby/gaps{query}").text
    assert (">kan man ha höns</a>" in page) is fits
    assert ("Ingen fråga passar" in page) is not fits


def test_a_long_list_has_pages(app: Flask, eva: Browser) -> None:
    seeds.ask(seeds.store_of(app), *(f"{number} {number} {number}" for number in range(51)))
    assert eva.get("/staff/norrby/gaps").text.count('name="key"') == 50
    second = eva.get("/staff/norrby/gaps?page=2&state=new&language=sv").text
    assert second.count('name="key"') == 1
    assert "state=new" in second.split('rel="prev"')[1][:120]


def test_those_of_another_municipality_are_not_there(hens: Flask, clock: StoppedClock, eva: Browser) -> None:
    path = link_of(eva, "kan man ha höns")
    sara = Browser(hens).sign_in("sara@soderby.example", clock)
    assert "höns" not in sara.get("/staff/soderby/gaps").text
    assert sara.get(path.replace("norrby", "soderby")).status_code == 404


def test_who_only_looks_gets_no_buttons(hens: Flask, clock: StoppedClock) -> None:
    vera = Browser(hens).sign_in(VIEWER, clock)
    assert 'name="key"' not in vera.get("/staff/norrby/gaps").text
    page = vera.get(link_of(vera, "kan man ha höns")).text
    assert 'name="do"' not in page
    assert 'name="entry"' not in page


# one of them


def test_one_shows_its_words_and_what_came_near(hens: Flask, eva: Browser) -> None:
    page = eva.get(link_of(eva, "kan man ha höns")).text
    for said in ("kan man ha hons?", "höns kan man ha", "inget svar hittades (5)", "% säkert"):
        assert said in page


def test_answers_on_danger_are_not_offered(hens: Flask, eva: Browser) -> None:
    page = eva.get(link_of(eva, "kan man ha höns")).text
    assert 'value="plots"' in page
    assert 'value="emergency"' not in page


@pytest.mark.parametrize("key", ["0" * 16, "x", "", "%C3%A5" * 16, "0" * 64])
def test_an_address_that_leads_to_none_is_not_there(hens: Flask, eva: Browser, key: str) -> None:
    assert eva.get(f"/staff/norrby/gaps/{key}").status_code == 404


def test_the_address_holds_although_others_come(hens: Flask, eva: Browser) -> None:
    path = link_of(eva, "finns det curling")
    seeds.ask(seeds.store_of(hens), *["finns curling"] * 2, *["curling finns det?"] * 4)
    assert "ställd 5 gånger" in eva.get(path).text


DEEDS = {
    "set aside": ("ignore", "lagd åt sidan", "gap_ignored"),
    "solved": ("solve", "löst", "gap_solved"),
    "open again": ("reopen", "ny", "gap_reopened"),
}


@pytest.mark.parametrize(("deed", "state", "action"), DEEDS.values(), ids=DEEDS)
def test_it_gets_a_state(hens: Flask, eva: Browser, deed: str, state: str, action: str) -> None:
    path = link_of(eva, "kan man ha höns")
    assert eva.post(path, {"do": deed}).status_code == 303
    assert f"<dd>{state}<span" in eva.get(path).text.replace("\n", "")
    assert deeds(hens)[-1] == action
    assert (">kan man ha höns</a>" in eva.get("/staff/norrby/gaps").text) is (deed == "reopen")


def test_other_deeds_are_refused(hens: Flask, eva: Browser) -> None:
    before = count_deeds(hens)
    assert eva.post(link_of(eva, "kan man ha höns"), {"do": "burn"}).status_code == 404
    assert count_deeds(hens) == before


def test_the_audit_holds_no_words_of_visitors(hens: Flask, eva: Browser) -> None:
    path = link_of(eva, "kan man ha höns")
    for deed in ("ignore", "solve", "reopen"):
        eva.post(path, {"do": deed})
    eva.post(f"{path}/group", {"group": "trebygden", "text": "Höns på tomten?", "read": "yes"})
    eva.post("/staff/norrby/gaps", {"key": path.rsplit("/", 1)[1]})
    with service_of(hens).store.reading() as connection:
        rows = [tuple(row) for row in connection.execute(select(AuditRow.object, AuditRow.detail))]
    assert "höns" not in str(rows).casefold()


def test_what_is_set_aside_stays_so_when_it_is_asked_again(hens: Flask, eva: Browser) -> None:
    eva.post(link_of(eva, "kan man ha höns"), {"do": "ignore"})
    seeds.ask(seeds.store_of(hens), "ha höns, kan man", at=NOON.replace(hour=15))
    assert "höns" not in eva.get("/staff/norrby/gaps").text
    assert "ställd 6 gånger" in eva.get("/staff/norrby/gaps?state=ignored").text


def test_what_was_solved_and_fails_again_comes_back(hens: Flask, eva: Browser) -> None:
    path = link_of(eva, "kan man ha höns")
    eva.post(path, {"do": "solve"})
    assert "höns" not in eva.get("/staff/norrby/gaps").text
    seeds.ask(seeds.store_of(hens), "kan man ha höns", at=NOON.replace(hour=15))
    assert "löst, men händer igen" in eva.get("/staff/norrby/gaps").text
    assert "har inte fått svar 1 gång till" in eva.get(path).text


def test_several_are_set_aside_at_once(hens: Flask, eva: Browser) -> None:
    keys = [link_of(eva, words).rsplit("/", 1)[1] for words in ("kan man ha höns", "finns det curling")]
    answer = eva.post("/staff/norrby/gaps", {"key": [*keys, "nonsense"], "state": "new", "language": "sv"})
    assert answer.headers["Location"] == "/staff/norrby/gaps?state=new&language=sv"
    assert deeds(hens).count("gap_ignored") == 1
    assert "Lade åt sidan: 2." in eva.get("/staff/norrby/gaps").text


def test_nothing_chosen_is_nothing_done(hens: Flask, eva: Browser) -> None:
    before = count_deeds(hens)
    assert eva.post("/staff/norrby/gaps", {"key": ""}).status_code == 303
    assert count_deeds(hens) == before


def test_an_answer_begins_with_what_was_asked(hens: Flask, eva: Browser) -> None:
    path = link_of(eva, "kan man ha höns")
    start = f"/staff/norrby/new-answer?gap={path.rsplit('/', 1)[1]}"
    assert f'href="{start}"' in eva.get(path).text
    before = count_deeds(hens)
    answer = eva.get(start)
    assert answer.headers["Location"] == f"/staff/norrby/answers/kan-man-ha-hons?gap={path.rsplit('/', 1)[1]}"
    page = eva.get(answer.headers["Location"]).text
    assert fields_of(page)["questions_sv"] == "kan man ha höns"
    assert fields_of(page)["match_sv"] == "kan man ha höns\nhöns kan man ha\nkan man ha hons?"
    assert (count_deeds(hens), "<dd>ny" in eva.get(path).text) == (before, True)


def test_an_answer_that_begins_with_nothing_says_so(app: Flask, eva: Browser) -> None:
    assert eva.get(f"/staff/norrby/new-answer?gap={'0' * 16}").headers["Location"] == "/staff/norrby/answers"


# the group

REFUSED: dict[str, dict[str, str]] = {
    "not read": {"group": "trebygden", "text": "Höns?"},
    "another group": {"group": "elsewhere", "text": "Höns?", "read": "yes"},
    "no words": {"group": "trebygden", "text": " ", "read": "yes"},
    "far too long": {"group": "trebygden", "text": "x" * 301, "read": "yes"},
    "a phone number": {"group": "trebygden", "text": "ring 070-174 06 05", "read": "yes"},
}


@pytest.mark.parametrize("form", REFUSED.values(), ids=REFUSED)
def test_what_nobody_has_read_is_not_sent(hens: Flask, eva: Browser, form: dict[str, str]) -> None:
    answer = eva.post(f"{link_of(eva, 'kan man ha höns')}/group", form)
    assert answer.status_code == 422
    assert 'class="mistake"' in answer.text
    assert "gap_sent" not in deeds(hens)


def test_the_group_sees_what_was_sent(hens: Flask, eva: Browser, clock: StoppedClock) -> None:
    path = link_of(eva, "kan man ha höns")
    assert (
        eva.post(f"{path}/group", {"group": "trebygden", "text": "Höns på tomten?", "read": "yes"}).status_code == 303
    )
    sara = Browser(hens).sign_in("sara@soderby.example", clock)
    page = sara.get("/staff/soderby/gaps").text
    assert "Höns på tomten?" in page
    assert "Norrby, av 5 besökare" in page
    assert "kan man ha höns" not in page
    eva.post(f"{path}/group", {"do": "take_back"})
    assert "Höns" not in sara.get("/staff/soderby/gaps").text
    assert eva.post(f"{path}/group", {"do": "take_back"}).status_code == 404


# a phrasing


WISH = {"entry": "plots", "text": "kan man ha höns", "language": "sv"}


def test_what_a_phrasing_changes_is_shown_first(hens: Flask, eva: Browser) -> None:
    page = eva.get(f"{link_of(eva, 'kan man ha höns')}/phrasing", query_string=WISH).text
    assert "Det hjälper 3 formuleringar." in page
    assert "inget svar" in page
    assert "Inget prov går sönder" in page
    assert "Lägg till formuleringen" not in page
    assert "Spara som utkast" in page


@pytest.mark.parametrize(
    "wish", [{"entry": "nowhere"}, {"entry": "emergency"}, {"entry": "plots", "text": "x" * 201}, {}]
)
def test_a_phrasing_of_nothing_is_not_tried(hens: Flask, eva: Browser, wish: dict[str, str]) -> None:
    assert eva.get(f"{link_of(eva, 'kan man ha höns')}/phrasing", query_string=wish).status_code == 404


# what was asked of no municipality

OF_NOBODY = "/staff/norrby/gaps"


@pytest.fixture
def of_nobody(app: Flask) -> Flask:
    """Two questions that no municipality was asked: one names a group, one does not."""
    settings = seeds.store_of(app)
    seeds.ask(settings, "har trebygden curling", municipality="group:trebygden", kind="choose")
    seeds.ask(settings, "var finns isracing", municipality="*", kind="choose")
    add_member(app, "gun@trebygden.example", ("group:trebygden", "editor"))
    add_member(app, "ulf@hemvist.example", ("*", "editor"))
    return app


@pytest.mark.parametrize(
    ("who", "of_group", "of_all"),
    [(EDITOR, False, False), ("gun@trebygden.example", True, False), ("ulf@hemvist.example", True, True)],
    ids=["of the municipality", "of the group", "of all"],
)
def test_what_was_asked_of_no_municipality_is_for_those_of_the_group_or_of_all(
    of_nobody: Flask, clock: StoppedClock, who: str, *, of_group: bool, of_all: bool
) -> None:
    page = Browser(of_nobody).sign_in(who, clock).get(OF_NOBODY).text
    assert (">har trebygden curling</a>" in page, ">var finns isracing</a>" in page) == (of_group, of_all)
    assert ("ställt till gruppen trebygden" in page, "ställt till ingen kommun" in page) == (of_group, of_all)


def test_what_was_asked_of_a_group_is_set_aside_for_all_its_municipalities(
    of_nobody: Flask, clock: StoppedClock
) -> None:
    gun = Browser(of_nobody).sign_in("gun@trebygden.example", clock)
    path = link_of(gun, "har trebygden curling")
    assert gun.post(path, {"do": "ignore"}).status_code == 303
    for place in ("norrby", "soderby"):
        assert ">har trebygden curling</a>" not in gun.get(f"/staff/{place}/gaps").text


def test_what_was_asked_of_a_group_is_not_there_for_who_only_has_a_municipality(
    of_nobody: Flask, clock: StoppedClock, eva: Browser
) -> None:
    gun = Browser(of_nobody).sign_in("gun@trebygden.example", clock)
    path = link_of(gun, "har trebygden curling")
    assert eva.get(path).status_code == 404
    assert eva.post(path, {"do": "ignore"}).status_code == 404
