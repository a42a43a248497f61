"""Thirty threats and twenty-eight faults, each with the tests that hold it off: none forgotten, none only claimed.

The numbers are those of the threat model (T) and of the faults (F) that Hemvist is built against. What stands here is
what exists: a test that is renamed or removed is missed here. Where a promise is not kept as it was first worded, it
is said why.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

THREATS = {
    "T1 what is written becomes part of a page": (
        "hostile_knowledge: no_page_is_more_than_its_template, no_page_of_staff_is_more_than_its_template, "
        "the_static_copy_is_only_text_too, a_feed_is_well_formed_and_escaped",
        "embed: the_script_names_no_address_and_writes_no_html",
        "browser/widget: what_is_written_is_only_text",
        "browser/chat: what_the_api_sends_is_only_text, what_is_written_is_only_text",
    ),
    "T2 a link that runs": (
        "markdown: no_other_kind_of_address_becomes_a_link",
        "editor: a_mistake_is_said_at_the_field_and_nothing_typed_is_lost",
        "intake: a_fault_is_named_by_its_cell",
        "hostile_knowledge: an_address_of_a_reply_is_one_that_may_be_followed",
    ),
    "T3 knowledge that brings its own HTML": (
        "markdown: everything_else_stays_text",
        "hostile_knowledge: a_reply_on_the_page_is_only_text",
        "browser/chat: the_script_and_the_server_show_markdown_alike",
    ),
    "T4 another site asks in the visitor's name": (
        "origins: no_other_site_may_ask, no_other_site_may_read, a_preflight_for_anything_else_is_not",
    ),
    "T5 another site shows the chat as its own": (
        "origins: only_its_own_site_may_hold_the_frame",
        "browser/widget: in_a_frame_of_a_site_that_may, not_in_a_frame_of_any_other_site",
    ),
    "T6 a forged message between frames": ("promises: nothing_listens_to_messages_of_other_frames",),
    "T7 a page of staff in somebody's frame": (
        "security: every_response_is_protected",
        "guard: no_answer_is_kept_or_framed",
    ),
    "T8 a session is stolen or fixed": (
        "door: the_cookie_from_before_signing_in_is_worth_nothing_after, a_copied_cookie_is_dead_after_signing_out, "
        "a_copied_cookie_is_dead_after_the_password_is_changed, sessions_are_dead_when_the_account_is_shut, "
        "a_session_ends_after_half_an_hour_without_a_click, a_session_ends_after_twelve_hours, "
        "two_keys_of_a_session_are_never_the_same_and_not_kept",
        "guard: the_cookie_is_kept_close",
        "attacks: a_stolen_database_signs_nobody_in",
    ),
    "T9 passwords are guessed, accounts found out": (
        "door: the_sixth_try_waits, who_is_wrong_learns_nothing_of_what_is_wrong, "
        "an_unknown_address_costs_as_much_as_a_known_one, codes_are_not_guessed",
        "settings: bad_value_is_one_line_that_says_what_is_accepted",
    ),
    "T10 another site sends a form": (
        "guard: 113_a_write_comes_from_our_own_pages, a_write_without_the_token_of_this_browser_does_nothing, "
        "a_token_of_another_browser_does_not_count",
        "attacks: reading_every_address_changes_no_row_and_no_file",
        "body: 35_other_kinds_of_content_are_refused",
        "handover: form_on_another_site_is_refused",
    ),
    "T11 the conversation of somebody else": (
        "attacks: the_key_of_another_conversation_cannot_be_put_into_ones_own, "
        "ten_thousand_keys_of_conversations_have_no_order, a_conversation_signed_by_another_server_is_no_conversation",
        "afterwards: forged_context_is_received_and_let_go",
    ),
    "T12 a key stands in an address": ("attacks: no_address_holds_the_key_of_a_conversation",),
    "T13 one municipality sees another's": (
        "guard: no_role_opens_another_municipality, a_group_opens_its_own_municipalities_alone",
        "gaps: those_of_another_municipality_are_not_there",
        "staff_messages: another_municipality_has_it_not",
        "users: a_municipality_sees_its_own_people_alone",
    ),
    "T14 more rights than given": (
        "guard: a_role_opens_what_the_table_says, every_address_of_staff_is_in_the_table",
        "users: fields_that_nobody_asked_for_change_nothing, roles_are_given_where_one_is_administrator",
        "attacks: every_body_is_refused_with_a_member_too_many",
    ),
    "T15 YAML that runs": ("yamlfile: refusals_say_where_and_what_to_do",),
    "T16 YAML that swells": (
        "yamlfile: a_bomb_of_aliases_is_refused_at_its_first_anchor, deep_nesting_is_refused_and_never_crashes, "
        "a_file_over_the_limit_is_refused, hostile_bytes_are_content_or_a_problem",
        "loading: too_many_entries_are_refused",
    ),
    "T17 a text that keeps a pattern busy": ("redaction: twice_the_text_takes_twice_the_time",),
    "T18 a flood": (
        "limits: 43_too_many_questions_are_refused_with_when_to_return_and_112, "
        "two_hundred_visitors_behind_one_address_are_not_refused, "
        "another_spelling_of_a_context_is_no_other_conversation",
        "body: 18_endless_chunked_body_is_refused_after_16_kb",
    ),
    "T19 slow clients": (
        "serving: 18_endless_chunked_body_gets_its_answer_and_is_cut_off",
        "deploy: f20_64_slow_clients_hold_nobody_up",
    ),
    "T20 a feed leads inside": (
        "feeds: a_url_is_refused_before_anything_is_resolved_or_sent, "
        "a_host_inside_is_refused_though_its_name_is_listed, "
        "the_address_that_was_looked_at_is_the_one_connected_to, one_address_inside_among_others_is_enough_to_refuse, "
        "no_setting_of_the_environment_lets_loopback_in",
    ),
    "T21 a cell that calculates": (
        "inert: no_cell_of_any_export_is_calculated_and_every_one_comes_back, open_data_is_inert_too",
        "hostile_knowledge: a_table_has_no_formula",
    ),
    "T22 a cache keeps what is private": (
        "security: api_answers_are_never_kept, forwarding_headers_reach_no_answer",
        "guard: no_answer_is_kept_or_framed",
    ),
    "T23 a link of ours leads away": ("door: nobody_is_led_off_the_pages_of_staff",),
    "T24 a name leads out of the folder": (
        "attacks: no_name_leads_out_of_the_folder, nothing_lies_about",
        "security: static_files_end_at_their_folder",
        "loading: a_link_out_of_the_folder_is_not_followed",
    ),
    "T25 a failure tells too much": (
        "attacks: no_view_tells_why_it_fails",
        "error_shape: unexpected_error_says_nothing_but_its_id",
        "serving: 134_debugging_in_public_is_refused",
    ),
    "T26 personal data in logs and files": (
        "attacks: personal_data_reaches_no_file_of_the_server",
        "security: question_is_in_no_log",
        "afterwards: 42_personal_data_reaches_no_table",
    ),
    "T27 nobody knows who changed what": (
        "users: every_write_is_tried_here_or_elsewhere, a_write_leaves_one_row, "
        "a_write_that_cannot_be_noted_changes_nothing",
        "accounts: the_audit_is_neither_changed_nor_emptied, a_write_and_its_row_are_kept_together_or_not_at_all",
        "edits: killed_while_saving_nothing_is_torn_or_lost",
    ),
    "T28 a part that is not what it was": (
        "bill: every_package_of_the_lock_is_in_it_with_every_hash",
        "docs: a_lock_has_a_hash_for_each_pin_and_names_no_host",
        "embed: what_the_command_pins_is_what_the_server_gives",
        "browser/widget: nothing_is_kept_or_asked_before_it_is_opened",
    ),
    "T29 a request inside a request": (
        "serving: what_cannot_be_read_is_refused_once_and_in_our_shape, malformed_chunks_are_a_bad_request, "
        "a_request_that_names_no_host_is_of_an_old_version"
    ),
    "T30 text that nobody sees": (
        "attacks: what_nobody_sees_hides_nothing",
        "body: invisible_characters_change_no_answer",
    ),
}

FAULTS = {
    "F1 killed while it saves": ("edits: killed_while_saving_nothing_is_torn_or_lost",),
    "F2 the power fails": (
        "files: what_is_written_is_on_the_disk_before_it_counts, "
        "a_transaction_is_on_the_disk_before_it_is_acknowledged",
    ),
    "F3 the disk is full": ("edits: full_disk_refuses_edits_whole",),
    "F4 four write at once": (
        "edits: four_editors_at_once_lose_nothing",
        "editor: 110_whoever_was_slower_sees_both_versions_and_loses_nothing, "
        "111_nothing_is_written_that_does_not_say_what_it_is_based_on",
    ),
    "F5 a file changes under a web edit": ("truth: file_that_changes_during_a_web_edit_makes_it_stale",),
    "F6 a broken file while it runs": (
        "reload: broken_file_keeps_the_last_good_knowledge_and_says_where, requests_during_changes_all_succeed",
        "serving: broken_file_is_named_and_the_last_good_answers_on",
    ),
    "F7 a broken file at the start": ("serving: broken_knowledge_is_refused_with_every_line",),
    "F8 a folder that cannot be read": (
        "reload: unreadable_layer_is_not_taken_for_an_empty_one, "
        "files_that_come_and_go_while_they_are_read_take_nothing_down",
        "loading: a_link_out_of_the_folder_is_not_followed",
    ),
    "F9 SQLite is busy": ("journal: database_locked_for_ten_seconds",),
    "F10 four start at once": (
        "store: of_four_that_start_at_once_one_makes_the_tables",
        "serving: f10_of_twenty_cold_starts_of_four_workers_each_migrates_once_and_none_dies",
    ),
    "F12 the database takes nothing, or is no database": (
        "journal: database_that_takes_nothing, database_file_that_is_lost",
        "store: damaged_file_is_set_aside_and_a_new_one_begun, file_that_is_deleted_or_replaced_is_found_again, "
        "who_has_a_file_open_that_is_set_aside_goes_on_in_the_new_one, "
        "what_is_written_while_the_file_is_set_aside_is_not_taken_for_kept",
    ),
    "F13 the audit cannot be written": (
        "users: a_write_that_cannot_be_noted_changes_nothing",
        "truth: without_audit_nothing_is_written",
    ),
    "F14 PostgreSQL ends our connections": ("journal: server_that_ends_our_connections",),
    "F15 PostgreSQL hangs or is gone": (
        "journal: server_that_hangs, server_that_is_gone_and_comes_back, server_that_was_never_there",
        "serving: f15_while_postgresql_hangs_answers_come_as_fast_and_are_noted_after",
    ),
    "F16 text that PostgreSQL refuses": (
        "body: odd_question_is_text_and_is_answered",
        "journal: f16_text_that_a_database_refuses_never_fails",
        "store: row_that_is_unfit_does_not_cost_the_others",
    ),
    "F17 workers are killed": ("serving: killed_worker_is_replaced",),
    "F19 stopped while it answers": (
        "serving: request_that_runs_is_finished_when_the_server_stops",
        "deploy: servers_are_restarted_one_after_the_other_and_no_request_is_lost",
    ),
    "F20 64 slow clients": ("deploy: f20_64_slow_clients_hold_nobody_up",),
    "F21 a connection made before the fork": (
        "limits: two_processes_count_together",
        "edits: every_worker_answers_with_what_is_published",
    ),
    "F22 the clock": (
        "web_hours: it_is_swedish_time_that_counts",
        "hours: how_it_stands_at_a_moment",
        "store: words_go_when_their_time_is_over",
        "seasons: an_answer_is_given_on_its_days_alone_whatever_way_leads_to_it",
    ),
    "F23 a feed fails": (
        "feeds: a_server_that_fails_is_an_error_in_words, f23_a_certificate_that_nobody_vouches_for",
        "feed_files: f23_a_source_that_fails_for_more_than_a_day_is_told_until_it_comes_again",
    ),
    "F24 a bare environment": ("serving: starts_with_little_around_it_and_writes_swedish",),
    "F25 yesterday's backup": (
        "backup: f25_after_a_wipe_one_command_brings_the_same_answers_back, "
        "f25_what_is_wrong_in_restored_knowledge_is_said_and_it_is_restored, "
        "a_backup_of_one_database_is_restored_in_the_other_and_back, it_is_whole_while_others_write",
        "upgrade: a_backup_of_an_earlier_schema_is_brought_up_to_date",
    ),
    "F26 the chat without its server": (
        "browser/widget: in_trouble_there_is_someone_to_call_and_the_question_is_kept, "
        "a_policy_that_forbids_asking_is_trouble_too, a_browser_that_keeps_nothing_still_asks, "
        "twice_on_a_page_it_is_there_once",
    ),
    "F27 next to no knowledge": (
        "serving: 131_empty_knowledge_is_refused",
        "chat_api: answer_in_the_other_language_says_so, unknown_matter_where_there_is_no_number_names_none",
    ),
    "F28 the same request twice": (
        "limits: 44_repeated_question_gets_the_same_reply_and_is_noted_once",
        "browser/widget: a_question_sent_again_after_a_failure_is_the_same_question",
    ),
}

OTHERWISE = {
    "F11 killed while it notes": "No answer waits for its note: what is not yet written falls out. What is "
    "acknowledged (a message, an edit, an account) is one transaction before the answer: F1, F2, T27.",
    "F18 reload by HUP": "The application is loaded before workers are forked, so that HUP is no reload. A release "
    "is a restart; knowledge is taken up without one: F6.",
}


@cache
def functions(module: str) -> frozenset[str]:
    """Return the tests of a module; those that are never run do not count."""
    folder, _, name = module.rpartition("/")
    tree = ast.parse((TESTS / folder / f"test_{name}.py").read_text("utf-8"))
    return frozenset(
        node.name.removeprefix("test_")
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not any("skip" in ast.unparse(one) for one in node.decorator_list)
    )


def numbers(*tables: dict[str, object]) -> list[str]:
    return sorted(name.split()[0] for table in tables for name in table)


def test_no_threat_and_no_fault_is_forgotten() -> None:
    assert numbers(THREATS) == sorted(f"T{number}" for number in range(1, 31))
    assert numbers(FAULTS, OTHERWISE) == sorted(f"F{number}" for number in range(1, 29))
    assert all(len(reason) > 40 for reason in OTHERWISE.values())


@pytest.mark.parametrize(("what", "lines"), [*THREATS.items(), *FAULTS.items()], ids=[*THREATS, *FAULTS])
def test_each_has_its_tests(what: str, lines: tuple[str, ...]) -> None:
    assert lines
    for line in [lines] if isinstance(lines, str) else lines:
        module, _, names = line.partition(": ")
        assert set(names.split(", ")) - functions(module) == set()


def test_nothing_listens_to_messages_of_other_frames() -> None:
    """T6: the chat stands in the page itself or in a frame of its own; neither is told anything by messages."""
    scripts = [path for path in (TESTS.parent / "web").rglob("*.js") if "node_modules" not in path.parts]
    assert len(scripts) > 5
    for path in scripts:
        text = path.read_text("utf-8")
        assert "postMessage" not in text, path
        assert "onmessage" not in text, path
        assert not [one for one in ('"message"', "'message'") if f"addEventListener({one}" in text], path
