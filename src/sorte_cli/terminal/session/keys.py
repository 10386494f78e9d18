"""The keys of the prompt, and pastes too long to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.filters import Condition, emacs_mode, has_selection, vi_navigation_mode
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.keys import Keys

from sorte_cli.terminal.session import asking
from sorte_cli.terminal.translate import _

if TYPE_CHECKING:
    from sorte_cli.terminal.session.prompt import PromptScreen

PASTE_SHOWN_CHARS = 1_000
PASTE_SHOWN_LINES = 12


class Pastes:
    """Long pastes stand in the line as a short mark and are put back when it is sent."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def mark(self, text: str) -> str:
        """What to show for a pasted text: itself, or a mark."""
        if len(text) <= PASTE_SHOWN_CHARS and text.count("\n") < PASTE_SHOWN_LINES:
            return text
        shown = _("[pasted {count} characters #{number}]").format(
            count=f"{len(text):,}", number=len(self._texts) + 1
        )
        self._texts[shown] = text
        return shown

    def expanded(self, line: str) -> str:
        """The line with the texts in place of their marks."""
        for shown, text in self._texts.items():
            line = line.replace(shown, text)
        return line

    def forget(self) -> None:
        self._texts.clear()


def bindings(screen: PromptScreen) -> KeyBindings:
    """What the keys do, beside the usual editing of a line."""
    keys = KeyBindings()
    session = screen.session
    working = Condition(lambda: session.working)
    empty = Condition(lambda: not screen.buffer.text)

    @keys.add("enter")
    @keys.add("c-j")
    def send(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.current_completion:
            buffer.complete_state = None
        elif buffer.document.text_before_cursor.endswith("\\"):
            buffer.delete_before_cursor()
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("c-c")
    def interrupt(event: KeyPressEvent) -> None:
        screen.interrupt()

    @keys.add("escape", filter=working & ((emacs_mode & ~has_selection) | vi_navigation_mode))
    def stop(event: KeyPressEvent) -> None:
        session.interrupt()

    @keys.add("c-d", filter=empty)
    def leave(event: KeyPressEvent) -> None:
        session.interrupt()
        session.leave()

    @keys.add("c-z")
    def suspend(event: KeyPressEvent) -> None:
        event.app.suspend_to_background()

    @keys.add("s-tab")
    def mode(event: KeyPressEvent) -> None:
        session.cycle_mode()

    @keys.add("tab")
    def complete(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None:
            buffer.complete_next()
        else:
            buffer.start_completion(select_first=True)

    @keys.add("c-x", "c-e")
    def editor(event: KeyPressEvent) -> None:
        if session.work.question is not None and asking.can_edit(session.work.question):
            session.answer("e")
        else:
            screen.edit_line()

    @keys.add(Keys.BracketedPaste)
    def paste(event: KeyPressEvent) -> None:
        text = event.data.replace("\r\n", "\n").replace("\r", "\n")
        event.current_buffer.insert_text(screen.pastes.mark(text))

    return keys
