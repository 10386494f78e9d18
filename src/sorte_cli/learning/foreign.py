"""A LoRA on any base whose Hugging Face weights are on disk, by torch and peft (extra `train`).

Tokens come from the GGUF that Sorte runs, so that prompts are read in training as at work; the
weights come from the folder. Nothing is downloaded.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import random
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference.gguf import GgufHeader
from sorte_cli.inference.vocabulary import Vocabulary
from sorte_cli.inference.weights import Array
from sorte_cli.learning.examples import Pair
from sorte_cli.learning.loop import Learning
from sorte_cli.learning.pairs import by_clause
from sorte_cli.learning.training import OnStep, Trained, learning_rate

NEEDED = ("torch", "transformers", "peft")
INSTALL = "pip install 'sorte-cli[train]'"
MODULES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""Hugging Face's names of the matrices, and the GGUF's."""
_PLACE = re.compile(
    r"layers\.(\d+)\.(self_attn\.[qkvo]_proj|mlp\.(?:gate|up|down)_proj)\.lora_([AB])"
)
RATE_SHARE = 0.1
"""Large models learn at a tenth of nano's rate."""
IGNORED = -100


def check_base(folder: Path, header: GgufHeader) -> None:
    """Raises EnvironmentFailure where torch is missing, or the folder does not hold this model."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise EnvironmentFailure(
            f"training on the weights in {folder} needs {', '.join(missing)}", hint=INSTALL
        )
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EnvironmentFailure(
            f"{folder} holds no Hugging Face model: its config.json cannot be read",
            hint="Name the folder with config.json and *.safetensors of the very model.",
        ) from error
    if not any(folder.glob("*.safetensors")):
        raise EnvironmentFailure(
            f"{folder} has no weights (*.safetensors)",
            hint="Download the model whole, for example with huggingface-cli download ORG/REPO.",
        )
    config = config.get("text_config", config) if isinstance(config, dict) else {}
    kind = header.architecture
    for key, ours in (
        ("num_hidden_layers", header.layers),
        ("hidden_size", header.number(f"{kind}.embedding_length")),
        ("num_attention_heads", header.number(f"{kind}.attention.head_count")),
    ):
        if config.get(key) != ours:
            raise EnvironmentFailure(
                f"{folder} is another model than {header.name}: {key} is {config.get(key)}, "
                f"and in {header.path.name} {ours}",
                hint="Name the weights that the GGUF was made from.",
            )


def train_foreign(learning: Learning, header: GgufHeader, on_step: OnStep) -> Trained:
    """Train with peft. Raises EnvironmentFailure as `check_base` does."""
    assert learning.base is not None
    check_base(learning.base, header)
    torch, transformers, peft = (importlib.import_module(name) for name in NEEDED)
    recipe = learning.recipe
    torch.manual_seed(recipe.seed)
    transformers.utils.logging.disable_progress_bar()
    try:
        model = transformers.AutoModelForCausalLM.from_pretrained(
            learning.base, local_files_only=True, dtype=torch.float32
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise EnvironmentFailure(
            f"the weights in {learning.base} cannot be loaded: {error}",
            hint="Are all *.safetensors there, and is there memory for them in 32 bits?",
        ) from error
    wanted = [name.rpartition(".")[2] for name in MODULES]
    config = peft.LoraConfig(
        r=recipe.rank, lora_alpha=recipe.alpha, target_modules=wanted, lora_dropout=0.0, bias="none"
    )
    model = peft.get_peft_model(model, config)
    with Vocabulary(learning.model) as vocabulary:
        own = _rows(vocabulary, learning.own, learning.profile)
        general = _rows(vocabulary, learning.rehearse, learning.profile)
    began = time.monotonic()
    losses = _fit(torch, model, own, general, learning, on_step)
    weights = {name: p.detach().float().numpy() for name, p in model.named_parameters()}
    return Trained(gguf_pairs(weights, header), len(losses), losses, time.monotonic() - began)


def _rows(
    vocabulary: Vocabulary, pairs: Sequence[Pair], profile: str
) -> list[tuple[list[int], list[int]]]:
    """(prompt, answer) in tokens, of both roles."""
    parts = [
        part for pair in pairs for part in (by_clause(pair) if profile == "compact" else [pair])
    ]
    return [
        (vocabulary.prompt([(m.role, m.content) for m in prompt]), vocabulary.answer(answer))
        for part in parts
        for prompt, answer in part.dialogues(profile)
    ]


def _fit(
    torch: Any,
    model: Any,
    own: Sequence[tuple[list[int], list[int]]],
    general: Sequence[tuple[list[int], list[int]]],
    learning: Learning,
    on_step: OnStep,
) -> tuple[float, ...]:
    """One row at a time, several to a step; as many of them general as own."""
    recipe = learning.recipe
    dice = random.Random(recipe.seed)
    order = [row for _ in range(recipe.passes) for row in dice.sample(list(own), len(own))]
    if general:
        order = [row for mine in order for row in (mine, dice.choice(list(general)))]
    size = 8
    steps = max(1, -(-len(order) // size))
    rate = recipe.rate * RATE_SHARE
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=rate, weight_decay=0.0)
    model.train()
    losses: list[float] = []
    began = time.monotonic()
    while len(losses) < steps:
        batch = order[len(losses) * size : (len(losses) + 1) * size]
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(len(losses) + 1, steps, rate)
        total = 0.0
        for prompt, answer in batch:
            ids = torch.tensor([[*prompt, *answer]])
            labels = torch.tensor([[*([IGNORED] * len(prompt)), *answer]])
            loss = model(input_ids=ids, labels=labels).loss / len(batch)
            loss.backward()
            total += float(loss.detach())
        optimiser.step()
        optimiser.zero_grad()
        losses.append(total)
        each = (time.monotonic() - began) / len(losses)
        steps = min(steps, max(len(losses), int(recipe.most_seconds / each)))
        on_step(len(losses), steps, total)
    return tuple(losses)


def gguf_pairs(weights: dict[str, Array], header: GgufHeader) -> dict[str, tuple[Array, Array]]:
    """peft's matrices under the GGUF's names, rows of q and k in the GGUF's order."""
    found: dict[str, dict[str, Array]] = {}
    heads = header.number(f"{header.architecture}.attention.head_count")
    groups = header.number(f"{header.architecture}.attention.head_count_kv", heads)
    for name, values in weights.items():
        place = _PLACE.search(name)
        if place is None:
            continue
        tensor = f"blk.{place[1]}.{MODULES[place[2]]}.weight"
        if place[3] == "B" and header.architecture == "llama":
            if tensor.endswith("attn_q.weight"):
                values = _neighbours(values, heads)
            elif tensor.endswith("attn_k.weight"):
                values = _neighbours(values, groups)
        found.setdefault(tensor, {})[place[3]] = values
    return {tensor: (parts["A"], parts["B"]) for tensor, parts in sorted(found.items())}


def _neighbours(values: Array, heads: int) -> Array:
    """Rotary rows as llama.cpp has them for llama: pairs are neighbours, not halves."""
    rows, columns = values.shape
    split = values.reshape(heads, 2, rows // heads // 2, columns)
    return np.ascontiguousarray(split.swapaxes(1, 2).reshape(rows, columns))
