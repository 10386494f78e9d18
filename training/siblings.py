"""The new-sibling family: "add a payment method X" in an invented project with a pattern to follow.

A project has a base, siblings, a registry and tests; the task names something new of the same
kind. The plan is: clone the sibling, register it, clone its test.
"""

from __future__ import annotations

import random
import re

import sentences as S
import words as W
from harvest import Parameter, Sym
from invent import pascal, project
from tasks import Act, Task, fold, number_text, pieces

SYLLABLES = (
    "zen tra ko bi lu mar vex ola pri sto nu ra fin del qui tam bo ri zu ka mo ne vi ta".split()
)


def new_words(lang: str, rng: random.Random, members: list[str]) -> list[str]:
    """The name of the new thing as capitalised words with accents."""
    modifiers = W.MODIFIERS[lang] if rng.random() < 0.8 else W.MODIFIERS["en"]
    roll = rng.random()
    if roll < 0.34:
        base = rng.choice(members)
        return (
            [base, rng.choice(modifiers)]
            if lang == "pt" or rng.random() < 0.4
            else [rng.choice(modifiers), base]
        )
    if roll < 0.5:
        brands = W.BRANDS[lang]
        i = rng.randrange(len(brands) // 2) * 2
        return brands[i : i + 2]
    if roll < 0.68:
        return [pascal("".join(rng.sample(SYLLABLES, rng.choice([2, 2, 3]))))]
    family = rng.choice(W.FAMILIES)
    word = rng.choice(family[5].split() if isinstance(family[5], str) else family[5])
    if roll < 0.84:
        return [word]
    extra = rng.choice(
        [
            rng.choice(W.NOUNS).title(),
            rng.choice(modifiers),
            pascal("".join(rng.sample(SYLLABLES, 2))),
        ]
    )
    return [word, extra] if rng.random() < 0.8 else [word, extra, rng.choice(modifiers)]


def field_value(kind: str, rng: random.Random, money: str) -> str:
    if kind == "money":
        amount = rng.choice(
            [
                "10.00",
                "50.00",
                "0.00",
                "5.00",
                "100.00",
                "1.00",
                "200.00",
                "25.50",
                "1000.00",
                "20.00",
            ]
        )
        return {
            "decimal": f'Decimal("{amount}")',
            "decimal0": f'Decimal("{amount.partition(".")[0]}")',
            "int": amount.partition(".")[0],
            "float": amount.rstrip("0") + ("0" if amount.rstrip("0").endswith(".") else ""),
        }[money]
    if kind == "int":
        return str(rng.choice([10, 20, 50, 80, 100, 140, 160, 255, 500, 1000, 5, 30, 60]))
    if kind == "small":
        return str(rng.randint(0, 15))
    if kind == "rate":
        return rng.choice(['Decimal("0.02")', "0.05", '"2.5"', "0.1", "3", 'Decimal("1.50")'])
    if kind == "text":
        return f'"{rng.choice(W.NOUNS).title()}"'
    if kind == "ext":
        return f'".{rng.choice(["csv", "json", "pdf", "txt", "xml", "html"])}"'
    return rng.choice(['","', '";"', '"|"', '"-"'])


def new_value(kind: str, current: str, lang: str, rng: random.Random) -> tuple[str, str] | None:
    """(sentence text, code) of the wanted value of a field."""
    if kind in ("text", "ext", "sep"):
        inner = {
            "text": " ".join(rng.sample(W.NOUNS, rng.choice([1, 2]))).title(),
            "ext": "." + rng.choice(["tsv", "yml", "docx", "log", "md", "ods", "dat"]),
            "sep": rng.choice([";", "|", ":", "/", "#", "~"]),
        }[kind]
        return rng.choice([f'"{inner}"', f"'{inner}'"]), f'"{inner}"'
    m = re.search(r"\d+(?:\.(\d+))?", current)
    assert m
    digits = len(m[1] or "")
    if kind == "rate":
        code = (
            f"{rng.randint(0, 9)}.{rng.randint(1, 10**digits - 1):0{digits}d}"
            if digits
            else str(rng.randint(1, 20))
        )
        said = number_text(code, lang, rng)
    else:
        whole = rng.choice(
            [
                rng.randint(1, 24)
                if kind == "small"
                else rng.choice(
                    [
                        15,
                        40,
                        75,
                        90,
                        120,
                        150,
                        250,
                        300,
                        350,
                        400,
                        500,
                        600,
                        750,
                        800,
                        1200,
                        1500,
                        2000,
                        2500,
                        5000,
                        rng.randint(2, 9999),
                    ]
                )
            ]
        )
        cents = 10**digits
        fraction = (
            f"{rng.randrange(cents):0{digits}d}" if digits and rng.random() < 0.2 else "0" * digits
        )
        code = f"{whole}.{fraction}" if digits else str(whole)
        written = (
            f"{whole}.00"
            if kind == "money" and rng.random() < 0.5 and not fraction.strip("0")
            else (code if fraction.strip("0") else str(whole))
        )
        said = number_text(written, lang, rng)
        if (
            lang == "pt"
            and "." not in said
            and "," not in said
            and whole >= 1000
            and rng.random() < 0.4
        ):
            said = f"{whole:,}".replace(",", ".")
        if kind == "money":
            said = rng.choice(
                [
                    f"R$ {said}",
                    f"R$ {said}",
                    f"R$ {said}",
                    said,
                    f"R${said}",
                    f"${said}" if lang == "en" else f"{said} reais",
                ]
            )
    return said, current[: m.start()] + code + current[m.end() :]


class Project:
    """An invented project with siblings; `symbols` are its candidates, in an order of relevance."""

    def __init__(self, rng: random.Random) -> None:
        nouns_en, nouns_pt, suffixes, registries, folders, members = rng.choice(W.FAMILIES)
        self.rng = rng
        self.nouns = {"en": nouns_en, "pt": nouns_pt}
        self.suffixes = suffixes
        self.suffix = rng.choice(suffixes)
        self.members = members.split() if isinstance(members, str) else members
        self.chosen = rng.sample(self.members, rng.choice([2, 2, 3, 3, 4]))
        self.compound = rng.random() < 0.3
        if self.compound:
            second = [m for m in W.MODIFIERS["en"] + W.MODIFIERS["pt"] if m.isascii()]
            self.chosen = [
                f"{m} {rng.choice(second)}" if rng.random() < 0.6 else m for m in self.chosen
            ]
        self.folder = rng.choice(["", "", "src/", "app/"]) + rng.choice([*folders, *W.FOLDERS])
        self.prefix_first = rng.random() < 0.12
        self.functions = rng.random() < 0.16
        self.single_file = rng.random() < 0.3
        self.stem_suffix = rng.random() < 0.25
        self.bare_class = rng.random() < 0.03 and not self.functions
        self.money = rng.choice(["decimal", "decimal", "decimal0", "int", "float"])
        self.fields = rng.sample(W.FIELDS, rng.choice([0, 1, 1, 2, 2, 3]))
        self.field_names = [rng.choice(f[0]) for f in self.fields]
        self.key_style = rng.choice(["snake"] * 4 + ["upper"])
        if any(" " in m for m in self.chosen):
            self.key_style = rng.choice(
                ["snake"] * 4 + ["kebab", "kebab", "upper", "words", "joined"]
            )
        self.registry_map = rng.random() < 0.72
        self.test_folder = rng.choice(
            ["tests", "tests", "tests", "test", f"tests/{rng.choice(folders)}"]
        )
        self.test_file = rng.random() < 0.75
        self.verb = rng.choice(["handle", "run", "on", "parse", "check", "send", "export", "apply"])
        self.module = f"{self.folder}/{rng.choice([self.suffix.lower() + 's', 'methods', 'all', 'kinds', 'builtin', 'impl'])}.py"
        self.base = self._base()
        self.registry_name = rng.choice(registries)
        self.registry_path = rng.choice(
            [
                f"{self.folder}/{n}.py"
                for n in ("registry", "factory", "__init__", "catalog", "loader", "service")
            ]
        )
        if self.single_file and rng.random() < 0.6:
            self.registry_path = self.module
        self.values = {
            m: [field_value(f[1], rng, self.money) for f in self.fields] for m in self.chosen
        }

    def _base(self) -> str:
        rng = self.rng
        if rng.random() < 0.4:
            others = [s for s in self.suffixes if s != self.suffix]
            return rng.choice([*others, pascal(*self.nouns["en"][0].split())])
        return rng.choice(
            [
                self.suffix,
                "Base" + self.suffix,
                "Abstract" + self.suffix,
                self.suffix + "Base",
                self.suffix + "Protocol",
            ]
        )

    def class_name(self, words: list[str]) -> str:
        plain = [fold(w) for w in words]
        if self.functions:
            return "_".join([self.verb, *(w.lower() for w in plain)])
        if self.bare_class:
            return pascal(*plain)
        return pascal(self.suffix, *plain) if self.prefix_first else pascal(*plain, self.suffix)

    def stem(self, words: list[str]) -> str:
        base = "_".join(fold(w).lower() for w in words)
        return f"{base}_{'_'.join(pieces(self.suffix))}" if self.stem_suffix else base

    def path(self, words: list[str]) -> str:
        return self.module if self.single_file else f"{self.folder}/{self.stem(words)}.py"

    def test_path(self, words: list[str]) -> str:
        return f"{self.test_folder}/test_{self.stem(words)}.py"

    def key(self, words: list[str]) -> str:
        plain = [fold(w).lower() for w in words]
        text = {"snake": "_".join(plain), "kebab": "-".join(plain), "upper": "_".join(plain).upper(),
                "words": " ".join(plain), "joined": "".join(plain)}[self.key_style]  # fmt: skip
        return f'"{text}"'

    def registry(self) -> Sym:
        if self.registry_map:
            inner = ", ".join(
                f"{self.key(m.split())}: {self.class_name(m.split())}" for m in self.chosen
            )
            value = "{" + inner + "}"
        else:
            value = ", ".join(self.class_name(m.split()) for m in self.chosen)
            value = self.rng.choice([f"[{value}]", f"({value})"])
        return Sym(
            self.registry_name, "constant", f"= {value}", value=value, path=self.registry_path
        )

    def symbols(self, sibling: str) -> list[Sym]:
        rng = self.rng
        must: list[Sym] = []
        kind = "function" if self.functions else "class"
        detail = (
            rng.choice(["(event)", "(data)", "(payload: dict) -> None", "(item)"])
            if self.functions
            else f"({self.base})"
        )
        if rng.random() < 0.15 and not self.functions:
            detail = ""
        for m in self.chosen:
            s = Sym(
                self.class_name(m.split()),
                kind,
                detail,
                [Parameter("data")],
                path=self.path(m.split()),
            )
            if m == sibling or rng.random() < 0.75:
                must.append(s)
            if self.functions:
                continue
            for name, value in zip(self.field_names, self.values[m], strict=True):
                if m == sibling or rng.random() < 0.25:
                    must.append(
                        Sym(f"{s.qualname}.{name}", "field", f"= {value}", value=value, path=s.path)
                    )
        extra: list[Sym] = []
        for m in self.chosen:
            if not self.functions and rng.random() < 0.35:
                args = rng.choice(
                    [
                        "(self, amount)",
                        "(self, amount: Decimal) -> bool",
                        "(self)",
                        "(self, data)",
                        "(self, message: str) -> None",
                    ]
                )
                method = rng.choice(
                    [
                        "charge",
                        "send",
                        "export",
                        "run",
                        "apply",
                        "check",
                        "parse",
                        "price",
                        "accepts",
                        "is_available",
                    ]
                )
                extra.append(
                    Sym(
                        f"{self.class_name(m.split())}.{method}",
                        "method",
                        args,
                        path=self.path(m.split()),
                    )
                )
        if not self.functions:
            base_path = (
                self.module
                if self.single_file
                else f"{self.folder}/{rng.choice(['base', 'core', 'interface', 'abstract'])}.py"
            )
            extra.append(
                Sym(
                    self.base,
                    "class",
                    rng.choice(["(ABC)", "(Protocol)", "", "(abc.ABC)"]),
                    path=base_path,
                )
            )
            for name in rng.sample(
                [
                    "charge",
                    "send",
                    "export",
                    "accepts",
                    "__init__",
                    "run",
                    "describe",
                    "validate",
                    "parse",
                ],
                rng.choice([0, 1, 2, 4]),
            ):
                args = rng.choice(
                    [
                        "(self, data)",
                        "(cls, amount: Decimal) -> bool",
                        "(self, order: Order) -> str",
                        "(self, client) -> None",
                        "(self)",
                    ]
                )
                extra.append(Sym(f"{self.base}.{name}", "method", args, path=base_path))
            if rng.random() < 0.3:
                extra.append(
                    Sym(
                        f"{self.suffix}{rng.choice(['Error', 'Refused', 'Failed'])}",
                        "class",
                        "(Exception)",
                        path=base_path,
                    )
                )
            if rng.random() < 0.4:
                extra.append(
                    Sym(
                        "",
                        "file",
                        path=rng.choice(
                            [
                                base_path,
                                self.registry_path,
                                f"{self.test_folder}/test_{rng.choice(['factory', 'service', 'registry'])}.py",
                            ]
                        ),
                    )
                )
        maker = rng.choice(["create", "get", "build", "make", "find", "lookup", "load"])
        extra.append(
            Sym(
                f"{maker}_{'_'.join(pieces(self.suffix))}",
                "function",
                rng.choice(["(name)", "(kind: str)", f"(name: str) -> {self.base}"]),
                path=self.registry_path,
            )
        )
        if rng.random() < 0.5:
            service = pascal(rng.choice(W.NOUNS)) + rng.choice(["Service", "Manager", ""])
            path = f"{self.folder}/{rng.choice(['service', 'main', 'checkout', 'app'])}.py"
            extra += [
                Sym(service, "class", path=path),
                Sym(
                    f"{service}.{rng.choice(W.VERBS)}", "method", "(self, name, amount)", path=path
                ),
            ]
        if self.test_file:
            for m in self.chosen:
                if m == sibling or rng.random() < 0.45:
                    must.append(Sym("", "file", path=self.test_path(m.split())))
            if rng.random() < 0.6:
                words = rng.choice(self.chosen).split()
                extra.append(
                    Sym(
                        f"test_{rng.choice(['accepts', 'rejects', 'charges', 'sends', 'writes'])}_{rng.choice(W.NOUNS)}",
                        "function",
                        "()",
                        path=self.test_path(words),
                    )
                )
        elif rng.random() < 0.6:
            extra.append(
                Sym(
                    "",
                    "file",
                    path=f"{self.test_folder}/test_{rng.choice(['all', self.suffix.lower() + 's', 'registry', 'service'])}.py",
                )
            )
        for m in self.chosen:
            if not self.single_file and rng.random() < 0.2:
                extra.append(Sym("", "file", path=self.path(m.split())))
        if rng.random() < 0.2:
            extra += rng.sample(project(rng), 2)
        must.append(self.registry())
        rng.shuffle(extra)
        found = [*must, *extra[: max(0, rng.randint(8, 14) - len(must))]]
        found = list({s.address: s for s in found}.values())
        if rng.random() < 0.75:
            rng.shuffle(found)
        return found[:14] if len(found) > 14 and all(f in found[:14] for f in must) else found


CODE_NAMES = 0.3
"""How often the new thing is called by the very name that its class will bear."""


def named_as_code(name: str, rng: random.Random) -> str:
    return rng.choice([name, name, name, f"`{name}`", f'"{name}"'])


def phrase(words: list[str], lang: str, rng: random.Random) -> str:
    text = " ".join(words)
    roll = rng.random()
    if roll < 0.5:
        return rng.choice([f'"{text}"', f'"{text}"', f"'{text}'", f"`{text}`", f"“{text}”"])
    if roll < 0.8:
        return text
    if roll < 0.88:
        return text.upper() if len(text) < 6 else text
    if roll < 0.94:
        return f'"{text.lower()}"'
    return pascal(*words)


# Said of the registry: {k} is the key there, {R} its name.
JOINS = {
    "en": (
        ", registered[| too| as well| like the others| with the rest]", " and register it",
        ", listed with the [rest|others]", ", in {R} too", ", and put it in {R}",
        " and add it to {R}", ", next to the others in {R}", "; it goes into {R}",
        ", along with the others in {R}", ", it has to show up in {R}", ", with an entry in {R}",
        ", offered [with|like] the others", ", selectable with the others", ", wired up",
    ),
    "pt": (
        ", registrad[o|a] com os outros", " e registra[| também]", " e registre junto dos outros",
        ", na lista também", ", junto nas {R}", " e entra em {R}", ", entra em {R}",
        ", e põe em {R}", " e adiciona em {R}", ", aparecendo em {R}", ", tem que aparecer em {R}",
        ", já no registro", "; inclui em {R}", ", junto com os demais", ", listad[o|a] com o resto",
    ),
}  # fmt: skip
KEYED = {
    "en": (
        " under {k}", ", key {k}", ", registered as {k}", " ({k})", ", selectable as {k}",
        ", in {R} as {k}", ", {k} in {R}", ", known as {k}", ", with {k} as its key",
    ),
    "pt": (
        ", chave {k}", ", registrad[o|a] como {k}", " ({k})", " em {k}", ", em {R} como {k}",
        ", com a chave {k}", ", sob {k}", ", {k} em {R}", ", já no registro como {k}",
    ),
}  # fmt: skip


PT_UM = {"o": ("um", "um novo", "mais um", "outro"), "a": ("uma", "uma nova", "mais uma", "outra")}


def sibling_task(p: Project, lang: str, rng: random.Random) -> tuple[Task, list[Sym]] | None:
    """One task for the project and its candidates."""
    named = rng.random()
    words = new_words(lang, rng, p.members)
    shared = [m for m in p.chosen if set(m.split()) & set(words)]
    if len(shared) > 1:
        return None
    like = ""
    symbols_for = None
    if named < 0.38:
        symbols_for = rng.choice(p.chosen)
    elif shared:
        symbols_for = shared[0]
    if (len(words) == 1 and words[0] in p.chosen) or "Pix Parcelado" in " ".join(words):
        return None
    if p.class_name(words) in {p.class_name(m.split()) for m in p.chosen}:
        return None
    symbols = p.symbols(symbols_for or rng.choice(p.chosen))
    names = {p.class_name(m.split()): m for m in p.chosen}
    present = [
        names[s.name] for s in symbols if s.kind in ("class", "function") and s.name in names
    ]
    sibling = symbols_for or present[0]
    if named < 0.38:
        said = rng.choice(
            [
                sibling,
                sibling,
                sibling.lower(),
                p.class_name(sibling.split()),
                f"`{p.class_name(sibling.split())}`",
                f"the {sibling} one" if lang == "en" else f"o {sibling}",
                f"{sibling} {rng.choice(p.nouns[lang]).partition(' ')[2] or ''}".strip()
                if lang == "pt"
                else f"the {sibling} {rng.choice(p.nouns[lang])}",
            ]
        )
        like = rng.choice(S_LIKE[lang]).replace("{s}", said)
    owned = {
        s.name: s for s in symbols if s.kind == "field" and s.owner == p.class_name(sibling.split())
    }
    overrides: list[str] = []
    field_text = ""
    usable = [i for i, n in enumerate(p.field_names) if n in owned]
    if usable and rng.random() < 0.62:
        for i in rng.sample(usable, 1 if rng.random() < 0.88 else min(2, len(usable))):
            made = new_value(p.fields[i][1], owned[p.field_names[i]].value, lang, rng)
            if made is None or made[1] == owned[p.field_names[i]].value:
                continue
            clause = S.expand(rng.choice(p.fields[i][2][lang]), rng).replace("{v}", made[0])
            if field_text:
                clause = (" and" if lang == "en" else " e") + clause.lstrip(",.")
            field_text += clause
            overrides.append(f"{p.field_names[i]}={made[1]}")
    elif not usable and rng.random() < 0.2:
        spare = rng.choice(W.FIELDS)
        if spare[0][0] not in p.field_names:
            value = field_value(spare[1], rng, "int")
            made = new_value(spare[1], value, lang, rng)
            field_text = (
                S.expand(rng.choice(spare[2][lang]), rng).replace("{v}", made[0]) if made else ""
            )
    order = {n: i for i, n in enumerate(owned)}
    overrides.sort(key=lambda o: order.get(o.partition("=")[0], 0))
    noun = rng.choice(p.nouns[lang])
    values = {
        "q": named_as_code(p.class_name(words), rng)
        if rng.random() < CODE_NAMES
        else phrase(words, lang, rng),
        "like": like,
        "field": field_text,
        "noun": noun,
        "folder": p.folder.rpartition("/")[2],
    }
    if lang == "pt":
        article, _, noun = noun.partition(" ")
        values |= {
            "noun": noun,
            "o": article,
            "um": rng.choice(PT_UM[article]),
            "novo": {"o": "novo", "a": "nova"}[article],
        }
    service = pascal(*rng.sample(W.NOUNS, rng.choice([1, 2]))) + rng.choice(
        ["", "Gateway", "Hub", "Service"]
    )
    values["tail"] = (
        S.expand(rng.choice(S_TAIL[lang]), rng).replace("{G}", service)
        if rng.random() < 0.25
        else ""
    )
    if rng.random() < 0.3:
        key = p.key(words) if p.registry_map else ""
        table = KEYED if key[:1] in ("'", '"') and rng.random() < 0.5 else JOINS
        joined = S.expand(rng.choice(table[lang]), rng).replace("{R}", p.registry_name)
        bare = key[1:-1]
        values["tail"] += joined.replace("{k}", rng.choice([f'"{bare}"', f'"{bare}"', bare]))
    text = S.expand(rng.choice(S_SIBLING[lang]), rng)
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    source = next(
        s for s in symbols if s.name == p.class_name(sibling.split()) and s.kind != "file"
    )
    new = p.class_name(words)
    answer = f"clone {source.address} {new}"
    if not p.single_file:
        answer += f" to {p.path(words)}"
    if overrides:
        answer += f" with {', '.join(overrides)}"
    acts = [Act("clone", source.address, answer)]
    registry = p.registry_name
    address = f"{p.registry_path}::{registry}"
    entry = f"{p.key(words)} {new}" if p.registry_map else new
    if rng.random() < 0.1:
        symbols = [s for s in symbols if s.address != address]
    if any(s.address == address for s in symbols):
        acts.append(Act("add_entry", address, f"add_entry {address} {entry}"))
    test = p.test_path(sibling.split())
    if any(s.kind == "file" and s.path == test for s in symbols):
        acts.append(Act("clone", test, f"clone {test} {p.test_path(words)}"))
    return Task(text, lang, acts, family="sibling"), symbols


S_LIKE, S_TAIL, S_SIBLING = W.LIKE, W.TAIL, W.SIBLING
