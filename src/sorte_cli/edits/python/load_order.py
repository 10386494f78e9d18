"""Whether modules of a project can still be imported: their imports, followed on paper.

Modules may import each other, as long as none takes a name from another before it is defined
there. Which comes first depends on where one begins, so the imports are followed in the order in
which Python would run them, with the names that each module has by then.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from sorte_cli.edits.model import Edit, EditError, FileCreation, FileDeletion, SpanEdit
from sorte_cli.edits.python.index import ProjectIndex
from sorte_cli.edits.python.modules import ModuleMap, ModuleRef
from sorte_cli.edits.source import is_python

_ALL = "*"


@dataclass(frozen=True, slots=True)
class Import:
    """An import that runs when its module is loaded. `names` are taken from `module` (none of them:
    `import a.b`); `bound` is what the module has from then on.
    """

    line: int
    module: str
    level: int
    names: tuple[str, ...]
    bound: tuple[str, ...]
    caught: bool


@dataclass(frozen=True, slots=True)
class TooEarly:
    """A name that is taken from a module which does not have it yet.

    `circle` are the paths from `source` to `path` and back: each is loaded by the one before.
    """

    path: str
    line: int
    name: str
    source: str
    circle: tuple[str, ...]


Event = Import | str  # a string: a name that has a value from here on; `*`: any name


class LoadOrder:
    """The modules of one state of a project. `text_of` gives a file's text, "" for none."""

    def __init__(self, paths: Iterable[str], text_of: Callable[[str], str]) -> None:
        self._paths = frozenset(paths)
        self._modules = ModuleMap(self._paths)
        self._text_of = text_of
        self._found: dict[tuple[str, str, int], ModuleRef | None] = {}

    def loads_itself(self, path: str) -> bool:
        """Whether what a module imports leads back to it."""
        seen: set[str] = set()
        left = [path]
        while left:
            current = left.pop()
            for event in self.events(current):
                for found in self._sources(current, event) if isinstance(event, Import) else ():
                    if found not in seen:
                        seen.add(found)
                        left.append(found)
        return path in seen

    def too_early(self, path: str) -> TooEarly | None:
        """What goes wrong where `path` is the first module of the project to be imported.

        None also where that cannot be told, because modules load each other hundreds deep.
        """
        try:
            _Run(self).load(path)
        except _TooEarlyError as error:
            return error.what
        except RecursionError:
            pass
        return None

    def events(self, path: str) -> tuple[Event, ...]:
        """What happens when a module is loaded, in order."""
        return _events(self._text_of(path))

    def _sources(self, path: str, statement: Import) -> Iterator[str]:
        """The files that a statement loads by name; not the packages around them."""
        module = self.module(path, statement)
        if module is None:
            return
        inner = [self._modules.submodule(module, name) for name in statement.names]
        if not statement.names or not all(inner):
            yield module.path
        yield from (found.path for found in inner if found is not None)

    def module(self, path: str, statement: Import) -> ModuleRef | None:
        """The module of the project that a statement names; None for any other."""
        key = (path, statement.module, statement.level)
        if key not in self._found:
            self._found[key] = (
                self._modules.relative(statement.level, statement.module, path)
                if statement.level
                else self._modules.absolute(statement.module, path)
            )
        return self._found[key]

    def submodule(self, module: ModuleRef, name: str) -> ModuleRef | None:
        """The module `name` inside a package."""
        return self._modules.submodule(module, name)

    def packages(self, path: str) -> list[str]:
        """The `__init__.py` files that are loaded before a module, outermost first."""
        found: list[str] = []
        directory = path.rpartition("/")[0]
        while directory and f"{directory}/__init__.py" in self._paths:
            found.append(f"{directory}/__init__.py")
            directory = directory.rpartition("/")[0]
        return found[::-1]


def check_loads(index: ProjectIndex, edits: Iterable[Edit], centre: str, *, old: str = "") -> None:
    """Raise EditError where, after the edits, modules can no longer be imported that could before.

    `centre` is the file that others import now, or that imports were added to; `old` the path it
    had, if it is moved whole.
    """
    edits = list(edits)
    texts = _edited(index, edits)
    gone = {e.path for e in edits if isinstance(e, FileDeletion)}
    paths = {*index.paths, *texts} - gone
    after = LoadOrder(paths, lambda path: texts[path] if path in texts else index.text(path))
    if not after.loads_itself(centre):
        return
    before = LoadOrder(index.paths, index.text)
    for path in texts:
        found = after.too_early(path)
        if found is not None and not before.too_early(old if path == centre and old else path):
            raise EditError(
                "Modules would import each other before they are complete: "
                f"{found.path} takes {found.name} from {found.source} while that is loaded.",
                hint="They load each other so: " + " -> ".join(found.circle),
            )


def _edited(index: ProjectIndex, edits: Iterable[Edit]) -> dict[str, str]:
    """The texts of the changed Python files afterwards."""
    spans: dict[str, set[SpanEdit]] = {}
    texts: dict[str, str] = {}
    for edit in edits:
        if isinstance(edit, SpanEdit) and is_python(edit.path):
            spans.setdefault(edit.path, set()).add(edit)
        elif isinstance(edit, FileCreation) and is_python(edit.path):
            texts[edit.path] = edit.content.decode("utf-8", "replace")
    for path, own in spans.items():
        text, last, parts = index.text(path), 0, []
        for edit in sorted(own, key=lambda e: (e.start, e.end)):
            parts += [text[last : edit.start], edit.text]
            last = max(last, edit.end)
        texts[path] = "".join([*parts, text[last:]])
    return texts


class _TooEarlyError(Exception):
    """Python's ImportError."""

    def __init__(self, what: TooEarly) -> None:
        super().__init__(what.name)
        self.what = what


class _Run:
    """One start of the program: which modules are loaded, and the names they have by now."""

    def __init__(self, order: LoadOrder) -> None:
        self._order = order
        self._names: dict[str, set[str]] = {}
        self._loading: list[str] = []

    def load(self, path: str) -> None:
        for package in self._order.packages(path):
            self._execute(package)
        self._execute(path)

    def _execute(self, path: str) -> None:
        if path in self._names or path.endswith("/"):
            return
        names = self._names[path] = set()
        self._loading.append(path)
        done = False
        try:
            for event in self._order.events(path):
                if isinstance(event, str):
                    names.add(event)
                    continue
                try:
                    self._import(path, event)
                except _TooEarlyError:
                    if not event.caught:
                        raise
                names.update(event.bound)
            done = True
        finally:
            self._loading.pop()
            if not done:
                del self._names[path]  # the next import of it tries again

    def _import(self, path: str, statement: Import) -> None:
        module = self._order.module(path, statement)
        if module is None:
            return
        self.load(module.path)
        has = self._names.get(module.path, set())
        for name in statement.names:
            if name == _ALL:
                self._names[path] |= has
            elif name not in has and _ALL not in has:
                inner = self._order.submodule(module, name)
                if inner is not None:
                    self.load(inner.path)
                elif module.path in self._loading:
                    around = self._loading[self._loading.index(module.path) :]
                    circle = (*around, module.path)
                    raise _TooEarlyError(TooEarly(path, statement.line, name, module.path, circle))


@lru_cache(maxsize=512)
def _events(text: str) -> tuple[Event, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return (_ALL,)
    found = list(_in_body(tree.body, caught=False))
    if "globals()" in text or "__getattr__" in found:
        found.insert(0, _ALL)
    return tuple(found)


def _in_body(body: list[ast.stmt], *, caught: bool) -> Iterator[Event]:
    for statement in body:
        yield from _in_statement(statement, caught=caught)


def _in_statement(node: ast.stmt, *, caught: bool) -> Iterator[Event]:
    match node:
        case ast.Import():
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                yield Import(node.lineno, alias.name, 0, (), (bound,), caught)
        case ast.ImportFrom():
            names = tuple(a.name for a in node.names)
            bound_names = tuple(a.asname or a.name for a in node.names if a.name != _ALL)
            yield Import(node.lineno, node.module or "", node.level, names, bound_names, caught)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield node.name
        case ast.ClassDef():
            yield from (e for e in _in_body(node.body, caught=caught) if isinstance(e, Import))
            yield node.name
        case ast.If():
            if not _is_for_types(node.test):
                yield from _in_body(node.body, caught=caught)
            yield from _in_body(node.orelse, caught=caught)
        case ast.Try() | ast.TryStar():
            yield from _in_body(node.body, caught=True)
            for handler in node.handlers:
                yield from (e for e in _in_body(handler.body, caught=True) if isinstance(e, str))
            yield from _in_body([*node.orelse, *node.finalbody], caught=caught)
        case ast.With() | ast.AsyncWith() | ast.For() | ast.AsyncFor() | ast.While() | ast.Match():
            yield from _assigned(node)
            for field in ("body", "orelse"):
                yield from _in_body(getattr(node, field, []), caught=caught)
            for case in node.cases if isinstance(node, ast.Match) else ():
                yield from _in_body(case.body, caught=caught)
        case _:
            yield from _assigned(node)


def _assigned(node: ast.stmt) -> Iterator[str]:
    """The names that a statement itself gives a value, without those of statements inside it."""
    left: list[ast.AST] = [n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.stmt)]
    while left:
        inner = left.pop()
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
        left += [n for n in ast.iter_child_nodes(inner) if not isinstance(n, ast.stmt)]


def _is_for_types(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"
