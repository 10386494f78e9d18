"""HTTP to an OpenAI-compatible engine: JSON questions, and streams that can be cut off."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import queue
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from sorte_cli.errors import EnvironmentFailure, UsageError
from sorte_cli.inference.address import KEY_VARIABLE, Address
from sorte_cli.inference.engine import DEFAULT_CONTEXT_TOKENS, ContextOverflow, EngineDied

CONNECT_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 600.0
CANCEL_POLL_S = 0.02
MAX_BODY_BYTES = 64 * 1024**2
_OVERFLOW = re.compile(r"context|window|too (long|large)|exceed", re.IGNORECASE)
_NUMBERS = re.compile(r"\d{2,}")


class Endpoint:
    """Where requests go. `window` is the engine's context in tokens, for its refusals."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.window = DEFAULT_CONTEXT_TOKENS

    def events(
        self, path: str, body: Mapping[str, Any], cancel: threading.Event | None
    ) -> Iterator[dict[str, Any]]:
        """Server-sent events as they come; ends early when `cancel` is set."""
        connection = self._connect(ANSWER_TIMEOUT_S)
        lines: queue.SimpleQueue[bytes | Exception | None] = queue.SimpleQueue()
        sockets: list[socket.socket] = []

        def read() -> None:
            try:
                connection.connect()
                sockets.append(connection.sock)  # the connection itself forgets it later
                response = self._post(connection, path, body)
                while line := response.readline():
                    lines.put(line)
                lines.put(None)
            except (OSError, http.client.HTTPException, EnvironmentFailure, UsageError) as error:
                lines.put(error)
            except (AttributeError, ValueError):  # closed under it, by a cancel
                lines.put(None)

        reader = threading.Thread(target=read, name="sorte-remote", daemon=True)
        reader.start()
        try:
            while True:
                if cancel is not None and cancel.is_set():
                    return
                try:
                    line = lines.get(timeout=CANCEL_POLL_S)
                except queue.Empty:
                    continue
                if line is None:
                    return
                if isinstance(line, EnvironmentFailure | UsageError):
                    raise line
                if isinstance(line, Exception):
                    raise self._gone(line) from line
                data = line.strip().removeprefix(b"data:").strip()
                if data == b"[DONE]":
                    return
                if line.startswith(b"data:"):
                    yield _event(data)
        finally:
            # Closing the connection is how an engine learns that nobody waits any more.
            for sock in sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
            reader.join(timeout=5)
            connection.close()

    def _post(
        self, connection: http.client.HTTPConnection, path: str, body: Mapping[str, Any]
    ) -> http.client.HTTPResponse:
        data = json.dumps(body).encode()
        connection.request("POST", self.address.base + path, data, _headers())
        response = connection.getresponse()
        if response.status != 200:
            raise self._refusal(response.status, response.read(65_536))
        return response

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A JSON answer; None where the engine does not know the path."""
        connection = self._connect(CONNECT_TIMEOUT_S)
        try:
            if body is None:
                connection.request("GET", path, headers=_headers())
            else:
                connection.request("POST", path, json.dumps(body).encode(), _headers())
            response = connection.getresponse()
            data = response.read(MAX_BODY_BYTES)
            if response.status in (401, 403):
                raise self._refusal(response.status, data)
            return json.loads(data) if response.status == 200 else None
        except ValueError:
            return None
        except (OSError, http.client.HTTPException) as error:
            raise self._gone(error) from error
        finally:
            connection.close()

    def _connect(self, timeout_s: float) -> http.client.HTTPConnection:
        kind = (
            http.client.HTTPSConnection
            if self.address.scheme == "https"
            else http.client.HTTPConnection
        )
        return kind(self.address.host, self.address.port, timeout=timeout_s)

    def where(self) -> str:
        return f"{self.address.host}:{self.address.port}"

    def _gone(self, error: Exception) -> EngineDied:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return EngineDied(
            f"the engine at {self.where()} does not answer: {reason}",
            hint="Start it, or name another model with --brain and --executor.",
        )

    def _refusal(self, status: int, data: bytes) -> EnvironmentFailure | UsageError:
        said = _reason(data)
        if status in (401, 403):
            return EnvironmentFailure(
                f"the engine at {self.where()} wants a key",
                hint=f"Put it into the environment variable {KEY_VARIABLE}.",
            )
        if status in (400, 413, 422, 500) and _OVERFLOW.search(said):
            numbers = sorted(int(n) for n in _NUMBERS.findall(said))
            return ContextOverflow(numbers[-1] if numbers else self.window, self.window)
        return EnvironmentFailure(
            f"the engine at {self.where()} refused the request ({status}): {said[:300]}"
        )


def _headers() -> dict[str, str]:
    found = {"Content-Type": "application/json", "User-Agent": "sorte"}
    if key := os.environ.get(KEY_VARIABLE):
        found["Authorization"] = f"Bearer {key}"
    return found


def _event(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise EnvironmentFailure("the engine sent something that is not JSON") from error
    if isinstance(found, dict) and "error" in found:
        raise EnvironmentFailure(f"the engine failed: {_reason(data)[:300]}")
    return found if isinstance(found, dict) else {}


def _reason(data: bytes) -> str:
    """The message inside of an error document, or the document."""
    try:
        found = json.loads(data)
    except ValueError:
        return data.decode("utf-8", "replace").strip()
    error = found.get("error", found) if isinstance(found, dict) else found
    message = error.get("message", error) if isinstance(error, dict) else error
    return str(message)
