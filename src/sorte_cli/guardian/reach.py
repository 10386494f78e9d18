"""Which test files reach a change: by what they ran, by imports, by name, by what they mention."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sorte_cli.domain import ChangeSet
from sorte_cli.guardian.detect import is_test_file
from sorte_cli.guardian.measured import tests_that_ran
from sorte_cli.guardian.reach_others import distances as distances_of_others
from sorte_cli.guardian.reach_others import language_of

_MAX_DISTANCE = 3
_FILE_LIMIT_BYTES = 1_000_000
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<base>\.*[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n#;]+)"
    r"|import[ \t]+(?P<modules>[^\n#;]+))",
    re.MULTILINE,
)


def tests_reaching(
    changes: ChangeSet, root: Path, paths: Sequence[str], *, measured: Path | None = None
) -> tuple[str, ...]:
    """Test files that reach the changed files, the closest first; empty where none is known to.

    `paths` are all files of the project, repository-relative; their text is read under `root`.
    `measured` is a data file of coverage.py: with contexts in it, it says which tests ran what.
    """
    python = [p for p in paths if p.endswith(".py")]
    tests = [p for p in python if is_test_file(p)]
    after = {c.path: c.after for c in changes.changes}
    texts = {p: _text(root / p, after.get(p)) for p in python}
    scores: dict[str, float] = _reaching_others(changes, root, paths)
    if measured is not None:
        modules = {name: t for t in tests for name in module_names(t, frozenset())}
        ran = tests_that_ran(changes, measured, modules)
        scores |= dict.fromkeys(ran & {*paths}, 0.5)
    distances = _distances(changes.paths, texts)
    for test in tests:
        if test in after:
            scores[test] = 0.0 if after[test] is not None else 99.0
            continue
        closeness = [_closeness(test, texts[test], path) for path in changes.paths]
        if test in distances:
            closeness.append(float(distances[test]))
        best = min((*closeness, scores.get(test, 99.0)))
        if best <= _MAX_DISTANCE:
            scores[test] = best
    existing = [t for t in scores if scores[t] < 99.0]
    return tuple(sorted(existing, key=lambda t: (scores[t], t)))


def _reaching_others(changes: ChangeSet, root: Path, paths: Sequence[str]) -> dict[str, float]:
    """The same for files of other languages, where the change touches any of those."""
    languages = {language_of(path) for path in changes.paths} - {""}
    if not languages:
        return {}
    after = {c.path: c.after for c in changes.changes}
    texts = {
        p: _text(root / p, after.get(p))
        for p in paths
        if language_of(p) in languages and (p not in after or after[p] is not None)
    }
    module = re.search(
        r"^module\s+(\S+)", _text(root / "go.mod", after.get("go.mod")), re.MULTILINE
    )
    return distances_of_others(changes.paths, texts, _MAX_DISTANCE, module[1] if module else "")


def importers_of(changed: Sequence[str], root: Path) -> set[str]:
    """The Python files under `root` that import one of the `changed` ones themselves."""
    texts = {}
    for path in sorted(root.rglob("*.py")):
        if path.is_file() and not path.is_symlink():
            texts[path.relative_to(root).as_posix()] = _text(path, None)
    importers = _importers(texts, changed)
    return {i for path in changed for i in importers.get(path, ())}


def _closeness(test: str, text: str, changed: str) -> float:
    """How near a test is to a changed file by name alone; 99 where it is not."""
    folder, _, name = changed.rpartition("/")
    stem = name.rpartition(".")[0]
    tested = test.rpartition("/")[2].removesuffix(".py").removeprefix("test_").removesuffix("_test")
    if name == "conftest.py" and (not folder or test.startswith(folder + "/")):
        return 2.0
    if len(stem) > 2 and (tested == stem or tested == stem.lstrip("_")):
        return 1.5
    if not name.endswith(".py") and len(name) > 3 and name in text:
        return 2.0
    return 99.0


def _text(path: Path, given: bytes | None) -> str:
    if given is None:
        try:
            if path.stat().st_size > _FILE_LIMIT_BYTES:
                return ""
            given = path.read_bytes()
        except OSError:
            return ""
    return given.decode("utf-8", "replace")


def module_names(path: str, packages: frozenset[str]) -> tuple[str, ...]:
    """The dotted names a file may be imported by, longest first; `packages` are folders that hold
    an `__init__.py`.

    `src/shop/pix.py` where `src/shop` is a package: ("src.shop.pix", "shop.pix").
    """
    parts = path.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    folder = path.split("/")[:-1]
    while folder and "/".join(folder) in packages:
        folder.pop()
    return tuple(".".join(parts[i:]) for i in range(min(len(folder) + 1, len(parts))))


def _distances(changed: Iterable[str], texts: Mapping[str, str]) -> dict[str, int]:
    """Import steps from each file to the nearest changed file, up to the maximum."""
    importers = _importers(texts, changed)
    distances = dict.fromkeys(changed, 0)
    frontier = list(distances)
    for distance in range(1, _MAX_DISTANCE + 1):
        reached = {i for path in frontier for i in importers.get(path, ()) if i not in distances}
        distances.update(dict.fromkeys(reached, distance))
        # A test file that others import carries nothing further.
        frontier = [path for path in reached if not is_test_file(path)]
    return distances


def _importers(texts: Mapping[str, str], changed: Iterable[str]) -> dict[str, set[str]]:
    """Who imports each file. Deleted files count: their importers are what a change breaks."""
    owners: dict[str, list[str]] = {}
    files = {*texts, *(c for c in changed if c.endswith(".py"))}
    packages = frozenset(f.removesuffix("/__init__.py") for f in files if "/__init__.py" in f)
    for path in files:
        for name in module_names(path, packages):
            owners.setdefault(name, []).append(path)
    importers: dict[str, set[str]] = {}
    for path, text in texts.items():
        for name in _imported(path, text):
            for owner in owners.get(name, ()):
                if owner != path:
                    importers.setdefault(owner, set()).add(path)
    return importers


def _imported(path: str, text: str) -> set[str]:
    """Dotted names that a file imports, each with its parents (their __init__ runs too)."""
    package = path.split("/")[:-1]
    found: set[str] = set()
    for match in _IMPORT.finditer(text):
        if match["modules"]:
            for part in match["modules"].split(","):
                found.add(part.split(" as ")[0].strip())
            continue
        base = match["base"]
        dots = len(base) - len(base.lstrip("."))
        if dots:
            parents = package[: len(package) - (dots - 1)]
            base = ".".join([*parents, *([base[dots:]] if base[dots:] else [])])
        found.add(base)
        for part in match["names"].strip("()").split(","):
            name = part.split("#")[0].split(" as ")[0].strip()
            if name.isidentifier():
                found.add(f"{base}.{name}" if base else name)
    for name in tuple(found):
        while "." in name:
            name = name.rpartition(".")[0]
            found.add(name)
    return found
