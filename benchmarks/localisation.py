"""Which files must change, from a sentence: recall and MRR over real commits of real repositories.

    python benchmarks/localisation.py --repos DIR [--data FILE] [--out FILE] [--limit N]
                                      [--seconds S]

Each query is indexed at the parent of its commit, read straight from git's objects: nothing later
is in sight. `DIR/owner+name/repo` (or `DIR/name`) are local clones. The dataset's own `score.py`,
which lies beside it, computes the figures. What stands in the `--out` file already is not asked
again, and `--seconds` ends the asking after that time, so that a long run can be done in pieces.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sorte_cli.context.index import ProjectIndex

DATA = Path(__file__).parents[2] / "shared/bench/localisation/dataset.open.jsonl"
RANKED = 60
SYMBOLS_COUNTED = (10, 20, 40)
LINES_LOOKED_AT = 300


def clone_of(repositories: Path, name: str) -> Path:
    """The git directory of a local clone."""
    for folder in (
        repositories / name.replace("/", "+") / "repo",
        repositories / name.split("/")[1],
    ):
        if folder.is_dir():
            return folder / ".git" if (folder / ".git").is_dir() else folder
    raise SystemExit(f"no clone of {name} under {repositories}")


def changed_symbols(index: ProjectIndex, ranges: dict[str, list[list[int]]]) -> set[str]:
    """Addresses of the innermost definitions that the changed lines lie in."""
    found: set[str] = set()
    for path, parts in ranges.items():
        symbols = index.symbols(path)
        for first, last in parts:
            for line in range(first, min(last, first + LINES_LOOKED_AT) + 1):
                around = [s for s in symbols if s.line <= line <= s.end_line]
                if around:
                    found.add(max(around, key=lambda s: (s.line, -s.end_line)).address)
    return found


def symbol_recall(rows: list[dict]) -> str:
    """Of the definitions that a commit changed, the share among the first that are selected."""
    asked = [r for r in rows if r["symbols_changed"]]
    shares = {
        count: sum(
            sum(place < count for place in r["symbol_places"]) / r["symbols_changed"] for r in asked
        )
        / max(len(asked), 1)
        for count in SYMBOLS_COUNTED
    }
    listed = ", ".join(f"@{count} {share:.3f}" for count, share in shares.items())
    return f"symbol recall over {len(asked)} queries: {listed}"


def answers(rows: list[dict], repositories: Path, cache: Path, field: str) -> Iterator[dict]:
    for row in rows:
        git_dir = clone_of(repositories, row["repo"])
        with ProjectIndex.at_commit(git_dir, row["parent"], cache) as index:
            began = time.perf_counter()
            stats = index.update()
            updated_ms = (time.perf_counter() - began) * 1e3
            began = time.perf_counter()
            ranked = index.rank(row[field], RANKED)
            took_ms = (time.perf_counter() - began) * 1e3
            changed = changed_symbols(index, row.get("ranges", {}))
            chosen = [s.address for s in index.select(row[field]).symbols] if changed else []
        yield {
            "id": row["id"],
            "files": [r.path for r in ranked],
            "ms": round(took_ms, 2),
            "update_ms": round(updated_ms, 1),
            "indexed": stats.indexed,
            "symbol_places": sorted(chosen.index(a) for a in changed if a in chosen),
            "symbols_changed": len(changed),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--repos", type=Path, required=True, help="folder of local clones")
    parser.add_argument("--out", type=Path, help="write the rankings here and keep them")
    parser.add_argument("--cache", type=Path, help="keep the indexes here")
    parser.add_argument("--repo", action="append", help="only these repositories")
    parser.add_argument("--limit", type=int, default=0, help="only every n-th query, N in all")
    parser.add_argument("--field", default="text", choices=("text", "text_hard"))
    parser.add_argument("--seconds", type=float, default=0, help="ask no more after this time")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.data.read_text(encoding="utf-8").splitlines()]
    rows = [r for r in rows if not options.repo or r["repo"] in options.repo]
    if options.limit and options.limit < len(rows):
        rows = rows[:: len(rows) // options.limit][: options.limit]
    with tempfile.TemporaryDirectory() as scratch:
        out = options.out or Path(scratch) / "sorte.jsonl"
        cache = options.cache or Path(scratch)
        lines = out.read_text(encoding="utf-8").splitlines() if out.is_file() else []
        there = {json.loads(line)["id"] for line in lines}
        missing = [r for r in rows if r["id"] not in there]
        ends = time.monotonic() + (options.seconds or 1e9)
        with out.open("a", encoding="utf-8") as handle:
            asked = answers(missing, options.repos, cache, options.field)
            for number, answer in enumerate(asked, len(there) + 1):
                handle.write(json.dumps(answer) + "\n")
                handle.flush()
                if number % 50 == 0:
                    print(f"{number} of {len(rows)}", file=sys.stderr)
                if time.monotonic() > ends:
                    break
        given = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        print(symbol_recall(given), flush=True)
        score = [
            sys.executable,
            "score.py",
            str(out.resolve()),
            "--data",
            str(options.data.resolve()),
        ]
        for extra in (["--by-repo"], ["--unnamed"], ["--view", "code"]):
            print("##", *extra, flush=True)
            subprocess.run([*score, "--common", *extra], cwd=options.data.parent, check=True)


if __name__ == "__main__":
    main()
