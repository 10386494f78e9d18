"""Running git: explicit arguments, a scrubbed environment, every exit code checked.

GitPython's own runner always hands the whole process environment to git, so that a stray GIT_DIR or
GIT_INDEX_FILE would redirect a transaction into the user's tree; hence this small one.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.errors import EnvironmentFailure, ExitCode, SorteError

DEFAULT_TIMEOUT_S = 120.0
MINIMUM_VERSION = (2, 31)

_KEPT = frozenset(
    {
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_DATE",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_DATE",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CEILING_DIRECTORIES",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXEC_PATH",
    }
)
# Configuration given through the environment counts like `git -c`, also inside a linked worktree,
# where these would point git at another tree than the one we mean.
_REFUSED_CONFIG = ("core.worktree", "core.bare", "include.path", "includeif.")

_OPTIONS = (
    ("core.fsmonitor", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("submodule.recurse", "false"),
    ("rerere.enabled", "false"),
    ("advice.detachedHead", "false"),
    ("i18n.commitEncoding", "UTF-8"),
    ("i18n.logOutputEncoding", "UTF-8"),
)


class GitError(SorteError):
    """git ended with an error; `code` is its exit status (negative: a signal)."""

    exit_code = ExitCode.NOT_LANDED

    def __init__(self, argv: Sequence[str], code: int, stderr: str, *, hint: str = "") -> None:
        said = stderr.strip() or f"exit status {code}"
        super().__init__(f"git {' '.join(argv[:2])} failed: {said}", hint=hint)
        self.argv = tuple(argv)
        self.code = code
        self.stderr = stderr


class GitTimeout(GitError):
    """git (or a hook it ran) did not end in time and was killed."""


@dataclass(frozen=True, slots=True)
class GitResult:
    """What a git command answered."""

    code: int
    stdout: bytes
    stderr: str


def _configuration(source: Mapping[str, str]) -> dict[str, str]:
    """The GIT_CONFIG_COUNT family without the keys that would move us to another tree."""
    try:
        count = int(source.get("GIT_CONFIG_COUNT", "0"))
    except ValueError:
        return {}
    pairs = [
        (source.get(f"GIT_CONFIG_KEY_{i}", ""), source.get(f"GIT_CONFIG_VALUE_{i}", ""))
        for i in range(min(count, 1000))
    ]
    pairs = [(k, v) for k, v in pairs if k and not k.lower().startswith(_REFUSED_CONFIG)]
    kept = {"GIT_CONFIG_COUNT": str(len(pairs))} if pairs else {}
    for i, (key, value) in enumerate(pairs):
        kept[f"GIT_CONFIG_KEY_{i}"] = key
        kept[f"GIT_CONFIG_VALUE_{i}"] = value
    return kept


def git_environment(source: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for git: of all GIT_* only identity and plain configuration are kept."""
    source = os.environ if source is None else source
    env = {k: v for k, v in source.items() if not k.startswith("GIT_") or k in _KEPT}
    env.update(_configuration(source))
    env["GIT_TERMINAL_PROMPT"] = "0"
    env["GIT_EDITOR"] = ":"
    return env


def run_git(
    args: Sequence[str],
    *,
    cwd: Path,
    input: bytes | None = None,
    env: Mapping[str, str] | None = None,
    config: Sequence[tuple[str, str]] = (),
    hooks: bool = False,
    accept: Collection[int] | None = (0,),
    timeout_s: float = DEFAULT_TIMEOUT_S,
    held_fds: Sequence[int] = (),
) -> GitResult:
    """Run `git ARGS` in `cwd`.

    `env` is laid over the scrubbed environment; `config` are further `-c key=value`; `hooks` lets
    the repository's hooks run (and leaves the language of the messages to the user).
    `held_fds` stay open in git, so that a lock outlives us until an orphaned git has ended.
    `accept` are the exit codes that are an answer and no failure (None: all of them).
    Raises GitError on any other, GitTimeout, EnvironmentFailure without git.
    """
    options = [*_OPTIONS, *(() if hooks else (("core.hooksPath", os.devnull),)), *config]
    argv = ["git", *(word for key, value in options for word in ("-c", f"{key}={value}")), *args]
    environment = git_environment()
    if not hooks:
        environment["LC_ALL"] = "C"
        environment["GIT_OPTIONAL_LOCKS"] = "0"
        environment["GIT_LITERAL_PATHSPECS"] = "1"  # a file may be called ":(glob)*"
    environment.update(env or {})
    try:
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=tuple(held_fds),
        )
    except FileNotFoundError as error:
        if not cwd.is_dir():
            raise EnvironmentFailure(f"the folder {cwd} does not exist") from error
        raise EnvironmentFailure(
            "git was not found", hint="Install git 2.31 or newer and make sure it is on PATH."
        ) from error
    try:
        stdout, stderr = process.communicate(input, timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        raise GitTimeout(args, -signal.SIGKILL, f"no answer after {timeout_s:g} s") from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    text = stderr.decode("utf-8", "replace")
    if accept is not None and process.returncode not in accept:
        raise GitError(args, process.returncode, text)
    return GitResult(process.returncode, stdout, text)
