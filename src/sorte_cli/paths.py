"""Where Sorte keeps its own files (XDG directories), and which paths it may touch."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_APP = "sorte"


def _xdg(variable: str, fallback: Path) -> Path:
    value = os.environ.get(variable, "")
    base = Path(value) if value and Path(value).is_absolute() else fallback
    return base / _APP


def config_dir() -> Path:
    """User configuration (`config.toml`); `SORTE_CONFIG_DIR` overrides."""
    if override := os.environ.get("SORTE_CONFIG_DIR"):
        return Path(override)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / _APP
    return _xdg("XDG_CONFIG_HOME", Path.home() / ".config")


def data_dir() -> Path:
    """Models and adapters the user put there; `SORTE_DATA_DIR` overrides."""
    if override := os.environ.get("SORTE_DATA_DIR"):
        return Path(override)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / _APP
    return _xdg("XDG_DATA_HOME", Path.home() / ".local" / "share")


def state_dir() -> Path:
    """The journal, trust records and logs; `SORTE_STATE_DIR` overrides."""
    if override := os.environ.get("SORTE_STATE_DIR"):
        return Path(override)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / _APP / "state"
    return _xdg("XDG_STATE_HOME", Path.home() / ".local" / "state")


def cache_dir() -> Path:
    """Everything that can be made again (index, KV states); `SORTE_CACHE_DIR` overrides."""
    if override := os.environ.get("SORTE_CACHE_DIR"):
        return Path(override)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / _APP
    return _xdg("XDG_CACHE_HOME", Path.home() / ".cache")


def nano_model() -> Path:
    """The small model that ships inside the package."""
    return Path(__file__).parent / "nano" / "nano.gguf"
