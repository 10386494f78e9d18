"""`clone ... with FIELD=EXPRESSION, ...`: values that differ in the copy."""

from __future__ import annotations

import libcst as cst

from sorte_cli.edits.model import EditError
from sorte_cli.edits.python.clone_copy import Copy
from sorte_cli.edits.python.parameters import tail
from sorte_cli.edits.python.scopes import Binding, ClassInfo, Definition, FunctionInfo
from sorte_cli.edits.suggest import did_you_mean, nearest


def parse_values(text: str) -> dict[str, str]:
    """FIELD=EXPRESSION pairs in order. Raises EditError where they are not that."""
    if not text.strip():
        return {}
    wrong = EditError(
        f"{text!r} is not FIELD=EXPRESSION, ...", hint='For example: with fee=2, code="boleto".'
    )
    try:
        module = cst.parse_module(f"f({text})\n")
    except cst.ParserSyntaxError as error:
        raise wrong from error
    statement = module.body[0] if len(module.body) == 1 else None
    call = (
        statement.body[0].value
        if isinstance(statement, cst.SimpleStatementLine)
        and isinstance(statement.body[0], cst.Expr)
        else None
    )
    if not isinstance(call, cst.Call) or any(a.keyword is None for a in call.args):
        raise wrong
    return {
        a.keyword.value: module.code_for_node(a.value) for a in call.args if a.keyword is not None
    }


def set_values(copy: Copy, bindings: list[Binding], values: dict[str, str]) -> None:
    """Put values into a copy: fields of its class, defaults of its function, or its constants.

    `bindings` are what is copied: one symbol, or everything at the top of a file.
    """
    for name, value in values.items():
        if not any(_set_in(copy, binding, name, value) for binding in bindings) and not any(
            _add_field(copy, binding, name, value) for binding in bindings
        ):
            known = [n for b in bindings for n in _settable(copy, b)]
            raise EditError(
                f"{bindings[0].name!r} has nothing called {name!r} that could be set."
                if bindings
                else f"The file has nothing called {name!r}.",
                hint=did_you_mean(nearest(name, known)) or f"It has: {', '.join(known[:8])}.",
            )


def _classes(copy: Copy, binding: Binding) -> list[ClassInfo]:
    found = [copy.facts.scopes.get(d.node) for d in binding.definitions if d.kind == "class"]
    return [s.class_info for s in found if s is not None and s.class_info is not None]


def _functions(copy: Copy, binding: Binding) -> list[FunctionInfo]:
    found = [copy.facts.scopes.get(d.node) for d in binding.definitions if d.kind == "function"]
    return [s.function_info for s in found if s is not None and s.function_info is not None]


def _settable(copy: Copy, binding: Binding) -> list[str]:
    names = [binding.name]
    for info in _classes(copy, binding):
        names += info.scope.bindings
    for function in _functions(copy, binding):
        names += [p.name.value for p in function.node.params.params]
    return names


def _is_called(copy: Copy, binding: Binding, name: str) -> bool:
    """Whether a binding has this name, in the pattern or in the copy."""
    return name in (binding.name, copy.renamed.get(binding))


def _set_in(copy: Copy, binding: Binding, name: str, value: str) -> bool:
    if _is_called(copy, binding, name) or (name == "value" and not _classes(copy, binding)):
        for definition in binding.definitions:
            if _set_assigned(copy, definition, value):
                return True
    for info in _classes(copy, binding):
        if _set_member(copy, info, name, value):
            return True
    return any(_set_default(copy, f, name, value) for f in _functions(copy, binding))


def _set_assigned(copy: Copy, definition: Definition, value: str) -> bool:
    if definition.kind not in ("assign", "annotated"):
        return False
    if definition.value is not None:
        copy.override(*copy.facts.tree.outer_span(definition.value), value)
        return True
    if definition.annotation is not None:
        end = copy.facts.tree.outer_span(definition.annotation)[1]
        copy.override(end, end, f" = {value}")
        return True
    return False


def _set_member(copy: Copy, info: ClassInfo, name: str, value: str) -> bool:
    for member in info.scope.bindings.values():
        if not _is_called(copy, member, name):
            continue
        if any(_set_assigned(copy, definition, value) for definition in member.definitions):
            return True
        for function in _functions(copy, member):
            if len(function.returns) == 1 and _only_returns(function):
                copy.override(*copy.facts.tree.outer_span(function.returns[0]), value)
                return True
    init = info.scope.bindings.get("__init__")
    if init is not None:
        if any(_set_default(copy, f, name, value) for f in _functions(copy, init)):
            return True
        uses = [u for u in info.self_attributes.get(name, ()) if u.assigned is not None]
        if len(uses) == 1 and uses[0].assigned is not None:
            copy.override(*copy.facts.tree.outer_span(uses[0].assigned), value)
            return True
    return False


def _only_returns(function: FunctionInfo) -> bool:
    """Whether a function does nothing but return a value (beside its docstring)."""
    statements = [s for s in function.node.body.body if isinstance(s, cst.SimpleStatementLine)]
    if len(statements) != len(function.node.body.body):
        return False
    small = [s for line in statements for s in line.body]
    rest = [s for s in small if not isinstance(s, cst.Expr)]
    return len(rest) == 1 and isinstance(rest[0], cst.Return)


def _set_default(copy: Copy, function: FunctionInfo, name: str, value: str) -> bool:
    parameters = function.node.params
    for node in (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params):
        binding = function.scope.bindings.get(node.name.value)
        if binding is None or not _is_called(copy, binding, name):
            continue
        if node.default is not None:
            copy.override(*copy.facts.tree.outer_span(node.default), value)
            return True
        if function.name == "__init__":
            continue  # what the constructor must be given is for its callers to say
        annotation = node.annotation.annotation if node.annotation else None
        end = copy.facts.tree.outer_span(annotation or node.name)[1]
        copy.override(end, end, tail("T", value)[3:] if annotation else tail("", value))
        return True
    return False


def _add_field(copy: Copy, binding: Binding, name: str, value: str) -> bool:
    """Add a field to the class that is copied."""
    for info in _classes(copy, binding):
        body = info.node.body
        if not isinstance(body, cst.IndentedBlock) or not body.body:
            continue
        tree = copy.facts.tree
        indent = tree.indent_at(tree.span(body.body[0])[0])
        line = f"{indent}{name} = {value}\n"
        fields = [s for s in body.body if _is_field(s)]
        if fields:
            copy.insert(tree.statement_span(fields[-1])[1], line)
        elif _is_placeholder(body):
            copy.override(*tree.span(body.body[0]), f"{name} = {value}")
        elif _is_docstring(body.body[0]):
            copy.insert(tree.statement_span(body.body[0])[1], "\n" + line)
        else:
            copy.insert(tree.statement_span(body.body[0])[0], line + "\n")
        return True
    return False


def _is_field(statement: cst.BaseStatement) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and isinstance(
        statement.body[0], cst.Assign | cst.AnnAssign
    )


def _is_docstring(statement: cst.BaseStatement) -> bool:
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and isinstance(statement.body[0], cst.Expr)
        and isinstance(statement.body[0].value, cst.SimpleString | cst.ConcatenatedString)
    )


def _is_placeholder(body: cst.IndentedBlock) -> bool:
    only = body.body[0]
    return (
        len(body.body) == 1
        and isinstance(only, cst.SimpleStatementLine)
        and (
            isinstance(only.body[0], cst.Pass)
            or (isinstance(only.body[0], cst.Expr) and isinstance(only.body[0].value, cst.Ellipsis))
        )
    )
