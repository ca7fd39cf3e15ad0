"""The rules of the house that people forget."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "bot").rglob("*.py"))

#: Written in pieces, so that this file may be looked at too.
MACHINE_PATHS = ("/" + "work/", "file://" + "/opt", "/" + "root/")
REGISTRIES = ("py" + "pi.org", "python" + "hosted.org", "--index" + "-url", "reg" + "istry.npmjs")

#: What lies in a checkout and is not committed (.gitignore), beside what begins with a dot.
NOT_COMMITTED = {"rehearsal", "build", "dist", "__pycache__", "config.toml", "reports"}
COMMITTED_DOTS = {".ci", ".gitignore", ".github"}


def committed(folder: Path = ROOT) -> Iterator[Path]:
    """The files that are the project's own, in a clone or in an unpacked source package."""
    for path in sorted(folder.iterdir()):
        if path.name in NOT_COMMITTED or path.suffix in {".pyc", ".egg-info"}:
            continue
        if path.name.startswith(".") and path.name not in COMMITTED_DOTS:
            continue
        if path.is_dir():
            yield from committed(path)
        elif path.is_file():
            yield path


def texts() -> Iterator[tuple[str, str]]:
    for path in committed():
        try:
            yield str(path.relative_to(ROOT)), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture or a database


@pytest.fixture(scope="module")
def everything() -> dict[str, str]:
    return dict(texts())


def test_the_files_are_found(everything: dict[str, str]) -> None:
    assert {"README.md", "pyproject.toml", "bot/app.py", "tests/test_house.py"} <= set(everything)


@pytest.mark.parametrize("words", MACHINE_PATHS + REGISTRIES)
def test_no_file_names_this_machine_or_a_registry(everything: dict[str, str], words: str) -> None:
    assert [name for name, text in everything.items() if words in text] == []


def test_no_file_of_the_project_is_left_half_done(everything: dict[str, str]) -> None:
    left = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert [name for name, text in everything.items() if left.search(text)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_prints_or_stops_short(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    names = {name for name, _call in calls(tree)}
    assert names & {"print", "breakpoint", "exec", "eval"} == set()
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Pass)] == []


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """The calls of a plain name in *tree*."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node


def test_no_file_of_the_program_is_longer_than_can_be_read() -> None:
    long = {path.name: len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}


def test_no_sentence_is_put_together_before_it_is_translated() -> None:
    """`_(f"…")` and `_("…".format(…))` would look for a sentence that no catalogue has."""
    wrong = [
        (path.name, call.lineno)
        for path in MODULES
        for name, call in calls(ast.parse(path.read_text("utf-8")))
        if name in {"_", "N_"} and isinstance(call.args[0], ast.JoinedStr | ast.Call | ast.BinOp)
    ]
    assert wrong == []
