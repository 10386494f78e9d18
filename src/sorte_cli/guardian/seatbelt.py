"""The macOS sandbox: `sandbox-exec` with a profile of our own, behind the same interface.

Nothing can be mounted there, so commands run in the worktree itself, as without a sandbox; what
they may read, write and reach is limited by the kernel. Written after Apple's own profiles in
/System/Library/Sandbox/Profiles; its text is tested, but no Mac was at hand to run it on.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from sorte_cli.guardian.mounts import TOOL_HOMES
from sorte_cli.guardian.plain import run_in_worktree
from sorte_cli.guardian.process import Limits, SandboxResult

PROGRAM = Path("/usr/bin/sandbox-exec")

# Later rules win. Mach services are how macOS programs ask for users, time zones and preferences.
_PROFILE = """\
(version 1)
(deny default)
(allow process-fork)
(allow process-exec)
(allow process-info* (target same-sandbox))
(allow signal (target same-sandbox))
(allow sysctl-read)
(allow ipc-posix-sem)
(allow ipc-posix-shm* (ipc-posix-name-prefix "/psm_"))
(allow mach-lookup
    (global-name "com.apple.system.opendirectoryd.libinfo")
    (global-name "com.apple.system.opendirectoryd.membership")
    (global-name "com.apple.system.notification_center")
    (global-name "com.apple.system.logger"))
(allow file-read*)
(deny file-read* {hidden})
(allow file-read-metadata)
(allow file-read* {shown})
(allow file-write* {written})
(deny file-write* {kept})
(allow file-write-data (literal "/dev/null") (literal "/dev/zero") (literal "/dev/dtracehelper"))
(deny network*)
(allow network* (local unix-socket {private}) (remote unix-socket {private}))
"""


def profile(
    *,
    worktree: Path,
    common_dir: Path,
    home: Path,
    private: Path,
    exchange: Path | None = None,
    show: Sequence[Path] = (),
) -> str:
    """The rules, in Apple's sandbox profile language. All paths are real paths.

    Reading: everything but the homes of people, other people's temporary files and mounted disks;
    of the own home only where tools live. Writing: the worktree without its `.git`, `private` (the
    command's TMPDIR) and `exchange`. No network. Signals only to its own processes.
    """
    hidden = [home, Path("/Users"), Path("/Volumes"), Path("/private/tmp"),
              Path("/private/var/folders"), Path("/private/var/root")]  # fmt: skip
    tools = [home / name for name in TOOL_HOMES]
    written = [worktree, private, *([exchange] if exchange else [])]
    return _PROFILE.format(
        hidden=_subpaths(dict.fromkeys(hidden)),
        shown=_subpaths([*tools, *show, common_dir, *written]),
        written=_subpaths(written),
        # (the worktree may lie within the repository's git directory, which is not written anyway)
        kept=_subpaths([worktree / ".git"]),
        private=_subpaths([private]),
    )


def _subpaths(paths: Sequence[Path] | Mapping[Path, None]) -> str:
    return " ".join(f"(subpath {_quoted(str(p))})" for p in paths)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class Seatbelt:
    """Runs commands under `sandbox-exec`. Make it through `find_sandbox`."""

    name = "sandbox-exec"

    def __init__(self, program: Path = PROGRAM) -> None:
        self._program = program

    def run(
        self,
        command: Sequence[str],
        *,
        worktree: Path,
        repository: Path,
        common_dir: Path,
        limits: Limits,
        env: Mapping[str, str] | None = None,
        cancel: threading.Event | None = None,
        exchange: Path | None = None,
        show: Sequence[Path] = (),
    ) -> SandboxResult:
        """Run `command` in `worktree`, within the limits of `profile`."""
        private = Path(tempfile.mkdtemp(prefix="sorte-sandbox-")).resolve()
        try:
            rules = profile(
                worktree=worktree.resolve(),
                # A linked worktree's own git directory lies within it too.
                common_dir=common_dir.resolve(),
                home=Path.home().resolve(),
                private=private,
                exchange=exchange.resolve() if exchange else None,
                show=[*(p.resolve() for p in show), *_environments(repository.resolve())],
            )
            return run_in_worktree(
                command,
                prefix=(str(self._program), "-p", rules),
                worktree=worktree,
                limits=limits,
                env={"TMPDIR": str(private), **(env or {})},
                cancel=cancel,
            )
        finally:
            shutil.rmtree(private, ignore_errors=True)


def _environments(repository: Path) -> list[Path]:
    """Dependency folders of the repository, which tests of the worktree read where they are."""
    names = (".venv", "venv", "env", "node_modules", "vendor")
    return [repository / name for name in names if (repository / name).is_dir()]
