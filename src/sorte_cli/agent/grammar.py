"""The grammar of the operations of one step in the compact profile (GBNF).

Pure: symbols and mentions in, grammar text out. Addresses are tries over the selected symbols, so
a model cannot name what does not exist, and the choices are narrowed to what the sentence mentions
(see `grounding`). `wide_grammar` is that of larger models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from sorte_cli.agent import families, grounding, joining, naming, reshaping
from sorte_cli.agent.declaring import declaration_rules
from sorte_cli.agent.grounding import Mentions
from sorte_cli.agent.guards import guard_rules, tested
from sorte_cli.agent.plan_grammar import MAX_STEPS, plan_grammar
from sorte_cli.agent.prompting import Body
from sorte_cli.agent.relations import belongs
from sorte_cli.agent.rules import Rules
from sorte_cli.agent.signatures import parameters
from sorte_cli.agent.targets import COMPACT_VERBS, TARGET_KINDS, candidates, is_enum
from sorte_cli.domain import Step, Symbol
from sorte_cli.inference.grammar import escape, trie, until_fence

MAX_OPERATIONS = 12
MAX_OVERRIDES = 4
MAX_PAIRED = 16
_KEY = re.compile(r"(\w{0,2}\"[^\"]*\"|\w{0,2}'[^']*'|[\w.]+)\s*(?::|=>)")
_DICT_VALUE = re.compile(r"(?::|=>)\s*(\w{0,2}\"[^\"]*\"|\w{0,2}'[^']*'|-?[\w.]+)")
_ELEMENT = re.compile(r"[\[({,]\s*(\w{0,2}\"[^\"]*\"|\w{0,2}'[^']*'|-?[\w.]+)\s*(?=[,\])}]|\Z)")


def _sort_of(expressions: Sequence[str]) -> str:
    """What all these expressions are: "text", "number", "name", or "" where they differ."""
    tests = {
        "text": r"\w{0,2}[\"'].*",
        "number": r"-?\d[\d_.]*",
        "name": r"[A-Za-z_][\w.]*",
    }
    for sort, pattern in tests.items():
        if expressions and all(re.fullmatch(pattern, e) for e in expressions):
            return sort
    return ""


def step_grammar(
    step: Step,
    symbols: Sequence[Symbol],
    mentions: Mentions,
    bodies: Sequence[Body] = (),
    created: Sequence[Symbol] = (),
) -> str:
    """The grammar of the operations of one step.

    The step's verb and targets are fixed by the plan; a step with the verb "edit" may use every
    verb on its targets and on `created` (what earlier steps made). In the compact profile only the
    clause that a step carries is looked at, where it carries one.
    """
    if step.instruction:
        mentions = grounding.read_mentions(step.instruction)
    maker = _StepGrammar(symbols, mentions, bodies, created)
    if step.verb == "edit":
        targets = [s for s in (*symbols, *created) if s.address in step.targets]
        chosen = targets or list(symbols)
        verbs = [v for v in TARGET_KINDS if candidates(v, chosen)]
        parts = [maker.operation(v, candidates(v, chosen)) for v in verbs]
        parts.append(maker.create_file(()))
        maker.rules.add("op", " | ".join(parts))
        maker.rules.add("root", f"op op{{0,{MAX_OPERATIONS - 1}}}")
    elif step.verb == "create_file":
        maker.rules.add("root", maker.create_file(step.targets))
    else:
        known = {s.address: s for s in (*created, *symbols)}
        targets = [known.get(t) or Symbol(t, _kind_of(t)) for t in step.targets]
        maker.rules.add("root", maker.operation(step.verb, targets))
    return maker.rules.text


def _kind_of(address: str) -> str:
    return "function" if "::" in address else "file"


class _StepGrammar:
    """Builds the body of each verb; rules are shared between verbs of one grammar."""

    def __init__(
        self,
        symbols: Sequence[Symbol],
        mentions: Mentions,
        bodies: Sequence[Body],
        created: Sequence[Symbol],
    ) -> None:
        self.rules = Rules()
        self.symbols = symbols
        self.mentions = mentions
        self.bodies = {b.address: b for b in bodies}
        self.created = created
        self.taken = {s.name for s in symbols}
        self.known = naming.known_names(symbols)

    def operation(self, verb: str, targets: Sequence[Symbol]) -> str:
        """`VERB TARGET ...` for each target, as alternatives."""
        build = getattr(self, f"_{verb}", self._generic)
        return " | ".join(
            f"{escape(f'{verb} {t.address}')} {build(verb, t, i)}" for i, t in enumerate(targets)
        )

    def create_file(self, paths: Sequence[str]) -> str:
        path = self.rules.choice("created-path", paths) if paths else self.rules.new_path()
        return f'"create_file " {path} "\\n" {self._block()}'

    def _generic(self, verb: str, target: Symbol, index: int) -> str:
        if verb in ("add_symbol", "replace_symbol", "set_docstring"):
            return f'"\\n" {self._block()}'
        if verb == "replace_text":
            block = self._block()
            return f'"\\n" {block} {block}'
        if verb in ("delete", "delete_file"):
            return '"\\n"'
        return f'" " {self._line()} "\\n"'

    def _rename(self, verb: str, target: Symbol, index: int) -> str:
        own = [p for p, _ in parameters(target.detail)]
        named = reshaping.named_parameters(own, target, self.mentions)
        if not own and target.kind in ("function", "method"):
            # Of a signature that is cut short: what stands beside "parameter".
            named = reshaping.beside_parameter(target, self.mentions)
        forms = self._parameter_renames(target, own, named, index)
        sure = reshaping.speaks_of_parameter(self.mentions) or any(
            reshaping.becomes(p, self.mentions)
            or (p != target.name and belongs(p, target.name, grounding.plain(self.mentions.text)))
            for p in named
        )
        if not forms or not sure:
            names = naming.renamings(target, self.mentions, self.taken, self.known)
            forms.append(f'" " {self._name(f"new-name-{index}", names)} "\\n"')
        return f"({' | '.join(forms)})"

    def _parameter_renames(
        self, target: Symbol, own: Sequence[str], named: Sequence[str], index: int
    ) -> list[str]:
        """`(PARAMETER) NEW_NAME` for each parameter of the target that the sentence names."""
        forms: list[str] = []
        for number, name in enumerate(named):
            taken = {*own, *target.qualified_name.split("."), *self.known - {name}}
            names = naming.renamings(Symbol(f"x::{name}", "field"), self.mentions, taken)
            if names:
                rule = self.rules.choice(f"new-parameter-{index}-{number}", names)
                forms.append(f'{escape(f"({name}) ")} {rule} "\\n"')
        return forms

    def _remove_parameter(self, verb: str, target: Symbol, index: int) -> str:
        own = [p for p, _ in parameters(target.detail) if p not in ("self", "cls")]
        named = reshaping.named_parameters(own, target, self.mentions)
        names = self._name(f"gone-{index}", named or own)
        return f'"(" {names} ")\\n"'

    def _move(self, verb: str, target: Symbol, index: int) -> str:
        if target.kind == "file":
            places = reshaping.new_places(target, self.symbols, self.mentions)
        else:
            places = reshaping.destinations(target, self.symbols, self.mentions)
        return f'" to " {self._path(f"place-{index}", places)} "\\n"'

    _move_file = _move

    def _set_return_type(self, verb: str, target: Symbol, index: int) -> str:
        said = reshaping.said_types(self.mentions, self.symbols)
        return f'" " {self._choice_or_line(f"return-type-{index}", said)} "\\n"'

    def _add_decorator(self, verb: str, target: Symbol, index: int) -> str:
        said = reshaping.decorators(self.mentions, self.known, target)
        return f'" " {self._choice_or_line(f"decorator-{index}", said)} "\\n"'

    _remove_decorator = _add_decorator

    def _set_docstring(self, verb: str, target: Symbol, index: int) -> str:
        said = reshaping.docstrings(self.mentions, self.known)
        if not said:
            return f'"\\n" {self._block()}'
        return f'"\\n<<<\\n" {self.rules.choice(f"docstring-{index}", said)} "\\n>>>\\n"'

    def _add_symbol(self, verb: str, target: Symbol, index: int) -> str:
        declared: Sequence[str] = ()
        if target.kind == "class":
            declared = reshaping.fields(target, self.symbols, self.mentions)
        if not declared:
            return f'"\\n" {self._block()}'
        return f'"\\n<<<\\n" {self.rules.choice(f"field-{index}", declared)} "\\n>>>\\n"'

    def _remove_entry(self, verb: str, target: Symbol, index: int) -> str:
        inside = reshaping.elements(target.detail)
        said = reshaping.entries(inside, self.mentions)
        return f'" " {self._choice_or_line(f"gone-entry-{index}", said or inside)} "\\n"'

    def _remove_import(self, verb: str, target: Symbol, index: int) -> str:
        said = reshaping.statements(target, self.mentions)
        return f'" " {self._choice_or_line(f"gone-import-{index}", said)} "\\n"'

    def _clone(self, verb: str, target: Symbol, index: int) -> str:
        if target.kind == "file":
            paths = families.new_files(target.path, self.symbols, self.created, self.mentions)
            return f'" " {self._path(f"clone-path-{index}", paths)} "\n"'
        called = joining.joined(target, self.symbols, self.mentions)
        made = called or families.newcomers(target, self.symbols, self.mentions)
        if made:
            named = self._named_places(target, index, made)
        else:
            name, path = self._name("", ()), self._path("", ())
            named = f'{name} (" to " {path})?'
        return f'" " {named} {self._overrides(target, index)} "\n"'

    def _named_places(self, target: Symbol, index: int, made: Sequence[families.Newcomer]) -> str:
        """The names a sibling may have, each with the file that it goes to by its family's habit:
        a file of its own if the pattern has one, else beside the pattern."""
        known = naming.known_names(self.symbols)
        written = families.written_paths(target.path, self.mentions, known)
        if written:
            names = self.rules.choice(f"clone-name-{index}", (n.name for n in made))
            return f'{names} " to " {self.rules.choice(f"clone-path-{index}", written)}'
        explicit = grounding.strength(target, self.mentions) >= grounding.EXACT
        explicit = explicit or families.asks_for_copy(self.mentions)
        if joining.joined(target, self.symbols, self.mentions):
            texts = [f"{n.name} to {n.path}" if n.path else n.name for n in made]
            return self.rules.choice(f"clone-name-{index}", texts)
        texts = [f"{n.name} to {n.path}" for n in made if n.path]
        # "clone X as Y" may well mean: right there; so may a name that is written as code.
        coded = {c for c in self.mentions.code if naming.CAMEL.search(c)}
        texts += [n.name for n in made if explicit or not n.path or n.name in coded]
        return self.rules.choice(f"clone-name-{index}", texts)

    def _overrides(self, target: Symbol, index: int) -> str:
        owned = [s for s in self.symbols if s.address == f"{target.address}.{s.name}"]
        fields = [s for s in owned if s.kind == "field"]
        if not fields:
            return ""
        return self._set_fields(target, fields, index)

    def _set_fields(self, target: Symbol, fields: Sequence[Symbol], index: int) -> str:
        """Fields in their order, each once, with values that the sentence names. What it says in
        numbers must go somewhere."""
        # The quoted name of the new thing reaches its fields by consistent renaming.
        named = [*self._quoted_names(target), *joining.told_keys(self.mentions)]
        stated = self._stated_numbers()
        rules: list[str] = []
        numeric: set[str] = set()
        wanted: set[str] = set()
        owned = joining.said_of_fields(fields, self.mentions)
        if stated == 1:
            fields = families.spoken_fields(fields, self.mentions)
        money = grounding.amounts_of_money(self.mentions)
        priced = [f for f in fields if "Decimal(" in f.detail]
        for number, field in enumerate(fields[:MAX_OVERRIDES]):
            current = _value(field)
            fitting = grounding.values(current, self.mentions, sorted(self.known))
            if money and priced and field not in priced:
                amounts = {v for v in fitting if v.replace("_", "") in money}
                fitting = tuple(v for v in fitting if v not in amounts)
            if stated:
                numbers = grounding.number_values(current, self.mentions)
                quoted = self.mentions.quoted
                fitting = tuple(v for v in fitting if v in numbers or any(q in v for q in quoted))
            pairs = [
                f"{field.name}={v}"
                for v in fitting
                if _same_shape(v, current)
                and not any(name in v for name in named)
                and not any(q in v for q, owner in owned.items() if owner != field)
            ]
            said = [q for q, owner in owned.items() if owner == field]
            pairs = [p for p in pairs if any(q in p for q in said)] or pairs
            if pairs:
                rules.append(self.rules.choice(f"override-{index}-{number}", pairs))
                if any(re.search(r"\d", pair) for pair in pairs):
                    numeric.add(rules[-1])
                if any(q in pair for q in said for pair in pairs):
                    wanted.add(rules[-1])
        least = min(max(stated, 1), len(rules))
        sets = [c for n in range(max(least, 1), len(rules) + 1) for c in combinations(rules, n)]
        enough = min(stated, len(numeric))
        sets = [c for c in sets if len(numeric.intersection(c)) >= enough and wanted <= {*c}]
        if not sets:
            return ""
        chosen = " | ".join(' ", " '.join(one) for one in sets)
        return f'" with " ({chosen})' if stated or wanted else f'(" with " ({chosen}))?'

    def _quoted_names(self, target: Symbol) -> list[str]:
        """The quoted text that names the new thing: the first that is a name and none yet; those
        that may be its key where the sentence calls it by its name."""
        if joining.joined(target, self.symbols, self.mentions):
            return [*joining.free_texts(self.mentions)]
        known = naming.known_names((*self.symbols, target))
        names = naming.without_values(self.mentions).quoted
        texts = [q for q in names if grounding.split_words(q) and q not in known]
        return texts[:1]

    def _stated_numbers(self) -> int:
        """How many numbers the sentence states outside of quotes."""
        text = re.sub(r"\b1 ?x\b", " ", self.mentions.text)  # "1x handler" is one of them
        for quoted in self.mentions.quoted:
            text = text.replace(quoted, " ")
        return len(grounding.numbers_in(text))

    def _add_parameter(self, verb: str, target: Symbol, index: int) -> str:
        own = {p for p, _ in parameters(target.detail)}
        rules = declaration_rules(target, own, self.mentions, self.known)
        for rule, expression in rules.items():
            self.rules.add(rule, expression)
        return '" " declaration "\\n"'

    def _change_parameter(self, verb: str, target: Symbol, index: int) -> str:
        known = [(n, v) for n, v in parameters(target.detail) if n not in ("self", "cls")]
        if not known:
            known = self._said_parameters(target)
        if not known:
            ident = self._name("ident", ())
            return f'"(" {ident} ") \\"" {ident} [^"\\n]{{1,100}} "\\"\\n"'
        grades = [grounding.strength(Symbol(f"x::{n}", "field"), self.mentions) for n, _ in known]
        best = max(grades)
        known = [k for k, grade in zip(known, grades, strict=True) if grade == best]
        parts: list[str] = []
        retyped = reshaping.speaks_of_type(self.mentions)
        types = reshaping.said_types(self.mentions, self.symbols)
        if not retyped:
            types = tuple(t for t in types if t != "None" and not self.mentions.numbers)
        for number, (name, value) in enumerate(known):
            if types:
                said = self.rules.choice(f"parameter-type-{index}", types)
                head = escape(f'({name}) "{name}: ')
                parts.append(f'{head} {said} "\\""')
                if retyped and not reshaping.speaks_of_default(self.mentions):
                    continue
            free = '[^"\\n]{1,80}'
            new = free
            own = (target.name, target.qualified_name, target.address, name)
            choices = grounding.values(value, self.mentions, own)
            choices = _changed(choices, value)
            plain = [v for v in choices if '"' not in v]
            if plain:
                new = self.rules.choice(f"default-{index}-{number}", plain)
            head = escape(f'({name}) "{name}')
            single = escape(f"({name}) '{name}=")
            if plain or not choices:
                parts.append(f'{head} "=" {new} "\\""')
            quoted = [v for v in choices if '"' in v and "'" not in v]
            if quoted:
                strings = self.rules.choice(f"default-text-{index}-{number}", quoted)
                parts.append(f'{single} {strings} "\'"')
        return f'({" | ".join(parts)}) "\\n"'

    def _said_parameters(self, target: Symbol) -> list[tuple[str, str]]:
        """The parameters that the sentence names, of a signature that is cut short."""
        tokens = dict.fromkeys(t for t in self.mentions.tokens if t.isidentifier())
        inside = {t: re.search(rf"\b{t}\b[^=,]*=\s*([^,)]+)", target.detail) for t in tokens}
        shown = [(t, m[1].strip()) for t, m in inside.items() if m]
        names = [t for t in tokens if grounding.fold(t) not in grounding.COMMON]
        return shown or [(n, "") for n in names if n not in target.qualified_name.split(".")]

    def _set_value(self, verb: str, target: Symbol, index: int) -> str:
        own = (target.name, target.qualified_name, target.address)
        choices = grounding.values(_value(target), self.mentions, own)
        choices = _changed(choices, _value(target))
        value = self.rules.choice(f"value-{index}", choices) if choices else self._line()
        return f'" " {value} "\\n"'

    def _add_entry(self, verb: str, target: Symbol, index: int) -> str:
        if is_enum(target):
            return self._member(target, index)
        inside = target.detail.partition("=")[2].strip()
        is_dict = inside.startswith("{") and (":" in inside or inside == "{}")
        is_dict = is_dict or (inside[:1] in "[(a" and "=>" in inside)
        elements = _KEY.findall(inside) if is_dict else _ELEMENT.findall(inside)
        made = [s for s in self.created if s.kind in ("class", "function")]
        core = families.core_of(made[-1], self.symbols) if made else ()
        only: Sequence[str] = ()
        more: Sequence[str] = ()
        if made and is_dict:
            only, more = joining.keys(elements, made[-1], self.symbols, self.mentions)
        # What a module exports is there already.
        known = {"__all__"} if target.name == "__all__" else self.known
        texts = naming.keys(elements, self.mentions, target.name, known, core, more)
        texts = tuple(only) or texts
        if _sort_of(elements) == "text":
            texts = tuple(t for t in texts if not t[1:-1].isnumeric()) or texts
        if target.name == "__all__" and self.mentions.code:
            mark = elements[0][:1] if elements else '"'
            written = [c for c in self.mentions.code if c.isidentifier() and c != "__all__"]
            exported = tuple(f"{mark}{c}{mark}" for c in written)
            if exported:
                return f'" " {self.rules.choice(f"entry-{index}", exported)} "\\n"'
        if not is_dict:
            return f'" " {self._entry_value(f"entry-{index}", elements, texts, target)} "\\n"'
        values = _DICT_VALUE.findall(inside)
        if _sort_of(values) == "text" and 1 < len(texts) <= MAX_PAIRED:
            pairs = [f"{k} {v}" for k in texts for v in self._texts(values, texts) if k != v]
            return f'" " {self.rules.choice(f"pair-{index}", pairs)} "\\n"'
        key = self._choice_or_line(f"entry-key-{index}", texts)
        return f'" " {key} " " {self._entry_value(f"entry-{index}", values, texts, target)} "\\n"'

    def _member(self, target: Symbol, index: int) -> str:
        """`NAME VALUE`, as the other members of the enumeration are."""
        owned = [s for s in self.symbols if s.address == f"{target.address}.{s.name}"]
        names = reshaping.members(owned, self.mentions, {*self.known})
        current = _value(owned[0]) if owned else ""
        values = [*grounding.values(current, self.mentions, (*names, *self.known)), "auto()"]
        values = [
            v for v in values if v.isascii() and (v[:1] in "\"'-" or v[:1].isdigit() or "(" in v)
        ]
        name = self._choice_or_line(f"member-{index}", names)
        return f'" " {name} " " {self.rules.choice(f"member-value-{index}", values)} "\\n"'

    def _entry_value(
        self, rule: str, existing: Sequence[str], texts: Sequence[str], target: Symbol
    ) -> str:
        """A new element like the existing ones: text, a number, or a name."""
        texts = self._texts(existing, texts)
        names = [s.name for s in self.created if s.kind in ("class", "function")]
        if not names:
            spoken = naming.spoken_texts(self.mentions, target.name)
            names = [t for t in spoken if t.isidentifier()]
            names += naming.renamings(target, self.mentions)
            names += [s.name for s in self.symbols if s.kind in ("class", "function")]
        pools = {
            "text": [*texts],
            "number": [*self.mentions.numbers],
            "name": names,
        }
        pool = pools.get(_sort_of(existing)) or [*names, *texts, *self.mentions.numbers]
        return self._choice_or_line(rule, pool)

    def _texts(self, existing: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
        """Texts in the quotes of the present ones: what keys may be, any word, what is quoted."""
        mark = existing[0][:1] if existing and existing[0][:1] in "\"'" else ""
        if not mark:
            return tuple(texts)
        said = [*naming.spoken_texts(self.mentions, "", self.known), *self.mentions.quoted]
        more = [f"{mark}{t}{mark}" for t in said if mark not in t]
        return tuple(dict.fromkeys([*texts, *more]))

    def _add_import(self, verb: str, target: Symbol, index: int) -> str:
        words = grounding.importable(self.mentions)
        stem = target.path.rpartition("/")[2].partition(".")[0]
        words = tuple(w for w in words if not w.endswith(".py") and w not in (stem, target.path))
        inside = tuple(w for w in words if "." in w.strip("."))
        free = "[a-zA-Z_.] [a-zA-Z0-9_.]{0,80}"
        dotted = self.rules.add("dotted", trie(words) if words else free)
        # A dotted name in the sentence is the module, not a single word beside it.
        module = self.rules.add("module", trie(inside) if inside else dotted)
        ident = self._name("imported", tuple(w for w in words if w.isidentifier()))
        other = grounding.alias(self.mentions)
        alias = f'(" as " {ident})?'
        if words:
            alias = escape(f" as {other}") if other else ""
        names = f'{ident} (", " {ident}){{0,5}} {alias}'
        plain = f'"import " {dotted} {alias}'
        if len(set(words) - {other}) == 1:  # one name cannot come from another
            name = words[0]
            if self.mentions.tokens.count(name) < 2 or not name.isidentifier():
                return f'" " {plain} "\\n"'
            return escape(f" from {name} import {name}") + f' {alias} "\\n"'  # datetime
        return f'" " ("from " {module} " import " {names} | {plain}) "\\n"'

    def _insert_before(self, verb: str, target: Symbol, index: int) -> str:
        statement = self._statement(target, index)
        names = tested([n for n, _ in parameters(target.detail)], self.mentions)
        if not names:
            return f'{statement} "\\n" {self._block()}'
        for name, expression in guard_rules(names, self.mentions).items():
            self.rules.add(name, expression)
        # Anything but an `if` of another form: "i" may begin a line, "if" only a guard.
        other = r'([^>i\r\n] [^\r\n]* | "i" [^f\r\n] [^\r\n]*)? "\n"'
        line = self.rules.add("guarded-line", f"guard | {other}")
        block = self.rules.add("guarded-block", f'"<<<\\n" {line}{{1,12}} ">>>\\n"')
        return f'{statement} "\\n" {block}'

    _insert_after = _insert_before
    _replace_statement = _insert_before

    def _delete_statement(self, verb: str, target: Symbol, index: int) -> str:
        return f'{self._statement(target, index)} "\\n"'

    def _statement(self, target: Symbol, index: int) -> str:
        body = self.bodies.get(target.address)
        if body is None or not body.statements:
            return '"#" [1-9] [0-9]{0,3}'
        return self.rules.choice(f"statement-{index}", (f"#{n}" for n, _ in body.statements))

    def _name(self, rule: str, names: Sequence[str]) -> str:
        if names:
            return self.rules.choice(rule, names)
        return self.rules.add("ident", "[a-zA-Z_] [a-zA-Z0-9_]{0,60}")

    def _path(self, rule: str, paths: Sequence[str]) -> str:
        return self.rules.choice(rule, paths) if paths else self.rules.new_path()

    def _choice_or_line(self, rule: str, choices: Sequence[str]) -> str:
        return self.rules.choice(rule, choices) if choices else self._argument()

    def _argument(self) -> str:
        return self.rules.add("argument", "[^ ,\\n] [^\\n,]{0,80}")

    def _line(self) -> str:
        return self.rules.add("line", "[^ \\n] [^\\n]{0,400}")

    def _block(self) -> str:
        self.rules.add("payload", until_fence(">>>"))
        return self.rules.add("block", '"<<<\\n" payload ">>>\\n"')


_FLIPPED = {"True": "False", "False": "True", "true": "false", "false": "true"}


def _changed(choices: Sequence[str], current: str) -> tuple[str, ...]:
    """Without the present value, which a sentence may name too ("128 -> 192"). What is True can
    only become False."""
    if current in _FLIPPED:
        flipped = _FLIPPED[current]
        # "turn it off" where it is off changes nothing, and must not turn it on.
        return (current,) if current in choices and flipped not in choices else (flipped,)
    return tuple(c for c in choices if c != current) or tuple(choices)


def _value(symbol: Symbol) -> str:
    return symbol.detail.partition("=")[2].strip()


def _same_shape(value: str, current: str) -> bool:
    """Whether `value` looks like `current` but for its literals: a call stays that call."""
    head = re.match(r"[\w.]+\(", current)
    if head:
        return value.startswith(head.group())
    if current[:1] in "\"'":
        return value[:1] in "\"'"
    if re.fullmatch(r"-?[\d_]+", current):
        return bool(re.fullmatch(r"-?[\d_]+", value))
    if re.fullmatch(r"-?[\d_.]+", current):
        return bool(re.fullmatch(r"-?[\d_.]+", value))
    return True


__all__ = [
    "COMPACT_VERBS", "MAX_STEPS", "TARGET_KINDS", "parameters", "plan_grammar", "step_grammar",
]  # fmt: skip
