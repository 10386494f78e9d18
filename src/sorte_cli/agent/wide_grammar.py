"""The grammars of the full profile (GBNF): the whole operation language, on what is in reach.

Made from the language's own table of verbs, so that whatever the parser reads can be written. A
capable model chooses freely here; only addresses are bound to what is there. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from sorte_cli.agent.grammar import parameters
from sorte_cli.agent.prompting import Body
from sorte_cli.agent.rules import Rules
from sorte_cli.domain import Step, Symbol
from sorte_cli.edits.kinds import data_format, family_of
from sorte_cli.edits.registry import knows
from sorte_cli.edits.verbs import VERBS, Argument, Kind, Signature, Target
from sorte_cli.inference.grammar import escape, until_fence

MAX_OPERATIONS = 24
MAX_SUPPORT = 6
MAX_PATHS = 4_000
"""So many files a plan may name; of a larger project those that the brain was shown."""
SUPPORT = ("add_import", "remove_import")
"""What any step may do beside its own verb, in the files that it touches."""
PLANNED = ("edit", *VERBS)

_FUNCTIONS = ("function", "method")
_DEFINITIONS = ("class", *_FUNCTIONS)
_VALUES = ("constant", "field")
_KINDS: Mapping[str, tuple[str, ...]] = {
    "add_parameter": _FUNCTIONS,
    "change_parameter": _FUNCTIONS,
    "remove_parameter": _FUNCTIONS,
    "set_return_type": _FUNCTIONS,
    "add_decorator": _DEFINITIONS,
    "remove_decorator": _DEFINITIONS,
    "set_docstring": _DEFINITIONS,
    "insert_before": _DEFINITIONS,
    "insert_after": _DEFINITIONS,
    "replace_statement": _DEFINITIONS,
    "delete_statement": _DEFINITIONS,
    "wrap": _DEFINITIONS,
    "set_value": _VALUES,
    "add_entry": ("class", *_VALUES),
    "remove_entry": ("class", *_VALUES),
}
"""Which kinds of symbol of a Python file a verb can act on; all where it is not named."""
KEYED = frozenset(("set_key", "delete_key", "add_item"))
"""What acts on a key of a data file: a file, and a key that need not be there yet."""
_STATEMENTS = frozenset((Target.STATEMENTS, Target.LINES))
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-")


def wide_plan_grammar(symbols: Sequence[Symbol], paths: Sequence[str], max_steps: int) -> str:
    """The grammar of a plan: any verb on any of `symbols` and any file of the project that it
    works on, or `none: REASON`. Every step says what to do.
    """
    maker = _Maker(symbols, paths)
    lines: list[str] = []
    for verb in PLANNED:
        target = maker.planned(verb)
        if target:
            lines.append(f'{escape(verb + " ")} {target} (", " {target}){{0,5}} instruction')
    maker.rules.add("instruction", '": " [^\\n]{1,400} "\\n"')
    maker.rules.add("reason", "[^\\n]{1,200}")
    maker.rules.add("step", " | ".join(lines))
    maker.rules.add("root", f'"none: " reason "\\n" | step step{{0,{max_steps - 1}}}')
    return maker.rules.text


def wide_step_grammar(
    step: Step, symbols: Sequence[Symbol], paths: Sequence[str], bodies: Sequence[Body] = ()
) -> str:
    """The grammar of a step's operations.

    `symbols` and `paths`: what stands in the files that the step names, and what earlier steps
    made. A step with the verb "edit" may do anything there; any other does what it says, and
    imports what that needs.
    """
    maker = _Maker(symbols, paths, bodies)
    if step.verb in VERBS and (main := maker.operation(step.verb, step.targets)):
        maker.rules.add("main", main)
        support = [maker.operation(verb, ()) for verb in SUPPORT]
        maker.rules.add("support", " | ".join(s for s in support if s) or "main")
        maker.rules.add(
            "root",
            f"support{{0,{MAX_SUPPORT}}} main{{1,{MAX_SUPPORT}}} support{{0,{MAX_SUPPORT}}}",
        )
    else:
        maker.rules.add("op", maker.any_operation())
        root = f"op{{1,{MAX_OPERATIONS}}}"
        if maker.one_file:
            maker.brief = True  # from the second operation on, which file is meant is clear
            maker.rules.add("more", maker.any_operation())
            root = f"op more{{0,{MAX_OPERATIONS - 1}}}"
        maker.rules.add("root", root)
    return maker.rules.text


class Nameable:
    """What a plan or a step may name: symbols, and files, each for the verbs that work on it."""

    def __init__(self, symbols: Sequence[Symbol], paths: Sequence[str]) -> None:
        self._symbols = [s for s in symbols if s.kind != "file" and _writable(s.path)]
        named = dict.fromkeys(s.path for s in symbols if _writable(s.path))
        room = [p for p in paths if _writable(p)]
        self._paths = [*named, *(p for p in room if p not in named)][: max(MAX_PATHS, len(named))]

    def planned(self, verb: str) -> list[str]:
        """The targets of a step with this verb; none for a verb that makes a new file."""
        if verb == "edit":
            return [*self._paths, *(s.address for s in self._symbols)]
        if verb == "create_file":
            return []
        found: list[str] = []
        if Target.FILE in VERBS[verb].targets or verb in KEYED:
            found += self.files(verb)
        if verb not in KEYED:
            found += [s.address for s in self.symbols(verb)]
        return found

    def symbols(self, verb: str) -> list[Symbol]:
        """The symbols that a verb can act on."""
        kinds = _KINDS.get(verb)
        return [
            s
            for s in self._symbols
            if knows(verb, s.path)
            and (not kinds or s.kind in kinds or family_of(s.path) != "python")
        ]

    def files(self, verb: str) -> list[str]:
        """The files that a verb can act on, or in."""
        keyed = verb in KEYED
        return [
            p
            for p in self._paths
            if knows(verb, p) and (not keyed or data_format(p) not in ("", "markdown"))
        ]


class _Maker:
    """Builds the rules; what two verbs have in common is one rule."""

    def __init__(
        self, symbols: Sequence[Symbol], paths: Sequence[str], bodies: Sequence[Body] = ()
    ) -> None:
        self.rules = Rules()
        self._nameable = Nameable(symbols, paths)
        self._bodies = {body.address: body for body in bodies}
        self._choices: dict[tuple[str, ...], str] = {}
        files = {s.path for s in symbols} | set(paths)
        self.one_file = files.pop() if len(files) == 1 else ""
        self.brief = False
        """Whether an address may leave out the one file that there is."""

    def any_operation(self) -> str:
        """Any operation on all that is in reach."""
        return " | ".join(part for verb in VERBS if (part := self.operation(verb, ())))

    def planned(self, verb: str) -> str:
        """What a step with this verb may name: a rule, or "" where there is nothing."""
        return (
            self._new_path()
            if verb == "create_file"
            else self._choice(self._nameable.planned(verb))
        )

    def operation(self, verb: str, targets: Sequence[str]) -> str:
        """`VERB ADDRESS ARGUMENTS BLOCKS` on `targets`, or on all that is in reach for none."""
        signature = VERBS[verb]
        parts: list[str] = []
        if verb == "create_file":
            named = self._choice(targets) if targets else self._new_path()
            parts.append(f"{named} {self._arguments(signature.arguments)}")
        elif Target.FILE in signature.targets and (files := self._files_among(verb, targets)):
            arguments = signature.arguments
            if signature.file_arguments is not None:
                arguments = signature.file_arguments
            parts.append(f"{files} {self._arguments(arguments)}")
        if inside := [form for form in self._inside(verb, signature, targets) if form]:
            parts.append(f"({' | '.join(inside)}) {self._arguments(signature.arguments)}")
        if not parts:
            return ""
        return f"{escape(verb + ' ')} ({' | '.join(parts)}) {self._payload(signature)}"

    def _payload(self, signature: Signature) -> str:
        """The end of the line and the blocks, or what may stand on the line instead of them."""
        blocks = " ".join([self._block()] * signature.blocks)
        long = f'"\\n" {blocks}'
        if signature.inline:
            short = self.rules.add("short", "[^ <\\r\\n] [^\\r\\n]{0,300}")
            return f'({long} | " " {short} "\\n")'
        if signature.blocks == 2:
            text = self.rules.add("text", '"\\"" [^"\\\\\\r\\n]{1,300} "\\""')
            new = f'" with " {text} "\\n" | " with\\n" {self._block()}'
            return f'({long} | " " {text} ({new}))'
        return long

    # -- addresses

    def _inside(self, verb: str, signature: Signature, targets: Sequence[str]) -> list[str]:
        """The forms of an address below a file that the verb takes."""
        if verb in KEYED:
            known = _chosen(self._nameable.files(verb), [t.partition("::")[0] for t in targets])
            files = self._choice(f"{path}::" for path in known)
            return [f"{files} {self._key()}"] if files else []
        fitting = self._nameable.symbols(verb)
        if targets:
            fitting = [s for s in fitting if s.address in targets] or fitting
        forms: list[str] = []
        if Target.SYMBOL in signature.targets:
            forms.append(self._choice(s.address for s in fitting))
        if Target.PARAMETER in signature.targets:
            forms += self._parameters(fitting)
        if Target.LOCAL in signature.targets:
            functions = [
                s for s in fitting if s.kind in _FUNCTIONS and family_of(s.path) == "python"
            ]
            if local := self._choice(s.address for s in functions):
                forms.append(f'{local} ":" {self._ident()}')
        if signature.targets & _STATEMENTS:
            forms += self._places(verb, fitting, targets)
        return forms

    def _parameters(self, functions: Iterable[Symbol]) -> list[str]:
        known: list[str] = []
        unknown: list[str] = []
        for symbol in functions:
            if symbol.kind not in _FUNCTIONS:
                continue
            names = [name for name, _ in parameters(symbol.detail)]
            known += [f"{symbol.address}({name})" for name in names]
            unknown += [] if names else [symbol.address]
        forms = [self._choice(known)]
        if other := self._choice(unknown):
            forms.append(f'{other} "(" {self._ident()} ")"')
        return forms

    def _places(self, verb: str, fitting: Sequence[Symbol], targets: Sequence[str]) -> list[str]:
        """Numbered statements of Python, numbered lines of everything else."""
        forms: list[str] = []
        for address, body in self._bodies.items():
            if not body.statements or (targets and address not in targets):
                continue
            number = self._choice(str(n) for n, _ in body.statements)
            named = " | ".join(escape(form + body.mark) for form in self._forms(address))
            forms.append(f'({named}) {number} ("-" {number})?')
        shown = {*self._bodies}
        free = [s.address for s in fitting if s.address not in shown]
        python = self._choice(a for a in free if family_of(a.partition("::")[0]) == "python")
        lined = [a for a in free if family_of(a.partition("::")[0]) != "python"]
        lined += _chosen(
            [f for f in self._nameable.files(verb) if family_of(f) != "python"], targets
        )
        digits = self.rules.add("number", "[1-9] [0-9]{0,5}")
        if python:
            forms.append(f'{python} "#" {digits} ("-" {digits})?')
        if others := self._choice(a for a in lined if a not in shown):
            forms.append(f'{others} "#L" {digits} ("-" {digits})?')
        return forms

    def _files_among(self, verb: str, targets: Sequence[str]) -> str:
        return self._choice(_chosen(self._nameable.files(verb), targets))

    # -- arguments

    def _arguments(self, arguments: Sequence[Argument]) -> str:
        forms = {
            Kind.NAME: self._ident,
            Kind.PATH: self._new_path,
            Kind.QUOTED: self._quoted,
        }
        parts: list[str] = []
        optional = ""
        for argument in arguments:
            if argument.optional and not argument.keyword:
                continue  # a key before its value: the rest of the line holds both
            make: Callable[[], str] = forms.get(argument.kind, self._line)
            part = f"{escape(f' {argument.keyword} ' if argument.keyword else ' ')} {make()}"
            if not argument.optional:
                parts.append(part)
            else:
                optional += f" ({part})?"
        return " ".join(parts) + optional

    def _ident(self) -> str:
        return self.rules.add("ident", "[a-zA-Z_$] [a-zA-Z0-9_$-]{0,80}")

    def _line(self) -> str:
        return self.rules.add("line", "[^ \\r\\n] [^\\r\\n]{0,600}")

    def _key(self) -> str:
        return self.rules.add("key", '[^ \\r\\n"#] [^ \\r\\n"#]{0,120}')

    def _quoted(self) -> str:
        single = '"\'" [^\'\\r\\n]{1,300} "\'"'
        return self.rules.add("quoted", f'"\\"" [^"\\r\\n]{{1,300}} "\\"" | {single}')

    def _new_path(self) -> str:
        return self.rules.add("new-path", "[a-zA-Z0-9_.] [a-zA-Z0-9_./@-]{0,160}")

    def _block(self) -> str:
        self.rules.add("payload", until_fence(">>>"))
        return self.rules.add("block", '"<<<\\n" payload ">>>\\n"')

    def _choice(self, texts: Iterable[str]) -> str:
        """A rule for exactly one of the texts, made once; "" for none."""
        wanted = tuple(sorted({form for text in texts for form in self._forms(text)}))
        if not wanted:
            return ""
        if wanted not in self._choices:
            self._choices[wanted] = self.rules.choice(f"one-of-{len(self._choices)}", wanted)
        return self._choices[wanted]

    def _forms(self, address: str) -> list[str]:
        """An address, and without its file where that may be left out."""
        file, separator, name = address.partition("::")
        if not self.brief or file != self.one_file:
            return [address]
        return [address, f"::{name}" if separator else "::"]


def _chosen(texts: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Those that are wanted; all where none is wanted, or none of the wanted is here."""
    kept = [text for text in texts if text in wanted]
    return kept or list(texts)


def _writable(path: str) -> bool:
    """Whether a path needs no quotes in an address, as a model writes it."""
    return bool(path) and _BARE.issuperset(path)
