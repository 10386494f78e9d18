"""Reads what a project depends on: from its manifests and its lock files, Python, npm and Composer.

Pure: text in, dependencies out. A file that does not parse has none; the parser's finding says so.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_LIMIT_BYTES = 20_000_000
_HASH = re.compile(r"--hash[= ](\w+:[0-9a-fA-F]+)")
_NAME = re.compile(r"^([A-Za-z0-9][\w.\-]*)\s*(?:\[[^\]]*\])?\s*")
_EXACT = re.compile(r"^===?\s*([\w.!+\-]+)$")
_COMMIT = re.compile(r"[@#](?:commit=)?([0-9a-fA-F]{40})\b")
_NPM_GIT = re.compile(r"^(?:git[+:]|(?:github|gitlab|bitbucket):|[\w.\-]+/[\w.\-]+(?:#|$))")


@dataclass(frozen=True, slots=True)
class Dependency:
    """One thing that a file says is needed.

    `version` is exact, or empty. `source` is where it comes from when that is no registry ("git",
    "url", "path"), `url` its address there (of a lock file: where it was got). `fixed` says that
    the source is tied to one content: a commit, a hash. `hashes` are checksums.
    """

    ecosystem: str
    name: str
    version: str = ""
    line: int = 1
    source: str = ""
    url: str = ""
    fixed: bool = True
    hashes: frozenset[str] = frozenset()
    locked: bool = False
    scripted: bool = False

    @property
    def host(self) -> str:
        return (urlsplit(self.url).hostname or "") if "://" in self.url else ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The dependencies in a file, and (line, option) of what else pip is told in it."""

    dependencies: tuple[Dependency, ...] = ()
    options: tuple[tuple[int, str], ...] = ()


def kind_of(path: str) -> str:
    """Which manifest a path is; empty for other files."""
    name = path.rpartition("/")[2].lower()
    if name in ("pyproject.toml", "package.json", "composer.json", "composer.lock"):
        return name
    if name in ("package-lock.json", "npm-shrinkwrap.json"):
        return "package-lock.json"
    if name in ("poetry.lock", "uv.lock", "pdm.lock"):
        return "poetry.lock"
    in_folder = path.rpartition("/")[0].endswith("requirements")
    named = re.match(r"(?:.*[-_.])?(?:requirements|constraints)(?:[-_.].*)?\.(?:txt|in)$", name)
    return "requirements" if named or (in_folder and name.endswith((".txt", ".in"))) else ""


def read_manifest(path: str, content: bytes | None) -> Manifest:
    """The dependencies in a file's content; none where it is no manifest or does not parse."""
    kind = kind_of(path)
    if not kind or content is None or len(content) > _LIMIT_BYTES:
        return Manifest()
    text = content.decode("utf-8", "replace")
    if kind == "requirements":
        return _requirements(text)
    reader = _READERS[kind]
    try:
        data = (
            tomllib.loads(text) if kind in ("pyproject.toml", "poetry.lock") else json.loads(text)
        )
        if not isinstance(data, dict):
            return Manifest()
        return Manifest(tuple(reader(data, _Lines(text))))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return Manifest()


def normal(ecosystem: str, name: str) -> str:
    """The form in which two spellings of a name are the same."""
    return re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "PyPI" else name.lower()


class _Lines:
    """Finds the line on which a name stands, from where the last one was found on."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._at = 0

    def of(self, *words: str) -> int:
        """The 1-based number of the next line that holds all `words`, else of the first one."""
        order: list[int] = [*range(self._at, len(self._lines)), *range(self._at)]
        for number in order:
            if all(word in self._lines[number] for word in words):
                self._at = number
                return number + 1
        return 1


def _requirements(text: str) -> Manifest:
    found: list[Dependency] = []
    options: list[tuple[int, str]] = []
    for number, line in _joined(text):
        line = re.sub(r"(?:^|\s)#.*$", "", line).strip()
        hashes = frozenset(h.lower() for h in _HASH.findall(line))
        line = re.split(r"\s--?\w", line)[0] if not line.startswith("-") else line
        if line.startswith(("-e ", "--editable")):
            line = re.sub(r"^(?:-e|--editable)[= ]\s*", "", line)
        if line.startswith("-"):
            options.append((number, line))
        elif line and (one := _requirement(line, number, hashes)) is not None:
            found.append(one)
    return Manifest(tuple(found), tuple(options))


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; those that end in a backslash together with what follows."""
    start, parts = 0, []
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        parts.append(line.removesuffix("\\"))
        if not line.endswith("\\"):
            yield start, " ".join(parts)
            start, parts = 0, []
    if parts:
        yield start, " ".join(parts)


def _requirement(text: str, line: int, hashes: frozenset[str] = frozenset()) -> Dependency | None:
    """`name[extra] == 1.0; marker`, `name @ URL`, or an address alone."""
    text = text.split(";")[0].strip() if "://" not in text else text.split(" ;")[0].strip()
    name, rest = "", text
    if match := _NAME.match(text):
        name, rest = match[1], text[match.end() :].strip()
    if rest.startswith("@") or "://" in text:
        url = rest.removeprefix("@").strip() if rest.startswith("@") else text
        if not rest.startswith("@"):
            egg = re.search(r"[#&]egg=([\w.\-]+)", url)
            name = egg[1] if egg else url.partition("#")[0].rstrip("/").rpartition("/")[2]
        source = "git" if re.match(r"(?:git|hg|svn|bzr)[+:]", url) else "url"
        if url.startswith("file:"):
            source = "path"
        fixed = bool(_COMMIT.search(url)) if source == "git" else bool(hashes) or "#sha" in url
        return Dependency("PyPI", name, "", line, source, url, fixed or source == "path", hashes)
    if not name or text.startswith((".", "/")):
        return None
    exact = _EXACT.match(rest)
    return Dependency("PyPI", name, exact[1] if exact else "", line, hashes=hashes)


def _pyproject(data: Mapping[str, Any], lines: _Lines) -> Iterator[Dependency]:
    project = data.get("project", {})
    groups: list[Iterable[Any]] = [project.get("dependencies", [])]
    groups += project.get("optional-dependencies", {}).values()
    groups += data.get("dependency-groups", {}).values()
    groups.append(data.get("build-system", {}).get("requires", []))
    for text in (t for group in groups for t in group if isinstance(t, str)):
        one = _requirement(text, lines.of(text))
        if one is not None:
            yield one
    poetry = data.get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {})]
    tables += [g.get("dependencies", {}) for g in poetry.get("group", {}).values()]
    for name, wanted in ((n, w) for table in tables for n, w in table.items()):
        if name != "python":
            yield _poetry_dependency(name, wanted, lines.of(name))


def _poetry_dependency(name: str, wanted: Any, line: int) -> Dependency:
    if isinstance(wanted, dict):
        if "git" in wanted:
            fixed = bool(re.fullmatch(r"[0-9a-f]{40}", str(wanted.get("rev", ""))))
            return Dependency("PyPI", name, "", line, "git", str(wanted["git"]), fixed)
        if "url" in wanted:
            return Dependency("PyPI", name, "", line, "url", str(wanted["url"]), False)
        if "path" in wanted:
            return Dependency("PyPI", name, "", line, "path")
        wanted = wanted.get("version", "")
    text = str(wanted).strip()
    exact = re.fullmatch(r"(?:==\s*)?(\d[\w.!+\-]*)", text)
    return Dependency("PyPI", name, exact[1] if exact else "", line)


def _package_json(data: Mapping[str, Any], lines: _Lines) -> Iterator[Dependency]:
    for group in ("dependencies", "devDependencies", "optionalDependencies"):
        for name, wanted in data.get(group, {}).items():
            yield _npm_dependency(name, str(wanted), lines.of(f'"{name}"'))


def _npm_dependency(name: str, wanted: str, line: int) -> Dependency:
    if wanted.startswith("npm:"):  # another package under this name
        name, _, wanted = wanted.removeprefix("npm:").rpartition("@")
    if wanted.startswith(("file:", "link:", "workspace:", ".", "/")):
        return Dependency("npm", name, "", line, "path")
    if _NPM_GIT.match(wanted) or (wanted.partition("#")[0].endswith(".git")):
        return Dependency("npm", name, "", line, "git", wanted, bool(_COMMIT.search(wanted)))
    if "://" in wanted:
        return Dependency("npm", name, "", line, "url", wanted, False)
    exact = re.fullmatch(r"=?v?(\d+\.\d+\.\d+[\w.+\-]*)", wanted)
    return Dependency("npm", name, exact[1] if exact else "", line)


def _package_lock(data: Mapping[str, Any], lines: _Lines) -> Iterator[Dependency]:
    packages = data.get("packages") or {
        f"node_modules/{name}": item for name, item in data.get("dependencies", {}).items()
    }
    for place, item in packages.items():
        name = place.rpartition("node_modules/")[2]
        if not place or "node_modules/" not in place or item.get("link"):
            continue
        url = str(item.get("resolved", ""))
        source = "git" if url.startswith("git") else ""
        yield Dependency(
            "npm",
            str(item.get("name", name)),
            str(item.get("version", "")),
            lines.of(f'"{place}"') if data.get("packages") else lines.of(f'"{name}"'),
            source,
            url,
            source != "git" or bool(_COMMIT.search(url)),
            frozenset(str(item.get("integrity", "")).split()),
            locked=True,
            scripted=bool(item.get("hasInstallScript")),
        )


def _python_lock(data: Mapping[str, Any], lines: _Lines) -> Iterator[Dependency]:
    """poetry.lock, uv.lock and pdm.lock: the same `[[package]]` tables, each in its own words."""
    for item in data.get("package", []):
        files = [*item.get("files", []), *item.get("wheels", []), item.get("sdist") or {}]
        source = item.get("source") or {}
        git = str(source.get("git") or (source.get("url") if source.get("type") == "git" else ""))
        url = git or str(source.get("registry") or source.get("url") or "")
        fixed = bool(_COMMIT.search(git) or source.get("resolved_reference")) if git else True
        own = "virtual" in source or "editable" in source or "directory" in source
        yield Dependency(
            "PyPI",
            str(item["name"]),
            "" if own else str(item.get("version", "")),
            lines.of(f'name = "{item["name"]}"'),
            "git" if git else "path" if own else "",
            url,
            fixed,
            frozenset(str(f["hash"]) for f in files if f.get("hash")),
            locked=True,
        )


def _composer_json(data: Mapping[str, Any], lines: _Lines) -> Iterator[Dependency]:
    for group in ("require", "require-dev"):
        for name, wanted in dict(data.get(group) or {}).items():
            if "/" in name:
                # `dev-main` moves too, but Composer's lock holds the commit.
                exact = re.fullmatch(r"=?v?(\d+(?:\.\d+)+)", str(wanted))
                version = exact[1] if exact else ""
                yield Dependency("Packagist", name, version, lines.of(f'"{name}"'))


def _composer_lock(data: Mapping[str, Any], lines: _Lines) -> Iterator[Dependency]:
    for item in [*data.get("packages", []), *data.get("packages-dev", [])]:
        dist = item.get("dist") or item.get("source") or {}
        yield Dependency(
            "Packagist",
            str(item["name"]),
            str(item.get("version", "")).removeprefix("v"),
            lines.of(f'"name": "{item["name"]}"'),
            url=str(dist.get("url", "")),
            # (`shasum` is empty for most packages; the reference is a commit)
            hashes=frozenset({str(dist.get("reference", ""))} - {""}),
            locked=True,
        )


_READERS = {
    "pyproject.toml": _pyproject,
    "package.json": _package_json,
    "package-lock.json": _package_lock,
    "poetry.lock": _python_lock,
    "composer.json": _composer_json,
    "composer.lock": _composer_lock,
}
