"""How much of real history the operations can say: exactness, fineness and output tokens.

    python benchmarks/replay.py --repos DIR [--limit N] [--vocab GGUF] [--suffixes .py]
        [--state FILE] [--budget-s S] [--out FILE]

Every non-merge commit that touches a file with one of the endings (newest first, N a repository) is
expressed as a script, applied to its parent again and compared. With `--state` a run goes on where
the last one ended. Tokens are those of the scripts in their short form, counted with the vocabulary
of `--vocab` (a GGUF file; Qwen2's is the measure), else with nano's. `DIR` holds local clones.

A hunk is said finely by a named operation, statements, an expression, lines (not Python) or a piece
of text that takes hold of no more than one line; `text` takes hold of several lines.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from resumable import add_row, read_rows
from sorte_cli.agent.replaying import Replayed, replay_commit
from sorte_cli.history import Repository
from sorte_cli.paths import nano_model

FINE = ("named", "statement", "expression", "words", "lines")
SMALL = (*FINE, "text")


def counter(vocabulary: Path) -> Callable[[str], int]:
    """How many tokens a text has."""
    from llama_cpp import Llama

    model = Llama(str(vocabulary), vocab_only=True, verbose=False)
    return lambda text: len(model.tokenize(text.encode(), add_bos=False, special=False))


def repositories(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        inner = [path, *sorted(p for p in path.iterdir() if p.is_dir())] if path.is_dir() else []
        found = next((p for p in inner if (p / ".git").exists() or (p / "HEAD").exists()), None)
        if found is not None:
            yield found


def commits(repository: Repository, limit: int, suffixes: tuple[str, ...]) -> Iterator[str]:
    """The newest commits without merges that touch a file with one of the endings."""
    found = 0
    for commit in repository.git("rev-list", "--no-merges", "HEAD").decode().split():
        names = repository.git("diff-tree", "-r", "--root", "--name-only", "--no-commit-id", commit)
        if any(name.endswith(suffixes) for name in names.decode("utf-8", "replace").split("\n")):
            yield commit
            found += 1
        if found == limit:
            return


def row_of(name: str, done: Replayed) -> dict[str, Any]:
    """What is kept of one commit: hunks by ending and kind, and what the figures need."""
    kinds: dict[str, Counter[str]] = {}
    for spoken in done.expressed.spoken:
        kinds.setdefault(Path(spoken.path).suffix, Counter())[spoken.kind] += spoken.hunks
    return {
        "repository": name,
        "commit": done.commit,
        "exact": done.exact,
        "equal_ast": done.expressed.equal_ast,
        "unchecked": done.expressed.unchecked,
        "left_out": list(done.left_out),
        "problem": done.expressed.problem,
        "kinds": kinds,
        "tokens": [done.tokens, done.search_replace_tokens, done.whole_files_tokens],
    }


def figures(rows: list[dict[str, Any]], suffixes: tuple[str, ...]) -> dict[str, object]:
    """The numbers of the targets."""
    kinds: Counter[str] = Counter()
    for row in rows:
        for suffix, counted in row["kinds"].items():
            kinds.update(counted if suffix in suffixes else {})
    existing = {k: n for k, n in kinds.items() if k not in ("new file", "deleted file")}
    hunks = sum(existing.values()) or 1
    pairs = [row["tokens"] for row in rows if row["tokens"][0]]
    return {
        "commits": len(rows),
        "repositories": dict(Counter(row["repository"] for row in rows)),
        "exact": sum(row["exact"] for row in rows),
        "sayable": sum(not row["left_out"] for row in rows),
        "equal_ast": sum(row["equal_ast"] for row in rows),
        "unchecked": sum(row["unchecked"] for row in rows),
        "inexact": [
            {k: row[k] for k in ("repository", "commit", "left_out", "problem")}
            for row in rows
            if not row["exact"]
        ],
        "hunks": sum(existing.values()),
        "kinds": dict(kinds),
        "finely": round(sum(existing.get(k, 0) for k in FINE) / hunks, 3),
        "below_symbol": round(sum(existing.get(k, 0) for k in SMALL) / hunks, 3),
        "tokens_of_search_replace": round(statistics.median(a / b for a, b, _ in pairs if b), 3),
        "tokens_of_whole_files": round(statistics.median(a / c for a, _, c in pairs if c), 3),
        "all_tokens_of_search_replace": round(
            sum(a for a, _, _ in pairs) / (sum(b for _, b, _ in pairs) or 1), 3
        ),
        "median_tokens": statistics.median(a for a, _, _ in pairs),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repos", type=Path, required=True, help="folder of local clones")
    parser.add_argument("--only", action="append", default=[], help="part of a clone's path")
    parser.add_argument("--limit", type=int, default=100, help="commits a repository")
    parser.add_argument("--vocab", type=Path, default=None)
    parser.add_argument("--suffixes", default=".py", help="comma-separated endings to measure")
    parser.add_argument("--budget-s", type=float, default=280.0, help="CPU seconds to stop after")
    parser.add_argument("--state", type=Path, default=None, help="results so far, a line each")
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    count = counter(arguments.vocab or nano_model())
    suffixes = tuple(arguments.suffixes.split(","))
    rows = list({row["commit"]: row for row in read_rows(arguments.state)}.values())
    done = {row["commit"] for row in rows}
    for path in repositories(arguments.repos):
        if arguments.only and not any(o in str(path) for o in arguments.only):
            continue
        repository = Repository.discover(path, writing=False)
        for commit in commits(repository, arguments.limit, suffixes):
            if time.process_time() > arguments.budget_s:
                break
            if commit not in done:
                one = replay_commit(repository, commit, count)
                rows.append(row_of(path.name, one))
                add_row(arguments.state, rows[-1])
        print(f"{path}: {len(rows)} commits so far", file=sys.stderr, flush=True)
    result = figures(rows, suffixes)
    result["cpu_s"] = round(time.process_time(), 1)
    result["vocabulary"] = (arguments.vocab or nano_model()).name
    text = json.dumps(result, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
