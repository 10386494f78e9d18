"""`rename` on code that nobody here wrote: results parse, the way back restores every byte."""

import importlib
import random
from pathlib import Path

import pytest
from edit_support import MemorySnapshot

from sorte_cli.edits import EditError, apply_script
from sorte_cli.edits.model import Address, Operation, Script
from sorte_cli.edits.python.index import ProjectIndex
from sorte_cli.edits.registry import Project

PACKAGES = {
    "pluggy": 50,
    "iniconfig": 20,
    "pathspec": 70,
    "packaging": 30,
    "click": 15,
    "jinja2": 15,
}


def files_of(package):
    """The Python files of an installed package, as a project of its own."""
    folder = Path(importlib.import_module(package).__file__).parent
    return {
        str(path.relative_to(folder.parent)): path.read_bytes()
        for path in sorted(folder.rglob("*.py"))
    }


def symbols_of(index):
    """Addresses of everything that has a name: top level, members, parameters, locals."""
    for path in index.paths:
        facts = index.facts(path)
        for name, binding in facts.root.bindings.items():
            if any(d.imported is None for d in binding.definitions):
                yield Address(path, name)
        for cls in facts.classes:
            for name in (*cls.scope.bindings, *cls.self_attributes):
                yield Address(path, f"{cls.qualname}.{name}")
        for function in facts.functions:
            for name, binding in function.scope.bindings.items():
                if any(d.kind == "parameter" for d in binding.definitions):
                    yield Address(path, function.qualname, parameter=name)
                else:
                    yield Address(path, function.qualname, local=name)


def renamed(address, new_name, files):
    operation = Operation("rename", address, (("new_name", new_name),))
    answer = apply_script(Script((operation,)), MemorySnapshot(files))
    return {**files, **{c.path: c.after for c in answer.changes.changes}}


def unresolved(files, paths):
    """Names that the files use without knowing them."""
    project = Project(MemorySnapshot(files))
    index = ProjectIndex.of(project)
    return {(path, name) for path in paths for name in index.facts(path).unresolved}


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_random_symbols_of_installed_packages_there_and_back(package):
    files = files_of(package)
    project = Project(MemorySnapshot(files))
    symbols = list(symbols_of(ProjectIndex.of(project)))
    chosen = random.Random(package).sample(symbols, PACKAGES[package])
    done = 0
    for address in chosen:
        old = address.parameter or address.local or address.symbol.rpartition(".")[2]
        private = old[: len(old) - len(old.lstrip("_"))]
        new = f"{private}sorte_{old.strip('_') or 'x'}_new"
        try:
            there = renamed(address, new, files)
        except EditError as error:
            assert "mistake" not in str(error) and "no longer be valid" not in str(error)
            continue
        changed = [path for path in files if files[path] != there[path]]
        assert changed
        assert unresolved(there, changed) <= unresolved(files, changed)
        qualified = address.symbol
        if not (address.parameter or address.local):
            qualified = ".".join([*address.symbol.split(".")[:-1], new])
        back = Address(
            address.path,
            qualified,
            parameter=new if address.parameter else "",
            local=new if address.local else "",
        )
        assert renamed(back, old, there) == files
        done += 1
    assert done > len(chosen) * 0.8
