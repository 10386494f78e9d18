"""The text form of operations: reading it and writing it, exact inverses of each other. Pure.

    rename shop/orders.py::calc_total compute_total
    replace_statement shop/pix.py::PixPayment.charge#3
    <<<
    if amount < MINIMUM:
        raise ValueError("amount below the minimum")
    >>>

One operation a line; `#` begins a comment line. Blocks hold raw lines between fences of three or
more angle brackets.

What is short may be written short: `::name` is in the file of the operation before, a block of one
line may stand behind the address, and two texts of one line in quotes.

    insert_after shop/pix.py::PixPayment.charge#3 log.info("charged")
    replace_text ::PixPayment.charge#5 "3" with "4"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sorte_cli.edits.addresses import (
    CONTROL,
    NAME,
    parse_address,
    print_address,
    print_path,
    quote,
    read_quoted,
)
from sorte_cli.edits.model import Address, EditError, Operation, Script
from sorte_cli.edits.scanning import infix_word, prefix_word, split_top_level, words
from sorte_cli.edits.suggest import did_you_mean, nearest
from sorte_cli.edits.verbs import VERBS, Argument, Kind, Signature, Target, target_kind

_OPENING = re.compile(r"(<{3,})\s*$")


def parse_script(text: str) -> Script:
    """Read operations. Raises EditError with the 1-based line of the first mistake."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    operations: list[Operation] = []
    index = 0
    while index < len(lines):
        line = lines[index].strip()
        index += 1
        if not line or line.startswith("#"):
            continue
        start = index
        try:
            base = operations[-1].target.path if operations else ""
            verb, target, arguments, blocks = _parse_line(line, base)
            for _ in range(VERBS[verb].blocks - len(blocks)):
                block, index = _parse_block(lines, index, verb, start)
                blocks.append(block)
        except EditError as error:
            if error.line:
                raise
            raise EditError(error.message, hint=error.hint, line=start) from error
        operations.append(Operation(verb, target, arguments, tuple(blocks), start))
    return Script(tuple(operations))


def print_script(script: Script, *, brief: bool = False) -> str:
    """The canonical text of a script, ended by a newline (empty for no operations); the short one
    where `brief`, in which operations that follow each other in a file name it once.

    Raises EditError for an operation that has no text form (an unknown verb, a line break inside
    an argument).
    """
    written: list[str] = []
    base = ""
    for operation in script.operations:
        written += _print_operation(operation, base, brief=brief)
        base = operation.target.path if brief else ""
    text = "".join(f"{line}\n" for line in written)
    if parse_script(text) != script:
        raise EditError("An operation of the script cannot be written down exactly.")
    return text


def split_keywords(text: str) -> tuple[tuple[str, str], ...]:
    """`a=1, b=f(2, 3)` as (("a", "1"), ("b", "f(2, 3)")). Raises EditError where it is not that."""
    pairs: list[tuple[str, str]] = []
    for part in split_top_level(text, ","):
        name, separator, value = part.partition("=")
        if not separator or not NAME.fullmatch(name.strip()) or not value.strip():
            raise EditError(
                f"{part.strip()!r} is not FIELD=EXPRESSION.", hint='Write: with LIMIT=300, NAME="x"'
            )
        pairs.append((name.strip(), value.strip()))
    return tuple(pairs)


def _parse_line(
    line: str, base: str
) -> tuple[str, Address, tuple[tuple[str, str], ...], list[str]]:
    """The verb, the address, the arguments and the blocks that a line holds itself."""
    verb, rest = _take_word(line)
    if _OPENING.fullmatch(line):
        raise EditError("A block stands here without an operation that takes it.")
    signature = VERBS.get(verb)
    if signature is None:
        names = nearest(verb, VERBS)
        raise EditError(
            f"There is no operation {verb!r}.",
            hint=did_you_mean(names) or f"The operations are: {', '.join(VERBS)}.",
        )
    target_text, rest = _take_word(rest)
    if not target_text:
        raise EditError(f"{verb} needs a target.", hint=f"Write: {signature.usage}")
    target = parse_address(target_text, base)
    _check_target(signature, target)
    arguments, rest = _parse_arguments(signature, target, rest)
    if rest and signature.inline and not _OPENING.fullmatch(rest):
        return verb, target, tuple(arguments), [f"{rest}\n"]
    if rest and signature.blocks == 2:
        return verb, target, tuple(arguments), _quoted_texts(signature, rest)
    if rest:
        raise EditError(f"{verb} does not understand {rest!r}.", hint=f"Write: {signature.usage}")
    return verb, target, tuple(arguments), []


def _quoted_texts(signature: Signature, rest: str) -> list[str]:
    """`"OLD" with "NEW"` as two blocks of one line; `"OLD" with` as the first one. Nothing in
    quotes is an empty block.
    """
    texts: list[str] = []
    for _ in range(2):
        if rest[:1] not in ("'", '"'):
            break
        content, rest = read_quoted(rest)
        texts.append(f"{content}\n" if content else "")
        rest = rest.strip()
        if len(texts) == 1:
            word, rest = _take_word(rest)
            if word != "with":
                break
            if not rest:
                return texts
    if len(texts) < 2 or rest:
        raise EditError(
            f"{signature.verb} does not understand this line.",
            hint=f'Write: {signature.verb} PATH "OLD" with "NEW"; or two blocks below the address.',
        )
    return texts


def _check_target(signature: Signature, target: Address) -> None:
    kind = target_kind(target)
    if kind in signature.targets:
        return
    allowed = " or ".join(sorted(_TARGET_FORMS[t] for t in signature.targets))
    raise EditError(
        f"{signature.verb} cannot act on {_TARGET_FORMS[kind]} ({print_address(target)}).",
        hint=f"It takes {allowed}. Write: {signature.usage}",
    )


_TARGET_FORMS = {
    Target.FILE: "a file",
    Target.SYMBOL: "a symbol",
    Target.PARAMETER: "a parameter",
    Target.LOCAL: "a local name",
    Target.STATEMENTS: "numbered statements (#k)",
    Target.LINES: "lines (#L4-9)",
    Target.POSITION: "a position (@LINE:COL)",
}


def _parse_arguments(
    signature: Signature, target: Address, rest: str
) -> tuple[list[tuple[str, str]], str]:
    found: list[tuple[str, str]] = []
    wanted = signature.arguments_for(target)
    for index, argument in enumerate(wanted):
        until = wanted[index + 1].keyword if wanted[index + 1 :] else ""
        if argument.keyword:
            word, after = _take_word(rest)
            if word != argument.keyword:
                if argument.optional:
                    continue
                raise EditError(
                    f"{signature.verb} needs `{argument.usage}`.", hint=f"Write: {signature.usage}"
                )
            rest = after
        if argument.optional and not argument.keyword:
            key, rest = _split_key(rest)
            if key:
                found.append((argument.name, key))
            continue
        text, rest = _take_argument(argument, rest, until)
        if not text:
            raise EditError(
                f"{signature.verb} needs {argument.usage}.", hint=f"Write: {signature.usage}"
            )
        found.append((argument.name, text))
    return found, rest


def _take_argument(argument: Argument, rest: str, until: str = "") -> tuple[str, str]:
    """The text of the argument that `rest` begins with, and what follows it. An expression ends
    before the word `until` (none: it takes the rest of the line); no expression holds `with`.
    """
    if argument.kind is Kind.NAME:
        word, rest = _take_word(rest)
        if word and not NAME.fullmatch(word):
            raise EditError(f"{word!r} is not a name.")
        return word, rest
    if argument.kind is Kind.PATH:
        word, rest = _take_word(rest)
        path = read_quoted(word)[0] if word[:1] in ("'", '"') else word
        if CONTROL.search(path):
            raise EditError(f"The path {path!r} holds a control character.")
        return path, rest
    if argument.kind is Kind.QUOTED:
        if rest[:1] not in ("'", '"'):
            raise EditError(f"{argument.name} must stand in quotes.")
        content, rest = read_quoted(rest)
        if rest and not rest[0].isspace():
            raise EditError(f"After the quotes stands {rest!r}.")
        return content.strip(), rest.strip()
    if until:
        for start, end in words(rest):
            if start and rest[start:end] == until:
                return rest[:start].strip(), rest[start:]
    text = rest.strip()  # expressions, statements and keywords come last: the rest of the line
    if argument.name == "decorator":
        text = text.removeprefix("@").strip()
    return text, ""


def _take_word(text: str) -> tuple[str, str]:
    """The first word (a quoted beginning may hold spaces) and the rest without leading space."""
    end = 0
    if text[:1] in ("'", '"'):
        end = len(text) - len(read_quoted(text)[1])
    while end < len(text) and not text[end].isspace():
        if text.startswith(("::'", '::"'), end):  # a symbol in quotes may hold spaces
            end = len(text) - len(read_quoted(text[end + 2 :])[1])
        else:
            end += 1
    return text[:end], text[end:].strip()


def _split_key(text: str) -> tuple[str, str]:
    """`"pix" PixPayment` as key and value; ("", text) where the text is one expression.

    Words joined by an operator are one expression: `a + b` has no key, `"k" a + b` has one.
    """
    spans = list(words(text))
    found = [text[start:end] for start, end in spans]
    for index in range(len(found) - 1):
        word, following = found[index], found[index + 1]
        if index == 0 and prefix_word(word):
            return "", text
        if following in (":", "="):
            continue
        if index and word in (":", "="):
            return text[: spans[index - 1][1]], text[spans[index][1] :].strip()
        if word.endswith(":"):
            return text[: spans[index][1] - 1], text[spans[index][1] :].strip()
        not_in = found[index + 1 : index + 3] == ["not", "in"]
        if word == "not" or infix_word(word) or infix_word(following) or not_in:
            continue
        if word[-1:] not in ",.":
            return text[: spans[index][1]], text[spans[index][1] :].strip()
    return "", text


# --- blocks --------------------------------------------------------------------------------------


def _parse_block(lines: list[str], index: int, verb: str, start: int) -> tuple[str, int]:
    while index < len(lines) and not lines[index].strip():
        index += 1
    opening = _OPENING.fullmatch(lines[index]) if index < len(lines) else None
    if opening is None:
        raise EditError(
            f"{verb} needs a block on the next line.",
            hint="Write <<< on a line of its own, the raw lines, then >>> on a line of its own.",
            line=start,
        )
    closing = ">" * len(opening[1])
    for end in range(index + 1, len(lines)):
        if lines[end].rstrip() == closing:
            return "".join(f"{line}\n" for line in lines[index + 1 : end]), end + 1
    raise EditError(
        f"The block of {verb} is not closed.",
        hint=f"Close it with {closing} on a line of its own.",
        line=index + 1,
    )


def _print_block(block: str) -> Iterator[str]:
    if "\r\n" in block or (block and not block.endswith("\n")):
        raise EditError("A block is made of lines that each end with a newline.")
    lines = block.split("\n")[:-1]
    length = 3
    while any(line.rstrip() == ">" * length for line in lines):
        length += 1
    yield "<" * length
    yield from lines
    yield ">" * length


def _print_operation(operation: Operation, base: str, *, brief: bool) -> Iterator[str]:
    signature = VERBS.get(operation.verb)
    if signature is None:
        raise EditError(f"There is no operation {operation.verb!r}.")
    parts = [operation.verb, print_address(operation.target, base)]
    for argument in signature.arguments_for(operation.target):
        text = operation.get(argument.name)
        if not text:
            continue
        if "\n" in text:
            raise EditError(f"{argument.name} of {operation.verb} holds a line break.")
        if argument.keyword:
            parts.append(argument.keyword)
        if argument.kind is Kind.PATH:
            parts.append(print_path(text))
        else:
            parts.append(quote(text) if argument.kind is Kind.QUOTED else text)
    if len(operation.blocks) != signature.blocks:
        raise EditError(f"{operation.verb} takes {signature.blocks} block(s).")
    blocks = list(operation.blocks)
    if brief and signature.inline and _stands_alone(blocks[0]):
        parts.append(blocks.pop().rstrip("\n"))
    elif brief and signature.blocks == 2 and (old := _in_quotes(blocks[0])):
        parts += [old, "with"]
        new = _in_quotes(blocks[1])
        parts += [new] if new else []
        blocks = [] if new else blocks[1:]
    yield " ".join(parts)
    for block in blocks:
        yield from _print_block(block)


def _stands_alone(block: str) -> bool:
    """Whether a block of one line may be written behind the address."""
    line = block.removesuffix("\n")
    if not line or line != line.strip() or _OPENING.fullmatch(line):
        return False
    return not CONTROL.search(line)


def _in_quotes(block: str) -> str:
    """A block of at most one line in quotes; "" where these would need signs of their own."""
    line = block.removesuffix("\n")
    text = quote(line)
    return "" if CONTROL.search(line) or block == "\n" or text[1:-1] != line else text
