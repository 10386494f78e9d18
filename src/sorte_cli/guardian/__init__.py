"""Everything that verifies: the sandbox, the test runner, and checks that report what is new."""

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
