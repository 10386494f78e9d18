"""Whole files as operations: created, replaced, deleted; any bytes at all."""

from __future__ import annotations

import codecs
from base64 import b64encode

from sorte_cli.edits.model import Address, Operation

_BASE64_LINE = 76


def created(path: str, data: bytes, *, executable: bool = False) -> Operation:
    """`create_file` that makes exactly these bytes."""
    return _whole("create_file", path, data, executable, data.startswith(b"#!"))


def replaced(path: str, before: bytes, data: bytes, executable: bool | None = None) -> Operation:
    """`replace_file` that makes exactly these bytes."""
    own = "crlf" if before.count(b"\r\n") * 2 > before.count(b"\n") else "lf"
    return _whole("replace_file", path, data, executable, None, own)


def deleted(path: str) -> Operation:
    """`delete_file`."""
    return Operation("delete_file", Address(path))


def _whole(
    verb: str,
    path: str,
    data: bytes,
    executable: bool | None,
    implied: bool | None,
    own: str = "lf",
) -> Operation:
    fields: list[str] = []
    block = _text(data)
    if block is None:
        fields.append('encoding="base64"')
        encoded = b64encode(data).decode("ascii")
        rows = [encoded[i : i + _BASE64_LINE] for i in range(0, len(encoded), _BASE64_LINE)]
        block = "".join(f"{row}\n" for row in rows)
    else:
        if data.startswith(codecs.BOM_UTF8):
            fields.append("bom=True")
            block = block.removeprefix("\ufeff")
        newline = "crlf" if "\r\n" in block else "lf"
        if newline != own:
            fields.append(f'newline="{newline}"')
        block = block.replace("\r\n", "\n")
        if block and not block.endswith("\n"):
            fields.append("final_newline=False")
            block += "\n"
    if executable is not None and executable != implied:
        fields.append(f"executable={executable}")
    arguments = (("with", ", ".join(fields)),) if fields else ()
    return Operation(verb, Address(path), arguments, (block,))


def _text(data: bytes) -> str | None:
    """The bytes as text that a block can hold; None where only base64 keeps them all."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    plain = text.replace("\r\n", "")
    if "\0" in text or "\r" in plain or ("\r\n" in text and "\n" in plain):
        return None
    return text
