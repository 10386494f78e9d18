"""The recorded run of the crash harness: every kind of kill and fault, and how many lost anything.

    python benchmarks/crash/record.py [--every N] [--commands-every N] [--faults-every N]
           [--workers N] [--seconds N] [--notes FILE]

Takes hours with the defaults, and may be stopped at any time: what was tried is in the notes, and
the next start goes on from there (`--seconds` stops by itself). Prints a line for each piece, and
the sums. A piece is every so-manieth call of a scenario, so that a part of it tries all of a run.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

HARNESS = Path(__file__).parents[2] / "tests" / "history" / "crash_harness.py"
LINE = re.compile(r"^(\S+) \((\w+)\): (\d+) kills, (\{.*\})$")
HISTORY = ("run", "undo", "redo", "revert", "linked", "detached", "recovery", "kept", "killed-kept")
COMMANDS = (
    *("apply", "do", "cli-undo", "cli-redo", "fix", "apply-kept"),
    *("apply-linked", "apply-submodule", "apply-superproject", "apply-sparse", "apply-shallow"),
)
ERRORS = ("ENOSPC", "EIO", "EACCES", "EMFILE", "ENOMEM", "EROFS", "EDQUOT", "ESTALE", "EXDEV")
ACTIONS = (
    *("edit", "edit-other", "make", "stage", "commit", "switch"),
    *("gc", "pack", "lock", "second"),
)


@dataclass(frozen=True)
class Piece:
    """One call of the harness: what it tries, and its arguments."""

    what: str
    arguments: tuple[str, ...]


def strided(what: str, scenario: str, every: int, *more: str, parts: int = 5) -> Iterator[Piece]:
    """Every `every`th call of a scenario, in so many parts that each go through all of it."""
    for part in range(parts):
        where = ("--first", str(1 + part * every), "--every", str(parts * every))
        yield Piece(what, ("--scenario", scenario, *where, *more))


def pieces(every: int, commands_every: int, faults_every: int) -> list[Piece]:
    """All of it, so ordered that the first pieces are already a fair sample."""
    series: list[Iterator[Piece]] = []
    series += [strided("killed at a call", name, every, parts=20) for name in HISTORY]
    few = faults_every
    for error in ERRORS:
        for scenario in ("run", "kept", "undo"):
            series.append(strided("a call fails", scenario, few, "--fail", error))
        series.append(strided("calls fail from then on", "run", few, "--fail", error, "--lasting"))
    series += [
        strided("a call is done, and said to have failed", scenario, few, "--fail", error, "--lost")
        for error in ("EIO", "ESTALE")
        for scenario in ("run", "undo")
    ]
    series += [
        strided("killed where there are no hard links, coarse times", name, few, "--coarse")
        for name in ("run", "undo", "kept")
    ]
    series += [
        strided("the clock jumps", "run", few, "--jump", seconds)
        for seconds in ("-100000000", "100000000")
    ]
    series += [strided("a git command fails", name, 1, "--break-git") for name in HISTORY]
    series += [strided("a git command hangs", name, 2, "--hang-git") for name in ("run", "kept")]
    series += [strided("another program at work", "run", 1, "--act", name) for name in ACTIONS]
    series += [
        strided("git killed alone", name, few, "--scope", "git", "--caller-only")
        for name in ("run", "revert")
    ]
    series += [
        strided("a command killed at a call", name, commands_every, parts=20) for name in COMMANDS
    ]
    singles = [
        Piece("a child killed alone", ("--scenario", "do", "--kill-child", kind, "--limit", limit))
        for kind, limit in (("engine", "2"), ("bwrap", "4"), ("git", "20"))
    ]
    singles += [
        Piece("killed at a random time", ("--scenario", name, "--at-random-times", "12"))
        for name in HISTORY
    ]
    rounds = [piece for row in zip_longest(*series) for piece in row if piece is not None]
    return [*rounds[: len(series)], *singles, *rounds[len(series) :]]


def run(piece: Piece) -> dict[str, object]:
    """Carry out a piece; what came of it."""
    command = [sys.executable, str(HARNESS), *piece.arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [LINE.match(line) for line in done.stdout.splitlines()]
    tried = sum(int(match.group(3)) for match in found if match)
    lost = sum(int(n) for n in re.findall(r"'lost': (\d+)", done.stdout))
    said = "" if done.returncode == 0 and not lost else (done.stdout + done.stderr)[-4000:]
    return {
        "what": piece.what,
        "arguments": " ".join(piece.arguments),
        "tried": tried,
        "lost": lost,
        "ended_well": done.returncode == 0,
        "said": said,
    }


def report(notes: Path) -> int:
    """Print the sums; how many lost anything."""
    tried: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    rows = [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []
    for row in rows:
        tried[row["what"]] += row["tried"]
        lost[row["what"]] += row["lost"]
        if row["said"]:
            print(f"{row['arguments']}\n{row['said']}")
    print()
    for what, count in tried.items():
        print(f"{what}: {count}, of which lost anything: {lost[what]}")
    print(f"in all: {tried.total()}, of which lost anything: {lost.total()}")
    return lost.total()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--commands-every", type=int, default=10)
    parser.add_argument("--faults-every", type=int, default=8)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--notes", type=Path, default=Path("crash-record.jsonl"))
    parser.add_argument("--only", default="", help="pieces with this word only")
    options = parser.parse_args()
    ends = time.monotonic() + options.seconds
    notes: Path = options.notes
    known = notes.read_text().splitlines() if notes.exists() else []
    done = {json.loads(line)["arguments"] for line in known}
    wanted = pieces(options.every, options.commands_every, options.faults_every)
    left = [p for p in wanted if " ".join(p.arguments) not in done and options.only in str(p)]

    def carry_out(piece: Piece) -> None:
        if time.monotonic() > ends:
            return
        row = run(piece)
        with notes.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(f"{row['tried']:4} tried, {row['lost']} lost: {row['arguments']}", flush=True)

    with ThreadPoolExecutor(options.workers) as pool:
        list(pool.map(carry_out, left))
    sys.exit(1 if report(notes) else 0)


if __name__ == "__main__":
    main()
