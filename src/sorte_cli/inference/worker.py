"""The engine process: answers the frames of its parent until the pipe closes.

Standard output of native code is kept apart: the protocol gets private copies of the two pipe
ends, and file descriptor 1 becomes standard error, which the parent keeps as a log.
"""

from __future__ import annotations

import os
import queue
import select
import signal
import sys
import threading
from collections.abc import Callable

from sorte_cli.errors import SorteError
from sorte_cli.inference.local import LocalEngine
from sorte_cli.inference.protocol import (
    Frame,
    answer_frame,
    error_frame,
    info_data,
    read_frame,
    spec_from,
    write_frame,
)

PARENT_CHECK_S = 2.0


class Worker:
    """Reads requests in one thread, so that a cancel is heard while another computes."""

    def __init__(self, requests_fd: int, answers_fd: int) -> None:
        self._in, self._out = requests_fd, answers_fd
        self._requests: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._cancel: dict[int, threading.Event] = {}
        self._engine: LocalEngine | None = None
        self._does: dict[str, Callable[[int, Frame], object]] = {
            "load": self._load,
            "tokenize": lambda _, f: self._loaded().tokenize(f["text"]),
            "render": lambda _, f: self._loaded().render(f["messages"]),
            "check_grammar": lambda _, f: self._loaded().check_grammar(f["grammar"]),
            "generate": self._generate,
            "candidates": self._generate,
        }

    def run(self) -> None:
        threading.Thread(target=self._listen, args=(os.getppid(),), daemon=True).start()
        while True:
            frame = self._requests.get()
            number = frame["id"]
            try:
                answer: Frame = {"id": number, "result": self._does[frame["do"]](number, frame)}
            except SorteError as error:
                answer = {"id": number, "error": error_frame(error)}
            finally:
                self._cancel.pop(number, None)
            self._send(answer)
            if frame["do"] == "load" and self._engine is not None:
                self._engine.prepare()

    def _listen(self, parent: int) -> None:
        """Hears requests and cancels. Ends the process with its parent, whatever it computes.

        The pipe closes when the parent dies, unless some other process inherited it; asking for
        the parent's id covers that. (PR_SET_PDEATHSIG would also fire when merely the thread
        that started this process ends.)
        """
        while True:
            ready, _, _ = select.select([self._in], [], [], PARENT_CHECK_S)
            if os.getppid() != parent:
                os._exit(0)
            if not ready:
                continue
            frame = read_frame(self._in)
            if frame is None:
                os._exit(0)
            if "cancel" in frame:
                event = self._cancel.get(frame["cancel"])
                if event is not None:
                    event.set()
            else:
                event = self._cancel[frame["id"]] = threading.Event()
                if frame["cancelled"]:
                    event.set()
                self._requests.put(frame)

    def _send(self, frame: Frame) -> None:
        try:
            write_frame(self._out, frame)
        except BrokenPipeError:
            os._exit(0)

    def _loaded(self) -> LocalEngine:
        assert self._engine is not None
        return self._engine

    def _load(self, number: int, frame: Frame) -> Frame:
        def progress(fraction: float) -> None:
            self._send({"id": number, "event": "progress", "value": fraction})

        self._engine = LocalEngine(spec_from(frame["spec"]), on_progress=progress)
        return info_data(self._engine.info)

    def _generate(self, number: int, frame: Frame) -> object:
        return answer_frame(
            self._loaded(),
            frame,
            lambda event, value: self._send({"id": number, "event": event, "value": value}),
            self._cancel[number],
        )


def private_pipes() -> tuple[int, int]:
    """Takes the two pipes over; from now on 0 is empty and 1 is standard error."""
    requests_fd, answers_fd = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests_fd, answers_fd


def main() -> None:
    """Runs until the parent goes away. Standard input and output are the pipes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests_fd, answers_fd = private_pipes()
    from sorte_cli.inference.bindings import echo_log_to

    echo_log_to(2)
    Worker(requests_fd, answers_fd).run()


if __name__ == "__main__":
    main()
