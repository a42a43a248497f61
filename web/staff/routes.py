"""Every address below /staff, and the role it takes. What is not in this table does not exist."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from web.people import Role

FORM: Final = 1_000_000  # an answer in two languages has some thousands
SHEET: Final = 6_000_000  # a little more than a sheet may have, so that its own page says why
# anyone: no sign-in needed; begun: a password was given; member: signed in wholly; a role: in that municipality
Need = Literal["anyone", "begun", "member"] | Role


@dataclass(frozen=True, slots=True)
class Route:
    """One address: `view` is its module below web.staff and its function; `largest`: how many bytes it takes."""

    endpoint: str
    method: Literal["GET", "POST"]
    rule: str
    need: Need
    view: str
    largest: int = FORM


NUMBER: Final = "int(max=2147483647)"  # what a column of whole numbers holds

ROUTES: Final = (
    Route("sign_in", "GET", "/sign-in", "anyone", "door:show"),
    Route("enter", "POST", "/sign-in", "anyone", "door:enter"),
    Route("language", "POST", "/language", "anyone", "door:choose_language"),
    Route("invitation", "GET", "/invitation", "anyone", "invitation:show"),
    Route("accept", "POST", "/invitation", "anyone", "invitation:accept"),
    Route("provider", "POST", "/provider", "anyone", "provided:begin"),
    Route("provided", "GET", "/provider/return", "anyone", "provided:come_back"),
    Route("code", "GET", "/code", "begun", "door:ask_code"),
    Route("give_code", "POST", "/code", "begun", "door:take_code"),
    Route("sign_out", "POST", "/sign-out", "begun", "door:leave"),
    Route("factor", "GET", "/second-factor", "begun", "factor:show"),
    Route("set_factor", "POST", "/second-factor", "begun", "factor:confirm"),
    Route("account", "GET", "/account", "member", "own:show"),
    Route("change_self", "POST", "/account", "member", "own:change_self"),
    Route("change_password", "POST", "/account/password", "member", "own:change_password"),
    Route("renew_factor", "POST", "/account/second-factor", "member", "own:renew_factor"),
    Route("renew_codes", "POST", "/account/recovery-codes", "member", "own:renew_codes"),
    Route("end_session", "POST", f"/account/sessions/<{NUMBER}:session>", "member", "own:end_session"),
    Route("choose", "GET", "/", "member", "home:choose"),
    Route("home", "GET", "/<municipality>/", "viewer", "home:show"),
    Route("gaps", "GET", "/<municipality>/gaps", "viewer", "gaps:show"),
    Route("ignore_gaps", "POST", "/<municipality>/gaps", "editor", "gaps:ignore"),
    Route("gap", "GET", "/<municipality>/gaps/<key>", "viewer", "gap:show"),
    Route("settle_gap", "POST", "/<municipality>/gaps/<key>", "editor", "gap:settle"),
    Route("send_gap", "POST", "/<municipality>/gaps/<key>/group", "editor", "gap:send"),
    Route("try_phrasing", "GET", "/<municipality>/gaps/<key>/phrasing", "editor", "phrasing:show"),
    Route("add_phrasing", "POST", "/<municipality>/gaps/<key>/phrasing", "publisher", "phrasing:add"),
    Route("keep_phrasing", "POST", "/<municipality>/gaps/<key>/phrasing/draft", "editor", "phrasing:keep"),
    Route("messages", "GET", "/<municipality>/messages", "viewer", "messages:show"),
    Route("message", "GET", "/<municipality>/messages/<number>", "editor", "message:show"),
    Route("handle_message", "POST", "/<municipality>/messages/<number>", "editor", "message:handle"),
    Route("answers", "GET", "/<municipality>/answers", "viewer", "answers:show"),
    Route("start_answer", "GET", "/<municipality>/new-answer", "editor", "answers:start"),
    Route("answer", "GET", "/<municipality>/answers/<entry>", "viewer", "entry:show"),
    Route("save_draft", "POST", "/<municipality>/answers/<entry>", "editor", "entry:save"),
    Route("look", "POST", "/<municipality>/answers/<entry>/look", "editor", "entry:look"),
    Route("publish", "POST", "/<municipality>/answers/<entry>/publish", "publisher", "entry:publish"),
    Route("discard_draft", "POST", "/<municipality>/answers/<entry>/discard", "editor", "entry:discard"),
    Route("remove_own", "POST", "/<municipality>/answers/<entry>/remove", "publisher", "entry:remove"),
    Route("still_right", "POST", "/<municipality>/answers/<entry>/still-right", "publisher", "checking:confirm"),
    Route("history", "GET", "/<municipality>/answers/<entry>/history", "viewer", "history:show"),
    Route("restore", "POST", "/<municipality>/answers/<entry>/restore", "publisher", "history:restore"),
    Route("records", "GET", "/<municipality>/records", "viewer", "records:overview"),
    Route("record_list", "GET", "/<municipality>/records/<table>", "viewer", "records:show"),
    Route("start_record", "GET", "/<municipality>/new-record/<table>", "editor", "records:start"),
    Route("record", "GET", "/<municipality>/records/<table>/<item>", "viewer", "record:show"),
    Route("save_record", "POST", "/<municipality>/records/<table>/<item>", "editor", "record:save"),
    Route("look_record", "POST", "/<municipality>/records/<table>/<item>/look", "editor", "record:look"),
    Route("publish_record", "POST", "/<municipality>/records/<table>/<item>/publish", "publisher", "record:publish"),
    Route("discard_record", "POST", "/<municipality>/records/<table>/<item>/discard", "editor", "record:discard"),
    Route("ask_remove", "GET", "/<municipality>/records/<table>/<item>/remove", "publisher", "removal:ask"),
    Route("remove_record", "POST", "/<municipality>/records/<table>/<item>/remove", "publisher", "removal:remove"),
    Route("record_history", "GET", "/<municipality>/records/<table>/<item>/history", "viewer", "record_history:show"),
    Route(
        "restore_record",
        "POST",
        "/<municipality>/records/<table>/<item>/restore",
        "publisher",
        "record_history:restore",
    ),
    Route("spreadsheet", "GET", "/<municipality>/spreadsheet", "viewer", "spreadsheet:show"),
    Route("download_sheet", "GET", "/<municipality>/spreadsheet/download", "viewer", "spreadsheet:download"),
    Route("upload_sheet", "POST", "/<municipality>/spreadsheet", "editor", "spreadsheet:propose", SHEET),
    Route("import_sheet", "POST", "/<municipality>/spreadsheet/import", "editor", "spreadsheet:take_over", SHEET),
    Route("fact_right", "POST", "/<municipality>/facts/<item>/still-right", "publisher", "fact:confirm"),
    Route("proofreading", "GET", "/<municipality>/proofreading", "viewer", "proofreading:show"),
    Route("conflicts", "GET", "/<municipality>/conflicts", "viewer", "conflicts:show"),
    Route("settle", "POST", f"/<municipality>/conflicts/<{NUMBER}:conflict>", "publisher", "conflicts:settle"),
    Route("users", "GET", "/<municipality>/users", "admin", "users:show"),
    Route("invite", "POST", "/<municipality>/users", "admin", "users:invite"),
    Route("withdraw", "POST", f"/<municipality>/invitations/<{NUMBER}:invitation>", "admin", "users:withdraw"),
    Route("user", "GET", f"/<municipality>/users/<{NUMBER}:account>", "admin", "user:show"),
    Route("give_role", "POST", f"/<municipality>/users/<{NUMBER}:account>/role", "admin", "user:give_role"),
    Route("disable", "POST", f"/<municipality>/users/<{NUMBER}:account>/disable", "admin", "user:disable"),
    Route("enable", "POST", f"/<municipality>/users/<{NUMBER}:account>/enable", "admin", "user:enable"),
    Route("reset_factor", "POST", f"/<municipality>/users/<{NUMBER}:account>/factor", "admin", "user:reset_factor"),
    Route("new_password", "POST", f"/<municipality>/users/<{NUMBER}:account>/password", "admin", "user:new_password"),
    Route("end_sessions", "POST", f"/<municipality>/users/<{NUMBER}:account>/sessions", "admin", "user:end_sessions"),
    Route("freshness", "GET", "/<municipality>/freshness", "viewer", "freshness:show"),
    Route(
        "confirm_meaning",
        "POST",
        "/<municipality>/freshness/<entry>/same-meaning",
        "publisher",
        "freshness:confirm_meaning",
    ),
    Route(
        "confirm_answer",
        "POST",
        "/<municipality>/freshness/<entry>/still-right",
        "publisher",
        "freshness:confirm_answer",
    ),
    Route("reports", "GET", "/<municipality>/reports", "viewer", "reports:show"),
    Route("report_table", "GET", "/<municipality>/reports.csv", "viewer", "reports:table"),
    Route("report_group", "GET", "/<municipality>/reports/group/<group>", "viewer", "reports:show_group"),
    Route("own_questions", "GET", "/<municipality>/our-questions", "viewer", "own_questions:show"),
    Route("settings", "GET", "/<municipality>/settings", "admin", "settings:show"),
    Route("decide", "POST", "/<municipality>/settings", "admin", "settings:decide"),
    Route("test_mail", "POST", "/<municipality>/settings/test-mail", "admin", "settings:send_test_mail"),
    Route("audit", "GET", "/<municipality>/audit", "admin", "deeds:show"),
)
BY_ENDPOINT: Final[Mapping[str, Route]] = {f"staff.{route.endpoint}": route for route in ROUTES}
