"""Small faults in what must not fail are noticed; `tests/load/mutation.py` tries all of them, and here some."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from load.mutation import CONTROL, MODULES, _changed, _faults

SCRIPT = Path(__file__).parent / "load" / "mutation.py"
SAMPLE = 60

CODE = ast.parse('''
def price(area: "int", free: bool = False) -> "int":
    """Return what `area` costs, in kr."""
    if area < 100 and not free:
        LOG.info("small %d", 1)
        return area * 10
    if area > 5000:
        raise ValueError("too large")
    return 0
''')


def test_each_fault_is_one_place_that_tests_should_notice() -> None:
    told = sorted((fault.line, fault.told) for fault in _faults(CODE))
    assert told == [
        (2, "False → True"),
        (4, "100 → 101"),
        (4, "And → Or"),
        (4, "Lt → LtE"),
        (4, "condition turned"),
        (4, "without not"),
        (6, "10 → 11"),
        (6, "Mult → Div"),
        (6, "returns None"),
        (7, "5000 → 5001"),
        (7, "Gt → GtE"),
        (7, "condition turned"),
        (9, "0 → 1"),
    ]


def test_every_fault_changes_the_code_once_and_the_control_nothing_that_it_does() -> None:
    changed = [ast.unparse(_changed(CODE, fault)) for fault in _faults(CODE)]
    assert len({*changed, ast.unparse(CODE)}) == len(changed) + 1
    same = ast.unparse(_changed(CODE, CONTROL))
    assert same == ast.unparse(CODE).replace(
        "if area < 100 and (not free)", "if not not (area < 100 and (not free))"
    ).replace("if area > 5000", "if not not area > 5000")


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_tests_notice_most_faults(module: str) -> None:
    """The script ends with 0 from 85 % on; the whole score of each module stands in the README."""
    done = subprocess.run(
        [sys.executable, SCRIPT, module, "--sample", str(SAMPLE), "--jobs", "2"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
