"""How much of real history the operations can say: exactness, fineness and output tokens.

    python benchmarks/replay.py --repos DIR [--limit N] [--vocab GGUF] [--suffixes .py] [--out FILE]

Every non-merge commit (newest first, N a repository) is expressed as a script, applied to its
parent again and compared. Tokens are counted with the vocabulary of `--vocab` (a GGUF file; Qwen2's
is the measure), else with nano's. `DIR` holds local clones.
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

from sorte_cli.agent.replaying import Replayed, replay_commit
from sorte_cli.history import Repository
from sorte_cli.paths import nano_model

FINE = ("named", "statement", "words", "lines")
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


def figures(done: list[Replayed], suffixes: tuple[str, ...]) -> dict[str, object]:
    """The numbers of the targets."""
    kinds = Counter(s.kind for r in done for s in r.expressed.spoken if s.path.endswith(suffixes))
    existing = {k: n for k, n in kinds.items() if k not in ("new file", "deleted file")}
    hunks = sum(existing.values()) or 1
    pairs = [(r.tokens, r.search_replace_tokens, r.whole_files_tokens) for r in done if r.tokens]
    return {
        "commits": len(done),
        "exact": sum(r.exact for r in done),
        "equal_ast": sum(r.expressed.equal_ast for r in done),
        "inexact": [
            {"commit": r.commit, "left_out": r.left_out, "problem": r.expressed.problem}
            for r in done
            if not r.exact
        ],
        "kinds": dict(kinds),
        "finely": round(sum(existing.get(k, 0) for k in FINE) / hunks, 3),
        "below_symbol": round(sum(existing.get(k, 0) for k in SMALL) / hunks, 3),
        "tokens_of_search_replace": round(statistics.median(a / b for a, b, _ in pairs if b), 3),
        "tokens_of_whole_files": round(statistics.median(a / c for a, _, c in pairs if c), 3),
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
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    count = counter(arguments.vocab or nano_model())
    suffixes = tuple(arguments.suffixes.split(","))
    done: list[Replayed] = []
    found = [
        r for r in repositories(arguments.repos)
        if not arguments.only or any(o in str(r) for o in arguments.only)
    ]  # fmt: skip
    for number, path in enumerate(found):
        repository = Repository.discover(path, writing=False)
        share = arguments.budget_s * (number + 1) / len(found)
        before = len(done)
        for commit in commits(repository, arguments.limit, suffixes):
            if time.process_time() > share:
                break
            done.append(replay_commit(repository, commit, count))
        print(f"{path}: {len(done) - before} commits", file=sys.stderr, flush=True)
    result = figures(done, suffixes)
    result["cpu_s"] = round(time.process_time(), 1)
    result["vocabulary"] = (arguments.vocab or nano_model()).name
    text = json.dumps(result, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
