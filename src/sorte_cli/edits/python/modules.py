"""Which module a file is, and which file an import means, from the layout of the project alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

# Directories that are put on the import path by convention, best first; "" is the project root.
CONVENTIONAL_ROOTS = ("", "src", "lib", "python")


@dataclass(frozen=True, slots=True)
class ModuleRef:
    """A module of the project: a file, or a namespace package (a path that ends with "/")."""

    path: str

    @property
    def directory(self) -> str:
        """The directory in which its submodules live ("" is the project root), or its own."""
        return self.path.rpartition("/")[0]

    @property
    def is_package(self) -> bool:
        return self.path.endswith(("/", "__init__.py", "__init__.pyi"))


def _parent(directory: str) -> str:
    return directory.rpartition("/")[0]


def _join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name


class ModuleMap:
    """The Python files of a project as modules.

    Import roots are the conventional ones, the parent of every topmost package, and, for imports
    of scripts and tests that sit beside each other, the importing file's own directories.
    """

    def __init__(self, python_paths: Iterable[str]) -> None:
        self._files = frozenset(python_paths)

    @cached_property
    def _directories(self) -> frozenset[str]:
        found: set[str] = set()
        for path in self._files:
            directory = _parent(path)
            while directory and directory not in found:
                found.add(directory)
                directory = _parent(directory)
        return frozenset(found)

    def _has_init(self, directory: str) -> bool:
        return (
            _join(directory, "__init__.py") in self._files
            or _join(directory, "__init__.pyi") in self._files
        )

    def package_root(self, path: str) -> str:
        """The directory that holds the topmost regular package of `path`, or its own directory."""
        directory = _parent(path)
        while directory and self._has_init(directory):
            directory = _parent(directory)
        return directory

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """Import roots, best first."""
        derived = {
            self.package_root(p) for p in self._files if p.endswith(("__init__.py", "__init__.pyi"))
        }
        conventional = [r for r in CONVENTIONAL_ROOTS if not r or r in self._directories]
        return (*conventional, *sorted(derived - set(conventional)))

    def name_of(self, path: str) -> str:
        """The dotted name by which `path` is imported; "" where the path cannot be a module.

        Files in namespace packages count from `src` (or the like) or from the project root.
        """
        root = self.package_root(path)
        if not self._has_init(_parent(path)):
            fitting = [r for r in self.roots if not r or path.startswith(r + "/")]
            derived = [r for r in fitting if r in CONVENTIONAL_ROOTS]
            root = max(derived or fitting or [""], key=len)
        return self.name_under(path, root)

    @staticmethod
    def name_under(path: str, root: str) -> str:
        """The dotted name of `path` counted from the directory `root`; "" where there is none."""
        inner = path[len(root) + 1 :] if root else path
        stem = inner.rstrip("/").removesuffix(".pyi").removesuffix(".py")
        parts = stem.split("/")
        if parts[-1] == "__init__":
            parts.pop()
        return ".".join(parts) if all(p.isidentifier() for p in parts) else ""

    def names_of(self, path: str) -> tuple[str, ...]:
        """Every dotted name under which some root makes `path` importable, the usual one first."""
        names = [self.name_of(path)]
        for root in self.roots:
            if not root or path.startswith(root + "/"):
                name = self.name_under(path, root)
                if name and name not in names:
                    names.append(name)
        return tuple(n for n in names if n)

    def _at(self, location: str) -> ModuleRef | None:
        """The module at a location without suffix (`shop/pix`)."""
        for suffix in ("/__init__.py", ".py", "/__init__.pyi", ".pyi"):
            if location + suffix in self._files:
                return ModuleRef(location + suffix)
        return ModuleRef(location + "/") if location in self._directories else None

    def absolute(self, dotted: str, from_path: str) -> ModuleRef | None:
        """The module that `import dotted` in `from_path` means, or None outside the project."""
        location = dotted.replace(".", "/")
        namespace: ModuleRef | None = None
        for root in self._search_roots(from_path):
            found = self._at(_join(root, location))
            if found is None:
                continue
            if not found.path.endswith("/"):
                return found
            namespace = namespace or found
        return namespace

    def _search_roots(self, from_path: str) -> Sequence[str]:
        own: list[str] = []
        directory = _parent(from_path)
        if not self._has_init(directory):
            own.append(directory)
            while directory:
                directory = _parent(directory)
                own.append(directory)
        ranked = [self.package_root(from_path), *self.roots, *own]
        return list(dict.fromkeys(ranked))

    def relative(self, level: int, dotted: str, from_path: str) -> ModuleRef | None:
        """The module of `from ..dotted import x` (`level` dots) in `from_path`."""
        directory = _parent(from_path)
        for _ in range(level - 1):
            if not directory:
                return None
            directory = _parent(directory)
        if dotted:
            return self._at(_join(directory, dotted.replace(".", "/")))
        return self._at(directory) if directory else ModuleRef("/")

    def submodule(self, package: ModuleRef, name: str) -> ModuleRef | None:
        """The module `name` inside a package."""
        if not package.is_package:
            return None
        return self._at(_join(package.directory, name))

    def twin(self, path: str) -> str | None:
        """The stub of a source file, or the source file of a stub."""
        other = path[:-1] if path.endswith(".pyi") else path + "i"
        return other if path.endswith((".py", ".pyi")) and other in self._files else None
