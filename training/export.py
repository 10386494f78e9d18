"""Writes a checkpoint as the GGUF that Sorte ships, and its card values as JSON.

    python training/export.py --checkpoint RUN/last.pt --tokenizer RUN/tokenizer.json \
        --out src/sorte_cli/nano/nano.gguf

llama.cpp rotates neighbouring pairs where torch here rotates halves, so the rows of q and k are
reordered. The embedding is tied: no output.weight.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import gguf
import numpy as np
import torch

# nano knows its instructions by heart: system texts are dropped, also where an engine has folded
# them into the user's message (its last two paragraphs are the candidates and the task).
CHAT_TEMPLATE = (
    "{% for m in messages %}{% if m.role == 'user' %}"
    "<|user|>{{ m.content.split('\\n\\n')[-2:] | join('\\n\\n') }}"
    "{% elif m.role == 'assistant' %}<|assistant|>{{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
VERSION = "0.4.0"
CONTEXT_TOKENS = 2048


def pairs(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows of halves to rows of neighbouring pairs, head by head."""
    rows, columns = weight.shape
    return (
        weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)
    )


def export(checkpoint: Path, tokenizer: Path, out: Path) -> dict[str, object]:
    saved = torch.load(checkpoint, weights_only=True)
    config = saved["config"]
    weights = {k: v.numpy() for k, v in saved["model"].items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = out.with_suffix(".tmp")
    w = gguf.GGUFWriter(temporary, "llama")
    w.add_name("nano")
    w.add_version(VERSION)
    w.add_license("MIT")
    w.add_author("The Sorte maintainers")
    w.add_description("Sorte's embedded model for small code edits; trained from scratch.")
    w.add_languages(["en", "pt"])
    w.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    w.add_context_length(CONTEXT_TOKENS)
    w.add_embedding_length(config["dim"])
    w.add_block_count(config["layers"])
    w.add_feed_forward_length(config["ff"])
    w.add_head_count(config["heads"])
    w.add_head_count_kv(config["heads"])
    w.add_rope_dimension_count(config["dim"] // config["heads"])
    w.add_rope_freq_base(config["rope_base"])
    w.add_layer_norm_rms_eps(config["eps"])
    w.add_vocab_size(config["vocab"])
    _vocabulary(w, json.loads(tokenizer.read_text(encoding="utf-8")), config["vocab"])
    half, full = np.float16, np.float32
    w.add_tensor("token_embd.weight", weights["embed"].astype(half))
    w.add_tensor("output_norm.weight", weights["norm"].astype(full))
    names = {
        "wv": "attn_v",
        "wo": "attn_output",
        "gate": "ffn_gate",
        "up": "ffn_up",
        "down": "ffn_down",
    }
    for i in range(config["layers"]):
        block, target = f"blocks.{i}.", f"blk.{i}."
        w.add_tensor(f"{target}attn_norm.weight", weights[f"{block}attn_norm"].astype(full))
        w.add_tensor(f"{target}ffn_norm.weight", weights[f"{block}ffn_norm"].astype(full))
        for name, letter in (("wq", "q"), ("wk", "k")):
            w.add_tensor(
                f"{target}attn_{letter}.weight",
                pairs(weights[block + name], config["heads"]).astype(half),
            )
        for name, tensor in names.items():
            w.add_tensor(f"{target}{tensor}.weight", weights[block + name].astype(half))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    temporary.replace(out)
    return {
        "name": "nano",
        "version": VERSION,
        "license": "MIT",
        "architecture": config | {"context": CONTEXT_TOKENS},
        "parameters": int(sum(v.size for v in weights.values())),
        "training": {
            "tokens": saved["tokens"],
            "steps": saved["step"],
            "minutes": round((saved["used_s"] + saved.get("earlier_s", 0.0)) / 60, 1),
        },
        "languages": ["en", "pt-BR"],
        "size_bytes": out.stat().st_size,
    }


def _vocabulary(w: gguf.GGUFWriter, tokenizer: dict, size: int) -> None:  # type: ignore[type-arg]
    model = tokenizer["model"]
    tokens = [t for t, _ in sorted(model["vocab"].items(), key=lambda item: item[1])]
    special = {t["content"] for t in tokenizer["added_tokens"]}
    kinds = [gguf.TokenType.CONTROL if t in special else gguf.TokenType.NORMAL for t in tokens]
    for i in range(len(tokens), size):
        tokens.append(f"<|unused{i}|>")
        kinds.append(gguf.TokenType.UNUSED)
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    end = model["vocab"]["<|end|>"]
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("gpt-2")
    w.add_token_list(tokens)
    w.add_token_types(kinds)
    w.add_token_merges(merges)
    w.add_bos_token_id(end)
    w.add_eos_token_id(end)
    w.add_eot_token_id(end)
    w.add_pad_token_id(end)
    w.add_add_bos_token(False)
    w.add_add_eos_token(False)
    w.add_add_space_prefix(False)
    w.add_chat_template(CHAT_TEMPLATE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    card = export(args.checkpoint, args.tokenizer, args.out)
    root = Path(__file__).resolve().parents[1]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    card["made_at_commit"] = commit.stdout.strip()
    args.out.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    json.dump(card, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
