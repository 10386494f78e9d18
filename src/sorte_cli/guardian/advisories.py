"""Reads a database of known vulnerabilities that lies on this machine, in the OSV format.

It is a folder: JSON files (as in a checkout of an advisory database), or the zip files in which OSV
hands its data out, one for each ecosystem. Nothing is ever fetched. Which entry is about which
package is kept in the cache, because reading all of them takes seconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.guardian.manifests import normal
from sorte_cli.guardian.versions import fixed_in, is_affected
from sorte_cli.paths import cache_dir

_ENTRY_LIMIT_BYTES = 4_000_000
_ECOSYSTEMS = ("PyPI", "npm", "Packagist")


@dataclass(frozen=True, slots=True)
class Advisory:
    """A known vulnerability of one version. `level` is the database's word ("HIGH"), or empty."""

    id: str
    summary: str
    level: str
    fixed: str


class Advisories:
    """The entries in `folder`. Raises EnvironmentFailure where they cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._zips, self._files = _contents(folder)
            self._packages = self._index()
        except (OSError, zipfile.BadZipFile, ValueError) as error:
            raise EnvironmentFailure(
                f"the advisories in {folder} cannot be read: {error}",
                hint="it should hold the JSON or zip files of OSV: `sorte config get advisories`",
            ) from error

    def about(self, ecosystem: str, name: str, version: str) -> tuple[Advisory, ...]:
        """The vulnerabilities known of one version of a package, by id; aliases once."""
        found: dict[str, Advisory] = {}
        aliases: set[str] = set()
        for place in sorted(self._packages.get(_key(ecosystem, name), ())):
            entry = self._entry(place)
            if entry is None or entry.get("withdrawn") or entry["id"] in aliases:
                continue
            for affected in entry.get("affected") or ():
                if _key_of(affected) != _key(ecosystem, name):
                    continue
                if is_affected(ecosystem, version, affected):
                    found[entry["id"]] = _advisory(entry, fixed_in(ecosystem, version, affected))
                    aliases.update(entry.get("aliases") or ())
        return tuple(found.values())

    def _entry(self, place: str) -> Mapping[str, Any] | None:
        archive, _, member = place.partition("!")
        try:
            if member:
                with zipfile.ZipFile(self._folder / archive) as opened:
                    return _parsed(opened.read(member))
            return _parsed((self._folder / archive).read_bytes())
        except (OSError, KeyError, zipfile.BadZipFile):
            return None

    def _index(self) -> Mapping[str, list[str]]:
        """Package -> places of its entries; from the cache while the folder is the same."""
        stamp = self._stamp()
        name = hashlib.sha256(str(self._folder.resolve()).encode()).hexdigest()[:16]
        kept = cache_dir() / "advisories-index" / f"{name}.json"
        try:
            data = json.loads(kept.read_text(encoding="utf-8"))
            if data["stamp"] == stamp:
                packages: Mapping[str, list[str]] = data["packages"]
                return packages
        except (OSError, ValueError, KeyError, TypeError):
            pass
        found = self._read_all()
        fresh = kept.with_suffix(f".{os.getpid()}")
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps({"stamp": stamp, "packages": found}), encoding="utf-8")
            fresh.replace(kept)
        except OSError:
            fresh.unlink(missing_ok=True)  # without a cache it is read anew each time
        return found

    def _stamp(self) -> list[list[object]]:
        places = [*self._zips, *self._files]
        status = [(p, (self._folder / p).stat()) for p in places]
        latest = max((s.st_mtime_ns for _, s in status), default=0)
        return [[len(status), latest, sum(s.st_size for _, s in status)]]

    def _read_all(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}

        def take(place: str, read: Callable[[], bytes]) -> None:
            entry = _parsed(read())
            for affected in (entry or {}).get("affected") or ():
                key = _key_of(affected)
                if key and place not in found.setdefault(key, []):
                    found[key].append(place)

        for name in self._files:
            take(name, (self._folder / name).read_bytes)
        for name in self._zips:
            with zipfile.ZipFile(self._folder / name) as archive:
                for member in archive.infolist():
                    if member.filename.endswith(".json") and member.file_size < _ENTRY_LIMIT_BYTES:
                        take(f"{name}!{member.filename}", lambda m=member: archive.read(m))  # type: ignore[misc]
        return found


def _contents(folder: Path) -> tuple[list[str], list[str]]:
    """The zip and the JSON files below a folder, by their names in it."""
    zips: list[str] = []
    files: list[str] = []

    def fail(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(f for f in folders if f != ".git")
        inner = Path(place).relative_to(folder)
        for name in sorted(names):
            if name.endswith(".zip"):
                zips.append((inner / name).as_posix())
            elif name.endswith(".json"):
                files.append((inner / name).as_posix())
    return zips, files


def _parsed(data: bytes) -> Mapping[str, Any] | None:
    """An entry; None for what is none, or has parts of other types than the format says."""
    try:
        entry = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        return None
    kept = [a for a in _list(entry.get("affected")) if _is_sound(a)]
    return {**entry, "affected": kept, "aliases": _list(entry.get("aliases"))}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_sound(affected: object) -> bool:
    if not isinstance(affected, dict) or not isinstance(affected.get("package"), dict):
        return False
    ranges = _list(affected.get("ranges"))
    events = [e for r in ranges if isinstance(r, dict) for e in _list(r.get("events"))]
    return (
        all(isinstance(r, dict) for r in ranges)
        and all(isinstance(e, dict) and all(isinstance(v, str) for v in e.values()) for e in events)
        and all(isinstance(v, str) for v in _list(affected.get("versions")))
    )


def _key_of(affected: Mapping[str, Any]) -> str:
    package = affected["package"]
    ecosystem = str(package.get("ecosystem", "")).partition(":")[0]
    return _key(ecosystem, str(package.get("name", ""))) if ecosystem in _ECOSYSTEMS else ""


def _key(ecosystem: str, name: str) -> str:
    return f"{ecosystem}/{normal(ecosystem, name)}"


def _advisory(entry: Mapping[str, Any], fixed: str) -> Advisory:
    specific = entry.get("database_specific")
    level = str(specific.get("severity", "")) if isinstance(specific, dict) else ""
    text = str(entry.get("summary") or entry.get("details") or "")
    names = [str(entry["id"]), *(a for a in entry["aliases"] if str(a).startswith("CVE-"))]
    return Advisory(", ".join(names[:2]), " ".join(text.split())[:160], level.upper(), fixed)
