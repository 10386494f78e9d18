"""Plain output that never breaks: any text on any terminal, closed pipes, JSON documents."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

_no_color = False


def prepare_streams() -> None:
    """Make stdout and stderr take every character: what their encoding lacks is shown as `?`."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def disable_color() -> None:
    """`--no-color`: plain text from here on, whatever the terminal can do."""
    global _no_color
    _no_color = True


def wants_color(stream: TextIO | None) -> bool:
    """Whether colours suit `stream`: a capable terminal, and nobody asked for plain text."""
    if _no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM", "") in ("dumb", "unknown"):
        return False
    return _isatty(stream)


def wants_animation(stream: TextIO | None) -> bool:
    """Whether spinners and progress suit `stream`; a CI log wants plain lines, and so do screen
    readers (SORTE_PLAIN)."""
    plain = os.environ.get("SORTE_PLAIN", "") not in ("", "0")
    return wants_color(stream) and not os.environ.get("CI") and not plain


def is_interactive() -> bool:
    """Whether a person can be asked something: a terminal to read from and one to write to."""
    return _isatty(sys.stdin) and _isatty(sys.stderr)


def _isatty(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def read_stdin() -> str:
    """All of stdin as text; bytes that are not UTF-8 become `\ufffd`. Empty where it is closed."""
    return "" if sys.stdin is None else sys.stdin.buffer.read().decode("utf-8", "replace")


def say(text: str = "", *, to_stderr: bool = False) -> None:
    """Print a line. A reader that went away (`sorte log | head`) is no reason to fail."""
    stream = sys.stderr if to_stderr else sys.stdout
    if stream is None:  # closed by who started us (`sorte log >&-`)
        return
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        silence(stream)


def say_raw(text: str) -> None:
    """Print text as it is, perhaps a part of a line."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)


def wrapped(text: str, indent: str = "  ") -> str:
    """Prose broken between words at the terminal's width; as it is where there is no terminal."""
    import shutil
    import textwrap

    columns = shutil.get_terminal_size((0, 0)).columns
    if not columns or "\x1b" in text:
        return text
    return "\n".join(
        line
        if len(line) <= columns
        else textwrap.fill(
            line,
            max(columns, 20),
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.split("\n")
    )


def say_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    import json

    say(json.dumps(document, ensure_ascii=False, indent=2))


def silence(stream: TextIO) -> None:
    """Send what is still written to `stream` nowhere; Python would complain at exit otherwise."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    except (OSError, ValueError):
        pass  # not a real file (a test's buffer): nothing to redirect
    finally:
        os.close(nowhere)


def flush_streams() -> None:
    """Write out what is buffered, so that a closed pipe shows here and not in Python's exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:
            silence(stream)


def silence_all() -> None:
    """Send all further output nowhere."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            silence(stream)
