"""Plans and operations as JSON: the schema names what exists, and the text comes back exact."""

import json

import pytest

from sorte_cli.agent.executing import write_operations
from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.json_form import operations_schema, operations_text, plan_schema, plan_text
from sorte_cli.agent.planning import Situation, make_plan
from sorte_cli.agent.prompting import Body
from sorte_cli.domain import Step, Symbol
from sorte_cli.edits import EditError, parse_script, print_address, print_script
from sorte_cli.edits.examples import EXAMPLES
from sorte_cli.edits.verbs import VERBS
from sorte_cli.inference import Generation, ModelInfo

SYMBOLS = (
    Symbol("shop/orders.py", "file"),
    Symbol("shop/orders.py::calc_total", "function", "(items, rate=2)"),
    Symbol("shop/orders.py::MAX_ITEMS", "constant", "= 20"),
)
BODY = Body("shop/orders.py::calc_total", ((1, "result = 0"), (2, "return result")))


def as_json(text):
    """What a model would have to write for a script."""
    return json.dumps(
        {
            "operations": [
                {
                    "verb": one.verb,
                    "target": print_address(one.target),
                    **dict(one.arguments),
                    "blocks": list(one.blocks),
                }
                for one in parse_script(text).operations
            ]
        }
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.script.split("\n")[0][:50])
def test_every_operation_comes_back_from_json(example):
    text = print_script(parse_script(example.script))
    assert operations_text(as_json(text)) == text


def verbs_of(schema):
    items = json.loads(schema)["properties"]["operations"]["items"]
    return {f["properties"]["verb"]["enum"][0]: f for f in items.get("anyOf", [items])}


def test_a_step_allows_its_verb_on_its_targets_alone():
    step = Step("insert_before", ("shop/orders.py::calc_total",))
    found = verbs_of(operations_schema(step, SYMBOLS, (BODY,)))
    assert set(found) == {"insert_before", "add_import", "remove_import"}
    form = found["insert_before"]
    assert form["properties"]["target"]["enum"] == [f"{BODY.address}#1", f"{BODY.address}#2"]
    assert form["required"] == ["verb", "target", "blocks"]
    step = Step("change_parameter", ("shop/orders.py::calc_total",))
    form = verbs_of(operations_schema(step, SYMBOLS))["change_parameter"]
    assert form["properties"]["target"]["enum"] == [
        f"{BODY.address}({n})" for n in ("items", "rate")
    ]


def test_a_free_step_allows_what_fits_the_files_of_its_targets():
    found = verbs_of(operations_schema(Step("edit", ("shop/orders.py::MAX_ITEMS",)), SYMBOLS))
    assert {"set_value", "rename", "create_file"} <= set(found) <= set(VERBS)
    assert not {"set_key", "add_item"} & set(found)
    assert found["add_parameter"]["properties"]["target"]["enum"] == ["shop/orders.py::calc_total"]
    assert found["set_value"]["required"] == ["verb", "target", "value"]


def test_a_plan_names_what_exists_and_comes_back_as_text():
    steps = json.loads(plan_schema(SYMBOLS))["properties"]["steps"]["items"]["anyOf"]
    targets = {
        s["properties"]["verb"]["enum"][0]: s["properties"]["targets"]["items"].get("enum")
        for s in steps
    }
    assert targets["set_value"] == ["shop/orders.py::MAX_ITEMS"]
    assert targets["create_file"] is None
    plan = {"steps": [{"verb": "rename", "targets": ["a.py::b"], "instruction": "to\n c"}]}
    assert plan_text(json.dumps(plan)) == "rename a.py::b: to c\n"
    assert plan_text('{"steps": [], "reason": "all is well"}') == "none: all is well\n"


@pytest.mark.parametrize(
    "answer",
    ["", "[]", "{}", '{"operations": 3}', '{"operations": [{"verb": "dance", "target": "a.py"}]}',
     '{"operations": [{"verb": "rename", "target": "a.py::b", "new_name": "c d"}]}'],
)  # fmt: skip
def test_what_is_no_script_is_refused(answer):
    with pytest.raises((ValueError, EditError)):
        operations_text(answer)


class Elsewhere:
    """An engine that takes a schema and no grammar."""

    info = ModelInfo(
        "x", None, "remote", 7_000_000_000, 4096, 4096, 1, "", "", "0"
    )  # fmt: skip

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def count(self, text):
        return len(text) // 4 + 1

    def generate(self, messages, options, *, on_text=None, on_prompt=None, cancel=None):
        self.asked.append(options)
        form = "json" if options.schema else "text"
        return Generation(self.answers.pop(0), (), (), "stop", 0, 0, 0.0, 0.0, form=form)


class Files:
    def __init__(self, files):
        self.files = files

    def paths(self):
        return sorted(self.files)

    def read(self, path):
        return self.files.get(path)


class Nobody:
    def event(self, name, **data):
        pass


def test_the_executor_and_the_brain_take_json_from_such_an_engine():
    situation = Situation("rename it", read_mentions("rename it"), SYMBOLS)
    step = Step("rename", ("shop/orders.py::calc_total",), "to total")
    files = Files({"shop/orders.py": b"def calc_total(items, rate=2):\n    return 1\n"})
    operation = {"verb": "rename", "target": step.targets[0], "new_name": "total"}
    engine = Elsewhere(json.dumps({"operations": [operation]}), '{"operations": [{}]}')
    draft = write_operations(engine, "full", situation, step, files, Nobody())
    assert (draft.text, draft.problem) == ("rename shop/orders.py::calc_total total\n", "")
    assert "no operations" in (
        write_operations(engine, "full", situation, step, files, Nobody()).problem
    )
    answer = json.dumps({"steps": [{"verb": "rename", "targets": [step.targets[0]]}]})
    planner = Elsewhere("I think", answer, "I think", "{}")
    found = make_plan(planner, "full", situation, Nobody())
    assert found.steps == (Step("rename", step.targets),)
    assert not make_plan(planner, "full", situation, Nobody()).steps
