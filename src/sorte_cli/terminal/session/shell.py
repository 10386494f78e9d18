"""`!command`: runs in the sandbox on a copy of the project, and is seen while it runs."""

from __future__ import annotations

import contextlib
import os
import re
import select
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sorte_cli.errors import EnvironmentFailure
from sorte_cli.paths import cache_dir
from sorte_cli.terminal import output
from sorte_cli.terminal.messages import print_note
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _, plural

if TYPE_CHECKING:
    from sorte_cli.domain import ChangeSet
    from sorte_cli.guardian import Sandbox, SandboxResult
    from sorte_cli.history import Repository
    from sorte_cli.terminal.session.trial import Trial

TIMEOUT_S = 600
SHOWN_CHARS = 200_000
KEPT_CHARS = 20_000
FILES_NAMED = 12
_READ_BYTES = 65_536
_TICK_S = 0.05
# $0 is where the output goes, $1 what the person typed.
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;:?<=>]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_TORN_ESCAPE = re.compile(r"\x1b(?:\[[0-9;:?<=>]*[ -/]*|\][^\x07\x1b]*\x1b?)?\Z")
TORN_CHARS = 200
_SCRIPT = 'exec >"$0" 2>&1; eval "$1"'


class Link(Protocol):
    """The worker's end of the pipes."""

    def send(self, **frame: Any) -> None: ...

    def ask(self, kind: str, text: str) -> Any: ...


class Shell:
    """Runs commands for one session. `bare` once the person agreed to go without a sandbox."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._bare = False

    def run(self, command: str, repository: Repository, choice: str) -> dict[str, Any]:
        """Run a command line; `choice` is the setting of the sandbox.

        Raises EnvironmentFailure where no sandbox works and the person does not want to go without.
        """
        sandbox = self._sandbox(choice)
        self._link.send(status=safe(command)[:60], detail="")
        if sandbox.name == "none":
            return self._on_own_files(command, repository, sandbox)
        from sorte_cli.terminal.session.trial import trial

        with trial(repository) as copy:
            if copy is None:
                print_note(_("the project is too large to be copied for a command"))
                if (
                    self._link.ask("yes", _("Run it on your own files, in the sandbox?"))
                    is not True
                ):
                    return {"code": 1, "output": ""}
                return self._on_own_files(command, repository, sandbox)
            result, text = self._stream(command, repository, sandbox, copy.root)
            self._report(result)
            self._offer(copy)
        return {"code": result.returncode, "output": text}

    def _sandbox(self, choice: str) -> Sandbox:
        from sorte_cli.guardian import find_sandbox

        try:
            return find_sandbox("none" if self._bare else choice)
        except EnvironmentFailure as error:
            question = f"{error.message}\n" + _(
                "Run the command without a sandbox, on your own files?"
            )
            if self._link.ask("consent", question) is not True:
                raise
            self._bare = True
            return find_sandbox("none")

    def _on_own_files(
        self, command: str, repository: Repository, sandbox: Sandbox
    ) -> dict[str, Any]:
        result, text = self._stream(command, repository, sandbox, repository.root)
        self._report(result)
        return {"code": result.returncode, "output": text}

    def _stream(
        self, command: str, repository: Repository, sandbox: Sandbox, worktree: Path
    ) -> tuple[SandboxResult, str]:
        """Run it; what it says is printed as it comes."""
        from sorte_cli.guardian import Limits

        shown = Shown(output.say_raw)
        with _pipe() as (folder, pipe), shown.from_pipe(pipe):
            result = sandbox.run(
                ["bash", "-c", _SCRIPT, str(pipe), command],
                worktree=worktree,
                repository=repository.root,
                common_dir=repository.common_dir,
                limits=replace(Limits(), timeout_s=TIMEOUT_S),
                exchange=folder,
            )
        shown.finish()
        if result.output.strip():  # bash itself could not be started
            output.say(safe(result.output).rstrip("\n"))
        return result, shown.kept

    @staticmethod
    def _report(result: SandboxResult) -> None:
        if result.killed_reason:
            print_note(_("the command was ended: {reason}").format(reason=result.killed_reason))
        elif result.returncode:
            print_note(_("the command ended with code {code}").format(code=result.returncode))

    def _offer(self, copy: Trial) -> None:
        """What the command changed in its copy is the person's, if they want it."""
        changes = copy.changes()
        if not changes:
            return
        count = len(changes.changes)
        output.say(
            plural(
                "the command changed {count} file in its copy:",
                "the command changed {count} files in its copy:",
                count,
            )
        )
        _name(changes)
        if self._link.ask("yes", _("Take this over into your own files?")) is True:
            copy.keep(changes)
            output.say(_("taken over; nothing is committed"))
        else:
            output.say(_("your files are as they were"))


def _name(changes: ChangeSet) -> None:
    from sorte_cli.agent.report import file_reports
    from sorte_cli.terminal.report import file_line

    for change in file_reports(changes)[:FILES_NAMED]:
        output.say(file_line(change))
    if (more := len(changes.changes) - FILES_NAMED) > 0:
        output.say("  " + plural("… and {count} more", "… and {count} more", more))


class Shown:
    """Prints what arrives, made safe, up to a limit; keeps the end of it for the talk."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._left = SHOWN_CHARS
        self._hidden = 0
        self._open_line = False
        self._rest = b""
        self._escape = ""
        self.kept = ""

    @contextmanager
    def from_pipe(self, pipe: Path) -> Iterator[None]:
        """While inside, a thread prints what is written to the named pipe."""
        done = threading.Event()
        # For writing, too: so opening does not wait, and the end of one writer is not the end.
        fd = os.open(pipe, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        thread = threading.Thread(target=self._read, args=(fd, done), name="sorte-shell")
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            os.close(fd)

    def _read(self, fd: int, done: threading.Event) -> None:
        while True:
            last = done.is_set()
            while select.select([fd], [], [], 0 if last else _TICK_S)[0]:
                try:
                    self.feed(os.read(fd, _READ_BYTES))
                except BlockingIOError:
                    break
            if last:
                return

    def feed(self, data: bytes) -> None:
        """More output. A character or a line's end that is torn waits for its other half."""
        data = self._rest + data
        cut = len(data) - 1 if data.endswith(b"\r") else _whole(data)
        data, self._rest = data[:cut], data[cut:]
        text = self._escape + data.decode("utf-8", "replace")
        torn = _TORN_ESCAPE.search(text[-TORN_CHARS:])
        self._escape = torn[0] if torn else ""
        self._print(text[: len(text) - len(self._escape)])

    def _print(self, text: str) -> None:
        if not text:
            return
        text = safe(_without_returns(_ESCAPE.sub("", text)))
        self.kept = (self.kept + text)[-KEPT_CHARS:]
        shown = text[: self._left]
        self._left -= len(shown)
        self._hidden += len(text) - len(shown)
        if shown:
            self._show(shown)
            self._open_line = not shown.endswith("\n")

    def finish(self) -> None:
        """The end of the output: its last line, and how much was too much."""
        self._print(self._escape + self._rest.decode("utf-8", "replace"))
        if self._open_line:
            self._show("\n")
        if self._hidden:
            print_note(
                plural(
                    "{{count}} character more is not shown",
                    "{{count}} characters more are not shown",
                    self._hidden,
                ).format(count=f"{self._hidden:,}")
            )


def _whole(data: bytes) -> int:
    """How many bytes end with a whole character of UTF-8."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue  # inside of a character
        needed = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return len(data) - back if needed > back else len(data)
    return len(data)


def _without_returns(text: str) -> str:
    """Progress bars go back in their line; here each of their states is a line."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@contextmanager
def _pipe() -> Iterator[tuple[Path, Path]]:
    """A folder that the sandbox may write to, and a named pipe in it."""
    home = cache_dir()
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="shell-", dir=home) as name:
        folder = Path(name)
        pipe = folder / "output"
        os.mkfifo(pipe, 0o600)
        yield folder, pipe
        with contextlib.suppress(FileNotFoundError):
            pipe.unlink()
