"""Where a project's own code runs: the sandbox interface, which one works here, and remedies."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.guardian import seatbelt
from sorte_cli.guardian.bubblewrap import Bubblewrap
from sorte_cli.guardian.isolation import Isolation, isolation
from sorte_cli.guardian.plain import PlainRunner
from sorte_cli.guardian.process import Limits, SandboxResult
from sorte_cli.guardian.seatbelt import Seatbelt

__all__ = ["Limits", "Sandbox", "SandboxResult", "find_sandbox", "sandbox_status"]


class Sandbox(Protocol):
    """Runs a command of the project on the code of a worktree.

    `name` is "bubblewrap", "sandbox-exec" (macOS) or "none".
    """

    name: str

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
        """Run `command`; never raises for what the command does, but EnvironmentFailure when the
        sandbox itself cannot be made.

        `worktree` holds the code under test, `repository` is the real root it stands for,
        `common_dir` the repository's git directory. `env` is added to the scrubbed environment.
        Setting `cancel` ends the command. `exchange` is a host folder the command may write to, at
        the same path inside; what it leaves there is untrusted. `show` names further host folders
        that it must be able to read.
        """
        ...


_OPT_OUT = "or run tests without a sandbox by your own choice: --sandbox none (SORTE_SANDBOX=none)"


def find_sandbox(choice: str = "auto") -> Sandbox:
    """The sandbox for `choice`: "auto" is bubblewrap, on macOS sandbox-exec; "none" goes without.

    Raises EnvironmentFailure, with the remedy, when bubblewrap is missing or cannot work here.
    """
    if choice == "none":
        return PlainRunner()
    if choice not in ("auto", "bubblewrap"):
        raise UsageError(f"unknown sandbox {choice!r}", hint='use "auto", "bubblewrap" or "none"')
    if choice == "auto" and _has_seatbelt():
        return Seatbelt(seatbelt.PROGRAM)
    found = isolation()
    if isinstance(found, Isolation):
        return Bubblewrap(found)
    message, remedy = _trouble(found)
    raise EnvironmentFailure(message, hint=f"{remedy}; {_OPT_OUT}" if remedy else _OPT_OUT)


def sandbox_status() -> tuple[bool, str]:
    """Whether the sandbox works here, and one sentence that says so or gives the remedy."""
    if _has_seatbelt():
        return True, f"sandbox-exec is used ({seatbelt.PROGRAM})"
    found = isolation()
    if isinstance(found, Isolation):
        kind = "user namespace" if "--unshare-user" in found.namespaces else "root"
        return True, f"bubblewrap works ({found.program}, {kind})"
    message, remedy = _trouble(found)
    return False, f"{message}; {remedy or _OPT_OUT}"


def _has_seatbelt() -> bool:
    return sys.platform == "darwin" and os.access(seatbelt.PROGRAM, os.X_OK)


def _trouble(said: str) -> tuple[str, str]:
    """What is wrong and the remedy; `said` is bubblewrap's error, empty when not installed."""
    if sys.platform != "linux":
        return "there is no sandbox for this system yet (bubblewrap needs Linux)", ""
    if not said:
        return "bubblewrap (bwrap) is not installed", f"install it: {_install_command()}"
    message = f"bubblewrap cannot make a sandbox here: {said.splitlines()[0]}"
    return message, _remedy()


def _install_command() -> str:
    release = _read("/etc/os-release")
    words = {
        word.strip('"')
        for line in release.splitlines()
        if line.startswith(("ID=", "ID_LIKE="))
        for word in line.partition("=")[2].split()
    }
    managers = {
        "debian": "sudo apt install bubblewrap",
        "ubuntu": "sudo apt install bubblewrap",
        "fedora": "sudo dnf install bubblewrap",
        "rhel": "sudo dnf install bubblewrap",
        "arch": "sudo pacman -S bubblewrap",
        "alpine": "sudo apk add bubblewrap",
        "suse": "sudo zypper install bubblewrap",
        "opensuse": "sudo zypper install bubblewrap",
    }
    known = [command for name, command in managers.items() if name in words or f'"{name}' in words]
    return known[0] if known else "the package is called bubblewrap"


def _remedy() -> str:
    """What most likely keeps namespaces from being made, and how to allow them."""
    if _read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor restricts user namespaces; "
            "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 lifts that until reboot"
        )
    if _read("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        return "user namespaces are off; sudo sysctl kernel.unprivileged_userns_clone=1"
    if _read("/proc/sys/user/max_user_namespaces") == "0":
        return "user namespaces are off; sudo sysctl user.max_user_namespaces=10000"
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return (
            "this is a container that allows no namespaces; start it with --security-opt "
            "seccomp=unconfined --security-opt systempaths=unconfined"
        )
    return "user namespaces seem to be forbidden here; `bwrap --unshare-user --ro-bind / / true`"


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
