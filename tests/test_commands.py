"""The commands that ask, check, format and judge, as an operator runs them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from web.cli import cli

HERE = Path(__file__).parent
SHIPPED = HERE.parent / "knowledge"


def run(*arguments: str, knowledge: Path = SHIPPED) -> Result:
    return CliRunner().invoke(cli, list(arguments), env={"HEMVIST_KNOWLEDGE": str(knowledge)})


def test_ask_prints_answer_contact_and_source() -> None:
    result = run("ask", "lediga tomter")
    assert result.exit_code == 0
    assert "[plots]" in result.output
    assert "vindeln.se" in result.output


def test_ask_sets_municipalities_beside_each_other() -> None:
    result = run("ask", "Jokkmokk eller Överkalix för en barnfamilj?", "--municipality", "jokkmokk")
    head, *rows = result.output.splitlines()
    assert head.split() == ["Jokkmokk", "Överkalix"]
    (preschool,) = (row for row in rows if row.startswith("Förskola "))
    assert "Två kommunala" in preschool
    assert rows[-1].startswith("  Jokkmokks kommuns växel: 0971")


def test_ask_can_explain_and_speak_json() -> None:
    members = json.loads(run("ask", "available plots", "--json", "--explain").output)
    assert members["entry"] == "plots"
    assert members["explanation"]["candidates"][0]["entry"] == "plots"


def test_ask_an_unknown_municipality_says_which_are_known() -> None:
    result = run("ask", "hej", "--municipality", "vindln")
    assert result.exit_code == 2
    assert "known: " in result.output
    assert "vindeln" in result.output


@pytest.mark.nightly
def test_check_of_the_shipped_knowledge_finds_nothing_wrong() -> None:
    result = run("check", "--no-recall", "--on", "2026-11-22")
    assert result.exit_code == 0, result.output
    assert "0 wrong" in result.output


@pytest.mark.nightly
def test_check_strict_fails_on_what_is_to_fill() -> None:
    assert run("check", "--no-recall", "--strict").exit_code == 1


def test_check_speaks_json(knowledge_folder: Path) -> None:
    report = json.loads(run("check", "--json", knowledge=knowledge_folder).output)
    assert set(report) >= {"problems", "failures", "due", "to_fill", "advice", "recall", "readability", "errors"}
    assert set(report["recall"]) == {"norrby", "ostby", "soderby"}


def test_check_names_file_and_line_of_what_is_broken(knowledge_folder: Path) -> None:
    (knowledge_folder / "national" / "broken.yaml").write_text("entries:\n  - id: a\n    id: b\n", encoding="utf-8")
    result = run("check", knowledge=knowledge_folder)
    assert result.exit_code == 1
    assert "national/broken.yaml:3:5: 'id' stands twice" in result.output


def test_fmt_check_changes_nothing_and_fails(knowledge_folder: Path) -> None:
    path = knowledge_folder / "national" / "moving.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("\n  ", "\n    "), encoding="utf-8")
    written = path.read_text(encoding="utf-8")
    result = run("fmt", "--check", str(path))
    assert result.exit_code == 1
    assert path.read_text(encoding="utf-8") == written


def test_fmt_shapes_files_once(knowledge_folder: Path) -> None:
    assert run("fmt", knowledge=knowledge_folder).exit_code == 0
    assert run("fmt", "--check", knowledge=knowledge_folder).exit_code == 0


@pytest.mark.nightly
def test_the_shipped_knowledge_has_the_one_shape() -> None:
    assert run("fmt", "--check").output == ""


def test_evaluate_counts_and_writes_rows(tmp_path: Path) -> None:
    questions, rows = tmp_path / "q.tsv", tmp_path / "rows.jsonl"
    questions.write_text("sv\tplots\tlediga tomter\nen\t-\tbest pizza recipe\n", encoding="utf-8")
    result = run("evaluate", "--questions", str(questions), "--municipality", "vindeln", "--rows", str(rows), "--json")
    assert result.exit_code == 0
    assert json.loads(result.output)["right"] == 100.0
    first = json.loads(rows.read_text(encoding="utf-8").splitlines()[0])
    assert list(first) == ["question", "language", "expected", "kind", "entry", "choices", "confidence", "ms"]


@pytest.mark.parametrize("command", ["evaluate", "fit"])
def test_a_missing_question_file_is_a_line_not_a_traceback(command: str) -> None:
    result = run(command, "--questions", "gone.tsv", "--municipality", "vindeln")
    assert result.exit_code == 2
    assert "gone.tsv" in result.output


@pytest.mark.nightly
def test_fit_prints_what_the_engine_reads() -> None:
    result = run("fit", "--questions", str(HERE / "questions.tsv"), "--municipality", "vindeln")
    assert set(json.loads(result.output)) == {"guarded", "bare"}


def test_benchmark_says_where_its_data_is_wanted(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["benchmark", "--only", "language"], env={"HEMVIST_BENCHMARK_DATA": str(tmp_path)})
    assert result.exit_code == 2
    assert "HEMVIST_BENCHMARK_DATA" in result.output
