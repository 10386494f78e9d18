"""Frames between Sorte and its engine process: four bytes of length, then JSON.

Requests: {"id", "do", "cancelled", ...}. Answers to a request carry its id: any number of
{"id", "event", ...}, then one {"id", "result"} or {"id", "error"}. {"cancel": id} asks to end a
request early.
"""

from __future__ import annotations

import json
import os
import struct
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sorte_cli.errors import EnvironmentFailure, ExitCode, SorteError
from sorte_cli.inference.engine import (
    AdapterError,
    ChatTemplateError,
    ContextOverflow,
    Engine,
    EngineDied,
    Generation,
    GrammarError,
    ModelInfo,
    ModelLoadError,
    ModelSpec,
    Options,
)
from sorte_cli.inference.gguf import GgufError

Frame = dict[str, Any]
MAX_FRAME_BYTES = 256 * 1024 * 1024
_LENGTH = struct.Struct("<I")
_ERRORS: dict[str, type[SorteError]] = {
    kind.__name__: kind
    for kind in (
        AdapterError,
        ChatTemplateError,
        EngineDied,
        EnvironmentFailure,
        GgufError,
        GrammarError,
        ModelLoadError,
    )
}


def write_frame(fd: int, frame: Frame) -> None:
    """Writes a whole frame. Raises BrokenPipeError where the other side is gone."""
    body = json.dumps(frame, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    data = memoryview(_LENGTH.pack(len(body)) + body)
    while data:
        data = data[os.write(fd, data) :]


def read_frame(fd: int) -> Frame | None:
    """The next frame, or None at the end of the stream (also in the middle of a frame).

    Raises ValueError for bytes that are no frame.
    """
    head = _read_exactly(fd, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME_BYTES:
        return None
    body = _read_exactly(fd, length)
    if body is None:
        return None
    frame = json.loads(body)
    if not isinstance(frame, dict):
        raise ValueError("this is not a frame")
    return frame


def _read_exactly(fd: int, count: int) -> bytes | None:
    parts = []
    while count:
        part = os.read(fd, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def error_frame(error: SorteError) -> Frame:
    """An error as data; `raise_error` is its inverse."""
    frame: Frame = {
        "kind": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "exit_code": int(error.exit_code),
    }
    if isinstance(error, ContextOverflow):
        frame["tokens"] = [error.prompt_tokens, error.context_tokens]
    return frame


def error_from(frame: Frame) -> SorteError:
    """The error a frame describes."""
    if "tokens" in frame:
        return ContextOverflow(*frame["tokens"])
    kind = _ERRORS.get(frame["kind"], SorteError)
    error = kind(frame["message"], hint=frame["hint"])
    error.exit_code = ExitCode(frame["exit_code"])
    return error


def spec_data(spec: ModelSpec) -> Frame:
    adapters = [[os.fspath(path), scale] for path, scale in spec.adapters]
    return asdict(spec) | {"path": os.fspath(spec.path), "adapters": adapters}


def spec_from(data: Frame) -> ModelSpec:
    adapters = tuple((Path(path), float(scale)) for path, scale in data["adapters"])
    tuples = {"adapters": adapters, "workers": tuple(data["workers"])}
    return ModelSpec(**(data | {"path": Path(data["path"])} | tuples))


def options_from(data: Frame) -> Options:
    """Options after their way through JSON, which knows no tuples."""
    adapters = data["adapters"]
    if adapters is not None:
        adapters = tuple((str(path), float(scale)) for path, scale in adapters)
    return Options(**(data | {"stop": tuple(data["stop"]), "adapters": adapters}))


def answer_frame(
    engine: Engine,
    frame: Frame,
    tell: Callable[[str, object], None],
    cancel: threading.Event,
) -> Frame | list[Frame]:
    """What `engine` answers to a "generate" or "candidates" request; `tell(event, value)`
    reports meanwhile.
    """
    messages = [(role, content) for role, content in frame["messages"]]
    options = options_from(frame["options"])

    def on_text(text: str) -> None:
        tell("text", text)

    def on_prompt(done: int, total: int) -> None:
        tell("prompt", [done, total])

    if frame["do"] == "generate":
        return asdict(
            engine.generate(messages, options, on_text=on_text, on_prompt=on_prompt, cancel=cancel)
        )
    found = engine.candidates(
        messages,
        options,
        int(frame["count"]),
        on_text=on_text,
        on_prompt=on_prompt,
        cancel=cancel,
    )
    return [asdict(one) for one in found]


def info_data(info: ModelInfo) -> Frame:
    return asdict(info) | {"path": os.fspath(info.path)}


def info_from(data: Frame) -> ModelInfo:
    return ModelInfo(**(data | {"path": Path(data["path"])}))


def generation_from(data: Frame) -> Generation:
    lists = {name: tuple(data[name]) for name in ("tokens", "logprobs", "certainties")}
    return Generation(**(data | lists))
