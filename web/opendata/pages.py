"""The pages of records: a list with its form and its map, and feeds to watch it by. All but the map is plain HTML."""

from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as Redirect

from bot import Language, TableName
from web.frame import correct_spelling, lists_of
from web.openapi import single, typed
from web.opendata import atom, leaflet
from web.opendata.answers import answer
from web.opendata.document import FEEDS, PAGES, Show, filters_of
from web.opendata.finding import find
from web.opendata.showing import PER_PAGE, card_addresses, feed_of, shown

lists: Final = Blueprint("lists", __name__)
lists.before_request(correct_spelling)
lists.add_url_rule("/static/leaflet/<version>/<any('leaflet.js', 'leaflet.css'):file>", "leaflet", leaflet.serve)

LONGEST_FEED: Final = 200  # entries


@lists.get("/<municipality>/<language:language>/map")
def page(municipality: str, language: Language) -> Redirect | str:
    """Show what fits as a list; a map of it comes on demand."""
    if "" in request.args.values():
        return _without_what_is_empty()
    table: TableName = typed(Show, request.args.to_dict()).show or _first_table(municipality, language)
    asked = typed(PAGES[table], single(request.args, PAGES[table]))
    listing = find(municipality, table, filters_of(asked), offset=(asked.page - 1) * PER_PAGE, limit=PER_PAGE)
    if asked.page > 1 and not listing.shown:
        abort(404)
    return render_template("map.html", **shown(listing, asked.page, municipality, language))


@lists.get("/<municipality>/<language:language>/<any(plots, jobs):table>.atom")
def feed(municipality: str, language: Language, table: TableName) -> Response:
    """Tell of what fits as an Atom feed."""
    filters = filters_of(typed(FEEDS[table], single(request.args, FEEDS[table])))
    listing = find(municipality, table, filters, limit=LONGEST_FEED)
    found = () if listing.relaxed else listing.shown
    head = feed_of(municipality, language, listing)
    return answer(atom.write(head, found, card_addresses(head, found)), atom.CONTENT_TYPE)


def _first_table(municipality: str, language: Language) -> TableName:
    """Return the first table that holds anything; that of plots where none does."""
    first: TableName = next((one["table"] for one in lists_of(municipality, language)), "plots")
    return first


def _without_what_is_empty() -> Redirect:
    """A form sends every field; an address that is passed on names those alone that say something."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if value]
    return redirect(f"{request.path}?{urlencode(kept)}" if kept else request.path, 302)
