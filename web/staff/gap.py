"""Questions that mean the same and got no good answer: what they are, what came nearest, what is to be done."""

from collections.abc import Mapping
from typing import Any, Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bot import SAFETY, Question, given
from web.errors import RequestError, asked_language
from web.i18n import sentences
from web.services import get_services, today
from web.staff import clusters
from web.staff.audit import doing
from web.staff.clusters import Cluster
from web.staff.following import cluster_of
from web.staff.gaps import wording
from web.staff.guard import municipality_here, see_other
from web.staff.session import member
from web.staff.shell import say
from web.store import gaps
from web.store.gaps import State

LONGEST_SENT: Final = 300


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


# what is asked for → the state, its row in the audit, and what is said when it is done
DEEDS: Final[Mapping[str, tuple[State, str, str]]] = {
    "ignore": ("ignored", "gap_ignored", _("Set aside. It counts no more.")),
    "solve": ("solved", "gap_solved", _("Solved. If it fails again, it comes back.")),
    "reopen": ("new", "gap_reopened", _("Open again.")),
}


def show(key: str) -> str:
    """Show one cluster."""
    return page(find(key))


def settle(key: str) -> ResponseReturnValue:
    """Set it aside, call it solved, or open it again."""
    one = find(key)
    state, action, said = DEEDS.get(request.form.get("do", "")) or _refuse()
    decide(one, state, action, one.gap.entry if one.gap and state == "solved" else None)
    say(said)
    return see_other("staff.gap", municipality=municipality_here().id, key=one.key)


def send(key: str) -> ResponseReturnValue:
    """Show words that somebody has read to the group, or take them back."""
    one, here = find(key), municipality_here()
    if one.scope != here.id:
        raise RequestError("not_found")
    if request.form.get("do") == "take_back":
        return _take_back(one)
    group, text = request.form.get("group", ""), " ".join(request.form.get("text", "").split())
    if mistakes := _mistakes(group, text):
        return page(one, mistakes), 422
    who = member().account.email
    with doing("gap_sent", scope=here.id, about=one.key) as writing:
        state = one.state if one.state in ("new", "drafted") else "new"
        gap = clusters.settle(writing, one, state, who, one.gap.entry if one.gap else None)
        gaps.send(writing.connection, gap, group, text, one.language, one.visitors, writing.at)
        writing.detail["group"] = group
    say(_("Sent to the group %(group)s."), group=group)
    return see_other("staff.gap", municipality=here.id, key=one.key)


def find(key: str) -> Cluster:
    """Return the cluster that `key` leads to; raises RequestError where its questions are gone."""
    one = cluster_of(key)
    if one is None:
        raise RequestError("not_found")
    return one


def decide(one: Cluster, state: State, action: str, entry: str | None = None) -> None:
    """Give a cluster a state. The audit keeps no words of visitors: they may go, its rows may not."""
    if not clusters.may_settle(one):
        raise RequestError("role_too_low")
    with doing(action, scope=one.scope, about=one.key) as writing:
        clusters.settle(writing, one, state, member().account.email, entry)
        writing.detail["questions"] = len(one.asked)


def page(one: Cluster, mistakes: Mapping[str, str] | None = None) -> str:
    """Return the page of a cluster, with what is wrong with what was sent."""
    here, assistant = municipality_here(), get_services().knowledge.assistant
    view = assistant.knowledge.view(here.id)
    explained = assistant.explain(Question(one.title, here.id, today(), one.language))
    values: dict[str, Any] = {
        "one": one,
        "now": given(assistant, here.id, one.title, today()),
        "near": [(found, view.entries[found.entry]) for found in explained.candidates if found.entry in view.entries],
        "entries": sorted(
            (entry for entry in view.entries.values() if entry.id not in SAFETY),
            key=lambda entry: entry.title(asked_language()).casefold(),
        ),
        "is_open": lambda entry: entry not in SAFETY,
        "title_of": lambda entry: view.entries[entry].title(asked_language()) if entry in view.entries else entry,
        "may_settle": clusters.may_settle(one),
        "groups": here.groups if one.scope == here.id else (),
        "mistakes": mistakes or {},
        "typed": request.form,
        **wording(),
    }
    return render_template("staff/gap.html", **values)


def _take_back(one: Cluster) -> ResponseReturnValue:
    here = municipality_here().id
    if one.gap is None or one.gap.sent_to is None:
        raise RequestError("not_found")
    with doing("gap_taken_back", scope=here, about=one.key) as writing:
        gaps.take_back(writing.connection, one.gap.id)
    say(_("The group does not see it any more."))
    return see_other("staff.gap", municipality=here, key=one.key)


def _mistakes(group: str, text: str) -> dict[str, str]:
    _ = sentences(asked_language())
    here, mistakes = municipality_here(), {}
    if group not in here.groups:
        mistakes["group"] = _("Choose a group.")
    if not text or len(text) > LONGEST_SENT:
        mistakes["text"] = _("Write the question in at most %(limit)s characters.", limit=LONGEST_SENT)
    elif get_services().knowledge.assistant.redact(text, here.id).kinds:
        mistakes["text"] = _("This holds an identity number, a phone number or an e-mail address. Take it out.")
    if request.form.get("read") != "yes":
        mistakes["read"] = _("Read the questions first, and say that you have.")
    return mistakes


def _refuse() -> tuple[State, str, str]:
    raise RequestError("not_found")
