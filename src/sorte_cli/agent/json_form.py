"""Plans and operations as JSON, for engines elsewhere that take a JSON schema and no grammar.

The schemas name what the grammars name: only verbs that fit, only symbols that exist. What comes
back is turned into the one text form that everything else reads. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sorte_cli.agent.grammar import parameters
from sorte_cli.agent.plan_grammar import MAX_STEPS
from sorte_cli.agent.plans import print_plan
from sorte_cli.agent.prompting import Body
from sorte_cli.agent.wide_grammar import KEYED, MAX_OPERATIONS, PLANNED, SUPPORT, Nameable
from sorte_cli.domain import Plan, Step, Symbol
from sorte_cli.edits import EditError, Operation, Script, parse_address, print_script
from sorte_cli.edits.verbs import VERBS, Target

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_MAX_TARGETS = 6
MAX_PATHS = 500


def plan_schema(symbols: Sequence[Symbol], paths: Sequence[str] = ()) -> str:
    """The schema of a plan of the full profile; what `wide_plan_grammar` is as a grammar. Of the
    `paths` of the project as many as engines take in a schema."""
    nameable = Nameable(symbols, paths[:MAX_PATHS])
    steps = [_step(v, names) for v in PLANNED if (names := nameable.planned(v))]
    steps.append(_step("create_file", []))
    listed = {"type": "array", "items": {"anyOf": steps}, "maxItems": MAX_STEPS}
    return json.dumps(_object({"steps": listed, "reason": _TEXT}))


def _step(verb: str, addresses: Sequence[str]) -> Schema:
    target = {"type": "string", "enum": list(addresses)} if addresses else _TEXT
    targets = {"type": "array", "items": target, "minItems": 1, "maxItems": _MAX_TARGETS}
    return _object({"verb": {"enum": [verb]}, "targets": targets, "instruction": _TEXT})


def plan_text(answer: str) -> str:
    """The text of a plan that came as JSON. Raises ValueError where it is none."""
    document = json.loads(answer)
    try:
        steps = tuple(
            Step(
                str(step["verb"]),
                tuple(str(t) for t in step["targets"]),
                " ".join(str(step.get("instruction", "")).split()),
            )
            for step in document["steps"]
        )
        reason = " ".join(str(document.get("reason", "")).split())
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no plan: {error}") from error
    return print_plan(Plan(steps, reason="" if steps else reason))


def operations_schema(step: Step, symbols: Sequence[Symbol], bodies: Sequence[Body] = ()) -> str:
    """The schema of the operations of one step; what `wide_step_grammar` is as a grammar.

    `symbols` are what stands in the files of the step.
    """
    nameable = Nameable(symbols, ())
    verbs = tuple(VERBS) if step.verb == "edit" else tuple(dict.fromkeys((step.verb, *SUPPORT)))
    forms: list[Schema] = []
    for verb in verbs:
        if verb == "create_file":
            forms.append(_operation(verb, [], bodies))
            continue
        takes = VERBS[verb].targets
        if verb in KEYED and nameable.files(verb):
            forms.append(_operation(verb, [], bodies))
            continue
        files = [Symbol(p, "file") for p in nameable.files(verb)] if Target.FILE in takes else []
        fitting = nameable.symbols(verb) if takes - {Target.FILE} else []
        for targets in (files, fitting):
            own = [t for t in targets if verb == step.verb and t.address in step.targets]
            if targets:
                forms.append(_operation(verb, own or targets, bodies))
    items = forms[0] if len(forms) == 1 else {"anyOf": forms}
    listed = {"type": "array", "items": items, "minItems": 1, "maxItems": MAX_OPERATIONS}
    return json.dumps(_object({"operations": listed}))


def _operation(verb: str, targets: Sequence[Symbol], bodies: Sequence[Body]) -> Schema:
    signature = VERBS[verb]
    whole_file = all(t.kind == "file" for t in targets) and bool(targets)
    arguments = (whole_file and signature.file_arguments) or signature.arguments
    addresses = [a for t in targets for a in _addresses(t, signature.targets, bodies)]
    fields: Schema = {
        "verb": {"enum": [verb]},
        "target": {"type": "string", "enum": addresses} if addresses else _TEXT,
    }
    fields |= {a.name: _TEXT for a in arguments}
    required = ["verb", "target", *(a.name for a in arguments if not a.optional)]
    if signature.blocks:
        count = signature.blocks
        fields["blocks"] = {"type": "array", "items": _TEXT, "minItems": count, "maxItems": count}
        required.append("blocks")
    return _object(fields, required)


def _addresses(symbol: Symbol, takes: frozenset[Target], bodies: Sequence[Body]) -> list[str]:
    """A symbol as this verb names it: itself, its statements or its parameters."""
    if Target.SYMBOL in takes or Target.FILE in takes:
        return [symbol.address]
    if Target.STATEMENTS in takes:
        shown = [b for b in bodies if b.address == symbol.address]
        return [f"{b.address}{b.mark}{n}" for b in shown for n, _ in b.statements]
    return [f"{symbol.address}({name})" for name, _ in parameters(symbol.detail)]


def operations_text(answer: str) -> str:
    """The script of operations that came as JSON. Raises ValueError or EditError."""
    document = json.loads(answer)
    try:
        operations = tuple(_read(one) for one in document["operations"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"these are no operations: {error}") from error
    return print_script(Script(operations))


def _read(one: Schema) -> Operation:
    verb = str(one["verb"])
    signature = VERBS.get(verb)
    if signature is None:
        raise EditError(f"There is no operation {verb!r}.")
    target = parse_address(str(one["target"]))
    arguments = tuple(
        (a.name, str(one[a.name]).strip())
        for a in signature.arguments_for(target)
        if str(one.get(a.name, "")).strip()
    )
    blocks = tuple(_whole_lines(str(b)) for b in one.get("blocks", []))
    return Operation(verb, target, arguments, blocks)


def _whole_lines(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"


def _object(fields: Schema, required: Sequence[str] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields if required is None else required),
        "additionalProperties": False,
    }
