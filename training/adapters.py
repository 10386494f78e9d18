"""Makes the general pairs that ship with `sorte train`: some to rehearse, some to measure with.

    python training/adapters.py --out src/sorte_cli/learning/general.jsonl.gz

Only invented projects are used, never harvested names, so that the file is wholly ours. The two
parts have different seeds; the nouns of the projects are mixed, the phrasing is that of training.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from generate import Maker, as_symbol
from harvest import Sym
from invent import project
from sorte_cli.learning.examples import Pair, dump
from tasks import Task

FAMILIES = {"one": 0.6, "two": 0.1, "sibling": 0.16, "none": 0.14}


class InventedMaker(Maker):
    """Draws from invented projects alone."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__([])
        names = {s.name for _ in range(60) for s in project(rng, None) if s.kind != "file"}
        self.pool = sorted(n for n in names if 3 < len(n) < 28 and n.isidentifier())

    def candidates(self, rng: random.Random) -> list[Sym]:
        found = list({s.address: s for s in project(rng, None)}.values())
        return rng.sample(found, min(len(found), rng.choice([8, 10, 12, 14, 14])))


def pair_of(symbols: list[Sym], task: Task, kind: str) -> Pair:
    return Pair(
        task.text,
        tuple(as_symbol(s) for s in symbols),
        tuple(a.step for a in task.acts),
        tuple(a.answer for a in task.acts),
        tuple((a.body,) if a.body else () for a in task.acts),
        task.reason,
        kind,
        language=task.language,
    )


def draw(maker: Maker, kind: str, count: int, seed: int) -> list[Pair]:
    """So many pairs, by family as in FAMILIES, one of each tree."""
    rng = random.Random(seed)
    wanted = {family: round(count * share) for family, share in FAMILIES.items()}
    found: list[Pair] = []
    while any(n > 0 for n in wanted.values()):
        tree = maker.tree(rng)
        task = rng.choice(tree.tasks)
        if wanted.get(task.family, 0) > 0:
            wanted[task.family] -= 1
            found.append(pair_of(tree.symbols, task, kind))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rehearse", type=int, default=700)
    parser.add_argument("--measure", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20_261)
    args = parser.parse_args()
    maker = InventedMaker(random.Random(args.seed))
    general = draw(maker, "general", args.measure, args.seed + 2)
    measured = {pair.task for pair in general}
    rehearse = draw(maker, "rehearse", args.rehearse, args.seed + 1)
    rehearse = [pair for pair in rehearse if pair.task not in measured]
    data = dump([*rehearse, *general]).encode("utf-8")
    args.out.write_bytes(gzip.compress(data, 9, mtime=0))
    print(
        f"{len(rehearse)} to rehearse, {len(general)} to measure, {args.out.stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()
