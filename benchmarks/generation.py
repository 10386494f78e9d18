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
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from made_model import make
from sorte_cli.inference import ModelSpec, Options
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.process import engine_environment

TARGET = 0.97


SHORT = 8


def ours(engine: LocalEngine, tokens: int) -> tuple[float, float]:
    """Processor milliseconds of a long and of a short answer, everything included: sampling, text.

    What the tokens between them took is the difference of the lowest of each: so the prompt is
    not measured, and what other work adds to the short ones is not taken for speed.
    """

    def used_ms(count: int) -> float:
        began = time.process_time()
        answer = engine.generate([("user", "x")], Options(max_tokens=count))
        assert len(answer.tokens) == count
        return 1000 * (time.process_time() - began)

    used_ms(1)
    return used_ms(SHORT + tokens), used_ms(SHORT)


def bare(engine: LocalEngine, tokens: int) -> tuple[float, float]:
    """The same for llama_decode alone, from an equally long prompt."""
    model = engine._open_model()
    prompt = engine._prompt([("user", "x")])

    def used_ms(count: int) -> float:
        model.forget_from(0)
        began = time.process_time()
        model.decode(prompt)
        for number in range(count):
            model.decode([(7 + 13 * number) % model.vocab_size])
        return 1000 * (time.process_time() - began)

    used_ms(1)
    found = used_ms(SHORT + tokens), used_ms(SHORT)
    engine._memory._clear()
    return found


def llama_bench(
    program: str, model: Path, threads: int, tokens: int, depth: int, *, large_pages: bool
) -> tuple[float, float]:
    """Processor milliseconds of a long and of a short run of llama-bench.

    `depth`: so many tokens are read before. `large_pages`: asked for as Sorte does for itself.
    """

    def used_ms(count: int) -> float:
        line = [program, "-m", str(model), "-p", "0", "-n", str(count), "-t", str(threads)]
        line += ["-d", str(depth), "-b", "512", "-ub", "512"]
        plain = {k: v for k, v in os.environ.items() if k not in ("GLIBC_TUNABLES",)}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [*line, "-r", "1", "--no-warmup", "-o", "json"],
            capture_output=True,
            check=True,
            env=os.environ if large_pages else plain,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    return used_ms(SHORT + tokens), used_ms(SHORT)


def lowest(rounds: list[tuple[float, float]], tokens: int) -> float:
    """Milliseconds a token, of (long, short) runs."""
    if not rounds:
        return 0.0
    return (min(r[0] for r in rounds) - min(r[1] for r in rounds)) / tokens


def as_an_engine() -> None:
    """Begins again in the environment that Sorte gives to the processes of its engines."""
    wanted = engine_environment()
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], dict(wanted))


def main() -> None:
    as_an_engine()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=192)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--llama-bench", default="")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.model or make(Path(folder, "made.gguf"))
        engine = LocalEngine(ModelSpec(path, threads=options.threads), keep_prefixes=False)
        engine.speculates = False
        depth = len(engine._prompt([("user", "x")]))
        loops, answers, peers, large = [], [], [], []
        for _ in range(options.rounds):
            loops.append(bare(engine, options.tokens))
            answers.append(ours(engine, options.tokens))
            for found, pages in ((peers, False), (large, True)):
                if options.llama_bench:
                    found.append(
                        llama_bench(
                            options.llama_bench,
                            path,
                            options.threads,
                            options.tokens,
                            depth,
                            large_pages=pages,
                        )
                    )
        engine.close()
    loop, whole, peer, peer_large = (
        lowest(rounds, options.tokens) for rounds in (loops, answers, peers, large)
    )
    ratio = loop / whole
    print(f"bare loop     {loop:8.2f} ms of processor time a token")
    print(f"sorte         {whole:8.2f} ms of processor time a token")
    if peer:
        print(f"llama-bench   {peer:8.2f} ms of processor time a token")
        print(
            f"the same, with large pages {peer_large:.2f} ms: a share of {peer_large / whole:.3f}"
        )
        print(f"share of llama-bench's speed: {peer / whole:.3f} (wanted: {TARGET})")
    print(f"share of the bare loop's speed: {ratio:.3f} (wanted: {TARGET})")
    if options.json:
        found = {"bare_ms": loop, "sorte_ms": whole, "llama_bench_ms": peer, "ratio": ratio}
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
