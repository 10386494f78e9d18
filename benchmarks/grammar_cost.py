"""What a grammar with 10,000 symbols costs a token.

    python benchmarks/grammar_cost.py [--model FILE] [--threads N] [--symbols N] [--json FILE]

Two answers are measured. In the first the grammar allows what the model wants to write, which is
the case for a trained model nearly always: only the chosen token is checked. In the second it
allows nothing of it, so that every token is chosen among the allowed ones: the worst case, which
a model with random weights shows at its worst.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from made_model import make
from sorte_cli.inference import ModelSpec, Options
from sorte_cli.inference.grammar import Grammar, trie
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.native import Model
from sorte_cli.inference.sampling import Sampler

TARGET = 0.10
TOKENS = 48


def measured(model: Model, prompt: list[int], options: Options) -> tuple[list[int], float]:
    """The tokens, and processor milliseconds a token, without reading the prompt."""
    model.forget_from(0)
    model.decode(prompt)
    tokens: list[int] = []
    with Sampler(model, options) as sampler:
        began = time.process_time()
        for _ in range(TOKENS):
            token, _logprob = sampler.next()
            if model.is_end(token):
                break
            tokens.append(token)
            model.decode([token])
        used = time.process_time() - began
    return tokens, 1000 * used / max(1, len(tokens))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--symbols", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    names = [
        f"package_{n % 97}/module_{n % 13}.py::Class{n}.method_{n}" for n in range(options.symbols)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = options.model or make(Path(folder, "made.gguf"))
        engine = LocalEngine(ModelSpec(path, threads=options.threads), keep_prefixes=False)
        model, prompt = engine._open_model(), engine._prompt([("user", "write")])
        free, _ = measured(model, prompt, Options())
        own = b"".join(map(model.piece, free)).decode("utf-8", "ignore")
        wanted = Grammar().rule("root", trie([*names, own])).text
        line = f'{trie(names)} "\\n"'
        others = Grammar().rule("root", "line root | line").rule("line", line).text
        rounds = [
            [measured(model, prompt, Options(grammar=g))[1] for g in ("", wanted, others)]
            for _ in range(5)
        ]
        engine.close()
    plain, allowed, refused = (statistics.median(r[n] for r in rounds) for n in range(3))
    share = statistics.median(r[1] / r[0] for r in rounds) - 1
    print(f"no grammar                     {plain:8.2f} ms of processor time a token")
    print(f"{options.symbols:,} symbols, allowed       {allowed:8.2f} ms")
    print(f"{options.symbols:,} symbols, all refused   {refused:8.2f} ms")
    print(f"cost where the model is right: {100 * share:.1f} % of a token (wanted: {TARGET:.0%})")
    if options.json:
        found = {"plain_ms": plain, "allowed_ms": allowed, "refused_ms": refused, "share": share}
        options.json.write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
