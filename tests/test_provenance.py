"""Where each part of an entry comes from, and what a layer changes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import UnknownEntryError, load, parts
from bot.content.provenance import Part
from web.cli import cli

SHIPPED = Path(__file__).parent.parent / "knowledge"


def part(name: str, entry: str, municipality: str = "bjurholm") -> Part:
    (found,) = (one for one in parts(load(SHIPPED), municipality, entry) if one.name == name)
    return found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["layers", *arguments], env={"HEMVIST_KNOWLEDGE": str(SHIPPED)})


def test_an_own_answer_takes_the_place_of_the_one_before() -> None:
    national, own = part("answer", "broadband").pieces
    assert (national.layer, national.counts) == ("national", False)
    assert (own.layer, own.counts) == ("municipalities/bjurholm", True)
    assert any(line.startswith("- sv: Fråga alltid om just den adressen.") for line in own.changes)
    assert any(line.startswith("+ sv: Troligen finns fiber.") for line in own.changes)


def test_questions_of_all_layers_count() -> None:
    pieces = part("questions", "broadband").pieces
    assert [(piece.layer, piece.counts, piece.changes) for piece in pieces] == [
        ("national", True, ()),
        ("municipalities/bjurholm", True, ()),
    ]
    assert pieces[1].lines == ("sv: fiber i Bjurholms byar", "en: fibre in the villages of Bjurholm")


def test_the_answer_of_a_group_is_told() -> None:
    *_, group = part("answer", "airport").pieces
    assert (group.layer, group.counts) == ("groups/umearegionen", True)


def test_an_unknown_entry_is_refused_with_what_was_meant() -> None:
    with pytest.raises(UnknownEntryError, match="no entry 'plts'; did you mean 'plots'"):
        parts(load(SHIPPED), "vindeln", "plts")


def test_the_command_tells_where_parts_come_from() -> None:
    told = run("broadband", "--municipality", "bjurholm").output
    assert "answer: municipalities/bjurholm\n" in told
    assert "    national: 10 lines, not used here\n" in told
    assert "  * municipalities/bjurholm: takes the place of the one before\n" in told
    assert "more (--json tells all)" in told


def test_the_command_speaks_json() -> None:
    told = json.loads(run("broadband", "--municipality", "bjurholm", "--json").output)
    assert told[0]["name"] == "answer"
    assert [piece["counts"] for piece in told[0]["pieces"]] == [False, True]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("plts", "--municipality", "vindeln"), "no entry 'plts'; did you mean 'plots'?"),
        (("plots", "--municipality", "nowhere"), "no municipality 'nowhere'"),
    ],
    ids=["entry", "municipality"],
)
def test_what_is_not_there_is_named(arguments: tuple[str, ...], says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.output
