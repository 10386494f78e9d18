"""Sorte's git hooks: put in, chained before an existing one, and taken out without a trace."""

from __future__ import annotations

import hashlib
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.errors import EnvironmentFailure, RefusedError
from sorte_cli.guardian.gitread import git

KINDS = ("pre-commit", "pre-push", "commit-msg")
BLOCKED = 10
"""Exit code of `sorte hook run` that stops git. Anything else but 130 lets it go on."""
_MARK = "# sorte hook 1"
_DIGEST = "# digest "
_KEPT = ".before-sorte"
_REPLACED = ".legacy"  # where pre-commit puts the hook that it finds


@dataclass(frozen=True, slots=True)
class HookState:
    """One hook: `ours` says whether Sorte's is in force, `chained` whether another runs before it.

    `other` says that a hook stands there that is not Sorte's; `edited` that somebody changed ours.
    """

    kind: str
    path: Path
    ours: bool = False
    chained: bool = False
    other: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Manager:
    """A tool that owns this repository's hooks, and what to add to its `file` for Sorte."""

    name: str
    file: str
    lines: str


_PRE_COMMIT = """repos:
  - repo: local
    hooks:
      - id: sorte-review
        name: sorte review
        entry: sorte hook run pre-commit
        language: system
        pass_filenames: false
        require_serial: true
"""
_LEFTHOOK = """pre-commit:
  commands:
    sorte-review:
      run: if command -v sorte >/dev/null; then sorte hook run pre-commit; fi
"""
# Others who work on the project need not have Sorte.
_HUSKY = "if command -v sorte >/dev/null; then sorte hook run pre-commit; fi\n"


def hooks_folder(root: Path) -> tuple[Path, str]:
    """Where git looks for hooks here, and the scope of `core.hooksPath` ("" where it is not set).

    The scope is "local", "worktree", "global", "system" or "command", as git names them.
    """
    given = git(root, "config", "--show-scope", "--get", "core.hooksPath", codes=(0, 1))
    scope = given.decode("utf-8", "replace").split("\t")[0].strip() if given else ""
    name = os.fsdecode(git(root, "rev-parse", "--git-path", "hooks").removesuffix(b"\n"))
    return root / name, scope


def manager_of(root: Path) -> Manager | None:
    """The hook manager that this repository uses; None where it uses none."""
    folder, _ = hooks_folder(root)
    if ".husky" in folder.parts or (root / ".husky").is_dir():
        return Manager("Husky", ".husky/pre-commit", _HUSKY)
    names = ("lefthook", ".lefthook")
    for name in (f"{n}{e}" for n in names for e in (".yml", ".yaml", ".toml", ".json")):
        if (root / name).is_file():
            return Manager("lefthook", name, _LEFTHOOK)
    if (root / ".pre-commit-config.yaml").is_file():
        return Manager("pre-commit", ".pre-commit-config.yaml", _PRE_COMMIT)
    return None


def state_of(root: Path, kind: str) -> HookState:
    """What stands in the place of a hook now."""
    folder, _ = hooks_folder(root)
    path = folder / kind
    for place in (path, path.with_name(kind + _REPLACED)):
        text = _text(place)
        if _MARK in text:
            chained = place.with_name(kind + _KEPT).exists()
            return HookState(kind, place, True, chained, edited=not _is_intact(text))
    return HookState(kind, path, other=path.exists() or path.is_symlink())


def install(root: Path, kind: str, options: Sequence[str]) -> HookState:
    """Put Sorte's hook in; one that is there is kept beside it and runs first. Again: renewed.

    `options` are handed to `sorte hook run KIND`. Raises RefusedError where ours was edited.
    """
    state = state_of(root, kind)
    if state.ours:
        _check_intact(state)
    path = state.path
    kept = path.with_name(kind + _KEPT)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if state.other:
            if kept.exists() or kept.is_symlink():
                raise RefusedError(
                    f"{kept} is in the way: an earlier hook is kept there",
                    hint="move it away, then install again",
                )
            path.rename(kept)
        fresh = path.with_name(f".{kind}.sorte-new")
        fresh.write_text(_script(kind, options), encoding="utf-8")
        fresh.chmod(0o755)
        fresh.replace(path)
    except OSError as error:
        raise EnvironmentFailure(f"cannot write the hook {path}: {error.strerror}") from error
    return state_of(root, kind)


def uninstall(root: Path, kind: str) -> bool:
    """Take Sorte's hook out and put back what was there; False where there was none of ours.

    Raises RefusedError where somebody edited it: those lines would be lost.
    """
    state = state_of(root, kind)
    if not state.ours:
        return False
    _check_intact(state)
    kept = state.path.with_name(kind + _KEPT)
    try:
        if kept.exists() or kept.is_symlink():
            kept.replace(state.path)
        else:
            state.path.unlink()
    except OSError as error:
        raise EnvironmentFailure(
            f"cannot change the hook {state.path}: {error.strerror}"
        ) from error
    return True


def _check_intact(state: HookState) -> None:
    if state.edited:
        raise RefusedError(
            f"{state.path} was edited since Sorte wrote it",
            hint="take your own lines out of it first, or delete the file",
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError:
        return ""


def _script(kind: str, options: Sequence[str]) -> str:
    arguments = " ".join(shlex.quote(o) for o in ("hook", "run", kind, *options))
    body = _BODY.format(
        kind=kind,
        kept=kind + _KEPT,
        # -P: a folder of the repository called `typer` is not imported
        python=shlex.quote(sys.executable),
        arguments=arguments,
        blocked=BLOCKED,
    )
    return f"#!/bin/sh\n{_MARK}: `sorte hook uninstall` takes it out\n{_DIGEST}{_sum(body)}\n{body}"


def _sum(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def _is_intact(text: str) -> bool:
    head, _, body = text.partition(_DIGEST)
    digest, _, body = body.partition("\n")
    return bool(head) and digest == _sum(body)


# The input (pre-push has one) is read once and given to both. A hook that leads back here, however
# it does so, ends at once. Only a finding stops git: a review that could not be done says so.
_BODY = """\
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
case ":$SORTE_HOOKS:" in *":$here/{kind}:"*) exit 0 ;; esac
SORTE_HOOKS="$SORTE_HOOKS:$here/{kind}"
export SORTE_HOOKS
input=
feed() {{ [ -z "$input" ] || printf '%s\\n' "$input"; }}
if [ "{kind}" = pre-push ]; then input=$(cat); fi
if [ -x "$here/{kept}" ]; then
    feed | "$here/{kept}" "$@" || exit $?
fi
if [ -x {python} ]; then
    feed | {python} -P -m sorte_cli {arguments} "$@"
elif command -v sorte >/dev/null 2>&1; then
    feed | sorte {arguments} "$@"
else
    echo "sorte was not found; this was not reviewed (sorte hook uninstall, or install it)" >&2
    exit 0
fi
code=$?
case $code in
    0) exit 0 ;;
    {blocked}) exit 1 ;;
    130) exit 130 ;;
    *) echo "sorte could not review this (code $code); git goes on" >&2; exit 0 ;;
esac
"""
