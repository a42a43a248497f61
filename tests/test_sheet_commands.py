"""hemvist export-sheet and import-sheet, as an operator runs them: the same truth that staff write to."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from bot import load, sheets_of, write_workbook
from web.cli import cli
from web.settings import read_settings
from web.sheet_cost import measure_sheets
from web.sheets import written_items

KNOWLEDGE = Path(__file__).parent / "knowledge"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, knowledge_folder: Path) -> Run:
    def command(*arguments: str) -> Result:
        environment = {"HEMVIST_KNOWLEDGE": str(knowledge_folder), "HEMVIST_DATA": str(tmp_path / "data")}
        return CliRunner().invoke(cli, arguments, env=environment)

    return command


@pytest.fixture(scope="module")
def exported() -> bytes:
    return write_workbook(sheets_of(written_items(load(KNOWLEDGE))))


@pytest.fixture
def sheet(exported: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "all.xlsx"
    path.write_bytes(exported)
    return path


def change(path: Path, name: str, item: str, heading: str, text: str) -> Path:
    book = openpyxl.load_workbook(path)
    headings = [cell.value for cell in book[name][1]]
    row = next(row for row in book[name].iter_rows(min_row=2) if row[0].value == item)
    row[headings.index(heading)].value = text
    book.save(path)
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.yaml")}


def test_what_nobody_touched_leaves_every_file_as_it_was(run: Run, tmp_path: Path, knowledge_folder: Path) -> None:
    before, sheet = files(knowledge_folder), tmp_path / "all.xlsx"
    assert "entries: " in run("export-sheet", str(sheet)).output
    found = run("import-sheet", str(sheet), "--yes")
    assert found.exit_code == 0, found.output
    assert "0 changes" in found.output
    assert files(knowledge_folder) == before


def test_a_change_is_shown_and_then_published(run: Run, sheet: Path, knowledge_folder: Path) -> None:
    change(sheet, "facts", "population", "value", "4000")
    before = files(knowledge_folder)
    shown = run("import-sheet", str(sheet), "--dry-run")
    assert "+value: 4000" in shown.output
    assert files(knowledge_folder) == before
    assert run("import-sheet", str(sheet), "--yes", "--note", "Folkbokföringen").exit_code == 0
    after = files(knowledge_folder)
    assert len([name for name in after if after[name] != before[name]]) == 1
    late = run("import-sheet", str(change(sheet, "facts", "population", "value", "5000")), "--yes")
    assert (late.exit_code, "was changed since" in late.output) == (2, True)
    assert files(knowledge_folder) == after
    left = run("import-sheet", str(sheet), "--yes", "--leave-conflicts")
    assert (left.exit_code, "nothing to take over" in left.output) == (0, True)


def test_faults_are_told_and_nothing_is_changed(run: Run, sheet: Path, knowledge_folder: Path) -> None:
    before = files(knowledge_folder)
    change(sheet, "entries", "plots", "source_copied", "1/2/24")
    found = run("import-sheet", str(change(sheet, "facts", "population", "source_url", "x")), "--yes")
    assert found.exit_code == 2
    assert ("entries, row " in found.output, "facts, row " in found.output) == (True, True)
    assert "2 faults; nothing is changed" in found.output
    assert files(knowledge_folder) == before


def test_a_draft_stays_out_of_the_files(run: Run, sheet: Path, knowledge_folder: Path) -> None:
    before = files(knowledge_folder)
    found = run("import-sheet", str(change(sheet, "facts", "population", "value", "4000")), "--yes", "--draft")
    assert "1 drafts saved" in found.output
    assert files(knowledge_folder) == before


def test_one_kind_of_one_layer_as_csv(run: Run, tmp_path: Path, knowledge_folder: Path) -> None:
    path = tmp_path / "facts.csv"
    assert run("export-sheet", str(path), "--sheet", "facts", "--layer", "municipalities/norrby").exit_code == 0
    text = path.read_text("utf-8-sig")
    assert text.count("municipalities/") == len(load(knowledge_folder).layers["municipalities/norrby"].inventory.facts)
    path.write_text(text.replace("3200", "3300"), "utf-8")
    assert "1 changes published" in run("import-sheet", str(path), "--yes", "--layer", "municipalities/norrby").output


REFUSED = {
    "nobody can be asked": ("import-sheet", "{sheet}"),
    "no such layer": ("import-sheet", "{sheet}", "--yes", "--layer", "municipalities/nowhere"),
    "no such layer to export": ("export-sheet", "x.xlsx", "--layer", "nowhere"),
    "another format": ("export-sheet", "x.ods"),
    "CSV holds one kind": ("export-sheet", "x.csv"),
}


@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], run: Run, sheet: Path) -> None:
    assert run(*(argument.format(sheet=sheet) for argument in arguments)).exit_code == 2


@pytest.mark.nightly
def test_the_benchmark_names_all_faults() -> None:
    cost = measure_sheets(read_settings({"HEMVIST_KNOWLEDGE": str(KNOWLEDGE)}))
    assert (cost.rows, cost.faults) == (5_000, 50)
