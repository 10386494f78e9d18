"""One-step tasks that take away, move and annotate; see tasks.py for the first families."""

from __future__ import annotations

import random
import re

import reshaping_sentences as R
import sentences as S
import words as W
from harvest import Parameter, Sym
from tasks import (
    Act,
    Context,
    collection,
    contracted,
    fill,
    naked,
    new_name,
    pieces,
    quote,
    renew,
    say_value,
    slots,
    some_int,
    some_text,
)

Made = tuple[str, Act] | None
_ENUM = re.compile(r"(Enum|Flag)[,)]")
_ELEMENT = re.compile(
    r"[\[({,]\s*(\w?\"[^\"]*\"|\w?'[^']*'|-?[\w.]+)(?:\s*:\s*[^,{}\[\]()]+)?\s*(?=[,\])}])"
)


def _callable(s: Sym) -> bool:
    return s.kind in ("function", "method") and not s.name.startswith("__")


def _parameter(s: Sym, rng: random.Random) -> Parameter | None:
    """One of the parameters that the candidate line shows."""
    shown = [
        p
        for p in s.parameters
        if p.name not in ("self", "cls") and re.search(rf"\b{p.name}\b", s.detail[:87])
    ]
    return rng.choice(shown) if _callable(s) and shown else None


def _say_type(type_: str, lang: str, rng: random.Random) -> str:
    word = rng.choice(W.TYPE_WORDS[lang].get(type_, [type_]))
    if word == type_:
        return quote(type_, rng, 0.8)
    article = {"en": ["", "a "], "pt": ["", "um ", "uma "]}[lang]
    return rng.choice(article) + word


def delete(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    if s.name.startswith("__"):
        return None
    table = R.GONE_FILE if s.kind == "file" else R.GONE
    verb = "delete_file" if s.kind == "file" else "delete"
    if s.kind == "file" and rng.random() < 0.5:
        return None
    text = fill(rng.choice(table[lang]), slots(s, c, lang, rng), rng)
    return text, Act(verb, s.address, f"{verb} {s.address}")


def move(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    if s.kind not in ("function", "class", "constant") or s.name.startswith("__"):
        return None
    folder, slash, _ = s.path.rpartition("/")
    others = [t.path for t in c.symbols if t.kind == "file" and t.path != s.path]
    if others and rng.random() < 0.5:
        path = rng.choice(others)
    else:
        place = rng.choice([folder + slash, folder + slash, f"{rng.choice(W.FOLDERS)}/"])
        path = f"{place}{rng.choice([rng.choice(W.NOUNS), '_'.join(pieces(new_name('x_y', c, rng)))])}.py"
    if path == s.path or not path.isascii():
        return None
    twins = [
        t.path
        for t in c.symbols
        if t.path != path and t.path.endswith("/" + path.rpartition("/")[2])
    ]
    same_folder = path.rpartition("/")[0] == folder or path in others
    said = path
    if same_folder and not twins and rng.random() < 0.4:
        said = path.rpartition("/")[2]
    values = slots(s, c, lang, rng) | {"path": quote(said, rng, 0.8)}
    return fill(rng.choice(R.MOVE[lang]), values, rng), Act(
        "move", s.address, f"move {s.address} to {path}"
    )


def move_file(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    if s.kind != "file" or s.name.startswith("__"):
        return None
    folder, slash, base = s.path.rpartition("/")
    if rng.random() < 0.6:
        path = f"{folder}{slash}{new_name(base.removesuffix('.py'), c, rng).lower()}.py"
        said = path if rng.random() < 0.5 else path.rpartition("/")[2]
    else:
        path = said = f"{rng.choice(W.FOLDERS)}/{base}"
    if path == s.path or any(t.path == path for t in c.symbols):
        return None
    values = slots(s, c, lang, rng) | {"path": quote(said, rng, 0.8)}
    return fill(rng.choice(R.MOVE_FILE[lang]), values, rng), Act(
        "move_file", s.path, f"move_file {s.path} to {path}"
    )


def remove_parameter(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    p = _parameter(s, rng)
    if p is None:
        return None
    values = slots(s, c, lang, rng) | {"p": quote(p.name, rng)}
    return fill(rng.choice(R.LESS_PARAMETER[lang]), values, rng), Act(
        "remove_parameter", s.address, f"remove_parameter {s.address}({p.name})"
    )


def rename_parameter(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    p = _parameter(s, rng)
    if p is None:
        return None
    new = rng.choice([rng.choice(W.PARAMS), new_name("x_y", c, rng)])
    if new in {q.name for q in s.parameters} or new == s.name:
        return None
    values = slots(s, c, lang, rng) | {"p": quote(p.name, rng), "new": quote(new, rng)}
    template = rng.choice(R.RENAME_PARAMETER[lang])
    if "({p})" in template:
        values = {"f": s.name, "p": p.name, "new": new}
    values["to"] = rng.choice(["to ", "as ", ""]) if lang == "en" else ""
    text = fill(template, values, rng).replace("{to}", "")
    return text, Act("rename", s.address, f"rename {s.address}({p.name}) {new}")


def retype(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    p = _parameter(s, rng)
    if p is None:
        return None
    type_ = rng.choice(R.TYPES)
    if type_ in (p.type, "None"):
        return None
    said = _say_type(type_, lang, rng)
    values = slots(s, c, lang, rng) | {"p": quote(p.name, rng), "ty": said}
    return fill(rng.choice(R.RETYPE[lang]), values, rng), Act(
        "change_parameter", s.address, f'change_parameter {s.address}({p.name}) "{p.name}: {type_}"'
    )


def set_return_type(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    if not _callable(s):
        return None
    classes = [t.name for t in c.symbols if t.kind == "class"]
    type_ = rng.choice(classes) if classes and rng.random() < 0.25 else rng.choice(R.TYPES)
    values = slots(s, c, lang, rng) | {"ty": _say_type(type_, lang, rng)}
    return fill(rng.choice(R.RETURNS[lang]), values, rng), Act(
        "set_return_type", s.address, f"set_return_type {s.address} {type_}"
    )


def _decorator(c: Context, rng: random.Random) -> str:
    return rng.choice([*R.DECORATORS, new_name("x_y", c, rng)])


def add_decorator(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    if not (_callable(s) or s.kind == "class"):
        return None
    name = _decorator(c, rng)
    if (s.kind == "class") != (name.startswith(("dataclass", "total_", "final"))):
        return None
    said = rng.choice([name, name, f"@{name}", f"`@{name}`", quote(name, rng)])
    values = slots(s, c, lang, rng) | {"d": said}
    return fill(rng.choice(R.DECORATE[lang]), values, rng), Act(
        "add_decorator", s.address, f"add_decorator {s.address} {name}"
    )


def remove_decorator(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    if not _callable(s):
        return None
    name = _decorator(c, rng)
    said = rng.choice([name, name, f"@{name}", f"`@{name}`", quote(name, rng)])
    values = slots(s, c, lang, rng) | {"d": said}
    return fill(rng.choice(R.UNDECORATE[lang]), values, rng), Act(
        "remove_decorator", s.address, f"remove_decorator {s.address} {name}"
    )


def set_docstring(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    if s.kind not in ("function", "method", "class") or s.name.startswith("__"):
        return None
    text = rng.choice([*R.DOC_TEXTS[lang], some_text(c, rng).capitalize()])
    while "{w}" in text:
        text = text.replace("{w}", rng.choice(W.NOUNS), 1)
    mark = rng.choice(['"', '"', '"', "'", "`"])
    values = slots(s, c, lang, rng) | {"x": f"{mark}{text}{mark}"}
    return fill(rng.choice(R.DOC[lang]), values, rng), Act(
        "set_docstring", s.address, f"set_docstring {s.address}\n<<<\n{text}\n>>>"
    )


def remove_entry(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    if s.kind not in ("constant", "field") or s.value[:1] not in ("{", "[", "("):
        return None
    if "for " in s.value:
        return None
    there = _ELEMENT.findall(s.value[:60])
    if not there:
        return None
    entry = rng.choice(there)
    mark = next((m for m in "\"'" if entry.endswith(m)), "")
    said = quote(entry, rng, 0.9)
    if mark:
        inner = entry.partition(mark)[2][:-1]
        said = rng.choice([inner, inner, f'"{inner}"', f"'{inner}'", f"`{inner}`"])
        if not inner.strip() or entry[:1] not in "\"'":
            return None
    values = {"k": said, "c": collection(s, c, lang, rng)}
    text = fill(rng.choice(R.LESS_ENTRY[lang]), values, rng)
    return contracted(text) if lang == "pt" else text, Act(
        "remove_entry", s.address, f"remove_entry {s.address} {entry}"
    )


def remove_import(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    if s.kind != "file":
        return None
    if rng.random() < 0.55:
        module = rng.choice(W.PLAIN_IMPORTS)
        statement, shown = f"import {module}", quote(module, rng)
    else:
        module, item = rng.choice(W.STD_IMPORTS)
        if rng.random() < 0.5:
            module = f"{rng.choice(W.FOLDERS)}.{rng.choice(W.NOUNS)}"
            item = rng.choice([new_name("Xy", c, rng), new_name("x_y", c, rng)])
        statement = f"from {module} import {item}"
        shown = f"{item} {'from' if lang == 'en' else 'de'} {module}"
    values = slots(s, c, lang, rng)
    if lang == "pt":
        values["f"] = naked(s, c, rng)
    values |= {"stmt": rng.choice([statement, f"`{statement}`"]), "stmtm": shown}
    return fill(rng.choice(R.LESS_IMPORT[lang]), values, rng), Act(
        "remove_import", s.path, f"remove_import {s.path} {statement}"
    )


def add_field(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    if s.kind != "class" or _ENUM.search(s.detail):
        return None
    name = rng.choice([rng.choice(W.PARAMS), rng.choice(W.NOUNS), new_name("x_y", c, rng)])
    if any(t.name == name for t in c.symbols) or not name.isidentifier():
        return None
    type_, value = rng.choice(
        [("int", some_int(rng)), ("float", f"{rng.randint(0, 90)}.{rng.randint(1, 9)}"), ("bool", "False"), ("bool", "True"),
         ("str", f'"{some_text(c, rng)}"'), ("str", '""'), ("str | None", "None"), ("int | None", "None"), ("list[str]", "[]")]
    )  # fmt: skip
    form = S.expand(rng.choice(R.FIELD_DECLARED[lang]), rng)
    typed, valued = "{t}" in form, "{v}" in form
    declaration = f"{name}: {type_}" if typed else name
    declaration += f" = {value}" if valued else ""
    said = value if "{t} = {v}" in form or "{n} = {v}" in form else say_value(value, lang, rng)
    text = form.replace("{n}", name).replace("{t}", type_).replace("{v}", said)
    values = slots(s, c, lang, rng) | {"decl": text}
    return fill(rng.choice(R.FIELD[lang]), values, rng), Act(
        "add_symbol", s.address, f"add_symbol {s.address}\n<<<\n{declaration}\n>>>"
    )


def add_member(s: Sym, c: Context, lang: str, rng: random.Random) -> Made:
    if s.kind != "class" or not _ENUM.search(s.detail):
        return None
    own = [t for t in c.symbols if t.owner == s.qualname and t.kind == "field"]
    upper = not own or own[0].name.isupper()
    name = "_".join(pieces(new_name("x_y", c, rng)))
    name = name.upper() if upper else name
    renewed = renew(own[0].value, c, lang, rng) if own else None
    said, code = renewed or (lambda n: (n, n))(some_int(rng))
    if not name.isidentifier() or any(t.name == name for t in own):
        return None
    values = slots(s, c, lang, rng) | {"n": quote(name, rng, 0.8), "v": said}
    return fill(rng.choice(R.MEMBER[lang]), values, rng), Act(
        "add_entry", s.address, f"add_entry {s.address} {name} {code}"
    )


MAKERS = {
    "delete": (delete, 8), "move": (move, 6), "move_file": (move_file, 3), "remove_parameter": (remove_parameter, 8),
    "rename_parameter": (rename_parameter, 8), "retype": (retype, 6), "set_return_type": (set_return_type, 6),
    "add_decorator": (add_decorator, 7), "remove_decorator": (remove_decorator, 3), "set_docstring": (set_docstring, 4),
    "remove_entry": (remove_entry, 7), "remove_import": (remove_import, 3), "add_field": (add_field, 7),
    "add_member": (add_member, 3),
}  # fmt: skip
