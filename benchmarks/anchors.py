"""Distorted anchors: how `replace_text` bears the usual mistakes of models.

    python benchmarks/anchors.py --files DIR [--count N] [--seed S] [--out FILE]

From real files a run of lines is taken, one of them is changed, and both texts are distorted alike:
indentation lost, tabs for spaces, trailing blanks, a dropped blank line, a typo, quotes swapped.
Right: the file as if nothing had been distorted. Wrong: anything else that was applied.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from pathlib import Path

from sorte_cli.edits import Address, EditError, MemorySnapshot, Operation, Script, apply_script

ENDINGS = (".py", ".php", ".js", ".ts", ".vue", ".go", ".rs")
LONGEST = 8


def _no_indent(lines: list[str], random_: random.Random) -> list[str]:
    margin = min((len(x) - len(x.lstrip()) for x in lines if x.strip()), default=0)
    return [line[margin:] for line in lines]


def _tabs(lines: list[str], random_: random.Random) -> list[str]:
    return [re.sub(r"^( {4})+", lambda m: "\t" * (len(m[0]) // 4), line) for line in lines]


def _trailing(lines: list[str], random_: random.Random) -> list[str]:
    return [f"{line}  " for line in lines]


def _dropped_blank(lines: list[str], random_: random.Random) -> list[str]:
    return [line for line in lines if line.strip()]


def _typo(lines: list[str], random_: random.Random) -> list[str]:
    found = [i for i, line in enumerate(lines) if len(line.strip()) > 8]
    if not found:
        return lines
    at = found[random_.randrange(len(found))]
    line = lines[at]
    place = random_.choice([i for i, c in enumerate(line) if not c.isspace()])
    return [*lines[:at], line[:place] + line[place + 1 :], *lines[at + 1 :]]


def _quotes(lines: list[str], random_: random.Random) -> list[str]:
    return [line.translate(str.maketrans({"'": '"', '"': "'"})) for line in lines]


DISTORTIONS = {
    "indentation lost": _no_indent,
    "tabs": _tabs,
    "trailing blanks": _trailing,
    "dropped blank line": _dropped_blank,
    "typo": _typo,
    "quotes swapped": _quotes,
}


def case(text: str, name: str, random_: random.Random) -> tuple[str, str, str] | None:
    """(distorted old, distorted new, wanted file); None where the distortion changes nothing."""
    lines = text.split("\n")
    size = random_.randint(1, min(LONGEST, len(lines)))
    start = random_.randrange(len(lines) - size + 1)
    old = lines[start : start + size]
    if not old[0].strip() or not old[-1].strip():
        return None
    if text.count("\n".join(old)) != 1:
        return None
    at = random_.choice([i for i, line in enumerate(old) if line.strip()])
    fresh = re.match(r"\s*", old[at])[0] + "changed_line();"
    new = [*old[:at], fresh, *old[at + 1 :]]
    wanted = "\n".join([*lines[:start], *new, *lines[start + size :]])
    distort = DISTORTIONS[name]
    seed = random_.random()
    bad_old = distort(old, random.Random(seed))
    if bad_old == old:
        return None
    # The lines that the new text keeps carry the same mistake.
    pairs = dict(zip(old, bad_old, strict=False)) if len(bad_old) == len(old) else {}
    if name == "dropped blank line":
        bad_new = distort(new, random_)
    else:
        margin = distort([*old, fresh], random.Random(seed))[-1] if name != "typo" else fresh
        bad_new = [pairs.get(line, line) for line in old]
        bad_new[at] = margin
    return "\n".join(bad_old) + "\n", "\n".join(bad_new) + "\n", wanted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=Path, required=True, help="folder of real source files")
    parser.add_argument("--count", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="show so many wrong ones")
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    random_ = random.Random(arguments.seed)
    paths = sorted(p for p in arguments.files.rglob("*") if p.suffix in ENDINGS and p.is_file())
    results: dict[str, Counter[str]] = {name: Counter() for name in DISTORTIONS}
    shown = done = 0
    while done < arguments.count:
        path = random_.choice(paths)
        text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
        if len(text) > 60_000 or text.count("\n") < 5:
            continue
        name = random_.choice(list(DISTORTIONS))
        found = case(text, name, random_)
        if found is None:
            continue
        done += 1
        old, new, wanted = found
        operation = Operation("replace_text", Address("a.txt"), (), (old, new))
        try:
            applied = apply_script(Script((operation,)), MemorySnapshot({"a.txt": text}))
        except EditError as error:
            ambiguous = "occurs" in error.message
            results[name]["ambiguous" if ambiguous else "refused"] += 1
            continue
        after = applied.changes.changes[0].after.decode() if applied.changes else text
        same = after == wanted
        results[name]["right" if same else "wrong"] += 1
        if not same and shown < arguments.show:
            shown += 1
            print(f"--- {name} in {path}\n{old}--- becomes\n{new}")
    total = sum((r for r in results.values()), Counter())
    document = {
        "count": done,
        "right": round(total["right"] / done, 4),
        "wrong": round(total["wrong"] / done, 4),
        "by_mistake": {k: dict(v) for k, v in results.items()},
    }
    text = json.dumps(document, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
