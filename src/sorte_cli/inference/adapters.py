"""The adapters of one repository: kept in the user's state folder, one of them in force or none.

Each is a GGUF LoRA with a card beside it that says what it was trained for and how good it is. An
adapter counts only for the very weights it was trained on: where the file of the model has changed,
it is switched off, and says so.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure, NotLandedError, SorteError, UsageError
from sorte_cli.inference.engine import ModelSpec
from sorte_cli.inference.gguf import GgufHeader, read_header
from sorte_cli.inference.lora import check_adapter
from sorte_cli.paths import state_dir
from sorte_cli.texts import N_

KEPT = 8
"""How many adapters a repository keeps; the oldest go first, never the one in force."""
LEFTOVER_S = 24 * 3600
_REMEMBERED = 20
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of an adapter. Shares are from 0 to 1; `created` seconds since 1970.

    `base_fingerprint` is the content of the weights it belongs to. `held_out` and `general` count
    the pairs that were measured, `runs` are the runs that taught it.
    """

    name: str
    base_name: str
    base_path: str
    base_fingerprint: str
    created: float = 0.0
    pairs: int = 0
    corrected: int = 0
    held_out: int = 0
    held_out_before: float = 0.0
    held_out_after: float = 0.0
    general: int = 0
    general_before: float = 0.0
    general_after: float = 0.0
    steps: int = 0
    seconds: float = 0.0
    trainer: str = ""
    runs: tuple[str, ...] = ()

    @property
    def better(self) -> bool:
        """Better on the project's held-out pairs, and at most a point worse in general."""
        lost = self.general_before - self.general_after
        return self.held_out_after > self.held_out_before and lost <= 0.01 + 1e-9


@dataclass(frozen=True, slots=True)
class _Now:
    """What is in force, what was before (latest last), and why none is though one was."""

    name: str = ""
    before: tuple[str, ...] = ()
    off_because: str = ""


@dataclass(frozen=True, slots=True)
class AdapterStore:
    """The adapters of the repository with this identity."""

    identity: str
    base: Path = field(default_factory=state_dir)

    @property
    def folder(self) -> Path:
        return self.base / "adapters" / self.identity

    def all(self) -> list[Card]:
        """Every adapter that is whole, latest first."""
        found = [self._card(file.stem) for file in self.folder.glob("*.json")]
        known = [card for card in found if card is not None and self.file(card.name).is_file()]
        return sorted(known, key=lambda card: (card.created, card.name), reverse=True)

    def file(self, name: str) -> Path:
        """The GGUF of an adapter."""
        return self.folder / f"{name}.gguf"

    @property
    def active(self) -> Card | None:
        """The adapter in force."""
        now = self._now()
        card = self._card(now.name) if now.name else None
        return card if card is not None and self.file(card.name).is_file() else None

    @property
    def off_because(self) -> str:
        """Why an adapter was switched off without being asked; empty otherwise."""
        return self._now().off_because

    def fresh_name(self, prefix: str) -> str:
        """A name that no adapter has: "nano-20261121-143502"."""
        clean = re.sub(r"[^a-z0-9.]+", "-", prefix.lower()).strip("-.")[:32] or "model"
        name = f"{clean}-{time.strftime('%Y%m%d-%H%M%S')}"
        while (self.folder / f"{name}.json").exists():
            name = f"{clean}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        return name

    def keep(self, card: Card) -> list[str]:
        """Write down an adapter whose file is in place. The names of old ones that had to go.

        Raises EnvironmentFailure where the disk is full.
        """
        self._write(f"{card.name}.json", asdict(card))
        now = self._now()
        safe = {card.name, now.name, *now.before[-1:]}
        old = [c.name for c in self.all()[KEPT:] if c.name not in safe]
        for name in old:
            self.drop(name)
        return old

    def sweep(self) -> None:
        """Remove what trainings that were killed have left: files without a card, a day old."""
        cards = {file.stem for file in self.folder.glob("*.json")}
        for file in (*self.folder.glob("*.gguf"), *self.folder.glob(".*.tmp")):
            with contextlib.suppress(OSError):
                if file.stem not in cards and time.time() - file.stat().st_mtime > LEFTOVER_S:
                    file.unlink()

    def drop(self, name: str) -> None:
        """Remove the files of an adapter that is not in force."""
        for file in (self.file(name), self.folder / f"{name}.json"):
            with contextlib.suppress(OSError):
                file.unlink()

    def activate(self, name: str = "", header: GgufHeader | None = None) -> Card:
        """Put an adapter in force; without a name the latest that was better.

        With the `header` of the model that is used now, only what was trained for it will do.
        Raises UsageError for one that is not there, NotLandedError where none is fit.
        """
        known = self.all()
        if not name:
            better = [c for c in known if c.better and not _outdated(header, c)]
            if not better:
                raise NotLandedError(
                    "there is no adapter here that was better than the model alone",
                    hint="Train one with `sorte train`, or name one of `sorte train --list`.",
                )
            name = better[0].name
        card = next((c for c in known if c.name == name), None)
        if card is None:
            names = ", ".join(c.name for c in known[:5])
            none = N_("There are none yet; train one with `sorte train`.")
            raise UsageError(
                f"there is no adapter {name!r} here", hint=f"One of: {names}" if names else none
            )
        if _outdated(header, card):
            raise NotLandedError(
                f"{name} was trained for another version of {card.base_name}",
                hint="Train again with `sorte train`.",
            )
        now = self._now()
        if now.name != name:
            self._put(_Now(name, (*now.before, now.name)))
        return card

    def off(self, because: str = "") -> Card | None:
        """Put none in force; what was."""
        card, now = self.active, self._now()
        if now.name:
            self._put(_Now("", (*now.before, now.name), because))
        return card

    def rollback(self) -> Card | None:
        """What was in force before is again; None where that was the model alone. NotLandedError
        where nothing was before."""
        now = self._now()
        before = list(now.before)
        while before:
            name = before.pop()
            if not name or (self._card(name) and self.file(name).is_file()):
                self._put(_Now(name, tuple(before)))
                return self._card(name) if name else None
        raise NotLandedError(
            "there is nothing to go back to: no other adapter was in force here",
            hint="Switch the adapter off with `sorte train --off`.",
        )

    # -- files

    def _card(self, name: str) -> Card | None:
        words = self._read(f"{name}.json")
        if words is None or not _NAME.match(name):
            return None
        known = {f.name for f in fields(Card)}
        try:
            card = Card(**{key: value for key, value in words.items() if key in known})
            return replace(card, runs=tuple(card.runs)) if card.name == name else None
        except TypeError:
            return None  # written by another version, or damaged

    def _now(self) -> _Now:
        words = self._read("now") or {}
        name, before = words.get("name"), words.get("before")
        return _Now(
            name if isinstance(name, str) and _NAME.match(name) else "",
            tuple(str(b) for b in before) if isinstance(before, list) else (),
            str(words.get("off_because", "")),
        )

    def _put(self, now: _Now) -> None:
        self._write("now", asdict(replace(now, before=now.before[-_REMEMBERED:])))

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            words = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return words if isinstance(words, dict) else None

    def _write(self, name: str, words: Mapping[str, Any]) -> None:
        target = self.folder / name
        fresh = target.with_name(f".{name}.{secrets.token_hex(4)}.tmp")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with fresh.open("x", encoding="utf-8") as file:
                json.dump(words, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(target)
        except OSError as error:
            raise EnvironmentFailure(
                f"cannot write {target}: {error.strerror}",
                hint="Make room on the disk, or set SORTE_STATE_DIR to a folder that has some.",
            ) from error
        finally:
            fresh.unlink(missing_ok=True)


def with_adapter(spec: ModelSpec, store: AdapterStore) -> tuple[ModelSpec, str]:
    """The model with the repository's adapter, where one is in force and belongs to it; and a
    sentence where one was switched off because the model has changed or the file is broken."""
    card = store.active
    if card is None or spec.url:
        return spec, ""
    header = read_header(spec.path)
    if header.fingerprint == card.base_fingerprint:
        problem = _problem(store.file(card.name), header)
        if not problem:
            return replace(spec, adapters=(*spec.adapters, (store.file(card.name), 1.0))), ""
    elif is_successor(header, card):
        problem = N_("the model has changed since it was trained")
    else:
        return spec, ""  # another model: the adapter waits for its own
    store.off(problem)
    return spec, N_(
        f"the adapter {card.name} was switched off: {problem}; train again with `sorte train`"
    )


def _outdated(header: GgufHeader | None, card: Card) -> bool:
    return header is not None and is_successor(header, card)


def is_successor(header: GgufHeader, card: Card) -> bool:
    """Whether these weights stand where the adapter's were, and are others."""
    same_place = str(header.path.absolute()) == card.base_path or header.name == card.base_name
    return same_place and header.fingerprint != card.base_fingerprint


def _problem(file: Path, base: GgufHeader) -> str:
    try:
        check_adapter(file, base)
    except SorteError:
        return N_("its file is damaged")
    return ""
