"""Runs a project's tests in the sandbox and says what came of it, test by test."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sorte_cli.domain import TestReport
from sorte_cli.guardian import runners
from sorte_cli.guardian.detect import TestCommand
from sorte_cli.guardian.results import (
    Results,
    condense,
    cut_middle,
    read_junit,
    read_pytest_output,
    read_unittest_output,
)
from sorte_cli.guardian.sandbox import Limits, Sandbox, SandboxResult

_OUTPUT_CHARACTERS = 2000
_RETRIED = 5

# `python -m pytest` with a lent pytest. Last on the path, so that nothing else that is installed
# beside it gets in front of what the project has.
_WITH_LENT = (
    "import runpy, sys; sys.path.append(sys.argv.pop(1)); "
    "runpy.run_module('pytest', run_name='__main__', alter_sys=True)"
)


def run_tests(
    command: TestCommand,
    sandbox: Sandbox,
    *,
    worktree: Path,
    repository: Path,
    common_dir: Path,
    limits: Limits,
    first: Sequence[str] = (),
    cancel: threading.Event | None = None,
) -> TestReport:
    """Run the tests of `worktree`; only those of the files `first` where any are given.

    A command whose runner is not known runs whole. A few failures are run once more: those that
    pass then are flaky, count as passed and are named in `output`. Never raises for what the tests
    do.
    """

    def run(chosen: Sequence[str]) -> TestReport:
        return _run_once(
            command,
            sandbox,
            chosen,
            _Place(worktree, repository, common_dir),
            limits=limits,
            cancel=cancel,
        )

    report = run(first)
    again = _again(command.kind, report.failures)
    if report.status != "failed" or not 0 < len(report.failures) <= _RETRIED or not again:
        return report
    return _without_flaky(report, run(again))


def _again(kind: str, failures: Sequence[str]) -> tuple[str, ...]:
    """What to run once more for these failures; nothing where the runner cannot be asked for less.

    pytest and unittest run a test alone, the others its file or package.
    """
    if kind in ("pytest", "unittest"):
        alone = all("::" in f for f in failures) if kind == "pytest" else True
        return tuple(failures) if alone else ()
    names = tuple(dict.fromkeys(f.partition("::")[0] for f in failures))
    return names if all(runners.can_run(kind, name) for name in names) else ()


def _without_flaky(report: TestReport, again: TestReport) -> TestReport:
    """The report without those failures that passed the second time."""
    if again.status not in ("passed", "failed") or again.passed + again.failed < report.failed:
        return report  # not all of them ran: nothing is known
    flaky = tuple(f for f in report.failures if f not in again.failures)
    if not flaky:
        return report
    left = tuple(f for f in report.failures if f in again.failures)
    named = ", ".join(flaky)
    note = f"flaky: failed once and passed when run again: {named}"
    return replace(
        report,
        status="failed" if left else "passed",
        passed=report.passed + len(flaky),
        failed=len(left),
        failures=left,
        output=f"{note}\n{again.output}" if left else note,
        duration_s=report.duration_s + again.duration_s,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where tests run: a worktree, which stands in for a repository."""

    worktree: Path
    repository: Path
    common_dir: Path


def _run_once(
    command: TestCommand,
    sandbox: Sandbox,
    first: Sequence[str],
    place: _Place,
    *,
    limits: Limits,
    cancel: threading.Event | None,
) -> TestReport:
    with _private_folder() as exchange:
        existing = _runnable(command.kind, first, place.worktree)
        ran = sandbox.run(
            _argv(command, place.worktree, exchange, existing),
            worktree=place.worktree,
            repository=place.repository,
            common_dir=place.common_dir,
            limits=limits,
            env=_environment(exchange),
            cancel=cancel,
            exchange=exchange,
            show=(Path(command.lent),) if command.lent else (),
        )
        results = _results(command, ran, exchange, place.repository)
    status = _status(command, ran, results)
    counted = results or Results()
    return TestReport(
        status=status,
        command=argv_for_people(command, first),
        passed=counted.passed,
        failed=counted.failed,
        skipped=counted.skipped,
        failures=tuple(f.node for f in counted.failures),
        output=_said(command, ran, status, counted),
        duration_s=ran.duration_s,
        sandbox=sandbox.name,
    )


def _runnable(kind: str, first: Sequence[str], worktree: Path) -> tuple[str, ...]:
    """Those of `first` that the runner takes and that exist; all are files but for the names of
    Go's packages and unittest's tests."""
    kept = []
    for node in first:
        name = node.partition("::")[0]
        is_file = "/" in name or name.endswith((".py", ".php", ".go", *runners.SCRIPTS))
        if kind == "go" and not name.endswith(".go"):
            is_file = False
        if runners.can_run(kind, name) and (not is_file or (worktree / name).exists()):
            kept.append(node)
    return tuple(kept)


@contextlib.contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder that untrusted code may fill. Removed without following links, and without the
    changes of permission that `TemporaryDirectory` makes on its way."""
    folder = Path(tempfile.mkdtemp(prefix="sorte-tests-")).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def argv_for_people(command: TestCommand, first: Sequence[str]) -> tuple[str, ...]:
    """The command without what Sorte adds for its own ends."""
    return (*command.argv, *first) if command.kind == "pytest" else command.argv


def _argv(
    command: TestCommand, worktree: Path, exchange: Path, first: tuple[str, ...]
) -> tuple[str, ...]:
    if command.kind == "unittest" and first:
        return _unittest_files(command, first)
    if command.kind != "pytest":
        narrowed = runners.narrowed(command.kind, command.argv, first)
        return runners.asked(command.kind, narrowed, exchange / "results")
    given = command.argv
    if first:  # they stand in for the paths that a configured command names
        given = tuple(
            a for i, a in enumerate(given) if i == 0 or a.startswith("-") or not _names(worktree, a)
        )
    extra = [
        f"--junitxml={exchange / 'results.xml'}",
        "--override-ini=junit_family=xunit1",  # the family that names the file of each test
        f"--override-ini=cache_dir={exchange / 'cache'}",
        "--color=no",
        "--tb=short",
        "--maxfail=0",  # all failures, to tell old ones from new ones
        "--continue-on-collection-errors",  # one file that lacks a package must not hide the rest
    ]
    if _measures_coverage(worktree, command):
        extra.append("--no-cov")  # a part of the tests never reaches the wanted coverage
    if command.lent:
        given = (given[0], "-c", _WITH_LENT, command.lent, *given[3:])
    return (*given, *extra, *first)


def _names(worktree: Path, argument: str) -> bool:
    return (worktree / argument.partition("::")[0]).exists()


def _unittest_files(command: TestCommand, first: tuple[str, ...]) -> tuple[str, ...]:
    """`python -m unittest a/test_b.py`: files are named as files, from the root."""
    python = command.argv[0]
    return (python, "-m", "unittest", *first)


def _measures_coverage(worktree: Path, command: TestCommand) -> bool:
    if any(a.startswith("--cov") for a in command.argv):
        return True
    for name in ("pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini", ".pytest.ini"):
        try:
            text = (worktree / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if "addopts" in text and "--cov" in text:
            return True
    return False


def _environment(exchange: Path) -> dict[str, str]:
    """Tools write what they keep into the private folder, not into the worktree."""
    return {
        "COVERAGE_FILE": str(exchange / "coverage"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(exchange / "hypothesis"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _results(
    command: TestCommand, ran: SandboxResult, exchange: Path, repository: Path
) -> Results | None:
    if command.kind in runners.KINDS:
        # In the sandbox the worktree stands at the repository's place.
        found = runners.read(command.kind, ran.output, exchange / "results", repository)
        return found if command.kind != "make" else _by_output(ran.output)
    if command.kind == "unittest":
        return read_unittest_output(ran.output)
    found = read_junit(exchange / "results.xml") if command.kind == "pytest" else None
    return found or _by_output(ran.output)


def _by_output(output: str) -> Results | None:
    """Whatever a configured command is, its output often is pytest's or unittest's."""
    return read_pytest_output(output) or read_unittest_output(output)


_PYTEST_FAILED, _PYTEST_INTERRUPTED, _NOTHING_RAN = 1, 2, 5


def _status(command: TestCommand, ran: SandboxResult, results: Results | None) -> str:
    if ran.timed_out:
        return "timeout"
    if ran.killed_reason:
        return "error"
    if command.kind in ("configured", "make"):
        return _status_by_exit(ran.returncode)
    if command.kind in runners.KINDS:
        return _status_of_others(ran.returncode, results)
    if results is None:
        # Without results a good exit status proves nothing: the code under test can end the run.
        return "none" if ran.returncode == _NOTHING_RAN else "error"
    if not results.passed + results.failed + results.skipped:
        return "none" if ran.returncode in (0, _NOTHING_RAN) else "error"
    if ran.returncode == 0:
        return "failed" if results.failed else "passed"
    if command.kind == "unittest":
        return "failed"
    known = ran.returncode in (_PYTEST_FAILED, _PYTEST_INTERRUPTED)
    return "failed" if results.failed and known else "error"


def _status_of_others(returncode: int, results: Results | None) -> str:
    """Other languages' runners. Those that find no test say nothing and end well."""
    if results is None:
        return "none" if returncode == 0 else "error"
    if results.failed:
        return "failed"
    return "passed" if returncode == 0 else "error"


def _status_by_exit(returncode: int) -> str:
    if returncode == 0:
        return "passed"
    return "error" if returncode in (126, 127) else "failed"


def _said(command: TestCommand, ran: SandboxResult, status: str, results: Results) -> str:
    """What people and models should read of it."""
    lines = [command.note] if command.note else []
    if status == "error" and ran.returncode == 0:
        lines.append("the run ended early, without saying how the tests went")
    if ran.killed_reason and not ran.timed_out:
        lines.append(f"ended by Sorte: {_REASONS.get(ran.killed_reason, ran.killed_reason)}")
    if status == "passed":
        return "\n".join(lines)
    if status == "timeout":
        lines.append(f"no end after {ran.duration_s:.0f} s; the last it said:")
    condensed = condense(results.failures) if any(f.text for f in results.failures) else ""
    lines.append(condensed or cut_middle(ran.output.strip(), _OUTPUT_CHARACTERS))
    return "\n".join(lines)


_REASONS = {
    "memory": "it used more memory than it may",
    "processes": "it started more processes than it may",
    "output": "it flooded the output",
    "cancelled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Failures of a change set against those of its base. Node ids, in the order they came."""

    broken: tuple[str, ...]
    failed_before: tuple[str, ...]
    mended: tuple[str, ...]


def compare(before: TestReport | None, after: TestReport) -> Comparison:
    """Separate "you broke these" from "these failed before too".

    Without a report of the base, all failures count as broken.
    """
    known = set(before.failures) if before is not None else set()
    still = set(after.failures)
    return Comparison(
        broken=tuple(f for f in after.failures if f not in known),
        failed_before=tuple(f for f in after.failures if f in known),
        mended=tuple(f for f in (before.failures if before else ()) if f not in still),
    )
