"""`sorte replay`: commits as operations, applied to their parent again and compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sorte_cli.terminal.translate import _

if TYPE_CHECKING:
    from sorte_cli.agent.replaying import Replayed

HELP = _(
    "Express commits as scripts of operations.\n\n"
    "Each script is applied to the parent of its commit again and compared with it. Nothing in the "
    "repository changes.\n\n"
    "Example:  sorte replay HEAD~5..HEAD"
)


def run(
    revision: Annotated[
        str, typer.Argument(metavar=_("REV|RANGE"), help=_("A commit, or a range: OLD..NEW."))
    ] = "HEAD",
    limit: Annotated[
        int,
        typer.Option("-n", "--limit", min=0, metavar="N", help=_("At most so many; 0: all.")),
    ] = 0,
    model: Annotated[
        str,
        typer.Option(metavar=_("MODEL"), help=_("The model whose tokens are counted.")),
    ] = "nano",
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the commits as one JSON document."))
    ] = False,
) -> None:
    from sorte_cli.agent.replaying import replay
    from sorte_cli.errors import NotLandedError
    from sorte_cli.history import Repository
    from sorte_cli.inference import ModelSpec, open_engine
    from sorte_cli.inference.models import resolve_model
    from sorte_cli.terminal import output

    repository = Repository.discover(Path.cwd(), writing=False)
    engine = open_engine(ModelSpec(resolve_model(model), context_tokens=512), inline=True)
    found: list[Replayed] = []
    try:
        for one in replay(repository, revision, engine.count, limit=limit):
            found.append(one)
            if not as_json:
                output.say(_readable(one))
    finally:
        engine.close()
    exact = all(r.exact for r in found)
    if as_json:
        commits = [_document(r) for r in found]
        output.say_json({"ok": exact, "tokenizer": model, "commits": commits})
        raise typer.Exit(0 if exact else 1)
    if len(found) > 1:
        output.say(_summary(found))
    if not exact:
        raise NotLandedError(
            _("not every commit could be made again exactly"),
            hint=_("what operations cannot say is named above"),
        )


def _readable(one: Replayed) -> str:
    from sorte_cli.terminal.style import safe

    state = _("exact") if one.exact else _("same meaning") if _equal(one) else _("not the same")
    share = _share(one.tokens, one.search_replace_tokens)
    kinds = ", ".join(f"{_kind(kind)}: {count}" for kind, count in one.expressed.kinds.items())
    head = f"# {one.commit[:10]} {safe(one.subject)}"
    facts = _("# {state}; {tokens} tokens, {share} of SEARCH/REPLACE; {kinds}").format(
        state=state, tokens=one.tokens, share=share, kinds=kinds or "-"
    )
    lines = [head, facts, *(f"# {safe(text)}" for text in one.left_out)]
    if one.expressed.problem:
        lines.append(f"# {safe(one.expressed.problem)}")
    return "\n".join([*lines, safe(one.expressed.brief)])


def _kind(kind: str) -> str:
    """How hunks were said, in words."""
    return {
        "named": _("named"),
        "statement": _("statements"),
        "expression": _("expressions"),
        "lines": _("lines"),
        "words": _("words"),
        "text": _("texts"),
        "symbol": _("symbols"),
        "file": _("whole files"),
        "new file": _("new files"),
        "deleted file": _("deleted files"),
    }.get(kind, kind)


def _summary(found: list[Replayed]) -> str:
    return _("# {count} commits: {exact} exact; {tokens} tokens, {share} of SEARCH/REPLACE").format(
        count=len(found),
        exact=sum(r.exact for r in found),
        tokens=sum(r.tokens for r in found),
        share=_share(sum(r.tokens for r in found), sum(r.search_replace_tokens for r in found)),
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "-"


def _equal(one: Replayed) -> bool:
    return one.expressed.equal_ast and not one.left_out


def _document(one: Replayed) -> dict[str, Any]:
    return {
        "commit": one.commit,
        "subject": one.subject,
        "exact": one.exact,
        "equal_ast": _equal(one),
        "unchecked": one.expressed.unchecked,
        "script": one.expressed.brief,
        "scripts": len(one.expressed.scripts),
        "kinds": one.expressed.kinds,
        "files": one.files,
        "left_out": list(one.left_out),
        "problem": one.expressed.problem,
        "tokens": {
            "script": one.tokens,
            "search_replace": one.search_replace_tokens,
            "whole_files": one.whole_files_tokens,
        },
    }
