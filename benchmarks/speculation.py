"""What drafts from the prompt save on copy-heavy answers, and that they change no text.

    python benchmarks/speculation.py [--model FILE] [--threads N] [--tokens N] [--json FILE]

Two things are measured, each with and without drafts from the same state, in processor time:

- A copying answer: the prompt again, with every twentieth token another one. A model with random
  weights would not write that, so the choice of tokens is played; everything else is real. This is
  what a model saves that copies well.
- What the model writes by itself. With random weights hardly any draft is right: this is what
  drafts cost where they do not pay. A trained model can be named with --model. The text must
  be the same to the token.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import ClassVar

from made_model import make
from sorte_cli.inference import ModelSpec, Options, local
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.native import Model
from sorte_cli.inference.sampling import Sampler

TARGET = 1.5
QUESTIONS = [
    "Copy this exactly:\n" + "".join(f"value_{k}_{n} = total * {k}\n" for k in range(12))
    for n in range(5)
]


def answer(
    engine: LocalEngine, text: str, tokens: int, drafts: bool
) -> tuple[tuple[int, ...], float]:
    """The tokens, and processor milliseconds a token."""
    engine.speculates = drafts
    messages = [("user", text)]
    engine._memory._clear()
    engine.generate(messages, Options(max_tokens=1))
    began = time.process_time()
    found = engine.generate(messages, Options(max_tokens=tokens))
    return found.tokens, 1000 * (time.process_time() - began) / max(1, len(found.tokens))


class Played(Sampler):
    """Chooses the tokens of a given text, whatever the scores say."""

    script: ClassVar[list[int]] = []

    def __init__(self, model: Model, options: Options) -> None:
        super().__init__(model, options)
        self._rest = iter(self.script)

    def is_clear(self, position: int) -> bool:
        super().is_clear(position)  # its cost counts
        return True

    def next(self, position: int = -1) -> tuple[int, float]:
        _token, logprob = super().next(position)
        return next(self._rest), logprob


def copying(engine: LocalEngine, tokens: int) -> tuple[float, float]:
    """Milliseconds a token without and with drafts, where the answer copies the prompt."""
    prompt = engine._prompt([("user", QUESTIONS[0])])
    copied = [t if n % 20 else (t + 7) % 30_000 for n, t in enumerate(prompt[5:], start=1)]
    Played.script = (copied * 9)[: tokens + 1]
    local.Sampler = Played
    try:
        slow, fast = (answer(engine, QUESTIONS[0], tokens, on)[1] for on in (False, True))
        return slow, fast
    finally:
        local.Sampler = Sampler


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=120)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = options.model or make(Path(folder, "made.gguf"))
        engine = LocalEngine(ModelSpec(path, threads=options.threads), keep_prefixes=False)
        rounds = [copying(engine, options.tokens) for _ in range(5)]
        slow, fast = (statistics.median(r[n] for r in rounds) for n in (0, 1))
        gain = statistics.median(r[0] / r[1] for r in rounds)
        print(f"copying: {slow:.2f} -> {fast:.2f} ms a token, {gain:.2f} times (wanted: {TARGET})")
        for text in QUESTIONS:
            plain, slow = answer(engine, text, options.tokens, False)
            drafted, fast = answer(engine, text, options.tokens, True)
            rows.append({"same": plain == drafted, "plain_ms": slow, "drafted_ms": fast})
            print(
                f"{slow:7.2f} -> {fast:7.2f} ms a token, {slow / fast:.2f} times, "
                f"{'the same text' if plain == drafted else 'ANOTHER TEXT'}"
            )
        engine.close()
    ratio = statistics.median(r["plain_ms"] / r["drafted_ms"] for r in rows)
    same = all(r["same"] for r in rows)
    print(f"by itself, median: {ratio:.2f} times; all texts the same: {same}")
    if options.json:
        options.json.write_text(
            json.dumps({"copying": gain, "ratio": ratio, "same": same, "rows": rows}) + "\n"
        )
    if not same:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
