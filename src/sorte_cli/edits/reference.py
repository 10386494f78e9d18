"""The reference of all operations, made from the table of verbs and the examples.

python -m sorte_cli.edits.reference docs/operations.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from sorte_cli.edits.examples import EXAMPLES, Example
from sorte_cli.edits.language import parse_script
from sorte_cli.edits.script import Applied, apply_script
from sorte_cli.edits.snapshot import MemorySnapshot
from sorte_cli.edits.verbs import VERBS

_INTRODUCTION = """\
# Operations

The language in which Sorte's models edit, `sorte apply` reads and the journal stores. One operation
a line; blocks hold raw lines between `<<<` and `>>>` (more angle brackets where a line of the block
is itself `>>>`). `#` begins a comment line. This page is made by
`python -m sorte_cli.edits.reference docs/operations.md` from examples that the tests apply.

What is short may be written short, as `sorte replay` does; the journal keeps the long form:

- `::Cart.add` is in the file of the operation before, and `::` alone is that file.
- A block of one line may stand behind the address: `insert_after a.py::f#3 log(item)`.
- Two texts of one line may stand in quotes: `replace_text a.py::f#3 "low" with "high"`; where the
  new one has more lines, it is a block: `replace_text a.py "# end" with`, then `<<<`.
- In the old text of `replace_text` a line `...`, not indented, stands for the lines between those
  above and those below it.
- Blank lines that a block of statements begins or ends with are wanted there; those that the file
  has count.

## Addresses

| address | what it names |
|---|---|
| `shop/orders.py` | a file |
| `shop/orders.py::Cart.add` | a symbol |
| `shop/orders.py::fetch(timeout)` | a parameter |
| `shop/orders.py::fetch:result` | a local name |
| `shop/orders.py@12:5` | whatever stands at line 12, column 5 |
| `shop/orders.py::Cart.add#2`, `#2-4` | numbered statements (Python) |
| `src/Cart.vue::methods.add#L2-4`, `README.md#L7` | lines of a symbol or file (not Python) |
| `package.json::scripts.test`, `ci.yml::jobs.test.steps[0]` | a key or item of a data file |
| `README.md::"Getting started"`, `a.css::".btn:hover"` | names that hold spaces or `:#()` |

## Guarantees

All operations of a script see the files as they were; overlapping ones are refused. The result
parses or nothing is written. Bytes outside the edit stay: line endings, byte order mark, encoding,
final newline, comments. What cannot be done exactly is refused with the reason and the nearest
names, and then nothing at all is applied. Paths outside the repository, inside `.git`, through
links, or named in `.sorteignore` are refused.

## How names are found

Python: Sorte's own binder over libcst's trees. libcst's scope provider costs several times the
parse and gives no places for names in imports and keywords; jedi and rope infer, that is, they
guess, and a rename must not. What is evident (scopes, imports, `self`, annotations, constructors)
is followed through the project; the rest is listed as *possible references, not changed*.

PHP, JavaScript, TypeScript, Vue, Go, Java, Rust, C#, Ruby, CSS and HTML: tree-sitter, which knows
syntax and no types. Followed are unshadowed top-level names in their file and in files that import
them from there (relative imports, PHP namespaces and `use`, Go packages, Java packages), members
of `this`, `self` and the class inside the class, and templates of the Vue file itself. Members of
other objects are listed as possible.

## From a diff to operations

`sorte replay REV|RANGE` says commits in this language, in its short form: renames and moves first,
in a script of their own, then each hunk in the cheapest way that the appliers confirm. A hunk of
several lines is also tried in parts; a text takes hold of the shortest piece that stands once in
the file, the symbol or the statement. Where the cheapest ways of two hunks exclude each other, one
gives way, and hunks that cannot be said beside each other are said as one. A file that does not
come out right is put right by a further script (an import that the new code seemed to need), else
it is said in texts, and the others stay as they are.

## Measured

- Commits said again (`benchmarks/replay.py --limit 42`): the newest 42 of thirteen Python
  repositories, 546 commits, 546 trees made again exactly. Of 6,334 hunks in existing Python files
  82 % were named operations, statements, expressions, or a text that takes hold of at most one
  line; 18 % texts of several lines; three a whole symbol, none a whole file.
- Tokens of those scripts in Qwen2's vocabulary, median: 37 % of SEARCH/REPLACE blocks (42 % before
  the short forms, on the same commits), 2 % of whole files; of all commits together 50 %. On a
  sample of 181 of them the floor was counted: were nothing written but the words that a commit
  brings, it would be 19 %; with twelve tokens a hunk to say where, 30 %. In 40 of the 181 these
  words alone are more than 40 %: new tests and new files, which any format carries whole (the
  newest nine of celery: 49 %, of click: 58 %).
- The same for PHP, JavaScript and TypeScript (`--suffixes`): 24 of 24 trees of six repositories
  exact, 38 % (43 % before) and 7 %.
- Renames against jedi and rope (`benchmarks/rename_differential.py`): 1,026 names of nine
  projects. All three agree on 636; Sorte agrees with one of them on 84; Sorte alone changes more in
  279 (overrides, `__all__`, names in strings, imports put back in order); another tool alone
  changes more in 22: in 18 Sorte lists those places as possible, in 4 jedi takes a member of an
  unrelated class for the same; 5 are listed as possible; in none is Sorte wrong in silence.
- Renames there and back (`benchmarks/round_trip.py`): of 14,304 names of eleven projects and 515
  modules of the standard library 14,249 come back to the byte, 34 are refused at first, 21 on the
  way back (`register = register` in the body of a class), none is different.
- An operation that changes nothing (the same): 13,402 files, all of the standard library and those
  of 264 packages (of the twelve largest 300 files each, drawn at random): 12,772 the same, in 618
  no such operation can be said, 9 are too large. Two (indented in two ways) differed: mended.
- Distorted anchors (`benchmarks/anchors.py`): 95.4 % right, 0.1 % wrong, the rest refused.
- A rename in 200 of 2,000 files (`benchmarks/rename_speed.py`): 1.1 s of CPU; an operation on one
  file: 1 to 13 ms.

The long ones go on where they ended (`--state FILE`).
"""


def apply_example(example: Example) -> Applied:
    """What comes of an example. Raises EditError for a broken one."""
    return apply_script(parse_script(example.script), MemorySnapshot(example.files))


def markdown() -> str:
    """The whole page."""
    parts = [_INTRODUCTION, "## Overview\n", "| operation | what it does |", "|---|---|"]
    for signature in VERBS.values():
        parts.append(f"| [`{signature.usage}`](#{signature.verb}) | {signature.summary} |")
    for verb in VERBS:
        parts += ["", *_section(verb)]
    return "\n".join(parts) + "\n"


def _section(verb: str) -> Iterator[str]:
    signature = VERBS[verb]
    yield f"## {verb}\n"
    yield f"    {signature.usage}\n"
    yield f"{signature.summary[:1].upper()}{signature.summary[1:]}."
    for example in examples_of(verb):
        if example.note:
            yield f"\n{example.note}"
        for path, text in example.files.items():
            yield from _file("before", path, text)
        yield "\nscript:\n"
        yield from _fenced("", example.script)
        applied = apply_example(example)
        for change in applied.changes.changes:
            if change.after is None:
                yield f"\nafter: `{change.path}` is gone"
            else:
                yield from _file("after", change.path, change.after.decode())
        possible = [p for r in applied.reports for p in r.possible]
        if possible:
            yield "\npossible references, not changed:\n"
            yield from _fenced("", "\n".join(possible) + "\n")


def examples_of(verb: str) -> list[Example]:
    """The examples of one operation."""
    return [e for e in EXAMPLES if e.verb == verb]


def _file(when: str, path: str, text: str) -> Iterator[str]:
    yield f"\n{when}, `{path}`:\n"
    ending = path.rpartition(".")[2]
    language = {"py": "python", "md": "markdown", "yml": "yaml", "ts": "typescript"}.get(
        ending, ending
    )
    yield from _fenced("" if ending in ("example", "txt") else language, text)


def _fenced(language: str, text: str) -> Iterator[str]:
    fence = "````" if "```" in text else "```"
    yield f"{fence}{language}"
    yield text.rstrip("\n")
    yield fence


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(markdown(), encoding="utf-8")
