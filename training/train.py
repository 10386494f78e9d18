"""Trains nano on shards that generate.py writes, on CPU, resumable.

    python training/train.py --data RUN/shards --run RUN --minutes 90

One step reads whole trees of about --tokens tokens in all. The learning rate follows the
share of the time (or of --steps) that is used up: warm-up, constant to half of it, then linear to zero.
The checkpoint holds weights, optimiser, random state and the place in the data; starting the same
command again goes on from there. `--from` begins another cycle on the weights of an earlier run.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from model import Config, Nano, Piece, copy_rate, mimetic, tree_pieces

WEIGHTS = (0.0, 0.1, 1.0)
WARMUP_STEPS = 40
HOLD = 0.5
GENTLE = 0.35  # share of Muon's rate for the first 150 steps
WIRED = ("blocks.0.w", "blocks.2.w")


class Muon:
    """Momentum orthogonalised by Newton-Schulz; equal shapes are done in one batch."""

    def __init__(self, params: list[Tensor], momentum: float = 0.95, decay: float = 0.01) -> None:
        self.groups: dict[tuple[int, int], list[Tensor]] = {}
        for p in params:
            self.groups.setdefault((p.shape[0], p.shape[1]), []).append(p)
        self.buffers = {k: torch.zeros(len(v), *k) for k, v in self.groups.items()}
        self.momentum, self.decay = momentum, decay

    @torch.no_grad()
    def step(self, lr: float) -> None:
        for shape, params in self.groups.items():
            grad = torch.stack([p.grad for p in params])
            buffer = self.buffers[shape]
            buffer.lerp_(grad, 1 - self.momentum)
            update = orthogonal(grad.lerp(buffer, self.momentum))
            scale = max(1.0, shape[0] / shape[1]) ** 0.5
            for p, u in zip(params, update, strict=True):
                p.mul_(1 - lr * self.decay).add_(u, alpha=-lr * scale)


def orthogonal(g: Tensor, steps: int = 5) -> Tensor:
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = g.shape[1] > g.shape[2]
    x = g.transpose(1, 2) if tall else g
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        s = x @ x.transpose(1, 2)
        x = a * x + (b * s + c * s @ s) @ x
    return x.transpose(1, 2) if tall else x


@dataclass
class Batch:
    """One step's tokens; see model.Piece for the layout."""

    ids: Tensor
    positions: Tensor
    target: Tensor
    weight: Tensor
    pieces: list[Piece]


class Data:
    """Trees from numbered shards, in order; shards may still be being written."""

    def __init__(self, folder: Path, tokens: int, seed: int) -> None:
        self.folder, self.tokens, self.seed = folder, tokens, seed
        self.shard, self.batch = 0, 0
        self.loaded: tuple[int, dict[str, np.ndarray], list[list[int]]] | None = None

    def _load(self) -> tuple[dict[str, np.ndarray], list[list[int]]]:
        if self.loaded is None or self.loaded[0] != self.shard:
            path = self.folder / f"{self.shard:05d}.npz"
            while not path.exists():
                print("waiting for", path.name, flush=True)
                time.sleep(5)
            with np.load(path) as z:
                arrays = {k: z[k] for k in z.files}
            sizes = np.diff(arrays["offsets"])
            order = list(range(len(sizes)))
            random.Random(self.seed * 100_003 + self.shard).shuffle(order)
            batches: list[list[int]] = [[]]
            total = 0
            for i in order:
                if total > self.tokens - sizes[i] / 2:
                    batches.append([])
                    total = 0
                batches[-1].append(i)
                total += sizes[i]
            self.loaded = (self.shard, arrays, batches)
        return self.loaded[1], self.loaded[2]

    def next(self) -> Batch:
        arrays, batches = self._load()
        chosen = batches[self.batch]
        self.batch += 1
        if self.batch == len(batches):
            self.shard, self.batch = self.shard + 1, 0
        offsets = arrays["offsets"]
        pieces: list[Piece] = []
        columns: dict[str, list[np.ndarray]] = {k: [] for k in ("ids", "pos", "target", "weight")}
        for i in chosen:
            a, b = offsets[i], offsets[i + 1]
            branch, leaf = (torch.from_numpy(arrays[k][a:b]) for k in ("branch", "leaf"))
            pieces += tree_pieces(branch, leaf, len(pieces))
            for name, column in columns.items():
                column.append(arrays[name][a:b].astype(np.int64))
        flat = {k: torch.from_numpy(np.concatenate(v)) for k, v in columns.items()}
        return Batch(flat["ids"], flat["pos"], flat["target"], flat["weight"], pieces)


def loss_of(model: Nano, batch: Batch) -> tuple[Tensor, float, float]:
    """Weighted mean loss; plain mean loss and accuracy of answer tokens."""
    states = model.hidden(batch.ids, batch.positions, batch.pieces)
    where = batch.weight > 0
    logits = model.logits(states[where])
    wanted = batch.target[where]
    each = F.cross_entropy(logits, wanted, reduction="none")
    w = torch.tensor(WEIGHTS)[batch.weight[where]]
    answer = w == 1.0
    right = (logits.argmax(-1) == wanted)[answer].float().mean()
    return (each * w).sum() / w.sum(), float(each[answer].detach().mean()), float(right)


def rate(progress: float, step: int, hold: float) -> float:
    """Learning-rate factor for the share `progress` of the run."""
    tail = max(0.0, (1 - progress) / (1 - hold)) if progress > hold else 1.0
    return min(1.0, (step + 1) / WARMUP_STEPS) * tail


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=90.0, help="training time in all")
    parser.add_argument("--until", type=float, help="or: end at this Unix time (seconds)")
    parser.add_argument("--steps", type=int, help="or: stop after so many steps (reproducible)")
    parser.add_argument("--tokens", type=int, default=4096)
    parser.add_argument("--vocab", type=int, default=2560)
    parser.add_argument("--muon", type=float, default=0.0045)
    parser.add_argument("--wired", type=float, default=0.15, help="share of it for wired heads")
    parser.add_argument("--adam", type=float, default=0.001)
    parser.add_argument("--first-shard", type=int, default=0)
    parser.add_argument("--from", type=Path, dest="earlier", help="a checkpoint to go on from")
    parser.add_argument("--hold", type=float, default=HOLD, help="constant up to this share")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    args.run.mkdir(parents=True, exist_ok=True)
    config = Config(vocab=args.vocab)
    model = Nano(config)
    mimetic(model, torch.Generator().manual_seed(args.seed))
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and n != "embed"]
    rest = [p for n, p in model.named_parameters() if p.ndim == 1 or n == "embed"]
    # The wired heads live in the attention of layers 0 and 2. A faster start wipes them out within
    # sixty steps (copy rate 0.90 to 0.15), and copying is never learnt again as generally.
    wired = [p for n, p in model.named_parameters() if n.startswith(WIRED) and p.ndim == 2]
    wired_ids = {id(p) for p in wired}
    muon = Muon([p for p in matrices if id(p) not in wired_ids])
    wired_muon = Muon(wired)
    # A large epsilon: rare tokens must not take full steps on tiny gradients, or all of them
    # drift the same way and can no longer be told apart.
    adam = torch.optim.AdamW(rest, lr=args.adam, betas=(0.9, 0.95), eps=1e-5, weight_decay=0.0)
    data = Data(args.data, args.tokens, args.seed)
    data.shard = args.first_shard
    step, used, seen, base, earlier_s = 0, 0.0, 0, 0, 0.0
    checkpoint = args.run / "last.pt"
    if checkpoint.exists() or args.earlier:
        new_cycle = not checkpoint.exists()
        saved = torch.load(args.earlier if new_cycle else checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        adam.load_state_dict(saved["adam"])
        for optimiser, kept in ((muon, "muon"), (wired_muon, "wired")):
            for shape, buffer in optimiser.buffers.items():
                buffer.copy_(saved[kept][f"{shape[0]}x{shape[1]}"])
        step, seen = saved["step"], saved["tokens"]
        base = step if new_cycle else saved.get("cycle", 0)
        earlier_s = saved.get("earlier_s", 0.0) + (saved["used_s"] if new_cycle else 0.0)
        if not new_cycle:
            used, data.shard, data.batch = saved["used_s"], saved["shard"], saved["batch"]
        print("resumed at step", step, "of a cycle begun at", base, flush=True)
    else:
        print("copy rate of the initial weights", copy_rate(model), flush=True)

    def save() -> None:
        state = {
            "model": model.state_dict(),
            "adam": adam.state_dict(),
            "muon": {f"{a}x{b}": v for (a, b), v in muon.buffers.items()},
            "wired": {f"{a}x{b}": v for (a, b), v in wired_muon.buffers.items()},
            "step": step, "used_s": used, "tokens": seen,
            "cycle": base, "earlier_s": earlier_s,
            "shard": data.shard, "batch": data.batch, "config": config.as_dict(),
        }  # fmt: skip
        torch.save(state, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").replace(checkpoint)

    started, used_before = time.time(), used
    marks: list[tuple[float, float]] = []
    saved_at = time.time()
    while True:
        used = used_before + time.time() - started
        if args.steps:
            progress = (step - base) / args.steps
        elif args.until:
            progress = used / max(1.0, used_before + args.until - started)
        else:
            progress = used / (args.minutes * 60)
        if progress >= 1:
            break
        factor = rate(progress, step - base, args.hold)
        batch = data.next()
        loss, plain, right = loss_of(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(rest, 1.0)
        # Fresh weights start gently; those of an earlier run have had that.
        gentle = min(1.0, GENTLE + (1 - GENTLE) * max(0, step - 150) / 350)
        muon.step(args.muon * factor * gentle)
        wired_muon.step(args.muon * factor * args.wired)
        for group in adam.param_groups:
            group["lr"] = args.adam * factor
        adam.step()
        model.zero_grad(set_to_none=True)
        step += 1
        seen += len(batch.ids)
        marks.append((plain, right))
        if step % 50 == 0:
            losses, rights = zip(*marks, strict=True)
            record = {
                "step": step, "s": round(used), "progress": round(progress, 4), "tokens": seen,
                "loss": round(float(np.mean(losses)), 4), "right": round(float(np.mean(rights)), 4),
                "copy": round(copy_rate(model, 60), 3), "shard": data.shard,
            }  # fmt: skip
            with (args.run / "log.jsonl").open("a") as log:
                log.write(json.dumps(record) + "\n")
            print(record, flush=True)
            marks.clear()
        if time.time() - saved_at > 120:
            save()
            saved_at = time.time()
    save()
    print("done", step, "steps", seen, "tokens", round(used), "s", flush=True)


if __name__ == "__main__":
    main()
