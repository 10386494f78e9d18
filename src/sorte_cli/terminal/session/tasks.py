"""What the worker of a session can do: one method a request, engines imported when needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sorte_cli.errors import EnvironmentFailure, NotLandedError, SorteError, UsageError
from sorte_cli.terminal import output
from sorte_cli.terminal.messages import print_note
from sorte_cli.terminal.session.shell import Shell
from sorte_cli.terminal.session.view import LiveLine, SessionObserver
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _, current_language

if TYPE_CHECKING:
    from sorte_cli.agent.report import RunReport
    from sorte_cli.memory.notes import Note
    from sorte_cli.settings import Settings

FILES_OFFERED = 20_000
LESSON_TASK_CHARS = 80
SYMBOLS_OFFERED = 60_000
_NEEDED_SOON = (
    "sorte_cli.terminal.session.answering",
    "sorte_cli.agent.answering",
    "sorte_cli.agent.run",
    "rich.markdown",
)
_JOURNALLED = frozenset({"run", "script", "step", "feedback", "trust"})


class Link(Protocol):
    """The worker's end of the pipes."""

    def send(self, **frame: Any) -> None: ...

    def ask(self, kind: str, text: str) -> Any: ...


class Tasks:
    """Does what the session asks for. Raises SorteError for everything a person must hear."""

    def __init__(
        self,
        link: Link,
        root: Path,
        run_command: Callable[[Sequence[str]], int],
        commands: Sequence[str],
    ) -> None:
        self._link = link
        self._root = root
        self._run_command = run_command
        self._commands = commands
        self._shell_commands = Shell(link)
        self._does: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "hello": self._hello,
            "offer": self._offer,
            "names": self._names,
            "run": self._run,
            "script": self._script,
            "ask": self._ask,
            "shell": self._shell,
            "step": self._step,
            "reflect": self._reflect,
            "remember": self._remember,
            "command": self._command,
            "feedback": self._feedback,
            "diff": self._diff,
            "models": self._models,
            "check_models": self._check_models,
            "trust": self._trust,
        }

    def do(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """One request; the result goes into its last frame."""
        try:
            return self._does[frame["do"]](frame)
        finally:
            if frame["do"] in _JOURNALLED:
                self._seal()

    @staticmethod
    def _seal() -> None:
        """Take what was journalled into the audit log, as every command does at its end."""
        from sorte_cli.history.audit import AuditLog

        try:
            AuditLog().take_in()
        except EnvironmentFailure as error:
            print_note(error.message)

    # What the toolbar and the completion show

    def _hello(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        from sorte_cli.guardian import sandbox_status
        from sorte_cli.history import Repository

        repository = Repository.discover(self._root, writing=False)
        settings, notes = self._settings(frame)
        works, sandbox = sandbox_status()
        return {
            "branch": repository.branch() or "",
            "models": [settings.brain_name, settings.executor_name],
            "notes": list(notes),
            "sandbox": "" if works or settings.sandbox == "none" else sandbox,
            "window": self._window(settings),
            "theme": settings.theme,
            "commands": list(self._commands),
        }

    def _offer(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """For somebody new: the models that fit this machine."""
        from sorte_cli.terminal.session.beginning import offer

        settings, _notes = self._settings(frame)
        return offer(self._link, settings.brain_name)

    @staticmethod
    def import_early() -> None:
        """Import what the first question and the first run need, while nobody waits for it."""
        import importlib

        for name in _NEEDED_SOON:
            importlib.import_module(name)

    def _window(self, settings: Settings) -> int:
        """The brain's context window in tokens; 0 where its file cannot be read now."""
        from sorte_cli.inference.gguf import read_header
        from sorte_cli.inference.models import resolve_model
        from sorte_cli.inference.placement import context_for

        try:
            header = read_header(resolve_model(settings.brain_name))
        except SorteError:
            return 0  # said again, and in full, when the model is needed
        return context_for(header, settings.context_tokens)

    def _settings(self, frame: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
        from sorte_cli.settings import load_settings

        return load_settings(self._root, frame.get("flags") or {})

    def _names(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """Files and symbols for the completion."""
        from sorte_cli.context.index import ProjectIndex

        self._link.send(status=_("reading the project"), detail="")
        with ProjectIndex.open(self._root) as index:
            index.update()
            files = index.files[:FILES_OFFERED]
            symbols: list[str] = []
            for path in files:
                symbols += [s.address for s in index.symbols(path)]
                if len(symbols) > SYMBOLS_OFFERED:
                    break
        return {"files": list(files), "symbols": symbols[:SYMBOLS_OFFERED]}

    # Changes

    def _run(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        from sorte_cli.agent.report import RunRequest
        from sorte_cli.agent.run import do

        flags = frame.get("flags") or {}
        observer = SessionObserver(self._link, yes=bool(frame.get("yes")))
        request = RunRequest(
            task=frame["task"],
            directory=self._root,
            yes=bool(frame.get("yes")),
            plan_only=bool(frame.get("plan_only")),
            talk=str(frame.get("talk", "")),
            language=current_language(),
            approve_step=observer.approve_step if frame.get("ask_steps") else None,
            **flags,
        )
        try:
            with observer:
                report = do(request, observer)
        except NotLandedError:
            if not observer.declined:
                raise
            output.say(_("stopped; nothing was changed"))  # a no is not an error
            return {"declined": True}
        reported = self._reported(report)
        if report.status == "landed" and observer.corrections:
            self._learn_from(report.task, observer.corrections[-1], report.run_id)
        return reported

    def _script(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        from sorte_cli.agent.applying import apply
        from sorte_cli.agent.report import ApplyRequest

        request = ApplyRequest(
            frame["script"],
            self._root,
            yes=bool(frame.get("yes")),
            language=current_language(),
        )
        with SessionObserver(self._link, yes=request.yes, plan_is_script=True) as observer:
            report = apply(request, observer)
        return self._reported(report)

    def _reported(self, report: RunReport) -> dict[str, Any]:
        from sorte_cli.terminal.report import print_report, summary_parts

        if report.status != "planned":  # the plan was just shown
            print_report(report)
        return {
            "run": report.run_id,
            "status": report.status,
            "exit_code": int(report.exit_code),
            "summary": ", ".join(summary_parts(report)) or report.message,
            "plan": "\n".join(report.plan),
            "operations": "".join(s.script for s in report.steps),
            "diff": report.diff,
            "duration_s": round(report.duration_s, 2),
        }

    def _step(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """Undo or redo: shows what would happen, asks, does exactly that."""
        from sorte_cli import history
        from sorte_cli.errors import NotLandedError
        from sorte_cli.terminal.undoing import announce, summarise

        verb = frame["verb"]
        engine = history.undo if verb == "undo" else history.redo
        repository = history.Repository.discover(self._root)
        with history.Journal.open() as journal:
            plan = engine(repository, journal, frame.get("run") or None, dry_run=True)
            record = journal.run(repository, plan.run)
            output.say(announce(verb, plan, record.task))
            if not frame.get("yes") and self._link.ask("yes", _("Go on?")) is not True:
                raise NotLandedError(_("stopped; nothing was changed"))
            result = engine(repository, journal, plan.run)
        for sentence in result.recovered:
            print_note(safe(sentence))
        output.say(summarise(verb, result))
        return {"run": result.run, "verb": verb}

    def _feedback(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """The person's word on a run, kept in the journal beside it."""
        from sorte_cli.agent.feedback import rate

        good, note = bool(frame["good"]), str(frame.get("note", ""))
        record = rate(self._root, str(frame.get("run", "")), good=good, note=note)
        output.say(_("noted, thank you: {run}").format(run=record.id))
        if note and not good:
            self._propose_lesson(note, record.id)
        return {"run": record.id}

    def _learn_from(self, task: str, changed: tuple[str, str], run: str) -> None:
        """What the person put right by hand may be worth remembering."""
        from sorte_cli.memory.lessons import correction

        was, now = correction(*changed)
        if not now:
            return
        asked = " ".join(task.split())[:LESSON_TASK_CHARS]
        text = _("for “{task}”: {now}").format(task=asked, now=now)
        if was:
            text = _("for “{task}”: not `{was}` but `{now}`").format(task=asked, was=was, now=now)
        self._propose_lesson(text, run)

    def _reflect(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """After a run was undone: what the person wants to be different next time, if anything."""
        answer = self._link.ask("lesson", "")
        said = " ".join(answer.split()) if isinstance(answer, str) else ""
        if not said:
            return {}
        return {"said": said, "kept": self._propose_lesson(said, str(frame["run"]))}

    def _remember(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """A wish that holds from now on; the person decides whether it is one."""
        return {"kept": self._propose_lesson(str(frame["wish"]), "", kind="preference")}

    @staticmethod
    def _remembered(note: Note) -> None:
        told = _("remembered as {number}: {text}")
        output.say(output.wrapped(told.format(number=note.number, text=safe(note.text))))

    def _propose_lesson(self, text: str, run: str, kind: str = "lesson") -> bool:
        """What went wrong, or is wanted, may be worth remembering; the person decides."""
        from sorte_cli.memory import notes

        if any(n.text == " ".join(text.split()) for n in notes.notes(self._root)):
            return True
        output.say(output.wrapped(f"  “{safe(text)}”"))
        if self._link.ask("yes", _("Remember this for the project?")) is not True:
            return False
        self._remembered(notes.add(text, root=self._root, kind=kind, run=run))
        return True

    # Answers

    def _ask(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        from sorte_cli.agent.conversation import Context, Turn
        from sorte_cli.terminal.session.answering import Asker

        turns = tuple(Turn(*turn) for turn in frame.get("turns", ()))
        context = Context(frame.get("summary", ""), turns)
        asker = Asker(self._root, LiveLine(self._link), flags=frame.get("flags") or {})
        return asker.answer(frame["question"], context)

    # Commands

    def _shell(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        from sorte_cli.history import Repository

        settings, _notes = self._settings(frame)
        repository = Repository.discover(self._root, writing=False)
        return self._shell_commands.run(str(frame["command"]), repository, settings.sandbox)

    def _command(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """Any plain `sorte` command; it finds no terminal to ask at, so it denies by itself."""
        os.chdir(self._root)
        return {"code": self._run_command(frame["words"])}

    def _diff(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """What a run changed: the one that is named, else the latest that changed anything."""
        from sorte_cli.history import Journal, Repository
        from sorte_cli.terminal.report import print_diff

        repository = Repository.discover(self._root, writing=False)
        with Journal.open() as journal:
            if frame.get("run"):
                record = journal.run(repository, frame["run"])
            else:
                known = [r for r in journal.runs(repository, 50) if r.base and r.tip != r.base]
                if not known:
                    raise UsageError(_("no run has changed anything here yet"))
                record = known[0]
        output.say(f"{record.id}  {safe(' '.join(record.task.split()))}")
        if record.base and record.tip:
            print_diff(repository.git("diff", record.base, record.tip).decode("utf-8", "replace"))
        return {"run": record.id}

    def _models(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """The models that are installed, then those in use."""
        from sorte_cli.inference.models import list_models

        for found in list_models():
            output.say(f"  {safe(found.name)}")
        return self._hello(frame)

    def _check_models(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """Refuses names that fit no model, before anything relies on them."""
        from sorte_cli.agent.run import model_specs
        from sorte_cli.inference.gguf import read_header

        settings, _notes = self._settings(frame)
        for spec in model_specs(settings):
            read_header(spec.path)
        return self._hello(frame)

    def _trust(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """The project's own settings, shown, and trusted after a yes."""
        from sorte_cli import settings

        config = settings.project_config(self._root)
        if config is None:
            told = _("this project has no settings of its own; there is nothing to trust")
            output.say(output.wrapped(told))
            return {}
        output.say(_("{file} sets:").format(file=config.path.name))
        for name, value in config.values.items():
            output.say(f"  {safe(str(name))} = {safe(repr(value))}")
        if self._link.ask("yes", _("Use these settings?")) is True:
            settings.trust(self._root)
            output.say(_("trusted: {root}").format(root=self._root))
        return {}
