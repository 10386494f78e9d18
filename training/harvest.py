"""Reads names and signatures from installed Python packages: the raw material of the sentences.

Only the generator reads this, at training time; no line of the packages' code is kept in the
repository. Packages in HELD_OUT are never trained on: evaluation uses them alone.
"""

from __future__ import annotations

import ast
import pickle
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HELD_OUT = frozenset(
    "networkx click git gitdb bandit jinja2 email http mailbox requests pathspec".split()
)
SKIPPED = frozenset(
    "__pycache__ test tests testing idlelib lib2to3 site-packages pip _vendor".split()
)
FILE_LIMIT = 2600
BODY_SHOWN = 9


@dataclass(slots=True)
class Parameter:
    name: str
    type: str = ""
    default: str = ""
    star: bool = False


@dataclass(slots=True)
class Sym:
    """A symbol with what the sentences need to know of it."""

    qualname: str
    kind: str
    detail: str = ""
    parameters: list[Parameter] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    value: str = ""
    path: str = ""

    @property
    def address(self) -> str:
        return f"{self.path}::{self.qualname}" if self.qualname else self.path

    @property
    def name(self) -> str:
        return self.qualname.rpartition(".")[2] if self.qualname else self.path.rpartition("/")[2]

    @property
    def owner(self) -> str:
        return self.qualname.rpartition(".")[0]


@dataclass(slots=True)
class Module:
    package: str
    path: str
    symbols: list[Sym]


def _roots() -> list[Path]:
    roots = [Path(sysconfig.get_paths()["stdlib"])]
    roots += [Path(p) for p in sys.path if p.endswith("site-packages")]
    beside = Path(__file__).resolve().parents[1] / ".venv" / "lib"
    roots += sorted(beside.glob("python*/site-packages"))
    return roots


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    for top in sorted(root.iterdir()):
        name = top.stem
        if name in SKIPPED or name.startswith("test"):
            continue
        if top.suffix == ".py":
            yield name, top
        elif top.is_dir() and (top / "__init__.py").exists():
            found = 0
            for path in sorted(top.rglob("*.py")):
                if SKIPPED & set(path.parts[len(root.parts) :]) or "test" in path.name:
                    continue
                found += 1
                if found > 160:
                    break
                yield top.name, path


def _flat(text: str) -> str:
    return " ".join(text.split())


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, qualname: str, kind: str) -> Sym:
    a = node.args
    plain = [*a.posonlyargs, *a.args]
    defaults = [None] * (len(plain) - len(a.defaults)) + list(a.defaults)
    pairs = [*zip(plain, defaults, strict=True), *zip(a.kwonlyargs, a.kw_defaults, strict=True)]
    parameters = [
        Parameter(
            p.arg,
            ast.unparse(p.annotation) if p.annotation else "",
            ast.unparse(d) if d else "",
        )
        for p, d in pairs
    ]
    detail = f"({ast.unparse(a)})" + (f" -> {ast.unparse(node.returns)}" if node.returns else "")
    body = node.body
    if ast.get_docstring(node) is not None:
        body = body[1:]
    return Sym(qualname, kind, _flat(detail), parameters, list(_statements(body))[:BODY_SHOWN])


def _statements(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        yield _flat(ast.unparse(node).partition("\n")[0])
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, None)
            if isinstance(inner, list) and not isinstance(node, ast.ClassDef):
                yield from _statements([n for n in inner if isinstance(n, ast.stmt)])


class Source:
    """Text of nodes. (`ast.get_source_segment` splits the whole file for every node.)"""

    def __init__(self, text: str) -> None:
        self.lines = text.encode().split(b"\n")

    def text(self, node: ast.expr) -> str:
        lines = self.lines[node.lineno - 1 : node.end_lineno]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"\n".join(lines).decode("utf-8", "replace")


def _value(node: ast.stmt, source: Source) -> tuple[str, str] | None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        target, value = node.target, node.value
    else:
        return None
    if not isinstance(target, ast.Name):
        return None
    return target.id, _flat(source.text(value))


def read_module(package: str, path: str, source: str) -> Module | None:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    text = Source(source.replace("\r\n", "\n"))
    symbols: list[Sym] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            symbols.append(_function(node, node.name, "function"))
        elif isinstance(node, ast.ClassDef):
            bases = ", ".join(ast.unparse(b) for b in node.bases)
            symbols.append(Sym(node.name, "class", f"({bases})" if bases else ""))
            for item in node.body:
                qualname = f"{node.name}.{getattr(item, 'name', '')}"
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                    symbols.append(_function(item, qualname, "method"))
                elif found := _value(item, text):
                    name, value = found
                    symbols.append(Sym(f"{node.name}.{name}", "field", f"= {value}", value=value))
        elif found := _value(node, text):
            name, value = found
            symbols.append(Sym(name, "constant", f"= {value}", value=value))
    symbols = [s for s in symbols if len(s.qualname) < 48 and s.qualname.isascii()]
    if len(symbols) < 4:
        return None
    for s in symbols:
        s.path = path
    return Module(package, path, symbols)


def harvest(cache: Path) -> list[Module]:
    """Every module found, read once and cached at `cache`."""
    if cache.exists():
        return pickle.loads(cache.read_bytes())
    modules: list[Module] = []
    seen: set[str] = set()
    for root in _roots():
        for package, path in _files(root):
            relative = path.relative_to(root).as_posix()
            if relative in seen:
                continue
            seen.add(relative)
            try:
                source = path.read_text(encoding="utf-8")
            except (UnicodeDecodeError, OSError):
                continue
            if len(source) < 300_000 and (m := read_module(package, relative, source)):
                modules.append(m)
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_bytes(pickle.dumps(modules))
    return modules


if __name__ == "__main__":
    found = harvest(Path(sys.argv[1]))
    print(len(found), "modules", sum(len(m.symbols) for m in found), "symbols")
    print(len({m.package for m in found}), "packages")
    held = {m.package for m in found if m.package in HELD_OUT}
    print("held out:", *sorted(held), sum(len(m.symbols) for m in found if m.package in held))
