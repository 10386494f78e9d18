"""The commands that begin with a slash: their table, their help, and what each does."""

from __future__ import annotations

import difflib
import json
import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sorte_cli.agent import conversation
from sorte_cli.agent.conversation import Context, Route
from sorte_cli.errors import SorteError
from sorte_cli.terminal.session.transcript import as_markdown, replayed
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import LANGUAGES, _, current_language, match_language, plural

if TYPE_CHECKING:
    from sorte_cli.terminal.session.core import Session


@dataclass(frozen=True)
class Entry:
    """A command: its arguments for the help, what it does in a few words, whether it waits for
    the work in hand (`local` ones do not)."""

    name: str
    arguments: str
    help: str
    local: bool = False


def entries() -> tuple[Entry, ...]:
    """All commands, in the order of the help, in the language in force."""
    return (
        Entry("help", "", _("this list"), local=True),
        Entry("do", _("TASK"), _("make a change, whatever the sentence looks like")),
        Entry("plan", _("[TASK]"), _("plan only; alone: switch to plan mode and back")),
        Entry("ask", _("QUESTION"), _("answer from the project, change nothing")),
        Entry("review", _("[OPTIONS]"), _("review what is staged")),
        Entry("undo", _("[RUN]"), _("take a run back, after showing what would happen")),
        Entry("redo", _("[RUN]"), _("bring an undone run back")),
        Entry("diff", _("[RUN]"), _("what the last run changed")),
        Entry("operations", "[edit]", _("the last operations; edit and apply them anew")),
        Entry("log", "", _("the runs in this repository")),
        Entry("show", _("[RUN]"), _("everything about a run")),
        Entry("good", _("[NOTE]"), _("the last run was good")),
        Entry("bad", _("[NOTE]"), _("the last run was bad, and why")),
        Entry("model", _("[BRAIN [EXECUTOR]]"), _("which models work; choose others")),
        Entry("mode", _("[MODE]"), _("ask, steps, auto or plan; Shift+Tab: the next"), local=True),
        Entry("context", _("[TASK]"), _("what the model sees of this talk, or for a task")),
        Entry("compact", "", _("summarise the talk to make room")),
        Entry("clear", "", _("clear the screen and begin a new talk")),
        Entry("resume", _("[TALK]"), _("list the saved talks, or go on with one")),
        Entry("export", _("[FILE]"), _("write this talk as Markdown or JSON"), local=True),
        Entry("memory", _("[add TEXT|forget N]"), _("preferences and lessons")),
        Entry("trust", "", _("let this project's own settings count")),
        Entry("lang", "[en|pt_BR]", _("language of messages"), local=True),
        Entry("keys", "[emacs|vi]", _("how the line is edited"), local=True),
        Entry("stats", "", _("figures of this session"), local=True),
        Entry("exit", "", _("leave"), local=True),
    )  # fmt: skip


_ALIASES = {"quit": "exit", "q": "exit", "ops": "operations", "?": "help", "sair": "exit",
            "ajuda": "help", "h": "help"}  # fmt: skip


class Slash:
    """Runs the commands of one session."""

    def __init__(self, session: Session) -> None:
        self._s = session
        self.editing = "emacs"

    def is_local(self, text: str) -> bool:
        """Whether a command can run while the worker is busy."""
        name = self._name_of(text)
        return any(e.local for e in entries() if e.name == name) or name not in self.names()

    def names(self) -> tuple[str, ...]:
        return tuple(e.name for e in entries())

    @staticmethod
    def _name_of(text: str) -> str:
        name = text.partition(" ")[0].lower()
        return _ALIASES.get(name, name)

    def run(self, text: str) -> None:
        """One command line without its slash."""
        name, rest = self._name_of(text), text.partition(" ")[2].strip()
        if name not in self.names():
            self._unknown(name)
            return
        handler: Callable[[str], None] = getattr(self, f"_do_{name}")
        try:
            handler(rest)
        except SorteError as error:
            self._s.voice.error(error.message, error.hint)

    def _unknown(self, name: str) -> None:
        near = difflib.get_close_matches(name, self.names(), n=3, cutoff=0.6)
        hint = (
            _("did you mean {names}?").format(names=", ".join(f"/{n}" for n in near))
            if near
            else _("/help lists them")
        )
        self._s.voice.error(_("there is no command /{name}").format(name=safe(name)), hint)

    # Talking

    def _do_help(self, rest: str) -> None:
        s = self._s
        shown = [e for e in entries() if e.name != "review" or "review" in s.info.commands]
        heads = [f"/{e.name} {e.arguments}".strip() for e in shown]
        width = max(len(h) for h in heads)
        for head, entry in zip(heads, shown, strict=True):
            s.voice.line(f"  {head:{width}}  {entry.help}", indent=width + 4)
        s.voice.line()
        for text in (
            _("a sentence    a question is answered, a change is planned, approved, tested"),
            _("!command      runs in the sandbox        @name   completes files and symbols"),
            _("Alt+Enter     a new line                 Ctrl+X Ctrl+E   edit in $EDITOR"),
            _("Esc, Ctrl+C   stop what runs             Shift+Tab       next mode"),
            _("Ctrl+C twice, or Ctrl+D on an empty line: leave"),
        ):
            s.voice.line(f"  {text}")

    def _do_do(self, rest: str) -> None:
        self._needs(rest, _("say what to do: /do rename a to b"))
        self._s.begin(Route(conversation.CHANGE, rest))

    def _do_plan(self, rest: str) -> None:
        if rest:
            self._s.begin(Route(conversation.PLAN, rest))
        else:
            self._do_mode("ask" if self._s.mode == "plan" else "plan")

    def _do_ask(self, rest: str) -> None:
        self._needs(rest, _("say what you want to know: /ask where is x used"))
        self._s.begin(Route(conversation.QUESTION, rest))

    @staticmethod
    def _needs(rest: str, hint: str) -> None:
        from sorte_cli.errors import UsageError

        if not rest:
            raise UsageError(_("something is missing"), hint=hint)

    def _do_mode(self, rest: str) -> None:
        from sorte_cli.terminal.session.core import MODES

        s = self._s
        if rest in MODES:
            s.mode = rest
        elif rest:
            s.voice.error(_("unknown mode `{name}`").format(name=safe(rest)), ", ".join(MODES))
            return
        s.voice.line(mode_help(s.mode))
        s.voice.screen.refresh()

    # Runs

    def _do_undo(self, rest: str) -> None:
        self._step("undo", rest)

    def _do_redo(self, rest: str) -> None:
        self._step("redo", rest)

    def _step(self, verb: str, run: str) -> None:
        s = self._s

        def done(end: dict[str, Any]) -> None:
            if end.get("ok"):
                kind = "undone" if verb == "undo" else "redone"
                s.remember(kind, run=end["run"])
                s.note_step(kind, end["run"])
                s.ask_anew()

        s.work.ask("step", done, text=verb, verb=verb, run=run)

    def _do_diff(self, rest: str) -> None:
        self._s.work.ask("diff", _nothing, run=rest)

    def _do_operations(self, rest: str) -> None:
        s = self._s
        script = str(s.last_run.get("operations", ""))
        if not script:
            s.voice.line(_("no operations yet in this session; /show tells about earlier runs"))
        elif rest == "edit":
            s.voice.screen.edit(script, self._apply, "script")
        else:
            s.voice.show(safe(script).rstrip("\n") + "\n")

    def _apply(self, script: str | None) -> None:
        if script and script.strip():
            yes = self._s.mode == "auto"
            self._s.work.ask("script", self._s.script_done, script=script, yes=yes)

    def _do_log(self, rest: str) -> None:
        self._plain("log", rest)

    def _do_show(self, rest: str) -> None:
        self._plain("show", rest)

    def _do_review(self, rest: str) -> None:
        self._plain("review", rest or "--staged")

    def _do_memory(self, rest: str) -> None:
        self._plain("memory", rest or "list")

    def _plain(self, command: str, rest: str) -> None:
        """A plain `sorte` command, with the words behind it."""
        if command not in self._s.info.commands and self._s.info.ready:
            self._s.voice.error(_("this Sorte has no command `{name}` yet").format(name=command))
            return
        try:
            words = shlex.split(rest)
        except ValueError:
            words = rest.split()
        self._s.work.ask("command", _nothing, text=command, words=[command, *words])

    def _do_good(self, rest: str) -> None:
        self._feedback(True, rest)

    def _do_bad(self, rest: str) -> None:
        self._feedback(False, rest)

    def _feedback(self, good: bool, note: str) -> None:
        s = self._s

        def done(end: dict[str, Any]) -> None:
            if end.get("ok"):
                s.remember("feedback", run=end["run"], good=good, note=note)

        run = str(s.last_run.get("run", ""))
        s.work.ask("feedback", done, run=run, good=good, note=note)

    # The session itself

    def _do_model(self, rest: str) -> None:
        s = self._s
        names = rest.split()
        before = dict(s.work.flags)
        if names:
            s.work.flags = {"brain": names[0], "executor": names[-1]}

        def done(end: dict[str, Any]) -> None:
            s.hello_done(end)
            if end.get("ok"):
                brain, executor = s.info.models
                s.voice.line(_("brain: {brain}, executor: {executor}").format(
                    brain=safe(brain), executor=safe(executor)
                ))  # fmt: skip
            elif names:
                s.work.flags = before

        s.work.ask("models" if not names else "check_models", done)

    def _do_context(self, rest: str) -> None:
        s = self._s
        if rest:
            s.work.ask("command", _nothing, text="context", words=["context", "--why", "--", rest])
            return
        turns = len(s.context.turns)
        s.voice.line(
            plural("{count} exchange is kept whole", "{count} exchanges are kept whole", turns)
            + _("; about {share} of the window").format(share=f"{s.context_share():.0%}")
        )
        for line in s.context.text().splitlines():
            s.voice.line("  " + safe(line), "dim")

    def _do_compact(self, rest: str) -> None:
        s = self._s
        if len(s.context.turns) <= 1:
            s.voice.line(_("there is nothing to summarise yet"))
            return
        before = len(s.context.text())
        s.context = conversation.compacted(s.context, 1)
        s.remember("compacted", summary=s.context.summary)
        s.voice.line(_("compacted: {before} to {after} characters").format(
            before=before, after=len(s.context.text())
        ))  # fmt: skip

    def _do_clear(self, rest: str) -> None:
        from sorte_cli.memory.talks import Talk

        s = self._s
        s.talk.close()
        s.talk = Talk.new(s.root)
        s.context, s.last_run = Context(), {}
        s.voice.screen.clear()

    def _do_resume(self, rest: str) -> None:
        from sorte_cli.memory.talks import Talk, saved_talks
        from sorte_cli.terminal.tables import render

        s = self._s
        if rest:
            if s.talk.id.endswith(rest):
                s.voice.line(_("this is that talk"))
                return
            talk = Talk.resume(s.root, rest)
            s.talk.close()
            s.take_up(talk)
            return
        talks = [t for t in saved_talks(s.root) if t.id != s.talk.id]
        if not talks:
            s.voice.line(_("there is no other saved talk here"))
            return
        rows = [(t.id, when(t.updated), str(t.messages), safe(t.title)) for t in talks[:15]]
        table = render((_("talk"), _("when"), _("messages"), _("begins with")), rows)
        s.voice.show(table + "\n")
        s.voice.line(_("go on with one: /resume {id}").format(id=talks[0].id), "dim")

    def _do_export(self, rest: str) -> None:
        from sorte_cli.memory import talks

        s = self._s
        name = rest or f"sorte-{s.talk.id}.md"
        path = (s.root / Path(name).expanduser()).resolve()
        if path.suffix == ".json":
            text = json.dumps(
                talks.as_json(s.talk.id, s.talk.records), ensure_ascii=False, indent=2
            )
        else:
            text = as_markdown(s.talk.id, s.talk.records)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text.rstrip("\n") + "\n")
        except OSError as error:
            s.voice.error(
                _("cannot write {file}: {reason}").format(file=path, reason=error.strerror)
            )
            return
        s.voice.line(_("written: {file}").format(file=path))

    def _do_trust(self, rest: str) -> None:
        self._s.work.ask("trust", self._s.hello_again)

    def _do_lang(self, rest: str) -> None:
        from sorte_cli.terminal.translate import set_language

        s = self._s
        if not rest:
            s.voice.line(_("language: {language} (also: {others})").format(
                language=current_language(),
                others=", ".join(x for x in LANGUAGES if x != current_language()),
            ))  # fmt: skip
            return
        language = match_language(rest)
        if language is None:
            s.voice.error(
                _("unknown language `{name}`").format(name=safe(rest)),
                _("choose one of: {choices}").format(choices=", ".join(LANGUAGES)),
            )
            return
        set_language(language)
        s.voice.line(_("from now on in English"))

    def _do_keys(self, rest: str) -> None:
        if rest in ("emacs", "vi"):
            self.editing = rest
            self._s.voice.screen.refresh()
        self._s.voice.line(_("keys: {name}").format(name=self.editing))

    def _do_stats(self, rest: str) -> None:
        s, t = self._s, self._s.totals
        minutes = (time.monotonic() - t.began) / 60
        s.voice.line(_("this session: {minutes} min").format(minutes=f"{minutes:.0f}"))
        s.voice.line("  " + plural("{count} message", "{count} messages", t.messages))
        s.voice.line("  " + plural("{count} question", "{count} questions", t.questions))
        landed = plural("{count} landed", "{count} landed", t.landed)
        runs = plural("{count} run", "{count} runs", t.runs)
        s.voice.line(f"  {runs}, {landed}, {t.run_seconds:.1f} s")
        s.voice.line("  " + _("talk {id}, saved in {folder}").format(
            id=s.talk.id, folder=s.talk.path.parent
        ))  # fmt: skip
        if not s.work.busy:
            s.voice.line(_("all runs in this repository:"))
            self._plain("stats", "")

    def _do_exit(self, rest: str) -> None:
        self._s.leave()

    # Completion of arguments

    def arguments(self, name: str) -> Sequence[str]:
        """What may follow a command, where that is a short list."""
        return {
            "mode": ("ask", "steps", "auto", "plan"),
            "lang": LANGUAGES,
            "keys": ("emacs", "vi"),
            "operations": ("edit",),
            "model": ("nano",),
            "memory": ("list", "add", "forget"),
        }.get(name, ())


def mode_help(mode: str) -> str:
    """What a mode means, in one line."""
    return {
        "ask": _("ask: every plan is shown and waits for your yes"),
        "steps": _("ask each step: its edits are shown and wait for your yes, one by one"),
        "plan": _("plan: nothing is changed"),
        "auto": _("automatic: plans are carried out without asking"),
    }[mode]


def when(seconds: float) -> str:
    """A time of day for today, else the date."""
    now, then = time.localtime(), time.localtime(seconds)
    same_day = now[:3] == then[:3]
    return time.strftime("%H:%M" if same_day else "%Y-%m-%d", then)


def _nothing(end: dict[str, Any]) -> None:
    """For requests whose whole result was printed."""


__all__ = ["Entry", "Slash", "entries", "mode_help", "replayed", "when"]
