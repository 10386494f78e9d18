"""Which test files reach a change in JavaScript, TypeScript, PHP and Go: by imports and by name."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from sorte_cli.guardian.runners import SCRIPTS

_FOR_TESTS = re.compile(r"\.(?:test|spec)\.[mc]?[jt]sx?$|(?:^|/)__tests__/.*\.[mc]?[jt]sx?$")
_SCRIPT_IMPORT = re.compile(
    r"""(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*|\bmock\s*\(\s*)(["'])([^"'\n]+)\1"""
)
_PHP_USE = re.compile(
    r"^\s*use\s+(?:function\s+|const\s+)?\\?([\w\\]+)(\s*\{[^}]*\})?", re.MULTILINE
)
_PHP_NAME = re.compile(
    r"(?:\bnew\s+|\bextends\s+|\bimplements\s+|[(,|?:\s])\\?([A-Z]\w*)(?=::|[\s(,;{)])"
)
_GO_IMPORT = re.compile(r'"([\w.\-/]+)"')
_ALIASES = (("@/", ("src/", "resources/js/", "app/", "")), ("~/", ("src/", "app/", "")))


def is_test(path: str) -> bool:
    """Whether the name is one that the runners of these languages collect by default."""
    name = path.rpartition("/")[2]
    return bool(_FOR_TESTS.search(path)) or name.endswith(("_test.go", "Test.php"))


def language_of(path: str) -> str:
    """ "js", "php" or "go"; empty for other files."""
    if path.endswith(SCRIPTS):
        return "js"
    return {".php": "php", ".go": "go"}.get(posixpath.splitext(path)[1], "")


def distances(
    changed: Sequence[str], texts: Mapping[str, str], limit: int, go_module: str = ""
) -> dict[str, float]:
    """Import steps from each test file to the nearest changed one, at most `limit`; where only its
    name speaks for it, 1.5. `texts` are all files of these languages."""
    files = frozenset({*texts, *changed})
    importers: dict[str, set[str]] = {}
    for path, text in texts.items():
        for target in _IMPORTS[language_of(path)](path, text, files, go_module):
            if target != path:
                importers.setdefault(target, set()).add(path)
    found: dict[str, float] = {p: 0.0 for p in changed if language_of(p)}
    frontier = list(found)
    for distance in range(1, limit + 1):
        fresh = {i for path in frontier for i in importers.get(path, ())} - found.keys()
        found |= dict.fromkeys(fresh, float(distance))
        frontier = [path for path in fresh if not is_test(path)]
    tests = {p: d for p, d in found.items() if is_test(p) and p in texts}
    stems = {_stem(path) for path in changed if language_of(path)}
    for path in texts:
        if is_test(path) and _stem(path) in stems:
            tests[path] = min(tests.get(path, 1.5), 1.5)
    return tests


def _stem(path: str) -> str:
    """What a file is about: `cart` for cart.ts, cart.test.ts, Cart.php and CartTest.php."""
    name = path.rpartition("/")[2]
    name = re.sub(r"\.(?:test|spec)\.[mc]?[jt]sx?$|_test\.go$|Test\.php$|\.\w+$", "", name)
    return name.lower()


def _script_imports(path: str, text: str, files: frozenset[str], module: str) -> Iterable[str]:
    del module
    for _, name in _SCRIPT_IMPORT.findall(text):
        if name.startswith("."):
            bases = [posixpath.normpath(posixpath.join(posixpath.dirname(path), name))]
        else:
            # An alias may mean a folder of a package in the repository, wherever that is.
            roots = _parents(path)
            bases = [
                posixpath.normpath(posixpath.join(root, place, name.removeprefix(alias)))
                for alias, places in _ALIASES
                if name.startswith(alias)
                for root in roots
                for place in places
            ]
        yield from (found for base in bases if (found := _script_file(base, files)))


def _parents(path: str) -> list[str]:
    parents = []
    while path:
        path = posixpath.dirname(path)
        parents.append(path)
    return parents


def _script_file(base: str, files: frozenset[str]) -> str:
    stem = re.sub(r"\.[mc]?jsx?$", "", base)  # TypeScript writes `./cart.js` and means cart.ts
    for candidate in (base, *(f"{s}{e}" for s in (base, stem) for e in SCRIPTS),
                      *(f"{base}/index{e}" for e in SCRIPTS)):  # fmt: skip
        if candidate in files:
            return candidate
    return ""


def _php_imports(path: str, text: str, files: frozenset[str], module: str) -> Iterable[str]:
    """Classes by PSR-4: the end of a class's name is the end of its file's."""
    del module
    folder = posixpath.dirname(path)
    names: set[str] = set()
    for name, group in _PHP_USE.findall(text):
        inner = [n.split(" as ")[0].strip() for n in group.strip(" {}\n").split(",")]
        names |= {f"{name}{n}" for n in inner} if group else {name}
    yield from _php_files(names, files)
    for name in set(_PHP_NAME.findall(text)):  # of the same namespace: no `use` is needed
        beside = posixpath.join(folder, f"{name}.php")
        if beside in files:
            yield beside


def _php_files(names: Iterable[str], files: frozenset[str]) -> Iterable[str]:
    for name in names:
        parts = name.strip("\\").split("\\")
        # `App\Models\Cart` may lie in app/Models/Cart.php or src/Models/Cart.php.
        for start in range(max(len(parts) - 1, 1)):
            ending = "/".join(parts[start:]) + ".php"
            found = [f for f in files if f == ending or f.endswith(f"/{ending}")]
            if found:
                yield from found
                break


def _go_imports(path: str, text: str, files: frozenset[str], module: str) -> Iterable[str]:
    """A Go package is a folder: its files belong together, and imports name folders."""
    folder = posixpath.dirname(path)
    if path.endswith("_test.go"):
        yield from (f for f in files if f.endswith(".go") and posixpath.dirname(f) == folder)
    head = text.partition("\nfunc ")[0]
    for name in _GO_IMPORT.findall(head) if module else ():
        if name == module or name.startswith(f"{module}/"):
            inner = name.removeprefix(module).strip("/")
            inside = (f for f in files if f.endswith(".go") and posixpath.dirname(f) == inner)
            yield from (f for f in inside if not f.endswith("_test.go"))


_IMPORTS: Mapping[str, Callable[[str, str, frozenset[str], str], Iterable[str]]] = {
    "js": _script_imports,
    "php": _php_imports,
    "go": _go_imports,
}
