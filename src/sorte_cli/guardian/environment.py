"""The environment that untrusted commands see: an allow-list, so that no secret gets through."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

_ALLOWED = frozenset(
    {
        "COLUMNS",
        "CONDA_PREFIX",
        "DJANGO_SETTINGS_MODULE",
        "HOME",
        "LANG",
        "LANGUAGE",
        "LD_LIBRARY_PATH",
        "LOGNAME",
        "NODE_ENV",
        "NVM_DIR",
        "PATH",
        "PYENV_ROOT",
        "PYENV_VERSION",
        "PYTHONHASHSEED",
        "PYTHONIOENCODING",
        "PYTHONPATH",
        "PYTHONUTF8",
        "PYTHONWARNINGS",
        "SHELL",
        "TERM",
        "TZ",
        "USER",
        "VIRTUAL_ENV",
    }
)
_SECRET = re.compile(r"TOKEN|KEY|SECRET|PASSW|CREDENTIAL|AUTH|COOKIE|SESSION", re.IGNORECASE)

# Tools that would go to the network or rewrite a dependency folder do their work without it.
_OFFLINE = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "UV_NO_SYNC": "1",
    "UV_OFFLINE": "1",
}


def scrubbed(source: Mapping[str, str], extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What of `source` (usually `os.environ`) a project's command may see.

    `extra` is what the caller sets for this command; it wins and is not filtered. Values that
    name a connection with a password in it (`scheme://user:password@host`) are dropped too.
    """
    kept = {
        name: value
        for name, value in source.items()
        if (name in _ALLOWED or name.startswith("LC_"))
        and not _SECRET.search(name)
        and not re.search(r"://[^/\s]*:[^/\s]*@", value)
    }
    kept.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")
    return {**kept, **_OFFLINE, **(extra or {})}


def python_path(worktree: Path, root: Path, given: str) -> str:
    """PYTHONPATH under which Python prefers the code of the worktree, which stands at `root`.

    Without it a copy that is installed would be tested instead, and a `src` folder that is not
    installed would not be found.
    """
    own = [str(root / name) for name in ("src", "") if (worktree / name).is_dir()]
    return os.pathsep.join([*own, given] if given else own)
