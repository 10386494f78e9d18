"""A llama in numpy, forwards and backwards: small enough to train a LoRA on without torch.

All tokens of a step lie in one array (tokens, width); attention runs tree by tree. Weights are
(out, in), as in the GGUF, and rotary pairs are neighbours, as llama.cpp has them: what is learnt
here fits the file as it is. Everything is float32.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference.gguf import GgufHeader
from sorte_cli.inference.weights import Array, read_tensors
from sorte_cli.texts import N_

Ints = npt.NDArray[np.int64]
Turn = npt.NDArray[np.complex64]
LINEAR = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
UNSEEN = np.float32(-1e4)
LARGEST_PARAMETERS = 40_000_000


@dataclass(frozen=True, slots=True)
class Tree:
    """A prompt and its answers: pieces of tokens, each of which sees its ancestors and itself.

    `ids`, `positions` and `leaf` are (tokens,): leaf 0 is the stem that all see, the others see it
    and themselves. `where` are the places whose next token is to be learnt, `wanted` those tokens,
    `weight` how much each counts.
    """

    ids: Ints
    positions: Ints
    leaf: Ints
    where: Ints
    wanted: Ints
    weight: Array

    def mask(self) -> Array:
        """(tokens, tokens), to be added to scores: what does not see what."""
        seen = (self.leaf[None, :] == 0) | (self.leaf[None, :] == self.leaf[:, None])
        return np.where(np.tril(seen), np.float32(0), UNSEEN)


@dataclass(slots=True)
class _Kept:
    """What the way back needs of one block."""

    x: Array
    h: Array
    q: Array
    k: Array
    v: Array
    shares: list[Array]
    mixed: Array
    middle: Array
    h2: Array
    gate: Array
    up: Array
    inner: Array


class Network:
    """The weights of a small llama and its arithmetic. `weights` may be changed between calls."""

    def __init__(self, header: GgufHeader) -> None:
        """Raises EnvironmentFailure where the model is not a plain, small llama."""
        check_trainable(header)
        self.heads = heads = header.number("llama.attention.head_count")
        self.layers = header.layers
        self.weights: dict[str, Array] = read_tensors(header)
        width = header.number("llama.embedding_length")
        self.size = width // heads
        self.eps = np.float32(_real(header, "llama.attention.layer_norm_rms_epsilon", 1e-5))
        base = _real(header, "llama.rope.freq_base", 10_000.0)
        self.theta = base ** (-np.arange(self.size // 2, dtype=np.float64) / (self.size // 2))
        self.head = self.weights.get("output.weight", self.weights["token_embd.weight"])

    @property
    def linear(self) -> tuple[str, ...]:
        """The names of the matrices that an adapter may change."""
        return tuple(f"blk.{i}.{name}.weight" for i in range(self.layers) for name in LINEAR)

    def forward(self, trees: Sequence[Tree]) -> tuple[Array, list[_Kept], Turn]:
        """(final states before the last norm, what each block kept, rotations)."""
        ids = np.concatenate([t.ids for t in trees])
        positions = np.concatenate([t.positions for t in trees])
        turn = np.exp(1j * positions[:, None] * self.theta)[:, None, :].astype(np.complex64)
        x = self.weights["token_embd.weight"][ids]
        parts = [(part, tree.mask()) for part, tree in _parts(trees)]
        kept = []
        for layer in range(self.layers):
            x, one = self._block(layer, x, turn, parts)
            kept.append(one)
        return x, kept, turn

    def logits(self, trees: Sequence[Tree]) -> Array:
        """Scores (places, vocabulary) at all the places `where` of the trees."""
        x, _kept, _turn = self.forward(trees)
        h, _ = self._rms(x[_places(trees)], self.weights["output_norm.weight"])
        return h @ self.head.T

    def learn(self, trees: Sequence[Tree]) -> tuple[float, float, dict[str, Array]]:
        """(mean loss, share of right tokens, gradients of the linear weights)."""
        x, kept, turn = self.forward(trees)
        places = _places(trees)
        wanted = np.concatenate([t.wanted for t in trees])
        weight = np.concatenate([t.weight for t in trees])
        weight = weight / weight.sum()
        norm = self.weights["output_norm.weight"]
        h, scale = self._rms(x[places], norm)
        scores = h @ self.head.T
        scores -= scores.max(1, keepdims=True)
        right = float((scores.argmax(1) == wanted).mean())
        shares = np.exp(scores)
        total = shares.sum(1, keepdims=True)
        rows = np.arange(len(places))
        loss = float((weight * (np.log(total[:, 0]) - scores[rows, wanted])).sum())
        shares /= total
        shares[rows, wanted] -= 1
        shares *= weight[:, None]
        back = np.zeros_like(x)
        np.add.at(back, places, _rms_back(shares @ self.head, x[places], norm, scale))
        gradients: dict[str, Array] = {}
        for layer in reversed(range(self.layers)):
            back = self._block_back(layer, back, kept[layer], turn, trees, gradients)
        return loss, right, gradients

    def _rms(self, x: Array, weight: Array) -> tuple[Array, Array]:
        scale: Array = 1 / np.sqrt(np.mean(x * x, -1, keepdims=True) + self.eps)
        normed: Array = x * scale * weight
        return normed, scale

    def _block(
        self, layer: int, x: Array, turn: Turn, parts: Sequence[tuple[slice, Array]]
    ) -> tuple[Array, _Kept]:
        w = self._of(layer)
        h, _ = self._rms(x, w["attn_norm"])
        q = self._turned(h @ w["attn_q"].T, turn)
        k = self._turned(h @ w["attn_k"].T, turn)
        v = (h @ w["attn_v"].T).reshape(q.shape)
        shares: list[Array] = []
        apart = np.empty_like(v)
        for part, mask in parts:
            scores = q[part].swapaxes(0, 1) @ k[part].transpose(1, 2, 0)
            scores *= np.float32(self.size**-0.5)
            scores += mask
            scores -= scores.max(-1, keepdims=True)
            np.exp(scores, scores)
            scores /= scores.sum(-1, keepdims=True)
            shares.append(scores)
            apart[part] = (scores @ v[part].swapaxes(0, 1)).swapaxes(0, 1)
        mixed: Array = apart.reshape(x.shape)
        middle: Array = x + mixed @ w["attn_output"].T
        h2, _ = self._rms(middle, w["ffn_norm"])
        gate, up = h2 @ w["ffn_gate"].T, h2 @ w["ffn_up"].T
        inner: Array = gate * _sigmoid(gate) * up
        out: Array = middle + inner @ w["ffn_down"].T
        return out, _Kept(x, h, q, k, v, shares, mixed, middle, h2, gate, up, inner)

    def _block_back(
        self,
        layer: int,
        back: Array,
        kept: _Kept,
        turn: Turn,
        trees: Sequence[Tree],
        gradients: dict[str, Array],
    ) -> Array:
        """The gradient before the block; those of its weights go into `gradients`."""
        w = self._of(layer)

        def note(name: str, gradient: Array, read: Array) -> Array:
            gradients[f"blk.{layer}.{name}.weight"] = gradient.T @ read
            return gradient @ w[name]

        inner = note("ffn_down", back, kept.inner)
        share = _sigmoid(kept.gate)
        gate = inner * kept.up * share * (1 + kept.gate * (1 - share))
        h2 = note("ffn_gate", gate, kept.h2)
        h2 += note("ffn_up", inner * kept.gate * share, kept.h2)
        back = back + _rms_back(h2, kept.middle, w["ffn_norm"], self._scale(kept.middle))
        mixed = note("attn_output", back, kept.mixed).reshape(kept.v.shape)
        q, k, v = np.empty_like(kept.q), np.empty_like(kept.k), np.empty_like(kept.v)
        for (part, _tree), shares in zip(_parts(trees), kept.shares, strict=True):
            came = mixed[part].swapaxes(0, 1)
            v[part] = (shares.swapaxes(1, 2) @ came).swapaxes(0, 1)
            scores = came @ kept.v[part].transpose(1, 2, 0)
            scores -= (scores * shares).sum(-1, keepdims=True)
            scores *= shares
            scores *= np.float32(self.size**-0.5)
            q[part] = (scores @ kept.k[part].swapaxes(0, 1)).swapaxes(0, 1)
            k[part] = (scores.swapaxes(1, 2) @ kept.q[part].swapaxes(0, 1)).swapaxes(0, 1)
        h = note("attn_q", self._turned(q, turn.conj()).reshape(back.shape), kept.h)
        h += note("attn_k", self._turned(k, turn.conj()).reshape(back.shape), kept.h)
        h += note("attn_v", v.reshape(back.shape), kept.h)
        return back + _rms_back(h, kept.x, w["attn_norm"], self._scale(kept.x))

    def _of(self, layer: int) -> Mapping[str, Array]:
        names = (*LINEAR, "attn_norm", "ffn_norm")
        return {name: self.weights[f"blk.{layer}.{name}.weight"] for name in names}

    def _scale(self, x: Array) -> Array:
        return self._rms(x, np.ones(1, np.float32))[1]

    def _turned(self, x: Array, turn: Turn) -> Array:
        """Rotary embedding of (tokens, heads * size): neighbours are a complex number."""
        pairs = np.ascontiguousarray(x).reshape(len(x), self.heads, self.size).view(np.complex64)
        turned: Array = (pairs * turn).view(np.float32)
        return turned


def check_trainable(header: GgufHeader) -> None:
    """Raises EnvironmentFailure where the model is not a plain, small llama."""
    heads = header.number("llama.attention.head_count")
    groups = header.number("llama.attention.head_count_kv", heads)
    if header.parameters > LARGEST_PARAMETERS:
        raise _unfit(header, N_(f"it has {header.parameters / 1e6:,.0f} million parameters"))
    if header.architecture != "llama" or groups != heads or not heads:
        raise _unfit(header, N_("it is not a plain llama"))
    size = header.number("llama.embedding_length") // heads
    special = any(t.name == "rope_freqs.weight" for t in header.tensors)
    if special or header.number("llama.rope.dimension_count", size) != size:
        raise _unfit(header, N_("its rotary embedding is a special one"))


def _rms_back(back: Array, x: Array, weight: Array, scale: Array) -> Array:
    scaled = back * weight
    found: Array = scale * (scaled - x * scale * scale * np.mean(scaled * x, -1, keepdims=True))
    return found


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -60, 60))), np.float32)


def _parts(trees: Sequence[Tree]) -> list[tuple[slice, Tree]]:
    found, start = [], 0
    for tree in trees:
        found.append((slice(start, start + len(tree.ids)), tree))
        start += len(tree.ids)
    return found


def _places(trees: Sequence[Tree]) -> Ints:
    return np.concatenate([tree.where + part.start for part, tree in _parts(trees)])


def _real(header: GgufHeader, key: str, default: float) -> float:
    value = header.metadata.get(key)
    return float(value) if isinstance(value, int | float) else default


def _unfit(header: GgufHeader, why: str) -> EnvironmentFailure:
    return EnvironmentFailure(
        f"{header.name} cannot be trained without torch: {why}",
        hint="Install pip install 'sorte-cli[train]' and name the folder of its Hugging Face "
        "weights: sorte train --base FOLDER",
    )
