"""Kills a run at every call that changes a file, starts again, and checks that nothing is lost.

    python tests/history/crash_harness.py [--scenario NAME] [--scope python|git|any] [--every N]
       [--first N] [--last N] [--caller-only] [--at-random-times N]
       [--fail ENOSPC|EIO|... [--lasting | --lost]] [--jump SECONDS] [--coarse]
       [--break-git] [--hang-git] [--act NAME] [--kill-child git|bwrap|engine] [--limit N]

Instead of a kill, `--fail` lets the call fail (`--lost`: do its work, and say that it failed),
`--jump` moves the clock there, `--hang-git` lets the nth git hang, `--act` lets somebody else do
something before the nth git command (crash_actors.py). `--coarse` is a file system without hard
links whose times have steps of two seconds.

Scenarios are either bare operations of the history (crash_child.py) or whole commands of Sorte
(crash_commands.py). A shim preloaded into the run (crash_shim.c) counts the calls and sends SIGKILL
at the nth. After each kill `recover` runs once; then the repository must be wholly before or wholly
after, with exactly the user's own uncommitted work in it, and the command must work when repeated.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import crash_child
from crash_project import Snapshot, make_project
from crash_scenarios import SCENARIOS, Scenario
from history_support import Project, assert_sound, git, isolated_environment, quick_folder

from sorte_cli.history.journal import Journal
from sorte_cli.history.locking import RunLock
from sorte_cli.history.recovery import recover
from sorte_cli.history.repository import Repository

HERE = Path(__file__).parent
CHILD = HERE / "crash_child.py"
SCOPES = ("python", "git", "any")


def build_shim(folder: Path) -> Path:
    """Compile the shim; the path of the shared object."""
    library = folder / "crash_shim.so"
    command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(HERE / "crash_shim.c")]
    subprocess.run([*command, "-ldl"], check=True, capture_output=True)
    return library


class CrashLab:
    """Repeats one scenario from the same start, killing it at a given call."""

    def __init__(self, folder: Path, scenario: Scenario, *, coarse: bool = False) -> None:
        self.always = {"CRASH_COARSE": "1"} if coarse else {}
        self.live = folder / "live"
        self.saved = folder / "saved"
        self.scenario = scenario
        self.shim = build_shim(folder)
        self.counter = folder / "counter"
        self.commands = folder / "commands"
        self.live.mkdir()
        self.environment = {**os.environ, **isolated_environment(self.live)}
        os.environ.update(isolated_environment(self.live))
        project = make_project(self.live / "shop")
        self.project = scenario.prepare(project, self._command)
        git(self.project.root, "status")
        self.before = Snapshot.of(self.project)
        shutil.copytree(self.live, self.saved, symlinks=True)
        self._command(scenario.operation, self.project)
        self.after = Snapshot.of(self.project)
        assert self.after != self.before

    def _command(self, operation: str, project: Project) -> None:
        code = self._start(operation, project, {})
        expected = -signal.SIGKILL if operation in ("half", "working") else 0
        assert code == expected, f"{operation} failed: {self.said}"

    def _start(self, operation: str, project: Project, shim: dict[str, str]) -> int:
        done = subprocess.run(
            self._argv(operation, project),
            env=self._environment(shim),
            cwd=project.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        self.said = done.stderr.decode("utf-8", "replace")
        return done.returncode

    @staticmethod
    def _argv(operation: str, project: Project) -> list[str]:
        if operation.startswith("sorte "):
            return [sys.executable, "-m", "sorte_cli", *shlex.split(operation)[1:]]
        return [sys.executable, str(CHILD), operation, str(project.root)]

    def _environment(self, shim: dict[str, str]) -> dict[str, str]:
        source = str(HERE.parents[1] / "src")
        own = {"PYTHONPATH": source, "PYTHONDONTWRITEBYTECODE": "1"}
        return {**self.environment, **own, **shim}

    def _shimmed(self, scope: str, tree: bool, at: int, **more: str) -> int:
        self.counter.write_bytes(bytes(8))
        shim = {
            "LD_PRELOAD": str(self.shim),
            "CRASH_COUNTER": str(self.counter),
            "CRASH_AT": str(at),
            "CRASH_SCOPE": scope,
            "CRASH_TREE": "me" if tree else "0",
            **self.always,
            **more,
        }
        return self._start(self.scenario.operation, self.project, shim)

    def reset(self) -> None:
        """Back to the start, at the same path: the journal knows a repository by it."""
        shutil.rmtree(self.live)
        shutil.copytree(self.saved, self.live, symlinks=True)

    def count(self, scope: str) -> int:
        """How many calls an undisturbed run makes."""
        self.reset()
        assert self._shimmed(scope, False, 0) == 0, self.said
        return int.from_bytes(self.counter.read_bytes(), sys.byteorder)

    def kill(self, scope: str, at: int, *, tree: bool = True) -> str:
        """Kill at call `at`, recover, check; "before" or "after". AssertionError on any loss."""
        self.reset()
        code = self._shimmed(scope, tree, at)
        end = self.recover_and_check()
        if end == "after":
            return end
        assert code != 0, "the command said that it worked"
        return self.repeat()

    def fail(
        self, scope: str, at: int, *, error: int, lasting: bool = False, lost: bool = False
    ) -> str:
        """Let call `at` fail (and, with `lasting`, all after it); no crash. Then as `kill`.

        With `lost` it does its work and only says that it failed, as over a network.
        """
        self.reset()
        on = {"CRASH_ERRNO": str(error), "CRASH_ON": "1" if lasting else "0"}
        return self._end(
            self._shimmed(scope, False, at, **on, **({"CRASH_LOST": "1"} if lost else {}))
        )

    def jump(self, scope: str, at: int, seconds: int) -> str:
        """Let the clock jump at call `at`; the command may not mind."""
        self.reset()
        return self._end(self._shimmed(scope, False, at, CRASH_JUMP=str(seconds)))

    def _end(self, code: int) -> str:
        """Where a command that ended by itself has come to, after the next start."""
        end = self.recover_and_check()
        if end == "after":
            return end
        assert code != 0, "the command said that it worked"
        return self.repeat()

    def break_git(self, at: int) -> str:
        """Let the `at`th git command fail without doing a thing (0: none; returns their number)."""
        self.reset()
        code = self.with_git(at, 'echo "fatal: out of order" >&2; exit 128')
        return self.counter.read_text().strip() if at == 0 else self._end(code)

    def hang_git(self, at: int) -> str:
        """Let the `at`th git command hang; crash_child.py gives it up after a second."""
        self.reset()
        return self._end(self.with_git(at, "exec sleep 600", CRASH_PATIENCE="1"))

    def git_number(self, words: str) -> int:
        """Which of the run's git commands is the one with `words` in it."""
        self.reset()
        self.with_git(0, "")
        lines = self.commands.read_text().splitlines()
        return next(n for n, line in enumerate(lines, 1) if words in line)

    def with_git(self, at: int, instead: str, **more: str) -> int:
        """Run the command with a git that runs the shell's `instead` before its `at`th call."""
        self.counter.write_text("0\n")
        if at == 0:
            self.commands.unlink(missing_ok=True)
        wrapper = self.counter.with_name("bin") / "git"
        wrapper.parent.mkdir(exist_ok=True)
        wrapper.write_text(
            f"#!/bin/sh\nn=$(($(cat {self.counter}) + 1)); echo $n > {self.counter}\n"
            f'[ {at} = 0 ] && echo "$*" >> {self.commands}\n'
            f"if [ $n = {at} ]; then {instead or ':'}; fi\n"
            f'exec {shutil.which("git", path=self.environment["PATH"])} "$@"\n'
        )
        wrapper.chmod(0o755)
        path = {"PATH": f"{wrapper.parent}{os.pathsep}{self.environment['PATH']}"}
        return self._start(self.scenario.operation, self.project, {**path, **more})

    def fill_disk(self, left_kib: int) -> str:
        """Run with so much room left on the file system, which must be the lab's own."""
        self.reset()
        ballast = self.live.with_name("ballast")
        try:
            with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))
            os.truncate(ballast, max(ballast.stat().st_size - left_kib * 1024, 0))
            code = self._start(self.scenario.operation, self.project, {})
        finally:
            ballast.unlink()
        return self._end(code)

    def kill_at_time(self, seconds: float) -> str:
        """Kill Python alone after a while (a git that it runs lives on), recover, check."""
        self.reset()
        process = subprocess.Popen(
            self._argv(self.scenario.operation, self.project),
            env=self._environment({}),
            cwd=self.project.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(seconds)
        process.kill()
        process.wait()
        end = self.recover_and_check()
        return end if end == "after" else self.repeat()

    def kill_child(self, kind: str, nth: int) -> str:
        """Kill the `nth` child process of a kind ("git", "bwrap", "engine") as soon as it is seen.

        The command goes on, and must come to one of its two ends by itself. "missed" where there
        were not so many children.
        """
        self.reset()
        process = subprocess.Popen(
            self._argv(self.scenario.operation, self.project),
            env=self._environment({}),
            cwd=self.project.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        seen: set[int] = set()
        killed = False
        while process.poll() is None and not killed:
            for pid in _descendants(process.pid, kind) - seen:
                seen.add(pid)
                if len(seen) == nth:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        killed = True
        process.wait()
        end = self.recover_and_check()
        if end == "before":
            end = self.repeat()
        return end if killed else "missed"

    def repeat(self) -> str:
        """The command must work now."""
        operation = self.scenario.operation
        if operation.startswith("sorte "):
            self._command(operation, self.project)
        else:
            crash_child.carry_out(operation, self.project.root)  # here: a process takes longer
        assert Snapshot.of(self.project) == self.after, "repeated, it does not come to the same"
        assert_sound(self.project)
        return "before"

    def command(self, operation: str) -> None:
        """Undisturbed."""
        self._command(operation, self.project)

    def recover(self) -> None:
        """The next start of Sorte."""
        repo = Repository.discover(self.project.root)
        with Journal.open() as journal:
            with RunLock(repo):
                recover(repo, journal)
            statuses = {r.status for r in journal.runs(repo, 100)}
        assert "running" not in statuses

    def recover_and_check(self) -> str:
        self.recover()
        assert_sound(self.project)
        now = Snapshot.of(self.project)
        if now == self.before:
            return "before"
        assert now == self.after, self._difference(now)
        return "after"

    def _difference(self, now: Snapshot) -> str:
        lines = []
        for name in Snapshot.__dataclass_fields__:
            values = [getattr(s, name) for s in (self.before, now, self.after)]
            if values[1] not in (values[0], values[2]) or values[0] != values[2]:
                lines.append(
                    f"{name}: before {values[0]!r}\n now {values[1]!r}\n after {values[2]!r}"
                )
        return "neither before nor after:\n" + "\n".join(lines)


def _descendants(pid: int, kind: str) -> set[int]:
    """Living descendants of `pid` whose program is `kind`."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(folder.name))
    found, queue = set(), [pid]
    while queue:
        for child in parents.get(queue.pop(), []):
            queue.append(child)
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
                name = Path(os.fsdecode(words[0])).name
                if name == kind or (
                    kind == "engine" and any(b"sorte_cli.inference.worker" in w for w in words)
                ):
                    found.add(child)
    return found


def _kills(lab: CrashLab, options: argparse.Namespace) -> Iterator[tuple[float, Callable[[], str]]]:
    """The kills asked for: where, and how to do it."""
    from crash_actors import Actor

    if options.at_random_times:
        began = time.monotonic()
        lab.count("any")
        whole = time.monotonic() - began
        for _ in range(options.at_random_times):
            seconds = random.uniform(0, whole)
            yield seconds, partial(lab.kill_at_time, seconds)
        return
    if options.kill_child:
        for at in range(options.first, options.limit + 1, options.every):
            yield at, partial(lab.kill_child, options.kill_child, at)
        return
    if options.break_git or options.hang_git or options.act:
        try_at = lab.hang_git if options.hang_git else lab.break_git
        actor = Actor(lab, options.act) if options.act else None
        for at in range(options.first, min(int(lab.break_git(0)), options.last) + 1, options.every):
            yield at, partial(actor.act, at) if actor else partial(try_at, at)
        return
    last = min(lab.count(options.scope), options.last)
    for at in range(options.first, last + 1, options.every):
        if options.fail:
            how = {"lasting": options.lasting, "lost": options.lost}
            error = getattr(errno, options.fail)
            yield at, partial(lab.fail, options.scope, at, error=error, **how)
            continue
        if options.jump:
            yield at, partial(lab.jump, options.scope, at, options.jump)
            continue
        yield at, partial(lab.kill, options.scope, at, tree=not options.caller_only)


def main() -> None:
    from crash_commands import COMMANDS  # these build upon the names above

    scenarios = {**SCENARIOS, **COMMANDS}
    parser = argparse.ArgumentParser(description=__doc__)
    groups = {"all": list(scenarios), "history": list(SCENARIOS), "commands": list(COMMANDS)}
    parser.add_argument("--scenario", choices=(*scenarios, *groups), default="all")
    parser.add_argument("--scope", choices=SCOPES, default="any")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--last", type=int, default=1_000_000)
    parser.add_argument("--limit", type=int, default=40, help="with --kill-child: the last of them")
    parser.add_argument("--caller-only", action="store_true")
    parser.add_argument("--at-random-times", type=int, default=0)
    parser.add_argument("--kill-child", choices=("git", "bwrap", "engine"))
    parser.add_argument("--fail", default="", help="let calls fail instead: ENOSPC, EIO, EACCES")
    parser.add_argument("--lasting", action="store_true")
    parser.add_argument("--lost", action="store_true")
    parser.add_argument("--jump", type=int, default=0, help="seconds; may be negative")
    parser.add_argument("--coarse", action="store_true")
    parser.add_argument("--break-git", action="store_true")
    parser.add_argument("--hang-git", action="store_true")
    parser.add_argument("--act", default="", help="what somebody else does (crash_actors.py)")
    options = parser.parse_args()
    for name in groups.get(options.scenario, [options.scenario]):
        with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
            lab = CrashLab(Path(folder), scenarios[name], coarse=options.coarse)
            ends: dict[str, int] = {"before": 0, "after": 0, "lost": 0}
            for at, kill in _kills(lab, options):
                try:
                    end = kill()
                except AssertionError as error:
                    end = "lost"
                    print(f"{name} {options.scope} call {at}: {error}", flush=True)
                ends[end] = ends.get(end, 0) + 1
                if end == "missed":
                    break
            number = sum(ends.values()) - ends.pop("missed", 0)
            print(f"{name} ({options.scope}): {number} kills, {ends}", flush=True)


if __name__ == "__main__":
    main()
