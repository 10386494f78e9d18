"""The session without a screen: what a message leads to, what is running, what was said.

A `Screen` shows it: the prompt of a capable terminal (`prompt.py`) or plain lines (`plain.py`). All
methods are called in one thread and return at once; the worker process does what takes time.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sorte_cli.agent import conversation
from sorte_cli.agent.conversation import Context, Route, Turn
from sorte_cli.errors import SorteError
from sorte_cli.memory.talks import Talk
from sorte_cli.terminal.session import asking
from sorte_cli.terminal.session.frames import Frame
from sorte_cli.terminal.session.painting import ink
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _, current_language

MODES = ("ask", "plan", "auto")
CHARS_PER_TOKEN = 4
REPLY_CHARS = 2_000
MESSAGE_CHARS = 20_000


class Screen(Protocol):
    """What the session needs of a screen."""

    def show(self, text: str) -> None:
        """Print text for good; it ends with a newline or goes on with the next `show`."""
        ...

    def refresh(self) -> None:
        """The state of the session has changed."""
        ...

    def edit(self, text: str, done: Callable[[str | None], None]) -> None:
        """Let the person edit a text in `$EDITOR`; `done` gets it, or None."""
        ...

    def clear(self) -> None: ...

    def leave(self) -> None: ...


class Client(Protocol):
    """The worker, as the session sees it."""

    @property
    def alive(self) -> bool: ...

    def request(self, do: str, /, **data: Any) -> int: ...

    def send(self, frame: Frame) -> None: ...

    def cancel(self, number: int) -> None: ...

    def close(self, *, grace_s: float = 5.0) -> None: ...


@dataclass
class Job:
    """A request that the worker is busy with. `quiet` ones show nothing on the live line."""

    number: int
    kind: str
    started: float
    done: Callable[[dict[str, Any]], None]
    text: str = ""
    status: str = ""
    detail: str = ""
    quiet: bool = False
    cancelled: bool = False


@dataclass(frozen=True)
class Pending:
    """A request that is not sent yet."""

    begin: Callable[[], None]
    quiet: bool
    done: Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Question:
    """What the worker waits for the person to answer: kind "plan", "script", "consent", "yes"."""

    kind: str
    text: str


@dataclass
class Info:
    """What the worker told about the project; empty until it has."""

    ready: bool = False
    branch: str = ""
    models: tuple[str, str] = ("", "")
    window: int = 0
    files: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()


@dataclass
class Totals:
    """Counters of this session."""

    began: float = field(default_factory=time.monotonic)
    messages: int = 0
    questions: int = 0
    runs: int = 0
    landed: int = 0
    run_seconds: float = 0.0


class Session:
    """One talk with a person about one project."""

    def __init__(
        self,
        root: Path,
        talk: Talk,
        start_worker: Callable[[Callable[[Frame], None]], Client],
        *,
        commands: tuple[str, ...] = (),
    ) -> None:
        from sorte_cli.terminal.session.slash import Slash

        self.root = root
        self.talk = talk
        self.screen: Screen
        self.mode = "ask"
        self.flags: dict[str, str] = {}
        self.info = Info()
        self.totals = Totals()
        self.context = Context()
        self.job: Job | None = None
        self.question: Question | None = None
        self.waiting: deque[str] = deque()
        self.last_run: dict[str, Any] = {}
        self.leaving = False
        self.columns = 80
        self.commands = commands
        self._start_worker = start_worker
        self._client: Client | None = None
        self._backlog: deque[Pending] = deque()
        self._told_problem = ""
        self._line_open = False
        self.slash = Slash(self)

    # The worker

    def start(self) -> None:
        """Start the worker and ask it about the project, in the background."""
        self._client = self._start_worker(self.deliver)
        self.ask_worker("hello", self._on_hello, quiet=True)
        self.ask_worker("names", self._on_names, quiet=True)

    def deliver(self, frame: Frame) -> None:
        """Called with every frame, in any thread; a screen replaces it to come to its own."""
        self.on_frame(frame)

    def ask_worker(
        self,
        do: str,
        done: Callable[[dict[str, Any]], None],
        *,
        text: str = "",
        quiet: bool = False,
        **data: Any,
    ) -> None:
        """Have the worker do something, after what it does now; `done` gets the last frame."""

        def begin() -> None:
            if self._client is None or not self._client.alive:
                self._client = self._start_worker(self.deliver)
            number = self._client.request(
                do,
                lang=current_language(),
                columns=self.columns,
                color=ink.color,
                flags=dict(self.flags),
                **data,
            )
            self.job = Job(number, do, time.monotonic(), done, text, quiet=quiet)

        self._backlog.append(Pending(begin, quiet, done))
        self._go_on()

    def _go_on(self) -> None:
        """Begin what waits, if nothing is running: requests first, then typed messages."""
        if self.job is None and self._backlog and not self.leaving:
            self._backlog.popleft().begin()
        elif self.job is None and self.waiting and not self.leaving:
            self._handle(self.waiting.popleft())
        if hasattr(self, "screen"):
            self.screen.refresh()

    def on_frame(self, frame: Frame) -> None:
        """Something came from the worker."""
        if "died" in frame:
            self._on_death(frame["died"])
            return
        job = self.job
        if job is None or frame.get("id") != job.number:
            return
        if "out" in frame:
            if not job.quiet:
                self.show(frame["out"])
        elif "status" in frame:
            job.status, job.detail = frame["status"], frame.get("detail", "")
        elif "ask" in frame:
            if job.cancelled:
                return
            self.question = Question(frame["ask"], frame["text"])
            if told := asking.explanation(self.question):
                self.note(told)
        elif "end" in frame:
            self._on_end(job, frame["end"])
        self.screen.refresh()

    def _on_end(self, job: Job, end: dict[str, Any]) -> None:
        self.job, self.question = None, None
        if end.get("message") and not job.quiet:
            self.error(end["message"], end.get("hint", ""))
        elif end.get("interrupted") and not job.quiet:
            self.line(_("stopped"), "warning")
        job.done(end)
        self._go_on()

    def _on_death(self, reason: str) -> None:
        """The worker is gone; what it did is cleaned up by the next one."""
        job, self.job, self.question = self.job, None, None
        if self.leaving:
            return
        self.error(
            _("the working process ended unexpectedly: {reason}").format(reason=safe(reason)),
            _("your files are as they were; the talk goes on with a new process"),
        )
        if job is not None:
            if job.kind in ("hello", "names"):
                self._backlog.clear()  # it would only die again
            job.done({"ok": False, "died": True})
        self._go_on()

    def hello_done(self, end: dict[str, Any]) -> None:
        """The worker told about project and models."""
        if end.get("ok"):
            self._on_hello(end)

    def hello_again(self, end: dict[str, Any]) -> None:
        """Settings may count differently now."""
        self.ask_worker("hello", self._on_hello, quiet=True)

    def _on_hello(self, end: dict[str, Any]) -> None:
        if not end.get("ok"):
            if end.get("message"):
                self.error(end["message"], end.get("hint", ""))
            return
        first = not self.info.ready
        self.info.ready = True
        self.info.branch = end["branch"]
        self.info.models = (end["models"][0], end["models"][1])
        self.info.window = end["window"]
        if first:
            for note in end["notes"]:
                self.note(note)
            if end["sandbox"]:
                self.note(end["sandbox"])

    def _on_names(self, end: dict[str, Any]) -> None:
        if end.get("ok"):
            self.info.files, self.info.symbols = tuple(end["files"]), tuple(end["symbols"])

    def ask_anew(self) -> None:
        """Branch, models and names may have changed."""
        self.ask_worker("hello", self._on_hello, quiet=True)
        self.ask_worker("names", self._on_names, quiet=True)

    # Messages

    def submit(self, text: str) -> None:
        """The person pressed Enter."""
        if self.question is not None:
            self.answer(text)
            return
        message = conversation.clean(text)
        if not message:
            return
        self.say_again(message)
        if self.working and not self._is_local(message):
            self.waiting.append(message)
            self.line(_("waits until the work in hand is done"), "dim")
        else:
            self._handle(message)
        self.screen.refresh()

    @property
    def working(self) -> bool:
        """Whether something that the person asked for is running or about to."""
        begun = self.job is not None and not self.job.quiet
        return begun or bool(self.waiting) or any(not p.quiet for p in self._backlog)

    def _is_local(self, message: str) -> bool:
        routed = conversation.route(message)
        return routed.kind == conversation.COMMAND and self.slash.is_local(routed.text)

    def _handle(self, message: str) -> None:
        self.totals.messages += 1
        routed = conversation.route(message)
        if routed.kind == conversation.COMMAND:
            self.slash.run(routed.text)
            return
        if len(message) > MESSAGE_CHARS:
            self.error(
                _("the message has {count} characters; at most {limit} are read").format(
                    count=f"{len(message):,}", limit=f"{MESSAGE_CHARS:,}"
                ),
                _("put long texts into a file of the project and name it with @"),
            )
            return
        if routed.kind == conversation.CHANGE and self.mode == "plan":
            routed = Route(conversation.PLAN, routed.text)
        self.begin(routed)

    def begin(self, routed: Route) -> None:
        """Do what a message asks for, and say what it was taken for."""
        text = self._without_marks(routed.text)
        self.remember("user", text=routed.text, route=routed.kind)
        if routed.kind == conversation.SHELL:
            self._shell(routed.text)
        elif routed.kind == conversation.TALK:
            self.line(
                _("Ask something about the project, or say what to change. /help lists the rest.")
            )
        elif routed.kind == conversation.QUESTION:
            self.line(_("question"), "route")
            self.totals.questions += 1
            self.ask_worker(
                "ask", lambda end: self._answered(text, end), text=text,
                question=text,
                summary=self.context.summary,
                turns=[[t.said, t.reply, t.kind] for t in self.context.turns],
            )  # fmt: skip
        else:
            plan_only = routed.kind == conversation.PLAN
            self.line(_("plan only, nothing is changed") if plan_only else _("change"), "route")
            self.run_task(text, plan_only=plan_only)

    def run_task(self, task: str, *, plan_only: bool = False) -> None:
        """A run, as `sorte do` would."""
        self.totals.runs += 1
        self.ask_worker(
            "run", lambda end: self._ran(task, end), text=task,
            task=task, plan_only=plan_only, yes=self.mode == "auto",
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
            self.line(_("write a command after the !, for example: !git status"))
            return
        self.line(_("command in the sandbox"), "route")
        self.ask_worker(
            "shell", lambda end: self._shell_done(command, end), text=command, command=command
        )

    def _shell_done(self, command: str, end: dict[str, Any]) -> None:
        if end.get("ok"):
            self.remember("answer", text=str(end["output"])[-REPLY_CHARS:], sources=[])
            self._turn(f"!{command}", str(end["output"]), conversation.SHELL)
            self.ask_worker("names", self._on_names, quiet=True)

    def _answered(self, question: str, end: dict[str, Any]) -> None:
        if not end.get("ok"):
            return
        self.remember("answer", text=end["text"], sources=end["sources"])
        if end.get("remark"):
            self.line(f"({end['remark']})", "dim")
        if end.get("dropped"):
            self.line(_("older parts of the talk were summarised to make room"), "dim")
            self.context = conversation.compacted(self.context)
        self._turn(question, end["text"], conversation.QUESTION)

    def _ran(self, task: str, end: dict[str, Any]) -> None:
        if not end.get("run"):
            if end.get("message"):
                self._turn(task, f"not done: {end['message']}", conversation.CHANGE)
                self.remember("run", task=task, status="not landed", summary=end["message"])
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
        said = f"/{'undo' if kind == 'undone' else 'redo'}"
        self._turn(said, f"run {run} is {kind}", conversation.COMMAND)

    def take_up(self, talk: Talk) -> None:
        """Go on with a saved talk."""
        from sorte_cli.terminal.session.transcript import replayed, turns_of

        self.talk = talk
        self.context = conversation.rebuilt(turns_of(talk.records))
        runs = [r.data for r in talk.records if r.kind == "run" and r.data.get("run")]
        self.last_run = dict(runs[-1]) if runs else {}
        self.line(_("going on with the talk {id}").format(id=talk.id), "heading")
        for line in replayed(talk.records):
            self.line(safe(line), "dim")

    def _what_next(self, end: dict[str, Any]) -> None:
        advice = {
            "landed": _("next: /diff shows it, /undo takes it back, /good or /bad rates it"),
            "planned": _("next: say it again outside of plan mode (Shift+Tab), or refine it"),
            "not landed": _("next: /show tells what was tried; say it differently, or try /model"),
        }.get(end["status"])
        if advice:
            self.line(advice, "dim")

    def _turn(self, said: str, reply: str, kind: str) -> None:
        self.context = conversation.add_turn(
            self.context, Turn(said[:REPLY_CHARS], reply[:REPLY_CHARS], kind)
        )
        if self.info.window and self.context_share() > conversation.COMPACT_AT:
            self.context = conversation.compacted(self.context)
            self.line(_("the talk was compacted; /context shows what is kept"), "dim")
            self.remember("compacted", summary=self.context.summary)

    def context_share(self) -> float:
        """How much of the brain's window the talk takes, estimated."""
        if not self.info.window:
            return 0.0
        return len(self.context.text()) / CHARS_PER_TOKEN / self.info.window

    # Questions of the worker

    def answer(self, text: str) -> None:
        """The person's answer to the pending question."""
        question = self.question
        assert question is not None
        answer = asking.understand(question.kind, text)
        if answer == asking.UNCLEAR:
            self.line(asking.choices(question.kind), "warning")
            return
        self.line(f"{asking.prompt(question)}{safe(text.strip())}", "dim")
        if answer == asking.EDIT:
            self.screen.edit(question.text, self._edited)
            return
        if answer == asking.ALWAYS:
            self.mode = "auto"
            self.line(_("automatic from now on; Shift+Tab changes that"), "warning")
        agreed = answer in (asking.YES, asking.ALWAYS)
        self._reply(question.text if question.kind in ("plan", "script") and agreed else agreed)

    def _edited(self, text: str | None) -> None:
        """The plan comes back from the editor; a plan that is none is asked about again."""
        question = self.question
        if question is None:
            return  # cancelled meanwhile
        if text is None or not text.strip():
            self._reply(None)
            return
        from sorte_cli.agent.plans import parse_plan

        try:
            parse_plan(text)
        except SorteError as error:
            self.error(error.message, error.hint)
            return
        self._reply(text)

    def _reply(self, value: Any) -> None:
        self.question = None
        if self._client is not None:
            self._client.send({"answer": None if value is False else value})
        self.screen.refresh()

    # Stopping

    def interrupt(self) -> bool:
        """Stop what runs and forget what waits; False where there was nothing to stop."""
        self.waiting.clear()
        pending = [p for p in self._backlog if not p.quiet]
        self._backlog = deque(p for p in self._backlog if p.quiet)
        for dropped in pending:
            self.line(_("stopped"), "warning")
            dropped.done({"ok": False, "interrupted": True})
        job = self.job
        if job is None or job.quiet or self._client is None:
            return bool(pending)
        if not job.cancelled:
            job.cancelled = True
            self.question = None
            job.status, job.detail = _("stopping"), ""
            self._client.cancel(job.number)
        self.screen.refresh()
        return True

    def leave(self) -> None:
        """End the session: what runs is cancelled and cleaned up, the talk is safe on disk."""
        if not self.leaving:
            self.leaving = True
            self.waiting.clear()
            self.screen.leave()

    def close(self) -> None:
        """Let go of worker and talk; the screen is gone already."""
        self.leaving = True
        if self._client is not None:
            self._client.close()
        self.talk.close()

    def cycle_mode(self) -> None:
        """Ask, plan only, automatic, and around."""
        self.mode = MODES[(MODES.index(self.mode) + 1) % len(MODES)]
        self.screen.refresh()

    def resized(self, columns: int) -> None:
        """The terminal has another width now."""
        if columns != self.columns:
            self.columns = columns
            if self._client is not None:
                self._client.send({"columns": columns})

    # Showing and remembering

    def show(self, text: str) -> None:
        """Print text as it is; it may be a part of a line."""
        self.screen.show(text)
        self._line_open = not text.endswith("\n")

    def line(self, text: str = "", kind: str = "") -> None:
        """Print a line of the session's own."""
        start = "\n" if self._line_open else ""
        self.show(f"{start}{ink.paint(text, kind)}\n")

    def say_again(self, message: str) -> None:
        """The person's own message in the scrollback."""
        shown = safe(message).replace("\n", "\n  ")
        if len(shown) > MESSAGE_CHARS:
            shown = shown[:200] + _(" … ({count} characters)").format(count=f"{len(message):,}")
        self.line(f"› {shown}", "said")

    def error(self, message: str, hint: str = "") -> None:
        """An error in the one style of all commands."""
        indented = safe(message).replace("\n", "\n  ")
        self.line(f"{ink.paint(_('error') + ':', 'bad')} {indented}")
        if hint:
            shown = safe(hint).replace("\n", "\n  ")
            self.line(f"{ink.paint(_('hint') + ':', 'accent')} {shown}")

    def note(self, message: str) -> None:
        """Something worth knowing."""
        self.line(f"{ink.paint(_('note') + ':', 'warning')} {safe(message)}")

    def remember(self, kind: str, /, **data: Any) -> None:
        """Keep a record of the talk; a full disk is told once, and the talk goes on."""
        self.talk.add(kind, **data)
        if self.talk.problem and self.talk.problem != self._told_problem:
            self.note(
                _("this talk cannot be saved now: {problem}; it is tried again").format(
                    problem=self.talk.problem
                )
            )
        self._told_problem = self.talk.problem
