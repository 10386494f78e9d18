"""Whether a LoRA file goes with a model, by its header alone."""

from __future__ import annotations

from pathlib import Path

from sorte_cli.inference.engine import AdapterError
from sorte_cli.inference.gguf import GgufHeader, read_header


def check_adapter(path: Path, base: GgufHeader) -> None:
    """Raises AdapterError where it does not; llama.cpp would end the process for some of that."""
    found = read_header(path)
    if found.text("general.type") != "adapter" or found.text("adapter.type") != "lora":
        raise AdapterError(f"{path} is not a LoRA adapter", hint="Name a LoRA in GGUF form.")
    if found.architecture != base.architecture:
        raise AdapterError(
            f"{path} was made for {found.architecture!r}, and {base.name} is {base.architecture!r}",
            hint="An adapter works only with the model it was trained on.",
        )
    shapes = {tensor.name: tensor.shape for tensor in base.tensors}
    for tensor in found.tensors:
        name, _, part = tensor.name.rpartition(".lora_")
        shape = shapes.get(name)
        side = 0 if part == "a" else -1
        if shape is None or part not in ("a", "b") or len(tensor.shape) != 2:
            raise AdapterError(f"{path} changes {tensor.name}, which {base.name} does not have")
        if tensor.shape[side] != shape[side] and "token_embd" not in name:
            raise AdapterError(
                f"{path} was made for a model of another size: {tensor.name}",
                hint="An adapter works only with the model it was trained on.",
            )
