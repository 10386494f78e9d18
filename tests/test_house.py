"""The rules of the house: who imports whom, what stays light, what the code may not know."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "sorte_cli"
DEMO = SOURCE / "demo"
HEAVY = (
    "bandit",
    "git",
    "jinja2",
    "libcst",
    "llama_cpp",
    "numpy",
    "prompt_toolkit",
    "rich",
    "sqlite3",
    "tree_sitter",
    "tree_sitter_language_pack",
)


def modules_after(*arguments: str) -> set[str]:
    """Names of all modules that are loaded after `sorte ARGUMENTS` ran."""
    program = (
        "import sys\n"
        "from sorte_cli.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('\\n' + ' '.join(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_version_loads_nothing_but_itself():
    loaded = modules_after("--version")
    ours = {m for m in loaded if m.startswith("sorte_cli")}
    assert ours == {"sorte_cli", "sorte_cli.__main__"}
    assert loaded.isdisjoint({*HEAVY, "pydantic", "typer", "click", "pathlib", "re", "dataclasses"})


@pytest.mark.parametrize("arguments", [("--help",), ("do", "--help"), ("nonsense",), ("do",)])
def test_help_and_wrong_usage_load_no_engine(arguments):
    loaded = modules_after(*arguments)
    assert loaded.isdisjoint(HEAVY)
    engines = ("agent", "context", "edits", "inference", "guardian", "history", "memory")
    assert not [m for m in loaded if m.startswith(tuple(f"sorte_cli.{e}" for e in engines))]


@pytest.mark.parametrize("module", ["errors", "domain", "paths", "settings", "edits.model"])
def test_shared_modules_are_light(module):
    program = f"import json, sys, sorte_cli.{module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(json.loads(done.stdout)).isdisjoint(HEAVY)


def test_layers_are_kept():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def sources() -> list[Path]:
    return [p for p in sorted(SOURCE.rglob("*.py")) if DEMO not in p.parents]


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_exception_is_swallowed_blindly(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            names = (
                {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
                if node.type
                else {""}
            )
            raises = any(isinstance(n, ast.Raise) for n in ast.walk(node))
            assert raises or names.isdisjoint({"", "Exception", "BaseException"}), (
                f"line {node.lineno}"
            )


def demo_names() -> set[str]:
    """What is the sample's own: classes, constants, modules of two words, the task sentences."""
    names: set[str] = set()
    for path in (DEMO / "sample").rglob("*.py"):
        if "_" in path.stem.strip("_") and not path.stem.startswith("test_"):
            names.add(path.stem)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                names.add(node.target.id)
    from sorte_cli.demo import TASKS

    for sentence in TASKS.values():
        names.add(sentence)
        names.update(re.findall(r'"([^"]+)"', sentence))
    return names - {"Order"}  # an everyday word


def spoken(path: Path) -> Iterator[str]:
    """What a file tells the program: names and strings of code without docstrings; other files
    whole."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield text
        return
    tree = ast.parse(text)
    documentation = {id(node) for node in docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in documentation:
                yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def docstrings(tree: ast.AST) -> Iterable[ast.Constant]:
    """String statements: docstrings of modules, classes, functions and of fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def test_nothing_outside_the_demo_knows_its_names():
    names = demo_names()
    assert len(names) > 8
    files = [
        p
        for p in SOURCE.rglob("*")
        if p.suffix in (".py", ".txt", ".po", ".md", ".toml", ".json", ".jinja")
        and DEMO not in p.parents
    ]
    guilty = {
        f"{path.relative_to(SOURCE)}: {name}"
        for path in files
        for text in spoken(path)
        for name in names
        if name in text
    }
    assert not guilty
