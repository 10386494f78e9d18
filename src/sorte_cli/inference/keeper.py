"""A warm engine: the process that keeps a model loaded and serves whoever of its user comes.

It ends by itself when nobody was connected for the time it was given, or when asked to.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from sorte_cli.errors import EnvironmentFailure, SorteError
from sorte_cli.inference import rendezvous
from sorte_cli.inference.engine import Generation, ModelSpec
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

LOOK_S = 0.25
TURN_POLL_S = 0.02


class Keeper:
    """Owns the engine. Visitors' requests are answered one after the other, in turn."""

    def __init__(self, path: Path, listener: socket.socket, spec: ModelSpec, stay_s: float) -> None:
        self._path = path
        self._listener = listener
        self._spec = spec
        self.stay_s = stay_s
        self._changed = threading.Condition()
        self._engine: LocalEngine | None = None
        self._error: SorteError | None = None
        self._fraction = 0.0
        self._visitors: set[Visitor] = set()
        self._last_used = time.monotonic()
        self._turn = threading.Lock()
        self._stopping = False
        self._served = 0

    def run(self) -> None:
        """Loads the model and returns when it is time to go; the socket is gone then."""
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            engine = LocalEngine(self._spec, on_progress=self._progress)
        except SorteError as error:
            with self._changed:
                self._error = error
                self._changed.notify_all()
        else:
            with self._changed:
                self._engine = engine
                self._last_used = time.monotonic()
                self._changed.notify_all()
            engine.prepare()
        while not self._is_over():
            time.sleep(LOOK_S)
        with contextlib.suppress(OSError):
            self._path.unlink()

    def stop(self) -> None:
        self._stopping = True

    def _is_over(self) -> bool:
        with self._changed:
            if self._stopping:
                return True
            if self._visitors:
                self._last_used = time.monotonic()
                return False
            lost = not self._path.exists()  # nobody could find it any more
            return self._error is not None or lost or self.left_s() <= 0

    def left_s(self) -> float:
        """How long it would stay from now on if nobody came."""
        return self.stay_s - (time.monotonic() - self._last_used)

    def _progress(self, fraction: float) -> None:
        with self._changed:
            self._fraction = fraction
            self._changed.notify_all()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            if rendezvous.peer(connection)[1] != os.getuid():
                connection.close()
                continue
            visitor = Visitor(self, connection)
            with self._changed:
                self._visitors.add(visitor)
            visitor.start()

    def gone(self, visitor: Visitor) -> None:
        with self._changed:
            self._visitors.discard(visitor)
            self._last_used = time.monotonic()

    # -- what visitors ask

    def wait_until_loaded(self, on_progress: Callable[[float], None]) -> LocalEngine:
        """The engine. Raises what loading it raised."""
        said = -1.0
        with self._changed:
            while self._engine is None and self._error is None:
                if self._fraction != said:
                    said = self._fraction
                    on_progress(said)
                self._changed.wait(1.0)
            if self._error is not None:
                raise self._error
            assert self._engine is not None
            if said < 1.0:
                on_progress(1.0)
            return self._engine

    @contextlib.contextmanager
    def turn(self, cancel: threading.Event) -> Iterator[bool]:
        """Waits until no other visitor's request is computed. False where cancelled meanwhile."""
        while not self._turn.acquire(timeout=TURN_POLL_S):
            if cancel.is_set():
                yield False
                return
        try:
            self._served += 1
            yield True
        finally:
            self._turn.release()

    def status(self) -> Frame:
        with self._changed:
            others = [v for v in self._visitors if v.is_client]
            return {
                "pid": os.getpid(),
                "model": os.fspath(self._spec.path),
                "loaded": self._engine is not None,
                "busy": self._turn.locked(),
                "clients": len(others),
                "left_s": self.stay_s if others else max(0.0, self.left_s()),
                "stay_s": self.stay_s,
                "served": self._served,
            }

    def may_stop(self, asking: Visitor, *, force: bool) -> bool:
        """Whether nobody else uses the engine (an open session counts, an idle one does not)."""
        with self._changed:
            others = [v for v in self._visitors if v.is_client and v is not asking]
        return force or not (others or (self._turn.locked() and not asking.is_client))


class Visitor:
    """One connection: one thread hears requests and cancels, another answers."""

    def __init__(self, keeper: Keeper, connection: socket.socket) -> None:
        self._keeper = keeper
        self._connection = connection
        self._requests: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._cancel: dict[int, threading.Event] = {}
        self._writing = threading.Lock()
        self.is_client = False
        """It asked for the model; who only asks how things are does not keep it loaded."""
        self._does: dict[str, Callable[[int, Frame], object]] = {
            "load": self._load,
            "tokenize": lambda _, f: self._engine().tokenize(f["text"]),
            "render": lambda _, f: self._engine().render(f["messages"]),
            "check_grammar": self._check_grammar,
            "generate": self._generate,
            "candidates": self._generate,
        }

    def start(self) -> None:
        for target in (self._listen, self._work):
            threading.Thread(target=target, daemon=True).start()

    def _listen(self) -> None:
        self._send({"id": 0, "event": "hello", "value": {"pid": os.getpid()}})
        while True:
            try:
                frame = read_frame(self._connection.fileno())
            except (OSError, ValueError):
                frame = None
            if frame is None:
                break
            self._hear(frame)
        for event in list(self._cancel.values()):
            event.set()  # nobody waits for it any more
        self._requests.put(None)

    def _hear(self, frame: Frame) -> None:
        if "cancel" in frame:
            if (event := self._cancel.get(frame["cancel"])) is not None:
                event.set()
        elif frame.get("do") == "status":
            self._send({"id": frame["id"], "result": self._keeper.status()})
        elif frame.get("do") == "stop":
            agreed = self._keeper.may_stop(self, force=bool(frame.get("force")))
            self._send({"id": frame["id"], "result": agreed})
            if agreed:
                self._keeper.stop()
        else:
            event = self._cancel[frame["id"]] = threading.Event()
            if frame.get("cancelled"):
                event.set()
            self._requests.put(frame)

    def _work(self) -> None:
        while (frame := self._requests.get()) is not None:
            number = frame["id"]
            try:
                result = self._does[frame["do"]](number, frame)
                answer: Frame = {"id": number, "result": result}
            except SorteError as error:
                answer = {"id": number, "error": error_frame(error)}
            except KeyError as error:
                unknown = EnvironmentFailure(f"the engine does not know what to do with {error}")
                answer = {"id": number, "error": error_frame(unknown)}
            finally:
                self._cancel.pop(number, None)
            self._send(answer)
        self._connection.close()
        self._keeper.gone(self)

    def _send(self, frame: Frame) -> None:
        with self._writing, contextlib.suppress(OSError):  # a visitor that left is heard of above
            write_frame(self._connection.fileno(), frame)

    def _engine(self) -> LocalEngine:
        return self._keeper.wait_until_loaded(lambda _: None)

    def _load(self, number: int, _frame: Frame) -> Frame:
        self.is_client = True

        def progress(fraction: float) -> None:
            self._send({"id": number, "event": "progress", "value": fraction})

        return info_data(self._keeper.wait_until_loaded(progress).info)

    def _check_grammar(self, number: int, frame: Frame) -> None:
        with self._keeper.turn(self._cancel[number]) as mine:
            if mine:
                self._engine().check_grammar(frame["grammar"])

    def _generate(self, number: int, frame: Frame) -> object:
        cancel = self._cancel[number]
        with self._keeper.turn(cancel) as mine:
            if not mine:
                nothing = asdict(Generation("", (), (), "cancelled", 0, 0, 0.0, 0.0))
                return [nothing] * frame["count"] if frame["do"] == "candidates" else nothing
            return answer_frame(
                self._engine(),
                frame,
                lambda event, value: self._send({"id": number, "event": event, "value": value}),
                cancel,
            )


def main() -> None:
    """Arguments: socket path, seconds to stay. Standard input: the spec as JSON."""
    path, stay_s = Path(sys.argv[2]), float(sys.argv[3])
    spec = spec_from(json.load(sys.stdin))
    ready, tell = os.pipe()
    if os.fork():
        os.close(tell)
        os._exit(0 if os.read(ready, 1) else 1)  # who started us waits until there is a socket
    listener = rendezvous.listen(path)  # here, so that the socket names this process
    os.write(tell, b"1")
    _detach(rendezvous.log_path(path))
    from sorte_cli.inference.bindings import echo_log_to

    echo_log_to(2)
    keeper = Keeper(path, listener, spec, stay_s)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: keeper.stop())
    keeper.run()
    os._exit(0)  # threads that wait in native code do not hold it up


def _detach(log: Path) -> None:
    """No descriptor of who started us stays open: a pipe to them would never end."""
    null = os.open(os.devnull, os.O_RDWR)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(null)
    os.close(output)


if __name__ == "__main__":
    main()
