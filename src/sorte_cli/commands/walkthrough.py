"""The scenes of `sorte demo`: sample project, `sorte do`, `git show`, `sorte undo`."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sorte_cli.agent.report import RunReport, RunRequest
from sorte_cli.agent.run import do
from sorte_cli.demo import TASKS, copy_sample
from sorte_cli.errors import EnvironmentFailure, ExitCode
from sorte_cli.history import Journal, Repository, undo
from sorte_cli.terminal import diffs, output
from sorte_cli.terminal.observer import TerminalObserver
from sorte_cli.terminal.report import print_report
from sorte_cli.terminal.style import paint, safe
from sorte_cli.terminal.translate import _, current_language
from sorte_cli.terminal.undoing import summarise

# The sample's own identity and habits: the user's global configuration (signing, hooks) stays out.
_LOCAL_CONFIG = {
    "user.name": "Sorte demo",
    "user.email": "demo@sorte.invalid",
    "commit.gpgSign": "false",
    "core.hooksPath": ".git/hooks",
    "core.autocrlf": "false",
}


def walk(folder: Path, *, keep: bool, as_json: bool = False) -> int:
    """Play the demo in `folder` and return the exit code of its `sorte do`."""
    with nullcontext() if keep else _own_folders(folder):
        return _play(folder, keep=keep, as_json=as_json)


def _play(folder: Path, *, keep: bool, as_json: bool) -> int:
    show = _Stage(to_stderr=as_json)
    project = make_project(folder / "checkout")
    task = TASKS[current_language()]
    show.scene(_("A small checkout project, made for this demo: {folder}").format(folder=project))
    show.scene(f"$ sorte do {shlex.quote(task)} --yes")
    report = run_task(project, task)
    landed = report.exit_code == ExitCode.OK
    if as_json:
        output.say_json(report.to_json())
    else:
        print_report(report)
    if landed:
        commits = f"{report.old[:10]}..{report.new[:10]}"
        show.scene(f"$ git show --stat --reverse {commits}")
        show.text(git(project, "show", "--stat", "--reverse", commits))
        show.scene(f"$ git diff {commits}")
        show.diff(git(project, "diff", report.old, report.new))
    if keep:
        show.scene(_("Kept: {folder}").format(folder=project))
    elif landed:
        show.scene("$ sorte undo --yes")
        show.text(take_back(project))
        show.scene("$ git status --short && git log --oneline")
        show.text(git(project, "status", "--short") + git(project, "log", "--oneline"))
    return int(report.exit_code)


class _Stage:
    """Where the demo plays: stdout, or stderr where stdout belongs to a JSON document."""

    def __init__(self, *, to_stderr: bool) -> None:
        self._to_stderr = to_stderr
        self._stream = sys.stderr if to_stderr else sys.stdout

    def scene(self, title: str) -> None:
        output.say("\n" + paint(safe(title), "heading", self._stream), to_stderr=self._to_stderr)

    def text(self, text: str) -> None:
        output.say(safe(text).rstrip(), to_stderr=self._to_stderr)

    def diff(self, text: str) -> None:
        output.say(diffs.painted(text, self._stream), to_stderr=self._to_stderr)


def make_project(project: Path) -> Path:
    """The sample as a git repository with one commit. Raises EnvironmentFailure without git."""
    project.mkdir(parents=True)
    copy_sample(project)
    # An empty template keeps the hooks of the user's init.templateDir out.
    git(project, "init", "--quiet", "--template=", "--initial-branch=main")
    for name, value in _LOCAL_CONFIG.items():
        git(project, "config", name, value)
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "feat: checkout with three payment methods")
    return project


def run_task(project: Path, task: str) -> RunReport:
    """`sorte do TASK --yes` in the project, with the model that ships with Sorte."""
    request = RunRequest(
        task=task, directory=project, yes=True, brain="nano", executor="nano",
        language=current_language(),
    )  # fmt: skip
    with TerminalObserver(yes=True) as observer:
        return do(request, observer)


def take_back(project: Path) -> str:
    """`sorte undo --yes` in the project; what it did, as one line."""
    repository = Repository.discover(project)
    with Journal.open() as journal:
        return summarise("undo", undo(repository, journal))


def git(project: Path, *arguments: str) -> str:
    """Run git in the project and return what it prints."""
    try:
        done = subprocess.run(
            ["git", "--no-pager", *arguments],
            cwd=project,
            env={k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise EnvironmentFailure(
            _("git is not installed"), hint=_("install git; `sorte doctor` tells which version")
        ) from error
    if done.returncode != 0:
        reason = done.stderr.decode("utf-8", "replace").strip()
        raise EnvironmentFailure(
            _("`git {command}` failed: {reason}").format(command=arguments[0], reason=reason)
        )
    return done.stdout.decode("utf-8", "replace")


@contextmanager
def _own_folders(folder: Path) -> Iterator[None]:
    """A demo that goes away leaves no trace in the user's journal, audit log and caches."""
    own = {"SORTE_STATE_DIR": str(folder / "state"), "SORTE_CACHE_DIR": str(folder / "cache")}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
