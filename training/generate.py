"""Makes training trees: candidates, several tasks on them, and the answers of both roles.

    python training/generate.py --out RUN/shards --cache RUN/harvest.pkl --tokenizer RUN/tokenizer.json

Deterministic by seed and shard number. The prompts come from `sorte_cli.agent.prompting`, so the
texts nano learns are the texts it will see.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import indirect as I
import registers  # noqa: F401 - extends the tables
import sentences as S
import voices as V
import words as W
from harvest import HELD_OUT, Module, Sym, harvest
from invent import project
from reshaping import MAKERS as RESHAPING
from siblings import Project, sibling_task
from sorte_cli.agent.prompting import plan_messages, render_step, step_messages
from sorte_cli.domain import Symbol
from tasks import MAKERS as FIRST_MAKERS
from tasks import Act, Context, Task, fill, fold, naked, new_name, pieces, renew

MAKERS = {**FIRST_MAKERS, **RESHAPING}
SHARD_TREES = 512
# What `sorte demo` is about: no tree may hold these, so that its answers cannot be remembered.
# (Words alone, such as "Pix" or "Payment", are vocabulary and may appear.)
FORBIDDEN = re.compile(
    r"pix.?parcelad|(pix|boleto|credit.?card)_?payment|pix.?gateway|payment_?gateway|payment_methods"
    r"|create_payment|checkout_?service|payment_?refused|in_?memory_?gateway|parcelado.?pix",
    re.IGNORECASE,
)
SHARED = ("add_parameter", "change_parameter", "remove_parameter", "rename_parameter", "retype", "set_return_type",
          "add_decorator", "set_docstring", "insert_before", "add_field")  # fmt: skip
NO_SYMBOL = "no such symbol here"


@dataclass(slots=True)
class Tree:
    symbols: list[Sym]
    tasks: list[Task]


def as_symbol(s: Sym) -> Symbol:
    return Symbol(s.address, s.kind, s.detail)


class Paths:
    """Puts harvested files under one root, as the files of one application are."""

    def __init__(self, rng: random.Random) -> None:
        package = rng.choice([*W.FOLDERS, rng.choice(W.NOUNS)])
        self.root = rng.choice(
            ["", "", f"{package}/", f"src/{package}/", f"src/{package}/", "app/", "lib/"]
        )
        self.keep = rng.choice([1, 1, 2, 2, 3])
        self.rng = rng

    def put(self, path: str) -> str:
        parts = path.split("/")
        if self.rng.random() < 0.06:
            return f"tests/{self.rng.choice(['conftest.py', 'helpers.py', 'test_' + parts[-1].lstrip('_')])}"
        return self.root + "/".join(parts[-self.keep :])


class Maker:
    """Draws trees from harvested modules and invented projects."""

    def __init__(self, modules: list[Module], held_out: bool = False) -> None:
        chosen = [m for m in modules if (m.package in HELD_OUT) == held_out]
        self.modules = chosen
        self.pool = sorted(
            {
                s.name.lstrip("_")
                for m in chosen
                for s in m.symbols
                if 3 < len(s.name.strip("_")) < 28
            }
        )
        self.pool = [n for n in self.pool if n.isidentifier() and not n.startswith("test")]
        self.by_word: dict[str, list[tuple[Module, Sym]]] = {}
        for m in chosen:
            for s in m.symbols:
                for w in set(pieces(s.name)):
                    self.by_word.setdefault(w, []).append((m, s))

    def _dressed(self, s: Sym, path: str, swap: bool) -> Sym:
        """A harvested symbol at another path, with the other quotes where `swap` says so."""
        detail, parameters = s.detail, s.parameters
        if swap and s.kind in ("function", "method") and '"' not in detail and "'" in detail:
            detail = detail.replace("'", '"')
            parameters = [
                type(p)(p.name, p.type, p.default.replace("'", '"'), p.star) for p in parameters
            ]
        return Sym(s.qualname, s.kind, detail, parameters, s.body, s.value, path)

    def _related(self, rng: random.Random, paths: Paths, swap: bool) -> list[Sym]:
        """Symbols of many files that share a word, as a search for that word would find them."""
        module = rng.choice(self.modules)
        seed = rng.choice(module.symbols)
        words = [w for w in pieces(seed.name) if len(w) > 2] or ["get"]
        found = [self._dressed(seed, paths.put(module.path), swap)]
        files = {module.path}
        for word in words[:3]:
            pool = self.by_word.get(word, [])
            for m, s in rng.sample(pool, min(len(pool), rng.randint(3, 9))):
                found.append(self._dressed(s, paths.put(m.path), swap))
                files.add(m.path)
        found += [
            self._dressed(s, found[0].path, swap)
            for s in rng.sample(module.symbols, min(6, len(module.symbols)))
        ]
        found += [
            Sym("", "file", path=paths.put(f))
            for f in rng.sample(sorted(files), min(len(files), 4))
        ]
        found.append(Sym("", "file", path=found[0].path))
        return found

    def candidates(self, rng: random.Random) -> list[Sym]:
        roll = rng.random()
        swap = rng.random() < 0.5
        paths = Paths(rng)
        if roll < 0.34:
            strange = rng.random() < 0.4
            nouns = (
                [
                    w
                    for n in rng.sample(self.pool, 60)
                    for w in pieces(n)
                    if len(w) > 2 and w.isalpha()
                ]
                if strange
                else None
            )
            symbols = project(rng, nouns)
        elif roll < 0.7:
            symbols = self._related(rng, paths, swap)
        else:
            symbols = []
            for _ in range(rng.choice([1, 1, 2, 2, 3])):
                module = rng.choice(self.modules)
                path = paths.put(module.path)
                window = module.symbols
                if len(window) > 24:
                    start = rng.randrange(len(window) - 20)
                    window = window[start : start + 20]
                symbols.append(Sym("", "file", path=path))
                symbols += [self._dressed(s, path, swap) for s in window]
        unique = {
            s.address: s
            for s in symbols
            if not (s.name.startswith("__") and s.kind == "method" and rng.random() < 0.8)
        }
        for s in unique.values():
            if s.kind == "field" and rng.random() < 0.12:
                s.detail, s.value = f": {rng.choice(W.TYPES)}{rng.choice(['', ' | None'])}", ""
        count = rng.choice([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 14, 14, 14])
        weight = {
            "constant": 2.2,
            "field": 2.2,
            "class": 1.6,
            "file": 1.5,
            "function": 1.2,
            "method": 0.9,
        }
        ranked = sorted(unique.values(), key=lambda s: -(rng.random() ** (1 / weight[s.kind])))
        found = ranked[:count]
        if rng.random() < 0.3:
            found.sort(key=lambda s: s.address)
        return found

    def one(self, c: Context, lang: str, rng: random.Random) -> tuple[str, Act] | None:
        verbs = list(MAKERS)
        for _ in range(8):
            verb = rng.choices(verbs, [MAKERS[v][1] for v in verbs])[0]
            maker = MAKERS[verb][0]
            shuffled = rng.sample(c.symbols, len(c.symbols))
            for s in shuffled[:6]:
                if (made := maker(s, c, lang, rng)) is not None:
                    return made
        return None

    def task(self, c: Context, rng: random.Random) -> Task | None:
        lang = rng.choice(["en", "pt"])
        roll = rng.random()
        if roll < 0.1:
            return self.none(c, lang, rng)
        count = 1 if roll < 0.78 else 2 if roll < 0.97 else 3
        if count == 2 and rng.random() < 0.2 and (pair := self.short_pair(c, lang, rng)):
            return pair
        if count == 2 and rng.random() < 0.25 and (pair := self.shared_pair(c, lang, rng)):
            return pair
        parts: list[str] = []
        acts: list[Act] = []
        for _ in range(count):
            made = self.one(c, lang, rng)
            if made is None or made[1].address + made[1].verb in {a.address + a.verb for a in acts}:
                return None
            parts.append(made[0])
            acts.append(made[1])
        text = parts[0]
        for part in parts[1:]:
            text += S.expand(rng.choice(S.JOIN[lang]), rng) + part
        if count == 2 and rng.random() < 0.1:
            frame = rng.choice(V.FRAMES[lang])
            text = frame.replace("{one}", parts[0]).replace("{two}", parts[1])
        return Task(
            dress(text, lang, rng), lang, acts, family={1: "one", 2: "two", 3: "three"}[count]
        )

    def short_pair(self, c: Context, lang: str, rng: random.Random) -> Task | None:
        """Two edits of one kind, the second without its verb: "set A to 1 and B to 2"."""
        kind = rng.choice(["set_value", "set_value", "be", "rename"])
        first, join, second = I.SHORT[lang][kind]
        acts: list[Act] = []
        parts: list[str] = []
        for template in (first, second):
            for s in rng.sample(c.symbols, len(c.symbols)):
                made = self._filled(template, s, kind, c, lang, rng)
                if made and made[1].address not in {a.address for a in acts}:
                    parts.append(made[0])
                    acts.append(made[1])
                    break
        if len(acts) < 2:
            return None
        return Task(dress(join.join(parts), lang, rng), lang, acts, family="two")

    def shared_pair(self, c: Context, lang: str, rng: random.Random) -> Task | None:
        """Two edits of one thing, the second with a pronoun: "add x to f and make it return int"."""
        verbs = rng.sample(SHARED, len(SHARED))
        for s in rng.sample(c.symbols, len(c.symbols)):
            acts: list[Act] = []
            parts: list[str] = []
            for verb in verbs:
                made = MAKERS[verb][0](s, Context(c.symbols, c.pool, bool(acts)), lang, rng)
                if made and made[1].answer not in {a.answer for a in acts}:
                    parts.append(made[0])
                    acts.append(made[1])
                if len(acts) == 2:
                    text = S.expand(rng.choice(S.JOIN[lang]), rng).join(parts)
                    return Task(dress(text, lang, rng), lang, acts, family="two")
        return None

    def _filled(
        self, template: str, s: Sym, kind: str, c: Context, lang: str, rng: random.Random
    ) -> tuple[str, Act] | None:
        if s.name.startswith("__") or s.kind == "file":
            return None
        values = {"f": naked(s, c, rng)}
        if kind == "rename":
            values["new"] = new = new_name(s.name, c, rng)
            return fill(template, values, rng), Act(
                "rename", s.address, f"rename {s.address} {new}"
            )
        renewed = renew(s.value, c, lang, rng) if s.kind in ("constant", "field") else None
        if renewed is None or renewed[1] == s.value:
            return None
        values["v"] = renewed[0]
        return fill(template, values, rng), Act(
            "set_value", s.address, f"set_value {s.address} {renewed[1]}"
        )

    def none(self, c: Context, lang: str, rng: random.Random) -> Task:
        if rng.random() < 0.35:
            # A real request about a name that is not among the candidates.
            for _ in range(20):
                other = self.candidates(rng)
                known = {s.name.lower() for s in c.symbols}
                strangers = [
                    s
                    for s in other
                    if s.name.lower() not in known and s.kind != "file" and len(s.name) > 4
                ]
                if not strangers:
                    continue
                alien = Context([rng.choice(strangers)], c.pool)
                made = self.one(alien, lang, rng)
                words = set(re.findall(r"[a-z0-9]+", " ".join(known)))
                if made and fold(alien.symbols[0].name).lower() not in words:
                    return Task(dress(made[0], lang, rng), lang, [], NO_SYMBOL, "none")
        reason = rng.choice(list(S.NONE))
        text = S.expand(rng.choice(S.NONE[reason][lang]), rng)
        s = rng.choice(c.symbols)
        text = text.replace(
            "{x}",
            rng.choice(
                [
                    s.name,
                    s.name,
                    "this project" if lang == "en" else "este projeto",
                    "this" if lang == "en" else "isso",
                ]
            ),
        )
        text = text.replace("{n}", str(rng.randint(2, 90)))
        while "{w}" in text:
            text = text.replace("{w}", rng.choice([*W.NOUNS, *W.VERBS, *W.PARAMS]), 1)
        return Task(noise(text, lang, rng), lang, [], reason, "none")

    def tree(self, rng: random.Random) -> Tree:
        while True:
            if rng.random() < 0.34:
                p = Project(rng)
                lang = rng.choice(["en", "pt"])
                made = sibling_task(p, lang, rng)
                if made is None:
                    continue
                task, symbols = made
                task.text = (
                    dress(task.text, lang, rng)
                    if rng.random() < 0.5
                    else noise(task.text, lang, rng)
                )
                c = Context(symbols, self.pool)
                tasks = [task]
                more = (self.task(c, rng) for _ in range(rng.randint(1, 3)))
                tasks += [t for t in more if t is not None]
            else:
                symbols = self.candidates(rng)
                if len(symbols) < 3:
                    continue
                c = Context(symbols, self.pool)
                tasks = [t for t in (self.task(c, rng) for _ in range(rng.randint(6, 12))) if t]
            tree = Tree(symbols, tasks)
            if tasks and not FORBIDDEN.search(_everything(tree)):
                return tree


_STARTS = {
    "en": re.compile(
        r"(add|rename|change|set|make|put|create|clone|copy|update|use|give|raise|reject|import|call|replace|include)\b"
    ),
    "pt": re.compile(
        r"(adicion|renom|mud|alter|troqu|troc|defin|coloqu|cri|clon|copi|us|inclu|import|lanc|rejeit|aument|valid)"
    ),
}


def dress(text: str, lang: str, rng: random.Random) -> str:
    """Politeness before and after the core."""
    roll = rng.random()
    if roll < 0.16 and _STARTS[lang].match(fold(text).lower()):
        text = S.expand(rng.choice(S.BEFORE[lang]), rng) + text
        if (
            text.startswith(("could", "can", "would", "você", "pode", "vc", "dá"))
            and rng.random() < 0.7
        ):
            text += "?"
    elif roll < 0.22:
        before = S.expand(rng.choice(S.BEFORE_ANY[lang]), rng)
        text = before.replace("{n}", str(rng.randint(2, 9999))) + text
    elif roll < 0.25:
        text = S.expand(rng.choice(V.BECAUSE["before"][lang]), rng) + text
    if rng.random() < 0.1 and not text.endswith("?"):
        text += S.expand(rng.choice(S.AFTER[lang]), rng)
    elif rng.random() < 0.05 and not text.endswith("?"):
        text += S.expand(rng.choice(V.BECAUSE["after"][lang]), rng)
    return noise(text, lang, rng)


_WORD = re.compile(r"(?<![\w`\"'./:(])[a-zà-ú]{4,}(?![\w`\"'./:(_])")


_QUOTED_ACCENT = re.compile(r"[\"'`“][^\"'`”]*[À-ÿ]")


def noise(text: str, lang: str, rng: random.Random) -> str:
    """Capitals, full stops, lost accents, now and then a typing mistake in a common word."""
    text = " ".join(text.split())
    if rng.random() < 0.45:
        text = text[:1].upper() + text[1:] if not re.match(r"\w*[_A-Z.(]", text) else text
    if rng.random() < 0.3 and text[-1:].isalnum():
        text += "."
    # What is quoted goes into the answer as it is written: it keeps its accents.
    if lang == "pt" and rng.random() < 0.25 and not _QUOTED_ACCENT.search(text):
        text = fold(text)
    if rng.random() < 0.05:
        known = [m for m in _WORD.finditer(text) if fold(m.group()) in COMMON]
        if known:
            m = rng.choice(known)
            w = m.group()
            i = rng.randrange(1, len(w) - 1)
            wrong = rng.choice(
                [w[:i] + w[i + 1 :], w[:i] + w[i] + w[i:], w[:i] + w[i + 1] + w[i] + w[i + 2 :]]
            )
            text = text[: m.start()] + wrong + text[m.end() :]
    return text


COMMON = frozenset(
    fold(w)
    for table in (
        *S.CORE["en"].values(),
        *S.CORE["pt"].values(),
        *S.ENTRY_DICT.values(),
        *S.CLONE.values(),
        *S.GUARD_RAISE.values(),
        *S.GUARD_PLAIN.values(),
    )
    for t in table
    for w in re.findall(r"[a-zà-ú]{4,}", t)
)


# ---------------------------------------------------------------- texts and tokens


@dataclass(slots=True)
class Branch:
    """A task's stem and its leaves: (prompt after the stem, answer)."""

    stem: str
    leaves: list[tuple[str, str]]


def texts(tree: Tree) -> tuple[str, list[Branch]]:
    """The shared context and the branches, cut from the real prompts."""
    symbols = [as_symbol(s) for s in tree.symbols]
    context = ""
    branches: list[Branch] = []
    for task in tree.tasks:
        whole = plan_messages("compact", symbols, task.text)[1].content
        context, _, rest = whole.partition("\n\ntask: ")
        context = f"<|user|>{context}\n\n"
        stem = "task: " + rest.removesuffix("plan")
        answer = "".join(render_step(a.step) + "\n" for a in task.acts) or f"none: {task.reason}\n"
        leaves = [("plan<|assistant|>", answer + "<|end|>")]
        for act in task.acts:
            bodies = (act.body,) if act.body else ()
            message = step_messages("compact", symbols, task.text, act.step, bodies)[1].content
            assert message.startswith(whole.removesuffix("plan"))
            tail = message[len(whole) - len("plan") :]
            leaves.append((tail + "<|assistant|>", act.answer + "\n<|end|>"))
        branches.append(Branch(stem, leaves))
    return context, branches


def _everything(tree: Tree) -> str:
    context, branches = texts(tree)
    leaves = (prompt + answer for b in branches for prompt, answer in b.leaves)
    return "\n".join([context, *(b.stem for b in branches), *leaves])


def encode_tree(tree: Tree, encode: object, limit: int = 1536) -> dict[str, list[int]] | None:
    """Flat arrays of one tree; None when it is too long."""
    context, branches = texts(tree)
    out: dict[str, list[int]] = {
        k: [] for k in ("ids", "pos", "branch", "leaf", "target", "weight")
    }

    def put(
        ids: list[int], start: int, branch: int, leaf: int, after: int | None, weights: list[int]
    ) -> int:
        targets = [*ids[1:], after if after is not None else 0]
        out["ids"] += ids
        out["pos"] += range(start, start + len(ids))
        out["branch"] += [branch] * len(ids)
        out["leaf"] += [leaf] * len(ids)
        out["target"] += targets
        out["weight"] += weights
        return start + len(ids)

    ids = encode(context)  # type: ignore[operator]
    base = put(ids, 0, 0, 0, None, [0] * len(ids))
    for number, branch in enumerate(branches, 1):
        stem = encode(branch.stem)  # type: ignore[operator]
        at = put(stem, base, number, 0, None, [0, 0] + [1] * (len(stem) - 3) + [0])
        for leaf, (prompt, answer) in enumerate(branch.leaves, 1):
            before, after = encode(prompt), encode(answer)  # type: ignore[operator]
            weights = [0] * (len(before) - 1) + [2] * len(after) + [0]
            put(before + after, at, number, leaf, None, weights)
    return out if len(out["ids"]) <= limit else None


def shard(
    maker: Maker, encode: object, seed: int, number: int, trees: int
) -> dict[str, np.ndarray]:
    rng = random.Random(seed * 1_000_003 + number)
    columns: dict[str, list[int]] = {
        k: [] for k in ("ids", "pos", "branch", "leaf", "target", "weight")
    }
    offsets = [0]
    while len(offsets) <= trees:
        encoded = encode_tree(maker.tree(rng), encode)
        if encoded is None:
            continue
        for k, v in encoded.items():
            columns[k] += v
        offsets.append(len(columns["ids"]))
    small = {
        k: np.array(v, np.uint8 if k in ("branch", "leaf", "weight") else np.uint16)
        for k, v in columns.items()
    }
    return small | {"offsets": np.array(offsets, np.int64)}


def stream(maker: Maker, seed: int, trees: int) -> Iterator[Tree]:
    rng = random.Random(seed)
    for _ in range(trees):
        yield maker.tree(rng)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--tokenizer", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shards", type=int, default=60)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="print so many trees and stop")
    args = parser.parse_args()
    maker = Maker(harvest(args.cache))
    if args.show:
        for tree in stream(maker, args.seed, args.show):
            context, branches = texts(tree)
            print(context)
            for b in branches:
                print(b.stem, end="")
                for prompt, answer in b.leaves:
                    print("   >", (prompt + answer).replace("\n", "\n     "))
            print("=" * 80)
        return
    from tokenizer import load_encoder

    encode = load_encoder(args.tokenizer)
    args.out.mkdir(parents=True, exist_ok=True)
    for number in range(args.first, args.shards):
        target = args.out / f"{number:05d}.npz"
        if target.exists():
            continue
        started = time.time()
        arrays = shard(maker, encode, args.seed, number, SHARD_TREES)
        temporary = target.with_suffix(".tmp.npz")
        np.savez(temporary, **arrays)
        temporary.replace(target)
        print(
            number, len(arrays["ids"]), "tokens", round(time.time() - started, 1), "s", flush=True
        )


if __name__ == "__main__":
    main()
