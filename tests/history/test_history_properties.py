"""Whatever the order of runs, edits, commits, undo and redo: exact bytes, and nothing else moves.

A model that knows only the contents of files predicts what must happen; the real thing must agree
after every step, also when it refuses.
"""

from __future__ import annotations

import hashlib
import os
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
Change = tuple[bytes | None, bytes | None]


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
        self.committed: dict[str, bytes] = {p: self._fresh() for p in PATHS[:3]}
        self.project = Project.make(top / "shop", self.committed)
        self.index = dict(self.committed)
        self.disk = dict(self.committed)
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
    def _set(files: dict[str, bytes], path: str, data: bytes | None) -> None:
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

    def _carry(self, left: dict[str, Change]) -> None:
        for path, (_, new) in left.items():
            self._set(self.committed, path, new)
            self._set(self.index, path, new)
            self._set(self.disk, path, new)
        self.clock += 1

    @rule(path=st.sampled_from(PATHS), delete=st.booleans(), stage=st.booleans())
    def user_edits(self, path: str, delete: bool, stage: bool) -> None:
        if delete:
            (self.project.root / path).unlink(missing_ok=True)
            self.disk.pop(path, None)
        else:
            self.disk[path] = self._fresh()
            self.project.write(path, self.disk[path])
        if stage:
            known = path in self.index or path in self.disk
            self.project.git("add", "--all", "--", path, check=known)
            self._set(self.index, path, self.disk.get(path))

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
        changes = {p: (self.committed.get(p), new) for p, new in wanted.items()}
        try:
            left = self._apply(changes)
        except Clash as clash:
            with pytest.raises(clash.kind):
                run_and_land(self.project, self.journal, wanted)
            return
        run, landing = run_and_land(self.project, self.journal, wanted)
        assert set(landing.paths) == set(left)
        self._carry(left)
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
        result: UndoResult = step(self.project.repo, self.journal, name)  # type: ignore[operator]
        assert result.run == run.id
        assert set(result.paths) == set(self.left)
        self._carry(self.left)
        return result

    @invariant()
    def files_are_what_the_model_says(self) -> None:
        assert self.project.files() == self.disk
        tree = self.project.git("ls-tree", "-r", "--name-only", "HEAD").splitlines()
        assert {p: self.project.git("show", f"HEAD:{p}").encode() for p in tree} == self.committed
        dirty = {line[3:] for line in self.project.status().splitlines()}
        assert dirty == {p for p in PATHS if self._dirty(p)}


class TestHistory(History.TestCase):
    settings = settings(
        max_examples=6,
        stateful_step_count=8,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


TestHistory = pytest.mark.slow(TestHistory)  # type: ignore[misc]
