"""The chat in a real browser: asked, answered, in trouble, in two languages, by keyboard, on any screen."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from media import MEDIA, NAMES
from payloads import TEXTS, poisoned
from playwright.sync_api import BrowserContext, Page, expect

from bot import load
from web.markdown import render, render_with_calls

SHIPPED = Path(__file__).resolve().parent.parent.parent / "knowledge"
CHAT = "/norrby/sv/"
ANSWERED = "Hur reserverar jag en tomt?"
ANSWER = "Du kan reservera den i tre månader."
UNKNOWN = "bästa receptet på pannkakor"
CRISIS = "det brinner i huset"
RECORDS = "tomt under 200000"
XSS = "<img src=x onerror=\"document.title='broken in'\">"
REPLY: dict[str, Any] = {
    "kind": "answer",
    "language": "sv",
    "entry": "plots",
    "title": "Tomter",
    "text": "Ring.",
    "text_language": "sv",
    "source": None,
    "checked": None,
    "records": [],
    "total": 0,
    "filters": {},
    "chips": [],
    "relaxed": None,
    "list_link": None,
    "plan_link": None,
    "together": [],
    "municipality": "norrby",
    "municipalities": [],
    "comparison": None,
    "contacts": [],
    "links": [],
    "next": [],
    "choices": [],
    "notices": [],
    "link": None,
    "context": "token",
    "context_ignored": False,
    "confidence": 1.0,
}
CHOICES = REPLY | {
    "kind": "choices",
    "entry": None,
    "title": None,
    "text": "Menar du något av det här?",
    "choices": [
        {"entry": "plots", "title": "Lediga tomter?", "link": "/norrby/sv/plots"},
        {"entry": "rental-housing", "title": "Hyra?", "link": "/norrby/sv/rental-housing"},
    ],
    "contacts": [
        {
            "name": "Växeln",
            "phone": "0933-140 00",
            "phone_link": "tel:+46-933-140-00",
            "email": None,
            "url": None,
            "address": None,
            "note": None,
            "languages": [],
            "hours": None,
            "phone_hours": None,
        }
    ],
}


def ask(page: Page, question: str) -> None:
    before = page.locator("#log .turn").count()
    box = page.get_by_label("Din fråga")
    box.fill(question)
    box.press("Enter")
    expect(page.locator("#log .turn")).to_have_count(before + 1)


def test_a_question_is_answered_on_the_page(page: Page) -> None:
    page.goto(CHAT)
    ask(page, ANSWERED)
    turn = page.get_by_role("log").locator(".turn")
    expect(turn).to_contain_text(f"Du frågade: {ANSWERED}")
    expect(turn).to_contain_text(ANSWER)
    expect(turn).to_contain_text(
        "Källa: norrby.example. Sidan är daterad den 22 februari 2022. Vi läste sidan den 21 november 2026."
    )
    assert page.url.endswith(CHAT)


def test_the_focus_stays_in_the_emptied_box(page: Page) -> None:
    page.goto(CHAT)
    ask(page, ANSWERED)
    expect(page.get_by_label("Din fråga")).to_be_focused()
    expect(page.get_by_label("Din fråga")).to_have_value("")


def test_the_new_answer_is_in_view_and_nothing_covers_its_beginning(page: Page) -> None:
    page.goto(CHAT)
    ask(page, ANSWERED)
    ask(page, "Hur hyr jag en lägenhet i Norrby?")
    page.wait_for_timeout(600)
    top = page.locator(".turn").last.bounding_box()
    composer = page.locator("#composer").bounding_box()
    assert top is not None
    assert composer is not None
    assert -1 <= top["y"] < composer["y"] - 100


def test_shift_and_enter_make_a_new_line(page: Page) -> None:
    page.goto(CHAT)
    box = page.get_by_label("Din fråga")
    box.press_sequentially("en")
    box.press("Shift+Enter")
    box.press_sequentially("två")
    expect(box).to_have_value("en\ntvå")
    expect(page.locator(".turn")).to_have_count(0)


def test_an_empty_question_is_not_sent(page: Page) -> None:
    page.goto(CHAT)
    page.get_by_role("button", name="Fråga", exact=True).click()
    page.get_by_label("Din fråga").fill("   ")
    page.get_by_role("button", name="Fråga", exact=True).click()
    expect(page.locator(".turn")).to_have_count(0)


def test_one_question_at_a_time(page: Page, answer_with: Callable[..., None]) -> None:
    answer_with(REPLY)
    page.goto(CHAT)
    page.get_by_label("Din fråga").fill("tomt")
    page.evaluate("for (let i = 0; i < 5; i++) document.getElementById('composer').requestSubmit()")
    expect(page.locator(".turn")).to_have_count(1)
    page.wait_for_timeout(300)
    expect(page.locator(".turn")).to_have_count(1)


def test_what_is_asked_while_waiting_is_answered_next(page: Page) -> None:
    page.route("**/api/v1/chat", lambda route: (page.wait_for_timeout(400), route.continue_()))
    page.goto(CHAT)
    for question in (ANSWERED, CRISIS):
        page.get_by_label("Din fråga").fill(question)
        page.get_by_label("Din fråga").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(".said")).to_have_text([ANSWERED, CRISIS])


def test_the_conversation_is_carried_on(page: Page) -> None:
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request.post_data_json) if request.url.endswith("/chat") else None)
    page.goto(CHAT)
    ask(page, ANSWERED)
    ask(page, "och sedan?")
    expect(page.locator(".turn")).to_have_count(2)
    assert sent[0] == {"question": ANSWERED, "municipality": "norrby", "language": None, "context": None}
    assert len(sent[1]["context"]) > 20


def test_a_topic_is_answered_in_the_conversation(page: Page) -> None:
    page.goto(CHAT)
    page.get_by_role("link", name="Lediga tomter").click()
    expect(page.locator(".turn")).to_contain_text("Norrby har tolv lediga tomter.")
    expect(page.locator(".turn")).to_contain_text("Granskat av kommunen den 1 oktober 2026.")
    assert page.url.endswith(CHAT)


def test_after_a_topic_the_next_question_is_about_it(page: Page) -> None:
    page.goto(CHAT)
    page.get_by_role("link", name="Lediga tomter").click()
    expect(page.locator(".turn")).to_have_count(1)
    assert page.locator("input[name=context]").input_value()


def test_a_topic_can_be_opened_in_a_tab_of_its_own(page: Page, context: BrowserContext) -> None:
    page.goto(CHAT)
    with context.expect_page() as opened:
        page.get_by_role("link", name="Lediga tomter").click(modifiers=["Control"])
    opened.value.wait_for_load_state()
    assert opened.value.url.endswith("/norrby/sv/plots")
    opened.value.close()


def test_choices_are_buttons_and_none_of_them_leads_to_a_person(page: Page, answer_with: Callable[..., None]) -> None:
    answer_with(CHOICES)
    page.route("**/api/v1/feedback", lambda route: route.fulfill(status=204))
    page.goto(CHAT)
    ask(page, "tomt eller hyra")
    card = page.locator(".card.choices")
    expect(card.get_by_role("link", name="0933-140 00")).to_be_hidden()
    card.get_by_text("Inget av det här").click()
    expect(card.get_by_role("link", name="0933-140 00")).to_have_attribute("href", "tel:+46-933-140-00")
    card.get_by_role("link", name="Hyra?").click()
    expect(page.locator(".turn").last).to_contain_text("Norrbybostäder hyr ut lägenheter.")
    expect(page.locator(".turn").last).to_contain_text("Du frågade: Hyra?")


def test_what_is_unknown_names_a_person(page: Page) -> None:
    page.goto(CHAT)
    ask(page, UNKNOWN)
    expect(page.locator(".card.none .contacts a[href^='tel:']").first).to_be_visible()


def test_only_a_crisis_is_an_alert(page: Page) -> None:
    page.goto(CHAT)
    ask(page, ANSWERED)
    ask(page, UNKNOWN)
    expect(page.get_by_role("alert")).to_have_count(0)
    ask(page, CRISIS)
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("alert").get_by_role("link", name="112", exact=True).first).to_have_attribute(
        "href", re.compile("^tel:112$")
    )


def test_a_slow_answer_says_that_it_is_coming(page: Page) -> None:
    page.route("**/api/v1/chat", lambda route: (page.wait_for_timeout(700), route.continue_()))
    page.goto(CHAT)
    page.get_by_label("Din fråga").fill(ANSWERED)
    page.get_by_label("Din fråga").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Söker svar …")
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.get_by_role("status")).to_be_empty()


def test_a_quick_answer_does_not(page: Page) -> None:
    page.goto(CHAT)
    page.evaluate("""() => { const status = document.getElementById('status'); window.said = [];
        new MutationObserver(() => window.said.push(status.textContent))
            .observe(status, { childList: true, characterData: true, subtree: true }) }""")
    ask(page, ANSWERED)
    assert [text for text in page.evaluate("window.said") if text] == []


# what can be done with it


def test_questions_are_suggested_without_sending_what_is_typed(page: Page) -> None:
    page.goto(CHAT)
    box = page.get_by_label("Din fråga")
    with page.expect_response("**/titles**"):
        box.press_sequentially("r")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    box.press_sequentially("eser")
    expect(page.get_by_role("option")).to_have_text([ANSWERED])
    assert asked == []
    box.press("ArrowDown")
    box.press("Enter")
    expect(page.locator(".turn")).to_contain_text(ANSWER)
    expect(box).to_have_value("")


def test_the_conversation_is_deleted(page: Page) -> None:
    sent: list[Any] = []
    page.route(
        "**/api/v1/conversation", lambda route: (sent.append(route.request.post_data_json), route.fulfill(status=204))
    )
    page.goto(CHAT)
    expect(page.locator(".tools")).to_have_count(0)
    ask(page, ANSWERED)
    page.get_by_role("button", name="Radera samtalet").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("Samtalet är raderat.")
    expect(page.get_by_label("Din fråga")).to_be_focused()
    assert page.locator("input[name=context]").input_value() == ""
    assert [set(one) for one in sent] == [{"context"}]


def test_the_conversation_is_saved_as_text(page: Page) -> None:
    page.goto(CHAT)
    ask(page, ANSWERED)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Spara som text").click()
    assert ANSWER in Path(saved.value.path()).read_text()


def test_an_answer_is_judged(page: Page, violations: Callable[[], Any]) -> None:
    sent: list[Any] = []
    page.route(
        "**/api/v1/feedback", lambda route: (sent.append(route.request.post_data_json), route.fulfill(status=204))
    )
    page.goto(CHAT)
    ask(page, ANSWERED)
    page.get_by_role("button", name="Nej", exact=True).click()
    expect(page.get_by_label("Vill du säga varför?")).to_be_focused()
    assert violations() == []
    page.keyboard.type("Priset saknas.")
    page.get_by_role("button", name="Skicka").click()
    expect(page.locator(".judge")).to_have_text("Tack.")
    assert [(one["entry"], one["helpful"], one["reason"]) for one in sent] == [
        ("plot-reservation", False, ""),
        ("plot-reservation", False, "Priset saknas."),
    ]


# trouble


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        ({"lost": True}, "Tjänsten svarar inte som den ska."),
        ({"status": 500, "reply": {"detail": "secret"}}, "Tjänsten svarar inte som den ska."),
        ({"status": 503, "reply": "not a problem"}, "Tjänsten svarar inte som den ska."),
        ({"status": 422, "reply": {"detail": "Skriv en fråga."}}, "Skriv en fråga."),
    ],
    ids=["no connection", "error of ours", "no sense", "refused"],
)
def test_trouble_is_told_calmly_and_the_question_is_kept(
    page: Page, answer_with: Callable[..., None], quiet_console: list[str], failure: dict[str, Any], said: str
) -> None:
    answer_with(**failure)
    page.goto(CHAT)
    page.get_by_label("Din fråga").fill(ANSWERED)
    page.get_by_label("Din fråga").press("Enter")
    trouble = page.get_by_role("log").locator(".trouble")
    expect(trouble).to_contain_text(said)
    expect(trouble.get_by_role("link", name="0933-140 00")).to_be_visible()
    expect(trouble.get_by_role("link", name="Ring 112 om någon är i fara.")).to_have_attribute("href", "tel:112")
    expect(page.get_by_label("Din fråga")).to_have_value(ANSWERED)
    expect(page.get_by_label("Din fråga")).to_be_focused()
    expect(page.get_by_role("alert")).to_have_count(0)
    quiet_console.clear()  # the browser itself notes a failed request


def test_offline_is_told_and_passes(page: Page, context: BrowserContext, quiet_console: list[str]) -> None:
    page.goto(CHAT)
    context.set_offline(True)
    page.get_by_label("Din fråga").fill(ANSWERED)
    page.get_by_label("Din fråga").press("Enter")
    expect(page.locator(".trouble")).to_contain_text("Du verkar sakna kontakt med internet.")
    context.set_offline(False)
    page.get_by_label("Din fråga").press("Enter")
    expect(page.locator(".turn:not(.trouble)")).to_contain_text(ANSWER)
    expect(page.locator(".trouble")).to_have_count(0)
    quiet_console.clear()


@pytest.mark.parametrize(
    "reply",
    [
        REPLY | {"text": XSS, "title": XSS},
        REPLY | {"text": "[x](javascript:alert(1)) **<b>x</b>**"},
        REPLY | {"links": [{"url": "javascript:alert(1)", "label": XSS}]},
        REPLY | {"next": [{"entry": XSS, "title": XSS, "link": "javascript:alert(1)"}]},
        REPLY | {"notices": [{"code": 'x" onload="alert(1)', "text": XSS}]},
        CHOICES
        | {"contacts": [{**CHOICES["contacts"][0], "name": XSS, "note": XSS, "phone_link": "javascript:alert(1)"}]},
    ],
    ids=["text", "Markdown", "link", "next", "notice", "contact"],
)
def test_what_the_api_sends_is_only_text(page: Page, answer_with: Callable[..., None], reply: dict[str, Any]) -> None:
    answer_with(reply)
    page.goto(CHAT)
    ask(page, XSS)
    page.wait_for_timeout(100)
    assert page.title().startswith("Fråga om att flytta")
    assert page.locator("#log img, #log b, #log script").count() == 0
    assert page.locator("#log a[href^=javascript]").count() == 0
    expect(page.locator(".said")).to_have_text(XSS)


def test_what_is_written_is_only_text(page: Page, answer_with: Callable[..., None]) -> None:
    page.goto(CHAT)
    before = page.evaluate("document.querySelectorAll('script, style, iframe, base, meta, link, form').length")
    for number, text in enumerate(TEXTS):
        answer_with(poisoned(text))
        page.get_by_label("Din fråga").fill(text)
        page.get_by_role("button", name="Fråga", exact=True).click()
        anyway = page.get_by_role("button", name="Skicka ändå")
        expect(page.locator(".said").nth(number).or_(anyway).first).to_be_visible(timeout=15_000)
        if anyway.count():
            anyway.click()
        expect(page.locator(".said").nth(number)).to_have_text(text.strip())
        assert page.title().startswith("Fråga om att flytta"), text
        found = page.evaluate("document.querySelectorAll('script, style, iframe, base, meta, link, form').length")
        assert found == before, text
        assert page.locator("#log :is(img, b, i, video, math, template, slot, input)").count() == 0, text
        links = page.evaluate("[...document.querySelectorAll('#log a')].map((link) => [link.protocol, link.host])")
        assert {protocol for protocol, _ in links} <= {"http:", "https:", "mailto:", "tel:"}, text
        assert not [host for _, host in links if "evil" in host], text


# languages


def test_the_switch_keeps_the_conversation(page: Page) -> None:
    page.goto(CHAT)
    ask(page, ANSWERED)
    page.get_by_label("Din fråga").fill("halvskriven fråga")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask about moving to Norrby")
    expect(page.locator(".turn")).to_contain_text("You can reserve it for three months.")
    expect(page.locator(".turn")).to_have_attribute("lang", "en")
    expect(page.locator(".said")).to_have_text(ANSWERED)
    expect(page.get_by_label("Your question")).to_have_value("halvskriven fråga")
    expect(page.get_by_role("link", name="Svenska")).to_be_focused()
    assert page.url.endswith("/norrby/en/")
    assert page.evaluate("[document.documentElement.lang, document.title]") == ["en", "Ask about moving to Norrby"]


def test_what_was_asked_or_opened_is_said_in_the_other_language(page: Page) -> None:
    page.goto(CHAT)
    page.get_by_role("link", name="Lediga tomter").click()
    expect(page.locator("#log .turn")).to_have_count(1)
    ask(page, UNKNOWN)
    page.get_by_role("link", name="English").click()
    expect(page.locator(".said")).to_have_text(["Are there plots for sale?", UNKNOWN])
    expect(page.locator(".turn").first).to_contain_text("Norrby has twelve plots for sale.")
    expect(page.locator(".turn").last).to_contain_text("I do not know the answer to that.")


def test_asking_goes_on_after_the_switch_and_back_is_back(page: Page) -> None:
    page.goto(CHAT)
    ask(page, ANSWERED)
    page.get_by_role("link", name="English").click()
    page.get_by_label("Your question").fill("How do I rent a flat in Norrby?")
    page.get_by_label("Your question").press("Enter")
    expect(page.locator(".turn").last).to_contain_text("You asked: How do I rent a flat in Norrby?")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fråga om att flytta till Norrby")
    expect(page.locator(".turn")).to_have_count(2)


def test_without_a_conversation_the_switch_is_a_link(page: Page) -> None:
    page.goto(CHAT)
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/norrby/en/")
    expect(page.get_by_label("Your question")).to_be_visible()


def test_an_answer_is_marked_with_its_own_language(page: Page) -> None:
    page.goto("/norrby/en/")
    page.get_by_label("Your question").fill(ANSWERED)
    page.get_by_label("Your question").press("Enter")
    expect(page.locator(".turn")).to_have_attribute("lang", "sv")
    expect(page.locator(".turn")).to_contain_text("Du frågade:")


def test_a_text_in_the_other_language_is_marked(page: Page, answer_with: Callable[..., None]) -> None:
    answer_with(
        REPLY
        | {
            "text": "Call us.",
            "text_language": "en",
            "notices": [{"code": "other-language", "text": "Bara på engelska."}],
        }
    )
    page.goto(CHAT)
    ask(page, "tomt")
    expect(page.locator(".card .text")).to_have_attribute("lang", "en")
    expect(page.locator(".callout")).to_have_text("Bara på engelska.")


# the same with and without the script


@pytest.mark.parametrize(
    "text",
    [
        "Ett stycke.\nSamma stycke.\n\nEtt till med **fet** text och *kursiv*.",
        "Gör så här:\n\n1. Först\n2. Sedan\n   mer om sedan\n3. Sist\n\nKlart.",
        "- **112**: ambulans\n- **113 13**: information\n\n[Kartan](https://a.se/x) kostar 150 000 kr",
        "<b>inte fet</b> & `kod` # rubrik",
        "Rad\n- punkt direkt\n- punkt till",
    ],
)
@pytest.mark.parametrize("kind", ["answer", "safety"])
def test_the_script_and_the_server_show_markdown_alike(
    page: Page, answer_with: Callable[..., None], text: str, kind: str
) -> None:
    html = (render_with_calls if kind == "safety" else render)(text)
    answer_with(REPLY | {"text": text, "kind": kind})
    page.goto(CHAT)
    ask(page, "tomt")
    assert plain(page.locator(".card .text").inner_html()) == plain(html)


def test_the_script_and_the_server_show_every_shipped_answer_alike(
    page: Page, answer_with: Callable[..., None]
) -> None:
    entries = [entry for layer in load(SHIPPED).layers.values() for entry in layer.entries.values() if entry.answer]
    texts = [text for entry in entries for text in (entry.answer["sv"], entry.answer["en"]) if text]
    text = "\n\nnästa\n\n".join(texts)
    answer_with(REPLY | {"text": text})
    page.goto(CHAT)
    ask(page, "tomt")
    assert plain(page.locator(".card .text").inner_html()) == plain(render(text))


def plain(html: str) -> str:
    """HTML without the line breaks and names of characters that make no difference."""
    return (
        re.sub(r"\s*\n\s*", " ", str(html).replace("&nbsp;", "\u00a0").replace("&quot;", '"'))
        .replace("> <", "><")
        .strip()
    )


def test_the_script_and_the_server_show_an_answer_alike(page: Page) -> None:
    page.goto("/norrby/sv/plots")
    server = page.locator(".single .card").aria_snapshot()
    page.goto(CHAT)
    page.get_by_role("link", name="Lediga tomter").click()
    script = page.locator(".turn .card").aria_snapshot()
    for line in server.splitlines():
        if line.strip().startswith(("- paragraph", "- link", "- text", "- listitem")):
            assert line.strip() in script


@pytest.mark.parametrize("entry", ["rental-housing", "plots"])
def test_the_script_and_the_server_show_opening_hours_alike(
    page: Page, violations: Callable[[], Any], entry: str
) -> None:
    shown = []
    for address, card in ((f"/norrby/sv/{entry}", ".single .card"), (CHAT, ".turn .card")):
        page.goto(address)
        if address == CHAT:
            ask(page, "Hur hyr jag en lägenhet i Norrby?" if entry == "rental-housing" else "Vilka tomter är lediga?")
        page.locator(f"{card} .hours summary").click()
        expect(page.locator(f"{card} .hours").get_by_text("helgdagar")).to_be_visible()
        assert violations() == []
        shown.append(page.locator(f"{card} .contacts").inner_text())
    assert shown[0] == shown[1]


# without JavaScript


@pytest.fixture
def plain_page(browser: Any, browser_context_args: dict[str, Any]) -> Any:
    """A page in a browser that runs no script."""
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    yield context.new_page()
    assert context.cookies() == []
    context.close()


def test_everything_works_without_script(plain_page: Page) -> None:
    plain_page.goto(CHAT)
    plain_page.get_by_label("Din fråga").fill(ANSWERED)
    plain_page.get_by_role("button", name="Fråga", exact=True).click()
    expect(plain_page.locator(".turn")).to_contain_text(ANSWER)
    expect(plain_page.locator(".turn")).to_be_in_viewport()
    plain_page.get_by_role("button", name="English").click()
    expect(plain_page.locator(".turn")).to_contain_text("You can reserve it for three months.")
    plain_page.locator(".turn .steps a").first.click()
    expect(plain_page.get_by_role("heading", level=1)).to_be_visible()
    plain_page.get_by_label("Your question").fill("How do I rent a flat in Norrby?")
    plain_page.get_by_role("button", name="Ask", exact=True).click()
    expect(plain_page.locator(".turn")).to_contain_text("Norrbybostäder lets flats.")


# keyboard


def test_by_keyboard_alone(page: Page) -> None:
    page.goto(CHAT)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Hoppa till innehållet")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".topics a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(1)
    page.get_by_label("Din fråga").focus()
    page.keyboard.type(ANSWERED)
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(2)
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".tools button").last).to_be_focused()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_what_has_the_focus_is_never_hidden(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.emulate_media(reduced_motion="reduce")
    page.goto(CHAT)
    ask(page, ANSWERED)
    page.evaluate("scrollTo(0, 0); document.querySelector('.skip').focus()")
    hidden = []
    for _ in range(60):
        page.keyboard.press("Tab")
        covered = page.evaluate("""() => { const e = document.activeElement, r = e.getBoundingClientRect();
            if (e === document.body) return null;
            const seen = document.elementFromPoint(r.left + Math.min(r.width, 40) / 2, r.top + r.height / 2);
            return seen && (e.contains(seen) || seen.contains(e)) ? '' : e.outerHTML.slice(0, 80) }""")
        if covered is None:
            break
        hidden.append(covered)
    assert len(hidden) > 15
    assert [one for one in hidden if one] == []


# screens


PAGES = ["/", CHAT, "/norrby/en/", "/norrby/sv/plots", "/soderby/en/", "/ostby/sv/"]


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize(
    ("width", "height"),
    [
        pytest.param(320, 568, id="320"),
        pytest.param(320, 256, id="400 % zoom", marks=pytest.mark.nightly),
        pytest.param(768, 1024, id="tablet", marks=pytest.mark.nightly),
        pytest.param(1920, 1080, id="wide", marks=pytest.mark.nightly),
    ],
)
def test_no_page_scrolls_sideways(page: Page, address: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)
    if page.locator("#composer").count() and "/en/" not in address:
        ask(page, ANSWERED)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_in_a_low_window_the_box_leaves_the_screen_to_the_answer(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(CHAT)
    assert page.locator("#composer").evaluate("element => getComputedStyle(element).position") != "sticky"


@pytest.mark.parametrize("address", PAGES)
def test_targets_are_large_enough(page: Page, address: str) -> None:
    page.goto(address)
    if address == CHAT:
        ask(page, ANSWERED)
    small = page.evaluate("""() => [...document.querySelectorAll('a, button, summary, textarea')]
        .filter((element) => element.checkVisibility() && !element.matches('.skip'))
        .filter((element) => getComputedStyle(element).display !== 'inline')
        .map((element) => [element.getBoundingClientRect(), element.outerHTML.slice(0, 60)])
        .filter(([box]) => box.width < 24 || box.height < 24).map(([, html]) => html)""")
    assert small == []


def test_large_text_fits(page: Page) -> None:
    page.goto(CHAT)
    page.evaluate(
        "document.documentElement.classList.add('large'); const sheet = new CSSStyleSheet();"
        "sheet.replaceSync('html { font-size: 225% !important }'); document.adoptedStyleSheets = [sheet]"
    )
    ask(page, ANSWERED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_paper_there_is_the_answer_and_where_it_comes_from(page: Page) -> None:
    page.goto("/norrby/sv/plots")
    page.emulate_media(media="print")
    expect(page.locator(".card .text")).to_be_visible()
    expect(page.locator(".source")).to_be_visible()
    for hidden in ("#composer", ".side", ".top nav"):
        expect(page.locator(hidden)).to_be_hidden()


def test_smooth_scrolling_is_only_for_those_who_want_it(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(CHAT)
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


# axe: WCAG 2.2 A and AA, best practice


@pytest.mark.parametrize("media", NAMES)
@pytest.mark.parametrize("address", [*PAGES, "/finns/inte"])
def test_no_page_breaks_a_rule(
    page: Page, violations: Callable[[], Any], quiet_console: list[str], address: str, media: str
) -> None:
    page.emulate_media(**MEDIA[media])
    page.goto(address)
    assert violations() == []
    quiet_console.clear()  # 404 is noted by the browser


@pytest.mark.parametrize("media", NAMES)
@pytest.mark.parametrize(
    "state", ["answer", "choices", "none", "safety", "trouble", "records", "judged", "suggestions"]
)
def test_no_state_of_the_chat_breaks_a_rule(
    page: Page,
    violations: Callable[[], Any],
    answer_with: Callable[..., None],
    quiet_console: list[str],
    state: str,
    media: str,
) -> None:
    page.emulate_media(reduced_motion="reduce", **MEDIA[media])
    page.goto("/soderby/sv/" if state == "records" else CHAT)
    if state in ("choices", "trouble"):
        answer_with(CHOICES) if state == "choices" else answer_with({}, status=500)
    asked = {"answer": ANSWERED, "judged": ANSWERED, "none": UNKNOWN, "safety": CRISIS, "records": RECORDS}
    _bring_to(page, state, asked.get(state, "tomt"))
    assert violations() == []
    quiet_console.clear()


def _bring_to(page: Page, state: str, question: str) -> None:
    box = page.get_by_label("Din fråga")
    box.fill(question)
    if state == "suggestions":
        expect(page.get_by_role("option").first).to_be_visible()
        return
    box.press("Enter")
    expect(page.locator(".card.answer" if state == "judged" else f".card.{state}")).to_be_visible()
    if state == "choices":
        page.get_by_role("log").locator("summary").click()
    if state == "judged":
        page.get_by_role("button", name="Nej", exact=True).click()


def test_a_refused_question_breaks_no_rule(
    plain_page: Page, page: Page, violations: Callable[[], Any], quiet_console: list[str]
) -> None:
    page.goto(CHAT)
    page.evaluate(
        "document.getElementById('composer').requestSubmit = null; document.getElementById('question').required = false"
    )
    page.evaluate("HTMLFormElement.prototype.submit.call(document.getElementById('composer'))")
    expect(page.locator("#mistake")).to_have_text("Skriv en fråga.")
    expect(page.get_by_label("Din fråga")).to_be_focused()
    assert violations() == []
    quiet_console.clear()


def test_axe_would_find_a_missing_label(page: Page, violations: Callable[[], Any]) -> None:
    page.goto(CHAT)
    page.evaluate("document.querySelector('label').remove()")
    assert "label" in [rule for rule, _ in violations()]
