"""What the sandbox costs a command: the same command bare, in plain mode and in bubblewrap.

    python benchmarks/sandbox_overhead.py [--runs N]

Rounds are interleaved, so that a busy moment hits all alike.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.guardian import Limits, Sandbox, find_sandbox

LIMIT_MS = 50.0
COMMAND = ("/bin/true",)


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, timeout=60)


def make(folder: Path) -> tuple[Path, Path]:
    """A repository and a linked worktree of it, as a run has them."""
    repository = folder / "repository"
    repository.mkdir()
    git(repository, "init", "--quiet", "--initial-branch=main")
    (repository / "a.py").write_text("x = 1\n", encoding="utf-8")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=base")
    worktree = repository / ".git" / "sorte" / "run"
    git(repository, "worktree", "add", "--quiet", "--detach", str(worktree))
    return repository, worktree


def in_sandbox(sandbox: Sandbox, repository: Path, worktree: Path) -> Callable[[], None]:
    def run() -> None:
        done = sandbox.run(
            COMMAND,
            worktree=worktree,
            repository=repository,
            common_dir=repository / ".git",
            limits=Limits(timeout_s=60),
        )
        if done.returncode != 0:
            raise SystemExit(f"the sandbox does not work here: {done.output}")

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sorte-bench-") as name:
        repository, worktree = make(Path(name))
        subjects: dict[str, Callable[[], None]] = {
            "bare": lambda: subprocess.run(COMMAND, check=True) and None,
            "plain": in_sandbox(find_sandbox("none"), repository, worktree),
        }
        try:
            subjects["bubblewrap"] = in_sandbox(find_sandbox("bubblewrap"), repository, worktree)
        except EnvironmentFailure as error:
            print(f"bubblewrap: {error.message}")
        times: dict[str, list[float]] = {label: [] for label in subjects}
        for _ in range(options.runs):
            for label, run in subjects.items():
                started = time.perf_counter()
                run()
                times[label].append((time.perf_counter() - started) * 1000)
    bare = statistics.median(times["bare"])
    print(f"{'':12} {'median':>9} {'lowest':>9} {'overhead':>9}")
    for label, found in times.items():
        median = statistics.median(found)
        print(f"{label:12} {median:7.1f}ms {min(found):7.1f}ms {median - bare:7.1f}ms")
    print(f"limit of the overhead: {LIMIT_MS:.0f} ms")


if __name__ == "__main__":
    main()
