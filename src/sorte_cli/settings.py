"""Settings: flags over environment over project over user, each value with where it came from.

The project's own file (`sorte.toml`, or `[tool.sorte]` in `pyproject.toml`) came with the clone and
may name commands and models, so it counts only after `sorte trust`, and only while its bytes are
the ones that were trusted.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.paths import config_dir, state_dir

PROFILES = ("auto", "compact", "full")
SANDBOXES = ("auto", "bubblewrap", "none")
THEMES = ("auto", "dark", "light")

_ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "brain": ("SORTE_BRAIN", "DEFAULT_MODEL"),
    "executor": ("SORTE_EXECUTOR", "EXECUTOR_MODEL"),
}


ROLES = ("brain", "executor")
USUAL_ROLES: Mapping[str, str] = {
    "plan": "brain",
    "reflect": "brain",
    "chat": "brain",
    "review": "brain",
    "operations": "executor",
    "commit": "executor",
}
"""Kinds of work, and which of the two models does them where nothing else is set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default. `sources` tells where each value that is set came from."""

    brain: str = ""
    """Model that plans: "nano", a path to a GGUF, or a name. Empty: the executor's, else nano."""
    executor: str = ""
    """Model that writes operations. Empty: the brain's, else nano."""
    profile: str = "auto"
    """Prompt profile: "compact" (models up to about 3 B), "full", or by model size."""
    context_tokens: int = 0
    """Context window; 0: what the model was trained for, at most 8,192."""
    roles: str = ""
    """Which model does which work, where that differs from what is usual: "review=executor"."""
    thinking_tokens: int = 600
    """How long a model that thinks may do so before it answers; 0: not at all."""
    gpu_layers: int = -1
    """Layers on the GPU; -1: all that fit."""
    threads: int = 0
    """CPU threads for inference; 0: chosen for the model and machine."""
    rpc_workers: str = ""
    """llama.cpp's RPC servers that lend their memory to a model: "host:port,host:port"."""
    keep_alive: int = -1
    """Seconds a model stays loaded after a command; 0: not at all; -1: five minutes, for models
    that take a moment to load."""
    model_dirs: str = ""
    """More folders with GGUF files, separated as in PATH."""
    embedding: str = ""
    """Model that compares files with a task by meaning (a GGUF made for that); empty: none."""
    test_command: str = ""
    """How the project runs its tests; empty: detected."""
    test_timeout_s: int = 300
    """The test suite is stopped after this many seconds."""
    max_repairs: int = -1
    """How often a step whose operations or checks failed goes back to the executor; -1: twice, and
    never in the compact profile, whose models guess where larger ones reason."""
    candidates: int = 1
    """How many answers the executor writes side by side for a step, at most 16; the first that all
    checks accept is taken."""
    max_replans: int = -1
    """How often the brain may plan again after a step could not be made good; -1: once, and never
    in the compact profile."""
    benchmark_command: str = ""
    """A command to be timed before and after each change, in the sandbox; empty: none."""
    benchmark_threshold: int = 10
    """A change that makes it slower by more than so many percent does not land."""
    advisories: str = ""
    """Folder with known vulnerabilities in the OSV format; empty: `advisories` in the cache."""
    sandbox: str = "auto"
    """"bubblewrap", "none" (tests run bare: your explicit consent), or "auto"."""
    lang: str = ""
    """"en" or "pt_BR"; empty: by locale."""
    theme: str = "auto"
    """The terminal's background: "dark", "light", or as the terminal says."""
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def brain_name(self) -> str:
        return self.brain or self.executor or "nano"

    @property
    def executor_name(self) -> str:
        return self.executor or self.brain or "nano"

    def role_for(self, work: str) -> str:
        """ "brain" or "executor": who does this kind of work (a key of `USUAL_ROLES`)."""
        return routes(self.roles)[work]

    def model_for(self, work: str) -> str:
        """The name of the model that does this kind of work."""
        return self.brain_name if self.role_for(work) == "brain" else self.executor_name


_TYPES: dict[str, type] = {
    f.name: int if f.type in ("int", int) else str for f in fields(Settings) if f.name != "sources"
}

_RANGES = {"candidates": (1, 16), "thinking_tokens": (0, 32_768)}


def routes(text: str) -> dict[str, str]:
    """Who does which work, by the usual rule and `text`: "review=executor, chat=executor".

    Raises UsageError for work or roles that do not exist.
    """
    found = dict(USUAL_ROLES)
    for part in filter(None, (p.strip() for p in text.split(","))):
        work, _, role = (p.strip() for p in part.partition("="))
        if work not in found or role not in ROLES:
            raise UsageError(
                f"`{part}` says nothing about who does which work",
                hint=f"Write WORK=ROLE; work: {', '.join(USUAL_ROLES)}; roles: {', '.join(ROLES)}.",
            )
        found[work] = role
    return found


def load_settings(
    project_root: Path | None, flags: Mapping[str, str | int | None] | None = None
) -> tuple[Settings, tuple[str, ...]]:
    """The settings in force and notes for the user (such as an untrusted project file).

    `flags` are values from the command line; None means not given.
    Raises UsageError for a value or name that makes no sense, naming the file or variable.
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    notes: list[str] = []

    def take(found: Mapping[str, Any], source: str) -> None:
        for name, value in found.items():
            values[name] = _checked(name, value, source)
            sources[name] = source

    user_file = config_dir() / "config.toml"
    take(_read_toml(user_file), str(user_file))
    if project_root is not None:
        config = project_config(project_root)
        if config is not None and is_trusted(project_root):
            take(config.values, config.path.name)
        elif config is not None:
            notes.append(
                f"{config.path.name} in this project is not trusted and was not used; "
                "read it, then run `sorte trust`"
            )
    take(_from_environment(), "environment")
    take({k: v for k, v in (flags or {}).items() if v is not None}, "command line")
    return replace(Settings(**values), sources=sources), tuple(notes)


@dataclass(frozen=True, slots=True)
class ProjectConfig:
    """The project's own settings as found on disk; `digest` is what trust is given to."""

    path: Path
    values: Mapping[str, Any]
    digest: str


def project_config(root: Path) -> ProjectConfig | None:
    """`sorte.toml`, else `[tool.sorte]` of `pyproject.toml`; None where there is neither."""
    own = root / "sorte.toml"
    if own.is_file():
        values = _read_toml(own)
        return ProjectConfig(own, values, _digest(values))
    shared = root / "pyproject.toml"
    if shared.is_file():
        try:
            section = _read_toml(shared).get("tool", {}).get("sorte")
        except UsageError:
            return None  # a broken pyproject.toml is the project's affair, not a setting of ours
        if isinstance(section, dict):
            return ProjectConfig(shared, section, _digest(section))
    return None


def is_trusted(root: Path) -> bool:
    """Whether the project's settings are the very ones that `sorte trust` was given."""
    config = project_config(root)
    return config is not None and _trust_records().get(str(root.resolve())) == config.digest


def tools_are_trusted(root: Path) -> bool:
    """Whether the checkers that the project has configured may run, in the sandbox.

    That is so after `sorte trust`, until the project's settings for Sorte change (or it gets some).
    """
    config = project_config(root)
    digest = config.digest if config is not None else _digest({})
    return _trust_records().get(str(root.resolve())) == digest


def trust(root: Path) -> ProjectConfig | None:
    """Trust the project's settings as they are now, and its checkers; None where it has none."""
    config = project_config(root)
    records = _trust_records()
    records[str(root.resolve())] = config.digest if config is not None else _digest({})
    _write_trust(records)
    return config


def distrust(root: Path) -> bool:
    """Take the trust back; False where there was none."""
    records = _trust_records()
    if records.pop(str(root.resolve()), None) is None:
        return False
    _write_trust(records)
    return True


def _digest(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _trust_records() -> dict[str, str]:
    path = state_dir() / "trust.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    except OSError as error:
        raise EnvironmentFailure(f"cannot read {path}: {error.strerror}") from error
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _write_trust(records: Mapping[str, str]) -> None:
    path = state_dir() / "trust.json"
    fresh = path.with_suffix(".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(records, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise EnvironmentFailure(
            f"cannot write {path}: {error.strerror}",
            hint="make the folder writable, or set SORTE_STATE_DIR to one that is",
        ) from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    except OSError as error:
        raise EnvironmentFailure(f"cannot read {path}: {error.strerror}") from error


def _from_environment() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _TYPES:
        for variable in _ENVIRONMENT.get(name, (f"SORTE_{name.upper()}",)):
            if value := os.environ.get(variable, ""):
                found[name] = value
                break
    return found


def kind_of(name: str) -> type:
    """`int` or `str`: what a setting holds. Raises UsageError where there is no such setting."""
    _checked(name, 1 if _TYPES.get(name) is int else "", "", allow=True)
    return _TYPES[name]


def checked(name: str, value: Any, source: str = "given") -> str | int:
    """A value of a setting. Raises UsageError where the name or value makes no sense."""
    return _checked(name, value, source)


def choices(name: str) -> tuple[str, ...]:
    """What a setting may be, where that is a short list."""
    return {"profile": PROFILES, "sandbox": SANDBOXES, "theme": THEMES}.get(name, ())


def _checked(name: str, value: Any, source: str, *, allow: bool = False) -> str | int:
    wanted = _TYPES.get(name)
    if wanted is None:
        near = difflib.get_close_matches(name, _TYPES, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"known settings: {', '.join(_TYPES)}"
        raise UsageError(f"unknown setting `{name}` ({source})", hint=hint)
    if wanted is int:
        try:
            if isinstance(value, bool):
                raise ValueError
            number = int(value)
        except (TypeError, ValueError):
            raise UsageError(f"`{name}` must be a whole number, not {value!r} ({source})") from None
        least, most = _RANGES.get(name, (number, number))
        if not least <= number <= most:
            raise UsageError(f"`{name}` is from {least} to {most}, not {number} ({source})")
        return number
    if name == "roles" and isinstance(value, str):
        routes(value)
    if not isinstance(value, str):
        raise UsageError(f"`{name}` must be text, not {value!r} ({source})")
    allowed = choices(name)
    if allowed and value not in allowed and not allow:
        raise UsageError(f"`{name}` is one of {', '.join(allowed)}, not {value!r} ({source})")
    return value
