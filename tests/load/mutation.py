# ruff: noqa: T201 — a script that prints what it found
"""How many small faults, put into the code one at a time, the tests notice: redaction, safety, decision, limits.

    python tests/load/mutation.py [MODULE …] [--sample N] [--least 85]

Each fault is a process of its own that has imported nothing of ours before: caches and patterns made at import are made
by the faulty code. Words of errors and of the log, annotations and docstrings are left alone.
"""

import argparse
import ast
import copy
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds; a fault that makes the tests hang is noticed too
# module → the tests that answer for it; what is slow and random tells nothing that the cases do not
MODULES = {
    "bot.dialogue.redaction": [
        "tests/test_redaction.py",
        "-k",
        "not survives and not enough and not can_be_read and not twice",
    ],
    "bot.dialogue.safety": ["tests/test_safety.py"],
    "bot.matching.decision": ["tests/test_decision.py"],
    "web.limits": ["tests/test_limits.py"],
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(MODULES))
    parser.add_argument("--sample", type=int, default=0, help="so many faults of each module, always the same")
    parser.add_argument("--least", type=float, default=85.0, help="per cent that are to be noticed")
    parser.add_argument("--quiet", action="store_true", help="do not list those that nobody noticed")
    given = parser.parse_args()
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    _prepare()
    scores = [_judge(module, given.sample, quiet=given.quiet) for module in given.modules]
    sys.exit(any(score < given.least for score in scores))


def _prepare() -> None:
    """Import what takes long and is not ours, once for all."""
    import flask, flask_openapi3, hypothesis, numpy, pydantic, pytest, rapidfuzz, redis, ruamel.yaml, sqlalchemy, yaml  # noqa: E401, F401, I001

    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def _judge(module: str, sample: int, *, quiet: bool) -> float:
    """Print how many of a module's faults are noticed, and return the per cent."""
    path = ROOT / (module.replace(".", "/") + ".py")
    tree, tests = ast.parse(path.read_text("utf-8")), MODULES[module]
    if _survives(module, tree, tests) is not True:
        sys.exit(f"{module}: its tests fail without any fault")
    faults = list(_faults(tree))
    total = len(faults)
    if 0 < sample < total:
        faults = sorted(
            random.Random(1).sample(  # noqa: S311 - not for secrets
                faults, sample
            ),
            key=lambda fault: (fault.line, fault.place),
        )
    began, left = time.monotonic(), []
    for fault in faults:
        changed = copy.deepcopy(tree)
        node = list(ast.walk(changed))[fault.place]
        list(_changes(node))[fault.number][1](node)
        if _survives(module, ast.fix_missing_locations(changed), tests):
            left.append(fault)
            if not quiet:
                print(f"  {path.relative_to(ROOT)}:{fault.line}: {fault.told}", flush=True)
    score = 100 * (1 - len(left) / len(faults))
    seconds = time.monotonic() - began
    print(f"{module}: {score:.1f} % of {len(faults)} (of {total}) noticed, {seconds:.0f} s", flush=True)
    return score


def _survives(module: str, tree: ast.Module, tests: Sequence[str]) -> bool:
    """Whether the tests pass with `tree` in the place of `module`."""
    child = os.fork()
    if child == 0:
        _run(module, tree, tests)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _run(module: str, tree: ast.Module, tests: Sequence[str]) -> None:
    import pytest

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(PATIENCE)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.meta_path.insert(0, _Instead(module, tree))
    plugins = ("cacheprovider", "randomly", "xdist", "playwright", "rerunfailures", "schemathesis")
    options = ["-x", "-q", "--no-header", "--assert=plain", "-m", "not nightly", *(f"-pno:{one}" for one in plugins)]
    code = pytest.main([*tests, *options])
    os._exit(int(code))


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


def _faults(tree: ast.Module) -> Iterator[Fault]:
    left_alone = {id(node) for outer in ast.walk(tree) for inner in _untouched(outer) for node in ast.walk(inner)}
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in left_alone:
            for number, (told, _change) in enumerate(_changes(node)):
                yield Fault(place, number, getattr(node, "lineno", 0), told)


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
            yield "without not", lambda one: setattr(one, "op", ast.UAdd())
        case ast.If() | ast.IfExp() | ast.While():
            yield "condition turned", lambda one: setattr(one, "test", ast.UnaryOp(ast.Not(), one.test))  # type: ignore[attr-defined]
        case ast.comprehension(ifs=[_, *_]):
            yield "without the if", lambda one: one.ifs.clear()  # type: ignore[attr-defined]
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
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
