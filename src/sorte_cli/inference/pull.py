"""Fetches models from Hugging Face, when asked to: resumed where it was cut off, and checked.

The files go to the Hugging Face cache, where other programs find them, too.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.inference.models import choose_file, split_names

INSTALL = "pip install 'sorte-cli[pull]'"
_REPOSITORY = re.compile(r"(?:hf\.co/|https://huggingface\.co/)?([\w.-]+/[\w.-]+)(?::([\w.-]+))?\Z")
_CHUNK_BYTES = 8 * 1024**2


@dataclass(frozen=True, slots=True)
class _Remote:
    name: str
    size_bytes: int
    sha256: str


def pull(wanted: str, *, show_progress: bool = False) -> list[Path]:
    """Fetches `org/repo[:QUANT]`; returns its files, the first part of a split model first.

    What was fetched before is not fetched again, and an interrupted file goes on where it ended.
    Raises UsageError for a name that is none, EnvironmentFailure without the network, the
    package, the repository, or room on the disk, and for a file whose checksum is wrong.
    """
    match = _REPOSITORY.match(wanted.strip())
    if match is None:
        raise UsageError(
            f"{wanted!r} is not a repository on Hugging Face",
            hint="Write org/repo or org/repo:Q4_K_M.",
        )
    repository, quantisation = match[1], match[2] or ""
    hub = _hub(show_progress)
    files = _choose(repository, quantisation, _listed(hub, repository))
    _check_room(hub, files)
    return [_fetched(hub, repository, file) for file in files]


def _hub(show_progress: bool) -> Any:
    # Read once, when the package is imported.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    try:
        hub = importlib.import_module("huggingface_hub")
        importlib.import_module("huggingface_hub.errors")
        importlib.import_module("httpx")
    except ImportError:
        raise EnvironmentFailure(
            "fetching models needs the package huggingface_hub, which is not installed",
            hint=f"{INSTALL}   (or download the .gguf file yourself and name its path)",
        ) from None
    utils = importlib.import_module("huggingface_hub.utils")
    (utils.enable_progress_bars if show_progress else utils.disable_progress_bars)()
    return hub


def _problems(hub: Any) -> tuple[type[Exception], ...]:
    """What goes wrong on the way to the network and back."""
    return (OSError, hub.errors.HFValidationError, importlib.import_module("httpx").HTTPError)


def _listed(hub: Any, repository: str) -> list[_Remote]:
    try:
        information = hub.HfApi().model_info(repository, files_metadata=True, timeout=30)
    except hub.errors.RepositoryNotFoundError as error:
        raise EnvironmentFailure(
            f"there is no public repository {repository} on Hugging Face",
            hint="Check the spelling. Gated repositories need a token: `hf auth login`, and "
            "HF_HUB_DISABLE_IMPLICIT_TOKEN=0.",
        ) from error
    except _problems(hub) as error:
        raise _unreachable(repository, error) from error
    return [
        _Remote(s.rfilename, s.size or 0, s.lfs.sha256 if s.lfs is not None else "")
        for s in information.siblings or []
    ]


def _choose(repository: str, quantisation: str, files: list[_Remote]) -> list[_Remote]:
    names = [file.name for file in files]
    chosen = choose_file(names, quantisation)
    if not chosen:
        kinds = ", ".join(sorted(n for n in names if n.endswith(".gguf"))[:12])
        what = f"no {quantisation} file" if quantisation else "no file to choose by itself"
        raise EnvironmentFailure(
            f"{repository} has {what}" if kinds else f"{repository} has no GGUF files",
            hint=f"It has: {kinds}" if kinds else "Look for a repository whose name ends in GGUF.",
        )
    parts = set(split_names(chosen))
    return sorted((f for f in files if f.name in parts), key=lambda f: f.name)


def _check_room(hub: Any, files: list[_Remote]) -> None:
    folder = Path(hub.constants.HF_HUB_CACHE)
    while not folder.exists():
        folder = folder.parent
    free, wanted = shutil.disk_usage(folder).free, sum(f.size_bytes for f in files)
    if wanted > free:
        raise EnvironmentFailure(
            f"{wanted / 1e9:.1f} GB are to be fetched and {folder} has {free / 1e9:.1f} GB free",
            hint="Make room, choose a smaller quantisation, or set HF_HOME to another disk.",
        )


def _fetched(hub: Any, repository: str, file: _Remote) -> Path:
    try:
        path = Path(hub.hf_hub_download(repository, file.name, library_name="sorte"))
    except _problems(hub) as error:
        raise _unreachable(repository, error) from error
    if file.sha256 and _sha256(path) != file.sha256:
        blob = path.resolve()
        path.unlink(missing_ok=True)
        blob.unlink(missing_ok=True)
        raise EnvironmentFailure(
            f"{file.name} arrived damaged: its checksum is not the one {repository} states",
            hint="It was deleted. Run the command again.",
        )
    return path


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while part := stream.read(_CHUNK_BYTES):
            digest.update(part)
    return digest.hexdigest()


def _unreachable(repository: str, error: Exception) -> EnvironmentFailure:
    reason = str(error).strip().splitlines()
    return EnvironmentFailure(
        f"cannot fetch {repository}: {reason[0][:200] if reason else type(error).__name__}",
        hint="Fetching needs the network; what has arrived is kept and the next try goes on "
        "there. Everything else in Sorte works without.",
    )
