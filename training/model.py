"""nano's network in torch: a plain llama with a tree attention mask, and its mimetic initial weights.

All tokens of a step lie in one row (N, dim), without padding; attention runs piece by piece.
Everything is float32.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Config:
    """The architecture; written into the GGUF by export.py."""

    vocab: int = 2560
    dim: int = 128
    layers: int = 5
    heads: int = 2
    ff: int = 384
    rope_base: float = 200_000.0
    eps: float = 1e-5

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def rms(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight


@dataclass
class Piece:
    """A run of tokens that attend together: `mask` is additive, (length, keys). The keys are those
    of the piece `context` (if any) and its own."""

    length: int
    mask: Tensor
    context: int | None = None


class Layer(nn.Module):
    """One llama block; weights are (out, in)."""

    def __init__(self, c: Config) -> None:
        super().__init__()
        self.c = c
        self.attn_norm = nn.Parameter(torch.ones(c.dim))
        self.ffn_norm = nn.Parameter(torch.ones(c.dim))
        for name, rows, cols in (
            ("wq", c.dim, c.dim), ("wk", c.dim, c.dim), ("wv", c.dim, c.dim), ("wo", c.dim, c.dim),
            ("gate", c.ff, c.dim), ("up", c.ff, c.dim), ("down", c.dim, c.ff),
        ):  # fmt: skip
            weight = torch.randn(rows, cols) / math.sqrt(cols)
            setattr(self, name, nn.Parameter(weight))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, pieces: list[Piece]) -> Tensor:
        c = self.c
        n = x.shape[0]
        size = c.dim // c.heads
        h = rms(x, self.attn_norm, c.eps)
        q = F.linear(h, self.wq).view(n, c.heads, size).transpose(0, 1)
        k = F.linear(h, self.wk).view(n, c.heads, size).transpose(0, 1)
        v = F.linear(h, self.wv).view(n, c.heads, size).transpose(0, 1)
        q = rotate(q, cos, sin) * (size**-0.5)
        k = rotate(k, cos, sin)
        # split, not slices: its backward is one concatenation.
        sizes = [p.length for p in pieces]
        qs, ks, vs = q.split(sizes, 1), k.split(sizes, 1), v.split(sizes, 1)
        outs: list[Tensor] = []
        for i, p in enumerate(pieces):
            key, value = ks[i], vs[i]
            if p.context is not None:
                key = torch.cat((ks[p.context], key), 1)
                value = torch.cat((vs[p.context], value), 1)
            outs.append(torch.softmax(qs[i] @ key.transpose(1, 2) + p.mask, -1) @ value)
        out = torch.cat(outs, 1).transpose(0, 1).reshape(n, c.dim)
        x = x + F.linear(out, self.wo)
        h = rms(x, self.ffn_norm, c.eps)
        return x + F.linear(F.silu(F.linear(h, self.gate)) * F.linear(h, self.up), self.down)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Half-split rotary embedding: pair i is (i, i + D/2). export.py permutes rows for llama.cpp."""
    one, two = x.chunk(2, -1)
    return torch.cat((one * cos - two * sin, two * cos + one * sin), -1)


class Nano(nn.Module):
    def __init__(self, c: Config) -> None:
        super().__init__()
        self.c = c
        self.embed = nn.Parameter(torch.randn(c.vocab, c.dim) * 0.1)
        self.blocks = nn.ModuleList(Layer(c) for _ in range(c.layers))
        self.norm = nn.Parameter(torch.ones(c.dim))
        half = c.dim // c.heads // 2
        theta = c.rope_base ** (-torch.arange(half, dtype=torch.float64) / half)
        self.register_buffer("theta", theta, persistent=False)

    def hidden(self, ids: Tensor, positions: Tensor, pieces: list[Piece]) -> Tensor:
        """Final normed states (N, dim) of N tokens laid out as `pieces`, one after another."""
        angle = positions.double()[:, None] * self.theta
        cos, sin = angle.cos().float(), angle.sin().float()
        x = F.embedding(ids, self.embed)
        for block in self.blocks:
            x = block(x, cos, sin, pieces)
        return rms(x, self.norm, self.c.eps)

    def logits(self, states: Tensor) -> Tensor:
        return F.linear(states, self.embed)


def tree_pieces(branch: Tensor, leaf: Tensor, first: int) -> list[Piece]:
    """The pieces of one tree: its context (branch 0), then each branch, which sees the context,
    its own stem (leaf 0) and its own leaf, never the future. `first` is the index of the context
    among all pieces of the step."""
    found: list[Piece] = []
    lengths = torch.unique_consecutive(branch, return_counts=True)[1].tolist()
    start = 0
    for number, length in enumerate(lengths):
        own = leaf[start : start + length]
        seen = (own[None, :] == 0) | (own[None, :] == own[:, None])
        mask = torch.where(seen.tril(), 0.0, -1e4)
        if number:
            mask = torch.cat((torch.zeros(length, lengths[0]), mask), 1)
        found.append(Piece(length, mask, first if number else None))
        start += length
    return found


@torch.no_grad()
def mimetic(model: Nano, generator: torch.Generator) -> None:
    """Wire previous-token heads (layer 0) and induction heads (layer 2) into random weights, so
    that copying works before the first training step."""
    c = model.c
    size = c.dim // c.heads
    half = size // 2
    model.embed[:, 0] = 0.7  # a constant channel, for queries and keys that read position only
    model.norm.fill_(1.0)
    basis = torch.zeros(c.dim - 1, c.dim)
    square = torch.randn(c.dim - 1, c.dim - 1, generator=generator)
    basis[:, 1:] = torch.linalg.qr(square)[0]
    n = (c.dim - 8) // 3
    pa, q0, q1 = basis[:n], basis[n : 2 * n], basis[2 * n : 3 * n]
    for block in model.blocks:
        block.wo.mul_(0.02)
        block.down.mul_(0.02)
    first, third = model.blocks[0], model.blocks[2]
    for head, (lag, target) in enumerate(((1, q0), (2, q1))):
        rows = slice(head * size, (head + 1) * size)
        for weight in (first.wq, first.wk, first.wv, third.wq, third.wk, third.wv):
            weight[rows] *= 0.05
        first.wo[:, rows] *= 0.5
        third.wo[:, rows] *= 0.5
        for i in range(10):
            angle = lag * float(model.theta[i])
            first.wq[head * size + i, 0] += 2.2
            first.wk[head * size + i, 0] += 2.2 * math.cos(angle)
            first.wk[head * size + half + i, 0] += 2.2 * math.sin(angle)
        first.wv[head * size : head * size + n] += pa
        first.wo[:, head * size : head * size + n] += 0.35 * target.T
        slow = [i for i in range(half) if float(model.theta[i]) < 0.003]
        dims = [*slow, *(i + half for i in slow)]
        for j, d in enumerate(dims[:n]):
            row = head * size + d
            query, key = (pa[j], q0[j]) if head == 0 or j % 2 == 0 else (q0[j], q1[j])
            third.wq[row] += 5.0 * query
            third.wk[row] += 5.0 * key
        third.wv[head * size : head * size + n] += pa
        third.wo[:, head * size : head * size + n] += 4.0 * pa.T


@torch.no_grad()
def copy_rate(model: Nano, length: int = 100, seed: int = 0) -> float:
    """Share of right next tokens on the second half of [random tokens] twice."""
    generator = torch.Generator().manual_seed(seed)
    right: list[float] = []
    for _ in range(8):
        once = torch.randint(10, model.c.vocab, (length,), generator=generator)
        ids = torch.cat((once, once))
        zero = torch.zeros_like(ids)
        states = model.hidden(ids, torch.arange(2 * length), tree_pieces(zero, zero, 0))
        guess = model.logits(states).argmax(-1)
        right.append(float((guess[length:-1] == ids[length + 1 :]).float().mean()))
    return sum(right) / len(right)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(1)
    nano = Nano(Config())
    mimetic(nano, torch.Generator().manual_seed(1))
    print("parameters", sum(p.numel() for p in nano.parameters()))
    for n in (50, 100, 300, 450):
        print("copy", n, round(copy_rate(nano, n), 3))
