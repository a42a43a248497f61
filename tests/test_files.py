"""Files that are written whole: what counts as written outlives a power cut."""

import os
from pathlib import Path

import pytest

from web.files import write_whole
from web.settings import Settings
from web.store.engine import open_engine


def test_what_is_written_is_on_the_disk_before_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, then its name, then the folder: in any other order a power cut leaves an empty file under the name."""
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace

    def note_sync(handle: int) -> None:
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")  # noqa: PTH112 - of a handle
        sync(handle)

    def note_replace(path: Path, target: Path) -> Path:
        steps.append("name")
        assert path.read_text("utf-8") == "new", "all of it is in the file by now"
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_replace)
    write_whole(tmp_path / "housing.yaml", "new")
    assert steps == ["file", "name", "folder"]
    assert [path.name for path in tmp_path.iterdir()] == ["housing.yaml"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_transaction_is_on_the_disk_before_it_is_acknowledged(store_settings: Settings) -> None:
    engine = open_engine(store_settings)
    with engine.connect() as connection:
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    engine.dispose()
    assert synchronous == 2, "FULL"
