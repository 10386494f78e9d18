"""How long a commit waits for its review: the hook on 20 staged files, and a project of 2,000.

    python benchmarks/review.py [--runs N] [--json FILE]

The files are Sorte's own modules, so they are real code; each staged one has an edited function.
Measured are whole processes from outside, as git would start them. `linters alone` is ruff and
bandit, one after the other, on the changed files of before and after: what sorting new findings
from old ones costs on top is the ratio. On a busy machine the lowest figures tell most.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "sorte_cli"
STAGED = 20
PROJECT = 2_000
LIMIT_S, LIMIT_RATIO = 1.0, 1.5
BIN = Path(sys.executable).parent
RETURN = re.compile(r"\n    return ")


@dataclass(frozen=True)
class Measured:
    """Seconds of one command over all rounds: wall (median, lowest) and processor time."""

    name: str
    wall_s: float
    lowest_s: float
    cpu_s: float


def modules(count: int) -> list[tuple[str, str]]:
    """(path, text) of `count` files: Sorte's modules, over and over in other folders."""
    found = sorted(p for p in SOURCE.rglob("*.py") if "demo" not in p.parts and p.stat().st_size)
    return [
        (f"part{n // len(found)}/{path.relative_to(SOURCE)}", path.read_text(encoding="utf-8"))
        for n, path in ((n, found[n % len(found)]) for n in range(count))
    ]


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


def make(root: Path, files: int, staged: int) -> list[str]:
    """A repository of `files` files with `staged` of them edited and staged; their paths."""
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "config", "user.name", "Ana")
    git(root, "config", "user.email", "ana@example.org")
    given = modules(files)
    for name, text in given:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=base")
    edited = [name for name, text in given if RETURN.search(text)][:staged]
    for name in edited:
        path = root / name
        text = path.read_text(encoding="utf-8")
        path.write_text(RETURN.sub("\n    _ = 0\n    return ", text, count=1), encoding="utf-8")
    git(root, "add", "--all")
    return edited


def measure(name: str, command: Sequence[str], cwd: Path, runs: int) -> Measured:
    walls, cpus = [], []
    environment = {**os.environ, "SORTE_STATE_DIR": str(cwd.parent / "state")}
    for _ in range(runs):
        before = os.times()
        started = time.perf_counter()
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False)
        walls.append(time.perf_counter() - started)
        after = os.times()
        cpus.append(
            after.children_user + after.children_system
            - before.children_user - before.children_system
        )  # fmt: skip
        if done.returncode not in (0, 1):
            raise SystemExit(f"{name}: {done.stderr.decode()}")
    return Measured(name, statistics.median(walls), min(walls), statistics.median(cpus))


def linters(root: Path, edited: Sequence[str], folder: Path, runs: int) -> tuple[Measured, ...]:
    """Ruff and bandit alone, on both sides of the changed files."""
    for side, revision in (("before", "HEAD"), ("after", "")):
        for name in edited:
            path = folder / side / name
            path.parent.mkdir(parents=True, exist_ok=True)
            shown = subprocess.run(
                ["git", "-C", str(root), "show", f"{revision}:{name}"],
                check=True,
                capture_output=True,
            )
            path.write_bytes(shown.stdout)
    ruff = [str(BIN / "ruff"), "check", "--no-cache", "--exit-zero", "--quiet", "."]
    bandit = [sys.executable, "-m", "bandit", "--quiet", "--exit-zero", "--recursive", "."]
    return (
        measure("ruff alone", ruff, folder, runs),
        measure("bandit alone", bandit, folder, runs),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    sorte = (sys.executable, "-P", "-m", "sorte_cli")
    results: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="sorte-bench-") as name:
        folder = Path(name)
        small = folder / "small"
        make(small, STAGED * 2, STAGED)
        hook = measure("hook", (*sorte, "hook", "run", "pre-commit"), small, options.runs)
        results.append(hook)
        large = folder / "large"
        edited = make(large, PROJECT, STAGED)
        review = measure(
            "review", (*sorte, "review", "--staged", "--no-model"), large, options.runs
        )
        alone = linters(large, edited, folder / "sides", options.runs)
        results += [review, *alone]
    ratio = review.lowest_s / sum(m.lowest_s for m in alone)
    print(f"{'':34} {'wall':>8} {'lowest':>8} {'cpu':>8}")
    labels = (
        f"hook, {STAGED} staged files",
        f"review, {STAGED} of {PROJECT} files",
        "  ruff alone, both sides",
        "  bandit alone, both sides",
    )
    for label, m in zip(labels, results, strict=True):
        print(f"{label:34} {m.wall_s:7.2f}s {m.lowest_s:7.2f}s {m.cpu_s:7.2f}s")
    print(f"hook: limit {LIMIT_S:.1f} s, lowest {hook.lowest_s:.2f} s")
    print(f"review against the linters alone: {ratio:.2f} (limit {LIMIT_RATIO})")
    if options.json:
        data = {"results": [asdict(m) for m in results], "ratio": ratio}
        options.json.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
