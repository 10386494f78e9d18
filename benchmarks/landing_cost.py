"""What a run costs in a large repository: CPU time, and what it writes, beyond the model and tests.

    python benchmarks/landing_cost.py [--files 20000] [--size 0] [--runs 5] [--folder DIR]
    python benchmarks/landing_cost.py --files 100000 --size 50000 --runs 2 --folder DIR --keep

Makes a repository with so many files (of `--size` bytes each, besides a function), then
changes one file again and again with `sorte apply`. The test command does nothing. A first run (one
after `sorte clean --days 0`, which throws the kept tree away) checks the tree out, the later ones
use it again; `git worktree add` of the same tree is measured beside it, and `git commit` of such a
change. With `--keep` the repository stays in
DIR/landing-cost, and is not made again the next time. CPU time and what was written to the disk
(nothing, where the folder is in memory) are those of a command and of all processes it started.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

NAMES = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
TARGET = "pkg000/sub00/mod000003.py"


def make(root: Path, files: int, size: int) -> None:
    """A repository of so many Python files, in folders of twenty."""
    root.mkdir(parents=True)
    for number in range(files):
        path = root / f"pkg{number // 400:03d}/sub{number // 20 % 20:02d}/mod{number:06d}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f"def value_{number}(amount):\n    return amount + {number}\n"
        noise = f"# {os.urandom(32).hex()}\n" * (size // 67)
        path.write_text(text + noise)
    (root / "check.sh").write_text("true\n")
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "first")):
        options = ("-c", "gc.auto=0", "-c", "core.fsync=none", "-c", "core.compression=1")
        subprocess.run(["git", *options, *words], cwd=root, check=True)
    # Packed, as every clone is.
    subprocess.run(["git", "gc", "--quiet"], cwd=root, check=True)


@dataclass(frozen=True)
class Cost:
    """What a command and all processes that it started took."""

    cpu_s: float
    clock_s: float
    written_mb: float

    def __str__(self) -> str:
        return f"{self.cpu_s:.2f} s CPU, {self.clock_s:.2f} s, {self.written_mb:.1f} MB written"


def measured(*command: str, cwd: Path, stdin: str = "") -> Cost:
    """Run a command and wait for it."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, cwd=cwd, input=stdin, text=True, capture_output=True, check=True)
    clock = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(used, clock, (after.ru_oublock - before.ru_oublock) * 512 / 1e6)


def change(root: Path, number: int) -> str:
    """The operations that change one line."""
    line = next(row for row in (root / TARGET).read_text().splitlines() if "return" in row)
    return f"replace_text {TARGET}\n<<<\n{line}\n>>>\n<<<\n    return amount + {number}\n>>>\n"


def size_of(folder: Path) -> int:
    return int(subprocess.check_output(["du", "-sk", str(folder)]).split()[0]) * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", default=None, help="where to make it (default: temporary)")
    parser.add_argument("--keep", action="store_true", help="leave it there for the next time")
    options = parser.parse_args()
    if options.keep:
        home = Path(options.folder or ".") / "landing-cost"
        home.mkdir(parents=True, exist_ok=True)
        measure(home, options)
    else:
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            measure(Path(name), options)


def measure(home: Path, options: argparse.Namespace) -> None:
    """Make the repository below `home`, and print what runs in it cost."""
    root = home / "shop"
    os.environ.update(dict.fromkeys(NAMES, "ana@example.org"))
    os.environ.update({f"SORTE_{n}_DIR": str(home / n) for n in ("STATE", "CACHE", "CONFIG")})
    os.environ.update(HOME=str(home), GIT_CONFIG_NOSYSTEM="1")
    if not root.exists():
        make(home / "half", options.files, options.size)
        (home / "half").rename(root)
    print(f"{options.files} files, {size_of(root) / 1e6:.0f} MB with .git", flush=True)
    tree = str(home / "by-hand")
    cost = measured("git", "worktree", "add", "--detach", tree, "HEAD", cwd=root)
    print(f"git worktree add by hand: {cost}", flush=True)
    measured("git", "worktree", "remove", "--force", tree, cwd=root)
    sorte = [sys.executable, "-m", "sorte_cli"]
    apply = [*sorte, "apply", "-", "--yes", "--test-command", "sh check.sh"]
    for kind in ("first", "later"):
        costs = []
        for number in range(options.runs):
            if kind == "first":
                measured(*sorte, "clean", "--days", "0", "--yes", cwd=root)
            cost = measured(*apply, cwd=root, stdin=change(root, time.time_ns()))
            print(f"{kind} run {number + 1}: {cost}", flush=True)
            costs.append(cost.cpu_s)
        print(f"{kind} runs: median {statistics.median(costs):.2f} s CPU", flush=True)
    for verb in ("undo", "redo"):
        print(f"{verb}: {measured(*sorte, verb, '--yes', cwd=root)}", flush=True)
    (root / TARGET).write_text("def changed():\n    return amount + 0\n")
    print(f"git commit -a of one file: {measured('git', 'commit', '-aqm', 'x', cwd=root)}")
    kept = size_of(root / ".git/sorte")
    print(f"kept for the next run: {kept / 1e6:.0f} MB; `sorte clean --days 0` removes it")


if __name__ == "__main__":
    main()
