"""The command line: the nearest name for what is unknown, codes a shell understands, and never a traceback."""

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from web import commands
from web.cli import cli

ROOT = Path(__file__).parent.parent
COMMANDS = sorted(module.name.rstrip("_").replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))
FILES = "entries contacts plan plots jobs places facts questions municipality group vocabulary occupations"
KINDS = {f"{kind}.schema.json" for kind in FILES.split()}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="hemvist")


def hemvist(*arguments: str, **options: object) -> subprocess.CompletedProcess:
    """Run the command as a process of its own, with no HEMVIST_ setting of the one that tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEMVIST_")}
    environment["PYTHONPATH"] = str(ROOT)
    given = {"text": True, "timeout": 60, "env": environment, "stderr": subprocess.PIPE, **options}
    return subprocess.run([sys.executable, "-m", "web", *arguments], check=False, **given)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"Usage: hemvist {command}" in result.output
    assert len(result.output.split("\n\n")) >= 3


def test_help_lists_every_command_with_a_line() -> None:
    output = run("--help").output
    assert all(
        any(line.split()[:1] == [name] and len(line.split()) > 2 for line in output.splitlines()) for name in COMMANDS
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["srve"], "No such command 'srve'. Did you mean 'serve'?"),
        (["xyz"], "No such command 'xyz'."),
        (["serve", "--prt", "1"], "--port"),
        (["--hlep"], "--help"),
        (["schema"], "Missing argument 'DIR'"),
        (["serve", "--port"], "requires an argument"),
        (["serve", "--port", "abc"], "'abc' is not a valid integer"),
        (["serve", "--port", "70000"], "70000 is not in the range 0<=x<=65535"),
        (["serve", "--workers", "0"], "0 is not in the range"),
        (["serve", "extra"], "unexpected extra argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_139_140_what_is_unknown_or_missing_is_named(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize("name", ["with space", "å ä ö", "-leading", "--force-not", "a'b\"c", "日本"])
def test_141_odd_paths_are_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("schema", "--", name).exit_code == 0
    assert {path.name for path in (tmp_path / name).iterdir()} == KINDS


def test_schemas_are_json_schemas_of_each_kind_of_file(tmp_path: Path) -> None:
    assert run("schema", str(tmp_path / "new" / "folder")).exit_code == 0
    for path in (tmp_path / "new" / "folder").iterdir():
        assert json.loads(path.read_text("utf-8"))["type"] == "object"


def test_142_existing_files_are_kept_unless_forced(tmp_path: Path) -> None:
    kept = tmp_path / "entries.schema.json"
    kept.write_text("mine")
    refused = run("schema", str(tmp_path))
    assert (refused.exit_code, kept.read_text()) == (2, "mine")
    assert refused.output == f"{kept}: exists already; --force replaces it\n"
    assert [path.name for path in tmp_path.iterdir()] == ["entries.schema.json"]
    assert run("schema", str(tmp_path), "--force").exit_code == 0
    assert kept.read_text() != "mine"
    assert {path.name for path in tmp_path.iterdir()} == KINDS


def test_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("schema", str(tmp_path / "file" / "below"))
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1


def test_143_reader_that_left_gets_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = hemvist("--help", stdout=writer)
    os.close(writer)
    assert (result.returncode, result.stderr) == (1, "")


def test_143_closed_output_and_input_are_no_error() -> None:
    shell = f"{sys.executable} -m web --help <&- >&-"
    result = subprocess.run(["sh", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux' /dev/full")
def test_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        result = hemvist("--help", stdout=full)
    assert result.returncode == 1
    assert result.stderr == "hemvist: output: No space left on device\n"


def test_137_a_flag_and_the_environment_that_disagree_are_both_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")  # so that it ends before it serves
    settings = {"HEMVIST_PORT": "8001", "HEMVIST_WORKERS": "3", "HEMVIST_DATA": str(tmp_path / "file" / "below")}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    result = hemvist("serve", "--port", "9000", "--workers", "3", env=environment)
    (note,) = [line for line in result.stderr.splitlines() if "(command line)" in line]
    assert "--port 9000 (command line) holds, not HEMVIST_PORT=8001 (environment)" in note
    assert result.returncode == 2


def test_bad_settings_end_with_two_and_a_line_each(tmp_path: Path) -> None:
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "HEMVIST_PORT": "abc", "HEMVIST_PROT": "1"}
    result = hemvist("serve", env=settings, stdout=subprocess.PIPE)
    lines = [line for line in result.stderr.splitlines() if not line.startswith("Warning")]
    assert result.returncode == 2
    assert len(lines) == 2
    assert "did you mean HEMVIST_PORT?" in lines[0]
    assert "HEMVIST_PORT='abc'" in lines[1]
