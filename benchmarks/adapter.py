"""Does `sorte train` learn how a team talks? Fifty corrections in its own dialect, then sentences
that it has not heard, about other names, in other frames.

    python benchmarks/adapter.py [--corrections 50] [--unheard 100] [--keep FOLDER]

A shop with eight modules is written into a real repository; what the model sees of each sentence
comes from the real index. The dialect has verbs that nano was never taught ("crava X em Y" sets a
value, "batiza A de B" renames). A correction is a sentence and the operation that was right. Frames
and names of the held-out sentences occur in no correction. Measured is exact match of plan and
operations, both roles, through the real engine: before and after, there, on the general pairs,
and on nano's hand-written sentences.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.planning import named_first
from sorte_cli.agent.prompting import SYMBOLS_SHOWN, Body
from sorte_cli.context.index import ProjectIndex
from sorte_cli.domain import Step, Symbol
from sorte_cli.edits import numbered_statements, parse_address, parse_script
from sorte_cli.learning.examples import Pair, general_pairs
from sorte_cli.learning.loop import Learning, learn
from sorte_cli.learning.measuring import Measured, measure
from sorte_cli.learning.pairs import step_of
from sorte_cli.learning.training import Recipe
from sorte_cli.paths import nano_model

HAND = Path(__file__).resolve().parents[1] / "training" / "evaluation" / "hand.jsonl"
NOUNS = ("order", "invoice", "client", "freight", "stock", "coupon", "refund", "report")
HEARD = {
    "set_value": ("crava {x} em {v}", "cravar {v} em {x}", "{x} é pra cravar em {v}"),
    "rename": ("batiza {x} de {new}", "batizar {x} como {new}"),
    "add_parameter": ("pendura {p} em {x}", "pendurar {p} na {x}"),
    "insert_before": ("blinda {x} contra {a}", "blindar o {a} da {x}"),
    "add_import": ("puxa {m} pra {x}", "puxar {m} em {x}"),
    "clone": ("espelha {x} em {new}", "espelhar {x}, o espelho é {new}"),
    "add_entry": ("matricula {k} com {e} na {x}", "matricular {e} como {k} em {x}"),
    "change_parameter": ("afina {a} da {x} pra {v}", "afinar {x}: {a} em {v}"),
}
"""What the team says, by operation; the frames of the corrections."""
UNHEARD = {
    "set_value": ("por favor crava {v} na {x}", "{x}: cravado em {v}", "dá pra cravar {x} em {v}?"),
    "rename": ("{x} merece ser batizada de {new}", "rebatiza {x} pra {new}, por favor"),
    "add_parameter": ("a {x} precisa de {p} pendurado", "pendura aí em {x} o {p}"),
    "insert_before": ("{x} precisa ser blindada contra {a}", "faz a blindagem do {a} na {x}"),
    "add_import": ("{x} precisa puxar {m}", "falta puxar {m} no {x}"),
    "clone": ("quero {new} como espelho de {x}", "faz {new} espelhando {x}"),
    "add_entry": (
        "{k} tem que ser matriculado na {x} com {e}",
        "faz a matrícula de {k}, {e} em {x}",
    ),
    "change_parameter": ("{a} afinado em {v} na {x}", "na {x} o {a} fica afinado pra {v}"),
}
"""The frames nobody taught it."""


def modules() -> Iterator[tuple[str, str]]:
    """(path, text) of the shop's files."""
    for noun in NOUNS:
        upper, name = noun.upper(), noun.capitalize()
        yield (
            f"shop/{noun}s.py",
            f'''"""Everything about a {noun}."""

{upper}_LIMIT = 40
{upper}_TIMEOUT = 15
MAX_{upper}_PAGES = 8
{upper}_SENDERS = {{"mail": "send_mail", "fax": "send_fax"}}


def calc_{noun}_total(items, rate=2, digits=4):
    subtotal = sum(items)
    return subtotal * rate


def find_{noun}(key, source):
    return source[key]


def send_{noun}_mail(address, body):
    return address, body


class {name}Exporter:
    encoding = "utf-8"

    def export_{noun}(self, rows, target):
        return target, rows


class {name}Policy:
    grace_days = 5

    def allows_{noun}(self, amount, customer):
        return amount > 0 and customer
''',
        )


@dataclass(frozen=True)
class Request:
    """A sentence and the operation that is right for it."""

    text: str
    step: Step
    answer: str
    body: bool = False


def request(verb: str, frame: str, noun: str, dice: random.Random) -> Request:
    """A sentence in that frame about something in the module of `noun`."""
    path, upper, name = f"shop/{noun}s.py", noun.upper(), noun.capitalize()
    functions = (f"calc_{noun}_total", f"find_{noun}", f"send_{noun}_mail")
    if verb == "set_value":
        x = dice.choice([f"{upper}_LIMIT", f"{upper}_TIMEOUT", f"MAX_{upper}_PAGES"])
        v = str(dice.randrange(50, 990))
        target = f"{path}::{x}"
        return Request(frame.format(x=x, v=v), Step(verb, (target,)), f"{verb} {target} {v}")
    if verb == "add_import":
        m = dice.choice(["json", "decimal", "logging", "datetime", "hashlib", "functools"])
        x = path.rpartition("/")[2]
        return Request(frame.format(x=x, m=m), Step(verb, (path,)), f"{verb} {path} import {m}")
    if verb == "clone":
        x = f"{name}{dice.choice(['Exporter', 'Policy'])}"
        new = f"{dice.choice(['Fast', 'Weekly', 'Draft', 'Legacy', 'Bulk'])}{x}"
        target = f"{path}::{x}"
        return Request(frame.format(x=x, new=new), Step(verb, (target,)), f"{verb} {target} {new}")
    if verb == "add_entry":
        k, x = dice.choice(["sms", "push", "chat", "pager", "radio"]), f"{upper}_SENDERS"
        target, e = f"{path}::{x}", f"send_{k}"
        text = frame.format(k=f'"{k}"', e=f'"{e}"', x=x)
        return Request(text, Step(verb, (target,)), f'{verb} {target} "{k}" "{e}"')
    if verb == "change_parameter":
        x, a, v = functions[0], dice.choice(["rate", "digits"]), str(dice.randrange(5, 99))
        target = f"{path}::{x}"
        answer = f'{verb} {target}({a}) "{a}={v}"'
        return Request(frame.format(a=a, x=x, v=v), Step(verb, (target,)), answer)
    x = dice.choice(functions)
    target = f"{path}::{x}"
    step = Step(verb, (target,))
    if verb == "rename":
        new = f"{dice.choice(['get', 'make', 'build', 'fetch'])}_{noun}_{dice.choice(NOUNS)}"
        return Request(frame.format(x=x, new=new), step, f"{verb} {target} {new}")
    if verb == "add_parameter":
        p = f"{dice.choice(['retries', 'depth', 'margin', 'delay'])}={dice.randrange(2, 90)}"
        return Request(frame.format(x=x, p=p), step, f'{verb} {target} "{p}"')
    pairs = {functions[0]: "items rate", functions[1]: "key source", functions[2]: "address body"}
    a = dice.choice(pairs[x].split())
    text = f'if {a} is None:\n    raise ValueError("{a} must not be None")'
    answer = f"{verb} {target}#1\n<<<\n{text}\n>>>"
    return Request(frame.format(x=x, a=a), step, answer, body=True)


def requests(
    frames: dict[str, tuple[str, ...]], nouns: tuple[str, ...], count: int, seed: int
) -> list[Request]:
    """So many different sentences, evenly over the operations."""
    dice = random.Random(seed)
    found: dict[str, Request] = {}
    verbs = sorted(frames)
    while len(found) < count:
        verb = verbs[len(found) % len(verbs)]
        made = request(verb, dice.choice(frames[verb]), dice.choice(nouns), dice)
        found.setdefault(made.text, made)
    return list(found.values())


def as_pairs(root: Path, said: list[Request], kind: str) -> list[Pair]:
    """With what the index selects for each sentence, as in a run."""
    found: list[Pair] = []
    with ProjectIndex.open(root) as index:
        index.update()
        for one in said:
            ranked = named_first(index.select(one.text).symbols, read_mentions(one.text))
            symbols = ranked[: SYMBOLS_SHOWN["compact"]]
            bodies: tuple[Body, ...] = ()
            if one.body:
                address = parse_address(one.step.targets[0])
                source = (root / address.path).read_bytes()
                bodies = (
                    Body(one.step.targets[0], tuple(numbered_statements(source, address.symbol))),
                )
            found.append(
                Pair(
                    one.text,
                    symbols,
                    (one.step,),
                    (one.answer,),
                    (bodies,),
                    kind=kind,
                    run=one.text,
                )
            )
    return found


def hand_pairs() -> list[Pair]:
    """The sentences that were written by hand for nano's card: nothing here was made from them."""
    symbols: dict[str, tuple[Symbol, ...]] = {}
    bodies: dict[str, Body] = {}
    found: list[Pair] = []
    for line in HAND.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "symbols" in row:
            symbols[row["context"]] = tuple(Symbol(*s) for s in row["symbols"])
            for address, statements in row.get("bodies", {}).items():
                bodies[address] = Body(address, tuple(enumerate(statements, 1)))
            continue
        answers = tuple(row.get("answers", []))
        steps = tuple(step_of(parse_script(a + "\n").operations[0]) for a in answers)
        shown = tuple((bodies[s.targets[0]],) if s.verb == "insert_before" else () for s in steps)
        found.append(Pair(row["task"], symbols[row["context"]], steps, answers, shown))
    return found


def make_shop(root: Path) -> None:
    for path, text in modules():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for words in (
        ("init", "-q"),
        ("add", "-A"),
        ("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "feat: a shop"),
    ):
        subprocess.run(["git", *words], cwd=root, check=True)


def by_verb(pairs: list[Pair], measured: Measured) -> dict[str, str]:
    right, total = Counter[str](), Counter[str]()
    for pair, good in zip(pairs, measured.right, strict=True):
        total[pair.steps[0].verb] += 1
        right[pair.steps[0].verb] += good
    return {verb: f"{right[verb]}/{total[verb]}" for verb in sorted(total)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corrections", type=int, default=50)
    parser.add_argument("--unheard", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", type=Path, default=nano_model())
    parser.add_argument("--minutes", type=float, default=8.0, help="train at most so long")
    parser.add_argument("--keep", type=Path, help="a folder: goes on there where it was cut off")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = args.keep or Path(folder) / "kept"
        kept.mkdir(parents=True, exist_ok=True)
        root = Path(folder) / "shop"
        make_shop(root)
        heard = as_pairs(root, requests(HEARD, NOUNS[:5], args.corrections, args.seed), "corrected")
        unheard = as_pairs(root, requests(UNHEARD, NOUNS[5:], args.unheard, args.seed + 1), "")
        rehearse, general = general_pairs()
        adapter = kept / "adapter.gguf"
        if not adapter.exists():
            recipe = Recipe(most_seconds=args.minutes * 60)
            teach(Learning(args.model, tuple(heard), tuple(rehearse), recipe), adapter, kept)
        print((kept / "training.json").read_text(encoding="utf-8").strip())
        sets = (
            ("unheard", unheard),
            ("general", general),
            ("hand", hand_pairs()),
            ("heard", heard),
        )
        for name, pairs in sets:
            before = measured_once(kept / f"{name}-before.json", args.model, pairs, None)
            after = measured_once(kept / f"{name}-after.json", args.model, pairs, adapter)
            print(f"{name:8s} {len(pairs):4d}  {before.share:.3f} -> {after.share:.3f}")
            if name == "unheard":
                print("  before", by_verb(pairs, before))
                print("  after ", by_verb(pairs, after))


def teach(learning: Learning, target: Path, kept: Path) -> None:
    """Train, and write down what it took."""
    began, cpu = time.monotonic(), time.process_time()

    def show(step: int, steps: int, loss: float) -> None:
        print(f"\r{step}/{steps} {loss:.3f}", end="", file=sys.stderr, flush=True)

    learned = learn(learning, target, on_step=show)
    print("", file=sys.stderr)
    words = {
        "corrections": len(learning.own),
        "steps": learned.steps,
        "seconds": round(time.monotonic() - began, 1),
        "processor_seconds": round(time.process_time() - cpu, 1),
        "adapter_bytes": target.stat().st_size,
    }
    (kept / "training.json").write_text(json.dumps(words) + "\n", encoding="utf-8")


def measured_once(file: Path, model: Path, pairs: list[Pair], adapter: Path | None) -> Measured:
    if not file.exists():
        found = measure(model, pairs, adapter=adapter)
        file.write_text(json.dumps(list(found.right)), encoding="utf-8")
    return Measured(tuple(json.loads(file.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
