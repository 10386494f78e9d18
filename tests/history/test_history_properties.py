"""Whatever the order of runs, edits, commits, undo and redo: exact bytes, and nothing else moves.

A model that knows only the contents of files predicts what must happen; the real thing must agree
after every step, also when it refuses. SORTE_HISTORIES=300 tries so many sequences.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from history_support import (
    Project,
    assert_sound,
    isolated_environment,
    quick_folder,
    run_and_land,
)
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sorte_cli.errors import NotLandedError, RefusedError
from sorte_cli.history.journal import Journal
from sorte_cli.history.undoing import UndoResult, redo, undo

PATHS = ("a.txt", "b.txt", "dir/c.txt", "dir/sub/d.txt")
PERMISSIONS = (0o644, 0o600, 0o664, 0o755, 0o700)
Value = tuple[bytes, bool]
"""What git records of a file: its bytes, and whether it is executable."""
Change = tuple[Value | None, Value | None]


@dataclass
class RunModel:
    """What a run changed, (before, after) by path; how it was undone, if it is."""

    id: str
    changes: dict[str, Change]
    landed: int
    undone: int = 0
    reverted: dict[str, Change] | None = None


@dataclass
class Clash(Exception):
    """The model says that this must be refused."""

    kind: type[Exception]
    paths: list[str] = field(default_factory=list)


class History(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=quick_folder())
        top = Path(self.folder.name).resolve()
        self.former = os.environ.copy()
        self.contents = 0
        os.environ.update(isolated_environment(top))
        self.committed: dict[str, Value] = {p: (self._fresh(), False) for p in PATHS[:3]}
        self.project = Project.make(top / "shop", {p: v[0] for p, v in self.committed.items()})
        self.index = dict(self.committed)
        self.disk = dict(self.committed)
        self.permissions = {p: self._mode(p) for p in self.disk}
        self.journal = Journal.open()
        self.runs: list[RunModel] = []
        self.clock = 0

    def teardown(self) -> None:
        try:
            assert_sound(self.project)
        finally:
            self.journal.close()
            self.folder.cleanup()
            os.environ.clear()
            os.environ.update(self.former)

    def _fresh(self) -> bytes:
        # Unlike any other content, so that git sees neither renames nor mergeable lines.
        self.contents += 1
        return hashlib.sha256(b"%d" % self.contents).hexdigest().encode() + b"\n"

    def _dirty(self, path: str) -> bool:
        now = {files.get(path) for files in (self.disk, self.index, self.committed)}
        return len(now) > 1

    @staticmethod
    def _set(files: dict[str, Value], path: str, data: Value | None) -> None:
        if data is None:
            files.pop(path, None)
        else:
            files[path] = data

    def _apply(self, changes: dict[str, Change]) -> dict[str, Change]:
        """What of `changes` (from, to) is left to do; Clash where it must be refused."""
        now = self.committed
        if strange := [p for p, (old, new) in changes.items() if now.get(p) not in (old, new)]:
            raise Clash(RefusedError, strange)
        left = {p: c for p, c in changes.items() if now.get(p) == c[0]}
        if not left:
            raise Clash(NotLandedError)
        if dirty := [p for p in left if self._dirty(p)]:
            raise Clash(RefusedError, dirty)
        return left

    def _mode(self, path: str) -> int:
        return stat.S_IMODE((self.project.root / path).stat().st_mode)

    def _times(self) -> dict[str, tuple[int, int]]:
        """When each file on disk was written, and which one it is."""
        found = {p: (self.project.root / p).stat() for p in self.disk}
        return {p: (info.st_mtime_ns, info.st_ino) for p, info in found.items()}

    def _check_untouched(self, before: dict[str, tuple[int, int]], touched: set[str]) -> None:
        now = self._times()
        assert {p: t for p, t in before.items() if p not in touched} == {
            p: t for p, t in now.items() if p not in touched
        }

    def _carry(self, left: dict[str, Change]) -> None:
        for path, (_, new) in left.items():
            self._set(self.committed, path, new)
            self._set(self.index, path, new)
            kept = new is not None and path in self.disk
            self._set(self.disk, path, new)
            if new is None:
                self.permissions.pop(path)
            elif not kept:  # what git does not record is lost with a file, or comes back
                self.permissions[path] = self._mode(path)
                assert bool(self.permissions[path] & 0o100) == new[1]
        self.clock += 1

    @rule(path=st.sampled_from(PATHS), delete=st.booleans(), stage=st.booleans())
    def user_edits(self, path: str, delete: bool, stage: bool) -> None:
        if delete:
            (self.project.root / path).unlink(missing_ok=True)
            self.disk.pop(path, None)
            self.permissions.pop(path, None)
        else:
            data = self._fresh()
            self.project.write(path, data)
            self.permissions[path] = self._mode(path)
            self.disk[path] = data, bool(self.permissions[path] & 0o100)
        if stage:
            known = path in self.index or path in self.disk
            self.project.git("add", "--all", "--", path, check=known)
            self._set(self.index, path, self.disk.get(path))

    @rule(path=st.sampled_from(PATHS), permission=st.sampled_from(PERMISSIONS))
    def user_changes_permissions(self, path: str, permission: int) -> None:
        if path in self.disk:
            (self.project.root / path).chmod(permission)
            self.permissions[path] = permission
            self.disk[path] = self.disk[path][0], bool(permission & 0o100)

    @rule()
    def user_pushes(self) -> None:
        self.project.git("update-ref", "refs/remotes/origin/main", "HEAD")

    @precondition(lambda self: any(self._dirty(p) for p in PATHS))
    @rule()
    def user_commits(self) -> None:
        if self.disk == self.committed:
            self.project.git("add", "--all")  # what was staged is taken back
        else:
            self.project.commit("by the user")
        self.committed = dict(self.disk)
        self.index = dict(self.disk)

    @rule(
        paths=st.sets(st.sampled_from(PATHS), min_size=1, max_size=3),
        deleted=st.sets(st.sampled_from(PATHS), max_size=1),
    )
    def run_lands(self, paths: set[str], deleted: set[str]) -> None:
        deleted = {p for p in deleted & paths if p in self.committed}
        wanted = {p: None if p in deleted else self._fresh() for p in paths}
        changes: dict[str, Change] = {}
        for path, data in wanted.items():
            old = self.committed.get(path)
            changes[path] = old, None if data is None else (data, old is not None and old[1])
        try:
            left = self._apply(changes)
        except Clash as clash:
            with pytest.raises(clash.kind):
                run_and_land(self.project, self.journal, wanted)
            return
        times = self._times()
        run, landing = run_and_land(self.project, self.journal, wanted)
        assert set(landing.paths) == set(left)
        self._carry(left)
        self._check_untouched(times, set(left))
        self.runs.append(RunModel(run, changes, self.clock))

    @rule()
    def restart(self) -> None:
        self.journal.close()
        self.journal = Journal.open()

    @precondition(lambda self: any(not run.undone for run in self.runs))
    @rule(data=st.data(), named=st.booleans())
    def undo(self, data: st.DataObject, named: bool) -> None:
        landed = [run for run in self.runs if not run.undone]
        last = max(landed, key=lambda run: run.landed)
        run = data.draw(st.sampled_from(landed)) if named else last
        back = {p: (after, before) for p, (before, after) in run.changes.items()}
        result = self._try(back, undo, run, named)
        if result is not None:
            run.undone = self.clock
            run.reverted = self.left if result.how == "reverted" else None

    @precondition(lambda self: any(run.undone for run in self.runs))
    @rule(data=st.data(), named=st.booleans())
    def redo(self, data: st.DataObject, named: bool) -> None:
        undone = [run for run in self.runs if run.undone]
        last = max(undone, key=lambda run: run.undone)
        run = data.draw(st.sampled_from(undone)) if named else last
        again = run.changes
        if run.reverted is not None:
            again = {p: (new, old) for p, (old, new) in run.reverted.items()}
        result = self._try(again, redo, run, named)
        if result is not None:
            run.undone, run.landed = 0, self.clock
            if result.how == "reapplied":
                run.changes = self.left

    def _try(
        self,
        changes: dict[str, Change],
        step: object,
        run: RunModel,
        named: bool,
    ) -> UndoResult | None:
        """Do it and let the model follow; None where both refuse."""
        name = run.id if named else None
        head = self.project.head()
        try:
            self.left = self._apply(changes)
        except Clash as clash:
            with pytest.raises(clash.kind):
                step(self.project.repo, self.journal, name)  # type: ignore[operator]
            assert self.project.head() == head
            return None
        pushed = self._is_pushed(run) and step is undo
        times = self._times()
        result: UndoResult = step(self.project.repo, self.journal, name)  # type: ignore[operator]
        assert result.run == run.id
        assert set(result.paths) == set(self.left)
        assert not (pushed and result.how == "moved back")
        assert not pushed or self.project.git("merge-base", "--is-ancestor", head, "HEAD") == ""
        self._carry(self.left)
        self._check_untouched(times, set(self.left))
        return result

    def _is_pushed(self, run: RunModel) -> bool:
        tip = self.journal.run(self.project.repo, run.id).tip
        refs = self.project.git("for-each-ref", f"--contains={tip}", "refs/remotes", check=False)
        return bool(refs)

    @invariant()
    def files_are_what_the_model_says(self) -> None:
        assert self.project.files() == {p: value[0] for p, value in self.disk.items()}
        assert {p: self._mode(p) for p in self.disk} == self.permissions
        committed = {}
        for row in self.project.git("ls-tree", "-r", "HEAD").splitlines():
            meta, _, path = row.partition("\t")
            data = self.project.git("cat-file", "blob", meta.split(" ")[2]).encode()
            committed[path] = data, meta.startswith("100755")
        assert committed == self.committed
        dirty = {line[3:] for line in self.project.status().splitlines()}
        assert dirty == {p for p in PATHS if self._dirty(p)}


class TestHistory(History.TestCase):
    settings = settings(
        max_examples=int(os.environ.get("SORTE_HISTORIES", "6")),
        stateful_step_count=8,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


TestHistory = pytest.mark.slow(TestHistory)  # type: ignore[misc]
