"""Measures once per machine how many threads suit a model, and how fast memory is.

More threads than memory can feed, a slow core among fast ones, or a neighbour on the machine: the
best number cannot be told from the outside, least of all under WSL, which hides core types.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.paths import state_dir

if TYPE_CHECKING:
    from sorte_cli.inference.native import Model

ROUNDS = 3
TOKENS = 8
PROMPT_TOKENS = 128
WORTH = 0.97
"""More threads are taken only where they save more than this leaves: others need the machine."""
COPY_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was measured; milliseconds a token by number of threads."""

    threads: int
    prompt_threads: int
    generate_ms: Mapping[int, float]
    prompt_ms: Mapping[int, float]
    memory_gb_s: float
    model: str
    machine: str


def candidates(cores: int, logical: int) -> list[int]:
    """Numbers of threads worth trying: all up to eight by twos, then wider steps."""
    wanted = {1, 2, 3, 4, 6, 8, 12, 16, cores, logical}
    return sorted(n for n in wanted if 1 <= n <= logical)


def best(measured: Mapping[int, float]) -> int:
    """The fewest threads that are nearly as fast as the fastest."""
    fastest = min(measured.values())
    return min(n for n, ms in measured.items() if ms * WORTH <= fastest)


def tune(
    model: Model,
    machine: str,
    numbers: list[int],
    on_number: Callable[[int], None] = lambda _: None,
) -> Tuning:
    """Tries each number of threads on `model`, whose context is empty afterwards."""
    generate: dict[int, float] = {}
    prompt: dict[int, float] = {}
    for number in numbers:
        on_number(number)
        generate[number], prompt[number] = _measure(model, number)
    return Tuning(
        threads=best(generate),
        prompt_threads=best(prompt),
        generate_ms=generate,
        prompt_ms=prompt,
        memory_gb_s=memory_gigabytes_per_s(),
        model=model.header.name,
        machine=machine,
    )


def _measure(model: Model, threads: int) -> tuple[float, float]:
    """(ms a token to generate, ms a token to read) with that many threads: the middle of each."""
    model.set_threads(threads, threads)
    size = min(PROMPT_TOKENS, model.context_tokens // 2)
    tokens = [(7 + 13 * n) % model.vocab_size for n in range(size)]
    writing, reading = [], []
    for _ in range(ROUNDS):
        model.forget_from(0)
        began = time.perf_counter()
        model.decode(tokens)
        read = time.perf_counter()
        for token in tokens[:TOKENS]:
            model.decode([token])
        reading.append((read - began) / len(tokens))
        writing.append((time.perf_counter() - read) / len(tokens[:TOKENS]))
    model.forget_from(0)
    return 1000 * _middle(writing), 1000 * _middle(reading)


def _middle(numbers: list[float]) -> float:
    return sorted(numbers)[len(numbers) // 2]


def memory_gigabytes_per_s() -> float:
    """How fast this machine reads memory with one thread: a copy reads and writes each byte."""
    source = bytearray(COPY_BYTES)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        bytes(source)
        times.append(time.perf_counter() - began)
    return 2 * COPY_BYTES / min(times) / 1e9


def save(tuning: Tuning) -> Path:
    """Keeps it for every later run on this machine."""
    path = _path()
    fresh = path.with_suffix(".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(asdict(tuning), indent=2) + "\n", encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise EnvironmentFailure(f"cannot write {path}: {error.strerror}") from error
    return path


def load(machine: str) -> tuple[int, int, float] | None:
    """(threads, prompt threads, GB/s) measured on `machine`; None where nothing was."""
    try:
        found = json.loads(_path().read_text(encoding="utf-8"))
        if found["machine"] != machine:
            return None  # the folder came from another machine
        return int(found["threads"]), int(found["prompt_threads"]), float(found["memory_gb_s"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _path() -> Path:
    return state_dir() / "tuning.json"
