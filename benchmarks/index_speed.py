"""How much processor time the index costs: cold, warm, after one change, and for a query.

    python benchmarks/index_speed.py REPOSITORY... [--copies 1000,5000,20000] [--json]
                                     [--aider PYTHON]

Each figure is the processor time of Sorte and of the git commands it runs, in a fresh process, the
smallest of three; `cold_s` is the files, `cold_history_s` the past commits. `--copies` makes trees
of that many files by copying the first repository's files, to show how the cost grows. Where
universal-ctags is installed its time stands beside ours (of three runs the shortest), and with
`--aider` (a Python that has aider-chat) that of aider's tags for the files that we index, without
its start, run once.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TASK = "fix the error message when a required option is missing from the configuration"
RUNS = 3


def processor_s() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    git = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + git.ru_utime + git.ru_stime


def measure(repository: Path, cache: Path) -> dict[str, float]:
    """Run in a fresh process: one update, then queries, then an update after one change."""
    began = processor_s()
    from sorte_cli.context.index import ProjectIndex

    with ProjectIndex.open(repository, cache) as index:
        stats = index.update()
        opened = processor_s() - began
        began = processor_s()
        commits = index.past_commits
        history = processor_s() - began
        began = processor_s()
        index.rank(TASK)
        ranked = processor_s() - began
        began = processor_s()
        index.select(TASK)
        selected = processor_s() - began
        victim = repository / next(f for f in index.files if f.endswith((".py", ".php", ".ts")))
        before = victim.read_bytes()
        try:
            victim.write_bytes(before + b"\n")
            began = processor_s()
            index.update()
            changed = processor_s() - began
        finally:
            victim.write_bytes(before)
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = sum(f.stat().st_size for f in cache.rglob("*") if f.is_file())
    return {
        "files": stats.files,
        "commits": commits,
        "update_s": opened,
        "history_s": history,
        "rank_s": ranked,
        "select_s": selected,
        "one_changed_s": changed,
        "peak_mib": peak_kib / 1024,
        "index_mib": size / 2**20,
    }


def fresh(repository: Path, cache: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", str(cache), str(repository)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def settle(repository: Path) -> None:
    """Right after a checkout git hashes files at every look; a `git status` later ends that."""
    time.sleep(1.1)
    subprocess.run(["git", "-C", str(repository), "status"], capture_output=True, check=True)


def best(results: list[dict[str, float]]) -> dict[str, float]:
    return {name: min(r[name] for r in results) for name in results[0]}


def report(repository: Path, aider: str = "") -> dict[str, float | str]:
    settle(repository)
    cold, warm = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as cache:
            cold.append(fresh(repository, Path(cache)))
            warm.append(fresh(repository, Path(cache)))
    first, second = best(cold), best(warm)
    row: dict[str, float | str] = {"tree": repository.name, "files": first["files"]}
    row |= {"commits": first["commits"]}
    row |= {"cold_s": first["update_s"], "cold_history_s": first["history_s"]}
    row |= {"warm_s": second["update_s"] + second["history_s"]}
    row |= {k: second[k] for k in ("one_changed_s", "rank_s", "select_s")}
    row |= {"peak_mib": first["peak_mib"], "index_mib": first["index_mib"]}
    if ctags := shutil.which("ctags"):
        row["ctags_s"] = min(ctags_s(ctags, repository) for _ in range(RUNS))
    if aider:
        row["aider_s"] = aider_s(aider, repository)
    return row


def ctags_s(ctags: str, repository: Path) -> float:
    began = processor_s()
    subprocess.run(
        [ctags, "-R", "-f", os.devnull, str(repository)],
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return processor_s() - began


def aider_s(python: str, repository: Path) -> float:
    from sorte_cli.context.index import ProjectIndex

    with tempfile.TemporaryDirectory() as folder:
        with ProjectIndex.open(repository, Path(folder)) as index:
            names = "\0".join(index.files)
        command = [python, __file__, "--aider-tags", folder, str(repository)]
        done = subprocess.run(command, input=names, check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


def aider_tags(repository: Path, folder: str) -> float:
    """Run by a Python that has aider: its tags of the files named on standard input."""
    from aider.repomap import RepoMap  # type: ignore[import-not-found]

    class Files:
        """What the map asks of aider's terminal."""

        def read_text(self, name: str) -> str | None:
            try:
                return Path(name).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                return None

        def tool_warning(self, *_: object) -> None: ...

        tool_error = tool_output = tool_warning

    names = sys.stdin.read().split("\0")
    tags = RepoMap(root=folder, io=Files())
    began = processor_s()
    for name in names:
        tags.get_tags(str(repository / name), name)
    return processor_s() - began


def copies(original: Path, count: int, folder: Path) -> Path:
    """A repository of `count` files: copies of the original's, each made different."""
    raw = subprocess.run(
        ["git", "-C", str(original), "ls-files", "-z"], check=True, capture_output=True
    ).stdout
    names = [n for n in raw.decode().split("\0") if n and (original / n).is_file()]
    target = folder / f"{original.name}-{count}"
    for number in range(count):
        source = original / names[number % len(names)]
        copy = target / f"copy{number // len(names)}" / names[number % len(names)]
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes() + f"\n# copy {number}\n".encode())
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", "copies"]):
        subprocess.run(["git", "-C", str(target), *command], check=True)
    settle(target)
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--copies", default="", help="also trees of so many files, comma-separated")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--aider", default="", help="a Python that has aider-chat, to compare with")
    parser.add_argument("--aider-tags", help=argparse.SUPPRESS)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.repositories[0], options.measure)))
        return
    if options.aider_tags:
        print(aider_tags(options.repositories[0], options.aider_tags))
        return
    began = time.process_time()
    sum(i * i for i in range(3_000_000))
    unit = time.process_time() - began
    with tempfile.TemporaryDirectory() as scratch:
        trees = [r.resolve() for r in options.repositories]
        counts = [int(c) for c in options.copies.split(",") if c]
        rows = [report(t, options.aider) for t in trees]
        rows += [report(copies(trees[0], c, Path(scratch))) for c in counts]
    if options.json:
        print(json.dumps({"loop_s": unit, "rows": rows}, indent=2))
        return
    print(f"a loop of 3,000,000 squares takes {unit:.3f} s of processor time here and now")
    for row in rows:
        print(
            "  ".join(
                f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()
            )
        )


if __name__ == "__main__":
    main()
