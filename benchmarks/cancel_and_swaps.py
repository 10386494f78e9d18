"""How soon a cancelled answer ends, and whether memory comes back over twenty changes of models.

    python benchmarks/cancel_and_swaps.py [--cancels N] [--swaps N] [--json FILE]

Cancelling: an engine in a process of its own, with 100 million random parameters, is stopped in
the middle of reading a long prompt and in the middle of an answer; measured is the time from the
wish to the return. Changing: two models take turns, as brain and executor do where they do not fit
together; measured is the memory of this process and its children after each, first in processes of
their own, as Sorte runs them, then in this process, where only freeing it gives memory back.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from pathlib import Path

from made_model import make
from sorte_cli.inference import Engine, ModelSpec, Options, open_engine

CANCEL_TARGET_MS = 200
GROWTH_TARGET = 0.02
ENDLESS = "root ::= [a-z] root"
LONG = [("user", "the quick brown fox jumps over the lazy dog " * 120)]


def cancel_ms(engine: Engine, *, while_reading: bool, after_s: float) -> float:
    """From setting the event to the return of the call."""
    cancel = threading.Event()
    wished = [0.0]

    def wish() -> None:
        wished[0] = time.perf_counter()
        cancel.set()

    timer = threading.Timer(after_s, wish)
    messages = [("user", f"{after_s} " + LONG[0][1])] if while_reading else [("user", "x")]
    timer.start()
    found = engine.generate(messages, Options(max_tokens=4000, grammar=ENDLESS), cancel=cancel)
    ended = time.perf_counter()
    assert found.finish == "cancelled", "it ended before it was cancelled"
    return 1000 * (ended - wished[0])


def memory_bytes() -> int:
    """Private memory of this process and of its children; pages of files do not count."""
    total = 0
    for pid in (os.getpid(), *_children()):
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) * 1024
    return total


def _children() -> list[int]:
    try:
        text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    except OSError:
        return []
    return [int(pid) for pid in text.split()]


def swaps(paths: list[Path], count: int, *, inline: bool) -> tuple[list[int], list[float]]:
    """Bytes held after each change, with nothing loaded; and seconds that each change took."""
    held, took = [], []
    for number in range(count):
        began = time.perf_counter()
        engine = open_engine(ModelSpec(paths[number % 2], threads=1), inline=inline)
        took.append(time.perf_counter() - began)
        engine.generate([("user", "hello")], Options(max_tokens=3))
        engine.close()
        held.append(memory_bytes())
    return held, took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cancels", type=int, default=6)
    parser.add_argument("--swaps", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SORTE_CACHE_DIR"] = folder
        one, two = make(Path(folder, "one.gguf")), make(Path(folder, "two.gguf"), "q8_0")
        engine = open_engine(ModelSpec(one, threads=1))
        engine.generate([("user", "x")], Options(max_tokens=1))  # all is loaded and prepared
        for name, reading in (("reading", True), ("writing", False)):
            times = sorted(
                cancel_ms(engine, while_reading=reading, after_s=0.3 + 0.07 * n)
                for n in range(options.cancels)
            )
            result[f"cancel_{name}_ms"] = times
            print(
                f"cancelled while {name}: {times[len(times) // 2]:.0f} ms, at most "
                f"{times[-1]:.0f} ms (wanted: {CANCEL_TARGET_MS})"
            )
        engine.close()
        for name, inline in (("own processes", False), ("this process", True)):
            if options.swaps < 2:
                break
            held, took = swaps([one, two], options.swaps, inline=inline)
            growth = (held[-1] - held[1]) / held[1]
            result[name] = {"bytes": held, "seconds": took}
            print(
                f"{options.swaps} changes, {name}: {held[1] / 1e6:.1f} MB after the second, "
                f"{held[-1] / 1e6:.1f} MB after the last: {100 * growth:+.1f} % (wanted: at most "
                f"{GROWTH_TARGET:.0%}); a change takes {sorted(took)[len(took) // 2]:.2f} s"
            )
    if options.json:
        options.json.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
