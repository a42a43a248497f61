"""The README tells all there is: settings, commands, addresses; and its two set-up lines hold what they promise."""

import re
import tomllib
from pathlib import Path

import click
import pytest
from flask import Flask

from web.cli import cli
from web.settings import ROWS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_setting_is_told_and_no_other() -> None:
    assert set(re.findall(r"^\| `(HEMVIST_\w+)`", README, re.M)) == {row.name for row in ROWS}


def test_every_command_is_told_and_no_other() -> None:
    context = cli.make_context("hemvist", [], resilient_parsing=True)
    assert set(re.findall(r"^\| `hemvist ([\w-]+)", README, re.M)) == set(cli.list_commands(context))


def test_every_option_of_a_command_is_told() -> None:
    context = cli.make_context("hemvist", [], resilient_parsing=True)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        (row,) = re.findall(rf"^\| `hemvist {name}(?![\w-])(.*)$", README, re.M)
        inner = command.commands.values() if isinstance(command, click.Group) else [command]
        parameters = [parameter for one in inner for parameter in one.params]
        options = [option for parameter in parameters for option in parameter.opts if option.startswith("--")]
        assert [option for option in options if option not in row] == [], name


def test_every_address_of_the_api_is_told(app: Flask) -> None:
    rules = {rule.rule.replace("entry_id", "id") for rule in app.url_map.iter_rules()}
    told = [rule for rule in rules if rule.startswith(("/api/", "/healthz", "/readyz", "/openapi.json"))]
    assert [rule for rule in told if re.sub("<.*?>", "<id>", rule) not in README] == []


def names(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    found = [re.match(r"([a-z0-9-]+)==([^ ;]+)", line) for line in lines]
    return {match[1]: match[2] for match in found if match}


def wanted(requirements: list[str]) -> set[str]:
    return {
        re.split(r"[\[<>=~! ]", requirement)[0].lower().replace("_", "-").replace(".", "-")
        for requirement in requirements
    }


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("requirements.lock", PROJECT["dependencies"]),
        ("requirements-test.lock", PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]),
    ],
)
def test_a_lock_pins_what_the_project_asks_for_and_how_to_build_it(lock: str, requirements: list[str]) -> None:
    assert wanted(requirements) | {"hatchling", "editables"} <= set(names(lock))


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_a_lock_has_a_hash_for_each_pin_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^--", text, re.M)
    pins = re.split(r"^(?=[a-z])", text, flags=re.M)[1:]
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_both_locks_agree() -> None:
    runtime, test = names("requirements.lock"), names("requirements-test.lock")
    assert {name: version for name, version in runtime.items() if name != "numpy" and test.get(name) != version} == {}


def test_the_pictures_of_the_readme_are_there() -> None:
    pictures = re.findall(r'<img src="([^"]+)"', README)
    assert pictures
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []
