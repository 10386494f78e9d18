"""`sorte review`: what is wrong with a change, before others see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sorte_cli.errors import ExitCode, UsageError
from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from sorte_cli.agent.reviewing import FullReview
    from sorte_cli.domain import Finding, Severity
    from sorte_cli.guardian.review import Review, Source
    from sorte_cli.inference import Engine

HELP = _(
    "Review a change: what it breaks, leaks or leaves open, and nothing that was there before.\n\n"
    "Without options, everything in the working tree that is not committed. `-` reads a unified "
    "diff from stdin.\n\n"
    "To answer a finding, write `# sorte: ignore[rule] reason` in its line."
)

LEVELS = ("low", "medium", "high", "critical", "never")
FORMATS = ("text", "json", "sarif")


def run(
    diff: Annotated[
        str, typer.Argument(metavar="[-]", show_default=False, help=_("`-`: a diff from stdin."))
    ] = "",
    staged: Annotated[
        bool, typer.Option("--staged", help=_("Review what is staged, exactly as it is staged."))
    ] = False,
    range_: Annotated[
        str,
        typer.Option("--range", metavar="A..B", show_default=False, help=_("Review a range.")),
    ] = "",
    commit: Annotated[
        str,
        typer.Option("--commit", metavar="REV", show_default=False, help=_("Review one commit.")),
    ] = "",
    fail_on: Annotated[
        str,
        typer.Option(
            metavar=_("LEVEL"),
            help=_("Exit with 1 from this severity on: low, medium, high, critical, or never."),
        ),
    ] = "high",
    format_: Annotated[
        str, typer.Option("--format", metavar=_("FORMAT"), help=_("text, json or sarif."))
    ] = "text",
    deadline: Annotated[
        float,
        typer.Option(
            min=0,
            metavar=_("SECONDS"),
            help=_("Stop after this time and say what is known by then; 0: no deadline."),
        ),
    ] = 0.0,
    baseline: Annotated[
        str,
        typer.Option(
            metavar=_("FILE"),
            show_default=False,
            help=_("Findings that are known; default: .sorte-baseline.json, where there is one."),
        ),
    ] = "",
    write_baseline: Annotated[
        bool,
        typer.Option("--write-baseline", help=_("Write the findings of now as those known.")),
    ] = False,
    fix: Annotated[
        bool,
        typer.Option("--fix", help=_("Mend what can be mended, tested, and left for you to see.")),
    ] = False,
    brain: Annotated[
        str | None,
        typer.Option("--brain", metavar=_("MODEL"), help=_("Model that reviews too: a GGUF file.")),
    ] = None,
    no_model: Annotated[
        bool, typer.Option("--no-model", help=_("Only checks, no model, even if one is set."))
    ] = False,
    tools: Annotated[
        bool,
        typer.Option(
            "--tools/--no-tools",
            help=_("Run the checkers that a trusted project has configured (mypy, eslint, ...)."),
        ),
    ] = True,
    everything: Annotated[
        bool, typer.Option("--all", help=_("Show every finding, not only the worst."))
    ] = False,
) -> None:
    from sorte_cli.guardian import gitread
    from sorte_cli.guardian.review import DEADLINE_S
    from sorte_cli.terminal.review import print_review

    level = checked_level(fail_on)
    if format_ not in FORMATS:
        raise _no_choice("--format", format_, FORMATS)
    source = choose_source(diff, staged=staged, range_=range_, commit=commit)
    root = gitread.toplevel(Path.cwd())
    asked = Asked(
        root,
        source,
        deadline or DEADLINE_S,
        _known(root, baseline, must_exist=not write_baseline),
        brain,
        no_model or write_baseline,
        tools,
    )
    found = _review(asked)
    if write_baseline:
        _write(root, baseline, found.review)
        return
    if format_ == "text":
        print_review(found, fail_on=level, everything=everything)
    else:
        _print_document(found, format_)
    stops = level is not None and bool(found.at_least(level))
    record_review(root, found.review, source.kind, stops=stops)
    if fix and found.findings:
        mended = _fix(root, found, source, to_stderr=format_ != "text")
        stops = level is not None and bool(set(found.at_least(level)) - mended)
    if stops:
        raise typer.Exit(int(ExitCode.NOT_LANDED))


@dataclass(frozen=True, slots=True)
class Asked:
    """A review to be done. `brain` is the model named for this one, None: as set."""

    root: Path
    source: Source
    deadline_s: float
    known: frozenset[str]
    brain: str | None = None
    no_model: bool = False
    tools: bool = True


def _review(asked: Asked) -> FullReview:
    """Both halves, or the deterministic one alone with a note that says so."""
    from sorte_cli.agent import reviewing
    from sorte_cli.errors import EnvironmentFailure
    from sorte_cli.terminal.observer import TerminalObserver

    sandbox, said = reviewing.tools_sandbox(asked.root, asked.source) if asked.tools else (None, ())

    def go(engine: Engine | None) -> FullReview:
        found = reviewing.review_change(
            asked.root,
            asked.source,
            engine=engine,
            deadline_s=asked.deadline_s,
            known=asked.known,
            sandbox=sandbox,
        )
        return replace(found, notes=(*said, *found.notes)) if found.review.files else found

    if asked.no_model:
        return go(None)
    with TerminalObserver() as observer:
        try:
            with reviewing.reviewer(
                asked.root,
                {"brain": asked.brain},
                on_progress=lambda done: observer.event("model_load", fraction=done),
            ) as engine:
                found = go(engine)
        except EnvironmentFailure as error:
            if asked.brain:  # named for this very review
                raise
            found = go(None)
            why = _("no model looked at this: {reason}").format(reason=error.message)
            return replace(found, notes=(*found.notes, why))
    if engine is None and found.review.files:
        why = _("no model looked at this: nano is too small to judge code; see --brain")
        return replace(found, notes=(*found.notes, why))
    return found


def _fix(root: Path, found: FullReview, source: Source, *, to_stderr: bool) -> set[Finding]:
    """Mend what can be mended; the findings that are no more."""
    from sorte_cli.agent.fixing import fix
    from sorte_cli.terminal import output
    from sorte_cli.terminal.observer import TerminalObserver
    from sorte_cli.terminal.review import print_fixed

    with TerminalObserver() as observer:
        fixed = fix(root, found, observer, what=f"{source.kind} {source.text}".strip())
    if to_stderr:
        output.say(fixed.script.rstrip("\n"), to_stderr=True)
    else:
        print_fixed(fixed)
    return set(fixed.mended)


def checked_level(name: str) -> Severity | None:
    """The severity that a name means; None for "never". Raises UsageError for anything else."""
    from sorte_cli.domain import Severity

    if name not in LEVELS:
        raise _no_choice("--fail-on", name, LEVELS)
    return None if name == "never" else Severity[name.upper()]


def _no_choice(option: str, given: str, choices: tuple[str, ...]) -> UsageError:
    return UsageError(
        _("{option} cannot be `{given}`").format(option=option, given=given),
        hint=_("choose one of: {choices}").format(choices=", ".join(choices)),
    )


def choose_source(diff: str, *, staged: bool, range_: str, commit: str) -> Source:
    """The one thing to review. Raises UsageError where more than one is named."""
    from sorte_cli.guardian.review import Source

    if diff not in ("", "-"):
        raise UsageError(
            _("`{given}` cannot be reviewed").format(given=diff),
            hint=_("use --commit or --range for revisions, or `-` for a diff on stdin"),
        )
    given = [bool(diff), staged, bool(range_), bool(commit)]
    if sum(given) > 1:
        raise UsageError(_("choose one of --staged, --range, --commit and `-`"))
    if diff:
        return Source("diff", diff=_stdin())
    if range_:
        return Source("range", range_)
    if commit:
        return Source("commit", commit)
    return Source("staged" if staged else "worktree")


def _stdin() -> bytes:
    import sys

    return b"" if sys.stdin is None else sys.stdin.buffer.read()


def _baseline_file(root: Path, given: str) -> Path:
    from sorte_cli.guardian.suppressions import BASELINE_NAME

    return Path(given) if given else root / BASELINE_NAME


def _known(root: Path, given: str, *, must_exist: bool) -> frozenset[str]:
    from sorte_cli.guardian.suppressions import read_baseline

    path = _baseline_file(root, given)
    if given and must_exist and not path.is_file():
        raise UsageError(
            _("there is no baseline {file}").format(file=path),
            hint=_("`sorte review --write-baseline` writes one"),
        )
    return read_baseline(path) if must_exist else frozenset()


def _write(root: Path, given: str, found: Review) -> None:
    from sorte_cli.guardian.suppressions import write_baseline
    from sorte_cli.terminal import output

    path = _baseline_file(root, given)
    write_baseline(path, found.findings)
    record("override", {"root": str(root), "baseline": str(path), "known": len(found.findings)})
    said = plural("{count} finding is known now", "{count} findings are known now",
                  len(found.findings))  # fmt: skip
    output.say(f"{said}: {path}")


def record_review(root: Path, found: Review, what: str, *, stops: bool) -> None:
    """Put a review into the audit log, and what comments in the code answered."""
    from sorte_cli.domain import Severity
    from sorte_cli.guardian.sarif import rule_id

    if not found.files:
        return
    levels = {
        s.name.lower(): n for s in Severity if (n := sum(f.severity == s for f in found.findings))
    }
    record(
        "check",
        {
            "review": what,
            "root": str(root),
            "files": found.files,
            "findings": levels,
            "known": found.known,
            "complete": found.complete,
            "stopped": stops,
        },
    )
    if found.suppressed:
        answered = [f"{rule_id(f)} {f.path}:{f.line}" for f in found.suppressed]
        record("override", {"root": str(root), "comments": answered})


def record(kind: str, data: Mapping[str, object]) -> None:
    """Add to the audit log. Where that cannot be, the work goes on and a note says so."""
    from sorte_cli.errors import EnvironmentFailure
    from sorte_cli.history.audit import AuditLog
    from sorte_cli.terminal.messages import print_note

    try:
        AuditLog().append(kind, data)
    except EnvironmentFailure as error:
        print_note(error.message)


def _print_document(found: FullReview, format_: str) -> None:
    from sorte_cli import __version__
    from sorte_cli.guardian import sarif
    from sorte_cli.terminal import output
    from sorte_cli.terminal.review import scenario_of

    notes = (*found.review.notes, *found.notes)

    def why(finding: Finding) -> str:
        return scenario_of(found, finding)

    if format_ == "json":
        more = {"model": found.model, "complete": found.review.complete, "ok": True}
        text = sarif.as_json(found.findings, notes, scenario=why, more=more)
    else:
        text = sarif.as_sarif(found.findings, notes, version=__version__, scenario=why)
    output.say(text.rstrip("\n"))
