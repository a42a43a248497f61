"""The manual for staff, which anybody may read."""

from typing import Final

from flask import Blueprint, render_template, url_for

from bot import Language
from web.frame import addresses
from web.i18n import languages

manual: Final = Blueprint("manual", __name__)


@manual.get("/help/<language:language>/staff")
def show(language: Language) -> str:
    """Show how staff sign in, and what the roles may do."""
    pages = {tongue: url_for("manual.show", language=tongue) for tongue in languages()}
    return render_template("staff_manual.html", **addresses(pages, pages["sv"]))
