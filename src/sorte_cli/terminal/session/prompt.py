"""The screen of a capable terminal: a prompt that stays alive while work goes on above it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from prompt_toolkit.application import Application
from prompt_toolkit.application.run_in_terminal import run_in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Size
from prompt_toolkit.enums import SEARCH_BUFFER, EditingMode
from prompt_toolkit.filters import Condition, is_done, is_searching
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout import Dimension, Float, FloatContainer, HSplit, Layout, Window
from prompt_toolkit.layout.containers import ConditionalContainer
from prompt_toolkit.layout.controls import (
    BufferControl,
    FormattedTextControl,
    SearchBufferControl,
)
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.output.color_depth import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles import DynamicStyle, Style

from sorte_cli.errors import SorteError
from sorte_cli.terminal import ask, output, theme
from sorte_cli.terminal.session import asking
from sorte_cli.terminal.session.completion import SessionCompleter, asks_for_name
from sorte_cli.terminal.session.core import Session
from sorte_cli.terminal.session.frames import Frame
from sorte_cli.terminal.session.input import terminal_input
from sorte_cli.terminal.session.keys import Pastes, bindings
from sorte_cli.terminal.session.lines import LineHistory
from sorte_cli.terminal.session.toolbar import live_line, toolbar

TICK_S = 0.12
PRINT_EVERY_S = 0.02
INPUT_LINES = 12
MENU_LINES = 8
ESCAPE_S = 0.05
TWICE_S = 2.0
_STYLE = {
    "prompt": "bold",
    "question": "bold fg:ansiyellow",
    "live": "fg:ansicyan",
    "live.detail": "fg:ansibrightblack",
    "toolbar": "reverse",
    "completion-menu": "bg:default fg:default",
    "completion-menu.completion": "bg:default fg:default",
    "completion-menu.completion.current": "reverse",
    "completion-menu.meta.completion": "bg:default fg:ansibrightblack",
    "completion-menu.meta.completion.current": "reverse",
    "scrollbar.background": "bg:default",
    "scrollbar.button": "reverse",
}
_ON_LIGHT = {
    "question": "bold fg:ansimagenta",
    "live": "fg:ansiblue",
    "completion-menu.meta.completion": "bg:default fg:#606060",
    "live.detail": "fg:#606060",
}
_STYLES = {
    theme.DARK: Style.from_dict(_STYLE),
    theme.LIGHT: Style.from_dict(_STYLE | _ON_LIGHT),
}


def _style() -> Style:
    return _STYLES[theme.current()]


class PromptScreen:
    """Runs a session on a terminal with cursor control."""

    keeps_lines = False

    def __init__(self, session: Session, history_file: Path) -> None:
        self.session = session
        self.pastes = Pastes()
        self._text: list[str] = []
        self._rest = ""
        self._wake: asyncio.Event = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._editing = False
        self._draft = ""
        self._names: tuple[str, ...] = ()
        self._asked = False
        self._interrupted_at = 0.0
        self.buffer = Buffer(
            completer=SessionCompleter(session),
            complete_while_typing=True,
            history=LineHistory(history_file),
            multiline=True,
            accept_handler=self._accept,
            tempfile_suffix=".md",
        )
        self.app: Application[int] = self._application()
        session.voice.screen = self
        session.work.deliver = self._deliver

    def run(self) -> int:
        """Until the person leaves; returns the exit code."""
        return asyncio.run(self._run())

    async def _run(self) -> int:
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._wake.set()  # the greeting is there already
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._loop.add_signal_handler(number, self._told_to_go, number)
        self._loop.add_signal_handler(signal.SIGINT, self.interrupt)
        tasks = [asyncio.create_task(work()) for work in (self._printing, self._ticking)]
        self._loop.call_soon(self.session.start)
        if theme.may_ask() and output.wants_color(sys.stdout):
            self.app.output.write_raw(theme.QUESTION)
            self.app.output.flush()
        try:
            code = await self.app.run_async(handle_sigint=False, set_exception_handler=False)
        except EOFError:  # the terminal is gone
            code = 0
        finally:
            for task in tasks:
                task.cancel()
            self._print_now(whole=False)
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                self._loop.remove_signal_handler(number)
        return code

    def _told_to_go(self, number: int) -> None:
        self._exit_code = 128 + number
        self.session.leave()

    _exit_code = 0

    def _on_background(self, colour: str) -> None:
        """The terminal said what its background is."""
        theme.tell(theme.understood(colour))
        self.refresh()

    # What the session asks of a screen

    def show(self, text: str) -> None:
        self._text.append(text)
        self._wake.set()

    def refresh(self) -> None:
        if self.session.work.question is not None and not self._asked:
            self._print_now()  # what the question is about stands above it
            self._asked, self._draft = True, self.buffer.text
            self.buffer.reset()
        elif self.session.work.question is None and self._asked:
            self._asked = False
            self.buffer.text = self._draft
            self.buffer.cursor_position = len(self._draft)
        if self.session.info.files is not self._names:
            self._names = self.session.info.files
            if asks_for_name(self.buffer.document.text_before_cursor):
                self.buffer.start_completion(select_first=False)  # it was typed too early
        vi = self.session.slash.editing == "vi"
        self.app.editing_mode = EditingMode.VI if vi else EditingMode.EMACS
        self.app.invalidate()

    def edit(self, text: str, done: Callable[[str | None], None], kind: str = "text") -> None:
        def work() -> str | None:
            try:
                return ask.edit_text(text, kind)
            except SorteError as error:
                self.session.voice.error(error.message, error.hint)
                return None

        async def go() -> None:
            self._print_now()
            self._editing = True
            try:
                edited = await run_in_terminal(work, in_executor=True)
            finally:
                self._editing = False
            self._wake.set()
            done(edited)

        self.app.create_background_task(go())

    def edit_line(self) -> None:
        """The line in `$EDITOR`; long pastes in full."""
        text = self.pastes.expanded(self.buffer.text)

        def done(edited: str | None) -> None:
            if edited is not None:
                self.buffer.text = edited.rstrip("\n")
                self.buffer.cursor_position = len(self.buffer.text)

        self.edit(text, done)

    def clear(self) -> None:
        self.app.renderer.clear()

    def leave(self) -> None:
        if self.app.is_running and not self.app.is_done:
            self.app.exit(result=self._exit_code)

    # Keys

    def _accept(self, buffer: Buffer) -> bool:
        text = self.pastes.expanded(buffer.text)
        if self.session.work.question is not None:
            buffer.reset()
            self.session.submit(text)
            return True  # an answer is no line of the history
        buffer.append_to_history()
        buffer.reset()
        self.pastes.forget()
        self.session.submit(text)
        return True

    def interrupt(self) -> None:
        """Ctrl-C: stop what runs; else empty the line; twice in a row: leave."""
        now = time.monotonic()
        twice = now - self._interrupted_at < TWICE_S
        self._interrupted_at = now
        stopping = self.session.stopping
        if self.session.interrupt() and not (stopping and twice):
            return
        if self.buffer.text:
            self.buffer.reset()
        elif twice:
            self.session.leave()
            return
        self.refresh()

    @property
    def about_to_leave(self) -> bool:
        """Whether another Ctrl-C would leave."""
        recent = time.monotonic() - self._interrupted_at < TWICE_S
        return recent and not self.session.working and not self.buffer.text

    # Printing above the prompt

    def _deliver(self, frame: Frame) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.session.work.on_frame, frame)

    async def _printing(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._print_now()
            await asyncio.sleep(PRINT_EVERY_S)

    def _print_now(self, *, whole: bool = True) -> None:
        """Whole lines go above the prompt at once; the rest of a line waits for its end."""
        if self._editing or self.app._running_in_terminal:
            return  # an editor has the terminal; what comes meanwhile is shown afterwards
        text = self._rest + "".join(self._text)
        self._text.clear()
        end = text.rfind("\n") + 1 if whole else len(text)
        text, self._rest = text[:end], text[end:]
        if not text:
            return
        alive = self.app.is_running and not self.app.is_done
        try:
            if alive:
                self.app.renderer.erase()
            self.app.output.write_raw(text)
            self.app.output.flush()
            if alive:
                self.app._redraw()
        except OSError:
            self.session.leave()  # the terminal is gone

    async def _ticking(self) -> None:
        """The live line moves while something runs."""
        shown = False
        while True:
            await asyncio.sleep(TICK_S)
            moving = self.session.working or self.about_to_leave
            if moving or shown:
                self.app.invalidate()
            shown = moving
            self.session.work.resized(self.app.output.get_size().columns)

    # Layout

    def _application(self) -> Application[int]:
        search = Buffer(name=SEARCH_BUFFER)
        control = SearchBufferControl(buffer=search, ignore_case=True)
        line = Window(
            BufferControl(self.buffer, search_buffer_control=control, preview_search=True),
            wrap_lines=True,
            height=self._input_height,
            dont_extend_height=True,
            get_line_prefix=self._prefix,
        )
        parts = HSplit(
            [
                ConditionalContainer(
                    Window(FormattedTextControl(self._live), height=1),
                    Condition(self._moving) & ~is_done,
                ),
                ConditionalContainer(line, ~is_done),
                ConditionalContainer(Window(control, height=1), is_searching),
                ConditionalContainer(
                    Window(FormattedTextControl(self._toolbar), height=1, style="class:toolbar"),
                    ~is_done,
                ),
            ]
        )
        menu = CompletionsMenu(max_height=MENU_LINES, scroll_offset=1)
        floats = [Float(menu, xcursor=True, ycursor=True, transparent=False)]
        app: Application[int] = Application(
            layout=Layout(FloatContainer(parts, floats), focused_element=line),
            key_bindings=bindings(self),
            style=DynamicStyle(_style),
            include_default_pygments_style=False,
            input=terminal_input(self._on_background),
            output=terminal_output(),
            color_depth=None if output.wants_color(sys.stdout) else ColorDepth.DEPTH_1_BIT,
            min_redraw_interval=0.01,
            erase_when_done=True,
            enable_page_navigation_bindings=False,
        )
        app.ttimeoutlen, app.timeoutlen = ESCAPE_S, 0.25
        return app

    def _moving(self) -> bool:
        return self.session.working

    def _input_height(self) -> Dimension:
        room = MENU_LINES + 1 if self.buffer.complete_state is not None else 1
        return Dimension(min=room, max=max(room, INPUT_LINES))

    def _prefix(self, number: int, wrapped: int) -> StyleAndTextTuples:
        if self.session.work.question is not None and number == 0 and wrapped == 0:
            return [("class:question", asking.prompt(self.session.work.question))]
        return [("class:prompt", "› " if number == 0 and wrapped == 0 else "  ")]

    def _live(self) -> StyleAndTextTuples:
        columns = self.app.output.get_size().columns
        status, detail = live_line(
            self.session, columns, animated=output.wants_animation(sys.stdout)
        )
        return [("class:live", status), ("class:live.detail", detail)]

    def _toolbar(self) -> StyleAndTextTuples:
        columns = self.app.output.get_size().columns
        return [("class:toolbar", toolbar(self.session, columns, leaving=self.about_to_leave))]


def terminal_output() -> Vt100_Output:
    """stdout without questions to the terminal (where is the cursor?), which some never answer."""

    def size() -> Size:
        columns, rows = shutil.get_terminal_size((80, 24))
        try:
            real = os.get_terminal_size(sys.stdout.fileno())
            columns, rows = real.columns or columns, real.lines or rows
        except (OSError, ValueError):
            pass  # no terminal any more; the last words go nowhere
        return Size(rows=rows, columns=columns)

    return Vt100_Output(
        sys.stdout, size, term=os.environ.get("TERM"), enable_bell=False, enable_cpr=False
    )
