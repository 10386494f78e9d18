"""The recorded run of the crash harness: every kind of kill and fault, and how many lost anything.

    python benchmarks/crash/record.py [--every N] [--commands-every N]

Takes hours with the defaults. Prints a line for each scenario, and the sums.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

HARNESS = Path(__file__).parents[2] / "tests" / "history" / "crash_harness.py"
LINE = re.compile(r"^(\S+) \((\w+)\): (\d+) kills, (\{.*\})$")


def runs(every: int, commands_every: int) -> dict[str, list[list[str]]]:
    """The harness's arguments, by what they try."""
    children = [["--scenario", "do", "--kill-child", kind] for kind in ("engine", "bwrap", "git")]
    return {
        "killed at a call": [["--scenario", "history", "--every", str(every)]],
        "commands killed at a call": [["--scenario", "commands", "--every", str(commands_every)]],
        "killed at a random time": [["--scenario", "history", "--at-random-times", "40"]],
        "one child killed": [*children, ["--scenario", "history", "--scope", "git",
                                         "--caller-only", "--every", str(4 * every)]],
        "a call fails": [
            ["--scenario", "history", "--fail", error, "--every", str(8 * every), *more]
            for error in ("ENOSPC", "EIO", "EACCES", "EMFILE", "ENOMEM")
            for more in ([], ["--lasting"])
        ],
        "a git command fails": [["--scenario", "history", "--break-git", "--every", "2"]],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--commands-every", type=int, default=10)
    options = parser.parse_args()
    tried: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for what, variants in runs(options.every, options.commands_every).items():
        for arguments in variants:
            command = [sys.executable, str(HARNESS), *arguments]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    print(line, end="", flush=True)
                    if found := LINE.match(line):
                        tried[what] += int(found.group(3))
                        loss = re.search(r"'lost': (\d+)", found.group(4))
                        lost[what] += int(loss.group(1)) if loss else 0
            if process.returncode:
                sys.exit(f"{' '.join(arguments)} did not end well")
    print()
    for what, count in tried.items():
        print(f"{what}: {count}, of which lost anything: {lost[what]}")
    print(f"in all: {tried.total()}, of which lost anything: {lost.total()}")
    sys.exit(1 if lost.total() else 0)


if __name__ == "__main__":
    main()
