"""Several editors at once, and processes killed while they save; the whole of it is tests/load/editing.py."""

import sys
from pathlib import Path

import pytest

from web.settings import Settings

sys.path.insert(0, str(Path(__file__).parent / "load"))
from editing import edit_together, kill_while_saving


@pytest.mark.slow
def test_four_editors_lose_nothing(store_settings: Settings, knowledge_folder: Path) -> None:
    found = edit_together(knowledge_folder, store_settings.data, 5, store_settings.database_url or "")
    assert found == {"acknowledged": 20, "lost": 0}


@pytest.mark.slow
def test_killed_while_saving_nothing_is_torn_or_lost(store_settings: Settings, knowledge_folder: Path) -> None:
    found = kill_while_saving(knowledge_folder, store_settings.data, 3, store_settings.database_url or "")
    assert (found["torn"], found["lost"]) == (0, 0)
    assert found["acknowledged"] >= 3
