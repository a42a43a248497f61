"""What was done here, and by whom: the audit, which only ever grows."""

import math
from typing import Any, Final

from flask import render_template, request

from web.errors import asked_language
from web.frame import municipalities
from web.i18n import texts
from web.people import scopes_of
from web.staff.guard import municipality_here
from web.staff.paging import page_asked
from web.staff.service import get_staff
from web.staff.session import member
from web.store import audit

LONGEST_WORDS: Final = 100


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


ACTIONS: Final = {
    "account_changed": _("changed name or language"),
    "account_disabled": _("shut the account"),
    "account_enabled": _("opened the account again"),
    "account_made": _("made the account"),
    "answer_confirmed": _("confirmed an answer in both languages"),
    "fact_confirmed": _("confirmed a fact"),
    "backed_up": _("made a backup"),
    "draft_discarded": _("put a draft away"),
    "draft_saved": _("saved a draft"),
    "gap_drafted": _("began a draft for unanswered questions"),
    "gap_ignored": _("set unanswered questions aside"),
    "gap_reopened": _("opened unanswered questions again"),
    "gap_sent": _("sent an unanswered question to the group"),
    "gap_solved": _("marked unanswered questions as solved"),
    "gap_taken_back": _("took an unanswered question back from the group"),
    "invitation_accepted": _("came by the invitation"),
    "invitation_withdrawn": _("withdrew the invitation"),
    "invited": _("invited"),
    "message_handled": _("marked a message as handled"),
    "message_read": _("read a message"),
    "own_version_removed": _("took the own version away"),
    "password_changed": _("changed the password"),
    "password_link_made": _("made a link for a new password"),
    "phrasing_added": _("added a phrasing"),
    "published": _("published"),
    "purged": _("purged words and messages"),
    "restored_backup": _("restored a backup"),
    "recovery_code_used": _("used a code from the paper"),
    "recovery_codes_made": _("made new codes for the paper"),
    "role_given": _("gave a role"),
    "role_taken": _("took a role away"),
    "roles_provided": _("got roles from the identity provider"),
    "second_factor_removed": _("removed the second factor"),
    "second_factor_set": _("set up the second factor"),
    "session_ended": _("ended a session"),
    "sessions_ended": _("ended all sessions"),
    "settings_changed": _("changed settings"),
    "settings_given_back": _("let a setting be that of the file again"),
    "sign_in": _("signed in"),
    "sign_in_paused": _("was made to wait after wrong tries"),
    "sign_out": _("signed out"),
    "switched_off": _("switched the chat off"),
    "switched_on": _("switched the chat on"),
    "test_mail_sent": _("sent a test mail"),
    "translation_confirmed": _("confirmed a translation"),
    "version_restored": _("restored a version"),
}


def show() -> str:
    """Show a page of deeds, the newest first, perhaps of one kind or with some words."""
    scopes = [scope for scope in scopes_of(municipality_here()) if _may_read(scope)]
    everything = audit.Wanted(scopes)
    wanted = audit.Wanted(
        scopes, request.args.get("action") or None, request.args.get("words", "")[:LONGEST_WORDS].strip()
    )
    with get_staff().store.reading() as connection:
        total = audit.count(connection, wanted)
        pages = max(1, math.ceil(total / audit.PAGE))
        number = min(page_asked(), pages)
        deeds = audit.page(connection, wanted, number)
        kinds = audit.actions(connection, everything)
    values: dict[str, Any] = {
        "deeds": deeds,
        "total": total,
        "number": number,
        "pages": pages,
        "wanted": wanted,
        "kinds": {kind: name_of(kind) for kind in kinds},
        "name_of": name_of,
    }
    return render_template("staff/audit.html", **values)


def name_of(action: str) -> str:
    """Say what was done, in the language of the page."""
    return texts(asked_language())(ACTIONS[action]) if action in ACTIONS else action


def _may_read(scope: str) -> bool:
    """What concerns a whole group is for those who are administrators of all of it."""
    return member().account.governs(scope, municipalities())
