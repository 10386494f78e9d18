"""Module specifiers of JavaScript and the files they mean. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

_ENDINGS = (
    "", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".d.ts", ".json",
    "/index.ts", "/index.tsx", "/index.js", "/index.jsx", "/index.mjs", "/index.vue",
)  # fmt: skip
_DROPPED = re.compile(r"(?:/index)?\.(?:tsx?|jsx?|mjs|cjs|mts|cts)$")
_ALIASES = {"@/": ("src/", "resources/js/", "app/", "resources/assets/js/", ""), "~/": ("src/", "")}


def resolve_module(specifier: str, path: str, exists: Callable[[str], bool]) -> str:
    """The file that `specifier` means in the file `path`; "" for packages and what is not there."""
    bases: list[str] = []
    if specifier.startswith("."):
        bases = [posixpath.normpath(posixpath.join(posixpath.dirname(path), specifier))]
    else:
        for alias, roots in _ALIASES.items():
            if specifier.startswith(alias):
                bases = [posixpath.normpath(root + specifier[len(alias) :]) for root in roots]
    for base in bases:
        if base.startswith(".."):
            continue
        for ending in _ENDINGS:
            if base + ending != path and exists(base + ending):
                return base + ending
        # TypeScript writes the ending of what it will be compiled to.
        if base.endswith((".js", ".mjs", ".jsx")):
            stem, _, ending = base.rpartition(".")
            for typed in (f"{stem}.{ending.replace('js', 'ts')}", f"{stem}.tsx", f"{stem}.ts"):
                if exists(typed):
                    return typed
    return ""


def moved_specifier(old: str, path: str, target: str, old_target: str) -> str:
    """How the file `path` names `target`, in the way in which `old` named `old_target`."""
    for alias, roots in _ALIASES.items():
        if old.startswith(alias):
            for root in roots:
                if old_target.startswith(root) and target.startswith(root):
                    return _like(old, alias + target[len(root) :], old_target)
    relative = posixpath.relpath(target, posixpath.dirname(path) or ".")
    if not relative.startswith("."):
        relative = f"./{relative}"
    return _like(old, relative, old_target)


def _like(old: str, new: str, old_target: str) -> str:
    """`new` with its ending left out where `old` left it out."""
    ending = old_target[old_target.rindex(".") :] if "." in old_target else ""
    if old.endswith((ending, ".js", ".mjs", ".jsx")) and ending and "." in old.rpartition("/")[2]:
        written = old[old.rindex(".") :]
        return new[: new.rindex(".")] + written if written != ending else new
    if "/index" in old_target and not old.endswith("/index"):
        return _DROPPED.sub("", new)
    return re.sub(r"\.(?:tsx?|jsx?|mjs|cjs|mts|cts)$", "", new)
