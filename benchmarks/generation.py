"""How much of llama.cpp's own speed is left when Sorte generates: answers beside a bare loop.

    python benchmarks/generation.py [--model FILE] [--threads N] [--tokens N] [--rounds N]
                                    [--llama-bench PROGRAM] [--json FILE]

The peer is llama.cpp's C API in a loop that only decodes, which is what llama-bench measures; with
--llama-bench that program is run, too: the same file, threads, batch, cache, and as many tokens
from the same depth. All take turns, and what is compared is processor time, of which other
work on the machine only ever adds some: so the lowest of each counts. Without --model one with
random weights is made.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import tempfile
import time
from pathlib import Path

from made_model import make
from sorte_cli.inference import ModelSpec, Options
from sorte_cli.inference.local import LocalEngine

TARGET = 0.97


SHORT = 8


def ours(engine: LocalEngine, tokens: int) -> float:
    """Processor milliseconds a token, everything included: sampling, text, log-probabilities.

    Of a long answer, less those of a short one: the prompt is not what is measured.
    """

    def used_s(count: int) -> float:
        began = time.process_time()
        answer = engine.generate([("user", "x")], Options(max_tokens=count))
        assert len(answer.tokens) == count
        return time.process_time() - began

    used_s(SHORT)
    return 1000 * (used_s(SHORT + tokens) - used_s(SHORT)) / tokens


def bare(engine: LocalEngine, tokens: int) -> float:
    """The same for llama_decode alone, from an equally long prompt."""
    model = engine._open_model()
    prompt = engine._prompt([("user", "x")])
    model.forget_from(0)
    model.decode(prompt)
    began = time.process_time()
    for number in range(tokens):
        model.decode([(7 + 13 * number) % model.vocab_size])
    used = 1000 * (time.process_time() - began) / tokens
    engine._memory._clear()
    return used


def llama_bench(program: str, model: Path, threads: int, tokens: int, depth: int) -> float:
    """Processor milliseconds a token of llama-bench: of a long run, less those of a short one.

    `depth`: so many tokens are read before.
    """

    def used_s(count: int) -> float:
        line = [program, "-m", str(model), "-p", "0", "-n", str(count), "-t", str(threads)]
        line += ["-d", str(depth), "-b", "512", "-ub", "512"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [*line, "-r", "1", "--no-warmup", "-o", "json"], capture_output=True, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return 1000 * (used_s(SHORT + tokens) - used_s(SHORT)) / tokens


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--llama-bench", default="")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.model or make(Path(folder, "made.gguf"))
        engine = LocalEngine(ModelSpec(path, threads=options.threads), keep_prefixes=False)
        engine.speculates = False
        depth = len(engine._prompt([("user", "x")]))
        rounds, peers = [], []
        for _ in range(options.rounds):
            rounds.append((bare(engine, options.tokens), ours(engine, options.tokens)))
            if options.llama_bench:
                peers.append(
                    llama_bench(options.llama_bench, path, options.threads, options.tokens, depth)
                )
        engine.close()
    loop, whole = (min(r[n] for r in rounds) for n in (0, 1))
    ratio = loop / whole
    peer = min(peers, default=0.0)
    print(f"bare loop     {loop:8.2f} ms of processor time a token")
    print(f"sorte         {whole:8.2f} ms of processor time a token")
    if peer:
        print(f"llama-bench   {peer:8.2f} ms of processor time a token")
        print(f"share of llama-bench's speed: {peer / whole:.3f} (wanted: {TARGET})")
    print(f"share of the bare loop's speed: {ratio:.3f} (wanted: {TARGET})")
    if options.json:
        found = {"bare_ms": loop, "sorte_ms": whole, "llama_bench_ms": peer, "ratio": ratio}
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
