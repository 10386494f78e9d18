"""The session without a screen: what a message leads to, what is running, what was said.

A `Screen` shows it: the prompt of a capable terminal (`prompt.py`) or plain lines (`plain.py`). All
methods are called in one thread and return at once; the worker process does what takes time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sorte_cli.agent import conversation
from sorte_cli.agent.conversation import Context, Route, Turn
from sorte_cli.errors import SorteError
from sorte_cli.memory.lessons import lasting_wish
from sorte_cli.memory.talks import Talk
from sorte_cli.terminal import theme
from sorte_cli.terminal.session import asking
from sorte_cli.terminal.session.frames import Frame
from sorte_cli.terminal.session.parts import Client, Info, Totals
from sorte_cli.terminal.session.voice import Voice
from sorte_cli.terminal.session.work import Work
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _

MODES = ("ask", "steps", "auto", "plan")
CHARS_PER_TOKEN = 4
_WISHES = (conversation.QUESTION, conversation.CHANGE)
REPLY_CHARS = 2_000
MESSAGE_CHARS = 20_000


class Session:
    """One talk with a person about one project."""

    def __init__(
        self,
        root: Path,
        talk: Talk,
        start_worker: Callable[[Callable[[Frame], None]], Client],
    ) -> None:
        from sorte_cli.terminal.session.slash import Slash

        self.root = root
        self.talk = talk
        self.voice = Voice()
        self.work = Work(self.voice, start_worker, self._next)
        self.mode = "ask"
        self.work.wants_steps = lambda: self.mode != "auto"
        self.info = Info()
        self.totals = Totals()
        self.context = Context()
        self.waiting: deque[str] = deque()
        self.last_run: dict[str, Any] = {}
        self.leaving = False
        self.first = False
        self._told_problem = ""
        self.slash = Slash(self)

    # The project

    def start(self) -> None:
        """Start the worker and ask it about the project, in the background."""
        self.work.ask("hello", self._on_hello, quiet=True)
        if self.first:
            self.work.ask("offer", self.hello_again, text="models")
        self.work.ask("names", self._on_names, quiet=True)

    def _next(self) -> None:
        """Nothing is left to do: the next message that waits."""
        while self.waiting and not self.leaving and not self.work.busy:
            self._handle(self.waiting.popleft())

    def hello_done(self, end: dict[str, Any]) -> None:
        """The worker told about project and models."""
        if end.get("ok"):
            self._on_hello(end)

    def hello_again(self, end: dict[str, Any]) -> None:
        """Settings may count differently now."""
        self.work.ask("hello", self._on_hello, quiet=True)

    def _on_hello(self, end: dict[str, Any]) -> None:
        if not end.get("ok"):
            if end.get("message"):
                self.voice.error(end["message"], end.get("hint", ""))
            return
        first = not self.info.ready
        self.info.ready = True
        self.info.branch = end["branch"]
        self.info.models = (end["models"][0], end["models"][1])
        self.info.window = end["window"]
        theme.use(end["theme"])
        self.info.commands = tuple(end["commands"])
        if first:
            for note in end["notes"]:
                self.voice.note(note)
            if end["sandbox"]:
                self.voice.note(end["sandbox"])

    def _on_names(self, end: dict[str, Any]) -> None:
        if end.get("ok"):
            self.info.files, self.info.symbols = tuple(end["files"]), tuple(end["symbols"])

    def ask_anew(self) -> None:
        """Branch, models and names may have changed."""
        self.work.ask("hello", self._on_hello, quiet=True)
        self.work.ask("names", self._on_names, quiet=True)

    # Messages

    def submit(self, text: str) -> None:
        """The person pressed Enter."""
        if self.work.question is not None:
            self.answer(text)
            return
        if len(text) > MESSAGE_CHARS:
            self._too_long(text)
            return
        message = conversation.clean(text)
        if not message:
            return
        self.voice.said(message)
        if self.working and not self._is_local(message):
            self.waiting.append(message)
            self.voice.line(_("waits until the work in hand is done"), "dim")
        else:
            self._handle(message)
        self.voice.screen.refresh()

    @property
    def working(self) -> bool:
        """Whether something that the person asked for is running or about to."""
        return bool(self.waiting) or self.work.busy

    def _is_local(self, message: str) -> bool:
        routed = conversation.route(message)
        return routed.kind == conversation.COMMAND and self.slash.is_local(routed.text)

    def _handle(self, message: str) -> None:
        self.totals.messages += 1
        routed = conversation.route(message)
        if routed.kind == conversation.COMMAND:
            self.slash.run(routed.text)
            return
        wish = lasting_wish(routed.text) if routed.kind in _WISHES else ""
        if wish:
            self.remember("user", text=wish, route="wish")
            self.work.ask("remember", lambda end: self._wished(routed, end), wish=wish)
            return
        self._take(routed)

    def _wished(self, routed: Route, end: dict[str, Any]) -> None:
        """What is remembered is done with; what is not is a message like any other."""
        if end.get("kept"):
            self.remember("lesson", text=routed.text)
        elif end.get("ok"):
            self._take(routed)

    def _take(self, routed: Route) -> None:
        if routed.kind == conversation.CHANGE and self.mode == "plan":
            routed = Route(conversation.PLAN, routed.text)
        self.begin(routed)

    def _too_long(self, text: str) -> None:
        self.voice.said(text)
        self.voice.error(
            _("the message has {count} characters; at most {limit} are read").format(
                count=f"{len(text):,}", limit=f"{MESSAGE_CHARS:,}"
            ),
            _("put long texts into a file of the project and name it with @"),
        )

    def begin(self, routed: Route) -> None:
        """Do what a message asks for, and say what it was taken for."""
        text = self._without_marks(routed.text)
        self.remember("user", text=routed.text, route=routed.kind)
        if routed.kind == conversation.SHELL:
            self._shell(routed.text)
        elif routed.kind == conversation.TALK:
            self.voice.line(
                _("Ask something about the project, or say what to change. /help lists the rest.")
            )
        elif routed.kind == conversation.QUESTION:
            self.voice.line(_("question"), "route")
            self.totals.questions += 1
            self.work.ask(
                "ask", lambda end: self._answered(text, end), text=text,
                question=text,
                summary=self.context.summary,
                turns=[[t.said, t.reply, t.kind] for t in self.context.turns],
            )  # fmt: skip
        else:
            plan_only = routed.kind == conversation.PLAN
            self.voice.line(
                _("plan only, nothing is changed") if plan_only else _("change"), "route"
            )
            self.run_task(text, plan_only=plan_only)

    def run_task(self, task: str, *, plan_only: bool = False) -> None:
        """A run, as `sorte do` would."""
        self.totals.runs += 1
        self.work.ask(
            "run", lambda end: self._ran(task, end), text=task,
            task=task, plan_only=plan_only, yes=self.mode == "auto", ask_steps=self.mode == "steps",
            talk=conversation.as_background(self.context),
        )  # fmt: skip

    def _without_marks(self, text: str) -> str:
        """`@shop/pix.py::Pix` without the mark, where it names something that is there."""
        if "@" not in text:
            return text
        known = {*self.info.files, *self.info.symbols}
        words = text.split(" ")
        return " ".join(
            w[1:] if w.startswith("@") and w[1:].rstrip("?.,;:!") in known else w for w in words
        )

    def _shell(self, command: str) -> None:
        if not command:
            self.voice.line(_("write a command after the !, for example: !git status"))
            return
        self.voice.line(_("command, in the sandbox and on a copy"), "route")
        self.work.ask(
            "shell", lambda end: self._shell_done(command, end), text=command, command=command
        )

    def _shell_done(self, command: str, end: dict[str, Any]) -> None:
        if end.get("ok"):
            self.remember("answer", text=str(end["output"])[-REPLY_CHARS:], sources=[])
            self._turn(f"!{command}", str(end["output"]), conversation.SHELL)
            self.work.ask("names", self._on_names, quiet=True)

    def _answered(self, question: str, end: dict[str, Any]) -> None:
        if not end.get("ok"):
            return
        self.remember("answer", text=end["text"], sources=end["sources"])
        if end.get("remark"):
            self.voice.line(f"({end['remark']})", "dim")
        if end.get("dropped"):
            self.voice.line(_("older parts of the talk were summarised to make room"), "dim")
            self.context = conversation.compacted(self.context)
        self._turn(question, end["text"], conversation.QUESTION)

    def _ran(self, task: str, end: dict[str, Any]) -> None:
        if not end.get("run"):
            if end.get("message") and not end.get("interrupted"):
                self._turn(task, f"not done: {end['message']}", conversation.CHANGE)
                self.remember("run", task=task, status="not landed", summary=end["message"])
            elif end.get("declined"):
                self._turn(task, "not done: the plan was declined", conversation.CHANGE)
                self.remember("run", task=task, status="declined", summary="")
            elif end.get("interrupted") or end.get("died"):
                self.remember("run", task=task, status="interrupted", summary="")
            self.ask_anew()
            return
        self.last_run = end
        self.totals.run_seconds += end["duration_s"]
        self.totals.landed += end["status"] == "landed"
        facts = {k: end[k] for k in ("run", "status", "summary", "plan", "operations")}
        self.remember("run", task=task, **facts)
        self._turn(task, f"{end['status']}: {end['summary']}", conversation.CHANGE)
        self._what_next(end)
        self.ask_anew()

    def script_done(self, end: dict[str, Any]) -> None:
        """Edited operations were applied, or not."""
        self._ran("/operations edit", end)

    def note_step(self, kind: str, run: str) -> None:
        """A run of this talk was undone or brought back: the model shall know, too."""
        if kind == "undone":
            self.work.ask("reflect", self._reflected, text="undo", run=run)
        said = f"/{'undo' if kind == 'undone' else 'redo'}"
        self._turn(said, f"run {run} is {kind}", conversation.COMMAND)

    def _in_own_words(self, text: str) -> None:
        """The answer to a free question; a command is none, and is done instead."""
        if text.startswith(("/", "!")):
            self.work.reply(None)
            self.submit(text)
            return
        if text:
            self.voice.said(text)
        self.work.reply(text or None)

    def _reflected(self, end: dict[str, Any]) -> None:
        """What was said after an undo: a lesson, or, where it is none, the next message."""
        said = str(end.get("said", ""))
        if end.get("kept"):
            self.remember("lesson", text=said)
        elif said:
            self._handle(said)

    def take_up(self, talk: Talk) -> None:
        """Go on with a saved talk."""
        from sorte_cli.terminal.session.transcript import replayed, turns_of

        self.talk = talk
        self.context = conversation.rebuilt(turns_of(talk.records))
        runs = [r.data for r in talk.records if r.kind == "run" and r.data.get("run")]
        self.last_run = dict(runs[-1]) if runs else {}
        self.voice.line(_("going on with the talk {id}").format(id=talk.id), "heading")
        for line in replayed(talk.records):
            self.voice.line(safe(line), "dim")

    def _what_next(self, end: dict[str, Any]) -> None:
        advice = {
            "landed": _("next: /diff shows it, /undo takes it back, /good or /bad rates it"),
            "planned": _("next: say it again outside of plan mode (Shift+Tab), or refine it"),
            "not landed": _("next: /show tells what was tried; say it differently, or try /model"),
        }.get(end["status"])
        if advice:
            self.voice.line(advice, "dim")

    def _turn(self, said: str, reply: str, kind: str) -> None:
        self.context = conversation.add_turn(
            self.context, Turn(said[:REPLY_CHARS], reply[:REPLY_CHARS], kind)
        )
        if self.info.window and self.context_share() > conversation.COMPACT_AT:
            self.context = conversation.compacted(self.context)
            self.voice.line(_("the talk was compacted; /context shows what is kept"), "dim")
            self.remember("compacted", summary=self.context.summary)

    def context_share(self) -> float:
        """How much of the brain's window the talk takes, estimated."""
        if not self.info.window:
            return 0.0
        return len(self.context.text()) / CHARS_PER_TOKEN / self.info.window

    # Questions of the worker

    def answer(self, text: str) -> None:
        """The person's answer to the pending question."""
        question = self.work.question
        assert question is not None
        if question.kind == asking.FREE:
            self._in_own_words(conversation.clean(text))
            return
        answer = asking.understand(question.kind, text)
        if answer == asking.UNCLEAR:
            self.voice.line(asking.choices(question.kind), "warning")
            return
        if not self.voice.screen.keeps_lines:
            self.voice.line(f"{asking.prompt(question)}{safe(text.strip())}", "dim")
        if answer == asking.EDIT:
            kind = "plan" if question.kind == "plan" else "script"
            self.voice.screen.edit(question.text, self._edited, kind)
            return
        if answer == asking.ALWAYS:
            self.mode = "auto"
            self.voice.line(_("automatic from now on; Shift+Tab changes that"), "warning")
        self.work.reply(asking.reply(question, answer))

    def _edited(self, text: str | None) -> None:
        """The plan or the operations come back from the editor; a plan that is none is asked about
        again, and so is everything where the editor failed. An empty plan is a no; without
        operations, the step is asked about again."""
        question = self.work.question
        if question is None or text is None:
            return  # cancelled meanwhile, or no editor
        if question.kind in asking.STEPS:
            if text.strip():
                self.work.reply(asking.edited(question, text))
            return
        if not text.strip():
            self.work.reply(None)
            return
        from sorte_cli.agent.plans import parse_plan

        try:
            parse_plan(text)
        except SorteError as error:
            self.voice.error(error.message, error.hint)
            return
        self.work.reply(text)

    # Stopping

    def interrupt(self) -> bool:
        """Stop what runs and forget what waits; False where there was nothing to stop."""
        waited = bool(self.waiting)
        self.waiting.clear()
        return self.work.interrupt() or waited

    @property
    def stopping(self) -> bool:
        """Whether what runs was told to stop already."""
        return self.work.job is not None and self.work.job.cancelled

    def leave(self) -> None:
        """End the session: what runs is cancelled and cleaned up, the talk is safe on disk."""
        if not self.leaving:
            self.leaving = True
            self.waiting.clear()
            self.voice.screen.leave()

    def close(self) -> None:
        """Let go of worker and talk; the screen is gone already."""
        self.leaving = True
        self.work.close()
        self.talk.close()

    def cycle_mode(self) -> None:
        """Ask, ask each step, automatic, plan only, and around."""
        self.mode = MODES[(MODES.index(self.mode) + 1) % len(MODES)]
        self.voice.screen.refresh()

    # Remembering

    def remember(self, kind: str, /, **data: Any) -> None:
        """Keep a record of the talk; a full disk is told once, and the talk goes on."""
        self.talk.add(kind, **data)
        if self.talk.problem and self.talk.problem != self._told_problem:
            self.voice.note(
                _("this talk cannot be saved now: {problem}; it is tried again").format(
                    problem=self.talk.problem
                )
            )
        self._told_problem = self.talk.problem
