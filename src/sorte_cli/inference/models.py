"""Finds model files: nano, a path, or a name among the models already on this machine."""

from __future__ import annotations

import difflib
import json
import mmap
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.inference.gguf import GgufError, GgufHeader, read_header
from sorte_cli.inference.hardware import library_folder, on_wsl
from sorte_cli.paths import data_dir, nano_model
from sorte_cli.settings import load_settings
from sorte_cli.texts import N_

NANO = "nano"
_OLLAMA_MODEL_LAYER = "application/vnd.ollama.image.model"
_SPLIT = re.compile(r"-(\d{5})-of-(\d{5})\.gguf\Z")
_NOT_FOR_CHAT = {
    "adapter": "a LoRA adapter",
    "mmproj": "a vision projector",
    "vocab": "only a vocabulary",
    "imatrix": "an importance matrix",
}


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model on this machine. `source` names the program that put it there."""

    name: str
    path: Path
    source: str
    repository: str = ""
    """`org/name` on Hugging Face, where that is known."""


def resolve_model(name: str) -> Path:
    """The file for `name`: "nano", a path (`~` allowed), or a name that `list_models` knows.

    The header is read and checked, so that a bad file is refused before anything is loaded.
    Raises EnvironmentFailure that says what to do and names what is near.
    """
    wanted = name.strip()
    if not wanted:
        raise EnvironmentFailure("no model was named", hint='Name a GGUF file, or "nano".')
    if wanted == NANO:
        path = nano_model()
        if not path.is_file():
            raise EnvironmentFailure(
                f"the nano model is missing from this installation ({path})",
                hint="Reinstall Sorte, or name another model with --brain and --executor.",
            )
        return _checked(path)
    path = Path(wanted).expanduser()
    if path.is_dir():
        return _checked(_only_model_in(path))
    if path.exists():
        return _checked(path.absolute())
    found = list_models()
    matches = _matches(wanted, found)
    if matches:
        return _checked(matches[0].path)
    raise _unknown(wanted, path, found)


def check_model(header: GgufHeader) -> None:
    """Raises GgufError where a sound GGUF is nothing Sorte can chat with."""
    path = header.path
    kind = header.text("general.type", "model")
    if kind in _NOT_FOR_CHAT or header.architecture == "clip":
        what = _NOT_FOR_CHAT.get(kind, _NOT_FOR_CHAT["mmproj"])
        raise GgufError(f"{path} holds {what}, not a model", hint="Choose the model's own file.")
    if not header.architecture:
        raise GgufError(f"{path} does not say which architecture it has", hint="Download it again.")
    if not header.tensors:
        raise GgufError(
            f"{path} holds only a vocabulary, no weights", hint="Choose the model's own file."
        )
    if not architecture_known(header.architecture):
        raise GgufError(
            f"{path} has the architecture {header.architecture!r}, which the installed llama.cpp "
            "does not know",
            hint="Choose another model, or a newer llama-cpp-python that supports it.",
        )
    for part in split_names(path.name):
        if not path.with_name(part).is_file():
            raise GgufError(
                f"{path.name} is one part of a split model, and {part} is missing",
                hint=f"Put all parts into {path.parent}.",
            )


def architecture_known(architecture: str) -> bool:
    """Whether the installed llama.cpp knows it; True where that cannot be told.

    Architecture names are C string literals, so a known one occurs in the library's bytes. A name
    that occurs by accident is refused later, by llama.cpp itself.
    """
    folder = library_folder()
    names = ("libllama.so", "libllama.dylib")
    for library in (folder / name for name in names if folder is not None):
        if not library.is_file():
            continue
        with (
            library.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view,
        ):
            return view.find(architecture.encode() + b"\0") >= 0
    return True


def list_models() -> list[FoundModel]:
    """Models on this machine, by where they lie: Sorte's own folder first."""
    found = [
        *_sorte_models(),
        *_ollama_models(),
        *_lmstudio_models(),
        *_huggingface_models(),
        *_llama_cpp_models(),
        *_configured_models(),
    ]
    # One file under two names is two models to a person; under one name (snapshots) it is one.
    unique = {(model.name, model.path.resolve()): model for model in reversed(found)}
    return list(reversed(unique.values()))


def _checked(path: Path) -> Path:
    match = _SPLIT.search(path.name)
    if match and match[1] != "00001":
        path = path.with_name(_SPLIT.sub(f"-00001-of-{match[2]}.gguf", path.name))
    check_model(read_header(path))
    return path


def split_names(name: str) -> list[str]:
    """The names of all parts of a split model, in order; of others, only the one."""
    match = _SPLIT.search(name)
    if not match:
        return [name]
    stem, count = name[: match.start()], int(match[2])
    return [f"{stem}-{n:05}-of-{count:05}.gguf" for n in range(1, count + 1)]


def _only_model_in(folder: Path) -> Path:
    files = list(_gguf_files(folder))
    if len(files) == 1:
        return files[0].absolute()
    names = ", ".join(f.name for f in files[:8])
    raise EnvironmentFailure(
        f"{folder} is a folder with {len(files)} models" if files else f"{folder} holds no model",
        hint=f"Name one of: {names}" if files else "Name a .gguf file.",
    )


def _matches(wanted: str, found: list[FoundModel]) -> list[FoundModel]:
    """Models with that name; letter case, `.gguf` and Ollama's `:latest` do not matter."""
    key = _key(wanted)
    named = [m for m in found if _key(m.name) == key or _key(m.path.name) == key]
    return named or _in_repository(wanted, found)


def _in_repository(wanted: str, found: list[FoundModel]) -> list[FoundModel]:
    """Models for `org/name:QUANT` (`hf.co/` in front allowed); without QUANT the default one."""
    repository, _, quantisation = wanted.removeprefix("hf.co/").partition(":")
    inside = [m for m in found if m.repository.lower() == repository.lower() != ""]
    chosen = choose_file([m.path.name for m in inside], quantisation)
    return [m for m in inside if m.path.name == chosen]


def choose_file(names: Sequence[str], quantisation: str) -> str:
    """Of the files of one repository, the one with that quantisation; "" where there is none.

    Without a wish the one file there is, or the four-bit one that most people take.
    """
    files = [n for n in names if n.endswith(".gguf") and "mmproj" not in n.lower()]
    wanted = [quantisation] if quantisation else ["Q4_K_M", "MXFP4"]
    if not quantisation and len({_SPLIT.sub("", n) for n in files}) == 1:
        return sorted(files)[0]
    for kind in wanted:
        # As a whole word: Q4_K is not Q4_K_M, and UD-Q4_K_M is another than Q4_K_M.
        pattern = re.compile(rf"(?<![A-Za-z0-9]){re.escape(kind)}(?![A-Za-z0-9_])", re.IGNORECASE)
        fitting = sorted((n for n in files if pattern.search(n)), key=lambda n: (len(n), n))
        if fitting:
            return fitting[0]
    return ""


def _key(name: str) -> str:
    return name.lower().removesuffix(".gguf").removesuffix(":latest")


def _unknown(wanted: str, path: Path, found: list[FoundModel]) -> EnvironmentFailure:
    looks_like_path = "/" in wanted or wanted.startswith("~") or wanted.endswith(".gguf")
    names = [NANO, *(m.name for m in found)]
    if looks_like_path and path.parent.is_dir():
        names += [f.name for f in _gguf_files(path.parent)]
    near = difflib.get_close_matches(wanted.rpartition("/")[2] or wanted, names, n=3, cutoff=0.5)
    near += [n for n in names if _key(wanted) in n.lower() and n not in near][:3]
    what = (
        N_(f"there is no model file {path}")
        if looks_like_path
        else N_(f"no model is called {wanted!r}")
    )
    if near:
        hint = f"Did you mean {', '.join(dict.fromkeys(near))}?"
    else:
        hint = f'Name a .gguf file, put one into {data_dir() / "models"}, or use "nano".'
    return EnvironmentFailure(what, hint=hint)


def _gguf_files(folder: Path, *, deep: bool = False) -> Iterator[Path]:
    """Model files in a folder; of split models only the first part."""
    pattern = "**/*.gguf" if deep else "*.gguf"
    try:
        for file in sorted(folder.glob(pattern)):
            match = _SPLIT.search(file.name)
            if file.is_file() and (not match or match[1] == "00001"):
                yield file
    except OSError:
        return


def _sorte_models() -> Iterator[FoundModel]:
    for file in _gguf_files(data_dir() / "models", deep=True):
        yield FoundModel(file.stem, file, "sorte")


def _lmstudio_models() -> Iterator[FoundModel]:
    for root in (Path.home() / ".lmstudio/models", Path.home() / ".cache/lm-studio/models"):
        for file in _gguf_files(root, deep=True):
            yield FoundModel(file.stem, file, "lmstudio")


def _huggingface_models() -> Iterator[FoundModel]:
    environ = os.environ
    if folder := environ.get("HF_HUB_CACHE") or environ.get("HUGGINGFACE_HUB_CACHE"):
        root = Path(folder)
    elif folder := environ.get("HF_HOME"):
        root = Path(folder, "hub")
    else:
        root = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "huggingface/hub")
    try:
        folders = sorted(root.glob("models--*/snapshots/*"))
    except OSError:
        return
    for snapshot in folders:
        repository = snapshot.parents[1].name.removeprefix("models--").replace("--", "/", 1)
        for file in _gguf_files(snapshot, deep=True):
            yield FoundModel(file.stem, file, "huggingface", repository)


def _llama_cpp_models() -> Iterator[FoundModel]:
    """What llama.cpp's own tools downloaded."""
    folder = Path(os.environ.get("LLAMA_CACHE") or Path.home() / ".cache/llama.cpp")
    for file in _gguf_files(folder, deep=True):
        yield FoundModel(file.stem, file, "llama.cpp")


def _configured_models() -> Iterator[FoundModel]:
    """Folders that the person's own configuration or environment names."""
    settings, _notes = load_settings(None)
    for folder in filter(None, settings.model_dirs.split(os.pathsep)):
        for file in _gguf_files(Path(folder).expanduser(), deep=True):
            yield FoundModel(file.stem, file, "configured")


def _ollama_roots() -> list[Path]:
    """The user's own, the Linux service's, and under WSL those of Windows."""
    windows = Path("/mnt/c/Users")
    return [
        Path(os.environ.get("OLLAMA_MODELS") or Path.home() / ".ollama/models"),
        Path("/usr/share/ollama/.ollama/models"),
        *(windows.glob("*/.ollama/models") if on_wsl() else ()),
    ]


def _ollama_models() -> Iterator[FoundModel]:
    """Ollama keeps models as blobs; a manifest says which blob is the model of which name."""
    for root in _ollama_roots():
        manifests = root / "manifests"
        try:
            files = sorted(p for p in manifests.glob("*/**/*") if p.is_file())
        except OSError:
            continue
        for file in files:
            blob = _ollama_blob(root, file)
            if blob is not None:
                yield FoundModel(_ollama_name(file.relative_to(manifests)), blob, "ollama")


def _ollama_name(manifest: Path) -> str:
    *place, tag = manifest.parts
    name = "/".join(place)
    for prefix in ("registry.ollama.ai/library/", "registry.ollama.ai/"):
        name = name.removeprefix(prefix)
    return f"{name}:{tag}"


def _ollama_blob(root: Path, manifest: Path) -> Path | None:
    try:
        layers = json.loads(manifest.read_bytes())["layers"]
        digest = next(x["digest"] for x in layers if x["mediaType"] == _OLLAMA_MODEL_LAYER)
        blob = root / "blobs" / str(digest).replace(":", "-").replace("/", "-")
        return blob if blob.is_file() else None
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None
