"""Carries out `sorte engine tune`: loads the model, measures, keeps the result."""

from __future__ import annotations

from collections.abc import Callable

from sorte_cli.errors import UsageError
from sorte_cli.inference import tuning
from sorte_cli.inference.hardware import SMALL_MODEL_BYTES, machine_name, thread_numbers
from sorte_cli.inference.specs import local_spec
from sorte_cli.terminal.translate import _


def measure(name: str, on_number: Callable[[int], None]) -> tuning.Tuning:
    """Raises UsageError for models so small that one thread is always right."""
    from sorte_cli.inference.native import Model

    spec = local_spec(name)
    if spec.path.stat().st_size < SMALL_MODEL_BYTES:
        raise UsageError(
            _("{model} is so small that one thread is always best").format(model=name),
            hint=_("name a model of 50 MB or more: sorte engine tune MODEL"),
        )
    numbers = thread_numbers()
    model = Model(spec, context_tokens=512, threads=(numbers[0], numbers[0]))
    try:
        found = tuning.tune(model, machine_name(), numbers, on_number)
    finally:
        model.close()
    tuning.save(found)
    return found
