"""The wheel, installed somewhere else, starts and answers from the knowledge it carries."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from web.cli import main; main()"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel installs, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-q",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(build, check=True)
    (wheel,) = folder.glob("hemvist-*.whl")
    target = folder / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--no-deps", "-q", "--target", str(target), str(wheel)], check=True
    )
    return target


def test_a_wheel_carries_code_knowledge_catalogues_and_tables(installed: Path) -> None:
    for name in (
        "bot/matching/word_vectors.npz", "bot/matching/sureness.json", "bot/language.tsv", "bot/dialogue/safety.yaml",
        "web/templates/chat.html", "web/static/chat.js", "locales/sv/LC_MESSAGES/messages.po",
        "knowledge/national/housing.yaml", "knowledge/municipalities/vindeln/municipality.yaml",
    ):  # fmt: skip
        assert (installed / name).is_file(), name
    assert not (installed / "tests").exists()


def test_an_installed_server_answers(installed: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HEMVIST_", "PYTHONPATH"))}
    command = [sys.executable, "-c", START, str(installed), "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = next(word for word in server.stdout.readline().split() if word.startswith("http://"))
            body = json.dumps({"question": "lediga tomter i Vindeln", "municipality": "vindeln"}).encode()
            request = urllib.request.Request(f"{address}/api/v1/chat", body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=20) as response:
                assert json.load(response)["entry"] == "plots"
        finally:
            server.terminate()
    assert (tmp_path / "hemvist-data").is_dir()
