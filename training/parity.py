"""Does llama.cpp read nano as torch does? Tokens of many strings, and the likeliest next tokens.

    python training/parity.py write --checkpoint RUN/last.pt --tokenizer RUN/tokenizer.json \
        --cache RUN/harvest.pkl --out /tmp/parity.json
    python training/parity.py check --model nano.gguf --out /tmp/parity.json

Two commands, because torch and llama.cpp need not live in one environment.
"""

from __future__ import annotations

import argparse
import ctypes
import json
from pathlib import Path

ODD_TEXTS = [
    "", " ", "\n", "a\n\nb", "  x", "x  ", "\t\tx", "HTTPServer2", "snake_case_1", "R$ 1.234,56",
    "ação, não; é", "日本語", "emoji 🙂 ok", "“quoted”", "`tick`", "a::b.c(d)#1", "<|end|", "%s {x}\r\n",
    "    raise ValueError(\"x must not be None\")", "don't won't I'll", "x=-1.5e-3", "Ç Ã õ",
]  # fmt: skip


def write(checkpoint: Path, tokenizer_path: Path, cache: Path, out: Path) -> None:
    import torch
    from tokenizers import Tokenizer

    from generate import Maker, stream, texts
    from harvest import harvest
    from model import Config, Nano, tree_pieces

    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    saved = torch.load(checkpoint, weights_only=True)
    model = Nano(Config(**saved["config"]))
    model.load_state_dict(saved["model"])
    strings, prompts = list(ODD_TEXTS), []
    for tree in stream(Maker(harvest(cache), held_out=True), 77, 60):
        context, branches = texts(tree)
        strings.append(context.removeprefix("<|user|>"))
        for b in branches:
            strings += [b.stem, *(a.removesuffix("<|end|>") for _, a in b.leaves)]
        prompt, answer = branches[0].leaves[-1]
        prompts.append(context + branches[0].stem + prompt + answer)
    rows = []
    for text in prompts[:40]:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        zero = torch.zeros(len(ids), dtype=torch.long)
        with torch.no_grad():
            states = model.hidden(
                torch.tensor(ids), torch.arange(len(ids)), tree_pieces(zero, zero, 0)
            )
            rows.append([ids, model.logits(states).argmax(-1).tolist()])
    tokens = [[s, tokenizer.encode(s, add_special_tokens=False).ids] for s in strings]
    out.write_text(json.dumps({"tokens": tokens, "rows": rows}), encoding="utf-8")


def check(model_path: Path, out: Path) -> None:
    import numpy as np
    from llama_cpp import llama_cpp as c

    data = json.loads(out.read_text(encoding="utf-8"))
    params = c.llama_model_default_params()
    model = c.llama_model_load_from_file(str(model_path).encode(), params)
    vocab = c.llama_model_get_vocab(model)
    different = 0
    for text, wanted in data["tokens"]:
        raw = text.encode()
        buffer = (c.llama_token * (len(raw) + 8))()
        n = c.llama_tokenize(vocab, raw, len(raw), buffer, len(buffer), False, False)
        different += list(buffer[:n]) != wanted
    print(f"strings tokenised differently: {different} of {len(data['tokens'])}")
    settings = c.llama_context_default_params()
    settings.n_ctx, settings.n_batch, settings.n_threads, settings.n_threads_batch = (
        2048,
        2048,
        1,
        1,
    )
    context = c.llama_init_from_model(model, settings)
    size = c.llama_vocab_n_tokens(vocab)
    same = total = 0
    for ids, wanted in data["rows"]:
        c.llama_memory_clear(c.llama_get_memory(context), True)
        batch = c.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for i, token in enumerate(ids):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, i, 1, 1
            batch.seq_id[i][0] = 0
        assert c.llama_decode(context, batch) == 0
        for i, token in enumerate(wanted):
            logits = c.llama_get_logits_ith(context, i)
            array = np.ctypeslib.as_array(
                ctypes.cast(logits, ctypes.POINTER(ctypes.c_float)), (size,)
            )
            same += int(array.argmax()) == token
        total += len(ids)
        c.llama_batch_free(batch)
    print(f"same likeliest token: {same} of {total} ({same / total:.4f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["write", "check"])
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--tokenizer", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if args.what == "write":
        write(args.checkpoint, args.tokenizer, args.cache, args.out)
    else:
        check(args.model, args.out)


if __name__ == "__main__":
    main()
