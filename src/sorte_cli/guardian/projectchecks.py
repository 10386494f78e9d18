"""Runs the checkers that a project has configured, in the sandbox, and reports what is new."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from sorte_cli.domain import ChangeSet, Finding
from sorte_cli.errors import EnvironmentFailure
from sorte_cli.guardian import gitread
from sorte_cli.guardian.environment import scrubbed
from sorte_cli.guardian.fingerprints import fingerprints, new_findings
from sorte_cli.guardian.outline import Outline
from sorte_cli.guardian.reach import importers_of
from sorte_cli.guardian.sandbox import Limits, Sandbox, SandboxResult
from sorte_cli.guardian.toolbox import FROZEN, Job, Said, Tool, Unreadable, configured_tools
from sorte_cli.guardian.trees import exported, lay
from sorte_cli.texts import N_

TOOL_TIMEOUT_S = 180.0
_OUTPUT_BYTES = 16_000_000
_MOST_TARGETS = 400
_SNIPPET_CHARACTERS = 200
_ENVIRONMENTS = (".venv", "venv", "env")
_PROGRAM_FOLDERS = (*(f"{e}/bin" for e in _ENVIRONMENTS), "node_modules/.bin", "vendor/bin")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a change stands on: a repository, its git directory, and the tree before the change."""

    repository: Path
    common_dir: Path
    tree: str


class _Failed(Exception):
    """A tool could not do its work; the text is a note for people."""


def tools_of(root: Path, tree: str) -> tuple[str, ...]:
    """The names of the checkers that a revision configures; reads git, runs nothing else."""
    listed = gitread.git(root, "ls-tree", "--name-only", "--full-tree", "-z", tree)
    names = FROZEN & set(os.fsdecode(listed).split("\0"))
    with tempfile.TemporaryDirectory(prefix="sorte-tools-") as folder:
        for name in names:
            # (of a folder it is its listing: that it is there is enough)
            content = gitread.git(root, "show", f"{tree}:{name}")
            (Path(folder) / name).write_bytes(content)
        return tuple(tool.name for tool, _ in configured_tools(Path(folder)))


def check_with_project_tools(
    changes: ChangeSet,
    ground: Ground,
    sandbox: Sandbox,
    *,
    timeout_s: float = TOOL_TIMEOUT_S,
    cancel: threading.Event | None = None,
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """What the project's own checkers say of the change that they did not say before; and notes.

    Only to be called for a project that its user trusts: their configuration is code. A checker
    that is missing, fails, hangs or writes garbage becomes a note.
    """
    with ExitStack() as stack:
        tree = stack.enter_context(exported(ground.repository, ground.tree))
        tools = [
            tool for tool, _ in configured_tools(tree) if _concerns(tool, changes.paths, FROZEN)
        ]
        if not tools:
            return (), ()
        exchange = Path(stack.enter_context(_scratch())).resolve()
        bench = _Bench(changes, ground, sandbox, tree, exchange, timeout_s, cancel)
        found: list[Finding] = []
        notes: list[str] = []
        for tool in tools:
            try:
                found += bench.new_findings(tool)
            except _Failed as error:
                notes.append(str(error))
    kept = sorted(_once(found), key=lambda f: (-f.severity, f.path, f.line, f.rule))
    return tuple(kept), tuple(notes)


def _once(found: Sequence[Finding]) -> list[Finding]:
    """Where two type checkers mean the same line, the first speaks."""
    typed = {(f.path, f.line) for f in found if f.tool == "mypy"}
    return [f for f in found if f.tool != "pyright" or (f.path, f.line) not in typed]


def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="sorte-tools-", ignore_cleanup_errors=True)


def _concerns(tool: Tool, paths: Sequence[str], frozen: frozenset[str]) -> bool:
    return any(p not in frozen and (p.endswith(tool.suffixes) or not tool.suffixes) for p in paths)


@dataclass(frozen=True, slots=True)
class _Bench:
    """The folder in which one tool after the other looks at one side and then the other."""

    changes: ChangeSet
    ground: Ground
    sandbox: Sandbox
    tree: Path
    exchange: Path
    timeout_s: float
    cancel: threading.Event | None

    def new_findings(self, tool: Tool) -> list[Finding]:
        program = self._program(tool)
        after = self._findings(tool, program, "after")
        if not after:
            return []
        before = self._findings(tool, program, "before")
        old = {f.path: Outline(self._content(f.path, "before")) for f in before}
        new = {f.path: Outline(self._content(f.path, "after")) for f in after}
        return new_findings(
            fingerprints(_with_snippets(before, old), old),
            fingerprints(_with_snippets(after, new), new),
        )

    def _findings(self, tool: Tool, program: str, side: str) -> list[Finding]:
        lay(self.tree, self.changes, side, but=FROZEN)
        targets = self._targets(tool)
        if not targets and tool.scope != "project":
            return []
        job = Job(self.tree, targets, self._python(), self.exchange)
        try:
            ran = self.sandbox.run(
                [program, *tool.arguments(job)],
                worktree=self.tree,
                repository=self.ground.repository,
                common_dir=self.ground.common_dir,
                limits=Limits(timeout_s=self.timeout_s, output_bytes=_OUTPUT_BYTES),
                env={"PYLINTHOME": str(self.exchange / "pylint")},
                cancel=self.cancel,
                exchange=self.exchange,
            )
        except EnvironmentFailure as error:
            raise _Failed(N_(f"{tool.name} was left out: {error.message}")) from error
        return [_finding(tool, s, path) for s in _said(tool, ran) if (path := self._path(s.path))]

    def _targets(self, tool: Tool) -> tuple[str, ...]:
        changed = [
            p
            for p in self.changes.paths
            if (p.endswith(tool.suffixes) or not tool.suffixes) and self._is_file(p)
        ]
        if tool.scope == "importers":
            # Also where only the side before has the file: who imports it is what breaks.
            both = [p for p in self.changes.paths if p.endswith(tool.suffixes)]
            changed += sorted(importers_of(both, self.tree) - set(changed))
        return tuple(changed[:_MOST_TARGETS])

    def _is_file(self, path: str) -> bool:
        place = self.tree / path
        return place.is_file() and not place.is_symlink()

    def _program(self, tool: Tool) -> str:
        """The project's own, else the one on PATH. Raises _Failed where there is none."""
        for folder in _PROGRAM_FOLDERS:
            program = self.ground.repository / folder / tool.name
            if program.is_file() and os.access(program, os.X_OK):
                return str(program)
        found = shutil.which(tool.name, path=scrubbed(os.environ)["PATH"])
        if found is None:
            raise _Failed(
                N_(f"{tool.name} is configured here but not installed; its checks were left out")
            )
        return found

    def _python(self) -> str:
        for name in _ENVIRONMENTS:
            python = self.ground.repository / name / "bin" / "python"
            if python.exists():
                return str(python)
        return ""

    def _path(self, name: str) -> str:
        """A file as the repository names it; empty for one that is none of its."""
        path = Path(os.path.normpath(self.ground.repository / name))
        for base in (self.ground.repository, self.tree):
            if path.is_relative_to(base):
                return path.relative_to(base).as_posix()
        return ""

    def _content(self, path: str, side: str) -> bytes | None:
        for change in self.changes.changes:
            if change.path == path:
                return change.before if side == "before" else change.after
        place = (self.tree / path).resolve()  # a link that a tool made leads nowhere
        return gitread.read_file(self.tree, path)[0] if place.is_relative_to(self.tree) else None


def _said(tool: Tool, ran: SandboxResult) -> list[Said]:
    name = tool.name
    if ran.timed_out:
        raise _Failed(
            N_(f"{name} did not end within {ran.duration_s:.0f} s; its checks were left out")
        )
    if ran.killed_reason:
        reason = ran.killed_reason
        raise _Failed(N_(f"{name} was ended ({reason}); its checks were left out"))
    if ran.returncode not in tool.codes:
        lines = [line.strip() for line in ran.output.splitlines() if line.strip()]
        last = lines[-1][:200] if lines else str(ran.returncode)
        raise _Failed(N_(f"{name} failed: {last}; its checks were left out"))
    try:
        return list(tool.read(ran.output))
    except (Unreadable, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _Failed(
            N_(f"{name} wrote something that cannot be read; its checks were left out")
        ) from error


def _finding(tool: Tool, said: Said, path: str) -> Finding:
    return Finding(tool.name, said.rule, path, said.line, said.severity, said.message)


def _with_snippets(findings: Sequence[Finding], outlines: Mapping[str, Outline]) -> list[Finding]:
    return [
        replace(f, snippet=outlines[f.path].line(f.line)[:_SNIPPET_CHARACTERS]) for f in findings
    ]
