"""`sorte hook`: reviews at commit and push, as git hooks that get along with others."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sorte_cli.errors import ExitCode, RefusedError, SorteError, UsageError
from sorte_cli.terminal.translate import _

if TYPE_CHECKING:
    from sorte_cli.guardian.hooks import HookState
    from sorte_cli.guardian.review import Review

HELP = _(
    "Review every commit before it is made.\n\n"
    "`install` puts a git hook in (an existing one runs first), `uninstall` takes it out and puts "
    "back what was there, `status` says what is in force.\n\n"
    "`git commit --no-verify` goes around it; SORTE_SKIP=1 does so with a trace in the audit log."
)

DEEDS = ("install", "uninstall", "status", "run")
HOOK_DEADLINE_S = 30.0
_SCISSORS = "# ------------------------ >8 ------------------------"


def run(
    action: Annotated[
        str, typer.Argument(metavar=_("ACTION"), help=_("install, uninstall or status."))
    ],
    names: Annotated[list[str] | None, typer.Argument(metavar="", hidden=True)] = None,
    pre_push: Annotated[
        bool, typer.Option("--pre-push", help=_("Also review what is pushed."))
    ] = False,
    commit_msg: Annotated[
        bool, typer.Option("--commit-msg", help=_("Also look at commit messages."))
    ] = False,
    fail_on: Annotated[
        str,
        typer.Option(
            metavar=_("LEVEL"),
            help=_("Stop git from this severity on: low, medium, high, critical, or never."),
        ),
    ] = "high",
    deadline: Annotated[
        float,
        typer.Option(
            min=0, metavar=_("SECONDS"), help=_("Let git go on after this time; 0: never.")
        ),
    ] = HOOK_DEADLINE_S,
    force: Annotated[
        bool,
        typer.Option("--force", help=_("Install beside a hook manager, or for all repositories.")),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the answer as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.commands.review import checked_level

    checked_level(fail_on)
    given = names or []
    if action not in DEEDS:
        raise UsageError(
            _("`sorte hook {action}` does not exist").format(action=action),
            hint=_("choose one of: {choices}").format(choices=", ".join(DEEDS[:3])),
        )
    if action == "run":
        raise typer.Exit(_run_hook(given, fail_on, deadline))
    if given:
        raise UsageError(_("`{word}` is too much").format(word=given[0]))
    kinds = ["pre-commit", *["pre-push"] * pre_push, *["commit-msg"] * commit_msg]
    if action == "install":
        _install(kinds, fail_on, deadline, force=force, as_json=as_json)
    elif action == "uninstall":
        _uninstall(as_json=as_json)
    else:
        _status(as_json=as_json)


def _root() -> Path:
    from sorte_cli.guardian.gitread import toplevel

    return toplevel(Path.cwd())


def _install(
    kinds: list[str], fail_on: str, deadline: float, *, force: bool, as_json: bool
) -> None:
    from sorte_cli.commands.review import record
    from sorte_cli.guardian import hooks

    root = _root()
    if not force:
        _refuse_where_others_rule(root)
    options = ["--fail-on", fail_on, "--deadline", f"{deadline:g}"]
    states = [hooks.install(root, kind, options) for kind in kinds]
    record("hook", {"root": str(root), "installed": kinds, "fail_on": fail_on})
    _answer(states, as_json=as_json)


def _refuse_where_others_rule(root: Path) -> None:
    from sorte_cli.guardian import hooks

    manager = hooks.manager_of(root)
    if manager is not None:
        raise RefusedError(
            _("{manager} looks after the hooks here").format(manager=manager.name),
            hint=_("add this to {file}:\n{lines}").format(
                file=manager.file, lines=manager.lines.rstrip()
            ),
        )
    folder, scope = hooks.hooks_folder(root)
    if scope in ("global", "system"):
        raise RefusedError(
            _("the hooks in {folder} are those of all your repositories (core.hooksPath)").format(
                folder=folder
            ),
            hint=_("`sorte hook install --force` installs it there, for all of them"),
        )


def _uninstall(*, as_json: bool) -> None:
    from sorte_cli.commands.review import record
    from sorte_cli.guardian import hooks
    from sorte_cli.terminal import output

    root = _root()
    removed = [kind for kind in hooks.KINDS if hooks.uninstall(root, kind)]
    if removed:
        record("hook", {"root": str(root), "removed": removed})
    if as_json:
        output.say_json({"ok": True, "removed": removed})
    elif removed:
        output.say(_("taken out: {hooks}").format(hooks=", ".join(removed)))
    else:
        output.say(_("no hook of Sorte was installed here"))


def _status(*, as_json: bool) -> None:
    from sorte_cli.guardian import hooks
    from sorte_cli.terminal import output

    root = _root()
    _answer([hooks.state_of(root, kind) for kind in hooks.KINDS], as_json=as_json)
    manager = hooks.manager_of(root)
    if manager is not None and not as_json:
        output.say(
            _("{manager} looks after the hooks here ({file})").format(
                manager=manager.name, file=manager.file
            )
        )


def _answer(states: list[HookState], *, as_json: bool) -> None:
    from sorte_cli.terminal import output

    if as_json:
        hooks = [
            {
                "hook": s.kind,
                "installed": s.ours,
                "path": str(s.path),
                "chained": s.chained,
                "edited": s.edited,
            }
            for s in states
        ]
        output.say_json({"ok": True, "hooks": hooks})
        return
    for state in states:
        output.say(_sentence(state))


def _sentence(state: HookState) -> str:
    if not state.ours:
        said = _("another hook is there") if state.other else _("not installed")
        return f"{state.kind}: {said}"
    said = _("installed, {path}").format(path=state.path)
    if state.chained:
        said += " " + _("(the hook that was here runs first)")
    if state.edited:
        said += " " + _("(edited since)")
    return f"{state.kind}: {said}"


def _run_hook(arguments: list[str], fail_on: str, deadline_s: float) -> int:
    """What the installed hooks call: `sorte hook run pre-commit`. Never fails for its own sake."""
    from sorte_cli.commands.review import record
    from sorte_cli.guardian.hooks import KINDS
    from sorte_cli.terminal.messages import print_note

    kind, rest = (arguments or [""])[0], arguments[1:]
    if kind not in KINDS:
        raise UsageError(
            _("`{name}` is no hook of Sorte").format(name=kind),
            hint=_("git calls this; you want `sorte hook install`"),
        )
    if os.environ.get("SORTE_SKIP"):
        record("override", {"hook": kind, "by": "SORTE_SKIP", "root": str(Path.cwd())})
        print_note(_("not reviewed, as SORTE_SKIP says"))
        return 0
    try:
        return _review_for(kind, rest, fail_on, deadline_s)
    except SorteError as error:
        if error.exit_code == ExitCode.INTERRUPTED:
            raise
        record("override", {"hook": kind, "by": "failure", "why": error.message})
        print_note(_("not reviewed: {reason}").format(reason=error.message))
        return 0


def _review_for(kind: str, arguments: list[str], fail_on: str, deadline_s: float) -> int:
    from sorte_cli.commands.review import checked_level, record_review
    from sorte_cli.guardian.hooks import BLOCKED
    from sorte_cli.guardian.review import DEADLINE_S, Source, review
    from sorte_cli.terminal.review import print_for_hook

    deadline_s = deadline_s or DEADLINE_S

    level = checked_level(fail_on)
    root = _root()
    if kind == "commit-msg":
        return BLOCKED if _message_is_bad(root, arguments) else 0
    if kind == "pre-push":
        found = _review_push(root, arguments, deadline_s)
    else:
        found = [review(root, Source("staged"), deadline_s=deadline_s)]
    blocked = False
    for one in found:
        print_for_hook(one, kind=kind, fail_on=level)
        stops = level is not None and bool(one.at_least(level))
        record_review(root, one, kind, stops=stops)
        blocked |= stops
    return BLOCKED if blocked else 0


def _review_push(root: Path, arguments: list[str], deadline_s: float) -> list[Review]:
    """One review for each branch that is pushed; deletions bring nothing."""
    import sys

    from sorte_cli.guardian.gitread import read_pushed
    from sorte_cli.guardian.review import review_read

    remote = arguments[0] if arguments else "origin"
    lines = sys.stdin.read().splitlines() if sys.stdin is not None else []
    found = []
    for words in (line.split() for line in lines):
        if len(words) == 4 and set(words[1]) != {"0"}:
            read = read_pushed(root, words[1], words[3], remote)
            found.append(review_read(root, read, deadline_s=deadline_s))
    return found


def _message_is_bad(root: Path, arguments: list[str]) -> bool:
    """Whether a commit message holds a secret. What is only unusual about it is a note."""
    from sorte_cli.agent.messages import SUBJECT_LIMIT, follows_conventional
    from sorte_cli.guardian.gitread import git
    from sorte_cli.guardian.secrets import secrets_in
    from sorte_cli.terminal.messages import print_error, print_note

    if not arguments:
        return False
    try:
        text = (root / arguments[0]).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        print_note(_("cannot read the message: {reason}").format(reason=error.strerror))
        return False
    text = text.partition(_SCISSORS)[0]  # `git commit -v` shows the diff below
    text = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    subject = text.strip().partition("\n")[0]
    if len(subject) > SUBJECT_LIMIT:
        print_note(
            _("the first line is longer than {limit} characters").format(limit=SUBJECT_LIMIT)
        )
    log = git(root, "log", "-n", "40", "--no-merges", "--format=%s", codes=(0, 128))
    subjects = log.decode("utf-8", "replace").splitlines()
    usual = len(subjects) >= 5 and follows_conventional(subjects)
    if usual and subject and not follows_conventional([subject] * 5):
        print_note(_("commits here begin like `fix: ...` or `feat(cart): ...`"))
    found = secrets_in("commit message", text)
    for finding in found:
        print_error(
            _("line {line} of the commit message: {message}").format(
                line=finding.line, message=finding.message
            )
        )
    return bool(found)
