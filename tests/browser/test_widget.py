# ruff: noqa: E501 — what the browser is to run is easier to read unbroken
"""The chat on somebody else's page: another origin, a strict policy, and nothing of ours but the one line."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask, Response, request
from media import MEDIA, NAMES
from payloads import TEXTS, poisoned
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from web.accent import STANDARD, contrast
from web.chat.wording import in_each, widget_texts
from web.embed.script import put_together
from web.embed.snippet import Place, line, pinned_line

OPEN = "Fråga om att flytta hit"
ANSWERED = "Hur reserverar jag en tomt?"
ANSWER = "Du kan reservera den i tre månader."
UNKNOWN = "bästa receptet på pannkakor"
CRISIS = "det brinner i huset"
RECORDS = "tomt under 200000"
POLICY = (
    "default-src 'none'; script-src {bot}; connect-src {bot}; style-src 'none'; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'"
)
SCRIPT = '<script src="{bot}/embed.js" async {data}></script>'
NORRBY = 'data-municipality="norrby" data-language="sv"'

Host = Callable[..., None]


@pytest.fixture(scope="session")
def host_site(serve: Callable[[Flask], str]) -> str:
    """The address of a municipality's own site; it shows what the test puts into the address."""
    app = Flask("host")

    @app.get("/")
    def page() -> Response:
        body = f"<main><h1>Flytta till oss</h1><p>Välkommen.</p><a href='/'>En länk</a></main>{request.args['tag']}"
        head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Kommunen</title>'
        language = request.args.get("language", "sv")
        response = Response(f'<!doctype html><html lang="{language}"><head>{head}</head><body>{body}</body></html>')
        response.headers["Content-Security-Policy"] = request.args["policy"]
        return response

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    return serve(app)


@pytest.fixture
def visit(page: Page, host_site: str, site: str) -> Host:
    """Go to the municipality's site, which carries the chat."""

    def go(
        data: str = NORRBY, *, tag: str = SCRIPT, policy: str = POLICY, language: str = "sv", bot: str = site
    ) -> None:
        values = {"tag": tag.format(bot=bot, data=data), "policy": policy.format(bot=bot), "language": language}
        page.goto(f"{host_site}/?" + "&".join(f"{name}={quote(value)}" for name, value in values.items()))

    return go


@pytest.fixture(autouse=True)
def no_traces(context: BrowserContext, page: Page, site: str, host_site: str) -> Iterator[None]:
    """No cookie and nothing kept for good, and no one else is called."""
    called: set[str] = set()
    page.on("request", lambda request: called.add(request.url))
    yield
    assert context.cookies() == []
    assert page.evaluate("localStorage.length") == 0
    named = page.url.partition("tag=")[2]
    bots = re.findall(r"http%3A//127\.0\.0\.1%3A\d+", named)
    own = ("blob:", site, host_site, *(bot.replace("%3A", ":") for bot in bots))
    assert {url for url in called if not url.startswith(own)} == set()


@pytest.fixture
def chat(page: Page) -> Locator:
    return page.locator("hemvist-chat")


@pytest.fixture
def open_chat(page: Page, visit: Host) -> Callable[..., None]:
    def go(data: str = NORRBY, **options: Any) -> None:
        visit(data, **options)
        page.get_by_role("button", name=OPEN).click()
        expect(page.get_by_role("link", name="Lediga tomter")).to_be_visible()

    return go


def ask(page: Page, question: str, label: str = "Din fråga") -> None:
    before = page.locator("hemvist-chat .turn").count()
    page.get_by_label(label).fill(question)
    page.get_by_label(label).press("Enter")
    expect(page.locator("hemvist-chat .turn")).to_have_count(before + 1)


def replies(page: Page, path: str, status: int = 200, body: Any = None, **more: Any) -> None:
    """Let the API answer so."""

    def fulfil(route: Route) -> None:
        if route.request.method == "OPTIONS":
            route.continue_()
            return
        origin = {"Access-Control-Allow-Origin": route.request.headers.get("origin", "*")}
        kind = "application/json" if status < 400 else "application/problem+json"
        route.fulfill(status=status, content_type=kind, headers=origin, body=json.dumps(body), **more)

    page.route(path, fulfil)


# before it is opened


def test_nothing_is_kept_or_asked_before_it_is_opened(
    page: Page, visit: Host, context: BrowserContext, host_site: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit()
    expect(page.get_by_role("button", name=OPEN)).to_be_visible()
    page.wait_for_timeout(300)
    assert [url for url in asked if not url.startswith(host_site)] == [
        next(u for u in asked if u.endswith("/embed.js"))
    ]
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert context.cookies() == []


def test_opening_it_keeps_nothing_and_the_first_question_does(page: Page, open_chat: Callable[..., None]) -> None:
    open_chat()
    page.get_by_label("Din fråga").press_sequentially("tomt")
    assert page.evaluate("sessionStorage.length") == 0
    ask(page, ANSWERED)
    assert page.evaluate("Object.keys(sessionStorage)") == ["hemvist-chat:norrby"]


def test_no_task_is_long(page: Page, visit: Host) -> None:
    """Loaded, opened, asked twice and switched; on a busy machine the best of five."""
    page.add_init_script(
        "window.long = []; new PerformanceObserver((list) => window.long.push(...list.getEntries().map((e) => e.duration)))"
        ".observe({ type: 'longtask', buffered: true })"
    )
    assert not all(_long_tasks(page, visit) for _ in range(5))


def _long_tasks(page: Page, visit: Host) -> list[float]:
    visit('data-municipality="soderby" data-language="sv"')
    page.evaluate("sessionStorage.clear()")
    page.get_by_role("button", name=OPEN).click()
    expect(page.locator("hemvist-chat .hello .steps")).to_be_visible()
    ask(page, RECORDS)
    ask(page, "anmäla flytt")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("log")).to_contain_text("None of these")
    page.wait_for_timeout(200)
    found = [duration for duration in page.evaluate("window.long") if duration > 50]
    page.evaluate("sessionStorage.clear()")
    return found


# the conversation


def test_it_says_that_it_is_a_machine_and_a_demonstration(page: Page, open_chat: Callable[..., None]) -> None:
    open_chat()
    dialog = page.get_by_role("dialog", name="Fråga om att flytta till Norrby")
    expect(dialog).to_contain_text("en maskin, ingen människa")
    expect(dialog).to_contain_text("Det här är en demonstration")


def test_one_that_is_official_says_no_such_thing(page: Page, visit: Host, chat: Locator) -> None:
    visit('data-municipality="soderby" data-language="sv"')
    page.get_by_role("button", name=OPEN).click()
    expect(page.get_by_role("heading", name="Fråga om att flytta till Söderby")).to_be_visible()
    expect(chat.locator(".demonstration")).to_be_hidden()


def test_a_question_is_answered_with_source_contact_and_link(
    page: Page, open_chat: Callable[..., None], site: str
) -> None:
    open_chat()
    ask(page, ANSWERED)
    log = page.get_by_role("log")
    expect(log).to_contain_text(ANSWER)
    expect(log).to_contain_text("Källa: norrby.example. Sidan är daterad den 22 februari 2022.")
    expect(log.get_by_role("link", name="0933-140 20")).to_have_attribute("href", "tel:+46-933-140-20")
    expect(log.get_by_role("link", name="Länk till det här svaret")).to_have_attribute(
        "href", f"{site}/norrby/sv/plot-reservation"
    )
    expect(page.get_by_label("Din fråga")).to_be_focused()
    expect(page.get_by_label("Din fråga")).to_have_value("")


def test_a_topic_begins_where_the_page_is(page: Page, visit: Host) -> None:
    visit(f'{NORRBY} data-topic="plot-reservation"')
    page.get_by_role("button", name=OPEN).click()
    page.get_by_role("link", name=ANSWERED).click()
    expect(page.get_by_role("log")).to_contain_text(ANSWER)


def test_personal_data_is_flagged_before_it_is_sent(
    page: Page, open_chat: Callable[..., None], violations: Callable[[], Any]
) -> None:
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.url.endswith("/chat") else None)
    open_chat()
    box = page.get_by_label("Din fråga")
    box.fill("Hur reserverar jag en tomt? Ring 070-123 45 67")
    box.press("Enter")
    expect(page.get_by_role("button", name="Ändra")).to_be_focused()
    assert violations() == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(box).to_be_focused()
    assert sent == []
    box.press("Enter")
    page.get_by_role("button", name="Skicka ändå").click()
    expect(page.locator("hemvist-chat .turn")).to_have_count(1)
    expect(box).to_be_focused()


def test_what_is_typed_goes_nowhere_and_finds_questions(page: Page, open_chat: Callable[..., None]) -> None:
    open_chat()
    asked: list[str] = []
    page.wait_for_timeout(200)
    page.on("request", lambda request: asked.append(request.url))
    box = page.get_by_label("Din fråga")
    box.press_sequentially("reser")
    option = page.get_by_role("option", name=ANSWERED)
    expect(option).to_be_visible()
    assert asked == []
    box.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    box.press("Escape")
    expect(option).to_be_hidden()
    expect(page.get_by_role("dialog")).to_be_visible()
    box.press_sequentially("v")
    box.press("ArrowUp")
    box.press("Enter")
    expect(page.get_by_role("log")).to_contain_text(ANSWER)
    assert len(asked) == 1
    assert "/entries/plot-reservation?" in asked[0]


def test_titles_are_fetched_once(page: Page, open_chat: Callable[..., None]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/titles" in request.url else None)
    open_chat()
    for word in ("tomt", "hyra", "skola"):
        page.get_by_label("Din fråga").fill(word)
        page.wait_for_timeout(100)
    assert len(asked) == 1


def test_the_switch_keeps_the_thread_and_says_it_in_the_other_language(
    page: Page, open_chat: Callable[..., None]
) -> None:
    open_chat()
    ask(page, ANSWERED)
    ask(page, UNKNOWN)
    page.get_by_label("Din fråga").fill("halvskriven")
    page.get_by_role("button", name="English").click()
    log = page.get_by_role("log")
    expect(log).to_contain_text("You can reserve it for three months.")
    expect(log).to_contain_text("I do not know the answer to that.")
    expect(log.locator(".said")).to_have_text([ANSWERED, UNKNOWN])
    expect(page.get_by_label("Your question")).to_have_value("halvskriven")
    expect(page.get_by_role("button", name="Svenska")).to_be_focused()
    ask(page, "Hur hyr jag en lägenhet i Norrby?", "Your question")
    expect(log.locator(".turn").last).to_contain_text("Norrbybostäder lets flats.")


def test_the_switch_asks_nothing_anew_and_all_of_it_can_be_deleted(page: Page, open_chat: Callable[..., None]) -> None:
    asked: list[str] = []
    deleted: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/chat" in one.url and one.method == "POST" else None)
    page.on("request", lambda one: deleted.append(one.post_data_json["context"]) if one.method == "DELETE" else None)
    open_chat()
    with page.expect_response("**/api/v1/chat") as first:
        ask(page, UNKNOWN)
    ask(page, ANSWERED)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("log")).to_contain_text("I do not know the answer to that.")
    assert [url.partition("?")[2] for url in asked] == ["", "", "again=1"]
    page.get_by_role("button", name="Delete the conversation").click()
    expect(page.get_by_role("status")).to_have_text("The conversation is deleted.")
    key = first.value.json()["context"].split(".")[3]
    assert key in [one.split(".")[3] for one in deleted]


def test_the_thread_survives_a_change_of_page(page: Page, open_chat: Callable[..., None], chat: Locator) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    open_chat()
    ask(page, ANSWERED)
    page.get_by_role("link", name="En länk").evaluate("link => { link.href = location.href }")
    page.get_by_role("link", name="En länk").click()
    expect(chat.locator(".turn")).to_contain_text(ANSWER)
    assert page.evaluate("document.activeElement === document.body")
    ask(page, "och sedan?")
    expect(chat.locator(".turn")).to_have_count(2)


def test_on_a_phone_the_next_page_is_not_covered(page: Page, open_chat: Callable[..., None], chat: Locator) -> None:
    open_chat()
    ask(page, ANSWERED)
    page.reload()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name=OPEN).click()
    expect(chat.locator(".turn")).to_contain_text(ANSWER)


def test_a_conversation_is_deleted_here_and_there(page: Page, open_chat: Callable[..., None], chat: Locator) -> None:
    open_chat()
    ask(page, ANSWERED)
    chat.locator(".turn .steps a").click()  # an answer that is opened begins a conversation of its own
    expect(chat.locator(".turn")).to_have_count(2)
    sent: list[Any] = []
    replies(page, "**/api/v1/conversation", 204)
    page.on("request", lambda one: sent.append(one.post_data_json) if one.method == "DELETE" else None)
    page.get_by_role("button", name="Radera samtalet").click()
    expect(chat.locator(".turn")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("Samtalet är raderat.")
    expect(page.get_by_label("Din fråga")).to_be_focused()
    assert page.evaluate("sessionStorage.length") == 0
    assert len({one["context"] for one in sent}) == 2


def test_where_it_cannot_be_deleted_that_is_said(
    page: Page, open_chat: Callable[..., None], chat: Locator, quiet_console: list[str]
) -> None:
    open_chat()
    ask(page, ANSWERED)
    replies(page, "**/api/v1/conversation", 503, {})
    page.get_by_role("button", name="Radera samtalet").click()
    expect(page.get_by_role("status")).to_contain_text("gick inte att nå")
    expect(chat.locator(".turn")).to_have_count(0)
    quiet_console.clear()


@pytest.mark.parametrize(("button", "helpful"), [("Ja", True), ("Nej", False)])
def test_a_judgement_is_sent_at_once_and_its_reason_later(
    page: Page, open_chat: Callable[..., None], button: str, helpful: bool
) -> None:
    replies(page, "**/api/v1/feedback", 204)
    sent: list[Any] = []
    page.on(
        "request",
        lambda one: sent.append(one.post_data_json) if one.url.endswith("/feedback") and one.method == "POST" else None,
    )
    open_chat()
    ask(page, ANSWERED)
    page.get_by_role("button", name=button, exact=True).click()
    why = page.get_by_label("Vill du säga varför?")
    expect(why).to_be_focused()
    why.fill("Jag saknar priset.")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("log").locator(".judge")).to_have_text("Tack.")
    assert [(one["entry"], one["helpful"], one["reason"]) for one in sent] == [
        ("plot-reservation", helpful, ""),
        ("plot-reservation", helpful, "Jag saknar priset."),
    ]
    assert all(one["context"] for one in sent)


def test_where_nobody_takes_judgements_the_visitor_sees_nothing_of_it(
    page: Page, open_chat: Callable[..., None], chat: Locator, quiet_console: list[str]
) -> None:
    replies(page, "**/api/v1/feedback", 404, {})
    open_chat()
    ask(page, ANSWERED)
    page.get_by_role("button", name="Ja", exact=True).click()
    expect(page.get_by_label("Vill du säga varför?")).to_be_visible()
    expect(chat.locator(".trouble")).to_have_count(0)
    quiet_console.clear()


def test_none_of_the_choices_counts_as_a_miss_and_names_a_person(page: Page, open_chat: Callable[..., None]) -> None:
    replies(page, "**/api/v1/feedback", 204)
    open_chat()
    ask(page, "anmäla flytt")
    card = page.locator("hemvist-chat .card.choices")
    with page.expect_request(lambda one: one.url.endswith("/feedback") and one.method == "POST") as sent:
        card.get_by_text("Inget av det här").click()
    expect(card.get_by_role("link", name="090-15 05 00")).to_be_visible()
    told = sent.value.post_data_json
    assert (told["entry"], told["helpful"]) == (None, False)


def test_a_choice_is_answered(page: Page, open_chat: Callable[..., None]) -> None:
    open_chat()
    ask(page, "anmäla flytt")
    page.locator("hemvist-chat .card.choices .steps a").first.click()
    expect(page.locator("hemvist-chat .turn").last.locator(".card:is(.answer, .plan)")).to_be_visible()
    expect(page.get_by_label("Din fråga")).to_be_focused()


def test_the_checklist_leads_to_the_plan(page: Page, visit: Host, site: str) -> None:
    visit()
    page.get_by_role("button", name=OPEN).click()
    ask(page, "checklista inför flytten")
    plan = page.get_by_role("link", name="Gör din flyttplan")
    expect(plan).to_have_attribute("href", f"{site}/norrby/sv/plan")


def test_records_are_cards(page: Page, visit: Host, site: str) -> None:
    visit('data-municipality="soderby" data-language="sv"')
    page.get_by_role("button", name=OPEN).click()
    ask(page, RECORDS)
    expect(page.locator("hemvist-chat .record").first).to_be_visible()
    expect(page.get_by_role("link", name="Lista och karta")).to_have_attribute(
        "href", re.compile(f"^{site}/soderby/sv/map")
    )


def test_only_a_crisis_is_an_alert(page: Page, open_chat: Callable[..., None]) -> None:
    open_chat()
    ask(page, ANSWERED)
    expect(page.get_by_role("alert")).to_have_count(0)
    ask(page, CRISIS)
    expect(page.get_by_role("alert")).to_have_count(1)


def test_the_conversation_can_be_copied_and_saved(
    page: Page, open_chat: Callable[..., None], context: BrowserContext
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_chat()
    ask(page, ANSWERED)
    page.get_by_role("button", name="Kopiera").click()
    expect(page.get_by_role("status")).to_have_text("Samtalet är kopierat.")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Spara som text").click()
    text = Path(saved.value.path()).read_text()
    assert page.evaluate("navigator.clipboard.readText()").replace("\r\n", "\n") == text
    assert saved.value.suggested_filename == "hemvist.txt"
    for part in (f"Du frågade: {ANSWERED}", ANSWER, "https://www.norrby.example/reservera", "0933-140 20"):
        assert part in text
    assert "**" not in text


def test_the_conversation_is_printed_without_the_site(
    page: Page, open_chat: Callable[..., None], context: BrowserContext
) -> None:
    open_chat()
    ask(page, ANSWERED)
    page.evaluate("""() => { const open = window.open;
        window.open = (...all) => { const view = open(...all); view.print = () => { view.printed = true }; return view } }""")
    with context.expect_page() as printed:
        page.get_by_role("button", name="Skriv ut").click()
    expect(printed.value.locator(".turn")).to_contain_text(ANSWER)
    assert printed.value.evaluate("window.printed")
    assert printed.value.locator("body").inner_text().count("Välkommen") == 0
    printed.value.close()


# the host page


def test_methods_and_events(page: Page, visit: Host) -> None:
    visit()
    expect(page.get_by_role("button", name=OPEN)).to_be_visible()
    page.evaluate("""window.heard = [];
        for (const name of ["open", "answer"]) document.addEventListener(`hemvist:${name}`, (event) => window.heard.push([name, event.detail]));
        document.querySelector("main a").focus(); document.querySelector("hemvist-chat").open()""")
    expect(page.get_by_role("dialog")).to_be_visible()
    ask(page, ANSWERED)
    page.evaluate("document.querySelector('hemvist-chat').close()")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("link", name="En länk")).to_be_focused()
    detail = {"kind": "answer", "entry": "plot-reservation", "language": "sv"}
    assert page.evaluate("window.heard") == [["open", {}], ["answer", detail]]


INLINE = (
    '<hemvist-chat inline municipality="norrby" language="sv"><a href="{bot}/norrby/sv/">Fråga oss</a></hemvist-chat>'
)


def test_inline_it_stands_in_the_page_and_asks_when_it_is_used(
    page: Page, visit: Host, violations: Callable[[], Any]
) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/api/" in one.url else None)
    visit(tag=INLINE + '<script src="{bot}/embed.js" async></script>')
    expect(page.get_by_label("Din fråga")).to_be_visible()
    assert asked == []
    page.get_by_label("Din fråga").click()
    expect(page.get_by_role("link", name="Lediga tomter")).to_be_visible()
    ask(page, ANSWERED)
    page.keyboard.press("Escape")
    expect(page.get_by_role("log")).to_contain_text(ANSWER)
    assert violations() == []


def test_without_the_script_the_link_in_it_stays(page: Page, visit: Host, quiet_console: list[str]) -> None:
    page.route("**/embed.js", lambda route: route.abort())
    visit(tag=INLINE + '<script src="{bot}/embed.js" async></script>')
    expect(page.get_by_role("link", name="Fråga oss")).to_be_visible()
    quiet_console.clear()


def test_a_pinned_line_runs(page: Page, visit: Host, app: Flask, site: str) -> None:
    script = app.extensions["hemvist-embed"].pinned
    visit(tag=pinned_line(Place(site, "norrby", "sv", phone="0933-140 00"), script))
    page.get_by_role("button", name=OPEN).click()
    ask(page, ANSWERED)
    expect(page.get_by_role("log")).to_contain_text(ANSWER)


def test_in_a_frame_of_a_site_that_may(page: Page, visit: Host, site: str) -> None:
    policy = "default-src 'none'; frame-src {bot}"
    visit(tag=f'<iframe src="{site}/embed/norrby/sv" title="Fråga" width="380" height="600"></iframe>', policy=policy)
    frame = page.frame_locator("iframe")
    frame.get_by_label("Din fråga").fill(ANSWERED)
    frame.get_by_label("Din fråga").press("Enter")
    expect(frame.get_by_role("log")).to_contain_text(ANSWER)


def test_not_in_a_frame_of_any_other_site(
    page: Page,
    visit: Host,
    knowledge_folder: Path,
    make_app: Callable[..., Flask],
    serve: Callable[[Flask], str],
    quiet_console: list[str],
) -> None:
    path = knowledge_folder / "municipalities" / "norrby" / "municipality.yaml"
    path.write_text(path.read_text().replace("origins: []", "origins:\n  - https://www.norrby.example"))
    bot = serve(make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder)))
    visit(tag='<iframe src="{bot}/embed/norrby/sv" title="Fråga"></iframe>', policy="frame-src {bot}", bot=bot)
    page.wait_for_timeout(300)
    assert page.frames[1].url.startswith("chrome-error")
    assert any("frame-ancestors" in said for said in quiet_console)
    quiet_console.clear()


# what the line says wrongly


@pytest.mark.parametrize(
    ("data", "page_language", "button"),
    [
        ('data-municipality="norrby" data-language="xx"', "en", "Ask about moving here"),
        ('data-municipality="norrby" data-language="xx"', "de", OPEN),
        ('data-municipality="norrby"', "en-GB", "Ask about moving here"),
        ('data-municipality="norrby" data-language="en"', "sv", "Ask about moving here"),
        ('data-municipality="norrby" data-api="javascript:alert(1)" data-title="<b>" data-position="x"', "sv", OPEN),
    ],
    ids=["unknown: the page's", "unknown, and the page's too", "not said", "said", "attributes that there are not"],
)
def test_the_language_is_the_lines_or_the_pages(
    page: Page, visit: Host, quiet_console: list[str], data: str, page_language: str, button: str
) -> None:
    visit(data, language=page_language)
    expect(page.get_by_role("button", name=button)).to_be_visible()
    assert quiet_console == (["hemvist-chat: data-language: sv or en"] if "xx" in data else [])
    quiet_console.clear()


NOWHERE = ["nowhere", "../x", "&lt;img src=x onerror=alert(1)>", ""]


@pytest.mark.parametrize("municipality", NOWHERE)
def test_104_for_a_municipality_that_is_not_here_there_is_no_button(
    page: Page, visit: Host, chat: Locator, quiet_console: list[str], municipality: str
) -> None:
    visit(f'data-municipality="{municipality}" data-language="sv"')
    expect(chat).to_be_attached()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.evaluate("const chat = document.querySelector('hemvist-chat'); chat.open(); chat.close()")
    assert quiet_console == ["hemvist-chat: data-municipality: norrby or ostby or soderby"]
    quiet_console.clear()


def test_104_inside_a_page_the_link_stays_instead(page: Page, visit: Host, quiet_console: list[str]) -> None:
    visit(tag=INLINE.replace('municipality="norrby"', 'municipality="nowhere"') + SCRIPT, data="")
    expect(page.get_by_role("link", name="Fråga oss")).to_be_visible()
    assert len(quiet_console) == 1
    quiet_console.clear()


@pytest.mark.parametrize("municipality", NOWHERE)
def test_104_a_script_that_knows_no_municipality_says_it_calmly_when_opened(
    page: Page, visit: Host, app: Flask, quiet_console: list[str], site: str, municipality: str
) -> None:
    pinned = f'<script src="{{bot}}/embed-{app.extensions["hemvist-embed"].pinned.version}.js" async {{data}}></script>'
    visit(f'data-municipality="{municipality}" data-language="sv"', tag=pinned)
    page.get_by_role("button", name=OPEN).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Chatten är inte rätt inställd")
    expect(dialog.get_by_role("link", name="Välj en kommun")).to_have_attribute("href", f"{site}/")
    assert all("hemvist-chat" in said or "404" in said or "422" in said for said in quiet_console)
    quiet_console.clear()


@pytest.mark.parametrize("accent", ["red;}body{display:none", "#fff", "rgb(0,0,0)", "url(x)", "#gggggg"])
def test_a_colour_that_is_none_is_not_taken(
    page: Page, visit: Host, chat: Locator, quiet_console: list[str], accent: str
) -> None:
    visit(f'{NORRBY} data-accent="{accent}"')
    assert background(chat) == "rgb(31, 95, 74)"
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert quiet_console == ["hemvist-chat: data-accent: #rrggbb"]
    quiet_console.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("accent", ["#ffff00", "#ffffff", "#000000", "#808080", "#ff0000", "#0000ff", "#00ff88"])
def test_any_colour_can_be_read(page: Page, visit: Host, chat: Locator, accent: str, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    visit(f'{NORRBY} data-accent="{accent}"')
    page.get_by_role("button", name=OPEN).click()
    shades = chat.evaluate("""chat => { const style = getComputedStyle(chat);
        return Object.fromEntries(["accent", "accent-soft", "head", "card", "ink"].map((name) => [name, style.getPropertyValue(`--${name}`)])) }""")
    rgb = {name: tuple(map(int, re.findall(r"\d+", value))) for name, value in shades.items()}
    assert contrast(rgb["accent"], rgb["card"]) >= 4.5
    assert contrast(rgb["accent"], rgb["accent-soft"]) >= 4.5
    assert contrast(rgb["ink"], rgb["accent-soft"]) >= 4.5
    assert contrast(rgb["head"], (255, 255, 255)) >= 4.5


def background(chat: Locator) -> str:
    return chat.locator(".launch").evaluate("button => getComputedStyle(button).backgroundColor")


# trouble: the host page notices nothing, the visitor is told whom to call


def _break_storage(page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
    )


TROUBLES: dict[str, Callable[[Page], None]] = {
    "down": lambda page: page.route("**/api/**", lambda route: route.abort("connectionrefused")),
    "error of ours": lambda page: replies(page, "**/api/**", 500, {"detail": "secret"}),
    "limited": lambda page: replies(page, "**/api/**", 429, {"detail": "Vänta en minut."}),
    "slow": lambda page: page.route("**/api/**", lambda route: None),
    "offline": lambda page: page.context.set_offline(True),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("first", [True, False], ids=["from the beginning", "later"])
def test_in_trouble_there_is_someone_to_call_and_the_question_is_kept(
    page: Page, visit: Host, chat: Locator, quiet_console: list[str], trouble: Callable[[Page], None], first: bool
) -> None:
    visit()
    launch = page.get_by_role("button", name=OPEN)
    expect(launch).to_be_visible()
    if first:
        trouble(page)
    launch.click()
    if not first:
        expect(page.get_by_role("link", name="Lediga tomter")).to_be_visible()
        trouble(page)
    box = page.get_by_label("Din fråga")
    box.fill(ANSWERED)
    box.press("Enter")
    card = chat.locator(".trouble")
    expect(card.get_by_role("link", name="0933-140 00")).to_be_visible(timeout=20_000)
    expect(card.get_by_role("link", name="kommun@norrby.example")).to_be_visible()
    expect(card.get_by_role("link", name="Ring 112")).to_have_attribute("href", "tel:112")
    expect(card.get_by_role("link", name="Öppna chatten på en egen sida")).to_be_visible()
    expect(box).to_have_value(ANSWERED)
    expect(box).to_be_focused()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert [said for said in quiet_console if not said.startswith("Failed to load resource")] == []
    page.context.set_offline(False)
    page.evaluate("new Promise((done) => setTimeout(done, 200))")  # what was still under way has failed by now
    quiet_console.clear()


COPY = "https://www.norrby.example/kopia"


def test_in_trouble_the_static_copy_is_named_if_there_is_one(
    page: Page, visit: Host, chat: Locator, quiet_console: list[str]
) -> None:
    TROUBLES["down"](page)
    visit(f'{NORRBY} data-copy="{COPY}"')
    page.get_by_role("button", name=OPEN).click()
    link = chat.locator(".trouble").get_by_role("link", name="Läs svaren utan chatten")
    expect(link).to_have_attribute("href", f"{COPY}/norrby/sv/index.html")
    expect(chat.get_by_role("link", name="Öppna chatten på en egen sida")).to_have_count(0)
    quiet_console.clear()  # the lost request


@pytest.mark.parametrize("pinned", [False, True], ids=["newest", "pinned"])
def test_while_the_script_does_not_load_the_link_to_the_copy_stands(
    page: Page, visit: Host, quiet_console: list[str], site: str, *, pinned: bool
) -> None:
    place = Place(site, "norrby", "sv", copy=COPY)
    script = put_together(in_each(widget_texts), STANDARD)
    label = "Läs svaren utan chatten"
    tag = pinned_line(place, script, label) if pinned else line(place, label)
    page.route("**/embed*.js", lambda route: route.abort("connectionrefused"))
    visit(tag=tag.replace("{", "{{").replace("}", "}}"))
    link = page.get_by_role("link", name=label)
    expect(link).to_have_attribute("href", f"{COPY}/norrby/sv/index.html")
    quiet_console.clear()  # the lost script
    page.unroute("**/embed*.js")
    visit(tag=tag.replace("{", "{{").replace("}", "}}"))
    expect(page.get_by_role("button", name=OPEN)).to_be_visible()
    expect(link).to_have_count(0)
    expect(page.locator("hemvist-chat")).to_have_count(1)


def test_a_policy_that_forbids_asking_is_trouble_too(
    page: Page, visit: Host, chat: Locator, quiet_console: list[str]
) -> None:
    visit(policy="default-src 'none'; script-src {bot}; style-src 'none'; require-trusted-types-for 'script'")
    page.get_by_role("button", name=OPEN).click()
    expect(chat.locator(".trouble").get_by_role("link", name="0933-140 00")).to_be_visible()
    expect(chat.locator(".trouble").get_by_role("link", name="Ring 112")).to_be_visible()
    assert all("Content Security Policy" in said for said in quiet_console)
    quiet_console.clear()


def test_a_browser_that_keeps_nothing_still_asks(page: Page, open_chat: Callable[..., None]) -> None:
    _break_storage(page)
    open_chat()
    ask(page, ANSWERED)
    expect(page.get_by_role("log")).to_contain_text(ANSWER)
    page.get_by_role("button", name="Stäng chatten").click()
    expect(page.get_by_role("button", name=OPEN)).to_be_focused()


def test_twice_on_a_page_it_is_there_once(page: Page, visit: Host, chat: Locator) -> None:
    visit(tag=SCRIPT + SCRIPT)
    page.get_by_role("button", name=OPEN).click()
    page.wait_for_timeout(200)
    expect(chat).to_have_count(1)


@pytest.mark.parametrize("kept", ["{}", "nonsense", '{"turns": 3}', '{"turns": [], "language": "xx"}', "null", "[]"])
def test_what_it_kept_may_be_anything(page: Page, visit: Host, kept: str) -> None:
    page.add_init_script(f"sessionStorage.setItem('hemvist-chat:norrby', {json.dumps(kept)})")
    visit()
    page.get_by_role("button", name=OPEN).click()
    ask(page, ANSWERED)
    page.evaluate("sessionStorage.clear()")


def test_a_slow_answer_says_that_it_is_coming(page: Page, open_chat: Callable[..., None], chat: Locator) -> None:
    open_chat()
    page.route("**/api/v1/chat", lambda route: (page.wait_for_timeout(700), route.continue_()))
    page.get_by_label("Din fråga").fill(ANSWERED)
    page.get_by_label("Din fråga").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Söker svar …")
    expect(chat.locator(".turn")).to_have_count(1)
    expect(page.get_by_role("status")).to_be_empty()


def test_a_question_sent_again_after_a_failure_is_the_same_question(
    page: Page, open_chat: Callable[..., None], chat: Locator, quiet_console: list[str]
) -> None:
    keys: list[str] = []
    page.on(
        "request",
        lambda one: (
            keys.append(one.headers["idempotency-key"]) if one.url.endswith("/chat") and one.method == "POST" else None
        ),
    )
    open_chat()
    page.route("**/api/v1/chat", lambda route: route.abort() if len(keys) == 1 else route.continue_())
    page.get_by_label("Din fråga").fill(ANSWERED)
    page.get_by_label("Din fråga").press("Enter")
    expect(chat.locator(".trouble")).to_be_visible()
    page.get_by_label("Din fråga").press("Enter")
    expect(page.get_by_role("log")).to_contain_text(ANSWER)
    ask(page, ANSWERED)
    assert keys[0] == keys[1] != keys[2]
    quiet_console.clear()


# keyboard, screens, rules


def focused(page: Page) -> str:
    return str(
        page.evaluate("""() => { let e = document.activeElement; while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
        return e.getAttribute('aria-label') || e.textContent || e.id }""")
    )


def press(page: Page, key: str) -> str:
    """Press a key, and return what has the focus then; it is always something."""
    page.keyboard.press(key)
    assert page.evaluate("document.activeElement !== document.body")
    return focused(page)


def press_until(page: Page, key: str, name: str) -> None:
    """Press a key until what is called `name` has the focus."""
    for _ in range(40):
        if press(page, key) == name:
            return
    raise AssertionError(f"{key} never led to {name}")


def test_by_keyboard_from_the_button_to_a_pin_on_the_map_and_back(page: Page, visit: Host, chat: Locator) -> None:
    visit('data-municipality="soderby" data-language="sv"')
    expect(page.get_by_role("button", name=OPEN)).to_be_visible()
    press(page, "Tab")
    assert press(page, "Tab") == OPEN
    press(page, "Enter")
    expect(chat.locator(".hello .steps")).to_be_visible()
    page.keyboard.type("anmäla flytt")
    press(page, "Enter")
    choice = chat.locator(".card.choices .steps a").first
    expect(choice).to_be_visible()
    press_until(page, "Shift+Tab", choice.inner_text())
    press(page, "Enter")
    expect(chat.locator(".turn").last.locator(".card:is(.answer, .plan)")).to_be_visible()
    expect(page.get_by_label("Din fråga")).to_be_focused()
    page.keyboard.type(RECORDS)
    press(page, "Enter")
    expect(chat.locator(".card.records")).to_be_visible()
    press_until(page, "Shift+Tab", "Lista och karta")
    page.keyboard.press("Enter")
    page.wait_for_url("**/soderby/sv/map?**")
    press_until(page, "Tab", "Visa på karta")
    assert press(page, "Enter") in (
        "Visa på karta",
        "Dölj kartan",
    )  # the same button, before the map is there and after
    expect(page.locator(".leaflet-marker-icon[role=button]").first).to_be_visible()
    for _ in range(10):
        press(page, "Tab")
        if record := page.evaluate("document.activeElement.dataset.record"):
            break
    press(page, "Enter")
    expect(page.get_by_role("dialog")).to_be_focused()
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.activeElement.dataset.record") == record
    page.go_back()
    expect(page.get_by_role("button", name=OPEN)).to_be_visible()
    press_until(page, "Tab", OPEN)
    press(page, "Enter")
    expect(chat.locator(".turn")).to_have_count(3)
    assert press(page, "Escape") == OPEN
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize(("width", "height"), [(320, 256), (390, 844)], ids=["400 % zoom", "phone"])
def test_where_it_covers_the_page_the_focus_does_not_go_on_under_it(
    page: Page, open_chat: Callable[..., None], width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    open_chat()
    page.get_by_role("button", name="English").focus()
    press(page, "Shift+Tab")
    expect(page.get_by_role("link", name="En länk")).to_be_focused()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_beside_the_page_the_focus_comes_and_goes(page: Page, open_chat: Callable[..., None]) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    open_chat()
    page.get_by_role("button", name="English").focus()
    press(page, "Shift+Tab")
    expect(page.get_by_role("link", name="En länk")).to_be_focused()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_by_keyboard_alone(page: Page, visit: Host, chat: Locator) -> None:
    visit()
    expect(page.get_by_role("button", name=OPEN)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused(page) == OPEN
    page.keyboard.press("Enter")
    expect(page.get_by_label("Din fråga")).to_be_focused()
    page.keyboard.type("anmäla flytt")
    page.keyboard.press("Escape")
    if page.get_by_role("dialog").is_hidden():
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(chat.locator(".card.choices")).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate(
            "document.querySelector('hemvist-chat').shadowRoot.activeElement?.matches('.choices .steps a')"
        ):
            break
    page.keyboard.press("Enter")
    expect(chat.locator(".turn").last.locator(".card:is(.answer, .plan)")).to_be_visible()
    expect(page.get_by_label("Din fråga")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name=OPEN)).to_be_focused()


@pytest.mark.parametrize(
    ("width", "height"),
    [(320, 568), (320, 256), (390, 844), (768, 1024), (1920, 1080)],
    ids=["320", "400 % zoom", "phone", "tablet", "wide"],
)
def test_it_fits_every_screen(
    page: Page, open_chat: Callable[..., None], chat: Locator, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    open_chat()
    ask(page, ANSWERED)
    panel = chat.locator(".panel").bounding_box()
    assert panel is not None
    assert panel["x"] >= 0
    assert panel["y"] >= 0
    assert panel["x"] + panel["width"] <= width
    assert panel["y"] + panel["height"] <= height
    wide = chat.evaluate(
        "chat => [...chat.shadowRoot.querySelectorAll('.panel, .panel > .scroll, .card')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.className)"
    )
    assert wide == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width < 480:
        assert (panel["width"], panel["height"]) == (width, height)
    page.get_by_label("Din fråga").scroll_into_view_if_needed()
    expect(page.get_by_label("Din fråga")).to_be_in_viewport()


@pytest.mark.parametrize(
    ("width", "height"), [(320, 256), (390, 844), (1280, 800)], ids=["400 % zoom", "phone", "desk"]
)
def test_the_new_answer_is_shown_from_its_beginning(
    page: Page, open_chat: Callable[..., None], chat: Locator, width: int, height: int
) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": height})
    open_chat()
    for question in (ANSWERED, "Hur hyr jag en lägenhet i Norrby?"):
        ask(page, question)
        top = chat.locator(".said").last.bounding_box()
        panel = chat.locator(".panel").bounding_box()
        assert top is not None
        assert panel is not None
        assert panel["y"] <= top["y"] <= panel["y"] + panel["height"] / 2
        expect(chat.locator(".said").last).to_be_in_viewport()


def test_the_size_of_the_hosts_text_changes_nothing(page: Page, open_chat: Callable[..., None], chat: Locator) -> None:
    open_chat()
    before = chat.locator(".hello p").evaluate("text => getComputedStyle(text).fontSize")
    page.evaluate(
        "const sheet = new CSSStyleSheet(); sheet.replaceSync('html { font-size: 62.5%; letter-spacing: 4px } p { display: none }'); document.adoptedStyleSheets = [sheet]"
    )
    expect(chat.locator(".hello p")).to_be_visible()
    assert chat.locator(".hello p").evaluate("text => getComputedStyle(text).fontSize") == before


def test_targets_are_large_enough(page: Page, open_chat: Callable[..., None], chat: Locator) -> None:
    open_chat()
    ask(page, ANSWERED)
    ask(page, "anmäla flytt")
    small = chat.evaluate("""chat => [...chat.shadowRoot.querySelectorAll('a, button, summary, textarea')]
        .filter((element) => element.checkVisibility() && getComputedStyle(element).display !== 'inline')
        .map((element) => [element.getBoundingClientRect(), element.outerHTML.slice(0, 60)])
        .filter(([box]) => box.width < 24 || box.height < 24).map(([, html]) => html)""")
    assert small == []


def test_nothing_moves_for_those_who_want_it_still(page: Page, open_chat: Callable[..., None], chat: Locator) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_chat()
    assert chat.locator(".panel > .scroll").evaluate("one => getComputedStyle(one).scrollBehavior") == "auto"


@pytest.mark.parametrize("media", NAMES)
@pytest.mark.parametrize(
    "state", ["closed", "open", "suggestions", "answer", "choices", "records", "none", "safety", "judged", "trouble"]
)
def test_no_state_breaks_a_rule(
    page: Page, visit: Host, violations: Callable[[], Any], quiet_console: list[str], state: str, media: str
) -> None:
    page.emulate_media(reduced_motion="reduce", **MEDIA[media])
    visit('data-municipality="soderby" data-language="sv"' if state == "records" else NORRBY)
    expect(page.get_by_role("button", name=OPEN)).to_be_visible()
    if state != "closed":
        _bring_to(page, state)
    assert violations() == []
    quiet_console.clear()


def _bring_to(page: Page, state: str) -> None:
    page.get_by_role("button", name=OPEN).click()
    expect(page.locator("hemvist-chat .hello .steps")).to_be_visible()
    box = page.get_by_label("Din fråga")
    if state == "open":
        return
    if state == "suggestions":
        box.fill("tomt")
        box.press("ArrowDown")
        expect(page.get_by_role("listbox")).to_be_visible()
        return
    if state == "trouble":
        replies(page, "**/api/v1/chat", 500, {})
    question = {"choices": "anmäla flytt", "records": RECORDS, "none": UNKNOWN, "safety": CRISIS}.get(state, ANSWERED)
    box.fill(question)
    box.press("Enter")
    expect(page.locator("hemvist-chat .card")).to_be_visible()
    if state == "choices":
        page.get_by_text("Inget av det här").click()
    if state == "judged":
        page.get_by_role("button", name="Nej", exact=True).click()


def test_axe_would_find_a_missing_label(
    page: Page, open_chat: Callable[..., None], violations: Callable[[], Any]
) -> None:
    open_chat()
    page.evaluate("document.querySelector('hemvist-chat').shadowRoot.querySelector('label').remove()")
    assert "label" in [rule for rule, _ in violations()]


@pytest.mark.parametrize("media", NAMES)
@pytest.mark.parametrize(
    "address", ["/embed/norrby/sv", "/help/sv/", "/help/en/wordpress", "/help/sv/sitevision", "/help/en/html"]
)
def test_no_page_breaks_a_rule(page: Page, site: str, violations: Callable[[], Any], address: str, media: str) -> None:
    page.emulate_media(reduced_motion="reduce", **MEDIA[media])
    page.goto(f"{site}{address}")
    assert violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# what is written is only ever text


TAGS = {"ARTICLE", "DIV", "P", "SPAN", "H2", "H3", "UL", "OL", "LI", "A", "STRONG", "EM", "SVG", "PATH", "TABLE", "THEAD", "TBODY",
        "TR", "TH", "TD", "DETAILS", "SUMMARY", "BUTTON"}  # fmt: skip


def test_what_is_written_is_only_text(page: Page, visit: Host, chat: Locator, app: Flask) -> None:
    real = app.test_client().get("/api/v1/welcome?municipality=norrby&language=sv").json
    for text in TEXTS:
        show_as_text(page, visit, chat, real, text)


def show_as_text(page: Page, visit: Host, chat: Locator, real: dict[str, Any], text: str) -> None:
    """Have the chat meet `text` wherever somebody could have written it."""
    step = {"entry": text, "title": text, "link": "javascript:1"}
    name = real | {"name": text, "switchboard": None, "topics": [step], "link": "javascript:1"}
    replies(page, "**/api/v1/welcome**", body=name)
    replies(page, "**/api/v1/titles**", body={"titles": [{"entry": text, "title": f"tomt {text}"}]})
    replies(page, "**/api/v1/chat", body=poisoned(text))
    visit()
    page.get_by_role("button", name=OPEN).click()
    box = page.get_by_label("Din fråga")
    box.fill("tomt")
    expect(page.get_by_role("option")).to_have_text(re.compile("^tomt"))
    box.fill(text)
    box.press("Escape") if page.get_by_role("listbox").is_visible() else None
    page.locator("hemvist-chat .send").click()
    if page.get_by_role("button", name="Skicka ändå").count():
        page.get_by_role("button", name="Skicka ändå").click()
    expect(chat.locator(".turn")).to_have_count(1)
    assert page.title() == "Kommunen"
    expect(chat.locator(".said")).to_have_text(text.strip())
    built = chat.evaluate(
        "chat => [...chat.shadowRoot.querySelectorAll('[role=log] *, .hello *, [role=listbox] *')].map((one) => one.tagName.toUpperCase())"
    )
    assert set(built) <= TAGS
    links = chat.evaluate(
        "chat => [...chat.shadowRoot.querySelectorAll('a')].map((link) => new URL(link.href).protocol)"
    )
    assert set(links) <= {"http:", "https:", "mailto:", "tel:"}
    assert (
        chat.evaluate(
            "chat => [...chat.shadowRoot.querySelectorAll('a')].filter((link) => link.host.includes('evil')).length"
        )
        == 0
    )
    page.evaluate("sessionStorage.clear()")
