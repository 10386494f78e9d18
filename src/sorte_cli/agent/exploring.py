"""The brain looks things up before it plans: `read`, `search`, `list`, a bounded number of times.

Only for the full profile. Each look is one line under a grammar; what it shows comes from the
index and from the tree that the run will edit, within a share of the model's window. Nothing is
run, and nothing outside the project can be named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sorte_cli.agent import prompting
from sorte_cli.agent.prompting import Message
from sorte_cli.agent.report import Observer
from sorte_cli.agent.rules import Rules
from sorte_cli.context.analysis import decode
from sorte_cli.context.index import ProjectIndex
from sorte_cli.domain import Symbol
from sorte_cli.inference import Engine, Options
from sorte_cli.inference.grammar import escape

MAX_LOOKS = 4
LOOK_TOKENS = 120
SHARE = 6
"""One look shows at most this part of the window."""
LEAST_TOKENS = 300
"""With less room than this for what it shows, a look is not worth asking for."""
MAX_BYTES = 1_000_000
LINES_OF_A_NAME = 12
LINES_SHOWN = 40
ENTRIES_SHOWN = 80
DONE = "plan"
_WORD = re.compile(r"[A-Za-z_$][\w$.-]*")
_PLAIN = re.compile(r"[\w./-]+(?:::[\w.$-]+)?\Z")


@dataclass
class Library:
    """What can be looked up. `read` gives a file's bytes from the tree that the run edits."""

    index: ProjectIndex
    read: Callable[[str], bytes | None]
    seen: dict[str, None] = field(default_factory=dict)
    """Paths that were shown, in order: a plan may name what stands in them."""

    def look(self, line: str) -> str:
        """The answer to one look: `read ADDRESS`, `search WORDS` or `list [FOLDER]`."""
        verb, _, rest = line.strip().partition(" ")
        answer = {"read": self._read, "search": self._search, "list": self._list}.get(verb)
        return answer(rest.strip()) if answer else f"There is no {verb!r} here."

    def symbols(self) -> list[Symbol]:
        """What stands in the files that were shown."""
        return [s for path in self.seen for s in (Symbol(path, "file"), *self.index.symbols(path))]

    def _read(self, address: str) -> str:
        path, _, name = address.partition("::")
        data = self.read(path)
        if data is None:
            return f"There is no file {path}."
        if b"\0" in data or len(data) > MAX_BYTES:
            return f"{path} is not shown: it is binary or very long."
        self.seen[path] = None
        lines = decode(data).splitlines()
        if not name:
            return "\n".join(lines)
        symbols = self.index.symbols(path)
        found = next((s for s in symbols if s.qualified_name == name), None)
        if found is None:
            return f"There is no {name} in {path}. It has: {_names(symbols)}"
        return "\n".join(lines[found.line - 1 : found.end_line])

    def _search(self, text: str) -> str:
        shown: list[str] = []
        for word in dict.fromkeys(_WORD.findall(text)):
            found = self.index.references(word, limit=LINES_OF_A_NAME)
            shown += [f"{r.path}:{r.line}: {r.text}" for r in found]
            self.seen.update(dict.fromkeys(r.path for r in found[:LINES_OF_A_NAME]))
        chosen = self.index.select(text, max_files=6, max_symbols=12)
        listed = [prompting.render_symbol(s) for s in chosen.symbols]
        self.seen.update(dict.fromkeys(f.path for f in chosen.files))
        lines = [*dict.fromkeys(shown)][:LINES_SHOWN] + listed
        return "\n".join(lines) or "Nothing mentions it."

    def _list(self, folder: str) -> str:
        start = f"{folder.strip('/')}/" if folder.strip("/. ") else ""
        inside = [p.removeprefix(start) for p in self.index.files if p.startswith(start)]
        entries = sorted({p.partition("/")[0] + "/" * ("/" in p) for p in inside})
        if not entries:
            return f"There is no folder {folder}."
        more = f"\n... {len(entries) - ENTRIES_SHOWN} more" if len(entries) > ENTRIES_SHOWN else ""
        return "\n".join(entries[:ENTRIES_SHOWN]) + more


def look_around(
    engine: Engine,
    messages: Sequence[Message],
    library: Library,
    observer: Observer,
    *,
    reserved_tokens: int,
) -> list[Message]:
    """The conversation with what the brain wanted to see; ends with a user's turn that ends in
    the word `plan`, as it began. `reserved_tokens` stay free for the plan.

    What comes later only ever follows what came before, so that nothing is read twice.
    """
    *before, last = messages
    told = last.content.removesuffix(DONE) + prompting.prompt_text("full", "look")
    turns = [*before, Message("user", told)]
    grammar = look_grammar(library.index)
    for _ in range(MAX_LOOKS):
        used = sum(engine.count(m.content) for m in turns)
        room = engine.info.context_tokens - used - reserved_tokens - LOOK_TOKENS
        room = min(room, engine.info.context_tokens // SHARE)
        if room < LEAST_TOKENS:
            break
        observer.event("thinking", role="brain")
        answer = engine.generate(
            [(m.role, m.content) for m in turns],
            Options(max_tokens=LOOK_TOKENS, grammar=grammar),
            on_prompt=lambda done, total: observer.event("prompt", done=done, total=total),
        )
        line = answer.text.strip()
        if line == DONE or answer.finish == "length":
            return [*turns, Message("assistant", DONE), Message("user", DONE)]
        observer.event("look", text=line)
        shown = prompting.within(library.look(line), room, engine.count)
        turns += [Message("assistant", line), Message("user", shown)]
    if len(turns) == len(messages):
        return list(messages)  # there was no room for a single look
    return [*turns[:-1], Message("user", f"{turns[-1].content}\n\n{DONE}")]


def look_grammar(index: ProjectIndex) -> str:
    """One line: a look at what is there, or `plan`."""
    rules = Rules()
    paths = [p for p in index.files if _PLAIN.match(p)]
    folders = {p[:i] for p in paths for i, c in enumerate(p) if c == "/"}
    parts = [escape(f"{DONE}\n"), '"search " [^\\r\\n]{1,80} "\\n"']
    if paths:
        rules.choice("path", paths)
        parts.append('"read " path ("::" [a-zA-Z_$] [a-zA-Z0-9_.$-]{0,120})? "\\n"')
    if folders:
        rules.choice("folder", sorted(folders))
        parts.append('"list" (" " folder)? "\\n"')
    rules.add("root", " | ".join(parts))
    return rules.text


def _names(symbols: Sequence[Symbol]) -> str:
    names = [s.qualified_name for s in symbols]
    return ", ".join(names[:30]) + (", ..." if len(names) > 30 else "") if names else "no symbols"
