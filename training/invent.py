"""Invented projects: modules with plausible names, so that nano knows application code too."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator

from harvest import Parameter, Sym
from words import FOLDERS, NOUNS, PARAMS, TYPES, VERBS

DEFAULTS = ["0", "1", "10", "30", "100", "None", "True", "False", "''", "0.5", "3", "60", "1000", "0.1", "'utf-8'", "'brl'", "()"]  # fmt: skip
TYPED_DEFAULTS = {"int": ["0", "1", "10", "100", "30", "3"], "float": ["0.0", "1.5", "30.0", "0.1"],
                  "str": ["''", "'brl'", "'pt'", "'utf-8'"], "bool": ["True", "False"],
                  "Decimal": ["Decimal('0')", "Decimal('1.00')"]}  # fmt: skip
STATEMENTS = [
    "return {a}", "result = []", "for item in {a}:", "if not {a}:", "return self._{a}", "{a} = {a} or {b}",
    "with self.lock:", "total = 0", "return {b}({a})", "try:", "logger.info('{a}')", "{b} = {a}.strip()",
    "raise NotImplementedError", "self.{a} = {a}", "return None", "data = {b}({a})", "if {a} > 0:", "pass",
]  # fmt: skip


def pascal(*words: str) -> str:
    return "".join(w[:1].upper() + w[1:] for w in words)


def parameters(rng: random.Random, typed: bool, method: bool) -> tuple[list[Parameter], str]:
    chosen = rng.sample(PARAMS, rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 4]))
    found: list[Parameter] = []
    defaulted = False
    for name in chosen:
        type_ = rng.choice(TYPES) if typed else ""
        default = ""
        if defaulted or rng.random() < 0.3:
            default = rng.choice(TYPED_DEFAULTS.get(type_, ["None"]) if typed else DEFAULTS)
            defaulted = True
        found.append(Parameter(name, type_, default))
    shown = ["self"] if method else []
    for p in found:
        text = f"{p.name}: {p.type}" if p.type else p.name
        if p.default:
            text += f" = {p.default}" if p.type else f"={p.default}"
        shown.append(text)
    detail = f"({', '.join(shown)})"
    if typed and rng.random() < 0.85:
        detail += f" -> {rng.choice([*TYPES, 'None', 'None', 'bool'])}"
    if method:
        found.insert(0, Parameter("self"))
    return found, detail


def function(rng: random.Random, typed: bool, owner: str = "") -> Sym:
    name = f"{rng.choice(VERBS)}_{rng.choice(NOUNS)}"
    name = rng.choice(
        [name, name, name, f"{name}_{rng.choice(NOUNS)}", rng.choice(VERBS), f"_{name}"]
    )
    ps, detail = parameters(rng, typed, bool(owner))
    a = ps[-1].name if ps else "data"
    body = [s.format(a=a, b=rng.choice(NOUNS)) for s in rng.sample(STATEMENTS, rng.randint(1, 7))]
    return Sym(
        f"{owner}.{name}" if owner else name, "method" if owner else "function", detail, ps, body
    )


def literal(rng: random.Random) -> str:
    return rng.choice([
        str(rng.choice([1, 2, 3, 5, 10, 15, 20, 25, 30, 50, 60, 100, 120, 256, 300, 500, 1000, 3600])),
        f"{rng.choice([0.05, 0.1, 0.15, 0.5, 1.5, 2.5, 9.9, 30.0, 0.75])}",
        f'Decimal("{rng.choice(["10.00", "0.05", "100.00", "5.50", "0.18", "250.00", "1"])}")',
        f'"{rng.choice(["brl", "usd", "pt-BR", "utf-8", "pending", "default", "INFO", "csv", "admin", "v1"])}"',
        rng.choice(["True", "False"]), str(rng.randint(1, 9999)), "None",
    ])  # fmt: skip


def collection(rng: random.Random) -> tuple[str, str]:
    """(name, value) of a dict, list, tuple or set constant."""
    words = rng.sample(NOUNS, 4)
    shape = rng.choice(["dn", "ds", "dc", "l", "t", "s", "all", "li", "e"])
    name = f"{rng.choice(NOUNS)}_{rng.choice(['map', 'types', 'labels', 'names', 'rates', 'codes', 'limits', 'options', 'aliases', 'keys', 'registry'])}".upper()
    if shape == "dn":
        return name, "{" + ", ".join(
            f'"{w}": {rng.randint(1, 500)}' for w in words[: rng.randint(1, 3)]
        ) + "}"
    if shape == "ds":
        return name, "{" + ", ".join(
            f'"{w}": "{w.title()}"' for w in words[: rng.randint(1, 3)]
        ) + "}"
    if shape == "dc":
        return name, "{" + ", ".join(
            f'"{w}": {pascal(w)}' for w in words[: rng.randint(1, 3)]
        ) + "}"
    if shape == "all":
        return "__all__", "[" + ", ".join(f'"{rng.choice(VERBS)}_{w}"' for w in words) + "]"
    if shape == "li":
        return name, "[" + ", ".join(str(rng.randint(1, 900)) for _ in words) + "]"
    if shape == "e":
        return name, rng.choice(["{}", "[]", "()"])
    quoted = ", ".join(f'"{w}"' for w in words[: rng.randint(2, 4)])
    return name, {"l": f"[{quoted}]", "t": f"({quoted})", "s": "{" + quoted + "}"}[shape]


def project(rng: random.Random, words: list[str] | None = None) -> list[Sym]:
    """The symbols of one to three invented files; names come from `words`, where given."""
    with _nouns(words or NOUNS):
        return _project(rng)


@contextlib.contextmanager
def _nouns(words: list[str]) -> Iterator[None]:
    """The invented names are made of `words` meanwhile."""
    before = NOUNS[:]
    NOUNS[:] = words
    try:
        yield
    finally:
        NOUNS[:] = before


def _project(rng: random.Random) -> list[Sym]:
    typed = rng.random() < 0.5
    root = rng.choice(["", "", "src/"])
    folder = rng.choice([*FOLDERS, *FOLDERS, ""])
    if folder and rng.random() < 0.25:
        folder += "/" + rng.choice(FOLDERS)
    found: list[Sym] = []
    for _ in range(rng.choice([1, 2, 2, 3])):
        stem = rng.choice(NOUNS)
        stem = rng.choice(
            [
                stem,
                stem + "s",
                f"{stem}_{rng.choice(NOUNS)}",
                rng.choice(["utils", "models", "service", "config", "settings", "constants"]),
            ]
        )
        path = f"{root}{folder}/{stem}.py" if folder else f"{root}{stem}.py"
        found.append(Sym("", "file", path=path))
        symbols = [function(rng, typed) for _ in range(rng.randint(1, 4))]
        for _ in range(rng.choice([0, 1, 1, 2])):
            words = rng.sample(NOUNS, 2)
            name = pascal(*words[: rng.choice([1, 2])]) + rng.choice(
                ["", "", "Service", "Repository", "Client", "Manager"]
            )
            symbols.append(
                Sym(
                    name,
                    "class",
                    rng.choice(
                        ["", "", f"({pascal(rng.choice(NOUNS))})", "(Exception)", "(Protocol)"]
                    ),
                )
            )
            symbols += [function(rng, typed, name) for _ in range(rng.randint(1, 3))]
            for _ in range(rng.choice([0, 1, 2])):
                value = literal(rng)
                field = (
                    f"{rng.choice(['max', 'min', 'default', 'retry', 'page'])}_{rng.choice(NOUNS)}"
                )
                symbols.append(
                    Sym(
                        f"{name}.{rng.choice([field, rng.choice(PARAMS)])}",
                        "field",
                        f"= {value}",
                        value=value,
                    )
                )
        for _ in range(rng.choice([1, 2, 3])):
            value = literal(rng)
            name = f"{rng.choice(['MAX', 'MIN', 'DEFAULT', 'RETRY', 'CACHE', 'BASE'])}_{rng.choice(NOUNS + PARAMS)}".upper()
            symbols.append(
                Sym(
                    rng.choice(
                        [
                            name,
                            f"{rng.choice(NOUNS)}_{rng.choice(['limit', 'timeout', 'rate', 'size'])}".upper(),
                        ]
                    ),
                    "constant",
                    f"= {value}",
                    value=value,
                )
            )
        for _ in range(rng.choice([0, 1, 1])):
            name, value = collection(rng)
            symbols.append(Sym(name, "constant", f"= {value}", value=value))
        for s in symbols:
            s.path = path
        found += symbols
    unique = {s.address: s for s in found}
    return list(unique.values())
