"""Start-up time of `sorte` beside bare Python and, where it is installed, aider.

    python benchmarks/startup.py [--runs N] [--json FILE]

Whole processes, measured from outside: wall time and processor time (medians) and peak memory.
Rounds are interleaved, so that a busy moment of the machine hits every command alike; on a busy
machine compare processor times and the ratios to bare Python. Peak memory cannot come out below
that of this script, which starts the others (Linux counts what a process had before `exec`).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SORTE = (sys.executable, "-m", "sorte_cli")


@dataclass(frozen=True)
class Subject:
    """A command to measure; `limit_ms` is what we hold ourselves to."""

    name: str
    command: Sequence[str]
    limit_ms: float | None = None


@dataclass(frozen=True)
class Sample:
    """One process: wall and processor time in milliseconds, peak memory in MiB."""

    wall_ms: float
    cpu_ms: float
    peak_mib: float


@dataclass(frozen=True)
class Result:
    """Medians over all rounds; memory is the largest peak of any round."""

    name: str
    wall_ms: float
    lowest_ms: float
    cpu_ms: float
    peak_mib: float
    ratio: float
    limit_ms: float | None


def subjects() -> list[Subject]:
    """What is measured on this machine. Bare Python comes first: ratios are to it."""
    installed = Path(sys.executable).with_name("sorte")
    sorte = (str(installed),) if installed.is_file() else SORTE
    found = [
        Subject("python -c pass", (sys.executable, "-c", "pass")),
        Subject("sorte --version", (*sorte, "--version"), 80),
        Subject("sorte --help", (*sorte, "--help"), 200),
        Subject("sorte log (to the first answer)", (*sorte, "log"), 350),
    ]
    if aider := shutil.which("aider"):
        found += [
            Subject("aider --version", (aider, "--version")),
            Subject("aider --help", (aider, "--help")),
        ]
    return found


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Sample:
    """Run one process to its end."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _pid, status, usage = os.wait4(process.pid, 0)
    wall_ms = (time.perf_counter() - began) * 1000
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with code {process.returncode}")
    unit = 1024**2 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux KiB
    cpu_ms = (usage.ru_utime + usage.ru_stime) * 1000
    return Sample(wall_ms, cpu_ms, usage.ru_maxrss / unit)


def make_repository(folder: Path, environment: Mapping[str, str]) -> None:
    """A repository with one commit, for the commands that want one."""
    (folder / "prices.py").write_text("LIMIT = 3\n", encoding="utf-8")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "first")):
        subprocess.run(("git", *arguments), cwd=folder, env=environment, check=True)


def run(rounds: int) -> list[Result]:
    """Every subject `rounds` times, after one round that warms the disk's cache."""
    with tempfile.TemporaryDirectory(prefix="sorte-bench-") as name:
        folder = Path(name, "project")
        folder.mkdir()
        environment = {
            **os.environ,
            "HOME": name,
            "SORTE_STATE_DIR": f"{name}/state",
            "SORTE_CACHE_DIR": f"{name}/cache",
            "SORTE_CONFIG_DIR": f"{name}/config",
            "GIT_AUTHOR_NAME": "bench",
            "GIT_AUTHOR_EMAIL": "bench@example.com",
            "GIT_COMMITTER_NAME": "bench",
            "GIT_COMMITTER_EMAIL": "bench@example.com",
        }
        make_repository(folder, environment)
        taken: dict[str, list[Sample]] = {}
        everyone = subjects()
        for number in range(rounds + 1):
            for subject in everyone:
                sample = measure(subject.command, folder, environment)
                if number > 0:
                    taken.setdefault(subject.name, []).append(sample)
    bare = statistics.median(s.wall_ms for s in taken[everyone[0].name])
    return [_result(subject, taken[subject.name], bare) for subject in everyone]


def _result(subject: Subject, samples: Sequence[Sample], bare_ms: float) -> Result:
    walls = [s.wall_ms for s in samples]
    median = statistics.median(walls)
    return Result(
        subject.name,
        round(median, 1),
        round(min(walls), 1),
        round(statistics.median(s.cpu_ms for s in samples), 1),
        round(max(s.peak_mib for s in samples), 1),
        round(median / bare_ms, 2),
        subject.limit_ms,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15, help="rounds (default: 15)")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    arguments = parser.parse_args()
    results = run(arguments.runs)
    width = max(len(r.name) for r in results)
    print(f"{'':{width}}  median ms  lowest ms    CPU ms  peak MiB  x python  limit ms")
    for r in results:
        limit = "" if r.limit_ms is None else f"{r.limit_ms:.0f}"
        print(
            f"{r.name:{width}}  {r.wall_ms:9.1f}  {r.lowest_ms:9.1f}  {r.cpu_ms:8.1f}"
            f"  {r.peak_mib:8.1f}  {r.ratio:8.2f}  {limit:>8}"
        )
    if not shutil.which("aider"):
        print("aider is not installed here, so it was not measured")
    if arguments.json:
        document = {"runs": arguments.runs, "results": [asdict(r) for r in results]}
        arguments.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
