"""What somebody else may do in the repository while Sorte works there, and what must come of it.

Before the nth git command of a run an action is carried out by another program. Whatever it did
must be there in the end, on top of the repository as it was before the run or after it.
"""

from __future__ import annotations

import subprocess
import sys

from crash_harness import CHILD, CrashLab
from crash_project import Snapshot
from history_support import assert_sound

ACTIONS = {  # each does all of its work, or fails and does nothing
    "edit": "printf 'my own line\\n' > shop/pay.py",
    "edit-other": "printf 'my own line\\n' > notes.txt",
    "make": "mkdir -p deep/er && printf 'mine\\n' > deep/er/new.py",
    "stage": "o=$(echo 'my own line' | git hash-object -w --stdin)"
    " && git update-index --cacheinfo 100644,$o,shop/pay.py",
    "commit": "git commit --quiet --allow-empty -m later",
    "switch": "git switch --quiet -c elsewhere",
    "gc": "git gc --quiet --prune=now",
    "pack": "git repack -adq && git pack-refs --all && git prune --expire=now",
    "lock": "printf 'another git\\n' > .git/index.lock",
    "second": f"{sys.executable} {CHILD} run . 2>/dev/null; test $? != 0",
}
LEAVES_NOTHING = frozenset({"gc", "pack", "lock", "second"})


class Actor:
    """Lets `name` of ACTIONS happen in the middle of a lab's scenario."""

    def __init__(self, lab: CrashLab, name: str) -> None:
        self.lab = lab
        self.name = name
        self.result = lab.counter.with_name("acted")
        self.script = lab.counter.with_name("action.sh")
        self.script.write_text(
            f"cd {lab.project.root} || exit 1\n"
            "unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE GIT_LITERAL_PATHSPECS GIT_OPTIONAL_LOCKS\n"
            f"PATH='{lab.environment['PATH']}'\n{ACTIONS[name]}\n"
        )
        self.ends = {} if name in LEAVES_NOTHING else self._wanted()

    def _wanted(self) -> dict[str, Snapshot]:
        """The repository before the run, and after it, with what was done on top."""
        lab = self.lab
        lab.reset()
        self._by_itself()
        ends = {"before": Snapshot.of(lab.project)}
        lab.reset()
        lab.command(lab.scenario.operation)
        self._by_itself()
        ends["after"] = Snapshot.of(lab.project)
        return ends

    def _by_itself(self) -> None:
        subprocess.run(["sh", str(self.script)], env=self.lab.environment, check=True)

    def act(self, at: int) -> str:
        """The end that it came to; AssertionError where something is lost."""
        lab = self.lab
        lab.reset()
        self.result.unlink(missing_ok=True)
        lab.with_git(at, f"(sh {self.script} >/dev/null 2>&1; echo $? > {self.result})")
        lock = lab.project.root / ".git/index.lock"
        if self.name == "lock" and self.result.read_text() == "0\n" and lock.exists():
            assert lock.read_bytes() == b"another git\n"
            lock.unlink()
        if not self.ends or self.result.read_text() != "0\n":
            return lab.recover_and_check()
        lab.recover()
        assert_sound(lab.project)
        now = Snapshot.of(lab.project)
        for name, wanted in self.ends.items():
            if now == wanted:
                return name
        raise AssertionError(f"{self.name}: neither end: {now}\nwanted {self.ends}")
