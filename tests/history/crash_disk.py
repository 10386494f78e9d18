"""Runs a scenario on a small file system of its own that fills up.

unshare --user --map-root-user --mount python tests/history/crash_disk.py [--every KIB]
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

from crash_harness import CrashLab
from crash_scenarios import SCENARIOS

_SIZE_MIB = 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=list(SCENARIOS), default="run")
    parser.add_argument("--to", type=int, default=600, help="KiB that are left, at most")
    parser.add_argument("--every", type=int, default=8, help="in steps of so many KiB")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE_MIB}m", "tmpfs", name]
        subprocess.run(mount, check=True)
        try:
            lab = CrashLab(Path(name), SCENARIOS[options.scenario])
            ends = {"before": 0, "after": 0, "lost": 0}
            for left in range(0, options.to, options.every):
                try:
                    end = lab.fill_disk(left)
                except AssertionError as error:
                    end = "lost"
                    print(f"{options.scenario}, {left} KiB left: {error}", flush=True)
                ends[end] += 1
            print(f"{options.scenario} (disk): {sum(ends.values())} kills, {ends}", flush=True)
        finally:
            subprocess.run(["umount", name], check=True)


if __name__ == "__main__":
    main()
