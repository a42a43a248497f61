"""The script for other sites, its versions, the frame, the manuals and the line to paste."""

import gzip
import hashlib
import re
import shutil
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from web.chat.welcome import ICONS as WELCOME_ICONS
from web.chat.wording import in_each, widget_texts
from web.commands.embed import command
from web.embed.script import ICONS, put_together
from web.embed.service import NAMED_AT_MOST
from web.embed.snippet import Place, inline, line, pinned_line
from web.icons import FILE, SYMBOL

KNOWLEDGE = Path(__file__).parent / "knowledge"
SHIPPED = KNOWLEDGE.parent.parent / "knowledge"
LARGEST = 15_000
LINE = re.compile(r"<path[^>]*/>")
PLACE = Place("https://chat.example", "norrby", "sv", "plots", "#1f5f4a")


def version_of(client: FlaskClient) -> str:
    found = re.search(r'"version":"([0-9a-f]{12})"', client.get("/embed.js").text)
    assert found
    return found[1]


def test_the_script_is_small(make_app: Callable[..., Flask]) -> None:
    client = make_app(HEMVIST_KNOWLEDGE=str(SHIPPED)).test_client()
    response = client.get("/embed.js", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(response.data) <= LARGEST
    assert gzip.decompress(response.data) == client.get("/embed.js").data


def test_the_script_names_no_address_and_writes_no_html(client: FlaskClient) -> None:
    text = client.get("/embed.js").text
    assert re.findall(r"https?://[\w.]+", text.replace("http://www.w3.org/2000/svg", "")) == []
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(|localStorage|document\.cookie", text)


def test_the_script_is_kept_for_ten_minutes_and_asked_for_by_its_fingerprint(client: FlaskClient) -> None:
    first = client.get("/embed.js")
    assert first.mimetype == "text/javascript"
    assert first.headers["Cache-Control"] == "public, max-age=600"
    assert "Accept-Encoding" in first.headers["Vary"]
    again = client.get("/embed.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_pinned_script_never_changes(client: FlaskClient) -> None:
    response = client.get(f"/embed-{version_of(client)}.js")
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "norrby" not in response.text


def test_a_pinned_script_can_be_checked_by_the_browser_of_a_site_that_may_use_it(client: FlaskClient) -> None:
    response = client.get(f"/embed-{version_of(client)}.js", headers={"Origin": "http://localhost:3000"})
    assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"


def test_a_script_of_an_older_release_goes_on_working(tmp_path: Path, make_app: Callable[..., Flask]) -> None:
    client = make_app(HEMVIST_DATA=str(tmp_path)).test_client()
    version = version_of(client)
    client.get(f"/embed-{version}.js")
    kept = tmp_path / "embed" / f"{version}.js"
    kept.rename(kept.with_stem("0123456789ab"))
    old = client.get("/embed-0123456789ab.js")
    assert (old.status_code, old.data) == (200, client.get(f"/embed-{version}.js").data)


def test_a_folder_that_cannot_be_written_stops_no_script(tmp_path: Path, make_app: Callable[..., Flask]) -> None:
    client = make_app(HEMVIST_DATA=str(tmp_path)).test_client()
    (tmp_path / "embed").write_text("a file where the folder would be")
    assert client.get(f"/embed-{version_of(client)}.js").status_code == 200


@pytest.mark.parametrize("version", ["000000000000", "1", "..%2fsecret-key", "%2e%2e", "x" * 300, "é"])
def test_an_unknown_version_says_so_in_a_comment(client: FlaskClient, version: str) -> None:
    response = client.get(f"/embed-{version}.js")
    assert response.status_code == 404
    if response.mimetype == "text/javascript":
        assert response.text.startswith("// Hemvist: this server has no chat of that version.")


def test_the_script_knows_whom_to_call_before_it_asks(client: FlaskClient) -> None:
    text = client.get("/embed.js").text
    assert '"phone":"0933-140 00"' in text
    assert '"email":"kommun@norrby.example"' in text


def test_with_as_many_municipalities_as_it_names_it_is_still_small(
    knowledge_folder: Path, make_app: Callable[..., Flask]
) -> None:
    assert len(served(knowledge_folder, make_app, NAMED_AT_MOST)) <= LARGEST


def test_with_more_of_them_it_names_none_and_the_line_says_whom_to_call(
    knowledge_folder: Path, make_app: Callable[..., Flask]
) -> None:
    script = served(knowledge_folder, make_app, NAMED_AT_MOST + 1)
    assert b"0933-140 00" not in gzip.decompress(script)
    run = CliRunner().invoke(command, ["--municipality", "norrby"], env={"HEMVIST_KNOWLEDGE": str(knowledge_folder)})
    assert 'data-phone="0933-140 00" data-email="kommun@norrby.example"' in run.output


def served(folder: Path, make_app: Callable[..., Flask], count: int) -> bytes:
    """The script of a server for `count` municipalities."""
    norrby = folder / "municipalities" / "norrby"
    for municipality in ("ostby", "soderby"):
        shutil.rmtree(folder / "municipalities" / municipality)
    for number in range(1, count):
        name = f"bortre-norrby-{number}"
        copied = Path(shutil.copytree(norrby, norrby.with_name(name)))
        for path in copied.glob("*.yaml"):
            text = path.read_text().replace("id: norrby", f"id: {name}").replace("0933-140", f"0{number}33-1{number}0")
            path.write_text(text.replace("kommun@", f"kommun-{number}@"))
    client = make_app(HEMVIST_KNOWLEDGE=str(folder)).test_client()
    return client.get("/embed.js", headers={"Accept-Encoding": "gzip"}).data


def test_the_version_is_that_of_what_it_says_and_does(client: FlaskClient) -> None:
    texts = in_each(widget_texts)
    assert put_together(texts, "#1f5673").version == version_of(client)
    assert put_together(texts, "#1f5673", {"x": 1}).version == version_of(client)
    assert put_together({**texts, "en": {}}, "#1f5673").version != version_of(client)


@pytest.mark.parametrize(
    ("address", "language"), [("/embed/norrby/sv", "sv"), ("/embed/norrby/en", "en"), ("/embed/norrby", "sv")]
)
def test_the_frame_is_a_form_without_script(client: FlaskClient, address: str, language: str) -> None:
    response = client.get(address, follow_redirects=True)
    assert response.status_code == 200
    assert f'<form method="post" action="/norrby/{language}/#answer">' in response.text


def test_a_frame_of_no_municipality_is_not_there(client: FlaskClient) -> None:
    assert client.get("/embed/nowhere/sv").status_code == 404
    assert client.get("/embed/Norrby/sv").status_code == 308


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("system", ["", "html", "sitevision", "wordpress"])
def test_a_manual_shows_the_line_and_the_policy(client: FlaskClient, language: str, system: str) -> None:
    text = client.get(f"/help/{language}/{system}").text
    assert "&lt;script src=&#34;http://localhost/embed.js&#34; async data-municipality=&#34;norrby&#34;" in text
    assert "script-src http://localhost; connect-src http://localhost" in text
    assert "integrity=&#34;sha384-" in text


def test_manuals_are_found_in_the_language_of_the_browser(client: FlaskClient) -> None:
    assert client.get("/help/", headers={"Accept-Language": "en"}).location == "/help/en/"


def test_the_line_says_what_is_given_and_nothing_else() -> None:
    assert line(Place("https://chat.example", "norrby")) == (
        '<script src="https://chat.example/embed.js" async data-municipality="norrby"></script>'
    )
    assert line(PLACE).endswith('data-language="sv" data-topic="plots" data-accent="#1f5f4a"></script>')


def test_a_pinned_line_is_checked_and_says_whom_to_call() -> None:
    script = put_together({}, "#1f5673")
    digest = b64encode(hashlib.sha384(script.body).digest()).decode()
    assert pinned_line(replace(PLACE, phone="0933-140 00"), script) == (
        f'<script src="https://chat.example/embed-{script.version}.js" integrity="sha384-{digest}" '
        'crossorigin="anonymous" async data-municipality="norrby" data-language="sv" data-topic="plots" '
        'data-accent="#1f5f4a" data-phone="0933-140 00"></script>'
    )


def test_with_a_copy_the_line_begins_with_a_link_that_needs_no_script() -> None:
    place = replace(PLACE, copy="https://www.norrby.example/kopia")
    page = "https://www.norrby.example/kopia/norrby/sv/index.html"
    before, script = line(place, "Läs svaren").split("\n")
    assert before == f'<hemvist-chat><a href="{page}">Läs svaren</a></hemvist-chat>'
    assert 'data-copy="https://www.norrby.example/kopia"' in script
    assert f'<a href="{page}">' in inline(place, "Läs svaren")
    assert 'copy="https://www.norrby.example/kopia"' in inline(place, "Läs svaren")


def test_a_manual_tells_how_to_keep_a_copy(client: FlaskClient, make_app: Callable[..., Flask]) -> None:
    text = client.get("/help/en/html").text
    assert "hemvist export /srv/www/hemvist --address http://localhost" in text
    assert "data-copy=&#34;https://www.kommunen.se/hemvist&#34;" in text
    assert text.count("data-copy") == 1
    known = make_app(HEMVIST_COPY_URL="https://www.norrby.example/kopia").test_client().get("/help/en/html").text
    assert "data-copy=&#34;https://www.norrby.example/kopia&#34;" in known


def test_what_is_pasted_cannot_break_out_of_its_attribute() -> None:
    assert "<b>" not in inline(Place('https://x"><b>', "norrby"), "<b>")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--municipality", "norrby"], 0, 'src="http://127.0.0.1:8000/embed.js"'),
        (["--municipality", "norrby", "--address", "https://chat.example/"], 0, 'src="https://chat.example/embed.js"'),
        (["--municipality", "norrby", "--language", "en", "--topic", "plots"], 0, 'data-topic="plots"'),
        (["--municipality", "norrby"], 0, 'data-accent="#1f5f4a"'),
        (["--municipality", "norrby", "--pin"], 0, 'data-phone="0933-140 00"'),
        (["--municipality", "norrby"], 0, "script-src http://127.0.0.1:8000; connect-src http://127.0.0.1:8000"),
        (["--municipality", "norrby"], 0, "Name the site in the origins"),
        (["--municipality", "norrby", "--topic", "nothing"], 2, "'nothing' is no entry of norrby"),
        (["--municipality", "norrby", "--language", "de"], 2, "'de' is not one of 'sv', 'en'"),
        (["--municipality", "norrby", "--accent", "red"], 2, "must be #rrggbb"),
        (["--municipality", "norrby", "--copy", "https://k.example/a/"], 0, 'data-copy="https://k.example/a"'),
        (["--municipality", "norrby", "--copy", "https://k.example", "--pin"], 0, 'href="https://k.example/norrby/sv/'),
        (["--municipality", "norrby", "--copy", "javascript:alert(1)"], 2, "must be a web address"),
        ([], 2, "Missing option '--municipality'"),
    ],
)
def test_the_command_prints_the_line(options: list[str], code: int, said: str) -> None:
    run = CliRunner().invoke(command, options, env={"HEMVIST_KNOWLEDGE": str(KNOWLEDGE)})
    assert run.exit_code == code, run.output
    assert said in run.output


def test_what_the_command_pins_is_what_the_server_gives(client: FlaskClient) -> None:
    run = CliRunner().invoke(command, ["--municipality", "norrby", "--pin"], env={"HEMVIST_KNOWLEDGE": str(KNOWLEDGE)})
    found = re.search(r'src="http://127.0.0.1:8000(/embed-\w+\.js)" integrity="sha384-([^"]+)"', run.output)
    assert found
    assert b64encode(hashlib.sha384(client.get(found[1]).data).digest()).decode() == found[2]


# what the chat is told when it is opened


def test_the_welcome_says_whose_it_is_and_whom_to_call(client: FlaskClient) -> None:
    welcome = client.get("/api/v1/welcome?municipality=norrby&language=sv").json
    assert (welcome["name"], welcome["official"], welcome["accent"]) == ("Norrby", False, "#1f5f4a")
    assert welcome["switchboard"]["phone"] == "0933-140 00"
    topic = {"entry": "plots", "title": "Lediga tomter", "title_language": "sv", "link": "/norrby/sv/plots"}
    assert topic in welcome["topics"]


def test_the_welcome_begins_with_the_topic_of_the_page(client: FlaskClient) -> None:
    topics = client.get("/api/v1/welcome?municipality=norrby&language=sv&topic=plots").json["topics"]
    assert [topic["entry"] for topic in topics] == ["plots", "plot-reservation"]


@pytest.mark.parametrize("topic", ["nothing", "<b>", ""])
def test_an_unknown_topic_changes_nothing(client: FlaskClient, topic: str) -> None:
    given = {"municipality": "norrby", "language": "sv"}
    told = [client.get("/api/v1/welcome", query_string=query).json for query in (given, {**given, "topic": topic})]
    assert told[0] == told[1]


def test_titles_are_those_of_what_is_answered_and_light(make_app: Callable[..., Flask], client: FlaskClient) -> None:
    titles = client.get("/api/v1/titles?municipality=norrby&language=en").json["titles"]
    assert {"entry": "plot-reservation", "title": "How do I reserve a plot?", "title_language": "en"} in titles
    shipped = make_app(HEMVIST_KNOWLEDGE=str(SHIPPED)).test_client()
    assert len(shipped.get("/api/v1/titles?municipality=vindeln&language=sv").data) <= 20_000


def test_every_icon_that_the_chat_draws_is_lines_alone() -> None:
    drawn = {*ICONS, *WELCOME_ICONS}
    lost = [name for name, lines in SYMBOL.findall(FILE.read_text()) if name in drawn and "<" in LINE.sub("", lines)]
    assert lost == []
