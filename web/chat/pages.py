"""The pages for people: choose a municipality, ask it, read one answer. They work without JavaScript; chat.js adds to them."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot import LANGUAGES, Entry, Language, Municipality, View
from web import markdown
from web.chat.accent import fingerprint, stylesheet
from web.chat.asking import Turn, ask, show, today
from web.chat.body import read_question
from web.chat.payload import contact_payload, payload
from web.errors import RequestError, accepted_language, asked_language
from web.i18n import NAMES, format_date, other, texts, translations
from web.services import get_services

pages = Blueprint("pages", __name__)

A_DAY: Final = 86_400
EXCERPT: Final = 155  # what a search engine shows of a description
