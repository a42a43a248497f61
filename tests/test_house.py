"""The house: which rooms there are, and that the arrows between them point one way."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = {".dockerignore", ".gitignore", "Dockerfile", "LICENSE", "README.md", "compose.yaml", "pyproject.toml"}
FOLDERS = {".ci", "bot", "knowledge", "locales", "tests", "web"}
ROOMS = FILES | FOLDERS | {"requirements.lock", "requirements-test.lock"}
GROUND = {
    "errors": 0,
    "fields": 0,
    "text": 0,
    "values": 0,
    "inventory": 1,
    "models": 1,
    "tasks": 1,
    "language": 2,
    "content": 2,
    "exchange": 3,
    "matching": 3,
    "records": 3,
    "dialogue": 4,
    "quality": 5,
}
OUTSIDE = {"flask", "web", "sqlalchemy", "httpx", "requests", "socket", "urllib", "os", "subprocess"}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def floor(module: str) -> int:
    return GROUND.get(module.split(".")[1], 0) if "." in module else 9


@pytest.mark.parametrize("path", modules("bot"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_engine_knows_nothing_of_the_outside(path: Path) -> None:
    assert OUTSIDE.isdisjoint(name.split(".")[0] for name in imported(path))


@pytest.mark.parametrize(
    "path",
    [path for path in modules("bot") if path.name != "__init__.py"],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_no_arrow_runs_up_inside_the_engine(path: Path) -> None:
    own = floor(".".join(path.relative_to(ROOT).with_suffix("").parts))
    above = [name for name in imported(path) if name.startswith("bot") and floor(name) > own]
    assert above == []


@pytest.mark.parametrize("path", modules("web"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_web_uses_the_engine_by_its_door(path: Path) -> None:
    assert [name for name in imported(path) if name.startswith("bot.")] == []


def test_content_knows_nothing_of_matching() -> None:
    names = [name for path in modules("bot/content") for name in imported(path)]
    assert [name for name in names if name.startswith(("bot.matching", "bot.dialogue", "bot.language"))] == []


def test_the_top_level_is_as_agreed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    found = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert found <= ROOMS
