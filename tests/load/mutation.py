# ruff: noqa: T201 — a script that prints what it found
"""How many small faults, put into the code one at a time, the tests notice: redaction, safety, decision, limits.

    python tests/load/mutation.py [MODULE …] [--sample N] [--least 85] [--jobs 2] [--by]

Each fault is a process of its own that has imported nothing of ours before: caches and patterns made at import are made
by the faulty code. Words of errors and of the log, annotations and docstrings are left alone. Now and then a process
gets the module with every condition written as the opposite of its opposite, which changes nothing: where that is
"noticed", the figure would be worth nothing, and the run ends.
"""

import argparse
import ast
import copy
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds; a fault that makes the tests hang is noticed too
CONTROLLED = 25  # after so many faults comes one that is none
PASSED, FAILED, NOT_IMPORTED, NOT_THERE = 0, 1, 2, 99  # pytest's own exit codes, and ours
# module → the tests that answer for it; what is slow and random tells nothing that the cases do not, and a process that
# a test starts has the module as it stands on the disk
MODULES = {
    "bot.dialogue.redaction": [
        "tests/test_redaction.py",
        "-k",
        "not survives and not enough and not can_be_read and not twice",
    ],
    "bot.dialogue.safety": ["tests/test_safety.py"],
    "bot.matching.decision": ["tests/test_decision.py"],
    "web.limits": ["tests/test_limits.py", "-k", "not two_processes"],
}
COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.Pow: ast.Mult, ast.RShift: ast.LShift,
}  # fmt: skip
Change = Callable[[ast.AST], None]


@dataclass(frozen=True)
class Fault:
    """The `place`th node of the tree is changed by its `number`th change."""

    place: int
    number: int
    line: int
    told: str


CONTROL = Fault(-1, 0, 0, "nothing changed")


@dataclass(frozen=True)
class Outcome:
    """What the tests made of a fault: the first test that failed, or nothing; and what they imported of others."""

    code: int
    noticed_by: str = ""
    imported: Sequence[str] = ()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=list(MODULES))
    parser.add_argument("--sample", type=int, default=0, help="so many faults of each module, always the same")
    parser.add_argument("--least", type=float, default=85.0, help="per cent that are to be noticed")
    parser.add_argument("--jobs", type=int, default=1, help="so many processes at once")
    parser.add_argument("--quiet", action="store_true", help="do not list those that nobody noticed")
    parser.add_argument("--by", action="store_true", help="list those that were noticed too, and by which test")
    given = parser.parse_args()
    os.chdir(ROOT)
    os.environ.pop("PYTEST_ADDOPTS", None)  # a test run that starts this one has its own
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    scores = [_judge(module, given) for module in given.modules]
    sys.exit(any(score < given.least for score in scores))


def _judge(module: str, given: argparse.Namespace) -> float:
    """Print how many of a module's faults are noticed, and return the per cent."""
    path = ROOT / (module.replace(".", "/") + ".py")
    tree, began = ast.parse(path.read_text("utf-8")), time.monotonic()
    every = list(_faults(tree))
    faults = _sampled(every, given.sample)
    runs, noticed = _Runs(module, tree), 0
    for fault, outcome in runs.outcomes(faults, given.jobs):
        is_noticed = outcome.code != PASSED
        noticed += is_noticed
        if given.by or not (is_noticed or given.quiet):
            print(f"  {path.relative_to(ROOT)}:{fault.line}: {fault.told} {outcome.noticed_by}", flush=True)
    score, seconds = 100 * noticed / len(faults), time.monotonic() - began
    which = f"{noticed} of {len(faults)} noticed (there are {len(every)}), {runs.controls} controls not"
    print(f"{module}: {score:.1f} %: {which}, {seconds:.0f} s", flush=True)
    return score


def _sampled(faults: Sequence[Fault], number: int) -> Sequence[Fault]:
    if not 0 < number < len(faults):
        return faults
    drawn = random.Random(1).sample(faults, number)  # noqa: S311 - not for secrets
    return sorted(drawn, key=lambda fault: (fault.line, fault.place))


class _Runs:
    """Runs the tests of a module, each time with another fault in it; what has noticed most is asked first."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.controls = 0
        self._module = module
        self._tree = tree
        self._noticed: Counter[str] = Counter()
        self._running: dict[int, tuple[Fault, tempfile.TemporaryDirectory[str]]] = {}

    def outcomes(self, faults: Sequence[Fault], jobs: int) -> Iterator[tuple[Fault, Outcome]]:
        """Yield what becomes of each fault, with at most `jobs` processes at once."""
        self._start(CONTROL)
        for name in self._ended()[1].imported:  # takes long and is not ours: once for all
            with suppress(Exception):
                importlib.import_module(name)
        waiting = deque(_with_controls(faults))
        while waiting or self._running:
            while waiting and len(self._running) < jobs:
                self._start(waiting.popleft())
            fault, outcome = self._ended()
            if fault is not CONTROL:
                yield fault, outcome

    def _start(self, fault: Fault) -> None:
        folder = tempfile.TemporaryDirectory(prefix="hemvist-mutation-")
        child = os.fork()
        if child == 0:
            os.setsid()
            tree = _changed(self._tree, fault)
            _run(self._module, tree, MODULES[self._module], self._noticed, Path(folder.name))
        self._running[child] = fault, folder

    def _ended(self) -> tuple[Fault, Outcome]:
        """Wait for one that runs, and end whatever it has left behind: a fault that hangs does not clean up."""
        child, status = os.waitpid(-1, 0)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        fault, folder = self._running.pop(child)
        outcome = _read(os.waitstatus_to_exitcode(status), Path(folder.name))
        folder.cleanup()
        if fault is CONTROL:
            self.controls += 1
            if outcome.code != PASSED:
                sys.exit(f"{self._module}: {outcome.noticed_by} fails where nothing is changed")
        if outcome.code not in (PASSED, FAILED, NOT_IMPORTED, -signal.SIGALRM):
            sys.exit(f"{self._module}:{fault.line}: {fault.told}: not run, pytest ended with {outcome.code}")
        self._noticed[outcome.noticed_by] += 1
        return fault, outcome


def _with_controls(faults: Sequence[Fault]) -> Iterator[Fault]:
    for number, fault in enumerate(faults, 1):
        yield fault
        if number % CONTROLLED == 0:
            yield CONTROL


def _read(code: int, folder: Path) -> Outcome:
    told = folder / "outcome"
    if not told.exists():
        return Outcome(code, "takes too long")
    return Outcome(code, **json.loads(told.read_text("utf-8")))


def _run(module: str, tree: ast.Module, tests: Sequence[str], noticed: Mapping[str, int], folder: Path) -> None:
    """Run the tests with `tree` in the place of `module`; tells what came of it in a file in `folder`, and ends."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(PATIENCE)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    instead, watch = _Instead(module, tree), _Watch(noticed)
    sys.meta_path.insert(0, instead)
    try:
        importlib.import_module(module)
    except Exception as error:  # noqa: BLE001 - whatever the fault brings about
        code, watch.noticed_by = NOT_IMPORTED, f"import: {type(error).__name__}"
    else:
        code = _tested(tests, watch, folder)
        code = code if getattr(sys.modules.get(module), "__loader__", None) is instead else NOT_THERE
    told = {"noticed_by": watch.noticed_by, "imported": _of_others()}
    (folder / "outcome").write_text(json.dumps(told), "utf-8")
    os._exit(code)


def _tested(tests: Sequence[str], watch: "_Watch", folder: Path) -> int:
    import pytest

    plugins = ("cacheprovider", "randomly", "xdist", "playwright", "rerunfailures", "schemathesis")
    options = ["-x", "-q", "--no-header", "--assert=plain", "-m", "not nightly", f"--basetemp={folder / 'tests'}"]
    return int(pytest.main([*tests, *options, *(f"-pno:{one}" for one in plugins)], plugins=[watch]))


def _of_others() -> list[str]:
    """Return the modules that are not ours and could be imported before ours are."""
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
    return [name for name, file in files.items() if file and not Path(file).is_relative_to(ROOT)]


class _Watch:
    """Puts the tests that noticed most before the others, and remembers which one notices."""

    def __init__(self, noticed: Mapping[str, int]) -> None:
        self.noticed_by = ""
        self._noticed = noticed

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items.sort(key=lambda item: -self._noticed.get(item.nodeid, 0))

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.noticed_by = report.nodeid if report.when == "call" else f"{report.nodeid} ({report.when})"


class _Instead(MetaPathFinder, Loader):
    """Finds the faulty module in the place of the one on the disk."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.module, self.tree = module, tree

    def find_spec(self, name: str, _path: object, _target: object = None) -> ModuleSpec | None:
        if name != self.module:
            return None
        origin = str(ROOT / (name.replace(".", "/") + ".py"))
        return spec_from_loader(name, self, origin=origin)

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__
        module.__file__ = module.__spec__.origin
        exec(compile(self.tree, module.__spec__.origin or "", "exec"), module.__dict__)  # noqa: S102 - our own, changed


# which faults there are


def _changed(tree: ast.Module, fault: Fault) -> ast.Module:
    """Return a copy of `tree` with the fault, or one that is written otherwise and does the same."""
    changed = copy.deepcopy(tree)
    nodes = list(ast.walk(changed))
    if fault is CONTROL:
        for one in nodes:
            if isinstance(one, ast.If | ast.IfExp | ast.While):
                one.test = ast.UnaryOp(ast.Not(), ast.UnaryOp(ast.Not(), one.test))
    else:
        node = nodes[fault.place]
        list(_changes(node))[fault.number][1](node)
    return ast.fix_missing_locations(changed)


def _faults(tree: ast.Module) -> Iterator[Fault]:
    left_alone = {id(node) for outer in ast.walk(tree) for inner in _untouched(outer) for node in ast.walk(inner)}
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in left_alone:
            for number, (told, _change) in enumerate(_changes(node)):
                yield Fault(place, number, getattr(getattr(node, "target", node), "lineno", 0), told)


def _untouched(node: ast.AST) -> Iterator[ast.AST]:  # noqa: C901 - a table of kinds of nodes
    """Yield the parts of a node that tests need not notice: types, docstrings, words of errors and of the log."""
    match node:
        case ast.AnnAssign(annotation=annotation):
            yield annotation
        case ast.arg(annotation=ast.expr() as annotation):
            yield annotation
        case ast.FunctionDef():
            yield from [node.returns] if node.returns else []
            yield from node.decorator_list
        case ast.ClassDef():
            yield from node.decorator_list
            if any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases):
                yield node
        case ast.Subscript(value=ast.Name(id="Literal" | "Callable" | "tuple" | "TypeVar")):
            yield node
        case ast.Expr(value=ast.Constant()):
            yield node
        case ast.Raise(exc=ast.expr() as raised):
            yield raised
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="LOG")))):
            yield node
        case ast.Call(func=ast.Attribute(attr="getLogger") | ast.Name(id="TypeVar" | "dataclass")):
            yield node
        case ast.Call(func=ast.Name(id="cast"), args=[annotation, *_]):
            yield annotation
        case ast.ImportFrom() | ast.Import():
            yield node


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:  # noqa: C901 - a table of kinds of nodes
    match node:
        case ast.Compare(ops=[op, *_]) if type(op) in COMPARED:
            other = COMPARED[type(op)]
            yield f"{type(op).__name__} → {other.__name__}", lambda one: one.ops.__setitem__(0, other())  # type: ignore[attr-defined]
        case ast.BoolOp(op=op):
            swapped = ast.Or if isinstance(op, ast.And) else ast.And
            yield f"{type(op).__name__} → {swapped.__name__}", lambda one: setattr(one, "op", swapped())
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in COUNTED:
            counted = COUNTED[type(op)]
            yield f"{type(op).__name__} → {counted.__name__}", lambda one: setattr(one, "op", counted())
        case ast.UnaryOp(op=ast.Not()):
            yield "without not", lambda one: setattr(one, "operand", ast.UnaryOp(ast.Not(), one.operand))  # type: ignore[attr-defined]
        case ast.If() | ast.IfExp() | ast.While():
            yield "condition turned", lambda one: setattr(one, "test", ast.UnaryOp(ast.Not(), one.test))  # type: ignore[attr-defined]
        case ast.comprehension(ifs=[_, *_]):
            yield "without the if", lambda one: one.ifs.clear()  # type: ignore[attr-defined]
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and not value.value):
            yield "returns None", lambda one: setattr(one, "value", ast.Constant(None))
        case ast.Constant():
            yield from _other_constants(node)


def _other_constants(node: ast.Constant) -> Iterator[tuple[str, Change]]:
    match node.value:
        case bool() as value:
            yield f"{value} → {not value}", lambda one: setattr(one, "value", not value)
        case int() | float() as number:
            yield f"{number} → {number + 1}", lambda one: setattr(one, "value", number + 1)
        case str() as text if text:
            yield f"{text[:30]!r} → with XX", lambda one: setattr(one, "value", f"XX{text}")


if __name__ == "__main__":
    main()
