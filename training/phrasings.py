"""Phrasing by other authors: the lines of `phrasings/*.txt`, added to the tables of this folder.

Each file is one voice, written by somebody who had seen neither the templates of sentences.py nor
any evaluation sentence. `== LANGUAGE SECTION` begins a section; then a template a line, with the
marks of sentences.py. Lines that cannot be filled are refused when the module is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import indirect as I
import reshaping_sentences as R
import sentences as S
import voices as VOICES
import words as W

FOLDER = Path(__file__).parent / "phrasings"
CASES = frozenset({"of", "df", "emf", "af"})
"""How Portuguese writes `{f}` in a sentence."""

Tables = dict[str, list[str]]
_KINDS = ("none", "negative", "positive", "zero", "empty", "type", "upper", "lower", "length")
_SLOT = re.compile(r"\{(\w+)\}")


def _core(verb: str) -> Tables:
    return {language: S.CORE[language][verb] for language in ("en", "pt")}


def _kind(table: dict[str, dict[str, list[str]]], kind: str) -> Tables:
    return {language: table[language][kind] for language in ("en", "pt")}


SECTIONS: dict[str, tuple[Tables, str]] = {
    "rename": (_core("rename"), "f new"),
    "add_parameter": (_core("add_parameter"), "f p d"),
    "change_parameter": (_core("change_parameter"), "f p v"),
    "retype": (R.RETYPE, "f p ty"),
    "returns": (R.RETURNS, "f ty"),
    "rename_parameter": (R.RENAME_PARAMETER, "f p new"),
    "remove_parameter": (R.LESS_PARAMETER, "f p"),
    "set_value": (_core("set_value"), "f v"),
    "set_value_words": (VOICES.WORDED, "w v"),
    "switch_on": (_kind(I.SWITCH, "True"), "f"),
    "switch_off": (_kind(I.SWITCH, "False"), "f"),
    "entry_dict": (S.ENTRY_DICT, "k v c"),
    "entry_list": (S.ENTRY_LIST, "v c"),
    "remove_entry": (R.LESS_ENTRY, "k c"),
    "member": (R.MEMBER, "f n v"),
    "field": (R.FIELD, "f decl"),
    "add_import": (_core("add_import"), "f i m"),
    "import_plain": (S.IMPORT_PLAIN, "f stmtm"),
    "remove_import": (R.LESS_IMPORT, "f stmtm"),
    "clone": (S.CLONE, "f new to"),
    "clone_file": (S.CLONE_FILE, "f new"),
    "delete": (R.GONE, "f"),
    "delete_file": (R.GONE_FILE, "f"),
    "move": (R.MOVE, "f path"),
    "move_file": (R.MOVE_FILE, "f path"),
    "decorate": (R.DECORATE, "f d"),
    "undecorate": (R.UNDECORATE, "f d"),
    "docstring": (R.DOC, "f x"),
    "guard_raise": (S.GUARD_RAISE, "f c e msg"),
    "guard_plain": (S.GUARD_PLAIN, "f msg"),
    "guard_return": (S.GUARD_RETURN, "f c r"),
    "sibling": (W.SIBLING, "q noun like field tail"),
    "type_clause": (S.TYPE, "ty"),
    "default_clause": (S.DEFAULT, "v"),
    "before": (S.BEFORE, ""),
    "after": (S.AFTER, ""),
    "before_any": (S.BEFORE_ANY, ""),
    "join": (S.JOIN, ""),
    "none.not_code": (S.NONE[I.NOT_CODE], ""),
    "none.too_much": (S.NONE[I.TOO_MUCH], ""),
}
"""By section: the tables it goes into, by language, and the slots that every line must have."""
for _name, _table in (("condition", S.CONDITION), ("must", S.MUST), ("adjective", S.ADJECTIVE)):
    for _of in _KINDS:
        _more = {"type": " ty", "upper": " n", "lower": " n", "length": " n"}.get(_of, "")
        SECTIONS[f"{_name}.{_of}"] = (_kind(_table, _of), f"p{_more}")

MAY = {
    "add_parameter": "t",
    "change_parameter": "old",
    "set_value": "old",
    "set_value_words": "old",
    "entry_dict": "noun",
    "entry_list": "noun",
    "clone": "kind",
    "guard_plain": "adj must c",
    "sibling": "folder um o novo",
    "none.not_code": "x w n",
    "none.too_much": "x w n",
}
"""Slots that a line of a section may have beside those it must have."""


def problem(language: str, section: str, line: str) -> str:
    """What is wrong with a line; nothing where it can be used."""
    must = set(SECTIONS[section][1].split())
    slots = set(_SLOT.findall(line))
    said = slots - CASES | ({"f"} if slots & CASES and language == "pt" else set())
    if slots & CASES and (language == "en" or "f" not in must or "({p})" in line):
        return "cases of {f} where there are none"
    if must - said:
        return f"without {', '.join(sorted(must - said))}"
    if said - must - set(MAY.get(section, "").split()):
        return f"unknown slot in {', '.join(sorted(said - must))}"
    if section == "guard_plain" and not slots & {"adj", "must", "c"}:
        return "neither {adj} nor {must} nor {c}"
    depth = 0
    for mark in re.findall(r"[\[\]]", line):
        depth += 1 if mark == "[" else -1
        if depth < 0:
            break
    return "brackets do not match" if depth else ""


def lines(folder: Path = FOLDER, names: str = "*.txt") -> Iterator[tuple[str, str, str]]:
    """Language, section and template of every line. Raises ValueError for one without sense."""
    for path in sorted(folder.glob(names)):
        language = section = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            where = f"{path.name}:{number}"
            if line.startswith("== "):
                language, _, section = line[3:].strip().partition(" ")
                if language not in ("en", "pt") or section not in SECTIONS:
                    raise ValueError(f"{where}: unknown section {line}")
            elif line.strip() and not line.startswith("#"):
                if wrong := problem(language, section, line):
                    raise ValueError(f"{where}: {wrong}: {line}")
                yield language, section, line


def leave_out(voice: str) -> None:
    """Take the lines of one voice away again: the sentences are then those of all others."""
    for language, section, line in lines(FOLDER, f"{voice}.txt"):
        SECTIONS[section][0][language].remove(line)


def only(voice: str) -> None:
    """Let nothing but the lines of one voice stand in the tables that it has lines for."""
    said: dict[tuple[str, str], list[str]] = {}
    for language, section, line in lines(FOLDER, f"{voice}.txt"):
        said.setdefault((language, section), []).append(line)
    for (language, section), own in said.items():
        SECTIONS[section][0][language][:] = own


for _language, _section, _line in lines():
    SECTIONS[_section][0][_language].append(_line)
