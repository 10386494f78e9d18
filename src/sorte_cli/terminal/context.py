"""What the index knows, for people and as JSON: files, symbols, lines, the map, the prompt."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.terminal import output
from sorte_cli.terminal.messages import print_note
from sorte_cli.terminal.style import paint, safe
from sorte_cli.terminal.tables import WIDTH_WITHOUT_TERMINAL
from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from sorte_cli.agent.preview import Preview
    from sorte_cli.context.index import ProjectIndex, UpdateStats
    from sorte_cli.context.questions import Reference, Surroundings
    from sorte_cli.domain import RankedFile, Selection, Symbol

CANDIDATES_SHOWN = 6
USES_SHOWN = 20
LEFT_OUT_SHOWN = 8
DETAIL_SHOWN = 90


def shown(text: str) -> str:
    """Text from a repository on one line, without control characters."""
    return " ".join(safe(text).split())


# What the index could not look at


def print_notes(stats: UpdateStats, index: ProjectIndex, *, history: bool = False) -> None:
    """What limits the answer, as notes on stderr."""
    for note in stats.notes:
        print_note(safe(note))
    aside = dict(stats.set_aside)
    if not stats.files:
        print_note(_("there is no file here that Sorte can read"))
    if inside := aside.get("submodule", 0) + aside.get("another repository", 0):
        print_note(
            plural(
                "{count} submodule or nested repository is not looked into; run Sorte inside it",
                "{count} submodules or nested repositories are not looked into; "
                "run Sorte inside them",
                inside,
            )
        )
    if not history:
        return
    commits = index.past_commits
    if not commits:
        print_note(_("there are no commits yet, so past changes cannot help"))
    elif index.is_shallow:
        known = plural(
            "this clone is shallow and knows {count} past commit",
            "this clone is shallow and knows {count} past commits",
            commits,
        )
        print_note(known + _("; `git fetch --unshallow` brings the rest"))


# Names


def checked_name(name: str) -> str:
    """The name without blanks and a call's brackets. Raises UsageError where nothing is left."""
    wanted = name.strip().removesuffix("()").strip("`'\" ")
    if not wanted or not any(c.isalnum() or c == "_" for c in wanted):
        raise UsageError(
            _("`{name}` is no name").format(name=shown(name)),
            hint=_("give an identifier (`fetch`) or an address (`shop/http.py::fetch`)"),
        )
    return wanted


def one_symbol(index: ProjectIndex, name: str) -> Symbol:
    """The one definition that a name means. Raises UsageError for none, and for several."""
    wanted = checked_name(name)
    found = index.find(wanted)
    if not found:
        raise unknown_name(index, name)
    if len(found) == 1:
        return found[0]
    first = [shown(s.address) for s in found[:CANDIDATES_SHOWN]]
    more = len(found) - len(first)
    listed = "\n".join([*first, *([f"… +{more}"] if more else [])])
    raise UsageError(
        _("several definitions are called `{name}`:").format(name=shown(wanted)) + f"\n{listed}",
        hint=_("name one of them by its address"),
    )


def unknown_name(index: ProjectIndex, name: str) -> UsageError:
    """The error for a name that the project does not have, with the nearest that it has."""
    near = index.near_names(checked_name(name).rpartition("::")[2])
    if near:
        listed = ", ".join(f"`{shown(n)}`" for n in near)
        hint = _("did you mean {names}?").format(names=listed)
    else:
        hint = _("`sorte map` shows what there is")
    said = _("nothing here is called `{name}`").format(name=shown(name))
    return UsageError(said, hint=hint)


# Files and symbols


def reason_text(reason: str) -> str:
    """A reason in the user's language."""
    from sorte_cli.context import explain

    kind, detail = explain.split(reason)
    heads = {
        explain.NAMED: _("named in the task"),
        explain.SYMBOLS: _("symbol match"),
        explain.PATH: _("path match"),
        explain.TEXT: _("text match"),
        explain.PAST: _("past commit"),
        explain.LATELY: _("changed lately by"),
        explain.TOGETHER: _("changed together with"),
        explain.TEST: _("test of"),
        explain.MEANING: _("close in meaning"),
    }
    joint = " " if kind in (explain.PAST, explain.LATELY, explain.TOGETHER, explain.TEST) else ": "
    return f"{heads[kind]}{joint}{shown(detail)}" if kind else shown(reason)


def files_table(files: Sequence[RankedFile], *, why: bool) -> str:
    """One line a file; with `why` its reasons below it."""
    if not files:
        return _("nothing in this project speaks of that")
    lines: list[str] = []
    width = len(str(len(files)))
    for number, file in enumerate(files, 1):
        lines.append(f"{number:>{width}}  {paint(shown(file.path), 'heading', sys.stdout)}")
        if why:
            said = [reason_text(r) for r in file.reasons] or [_("a little of everything")]
            lines += [" " * (width + 4) + paint(text, "dim", sys.stdout) for text in said]
    return "\n".join(lines)


def kind_text(kind: str) -> str:
    """The kind of a symbol in the user's language."""
    return {
        "file": _("file"),
        "class": _("class"),
        "function": _("function"),
        "method": _("method"),
        "constant": _("constant"),
        "field": _("field"),
        "heading": _("heading"),
        "key": _("key"),
        "section": _("section"),
    }.get(kind, kind)


def symbols_list(symbols: Sequence[Symbol]) -> str:
    """Address, kind and detail of each symbol; addresses whole, to be copied."""
    if not symbols:
        return _("nothing in this project speaks of that")
    width = shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns
    lines: list[str] = []
    for symbol in symbols:
        head = paint(shown(symbol.address), "heading", sys.stdout)
        about = f"{_('line')} {symbol.line}, {kind_text(symbol.kind)} {symbol.detail}"
        lines += [head, paint(_cut(shown(about), width), "dim", sys.stdout)]
    return "\n".join(lines)


def _cut(text: str, width: int) -> str:
    flat = f"    {text}"
    return flat if len(flat) <= width else f"{flat[: width - 1]}…"


def _brief(detail: str) -> str:
    return detail if len(detail) <= DETAIL_SHOWN else f"{detail[: DETAIL_SHOWN - 1]}…"


def selection_as_json(task: str, chosen: Selection, files: int, *, symbols: bool) -> dict[str, Any]:
    document: dict[str, Any] = {"ok": True, "task": task, "indexed_files": files}
    document["files"] = [
        {"path": f.path, "score": f.score, "reasons": list(f.reasons)} for f in chosen.files
    ]
    if symbols:
        document["symbols"] = [symbol_as_json(s) for s in chosen.symbols]
    return document


def symbol_as_json(symbol: Symbol) -> dict[str, Any]:
    """A symbol as plain JSON values; lines are 1-based and inclusive."""
    return {
        "address": symbol.address,
        "kind": symbol.kind,
        "detail": symbol.detail,
        "line": symbol.line,
        "end_line": symbol.end_line,
    }


def similar_as_json(target: Symbol, found: Sequence[Symbol]) -> dict[str, Any]:
    listed = [symbol_as_json(s) for s in found]
    return {"ok": True, "of": symbol_as_json(target), "similar": listed}


# Lines that mention a name


def references(found: Sequence[Reference], *, more: bool) -> str:
    """Definitions first, then the uses, file by file."""
    lines: list[str] = []
    for title, part in (
        (_("defined"), [r for r in found if r.defines]),
        (_("used"), [r for r in found if not r.defines]),
    ):
        if part:
            lines.append(f"{paint(title, 'heading', sys.stdout)} ({_places(part)})")
            lines += _by_file(part)
    if more:
        lines.append(_("… and more; -n shows them"))
    return "\n".join(lines)


def _places(found: Sequence[Reference]) -> str:
    files = len({r.path for r in found})
    places = plural("{count} line", "{count} lines", len(found))
    return _("{places} in {files}").format(
        places=places, files=plural("{count} file", "{count} files", files)
    )


def _by_file(found: Sequence[Reference]) -> list[str]:
    lines: list[str] = []
    for path, group in groupby(found, key=lambda r: r.path):
        lines.append(f"  {paint(shown(path), 'accent', sys.stdout)}")
        lines += [f"    {r.line:>5}  {shown(r.text)}" for r in group]
    return lines


def references_as_json(name: str, found: Sequence[Reference], more: bool) -> dict[str, Any]:
    listed = [
        {
            "path": r.path,
            "line": r.line,
            "text": r.text,
            "inside": r.inside,
            "defines": r.defines,
        }
        for r in found
    ]
    return {"ok": True, "name": name, "references": listed, "more": more}


# One symbol and what belongs to it


def surroundings(around: Surroundings | None) -> str:
    """All about one definition, to be read from top to bottom."""
    if around is None:
        return ""
    symbol = around.symbol
    place = f"{symbol.path}:{symbol.line}-{symbol.end_line}"
    head = paint(shown(f"{symbol.address} {_brief(symbol.detail)}"), "heading", sys.stdout)
    lines = [head, f"  {kind_text(symbol.kind)}, {shown(place)}"]
    owner = (around.owner,) if around.owner is not None else ()
    for title, symbols in (
        (_("inside"), owner),
        (_("bases"), around.bases),
        (_("members"), around.members),
        (_("derived from it"), around.derived),
        (_("listed in"), around.registries),
    ):
        if symbols:
            lines.append(title)
            lines += [f"  {_one_line(s)}" for s in symbols]
    if around.tests:
        lines.append(_("tests that mention it"))
        lines += [f"  {shown(p)}" for p in around.tests]
    if around.used:
        lines.append(f"{_('used')} ({_places(around.used)})")
        lines += _by_file(around.used[:USES_SHOWN])
        if len(around.used) > USES_SHOWN:
            lines.append("  " + _("… `sorte refs {name}` shows all").format(name=symbol.name))
    return "\n".join(lines)


def _one_line(symbol: Symbol) -> str:
    return shown(f"{symbol.path}:{symbol.line}  {symbol.qualified_name} {_brief(symbol.detail)}")


def surroundings_as_json(around: Surroundings | None) -> dict[str, Any]:
    if around is None:
        return {"ok": True, "symbol": None}
    return {
        "ok": True,
        "symbol": symbol_as_json(around.symbol),
        "owner": symbol_as_json(around.owner) if around.owner else None,
        "members": [symbol_as_json(s) for s in around.members],
        "bases": [symbol_as_json(s) for s in around.bases],
        "derived": [symbol_as_json(s) for s in around.derived],
        "registries": [symbol_as_json(s) for s in around.registries],
        "tests": list(around.tests),
        "used": [{"path": r.path, "line": r.line, "inside": r.inside} for r in around.used],
    }


# The map


@contextmanager
def token_counter(root: Path, brain: str) -> Iterator[Callable[[str], int]]:
    """Counts the tokens of texts as the configured model does."""
    from sorte_cli.agent.run import model_specs
    from sorte_cli.inference.manager import ModelManager
    from sorte_cli.settings import load_settings

    settings, notes = load_settings(root, {"brain": brain or None})
    for note in notes:
        print_note(note)
    # A large model stays warm for the next command, as after any other.
    with ModelManager(*model_specs(settings), keep_alive_s=settings.keep_alive) as models:
        yield models.engine("brain").count


def print_map(text: str, tokens: int, budget: int) -> None:
    """The map on stdout, its size on stderr."""
    if not text:
        raise EnvironmentFailure(
            _("no line of the map fits into {budget} tokens").format(budget=budget),
            hint=_("give it more: --budget 500"),
        )
    output.say(safe(text).rstrip("\n"))
    said = _("{tokens} of {budget} tokens").format(tokens=tokens, budget=budget)
    output.say(paint(said, "dim", sys.stderr), to_stderr=True)


# What the model reads


def print_preview(seen: Preview, *, as_json: bool) -> None:
    """The prompt on stdout, byte for byte; what it is made of on stderr."""
    for note in seen.notes:
        print_note(note)
    if as_json:
        output.say_json(_preview_as_json(seen))
        return
    output.say(safe(seen.prompt).rstrip("\n"))
    output.say(_preview_facts(seen), to_stderr=True)


def _preview_facts(seen: Preview) -> str:
    head = _("{tokens} of {window} tokens; {model}, profile {profile}").format(
        tokens=seen.tokens, window=seen.window, model=shown(seen.model), profile=seen.profile
    )
    lines = ["", paint(head, "heading", sys.stderr)]
    width = max(len(str(p.tokens)) for p in seen.parts)
    for part in seen.parts:
        name = _part_text(part.name)
        if part.name == "symbols":
            name += f" ({len(seen.symbols)})"
        lines.append(f"  {part.tokens:>{width}}  {name}")
    if seen.left_out:
        lines.append(_("left out"))
    for lost in seen.left_out:
        count = f" ({len(lost.symbols)})" if lost.symbols else ""
        lines.append(
            f"  {lost.tokens:>{width}}  {_part_text(lost.name)}{count}: {_why_text(lost.why)}"
        )
        lines += [" " * (width + 4) + shown(s.address) for s in lost.symbols[:LEFT_OUT_SHOWN]]
        if len(lost.symbols) > LEFT_OUT_SHOWN:
            lines.append(" " * (width + 4) + f"… +{len(lost.symbols) - LEFT_OUT_SHOWN}")
    return "\n".join(lines)


def _part_text(name: str) -> str:
    return {
        "system text": _("system text"),
        "project instructions": _("project instructions"),
        "memory": _("memory"),
        "outline of the project": _("outline of the project"),
        "past change": _("past change"),
        "symbols": _("symbols"),
        "task": _("task"),
        "chat template": _("chat template"),
    }.get(name, name)


def _why_text(why: str) -> str:
    return {
        "the profile shows no more": _("the profile shows no more"),
        "the window is full": _("the window is full"),
        "left out of the compact profile": _("left out of the compact profile"),
        "the model's chat template has no place for it": _(
            "the model's chat template has no place for it"
        ),
        "its other operations do not fit": _("its other operations do not fit"),
    }.get(why, why)


def _preview_as_json(seen: Preview) -> dict[str, Any]:
    return {
        "ok": True,
        "model": seen.model,
        "profile": seen.profile,
        "window": seen.window,
        "tokens": seen.tokens,
        "parts": [{"name": p.name, "tokens": p.tokens} for p in seen.parts],
        "left_out": [
            {
                "name": lost.name,
                "tokens": lost.tokens,
                "why": lost.why,
                "symbols": [s.address for s in lost.symbols],
            }
            for lost in seen.left_out
        ],
        "symbols": [symbol_as_json(s) for s in seen.symbols],
        "prompt": seen.prompt,
    }
