"""Trains the model that says which verbs a sentence can mean (`sorte_cli/agent/likely_verbs.py`).

    python training/verbs.py --cache RUN/harvest.pkl [--tasks 200000] [--without VOICE]

Logistic regression over hashed words, each verb against all others, on sentences of `generate.py`,
clauses and whole ones. A request about something that is not there counts as what it asks for.
`--without chat` leaves the phrasings of one author out, measures on them alone, and writes nothing:
that is what a stranger's words are worth.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

import phrasings
from generate import NO_SYMBOL, Maker, as_symbol
from harvest import harvest
from sorte_cli.agent.likely_verbs import BUCKETS, VERBS, features

HERE = ROOT / "src/sorte_cli/agent/likely_verbs.bin"
BATCH = 256
DECAY = 1e-7
PLACE = {verb: i for i, verb in enumerate(VERBS)}

Row = tuple[list[int], list[int]]
"""Features, and the places of the verbs that are meant."""


def rows(maker: Maker, count: int, seed: int) -> list[Row]:
    """So many sentences; "rename a function" and a plan for a new sibling alike."""
    rng = random.Random(seed)
    found: list[Row] = []
    while len(found) < count:
        tree = maker.tree(rng)
        symbols = [as_symbol(s) for s in tree.symbols]
        for task in tree.tasks:
            if task.reason == NO_SYMBOL:
                continue
            meant = {PLACE[act.verb] for act in task.acts}
            found.append((features(symbols, task.text), sorted(meant)))
    return found[:count]


def packed(batch: list[Row]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Features in a row, where each sentence begins, the root of its size, and its verbs."""
    flat = torch.tensor([f for features, _ in batch for f in features])
    sizes = torch.tensor([len(features) for features, _ in batch])
    starts = torch.cumsum(sizes, 0) - sizes
    wanted = torch.zeros(len(batch), len(VERBS))
    for row, (_, verbs) in zip(wanted, batch, strict=True):
        row[verbs] = 1.0
    return flat, starts, sizes.float().sqrt().unsqueeze(1), wanted


def train(data: list[Row], epochs: int, seed: int) -> tuple[Tensor, Tensor]:
    """Weights (BUCKETS, verbs) and biases."""
    torch.manual_seed(seed)
    weights = torch.nn.Parameter(torch.zeros(BUCKETS, len(VERBS)))
    biases = torch.nn.Parameter(torch.full((len(VERBS),), -3.0))
    steps = epochs * (len(data) // BATCH)
    optimiser = torch.optim.Adam([weights, biases], lr=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda n: max(0.02, 1 - n / steps))
    rng, done = random.Random(seed), 0
    for _ in range(epochs):
        rng.shuffle(data)
        for start in range(0, len(data) - BATCH + 1, BATCH):
            flat, starts, roots, wanted = packed(data[start : start + BATCH])
            scores = F.embedding_bag(flat, weights, starts, mode="sum") / roots + biases
            loss = F.binary_cross_entropy_with_logits(scores, wanted, reduction="sum") / BATCH
            optimiser.zero_grad()
            (loss + DECAY * weights.square().sum()).backward()
            optimiser.step()
            schedule.step()
            done += 1
            if done % 400 == 0:
                print(done, "of", steps, round(float(loss.detach()), 4), flush=True)
    return weights.detach(), biases.detach()


def quantised(weights: Tensor, biases: Tensor) -> bytes:
    """The file that `likely_verbs` reads."""
    scale = float(weights.abs().quantile(0.9999)) / 127
    whole = (weights / scale).round().clamp(-127, 127).to(torch.int8)
    head = " ".join(f"{n:.6g}" for n in [scale, *biases.tolist()])
    return zlib.compress(f"{head}\n".encode() + np.ascontiguousarray(whole.numpy()).tobytes(), 9)


def measure(name: str, data: list[Row], weights: Tensor, biases: Tensor) -> None:
    """How often the likeliest verb is the right one, and how often all right ones are kept at
    several thresholds, with how many are kept on average."""
    flat, starts, roots, wanted = packed(data)
    chances = torch.sigmoid(F.embedding_bag(flat, weights, starts, mode="sum") / roots + biases)
    single = wanted.sum(1) == 1
    first = (chances.argmax(1) == wanted.argmax(1))[single].float().mean()
    nothing = wanted.sum(1) == 0
    print(f"{name}: {len(data)} sentences; the likeliest is right in {first:.3f} of those with one")
    for least in (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005):
        kept = chances >= least
        all_kept = (kept | (wanted == 0)).all(1)[~nothing].float().mean()
        print(
            f"  at {least}: all meant verbs kept in {all_kept:.4f}, {kept[~nothing].sum(1).float().mean():.2f} verbs kept; "
            f"of {int(nothing.sum())} that mean none {float((~kept).all(1)[nothing].float().mean()):.3f} have none"
        )
    worst = [
        (float((chances[:, i] >= 0.02)[wanted[:, i] == 1].float().mean()), v)
        for v, i in PLACE.items()
        if wanted[:, i].any()
    ]
    print("  least kept at 0.02:", ", ".join(f"{v} {r:.3f}" for r, v in sorted(worst)[:6]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--tasks", type=int, default=200_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--without", default="", help="the name of one of phrasings/*.txt")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE)
    args = parser.parse_args()
    torch.set_num_threads(1)
    began = time.monotonic()
    modules = harvest(args.cache)
    if args.without:
        phrasings.leave_out(args.without)
    data = rows(Maker(modules), args.tasks, args.seed)
    print(f"{len(data)} sentences in {time.monotonic() - began:.0f} s", flush=True)
    weights, biases = train(data, args.epochs, args.seed)
    if args.without:
        phrasings.only(args.without)
    held = rows(Maker(modules, held_out=True), 5_000, args.seed + 1)
    measure(args.without or "all voices, packages never seen", held, weights, biases)
    raw = quantised(weights, biases)
    print(f"{len(raw)} bytes, {time.monotonic() - began:.0f} s")
    if not args.without:
        args.out.write_bytes(raw)


if __name__ == "__main__":
    main()
