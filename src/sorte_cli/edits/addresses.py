"""Addresses and quotes of the operation language: reading and writing them. Pure."""

from __future__ import annotations

import re

from sorte_cli.edits.model import Address, EditError

CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
NAME = re.compile(r"[^\W\d]\w*")
_SPAN = r"(\d{1,9})(?:-(\d{1,9}))?"
_SELECTOR = re.compile(rf"#(L?){_SPAN}$")
_POSITION = re.compile(r"@(\d{1,9}):(\d{1,9})$")
_SYMBOL = re.compile(r"[^\s()#:,'\"\\@]+")
_PARAMETER = re.compile(rf"\(({NAME.pattern})\)$")
_LOCAL = re.compile(rf":({NAME.pattern})$")
_BARE_PATH = re.compile(r"[^\s'\"\\,\x00-\x1f\x7f]+")


def parse_address(text: str, base: str = "") -> Address:
    """`path`, `path::Qualified.name`, `path::f(parameter)`, `path::f:local`, `path@LINE:COL`,
    `path::symbol#k`, `path::symbol#k-m`, `path::symbol#L4-9`; a path or a symbol in quotes may
    hold anything. Without its path (`::`, `::name`, `::#k`) it is in the file `base`.

    Raises EditError saying what is wrong with it.
    """
    text = text.strip()
    if text[:1] in ("'", '"'):
        path, rest = read_quoted(text)
        if rest.startswith("::"):
            return _parse_symbol(path, rest[2:], text)
        return _parse_plain(path, rest, text)
    path, separator, symbol = text.partition("::")
    if separator and not path and not base:
        raise EditError(
            f"The address {text!r} names no file.",
            hint="Without a path it is in the file of the operation before, and there is none.",
        )
    if separator and not path and (not symbol or _POSITION.fullmatch(symbol)):
        return _parse_plain(base, symbol, text)
    if separator:
        return _parse_symbol(path or base, symbol, text)
    match = _POSITION.search(text) or _SELECTOR.search(text)
    return _parse_plain(text[: match.start()], match.group(), text) if match else _plain(text, text)


def print_address(address: Address, base: str = "") -> str:
    """The canonical text of an address; without its path where that is `base`. Raises EditError
    for one that has no text form.
    """
    if address.path == base:
        parts = ["::"]
    else:
        parts = [print_path(address.path, bare=_plain_or_none(address.path) == address.path)]
    if address.symbol:
        plain = _SYMBOL.fullmatch(address.symbol)
        parts += [*([] if parts == ["::"] else ["::"])]
        parts.append(address.symbol if plain else _quoted_symbol(address.symbol))
    if address.parameter:
        parts.append(f"({address.parameter})")
    if address.local:
        parts.append(f":{address.local}")
    if address.position:
        parts.append("@{}:{}".format(*address.position))
    for mark, span in (("#", address.statements), ("#L", address.lines)):
        if span:
            parts.append(f"{mark}{span[0]}" if span[0] == span[1] else f"{mark}{span[0]}-{span[1]}")
    text = "".join(parts)
    if parse_address(text, base) != address:
        raise EditError(f"The address {text} cannot be written down.")
    return text


def _quoted_symbol(symbol: str) -> str:
    if CONTROL.search(symbol):
        raise EditError(f"The symbol {symbol!r} cannot be written down.")
    return quote(symbol)


def _plain_or_none(path: str) -> str | None:
    try:
        address = parse_address(path)
    except EditError:
        return None
    return address.path if address == Address(address.path) else None


def _plain(path: str, whole: str) -> Address:
    if not path:
        raise EditError(f"The address {whole!r} names no file.")
    if CONTROL.search(path):
        raise EditError(f"The path {path!r} holds a control character.")
    return Address(path)


def _parse_plain(path: str, rest: str, whole: str) -> Address:
    address = _plain(path, whole)
    if not rest:
        return address
    if match := _POSITION.fullmatch(rest):
        return Address(address.path, position=(_one_up(match[1]), _one_up(match[2])))
    if match := _SELECTOR.fullmatch(rest):
        return _select(Address(address.path), match)
    raise EditError(
        f"The address {whole!r} makes no sense after the path.",
        hint="Write path, path::Symbol.name, path::function(parameter), path::symbol#3 or #3-5.",
    )


def _parse_symbol(path: str, rest: str, whole: str) -> Address:
    address = _plain(path, whole)
    if rest[:1] in ("'", '"'):
        return _parse_quoted(address, rest, whole)
    selector = _SELECTOR.search(rest)
    head = rest[: selector.start()] if selector else rest
    parameter = _PARAMETER.search(head)
    head = head[: parameter.start()] if parameter else head
    local = None if parameter else _LOCAL.search(head)
    head = head[: local.start()] if local else head
    if not _SYMBOL.fullmatch(head) or (selector and (parameter or local)):
        if not head and selector and not parameter and not local:
            return _select(address, selector)
        raise EditError(
            f"The address {whole!r} has a malformed symbol.",
            hint="Write path::Class.method, path::function(parameter) or path::function#3.",
        )
    parsed = Address(
        address.path,
        head,
        parameter=parameter[1] if parameter else "",
        local=local[1] if local else "",
    )
    return _select(parsed, selector) if selector else parsed


def _parse_quoted(address: Address, rest: str, whole: str) -> Address:
    """`path::"A heading"`: a name that holds what would end it, as headings and selectors do."""
    symbol, tail = read_quoted(rest)
    selector = _SELECTOR.fullmatch(tail)
    if not symbol.strip() or CONTROL.search(symbol) or (tail and selector is None):
        raise EditError(
            f"The address {whole!r} has a malformed symbol.",
            hint='Write path::"The name", or path::"The name"#L3.',
        )
    named = Address(address.path, symbol)
    return _select(named, selector) if selector else named


def _select(address: Address, match: re.Match[str]) -> Address:
    first = _one_up(match[2])
    last = _one_up(match[3]) if match[3] else first
    if last < first:
        raise EditError(f"The range #{match[1]}{first}-{last} runs backwards.")
    if match[1]:
        return Address(address.path, address.symbol, lines=(first, last))
    return Address(address.path, address.symbol, statements=(first, last))


def _one_up(digits: str) -> int:
    number = int(digits)
    if number < 1:
        raise EditError("Lines, columns and statements are counted from 1.")
    return number


def print_path(path: str, *, bare: bool = True) -> str:
    """A path as an argument: in quotes where it holds what would end it, or if not `bare`."""
    if not path or CONTROL.search(path):
        raise EditError(f"The path {path!r} cannot be written down.")
    if bare and _BARE_PATH.fullmatch(path) and not path.startswith("<<<") and path[-1] != ":":
        return path
    return quote(path)


# --- quotes --------------------------------------------------------------------------------------


def quote(text: str) -> str:
    """`text` in the quotes that need no escape; `"` where both do.

    Backslashes are themselves, except a run of them before the quote: there each counts double and
    an odd one takes the quote in.
    """
    mark = "'" if '"' in text and "'" not in text else '"'
    escaped = re.sub(rf"(\\*){mark}", lambda m: f"{m[1] * 2}\\{mark}", text)
    tail = len(escaped) - len(escaped.rstrip("\\"))
    return f"{mark}{escaped}{escaped[len(escaped) - tail :]}{mark}"


def read_quoted(text: str) -> tuple[str, str]:
    """The content of the quoted text that `text` begins with, and what follows it."""
    mark = text[0]
    content: list[str] = []
    for match in re.compile(r"(\\*)([^\\]|\Z)").finditer(text, 1):
        backslashes, character = match[1], match[2]
        if character != mark:
            content.append(backslashes + character)
            continue
        content.append(backslashes[: len(backslashes) // 2])
        if len(backslashes) % 2 == 0:
            return "".join(content), text[match.end() :]
        content.append(mark)
    raise EditError(f"The quotes in {text!r} are not closed.")
