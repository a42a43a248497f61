"""The addresses of the chat on other sites: its script, pinned or not, its page for a frame, and the manuals."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final, cast

from flask import Blueprint, Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from bot import Language
from web.embed import snippet
from web.embed.script import Script, Texts
from web.embed.service import EmbedService, someone
from web.errors import accepted_language
from web.frame import addresses, correct_spelling, frame, municipalities, origin
from web.i18n import languages
from web.i18n import texts as texts_of
from web.origins import frame_ancestors, share
from web.security import A_YEAR
from web.services import get_services

embed: Final = Blueprint("embed", __name__)
manuals: Final = Blueprint("manuals", __name__)
embed.before_request(correct_spelling)
share(embed)

EXTENSION: Final = "hemvist-embed"
VERSION: Final = re.compile(r"[0-9a-f]{12}")
TEN_MINUTES: Final = 600  # seconds
SCRIPTS: Final = ("embed.newest", "embed.pinned")
FRAMES: Final = ("embed.in_frame", "embed.in_frame_by_language")
EXAMPLE_COPY: Final = "https://www.kommunen.se/hemvist"
SYSTEMS: Final = ("html", "sitevision", "wordpress")
NO_SUCH_VERSION: Final = (
    "// Hemvist: this server has no chat of that version. Take the line without a version, or print a new one: "
    "hemvist embed --pin\n"
)


def register(app: Flask, data: Path, texts: Texts) -> None:
    """Add the chat for other sites to `app`, which says `texts` by itself; call it before `security.register`.

    Functions that run after a request run backwards, so that this one has the last word on who may load these.
    """
    app.extensions[EXTENSION] = EmbedService(data, texts)
    app.after_request(_open_up)
    app.register_blueprint(embed)
    app.register_blueprint(manuals)


@embed.get("/embed.js")
def newest() -> Response:
    """Serve the newest script."""
    return _script(_service().newest(get_services().knowledge.assistant), TEN_MINUTES)


@embed.get("/embed-<version>.js")
def pinned(version: str) -> Response:
    """Serve the script of one version, which never changes."""
    script = _service().version(version) if VERSION.fullmatch(version) else None
    if script is None:
        return Response(NO_SUCH_VERSION, 404, mimetype="text/javascript")
    return _script(script, A_YEAR)


@embed.get("/embed/<municipality>/<language:language>")
def in_frame(municipality: str, language: Language) -> str:
    """Show the chat alone, for sites that allow frames and no scripts."""
    return render_template("frame.html", **frame(municipality, language))


@embed.get("/embed/<municipality>")
def in_frame_by_language(municipality: str) -> Redirect:
    """Lead to the frame in the language that the browser asks for."""
    target = url_for("embed.in_frame", municipality=municipality, language=accepted_language())
    response = redirect(target, 302)
    response.headers["Vary"] = "Accept-Language"
    return response


@manuals.get("/help/")
def help_by_language() -> Redirect:
    """Lead to the manuals in the language that the browser asks for."""
    response = redirect(url_for("manuals.show", language=accepted_language()), 302)
    response.headers["Vary"] = "Accept-Language"
    return response


@manuals.get("/help/<language:language>/")
@manuals.get("/help/<language:language>/<any(html, sitevision, wordpress):system>")
def show(language: Language, system: str | None = None) -> str:
    """Show how the chat comes onto a site, by the system that the site is made with."""
    known = municipalities()
    asked = request.args.get("municipality", "")
    one = known[asked] if asked in known else next(iter(known.values()))
    _ = texts_of(language)
    copy = get_services().settings.copy_url
    place = snippet.Place(origin(), one.id, language, accent=one.accent, copy=copy)
    phone, email = someone(get_services().knowledge.assistant.knowledge, one)
    reachable = replace(place, phone=phone, email=email)
    label = str(_("Ask about moving to %(place)s", place=one.name.best(language)))
    without = str(_("Read the answers without the chat"))
    pages = {tongue: url_for("manuals.show", language=tongue, system=system) for tongue in languages()}
    return render_template(
        "help.html",
        system=system,
        systems=SYSTEMS,
        place=one.name.best(language),
        line=snippet.line(place, without),
        pinned_line=snippet.pinned_line(reachable, _service().pinned, without),
        inline=snippet.inline(place, label),
        in_frame=snippet.frame(place, label),
        policy=snippet.policy(place.address),
        here=place.address,
        copy_policy=snippet.COPY_POLICY,
        copy_line=snippet.line(replace(place, copy=copy or EXAMPLE_COPY), without),
        **addresses(pages, pages["sv"]),
    )


def _service() -> EmbedService:
    return cast("EmbedService", current_app.extensions[EXTENSION])


def _script(script: Script, seconds: int) -> Response:
    takes_gzip = request.accept_encodings["gzip"] > 0
    response = make_response(script.compressed if takes_gzip else script.body)
    response.mimetype = "text/javascript"
    response.vary.add("Accept-Encoding")
    if takes_gzip:
        response.content_encoding = "gzip"
    response.cache_control.public = True
    response.cache_control.max_age = seconds
    if seconds == A_YEAR:
        response.cache_control.immutable = True
    response.set_etag(f"{script.fingerprint}{'-gzip' if takes_gzip else ''}")
    return response.make_conditional(request)  # type: ignore[return-value]  # the same object comes back


def _open_up(response: Response) -> Response:
    """Any page may load the script; only the municipality's own may hold the frame."""
    if request.endpoint in SCRIPTS:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.endpoint in FRAMES and response.status_code == 200:
        one = municipalities()[(request.view_args or {})["municipality"]]
        policy = response.headers["Content-Security-Policy"]
        allowed = f"frame-ancestors {frame_ancestors(one)}"
        response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", allowed)
    return response
