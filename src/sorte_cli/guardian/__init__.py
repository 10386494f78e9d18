"""Everything that verifies: the sandbox, the test runner, checks that report what is new, reviews.

`checks` runs the static checks (`linters`, `secrets`, with `outline` and `fingerprints` to tell new
from old), `review` reviews what `gitread` and `patches` read, `hooks` puts reviews into git.
`detect`, `runner` and `results` know how tests run, `reach` which ones; `sandbox` is where they do.
The names below are the public interface; each is imported when it is first used, because a commit
waits for the review.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sorte_cli.guardian.checks import check
    from sorte_cli.guardian.detect import TestCommand, detect_test_command
    from sorte_cli.guardian.reach import tests_reaching
    from sorte_cli.guardian.review import review_staged
    from sorte_cli.guardian.runner import Comparison, compare, run_tests
    from sorte_cli.guardian.sandbox import (
        Limits,
        Sandbox,
        SandboxResult,
        find_sandbox,
        sandbox_status,
    )

_HOMES = {
    "Comparison": "runner",
    "Limits": "sandbox",
    "Sandbox": "sandbox",
    "SandboxResult": "sandbox",
    "TestCommand": "detect",
    "check": "checks",
    "compare": "runner",
    "detect_test_command": "detect",
    "find_sandbox": "sandbox",
    "review_staged": "review",
    "run_tests": "runner",
    "sandbox_status": "sandbox",
    "tests_reaching": "reach",
}

__all__ = [
    "Comparison",
    "Limits",
    "Sandbox",
    "SandboxResult",
    "TestCommand",
    "check",
    "compare",
    "detect_test_command",
    "find_sandbox",
    "review_staged",
    "run_tests",
    "sandbox_status",
    "tests_reaching",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
