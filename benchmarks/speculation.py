"""What drafts from the prompt save on copy-heavy answers, and that they change no text.

    python benchmarks/speculation.py [--model FILE | --type q4_0|q8_0|f16|f32] [--threads N]
                                     [--tokens N] [--rounds N] [--questions N] [--json FILE]

Three things are measured, with and without drafts from the same state, in processor time; of
several rounds the lowest time counts, because other work on the machine only ever adds to it.

- The bound: what llama_decode takes for batches of 1 to 16 tokens. Were every draft right and all
  else free, so many times faster an answer would come.
- A copying answer: the prompt again, whole, and with every twentieth token another one. A model of
  random weights would not write that, so the choice of tokens is played; everything else is real.
  This is what a model saves that copies well.
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

    def is_clear(self, position: int, lead: float) -> bool:
        super().is_clear(position, lead)  # its cost counts
        return True

    def next(self, position: int = -1) -> tuple[int, float]:
        _token, logprob = super().next(position)
        return next(self._rest), logprob


def bound(engine: LocalEngine, rounds: int) -> dict[int, float]:
    """Milliseconds that llama_decode takes for so many tokens, each with its scores."""
    model = engine._open_model()
    engine._memory._clear()
    model.decode(list(range(100, 164)))
    lowest = dict.fromkeys((1, 2, 4, 8, 16), float("inf"))
    for _ in range(rounds):
        for count in lowest:
            began = time.process_time()
            for _ in range(4):
                model.decode_scored(list(range(200, 200 + count)))
                model.forget_from(64)
            lowest[count] = min(lowest[count], 1000 * (time.process_time() - began) / 4)
    engine._memory._clear()
    return lowest


def copying(engine: LocalEngine, tokens: int, every: int) -> tuple[float, float]:
    """Milliseconds a token without and with drafts, where the answer copies the prompt but for
    `every` so manieth token.
    """
    prompt = engine._prompt([("user", QUESTIONS[0])])
    copied = [t if n % every else (t + 7) % 30_000 for n, t in enumerate(prompt[5:], start=1)]
    Played.script = (copied * 9)[: tokens + 1]
    local.Sampler = Played
    try:
        slow = answer(engine, QUESTIONS[0], tokens, False)[1]
        Played.script = (copied * 9)[: tokens + 1]
        fast = answer(engine, QUESTIONS[0], tokens, True)[1]
        return slow, fast
    finally:
        local.Sampler = Sampler


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--type", default="q4_0", choices=("q4_0", "q8_0", "f16", "f32"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--questions", type=int, default=len(QUESTIONS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=120)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = options.model or make(Path(folder, "made.gguf"), options.type)
        engine = LocalEngine(ModelSpec(path, threads=options.threads), keep_prefixes=False)
        batches = bound(engine, options.rounds)
        for count, used in batches.items():
            most = count * batches[1] / used
            print(f"llama_decode of {count:2} tokens: {used:7.2f} ms, at most {most:.2f} times")
        gains = {}
        for name, every in (("copying whole", 10**9), ("all but each 20th", 20)):
            rounds = [copying(engine, options.tokens, every) for _ in range(options.rounds)]
            slow, fast = (min(r[n] for r in rounds) for n in (0, 1))
            gains[name] = slow / fast
            print(
                f"{name}: {slow:.2f} -> {fast:.2f} ms a token, {slow / fast:.2f} times "
                f"(wanted: {TARGET})"
            )
        for text in QUESTIONS[: options.questions]:
            plain, slow = answer(engine, text, options.tokens, False)
            drafted, fast = answer(engine, text, options.tokens, True)
            rows.append({"same": plain == drafted, "plain_ms": slow, "drafted_ms": fast})
            print(
                f"{slow:7.2f} -> {fast:7.2f} ms a token, {slow / fast:.2f} times, "
                f"{'the same text' if plain == drafted else 'ANOTHER TEXT'}"
            )
        engine.close()
    ratio = statistics.median([r["plain_ms"] / r["drafted_ms"] for r in rows] or [0.0])
    same = all(r["same"] for r in rows)
    print(f"by itself, median: {ratio:.2f} times; all texts the same: {same}")
    if options.json:
        options.json.write_text(
            json.dumps(
                {
                    "bound_ms": batches,
                    "copying": gains,
                    "ratio": ratio,
                    "same": same,
                    "rows": rows,
                }
            )
            + "\n"
        )
    if not same:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
