"""From a model's name to what is loaded: its file, and what its Modelfile says of it.

`sorte models create NAME -f Modelfile` keeps a Modelfile under a name; the weights stay where they
are. Flags and settings win over what it says.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sorte_cli.errors import EnvironmentFailure, SorteError, UsageError
from sorte_cli.inference.address import is_remote, read_address, read_workers
from sorte_cli.inference.engine import ModelSpec
from sorte_cli.inference.gguf import read_header
from sorte_cli.inference.modelfile import Modelfile, decode_modelfile, print_modelfile
from sorte_cli.inference.models import FoundModel, resolve_model
from sorte_cli.paths import data_dir

SUFFIX = ".modelfile"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[A-Za-z0-9._-]{1,32})?\Z")
MAX_MODELFILE_BYTES = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class CreatedModel:
    """A Modelfile kept under a name, and the weights it builds on."""

    name: str
    file: Path
    modelfile: Modelfile
    weights: Path
    adapters: tuple[Path, ...]


def create_model(name: str, file: Path) -> CreatedModel:
    """Keeps the Modelfile `file` under `name`. The weights must be on this machine.

    Raises UsageError for a bad name or Modelfile, EnvironmentFailure where files are missing.
    """
    if not _NAME.match(name) or name == "nano":
        raise UsageError(
            f"{name!r} cannot be the name of a model",
            hint="Use letters, digits, dots, hyphens, and perhaps a tag: reviewer:8gb",
        )
    modelfile = decode_modelfile(_read(file), name=str(file))
    found = _resolved(name, file, modelfile)
    target = _folder() / f"{name.replace(':', '@')}{SUFFIX}"
    # With paths that also hold from where it is kept.
    adapters = tuple(map(str, found.adapters))
    text = print_modelfile(replace(modelfile, source=str(found.weights), adapters=adapters))
    fresh = target.with_suffix(f".{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(target)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise EnvironmentFailure(f"cannot write {target}: {error.strerror}") from error
    return CreatedModel(name, target, modelfile, found.weights, found.adapters)


def created_models() -> Iterator[tuple[str, Path]]:
    """(name, file) of the Modelfiles that are kept."""
    try:
        files = sorted(_folder().glob(f"*{SUFFIX}"))
    except OSError:
        return
    for file in files:
        yield file.name.removesuffix(SUFFIX).replace("@", ":"), file


def created_model(name: str) -> CreatedModel | None:
    """The model created under that name, if there is one; ":latest" may be left out."""
    wanted = name.removesuffix(":latest")
    for known, file in created_models():
        if known.removesuffix(":latest") == wanted:
            return _resolved(known, file, decode_modelfile(_read(file), name=str(file)))
    return None


def spec_for(
    name: str,
    *,
    context_tokens: int = 0,
    gpu_layers: int = -1,
    threads: int = 0,
    workers: str = "",
) -> ModelSpec:
    """What to load for `name`, or where it runs if that is an address. Arguments that are not at
    their defaults win over a Modelfile. `workers` as in the setting `rpc_workers`.

    Raises EnvironmentFailure as `resolve_model` does.
    """
    if is_remote(name):
        read_address(name)
        return ModelSpec(Path(name.rpartition("/")[2]), context_tokens=context_tokens, url=name)
    created = created_model(name)
    if created is None:
        return ModelSpec(
            resolve_model(name),
            context_tokens=context_tokens,
            gpu_layers=gpu_layers,
            threads=threads,
            workers=read_workers(workers),
        )
    says, extra = created.modelfile, created.modelfile.metadata
    held = extra.get("cpu_experts", "0")
    scale = float(extra.get("adapter_scale", "1"))
    return ModelSpec(
        created.weights,
        context_tokens=context_tokens or says.integer("num_ctx"),
        gpu_layers=gpu_layers if gpu_layers != -1 else says.integer("num_gpu", -1),
        threads=threads or says.integer("num_thread"),
        kv_type=extra.get("kv", "f16"),
        cpu_expert_layers=read_header(created.weights).layers if held == "all" else int(held),
        adapters=tuple((path, scale) for path in created.adapters),
        workers=read_workers(workers),
    )


def settled(name: str) -> dict[str, str]:
    """What the Modelfile of a created model settles for Sorte, in its own words; {} for others."""
    created = created_model(name)
    if created is None:
        return {}
    numbers = {
        key: str(value)
        for key in ("num_ctx", "num_gpu", "num_thread")
        if (value := created.modelfile.integer(key, -2)) != -2
    }
    adapters = {"adapter": ", ".join(map(str, created.adapters))} if created.adapters else {}
    return numbers | dict(created.modelfile.metadata) | adapters


def local_spec(name: str) -> ModelSpec:
    """The same for what only makes sense with a file on this machine. Raises UsageError."""
    spec = spec_for(name)
    if spec.url:
        raise UsageError(
            f"{name} is an engine that runs elsewhere", hint="Name a model on this machine."
        )
    return spec


def _folder() -> Path:
    return data_dir() / "models"


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_MODELFILE_BYTES:
            raise UsageError(f"{file} is too large for a Modelfile")
        return file.read_bytes()
    except OSError as error:
        raise EnvironmentFailure(
            f"cannot read {file}: {error.strerror}", hint="Name the Modelfile with -f."
        ) from error


def _resolved(name: str, file: Path, modelfile: Modelfile) -> CreatedModel:
    """Finds the weights and adapters, relative to the Modelfile as Ollama does."""
    beside = file.parent / Path(modelfile.source).expanduser()
    weights = resolve_model(str(beside) if beside.exists() else modelfile.source)
    adapters = []
    for written in modelfile.adapters:
        path = (file.parent / Path(written).expanduser()).absolute()
        if not path.is_file():
            raise EnvironmentFailure(
                f"there is no adapter file {path}", hint=f"ADAPTER in {file} names it."
            )
        adapters.append(path)
    return CreatedModel(name, file, modelfile, weights, tuple(adapters))


def created_as_found() -> Iterator[FoundModel]:
    """The created models, as `list_models` has the others; broken ones are left out."""
    for name, file in created_models():
        try:
            created = _resolved(name, file, decode_modelfile(_read(file), name=str(file)))
        except SorteError:
            continue
        yield FoundModel(name, created.weights, "modelfile")
