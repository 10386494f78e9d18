"""Writing the user's own settings file: one value at a time, comments and order kept."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path

from sorte_cli import settings
from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.paths import config_dir


def user_file() -> Path:
    """The user's settings file; it need not exist."""
    return config_dir() / "config.toml"


def set_value(name: str, value: str | None) -> Path:
    """Set one of the user's settings, or take it out (None); the file that was written.

    Raises UsageError for a name or value that makes no sense, and for a file that is no TOML.
    """
    path = user_file()
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    checked = None if value is None else settings.checked(name, value)
    if value is None:
        settings.kind_of(name)
    changed = with_value(text, name, checked)
    try:
        tomllib.loads(changed)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"{path} is not valid TOML: {error}", hint="mend it in an editor first"
        ) from error
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(changed, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise EnvironmentFailure(
            f"cannot write {path}: {error.strerror}",
            hint="make the folder writable, or set SORTE_CONFIG_DIR to one that is",
        ) from error
    return path


def with_value(text: str, name: str, value: str | int | None) -> str:
    """TOML text with a top-level value set, or taken out; everything else stays as it is."""
    lines = text.splitlines(keepends=True)
    first_table = next((n for n, x in enumerate(lines) if x.lstrip().startswith("[")), len(lines))
    given = re.compile(rf"\s*{re.escape(name)}\s*=")
    kept = [x for n, x in enumerate(lines) if n >= first_table or not given.match(x)]
    if value is None:
        return "".join(kept)
    # A JSON string is a TOML string, but for the one character that TOML wants escaped.
    written = value if isinstance(value, int) else json.dumps(value, ensure_ascii=False)
    line = f"{name} = {written}\n".replace("\x7f", "\\u007f")
    at = next((n for n, x in enumerate(lines) if n < first_table and given.match(x)), None)
    if at is None:
        at = first_table - (len(lines) - len(kept))
        if at and not kept[at - 1].endswith("\n"):
            kept[at - 1] += "\n"
    return "".join([*kept[:at], line, *kept[at:]])
