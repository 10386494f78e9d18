"""The translators' tool: collects texts from the source, reads and checks .po files, writes .mo.

    python -m sorte_cli.locale.catalogue update     # add new texts to each .po, drop dead ones
    python -m sorte_cli.locale.catalogue compile    # write the .mo files

`sorte.po` holds the texts of commands and terminal, `engines.po` what engines and agent say (see
`engine_texts`), which is matched by template and needs no .mo file.

A .po file here uses a small part of the format: comments, msgid, msgid_plural, msgstr, msgstr[N].
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
SOURCES = ("commands", "terminal")
_FIELD = re.compile(r"\{[^{}]*\}")
_LINE = re.compile(r'(msgid_plural|msgid|msgstr(?:\[(\d+)\])?)?\s*"(.*)"$')


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the program; `many` is empty where it has no plural."""

    one: str
    many: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A text with its translations: one, or one for each plural form."""

    text: Text
    translations: tuple[str, ...]


class CatalogueError(ValueError):
    """A .po file that is not well formed; the message names the line."""


def collect(package: Path = PACKAGE) -> list[Text]:
    """Every `_("...")` and `plural("...", "...", n)` of the user-visible modules, in order.

    Raises CatalogueError where `_` is called with something that is not a plain string.
    """
    found: dict[str, Text] = {}
    for folder in SOURCES:
        for path in sorted((package / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    for text in _texts_of(node, path):
                        known = found.get(text.one)
                        if known is None or text.many:
                            found[text.one] = text
    return list(found.values())


def _texts_of(call: ast.Call, path: Path) -> Iterable[Text]:
    assert isinstance(call.func, ast.Name)
    wanted = {"_": 1, "plural": 2}.get(call.func.id)
    if wanted is None:
        return
    values = [a.value for a in call.args[:wanted] if isinstance(a, ast.Constant)]
    texts = [v for v in values if isinstance(v, str)]
    if len(texts) != wanted:
        raise CatalogueError(f"{path.name}:{call.lineno}: `{call.func.id}` needs plain strings")
    yield Text(*texts)


def parse_po(source: str) -> tuple[str, list[Entry]]:
    """The header of a .po file and its entries. Raises CatalogueError with the line."""
    header = ""
    entries: list[Entry] = []
    for number, block in _blocks(source):
        parts = _parts(number, block)
        one = parts.get("msgid", "")
        plurals = sorted(k for k in parts if k.startswith("msgstr["))
        strings = tuple(parts[k] for k in plurals) if plurals else (parts.get("msgstr", ""),)
        if one == "":
            header = strings[0]
        else:
            entries.append(Entry(Text(one, parts.get("msgid_plural", "")), strings))
    return header, entries


def _blocks(source: str) -> Iterable[tuple[int, list[str]]]:
    block: list[str] = []
    start = 1
    for number, line in enumerate([*source.splitlines(), ""], start=1):
        if line.strip():
            if not block:
                start = number
            block.append(line.strip())
        elif block:
            if any(not line.startswith("#") for line in block):
                yield start, block
            block = []


def _parts(start: int, block: list[str]) -> dict[str, str]:
    parts: dict[str, str] = {}
    key = ""
    for offset, line in enumerate(block):
        if line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None or not (match.group(1) or key):
            raise CatalogueError(f"line {start + offset}: cannot read {line!r}")
        if match.group(1):
            key = match.group(1)
            if key in parts:
                raise CatalogueError(f"line {start + offset}: a second {key} in one entry")
            parts[key] = ""
        parts[key] += _unescape(match.group(3), start + offset)
    if "msgid" not in parts:
        raise CatalogueError(f"line {start}: an entry without msgid")
    return parts


def _unescape(text: str, line: int) -> str:
    try:
        value = ast.literal_eval(f'"{text}"')
    except (SyntaxError, ValueError) as error:
        raise CatalogueError(f"line {line}: {error}") from error
    return str(value)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")


def problems(texts: Iterable[Text], entries: Iterable[Entry]) -> list[str]:
    """What is wrong with a catalogue: texts that are missing, dead, empty, or lost a `{field}`."""
    wanted = {t.one: t for t in texts}
    found: dict[str, Entry] = {}
    said: list[str] = []
    for entry in entries:
        if entry.text.one in found:
            said.append(f"twice: {entry.text.one!r}")
        found[entry.text.one] = entry
    said += [f"missing: {one!r}" for one in wanted if one not in found]
    said += [f"no longer used: {one!r}" for one in found if one not in wanted]
    for one, entry in found.items():
        if one in wanted:
            said += _entry_problems(wanted[one], entry)
    return said


def _entry_problems(text: Text, entry: Entry) -> list[str]:
    said = []
    if entry.text.many != text.many:
        said.append(f"the plural differs: {text.one!r}")
    if len(entry.translations) != (2 if text.many else 1):
        said.append(f"a translation for each plural form is needed: {text.one!r}")
    for translation in entry.translations:
        if not translation.strip():
            said.append(f"not translated: {text.one!r}")
            continue
        fields = set(_FIELD.findall(translation))
        # In the singular, "one file" may stand for "{count} file".
        if fields - {"{count}"} != set(_FIELD.findall(text.one)) - {"{count}"}:
            said.append(f"other {{fields}} than the source: {text.one!r}")
        if text.one[:1].isspace() != translation[:1].isspace() or (
            text.one[-1:].isspace() != translation[-1:].isspace()
        ):
            said.append(f"other space at the ends than the source: {text.one!r}")
    return said


def print_po(header: str, entries: Iterable[Entry]) -> str:
    """A .po file: the header, then the entries."""
    parts = ['msgid ""\nmsgstr ""\n' + _folded(header)]
    for entry in entries:
        lines = [f'msgid "{_escape(entry.text.one)}"']
        if entry.text.many:
            lines.append(f'msgid_plural "{_escape(entry.text.many)}"')
            strings = enumerate(entry.translations)
            lines += [f'msgstr[{i}] "{_escape(s)}"' for i, s in strings]
        else:
            lines.append(f'msgstr "{_escape(entry.translations[0])}"')
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _folded(header: str) -> str:
    return "".join(f'"{_escape(line)}\\n"\n' for line in header.splitlines())


def updated(texts: Iterable[Text], entries: Iterable[Entry]) -> list[Entry]:
    """The entries of exactly these texts; new ones are empty, for a translator to fill."""
    known: Mapping[str, Entry] = {e.text.one: e for e in entries}
    result = []
    for text in texts:
        forms = 2 if text.many else 1
        old = known.get(text.one)
        keep = old is not None and len(old.translations) == forms
        result.append(Entry(text, old.translations if old and keep else ("",) * forms))
    return result


def to_mo(header: str, entries: Iterable[Entry]) -> bytes:
    """The binary catalogue that Python's gettext reads (GNU .mo, little-endian, revision 0)."""
    pairs = {b"": header.encode()}
    for entry in entries:
        if all(entry.translations):
            key = entry.text.one + (f"\0{entry.text.many}" if entry.text.many else "")
            pairs[key.encode()] = "\0".join(entry.translations).encode()
    ids = b""
    strings = b""
    offsets = []
    for source in sorted(pairs):
        offsets.append((len(source), len(ids), len(pairs[source]), len(strings)))
        ids += source + b"\0"
        strings += pairs[source] + b"\0"
    count = len(offsets)
    ids_start = 28 + 16 * count
    strings_start = ids_start + len(ids)
    table = [struct.pack("<II", n, ids_start + at) for n, at, _m, _b in offsets]
    table += [struct.pack("<II", m, strings_start + b) for _n, _at, m, b in offsets]
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0)
    return head + b"".join(table) + ids + strings


def po_files(name: str = "sorte") -> list[Path]:
    """The catalogues of all languages."""
    return sorted(Path(__file__).parent.glob(f"*/LC_MESSAGES/{name}.po"))


def compile_all() -> None:
    """Write `sorte.mo` beside each `sorte.po`."""
    for path in po_files():
        header, entries = parse_po(path.read_text(encoding="utf-8"))
        path.with_suffix(".mo").write_bytes(to_mo(header, entries))


def update_all() -> None:
    """Bring each .po up to date with the source."""
    from sorte_cli.locale.engine_texts import collect_engine_texts

    for name, texts in (("sorte", collect()), ("engines", collect_engine_texts())):
        for path in po_files(name):
            header, entries = parse_po(path.read_text(encoding="utf-8"))
            path.write_text(print_po(header, updated(texts, entries)), encoding="utf-8")


if __name__ == "__main__":
    jobs = {"compile": compile_all, "update": update_all}
    if len(sys.argv) != 2 or sys.argv[1] not in jobs:
        sys.exit("usage: python -m sorte_cli.locale.catalogue {update,compile}")
    jobs[sys.argv[1]]()
