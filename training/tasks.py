"""One-step tasks: a sentence about a symbol, the plan step, and the executor's answer."""

from __future__ import annotations

import random
import re
import sys
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import indirect as I
import phrasings as _phrasings  # noqa: F401 - extends the tables
import sentences as S
import spoken_numbers
import voices as VOICES
import words as W
from harvest import Parameter, Sym
from invent import pascal
from sorte_cli.agent.prompting import Body
from sorte_cli.context import words as words_of_context
from sorte_cli.domain import Step

_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_INT = re.compile(r"-?\d{1,6}")
_FLOAT = re.compile(r"-?\d{1,5}\.\d{1,4}")
_DECIMAL = re.compile(r"""Decimal\((["'])(\d{1,6}(?:\.\d{1,4})?)["']\)""")
_STRING = re.compile(r"""(["'])([^"'\\{}%\n]{1,24})["']""")


@dataclass(slots=True)
class Act:
    """One step of a task and its answer."""

    verb: str
    address: str
    answer: str
    body: Body | None = None

    @property
    def step(self) -> Step:
        return Step(self.verb, (self.address,))


@dataclass(slots=True)
class Task:
    text: str
    language: str
    acts: list[Act] = field(default_factory=list)
    reason: str = ""
    family: str = "one"


@dataclass(slots=True)
class Context:
    """Candidates and helpers for phrasing."""

    symbols: list[Sym]
    pool: list[str]
    """Identifiers to take new names from."""
    pronoun: bool = False
    """Whether the thing is named already, and is "it" now."""


PRONOUN = {
    "en": {"f": ["it", "it", "the same one", "that"]},
    "pt": {"f": ["ela", "ele"], "of": ["ela", "ele"], "df": ["dela", "dele"], "emf": ["nela", "nele", "lá"],
           "af": ["a ela", "nela", "nele"]},
}  # fmt: skip


def fold(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def pieces(name: str) -> list[str]:
    return [p.lower() for p in _PIECE.findall(name)]


def quote(text: str, rng: random.Random, plain: float = 0.55) -> str:
    if rng.random() < plain:
        return text
    mark = rng.choice(["`", "`", '"', "'"])
    return f"{mark}{text}{mark}"


# ---------------------------------------------------------------- mentions


def naked(s: Sym, c: Context, rng: random.Random) -> str:
    """How a person writes the name of a symbol."""
    if s.kind == "file":
        base = s.name
        twins = [t for t in c.symbols if t.kind == "file" and t.name == base]
        text = s.path if len(twins) > 1 or rng.random() < 0.5 else base
        return quote(text, rng, 0.7)
    twins = [t for t in c.symbols if t.name == s.name and t.kind != "file"]
    same_owner = [t for t in twins if t.owner == s.owner]
    if len(same_owner) > 1:
        return (
            quote(s.address, rng, 0.8)
            if rng.random() < 0.5
            else f"{quote(s.qualname, rng)} in {s.path}"
        )
    if len(twins) > 1 or (s.owner and rng.random() < 0.3):
        return quote(s.qualname, rng)
    roll = rng.random()
    if roll < 0.03:
        return quote(s.address, rng, 0.8)
    if roll < 0.12 and s.kind in ("function", "method"):
        return quote(s.name + "()", rng, 0.8)
    words = pieces(s.name)
    if roll < 0.2 and len(words) > 1 and s.name.isascii():
        return quote(" ".join(words), rng, 0.9)
    if roll < 0.22:
        return s.name.lower()
    if roll < 0.245 and len(s.name) > 5:
        return mistyped(s.name, rng)
    return quote(s.name, rng)


def mistyped(name: str, rng: random.Random) -> str:
    """The name with one slip of the finger, not in its first two letters."""
    i = rng.randrange(2, len(name) - 1)
    slips = [name[:i] + name[i + 1 :], name[:i] + name[i] + name[i:],
             name[:i] + name[i + 1] + name[i] + name[i + 2 :]]  # fmt: skip
    return rng.choice(slips)


GLUE = frozenset("from to of in on by for at is the a with per get set do and or".split())
LONG = {"max": "maximum", "min": "minimum", "num": "number", "img": "image", "cfg": "configuration",
        "msg": "message", "usr": "user", "amt": "amount", "qty": "quantity", "pct": "percent",
        "addr": "address", "info": "information", "calc": "calculation", "dir": "directory"}  # fmt: skip
_ADJECTIVES = {"max": "máximo", "maximum": "máximo", "min": "mínimo", "minimum": "mínimo", "default": "padrão",
               "free": "grátis", "daily": "diário", "monthly": "mensal", "total": "total", "new": "novo",
               "old": "antigo", "current": "atual", "first": "primeiro", "last": "último", "next": "próximo"}  # fmt: skip


@cache
def portuguese() -> dict[str, list[str]]:
    """Words of names and how Portuguese sentences say them: Sorte's own glossary, turned round."""
    found: dict[str, list[str]] = {}
    text = (Path(words_of_context.__file__).parent / "glossary.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        source, _, target = line.partition(":")
        if target and not line.startswith("#"):
            for word in target.split():
                found.setdefault(word, []).append(source.split()[0])
    return found


def described(s: Sym, c: Context, lang: str, rng: random.Random) -> str:
    """A symbol in plain words ("the maximum number of lines", "our titles"), or nothing where that
    would not single it out among the candidates."""
    own = [w for w in pieces(s.name) if w not in GLUE]
    if not own or not s.name.isascii() or s.name.startswith("__"):
        return ""
    if len(own) > 2 and rng.random() < 0.5:
        own = own[:-1]
    elif len(own) > 1 and rng.random() < 0.2:
        own = [rng.choice(own)]
    if len(own) == 1 and (len(own[0]) < 4 or s.kind not in ("constant", "field")):
        return ""
    for other in c.symbols:
        met = {*map(_singular, own)} & {*map(_singular, pieces(other.name))}
        if other is not s and len(met) == len({*map(_singular, own)}):
            return ""
    if lang == "en":
        said = [LONG.get(w, w) if rng.random() < 0.7 else w for w in own]
        if len(said) == 2 and rng.random() < 0.3:
            return f"the {said[1]} of the {said[0]}"
        return rng.choice(["the ", "the ", "" if len(said) > 1 else "the ", "our "]) + " ".join(
            said
        )
    if not all(in_portuguese(w) or w in _ADJECTIVES or len(w) > 7 for w in own):
        return ""
    adjectives = [_ADJECTIVES[w] for w in own if w in _ADJECTIVES]
    nouns = [rng.choice(in_portuguese(w) or [w]) for w in own if w not in _ADJECTIVES]
    if not nouns:
        return ""
    text = rng.choice([" de ", " de ", " do ", " da "]).join(reversed(nouns))
    many = nouns[-1].endswith("s")
    article = rng.choice(["os ", "as "] if many else ["o ", "a "])
    bare = "" if len(nouns) > 1 and rng.random() < 0.3 else article
    return bare + " ".join([text, *adjectives])


def _singular(word: str) -> str:
    return words_of_context.stem(word)


def in_portuguese(word: str) -> list[str]:
    """How Portuguese says a word of a name, in the plural where it is one."""
    known = portuguese()
    if word in known:
        return known[word]
    one = word[:-1] if word.endswith("s") else ""
    return [_plural(w) for w in known.get(one, [])]


def _plural(word: str) -> str:
    if word.endswith(("r", "z")):
        return f"{word}es"
    for ending, instead in (("ão", "ões"), ("al", "ais"), ("el", "éis"), ("il", "is"), ("m", "ns")):
        if word.endswith(ending):
            return word.removesuffix(ending) + instead
    return word if word.endswith("s") else f"{word}s"


_CONTRACTED = {
    f"{before} {article}": f"{short}{article}"
    for before, short in (("de", "d"), ("em", "n"), ("por", "pel"))
    for article in ("o", "a", "os", "as")
} | {"a o": "ao", "a os": "aos", "a a": "à", "a as": "às"}
_TO_CONTRACT = re.compile(r"\b(?:de|em|por|a) (?:os|as|o|a)\b(?= \w{3})")


def contracted(text: str) -> str:
    """ "em os idiomas" -> "nos idiomas"."""
    return _TO_CONTRACT.sub(lambda m: _CONTRACTED[m.group()], text)


def collection(s: Sym, c: Context, lang: str, rng: random.Random) -> str:
    """A collection as a sentence about its entries names it."""
    if rng.random() < DESCRIBED and (said := described(s, c, lang, rng)):
        return said
    return quote(s.name, rng)


DESCRIBED = 0.3
"""How often a value or a collection is spoken of in plain words."""


NOUN = {
    "en": {"function": ["function", "func", "helper"], "method": ["method", "function"], "class": ["class"],
           "constant": ["constant", "variable", "setting"], "field": ["field", "attribute"], "file": ["file", "module"]},
    "pt": {"function": ["a função", "a função", "a rotina"], "method": ["o método", "a função"], "class": ["a classe"],
           "constant": ["a constante", "a variável", "a configuração"], "field": ["o campo", "o atributo"],
           "file": ["o arquivo", "o módulo"]},
}  # fmt: skip


def where(s: Sym, lang: str, rng: random.Random) -> str:
    """Sometimes: of which class, in which file."""
    roll = rng.random()
    if s.kind == "file":
        return ""
    if roll < 0.06 and s.owner:
        return (
            f" of {s.owner}"
            if lang == "en"
            else rng.choice([f" de {s.owner}", f" da classe {s.owner}"])
        )
    if roll < 0.13:
        file = rng.choice([s.path, s.path.rpartition("/")[2]])
        return (
            f" in {file}"
            if lang == "en"
            else rng.choice([f" em {file}", f" no arquivo {file}", f" de {file}"])
        )
    return ""


def slots(s: Sym, c: Context, lang: str, rng: random.Random, key: str = "f") -> dict[str, str]:
    """The mention of `s` in every grammatical position a template may ask for."""
    if c.pronoun:
        return {key: rng.choice(PRONOUN[lang]["f"])} | {
            k: rng.choice(v) for k, v in PRONOUN[lang].items() if k != "f"
        }
    often = {"constant": DESCRIBED, "field": DESCRIBED, "function": 0.1}.get(s.kind, 0.0)
    if rng.random() < often and (said := described(s, c, lang, rng)):
        own = {"of": said, "df": contracted(f"de {said}"), "emf": contracted(f"em {said}")}
        own["af"] = own["emf"]
        return {key: said} | (own if lang == "pt" else {})
    name = naked(s, c, rng)
    tail = "" if " in " in name or "::" in name or "." in name else where(s, lang, rng)
    if lang == "en":
        noun = rng.choice(NOUN["en"][s.kind])
        text = (
            rng.choice([name] * 5 + [f"the {noun} {name}", f"the {name} {noun}", f"{noun} {name}"])
            + tail
        )
        return {key: text}
    if rng.random() < 0.6:
        return {key: name + tail, "of": rng.choice([name, name, f"o {name}", f"a {name}"]) + tail,
                "df": f"de {name}{tail}", "emf": rng.choice([f"em {name}", f"no {name}", f"na {name}", f"em {name}"]) + tail,
                "af": rng.choice([f"a {name}", f"em {name}", f"ao {name}", f"à {name}"]) + tail, key + "_": name}  # fmt: skip
    noun = rng.choice(NOUN["pt"][s.kind])
    article, _, word = noun.partition(" ")
    de, em, ao = {"o": ("do", "no", "ao"), "a": ("da", "na", "à")}[article]
    return {key: f"{noun} {name}{tail}", "of": f"{noun} {name}{tail}", "df": f"{de} {word} {name}{tail}",
            "emf": f"{em} {word} {name}{tail}", "af": f"{ao} {word} {name}{tail}"}  # fmt: skip


def fill(template: str, values: dict[str, str], rng: random.Random) -> str:
    text = S.expand(template, rng)
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    return re.sub(r"\{to\}", "", text)


# ---------------------------------------------------------------- names and values


def styled(words: list[str], like: str) -> str:
    if like.isupper() and len(like) > 1:
        return "_".join(words).upper()
    if like[:1].isupper():
        return pascal(*words)
    if "_" not in like and re.search(r"[a-z][A-Z]", like):
        return words[0] + pascal(*words[1:])
    return "_".join(words)


def new_name(like: str, c: Context, rng: random.Random) -> str:
    """An identifier that is none of the candidates."""
    taken = {s.name for s in c.symbols}
    for _ in range(20):
        roll = rng.random()
        if roll < 0.45:
            words = [w for n in rng.sample(c.pool, 2) for w in pieces(n)][: rng.randint(1, 3)]
        elif roll < 0.75:
            words = [rng.choice(W.VERBS), rng.choice(W.NOUNS)][rng.choice([0, 0, 1]) :]
        else:
            own = [] if like in ("x_y", "xY", "Xy") else pieces(like)
            spot = rng.randrange(len(own) + 1) if own else 0
            words = [*own[:spot], rng.choice(W.NOUNS), *own[spot + rng.choice([0, 1]) :]]
        if not words or not words[0][:1].isalpha() or words == pieces(like):
            continue
        name = styled(
            [w for w in words if w.isascii()],
            like if rng.random() < 0.93 else rng.choice(["x_y", "xY", "Xy"]),
        )
        if like.startswith("_") and not name.startswith("_") and rng.random() < 0.8:
            name = "_" + name
        if name.isidentifier() and name not in taken and 2 < len(name) < 40:
            return name
    return styled(["new", rng.choice(W.NOUNS)], like)


def say_name(name: str, rng: random.Random) -> str:
    """A new name as the sentence writes it: mostly as it is, sometimes as words."""
    words = pieces(name)
    if rng.random() < 0.08 and len(words) > 1 and not name.startswith("_"):
        return rng.choice([f'"{" ".join(words)}"', " ".join(words), f"'{' '.join(words)}'"])
    return quote(name, rng)


def number_text(code: str, lang: str, rng: random.Random) -> str:
    """A number as people write it."""
    if rng.random() < WORDED and (said := worded(code, lang, rng)):
        return said
    whole, dot, fraction = code.partition(".")
    if lang == "pt" and dot and rng.random() < 0.6:
        if len(whole) > 3 and rng.random() < 0.6:
            whole = f"{int(whole):,}".replace(",", ".")
        return f"{whole},{fraction}"
    if lang == "en" and dot and len(whole) > 3 and rng.random() < 0.3:
        return f"{int(whole):,}.{fraction}"
    return code


EMPTY_TEXT = {
    "en": ("empty", "empty", "blank", "an empty string", "an empty text", "nothing in it", "''"),
    "pt": ("vazio", "vazia", "vazio", "uma string vazia", "texto vazio", "em branco", "''"),
}


def say_value(code: str, lang: str, rng: random.Random) -> str:
    """A Python literal as the sentence writes it."""
    if code in ("True", "False") and rng.random() < 0.35:
        return rng.choice({"en": {"True": ["true", "on"], "False": ["false", "off"]},
                           "pt": {"True": ["true", "verdadeiro"], "False": ["false", "falso"]}}[lang][code])  # fmt: skip
    if code == "None":
        return rng.choice(["None", "None", "none", "null" if lang == "en" else "nulo"])
    if m := _DECIMAL.fullmatch(code):
        text = number_text(m[2], lang, rng)
        return rng.choice(
            [
                text,
                text,
                f"R$ {text}" if lang == "pt" else rng.choice([f"R$ {text}", f"${text}"]),
                code,
            ]
        )
    if _FLOAT.fullmatch(code) or _INT.fullmatch(code):
        return quote(number_text(code, lang, rng), rng, 0.93)
    if code in ('""', "''") and rng.random() < 0.7:
        return rng.choice(EMPTY_TEXT[lang])
    if m := _STRING.fullmatch(code):
        inner = m[2]
        if re.fullmatch(r"[\w.\-/]+", inner) and rng.random() < 0.4:
            return inner
        return rng.choice([f'"{inner}"', f"'{inner}'", f"`{inner}`", f'"{inner}"'])
    return quote(code, rng, 0.8)


WORDED = 0.1
"""How often a small whole number is written in words."""


def worded(code: str, lang: str, rng: random.Random) -> str | None:
    """A number in words, where it is one that people write so; a half counts."""
    whole, dot, fraction = code.partition(".")
    if not whole.isdigit() or not 2 <= int(whole) < spoken_numbers.LIMIT:
        return None
    if int(whole) > 1000 and int(whole) % 100:
        return None
    if dot and not fraction.strip("0"):
        return spoken_numbers.in_words(int(whole), lang, rng)
    if dot and fraction.rstrip("0") == "5" and int(whole) < 100:
        return spoken_numbers.with_half(int(whole), lang, rng)
    return None if dot else spoken_numbers.in_words(int(whole), lang, rng)


def some_int(rng: random.Random) -> str:
    return str(
        rng.choice(
            [
                rng.randint(0, 12),
                rng.randint(10, 100),
                rng.choice([15, 30, 45, 60, 90, 120, 250, 300, 500, 600, 1000, 2000, 5000]),
                rng.randint(100, 99999),
            ]
        )
    )


def some_text(c: Context, rng: random.Random) -> str:
    word = rng.choice(
        [rng.choice(W.NOUNS), rng.choice(W.PARAMS), rng.choice(pieces(rng.choice(c.pool)) or ["x"])]
    )
    two = f"{rng.choice(W.NOUNS)} {word}"
    return rng.choice(
        [
            word,
            word,
            word.upper(),
            word.title(),
            two,
            f"{word}-{rng.choice(W.NOUNS)}",
            f"{rng.choice(W.NOUNS)}_{word}",
            two.title(),
            f"v{rng.randint(2, 9)}",
            f".{word[:4]}",
            f"{rng.choice(['text', 'application', 'image', 'audio'])}/{word[:6]}",
            f"{rng.choice(W.NOUNS)}.{word}",
            f"{word}/{rng.choice(W.NOUNS)}",
            f"{two} {rng.choice(W.NOUNS)}".title(),
        ]
    )


def renew(current: str, c: Context, lang: str, rng: random.Random) -> tuple[str, str] | None:
    """A new value of the same shape: (sentence text, code). None: a shape we do not teach."""
    if m := _DECIMAL.fullmatch(current):
        digits = len(m[2].partition(".")[2])
        mark = m[1]
        if digits and rng.random() < 0.5:
            amount = f"{rng.randint(0, 9999)}.{rng.randint(0, 10**digits - 1):0{digits}d}"
            text = number_text(amount, lang, rng)
        else:
            whole = some_int(rng)
            amount = f"{whole}.{'0' * digits}" if digits else whole
            text = whole if rng.random() < 0.7 else number_text(amount, lang, rng)
        text = rng.choice([text, text, f"R$ {text}", f"${text}" if lang == "en" else f"R$ {text}"])
        return text, f"Decimal({mark}{amount}{mark})"
    if _FLOAT.fullmatch(current):
        digits = len(current.partition(".")[2])
        if rng.random() < 0.35:
            whole = str(rng.randint(1, 200))
            return whole, f"{whole}.{'0' * digits}"
        code = f"{rng.randint(0, 60)}.{rng.randint(1, 10**digits - 1):0{digits}d}"
        return number_text(code, lang, rng), code
    if _INT.fullmatch(current):
        code = some_int(rng)
        text = code
        if rng.random() < WORDED * 2:
            code = str(
                rng.choice([rng.randint(2, 20), rng.randint(2, 99), rng.randint(2, 99) * 100])
            )
            text = worded(code, lang, rng) or code
        if rng.random() < 0.1:
            text += rng.choice(
                {
                    "en": [" seconds", " items", " days", " characters"],
                    "pt": [" segundos", " itens", " dias", " caracteres"],
                }[lang]
            )
        return quote(text, rng, 0.95), code
    if m := _STRING.fullmatch(current):
        inner = some_text(c, rng)
        return say_value(f'"{inner}"', lang, rng), f"{m[1]}{inner}{m[1]}"
    if current in ("True", "False"):
        code = "False" if current == "True" else "True"
        return say_value(code, lang, rng), code
    if current == "None":
        code = rng.choice([some_int(rng), f'"{some_text(c, rng)}"'])
        return say_value(code, lang, rng), code
    return None


def spoken(s: Sym, c: Context, lang: str, rng: random.Random) -> str:
    """The thing in plain words without an article ("max retries", "retries"), where that singles
    it out among the candidates; else nothing."""
    own = [w for w in pieces(s.name) if w not in GLUE and not w.isdigit()]
    if not own or not s.name.isascii() or max(map(len, own)) < 4:
        return ""
    if len(own) > 1 and rng.random() < 0.35:
        own = own[1:] if own[0] in ("max", "min", "default", "total", "num") else own
    if any(o is not s and set(own) <= set(pieces(o.name)) for o in c.symbols):
        return ""
    if lang == "pt" and rng.random() < 0.5 and (said := described(s, c, lang, rng)):
        return re.sub(r"^[oa] ", "", said)
    return " ".join(own)


def with_old(
    table: list[str], current: str, values: dict[str, str], lang: str, rng: random.Random
) -> str:
    """A template of `table`; one with {old} only where the present value is easily said."""
    short = len(current) < 20 and (
        _INT.fullmatch(current) or _FLOAT.fullmatch(current) or _DECIMAL.fullmatch(current)
    )
    if short or _STRING.fullmatch(current):
        values["old"] = say_value(current, lang, rng)
        return rng.choice(table)
    while True:
        template = S.expand(rng.choice(table), rng)
        if "{old}" not in template:
            return template


# ---------------------------------------------------------------- tasks, one per verb


def rename(s: Sym, c: Context, lang: str, rng: random.Random) -> tuple[str, Act] | None:
    if s.kind == "file" or s.name.startswith("__"):
        return None
    new = new_name(s.name, c, rng)
    values = slots(s, c, lang, rng) | {
        "new": say_name(new, rng),
        "to": "",
        "bad": rng.choice(I.BAD[lang]),
    }
    return fill(rng.choice(S.CORE[lang]["rename"]), values, rng), Act(
        "rename", s.address, f"rename {s.address} {new}"
    )


def add_parameter(s: Sym, c: Context, lang: str, rng: random.Random) -> tuple[str, Act] | None:
    if s.kind not in ("function", "method"):
        return None
    own = {p.name for p in s.parameters}
    name = rng.choice(
        [
            rng.choice(W.PARAMS),
            rng.choice(W.PARAMS),
            new_name("x_y", c, rng),
            "_".join(pieces(rng.choice(c.pool))[:2]) or "x",
        ]
    )
    if name in own or not name.isidentifier():
        return None
    kind = rng.choice(["int", "float", "str", "bool", "None", "Decimal", "list"])
    default = ""
    # Texts in the marks that the signature has; in double ones where it has none.
    mark = "'" if "'" in s.detail and '"' not in s.detail else '"'
    if rng.random() < 0.72:
        default = {"int": some_int(rng), "float": f"{rng.randint(0, 60)}.{rng.randint(0, 9)}", "bool": rng.choice(["True", "False"]),
                   "str": rng.choice([mark * 2, f"{mark}{some_text(c, rng)}{mark}", f"{mark}{some_text(c, rng)}{mark}"]), "None": "None", "list": "None",
                   "Decimal": rng.choice(["0", "None"])}[kind]  # fmt: skip
    typed = any(p.type for p in s.parameters) or "->" in s.detail
    template = S.expand(rng.choice(S.CORE[lang]["add_parameter"]), rng)
    explicit = rng.random() < 0.4 and ("{t}" in template or "{ty_}" in template)
    at_end = template.endswith(("{d}", "{t}"))
    type_, type_text, type_word = "", "", ""
    if explicit:
        type_ = (
            kind
            if kind != "None"
            else rng.choice(["str | None", "int | None", "Path", "datetime", "dict"])
        )
        word = rng.choice(W.TYPE_WORDS[lang].get(type_, [type_]))
        phrase = S.expand(tail_of(S.TYPE[lang], at_end, rng), rng)
        type_text = phrase.replace("{ty}", quote(word, rng, 0.85))
        type_word = f"{word} "
    elif typed and default and kind in ("int", "float", "str", "bool"):
        type_ = kind
    default_text = ""
    if default:
        default_text = S.expand(tail_of(S.DEFAULT[lang], at_end, rng), rng).replace(
            "{v}", say_value(default, lang, rng)
        )
    declaration = (
        f"{name}: {type_} = {default}"
        if type_ and default
        else f"{name}: {type_}"
        if type_
        else f"{name}={default}"
        if default
        else name
    )
    values = slots(s, c, lang, rng) | {
        "p": say_parameter(name, rng), "t": type_text, "d": default_text, "ty_": type_word
    }  # fmt: skip
    text = fill(template, values, rng)
    return re.sub(r",(?= *$)|,(?=,)", "", text), Act(
        "add_parameter", s.address, f"add_parameter {s.address} {marked(declaration)}"
    )


def marked(declaration: str) -> str:
    """A declaration in quotes, single ones where it holds double ones."""
    return f"'{declaration}'" if '"' in declaration else f'"{declaration}"'


def tail_of(table: list[str], at_end: bool, rng: random.Random) -> str:
    """A phrase of the table; sentences of their own only at the end."""
    while True:
        phrase = rng.choice(table)
        if at_end or not phrase.startswith((". ", "; ")):
            return phrase


def say_parameter(name: str, rng: random.Random) -> str:
    """A new parameter's name: mostly as it is, sometimes in words ("dry run")."""
    words = pieces(name)
    if 1 < len(words) < 4 and "_".join(words) == name and rng.random() < 0.15:
        return rng.choice([" ".join(words), " ".join(words), f'"{" ".join(words)}"'])
    return quote(name, rng)


def change_parameter(s: Sym, c: Context, lang: str, rng: random.Random) -> tuple[str, Act] | None:
    if s.kind not in ("function", "method"):
        return None
    known = [p for p in s.parameters if p.default and re.search(rf"\b{p.name}\b", s.detail[:87])]
    if not known:
        return None
    p = rng.choice(known)
    renewed = renew(p.default, c, lang, rng)
    if renewed is None:
        return None
    said, code = renewed
    declaration = f"{p.name}={code}"
    mark = "'" if '"' in declaration else '"'
    if mark in declaration:
        return None
    values = slots(s, c, lang, rng) | {"p": quote(p.name, rng), "v": said, "vv": f" {said}"}
    text = fill(
        with_old(S.CORE[lang]["change_parameter"], p.default, values, lang, rng), values, rng
    )
    return text, Act(
        "change_parameter",
        s.address,
        f"change_parameter {s.address}({p.name}) {mark}{declaration}{mark}",
    )


def set_value(s: Sym, c: Context, lang: str, rng: random.Random) -> tuple[str, Act] | None:
    if s.kind not in ("constant", "field") or s.name.startswith("__"):
        return None
    renewed = renew(s.value, c, lang, rng)
    if renewed is None or renewed[1] == s.value:
        return None
    said, code = renewed
    if s.value in ("True", "False") and rng.random() < 0.5:
        verb = {"en": {"True": ["enable", "turn on", "switch on", "activate"], "False": ["disable", "turn off", "switch off", "deactivate"]},
                "pt": {"True": ["ative", "ligue", "habilite", "ativa", "ativar"], "False": ["desative", "desligue", "desabilite", "desativa", "desativar"]}}[lang][code]  # fmt: skip
        values = slots(s, c, lang, rng)
        phrase = (
            f"{rng.choice(verb)} {{f}}" if rng.random() < 0.5 else rng.choice(I.SWITCH[lang][code])
        )
        text = fill(phrase, values, rng)
    else:
        words = spoken(s, c, lang, rng) if rng.random() < 0.2 else ""
        table = VOICES.WORDED[lang] if words else S.CORE[lang]["set_value"]
        values = slots(s, c, lang, rng) | {"v": said, "w": words}
        text = fill(with_old(table, s.value, values, lang, rng), values, rng)
    return text, Act("set_value", s.address, f"set_value {s.address} {code}")


_PAIR = re.compile(r"""((["'])([^"']*)["']|\w+)\s*:\s*([^,{}\[\]()]+)""")


def add_entry(s: Sym, c: Context, lang: str, rng: random.Random) -> tuple[str, Act] | None:
    value = s.value
    if s.kind not in ("constant", "field") or len(value) < 2 or "for " in value:
        return None
    if value[0] not in "{[(":
        return None
    mark = "'" if "'" in value and '"' not in value else '"'
    name = collection(s, c, lang, rng)
    noun = (pieces(s.name) or ["entry"])[-1]
    noun = re.sub(r"ies$", "y", noun) if noun.endswith("ies") else re.sub(r"(?<=..)s$", "", noun)
    noun = noun if len(noun) > 2 else "entry"
    if s.name in name and rng.random() < 0.3:
        said_noun = rng.choice(
            {
                "en": ["the {} dict", "the {} list", "the constant {}"],
                "pt": ["a constante {}", "o dicionário {}", "a lista {}"],
            }[lang]
        )
        is_map = value[0] == "{" and (":" in value or value == "{}")
        if ("dict" in said_noun or "dici" in said_noun) == is_map or "const" in said_noun:
            name = said_noun.format(name)
    if value[0] == "{" and (":" in value or value == "{}"):
        pair = _PAIR.search(value)
        key_plain = rng.choice(
            [
                rng.choice(W.NOUNS),
                "_".join(rng.sample(W.NOUNS, 2)),
                some_text(c, rng),
                new_name("x_y", c, rng),
            ]
        )
        style = pair[3] if pair and pair[3] else ""
        if style.isupper() and len(style) > 1:
            key_plain = key_plain.upper()
        key = f"{mark}{key_plain}{mark}"
        key_text = rng.choice([key_plain, f'"{key_plain}"', f"'{key_plain}'", f"`{key_plain}`"])
        if " " in key_plain and key_text == key_plain:
            key_text = f'"{key_plain}"'
        if pair and not pair[2]:
            if not pair[1].lstrip("-").isdigit():
                return None
            key = key_text = str(rng.randint(1, 999))
        old = pair[4].strip() if pair else some_int(rng)
        if re.fullmatch(r"[A-Za-z_]\w*", old) and old not in ("True", "False", "None"):
            code = new_name(old, c, rng)
            said = quote(code, rng)
        else:
            renewed = renew(old, c, lang, rng)
            if renewed is None:
                return None
            said, code = renewed
        text = fill(
            rng.choice(S.ENTRY_DICT[lang]), {"k": key_text, "v": said, "c": name, "noun": noun}, rng
        )
        text = contracted(text) if lang == "pt" else text
        return text, Act("add_entry", s.address, f"add_entry {s.address} {key} {code}")
    first = value[1:-1].partition(",")[0].strip()
    if s.name == "__all__":
        new = rng.choice([new_name("x_y", c, rng), new_name("Xy", c, rng)])
        said, code = say_value(f'"{new}"', lang, rng), f"{mark}{new}{mark}"
    elif re.fullmatch(r"[A-Za-z_]\w*", first) and first not in ("True", "False", "None"):
        code = new_name(first, c, rng)
        said = quote(code, rng)
    else:
        renewed = renew(first or '"x"', c, lang, rng)
        if renewed is None:
            return None
        said, code = renewed
    text = fill(rng.choice(S.ENTRY_LIST[lang]), {"v": said, "c": name, "noun": noun}, rng)
    text = contracted(text) if lang == "pt" else text
    return text, Act("add_entry", s.address, f"add_entry {s.address} {code}")


def clone(s: Sym, c: Context, lang: str, rng: random.Random) -> tuple[str, Act] | None:
    if s.kind not in ("class", "function", "file"):
        return None
    folder, slash, base = s.path.rpartition("/")
    if s.kind == "file":
        if base.startswith("__"):
            return None
        stem = base.removesuffix(".py")
        new = f"{folder}{slash}{new_name(stem, c, rng)}.py"
        said = new if rng.random() < 0.55 else new.rpartition("/")[2]
        values = slots(s, c, lang, rng) | {"new": quote(said, rng, 0.8)}
        return fill(rng.choice(S.CLONE_FILE[lang]), values, rng), Act(
            "clone", s.path, f"clone {s.path} {new}"
        )
    if s.name.startswith("__"):
        return None
    new = new_name(s.name, c, rng)
    to = path = ""
    if rng.random() < 0.35:
        path = f"{folder}{slash}{'_'.join(pieces(new))}.py"
        said_path = path if rng.random() < 0.6 or not slash else path.rpartition("/")[2]
        to = rng.choice(S.CLONE_TO[lang]).replace("{path}", quote(said_path, rng, 0.8))
    kind = rng.choice(S.KIND[lang][s.kind])
    values = slots(s, c, lang, rng) | {
        "new": say_name(new, rng),
        "to": to,
        "kind": kind,
        "um": rng.choice(["uma", "outra", "uma nova"]),
    }
    text = fill(rng.choice(S.CLONE[lang]), values, rng)
    return text, Act(
        "clone", s.address, f"clone {s.address} {new}" + (f" to {path}" if path else "")
    )


def add_import(s: Sym, c: Context, lang: str, rng: random.Random) -> tuple[str, Act] | None:
    if s.kind != "file":
        return None
    values = slots(s, c, lang, rng)
    if lang == "pt":
        values["f"] = naked(s, c, rng)
    if rng.random() < 0.25:
        module = rng.choice(
            [rng.choice(W.PLAIN_IMPORTS), ".".join(pieces(rng.choice(c.pool))[:2]) or "json"]
        )
        alias = rng.random() < 0.2
        name = rng.choice(["np", "dt", "m", module[:2]])
        statement = f"import {module} as {name}" if alias else f"import {module}"
        shown = f"{module} as {name}" if alias else module
        text = fill(
            rng.choice(S.IMPORT_PLAIN[lang]), values | {"stmt": statement, "stmtm": shown}, rng
        )
    else:
        module, item = rng.choice(W.STD_IMPORTS)
        if rng.random() < 0.6:
            module = rng.choice(
                [
                    s.path.removesuffix(".py").rpartition("/")[0].replace("/", ".") or "app",
                    rng.choice(W.FOLDERS),
                ]
            )
            module += "." + rng.choice(W.NOUNS)
            item = rng.choice([new_name("Xy", c, rng), new_name("x_y", c, rng)])
        items = [item] if rng.random() < 0.88 else [item, new_name(item, c, rng)]
        statement = f"from {module} import {', '.join(items)}"
        said = (
            items[0]
            if len(items) == 1
            else f"{items[0]} {'and' if lang == 'en' else 'e'} {items[1]}"
        )
        q = quote(module, rng, 0.85)
        text = fill(
            rng.choice(S.CORE[lang]["add_import"]),
            values
            | {"i": said if len(items) > 1 else quote(said, rng, 0.8), "m": q, "stmt": statement},
            rng,
        )
        text = text.replace("the import `", "").replace("`" + statement + "`", f"`{statement}`")
    return text, Act("add_import", s.path, f"add_import {s.path} {statement}")


GUARD_KINDS = ["none", "none", "negative", "negative", "positive", "zero", "empty", "empty", "type", "upper", "upper", "lower", "lower", "length"]  # fmt: skip


def guard(s: Sym, c: Context, lang: str, rng: random.Random) -> tuple[str, Act] | None:
    known = [
        p
        for p in s.parameters
        if p.name not in ("self", "cls") and re.search(rf"\b{p.name}\b", s.detail[:87])
    ]
    if s.kind not in ("function", "method") or not s.body or not known:
        return None
    p: Parameter = rng.choice(known)
    kind = rng.choice(GUARD_KINDS)
    number = rng.choice(
        [some_int(rng), some_int(rng), f"{rng.randint(0, 99)}.{rng.randint(1, 99)}"]
    )
    if kind == "length":
        number = str(rng.choice([rng.randint(2, 99), 100, 120, 160, 255, 280, 1000]))
    type_ = rng.choice(["int", "str", "float", "list", "dict", "bool", "Decimal", "Path"])
    test, message = {
        "none": (f"{p.name} is None", f"{p.name} must not be None"),
        "negative": (f"{p.name} < 0", f"{p.name} must not be negative"),
        "positive": (f"{p.name} <= 0", f"{p.name} must be positive"),
        "zero": (f"{p.name} == 0", f"{p.name} must not be zero"),
        "empty": (f"not {p.name}", f"{p.name} must not be empty"),
        "type": (f"not isinstance({p.name}, {type_})", f"{p.name} must be a {type_}"),
        "upper": (f"{p.name} > {number}", f"{p.name} must be at most {number}"),
        "lower": (f"{p.name} < {number}", f"{p.name} must be at least {number}"),
        "length": (f"len({p.name}) > {number}", f"{p.name} must not be longer than {number}"),
    }[kind]
    error = "TypeError" if kind == "type" else "ValueError"
    said = {"p": rng.choice([p.name, p.name, p.name, f"`{p.name}`", quote(p.name, rng), p.name.replace("_", " ") if kind != "type" else p.name]),
            "n": number_text(number, lang, rng), "ty": rng.choice(W.TYPE_WORDS[lang].get(type_, [type_]))}  # fmt: skip

    def form(table: dict[str, dict[str, list[str]]]) -> str:
        return fill(rng.choice(table[lang][kind]), said, rng)

    values = slots(s, c, lang, rng) | {
        "c": form(S.CONDITION),
        "adj": form(S.ADJECTIVE),
        "must": form(S.MUST),
        "msg": "",
    }
    roll = rng.random()
    if roll < 0.15:
        result = rng.choice(
            ["None", "False", "True", "0", "[]", "''", "{}", "", some_int(rng), "1"]
        )
        if not result:
            text = fill(rng.choice({"en": ["return early from {f} [if|when] {c}", "{f} should do nothing [if|when] {c}", "skip {f} [if|when] {c}"],
                                    "pt": ["saia de {f} [se|quando] {c}", "{of} não deve fazer nada [se|quando] {c}", "retorne cedo de {f} se {c}"]}[lang]), values, rng)  # fmt: skip
            code = "return"
        else:
            shown = {"[]": ["[]", "an empty list" if lang == "en" else "uma lista vazia"], "''": ["''", "an empty string" if lang == "en" else "uma string vazia"],
                     "{}": ["{}", "an empty dict" if lang == "en" else "um dict vazio"]}.get(result, [result, f"`{result}`", result.lower() if result in ("None", "False", "True") else result])  # fmt: skip
            text = fill(rng.choice(S.GUARD_RETURN[lang]), values | {"r": rng.choice(shown)}, rng)
            code = f"return {result}"
    else:
        custom_message = rng.random() < 0.22
        if custom_message:
            message = rng.choice(
                [
                    rng.choice(S.MESSAGES[lang]).replace("{p}", p.name),
                    " ".join(rng.sample(W.NOUNS, 2)),
                ]
            )
            mark = rng.choice(['"', '"', "'"])
            values["msg"] = rng.choice(S.GUARD_MESSAGE[lang]).replace(
                "{m}", f"{mark}{message}{mark}"
            )
        if roll < 0.55:
            error = (
                rng.choice(W.ERRORS)
                if rng.random() < 0.6
                else pascal(*pieces(rng.choice(c.pool))[:2]) + "Error"
            )
            if not error.isidentifier():
                return None
            said_error = rng.choice(
                [error, error, f"a {error}" if lang == "en" else f"um {error}", f"`{error}`"]
            )
            if rng.random() < 0.75:
                text = fill(rng.choice(S.GUARD_RAISE[lang]), values | {"e": said_error}, rng)
            else:
                clause = rng.choice(S.GUARD_CLASS[lang]).replace("{e}", error)
                text = fill(
                    rng.choice(S.GUARD_PLAIN[lang]), values | {"msg": clause + values["msg"]}, rng
                )
        else:
            text = fill(rng.choice(S.GUARD_PLAIN[lang]), values, rng)
        code = f'raise {error}("{message}")'
    answer = f"insert_before {s.address}#1\n<<<\nif {test}:\n    {code}\n>>>"
    statements = tuple(enumerate(s.body[: max(1, len(s.body))], 1))
    return text, Act("insert_before", s.address, answer, Body(s.address, statements))


MAKERS = {
    "rename": (rename, 10), "add_parameter": (add_parameter, 17), "change_parameter": (change_parameter, 11),
    "insert_before": (guard, 24), "set_value": (set_value, 12), "add_entry": (add_entry, 17),
    "clone": (clone, 9), "add_import": (add_import, 7),
}  # fmt: skip
