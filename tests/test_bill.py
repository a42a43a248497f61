"""The bill of materials: everything that the lock installs, with what it must hash to, in the words of CycloneDX."""

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from web.bill import LockError, bill, read_lock
from web.commands.sbom import command

LOCK = Path(__file__).parent.parent / "requirements.lock"
HASH = "a" * 64


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    run = CliRunner().invoke(command, ["--lock", str(LOCK)])
    assert run.exit_code == 0, run.output
    return json.loads(run.output)


def test_every_package_of_the_lock_is_in_it_with_every_hash(shipped: dict[str, Any]) -> None:
    locked: dict[str, set[str]] = {}
    for line in LOCK.read_text("utf-8").splitlines():
        if named := re.match(r"([a-z0-9._-]+)==(\S+)", line):
            hashes = locked.setdefault(f"pkg:pypi/{named[1]}@{named[2]}", set())
        hashes.update(re.findall(r"sha256:(\w+)", line))
    found = {
        one["purl"]: {digest["content"] for digest in one["externalReferences"][0]["hashes"]}
        for one in shipped["components"]
    }
    assert len(locked) > 40
    assert found == locked


def test_it_is_a_bill_as_cyclonedx_writes_them(shipped: dict[str, Any]) -> None:
    assert (shipped["bomFormat"], shipped["specVersion"], shipped["version"]) == ("CycloneDX", "1.6", 1)
    assert uuid.UUID(shipped["serialNumber"].removeprefix("urn:uuid:"))
    assert set(shipped) == {
        "bomFormat", "specVersion", "serialNumber", "version", "metadata", "components", "dependencies"
    }  # fmt: skip
    references = [one["bom-ref"] for one in [shipped["metadata"]["component"], *shipped["components"]]]
    assert len(set(references)) == len(references)
    assert [one["ref"] for one in shipped["dependencies"]] == references
    assert {name for one in shipped["dependencies"] for name in one["dependsOn"]} <= set(references)


def test_it_says_under_which_licence_and_what_needs_what(shipped: dict[str, Any]) -> None:
    by_name = {one["name"]: one for one in shipped["components"]}
    assert by_name["click"]["licenses"]
    needs = {one["ref"]: one["dependsOn"] for one in shipped["dependencies"]}
    assert by_name["werkzeug"]["purl"] in needs[by_name["flask"]["purl"]]
    assert by_name["flask"]["purl"] in needs["pkg:pypi/hemvist@" + shipped["metadata"]["component"]["version"]]


def test_the_same_lock_gives_the_same_bill_and_another_hash_another_number() -> None:
    pins = read_lock(f"left-pad==1.0 --hash=sha256:{HASH}\n")
    assert bill(pins, "0.1.0") == bill(pins, "0.1.0")
    others = read_lock(f"left-pad==1.0 --hash=sha256:{'b' * 64}\n")
    assert bill(pins, "0.1.0")["serialNumber"] != bill(others, "0.1.0")["serialNumber"]


def test_what_is_not_installed_is_listed_all_the_same() -> None:
    (one,) = bill(read_lock(f"Left_Pad==1.0 ; python_version > '3' --hash=sha256:{HASH}"), "0.1.0")["components"]
    assert (one["name"], one["version"], "licenses" in one) == ("left-pad", "1.0", False)


@pytest.mark.parametrize("line", ["flask>=3", "flask==3.1", "flask", "-r other.txt", f"--hash=sha256:{HASH}"])
def test_a_lock_without_version_or_hash_is_refused(line: str) -> None:
    with pytest.raises(LockError):
        read_lock(line)


def test_it_is_written_once_unless_forced(tmp_path: Path) -> None:
    target = str(tmp_path / "bom.json")
    options = [target, "--lock", str(LOCK)]
    assert CliRunner().invoke(command, options).exit_code == 0
    refused = CliRunner().invoke(command, options)
    assert refused.exit_code == 2
    assert "--force" in refused.output
    assert CliRunner().invoke(command, [*options, "--force"]).exit_code == 0
    assert json.loads(Path(target).read_text("utf-8"))["components"]


def test_a_lock_that_is_not_there_is_a_line(tmp_path: Path) -> None:
    run = CliRunner().invoke(command, ["--lock", str(tmp_path / "none.lock")])
    assert run.exit_code == 2
    assert "--lock" in run.output
