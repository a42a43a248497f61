"""Knowledge folders: every problem at once with its line, dangling references, layers and where parts come from."""

from datetime import date
from pathlib import Path

import pytest

from bot.content.library import inspect, load
from bot.errors import KnowledgeError, UnknownMunicipalityError
from bot.values import Valid

GOOD = """
entries:
  - id: plots
    questions: {sv: [lediga tomter], en: [available plots]}
    answer:
      sv: Ring kommunen.
      en: Call the municipality.
"""
MUNICIPALITY = """
id: norrby
name: {sv: Norrby, en: Norrby}
code: "9901"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "municipalities/norrby/municipality.yaml", MUNICIPALITY)
    write(tmp_path, "national/housing.yaml", GOOD)
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def messages(folder: Path) -> list[str]:
    return [str(problem) for problem in inspect(folder)[1]]


def with_field(field: str) -> str:
    return GOOD + f"    {field}\n"


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("shws: plots", "national/housing.yaml:8:5: entries.0.shws: unknown field; did you mean 'shows'?"),
        ("shows: tomter", "must be one of 'plots', 'jobs', 'places', 'contacts' or 'plan'"),
        ("contacts: switchboard", "expected a list (lines beginning with '- ')"),
        ("links: [{url: 'javascript:alert(1)', label: {sv: x}}]", "must begin with https://, http://, mailto: or tel:"),
        ("links: [{url: 'https://x.se'}]", "entries.0.links.0.label: is missing"),
        ("source: {url: 'https://x.se', copied: 2024-02-30}", "'2024-02-30' is not a date; write YYYY-MM-DD"),
        ("source: {url: 'https://x.se', copied: 1/2/24}", "'1/2/24' is not a date"),
        ("source: https://x.se", "expected named fields, found text"),
        ("valid: {from: 2026-05-01, to: 2026-04-01}", "ends (2026-04-01) before it begins (2026-05-01)"),
        ("next: [Housing]", "'Housing' is not an id"),
        ("next: [plot]", "no entry with the id 'plot'; did you mean 'plots'?"),
        ("contacts: [growth]", "no contact with the id 'growth'"),
        ("tests: {must_match: {sv: [x]}}", "1 characters; at least 2"),
        ("checked: {on: 2026-01-01, by: x, every: tolv}", "'tolv' is not a whole number"),
        ("en_of: {a: b}", "expected text, found named fields"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_line_and_what_is_accepted(folder: Path, field: str, says: str) -> None:
    write(folder, "national/housing.yaml", with_field(field))
    assert any(says in message for message in messages(folder)), messages(folder)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("id: plots", "id: Tomt 1", "'Tomt 1' is not an id"),
        ("id: plots", "id: " + "x" * 65, "is not an id"),
        ("id: plots", "id: search", "'search' is an address of the site"),
        ("lediga tomter", "x", "1 characters; at least 2"),
        ("lediga tomter", "x" * 201, "201 characters; at most 200"),
        ("sv: Ring kommunen.", "sv: " + "x" * 2001, "2001 characters; at most 2000"),
        ("entries:", "fragor: 1\nentries:", "unknown field; known: entries"),
    ],
)
def test_a_wrong_entry_is_named(folder: Path, old: str, new: str, says: str) -> None:
    write(folder, "national/housing.yaml", GOOD.replace(old, new))
    assert any(says in message for message in messages(folder)), messages(folder)


@pytest.mark.parametrize(
    ("contact", "says"),
    [
        ("phone: 12", "'12' is not a phone number that can be called from Sweden"),
        ("phone: ring oss", "is not a phone number"),
        ("email: a@b", "'a@b' is not an e-mail address"),
        ("email: 'a b@c.se'", "is not an e-mail address"),
    ],
)
def test_phone_and_mail_are_checked(folder: Path, contact: str, says: str) -> None:
    write(folder, "national/contacts.yaml", f"contacts:\n  - id: office\n    name: {{sv: Kontoret}}\n    {contact}\n")
    assert any(says in message for message in messages(folder))


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ("{mon: 8-16}", "contacts.0.hours.mon: '8-16' are not hours; write 08:00-12:00, 13:00-16:30 or closed"),
        ("{mon: '16:00-08:00'}", "'16:00-08:00' are not hours"),
        ("{mon: '22:00-02:00'}", "'22:00-02:00' are not hours"),
        ("{mon: '08:00-24:30'}", "'08:00-24:30' are not hours"),
        ("{mon: '08:00-12:00, 11:00-13:00'}", "are not hours"),
        ("{mon: '13:00-16:00, 08:00-12:00'}", "are not hours"),
        ("{mon: ''}", "'' are not hours"),
        ("{monday: '08:00-16:00'}", "contacts.0.hours.monday: unknown field; did you mean 'mon'?"),
        ("08:00-16:00", "contacts.0.hours: expected named fields, found text"),
        ("{exceptions: {from: 2026-12-24}}", "contacts.0.hours.exceptions: expected a list"),
        ("{exceptions: [{times: closed}]}", "contacts.0.hours.exceptions.0.from: is missing"),
        ("{exceptions: [{from: 24 dec}]}", "'24 dec' is not a date; write YYYY-MM-DD"),
        (
            "{exceptions: [{from: 2026-12-24, to: 2026-12-20}]}",
            "contacts.0.hours.exceptions.0.to: ends (2026-12-20) before it begins (2026-12-24)",
        ),
        (
            "{valid: {from: 2026-08-17, to: 2026-06-10}}",
            "contacts.0.hours.valid.to: ends (2026-06-10) before it begins (2026-08-17)",
        ),
    ],
)
def test_hours_are_checked(folder: Path, hours: str, says: str) -> None:
    write(
        folder,
        "national/contacts.yaml",
        f"contacts:\n  - id: office\n    name: {{sv: Kontoret}}\n    hours: {hours}\n",
    )
    assert any(says in message for message in messages(folder)), messages(folder)


def test_hours_of_places_are_checked_too(folder: Path) -> None:
    write(
        folder,
        "municipalities/norrby/places.yaml",
        "places:\n  - id: library\n    name: {sv: Biblioteket}\n    kind: library\n"
        "    phone_hours: {exceptions: [{from: 2026-12-24, to: 2026-12-20}]}\n",
    )
    assert any(
        "places.0.phone_hours.exceptions.0.to: ends (2026-12-20) before it begins (2026-12-24)" in message
        for message in messages(folder)
    )


@pytest.mark.parametrize("times", ["08:00-16:00", "8.00-16.30", "08:00–12:00, 13:00–16:00", "00:00-24:00", "closed"])
def test_hours_as_people_write_them_are_let_in(folder: Path, times: str) -> None:
    write(
        folder,
        "national/contacts.yaml",
        f"contacts:\n  - id: office\n    name: {{sv: Kontoret}}\n    hours: {{mon: '{times}', holidays: null}}\n",
    )
    assert messages(folder) == []


@pytest.mark.parametrize("number", ["112", "1177", "114 14", "90101", "0933-140 00", "+46 933 140 00", "020-50 50 50"])
def test_numbers_as_people_write_them_are_let_in(folder: Path, number: str) -> None:
    write(
        folder,
        "national/contacts.yaml",
        f'contacts:\n  - id: office\n    name: {{sv: Kontoret}}\n    phone: "{number}"\n',
    )
    assert messages(folder) == []


def test_every_problem_of_every_file_comes_at_once(folder: Path) -> None:
    write(folder, "national/housing.yaml", with_field("shws: a") + "    shows: b\n")
    write(folder, "national/other.yaml", "entries: [")
    write(folder, "municipalities/norrby/municipality.yaml", MUNICIPALITY.replace("9901", "99"))
    with pytest.raises(KnowledgeError) as caught:
        load(folder)
    assert len(caught.value.problems) == 4
    assert {problem.file.split("/")[-1] for problem in caught.value.problems} == {
        "housing.yaml", "other.yaml", "municipality.yaml"
    }  # fmt: skip


def test_an_id_in_two_files_of_a_layer_names_both(folder: Path) -> None:
    write(folder, "national/more.yaml", GOOD)
    assert any("the id 'plots' is already used in national/housing.yaml:3" in message for message in messages(folder))


@pytest.mark.parametrize("text", ["", "# only a comment\n"])
def test_an_empty_file_is_no_entries_and_a_warning(folder: Path, text: str) -> None:
    write(folder, "national/more.yaml", text)
    knowledge, problems = inspect(folder)
    assert knowledge is not None
    assert [problem.code for problem in problems] == ["empty-file"]


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text\n"])
def test_a_file_that_is_no_mapping_is_named(folder: Path, text: str) -> None:
    write(folder, "national/more.yaml", text)
    assert any("expected named fields at the top of the file" in message for message in messages(folder))


def test_too_many_entries_are_refused(folder: Path) -> None:
    write(folder, "national/more.yaml", "entries:\n" + "".join(f"  - id: e{n}\n" for n in range(5_001)))
    assert any("5001 entries in one file; at most 5000" in message for message in messages(folder))


@pytest.mark.parametrize(("language", "number"), [("sv", "112"), ("en", "1177")])
def test_a_crisis_number_cannot_be_edited_away(folder: Path, language: str, number: str) -> None:
    texts = {"sv": "Ring 112, 90101 eller 1177.", "en": "Call 112, 90101 or 1177."}
    texts[language] = texts[language].replace(number, "oss")
    answer = "".join(f"      {key}: {text}\n" for key, text in texts.items())
    write(folder, "national/safety.yaml", f"entries:\n  - id: crisis-support\n    answer:\n{answer}")
    assert any(f"the crisis number {number} is missing" in message for message in messages(folder))


def test_a_municipality_can_add_to_a_crisis_text_but_not_replace_it(folder: Path) -> None:
    write(folder, "national/safety.yaml", "entries:\n  - id: emergency\n    answer: {sv: Ring 112., en: Call 112.}\n")
    local = (
        "entries:\n  - id: emergency\n    answer: {sv: Socialjour via växeln., en: Duty officer via the switchboard.}\n"
    )
    write(folder, "municipalities/norrby/safety.yaml", local)
    answer = load(folder).view("norrby").entries["emergency"].answer
    assert answer is not None
    assert answer.sv == "Ring 112.\n\nSocialjour via växeln."
    write(folder, "municipalities/norrby/safety.yaml", local + "    replace: [questions]\n")
    assert any("a crisis text cannot be replaced" in message for message in messages(folder))


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text(GOOD, encoding="utf-8")
    (folder / "national" / "link.yaml").symlink_to(outside)
    assert any("lies outside the knowledge folder" in message for message in messages(folder))


def test_a_folder_without_municipalities_says_so(tmp_path: Path) -> None:
    assert "no municipality" in messages(tmp_path)[0]


def test_the_answer_block_travels_whole_and_questions_add_up(folder: Path) -> None:
    write(
        folder,
        "municipalities/norrby/housing.yaml",
        "entries:\n  - id: plots\n    questions: {sv: [tomter i Norrby]}\n    answer: {sv: Tio tomter.}\n",
    )
    view = load(folder).view("norrby")
    entry = view.entries["plots"]
    assert entry.questions.sv == ("lediga tomter", "tomter i Norrby")
    assert entry.answer is not None
    assert (entry.answer.sv, entry.answer.en) == ("Tio tomter.", None), "the outer layer's English must not stand in"
    assert view.origins["plots"]["answer"] == ("municipalities/norrby",)
    assert view.origins["plots"]["questions"] == ("national", "municipalities/norrby")


def test_replace_takes_the_place_of_the_outer_questions(folder: Path) -> None:
    write(
        folder,
        "municipalities/norrby/housing.yaml",
        "entries:\n  - id: plots\n    questions: {sv: [bara här]}\n    replace: [questions]\n",
    )
    assert load(folder).view("norrby").entries["plots"].questions.sv == ("bara här",)


def test_an_unknown_municipality_lists_those_known(folder: Path) -> None:
    with pytest.raises(UnknownMunicipalityError, match="known: norrby"):
        load(folder).view("sodrby")


def test_an_unknown_group_is_named(folder: Path) -> None:
    write(folder, "municipalities/norrby/municipality.yaml", MUNICIPALITY + "groups: [umea]\n")
    assert any("unknown group 'umea'" in message for message in messages(folder))


@pytest.mark.parametrize(
    ("valid", "day", "covered"),
    [
        (Valid(None, date(2026, 6, 30)), date(2026, 6, 30), True),
        (Valid(None, date(2026, 6, 30)), date(2026, 7, 1), False),
        (Valid(date(2026, 6, 1), None), date(2026, 5, 31), False),
    ],
)
def test_both_days_of_validity_count(valid: Valid, day: date, covered: bool) -> None:
    assert valid.covers(day) is covered


def test_frames_stand_in_one_file(knowledge_folder: Path) -> None:
    (knowledge_folder / "vocabulary/zz.yaml").write_text("frames:\n  - vem\n")
    knowledge, problems = inspect(knowledge_folder)
    assert knowledge is None
    assert [(problem.file, problem.line, problem.code) for problem in problems] == [
        ("vocabulary/zz.yaml", 1, "duplicate-id")
    ]


def with_groups(folder: Path, *groups: str) -> None:
    write(folder, "municipalities/norrby/municipality.yaml", MUNICIPALITY + f"groups: [{', '.join(groups)}]\n")


def answering(text: str) -> str:
    return f"entries:\n  - id: plots\n    answer:\n      sv: {text}\n"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (
            {
                "groups/inner/group.yaml": "id: inner\ngroups:\n  - outer\n",
                "groups/outer/group.yaml": "id: outer\ngroups:\n  - inner\n",
            },
            [
                "groups/inner/group.yaml:3:5: groups.0: the groups go round in a circle: inner → outer → inner;"
                " take one of these steps away",
                "groups/outer/group.yaml:3:5: groups.0: the groups go round in a circle: outer → inner → outer;"
                " take one of these steps away",
            ],
        ),
        (
            {"groups/inner/group.yaml": "id: inner\ngroups: [inner]\n"},
            [
                "groups/inner/group.yaml:2:10: groups.0: the groups go round in a circle: inner → inner;"
                " take one of these steps away"
            ],
        ),
        (
            {"groups/inner/group.yaml": "id: inner\ngroups:\n  - innar\n"},
            [
                "groups/inner/group.yaml:3:5: groups.0: unknown group 'innar'; groups are the folders under groups/;"
                " did you mean 'inner'?"
            ],
        ),
        (
            {"groups/inner/group.yaml": "id: other\n"},
            ["groups/inner/group.yaml:1:1: id: the id 'other' must be the name of its folder, 'inner'"],
        ),
        (
            {"groups/inner/housing.yaml": "entries:\n  - id: plts\n    shows: plots\n"},
            [
                "groups/inner/housing.yaml:2:5: entries.0.id: changes the entry 'plts', which no layer below it writes;"
                " did you mean 'plots'?"
            ],
        ),
        (
            {"municipalities/norrby/housing.yaml": "entries:\n  - id: plts\n    replace: [questions]\n"},
            [
                "municipalities/norrby/housing.yaml:2:5: entries.0.id: changes the entry 'plts', which no layer below"
                " it writes; did you mean 'plots'?"
            ],
        ),
        (
            {"groups/inner/housing.yaml": answering("Ja."), "groups/outer/housing.yaml": answering("Nej.")},
            [
                "groups/inner/housing.yaml:3:5: entries.0.answer: groups/outer writes another answer in"
                " groups/outer/housing.yaml:3; for norrby the later group, this one, counts: let the municipality say"
                " it, or only one of the groups"
            ],
        ),
    ],
    ids=["circle", "itself", "unknown", "folder", "group-changes-nothing", "own-changes-nothing", "disagree"],
)  # fmt: skip
def test_what_is_wrong_between_layers_is_named(folder: Path, files: dict[str, str], says: list[str]) -> None:
    for name in ("groups/inner", "groups/outer"):
        (folder / name).mkdir(parents=True)
    with_groups(folder, "outer", "inner")
    for name, text in files.items():
        write(folder, name, text)
    assert messages(folder) == says


def test_an_unknown_group_of_a_municipality_is_named(folder: Path) -> None:
    (folder / "groups" / "inner").mkdir(parents=True)
    with_groups(folder, "innr")
    assert messages(folder) == [
        "municipalities/norrby/municipality.yaml:5:10: groups.0: unknown group 'innr'; groups are the folders under"
        " groups/; did you mean 'inner'?"
    ]


def test_contacts_that_two_groups_tell_differently_are_named(folder: Path) -> None:
    for name, phone in (("outer", "0980-319 200"), ("inner", "0980-319 201")):
        write(
            folder,
            f"groups/{name}/contacts.yaml",
            f'contacts:\n  - id: office\n    name: {{sv: Kontoret}}\n    phone: "{phone}"\n',
        )
    with_groups(folder, "outer", "inner")
    (said,) = messages(folder)
    assert said.startswith("groups/inner/contacts.yaml:2:5: contacts.0: groups/outer writes another contact in")


@pytest.mark.parametrize(
    "settled",
    [
        {"municipalities/norrby/housing.yaml": answering("Fråga oss.")},
        {"groups/inner/group.yaml": "id: inner\ngroups: [outer]\n"},
    ],
    ids=["the municipality says", "one is laid on the other"],
)
def test_groups_do_not_disagree_where_somebody_says_which(folder: Path, settled: dict[str, str]) -> None:
    write(folder, "groups/outer/housing.yaml", answering("Nej."))
    write(folder, "groups/inner/housing.yaml", answering("Ja."))
    with_groups(folder, "outer", "inner")
    for name, text in settled.items():
        write(folder, name, text)
    assert messages(folder) == []


def test_a_group_of_groups_is_laid_inside_them(folder: Path) -> None:
    write(folder, "groups/outer/housing.yaml", answering("Nej."))
    write(folder, "groups/inner/housing.yaml", answering("Ja."))
    write(folder, "groups/inner/group.yaml", "id: inner\nname: {sv: De inre}\ngroups: [outer]\n")
    with_groups(folder, "inner")
    knowledge = load(folder)
    assert [layer.name for layer in knowledge.layers_of("norrby")] == [
        "national", "groups/outer", "groups/inner", "municipalities/norrby",
    ]  # fmt: skip
    answer = knowledge.view("norrby").entries["plots"].answer
    assert answer is not None
    assert answer.sv == "Ja."


def test_draft_entries_without_an_answer_are_no_override(folder: Path) -> None:
    write(folder, "municipalities/norrby/own.yaml", "entries:\n  - id: new\n    questions: {sv: [något nytt]}\n")
    assert messages(folder) == []
