"""Our questions: real ones that a municipality watches over, how each is answered today, and how many held over time.

Each is a record like any other: written in its form, published, restored and removed there.
"""

from typing import Final

from flask import render_template

from bot import answered, questions_of
from web.errors import asked_language
from web.i18n import sentences
from web.people import suffices
from web.services import today
from web.staff.guard import municipality_here, role_here
from web.staff.knowing import assistant, view_here
from web.staff.report_charts import held
from web.staff.service import get_staff
from web.store.evidence import proofs

FEWEST_PROOFS: Final = 2
TABLE: Final = "questions"


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


OUTCOMES: Final = {
    "right": _("holds"),
    "offered": _("holds: among the choices"),
    "silent": _("gets no answer"),
    "wrong": _("gets another answer"),
}


def show() -> str:
    """Show every question with its answer of today, those that do not hold first."""
    here, language = municipality_here(), asked_language()
    knowing = assistant()
    judged = answered(knowing, here.id, questions_of(knowing.knowledge, here.id), today())
    with get_staff().store.reading() as connection:
        history = proofs(connection, here.id)
    return render_template(
        "staff/own_questions.html",
        judged=sorted(judged, key=lambda one: one.holds),
        holding=sum(one.holds for one in judged),
        outcome=lambda name: sentences(language)(OUTCOMES[name]),
        title_of=_title,
        held=held(history, language) if len(history) >= FEWEST_PROOFS else None,
        table=TABLE,
        may_write=suffices(role_here(), "editor"),
    )


def _title(entry: str) -> str:
    found = view_here().entries.get(entry)
    return found.title(asked_language()) if found else entry
