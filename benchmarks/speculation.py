"""What drafts from the prompt save on copy-heavy answers, and that they change no text.

    python benchmarks/speculation.py [--model FILE] [--threads N] [--tokens N] [--json FILE]

A model with random weights falls into loops, which is as copy-heavy as text can be; with --model a
trained one can be measured on a task of copying. Each answer is computed with and without drafts
from the same state; processor time is compared.
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
from sorte_cli.inference.local import LocalEngine

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
    print(f"median: {ratio:.2f} times (wanted: {TARGET}); all texts the same: {same}")
    if options.json:
        options.json.write_text(json.dumps({"ratio": ratio, "same": same, "rows": rows}) + "\n")
    if not same:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
