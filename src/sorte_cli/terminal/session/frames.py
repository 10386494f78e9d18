"""What the session and its worker say to each other: one JSON document a line, over pipes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

Frame = dict[str, Any]
CHUNK_BYTES = 65_536


def write_frame(fd: int, frame: Frame) -> None:
    """Send one frame whole. Raises OSError where nobody reads any more."""
    data = json.dumps(frame, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"
    sent = 0
    while sent < len(data):
        sent += os.write(fd, data[sent:])


def read_frames(fd: int) -> Iterator[Frame]:
    """Frames until the other side closes. A last, torn one is left out."""
    rest = b""
    while chunk := os.read(fd, CHUNK_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line:
                yield json.loads(line)
