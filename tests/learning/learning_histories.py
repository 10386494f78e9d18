"""A real repository with runs that were written into a real journal, without running a model."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sorte_cli.edits import DirectorySnapshot, apply_script, parse_script
from sorte_cli.history import Journal, Repository
from sorte_cli.history.journal import Mark

SHOP = {
    "shop/orders.py": (
        "ORDER_LIMIT = 40\nORDER_PAGES = 8\n\n\n"
        "def calc_total(items, rate=2):\n    total = sum(items)\n    return total * rate\n\n\n"
        "def find_order(key, source):\n    return source[key]\n"
    ),
    "shop/stocks.py": "STOCK_LIMIT = 10\n\n\nclass StockPolicy:\n    days = 3\n",
}


class Past:
    """Runs are landed by applying their scripts; everything else is only written down."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in SHOP.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        self.git("init", "-q", "--initial-branch=main")
        self.commit("feat: a shop")
        self.repository = Repository.discover(root, writing=False)
        self.journal = Journal.open()

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com")
        done = subprocess.run(
            ["git", *who, *words], cwd=self.root, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def do(self, task: str, plan: str, script: str, *, edited: str = "") -> str:
        """A run that landed. `edited` is the plan as the person changed it."""
        run = self.journal.start_run(self.repository, task, "do", "do").id
        self.journal.record(run, "plan", {"plan": plan})
        if edited:
            self.journal.record(run, "plan_edited", {"plan": edited})
        self._land(run, script, "step")
        return run

    def apply(self, script: str) -> str:
        """A script that landed."""
        run = self.journal.start_run(self.repository, "apply -", "apply", "apply").id
        self._land(run, script, "operations")
        return run

    def fail(self, task: str, plan: str = "") -> str:
        """A run that came to nothing."""
        run = self.journal.start_run(self.repository, task, "do", "do").id
        if plan:
            self.journal.record(run, "plan", {"plan": plan})
        self.journal.set_status(run, "not landed")
        return run

    def undo(self, run: str) -> None:
        """Take a landed run back, in the journal and by a new commit."""
        record = self.journal.run(self.repository, run)
        self.git("checkout", "-q", record.base, "--", ".")
        self.commit("revert: a run")
        self.journal.mark([Mark(run, "undone")])

    def rate(self, run: str, *, good: bool) -> None:
        self.journal.record(run, "feedback", {"good": good, "note": ""})

    def _land(self, run: str, script: str, event: str) -> None:
        base = self.git("rev-parse", "HEAD")
        snapshot = DirectorySnapshot(self.root, self.repository.paths())
        for change in apply_script(parse_script(script), snapshot).changes.changes:
            if change.after is None:
                (self.root / change.path).unlink()
            else:
                (self.root / change.path).write_bytes(change.after)
        tip = self.commit(f"refactor: a step\n\nSorte-Run: {run}")
        self.journal.record(run, event, {"step": "", "script": script, "commit": tip})
        self.journal.mark([Mark(run, "landed", base, tip, "main", (tip,))])
