"""Vue files: options under the names that operations use, sections, named parts of the template."""

from __future__ import annotations

import pytest

from sorte_cli.context.index import ProjectIndex
from sorte_cli.context.symbols import definitions
from sorte_cli.edits.outline import outline

CART = """<template>
  <div id="cart" ref="box">
    <slot name="header" />
    <pix-payment @paid="clear" />
    <base-card><template #footer>x</template></base-card>
  </div>
</template>

<script>
import PixPayment from './PixPayment.vue'
export default {
  props: { items: Array },
  data() { return { open: false } },
  computed: { total() { return 1 }, ...mapState(['a']) },
  methods: {
    clear(all) { this.open = false },
    add: function (x) { return [x].map(function each(y) { return y }) },
  },
}
</script>

<style scoped>
.cart { color: red }
</style>
"""
SETUP = """<script setup lang="ts">
const open = ref(false)
function clear() {}
</script>
<template><p/></template>
"""


def named(text: str) -> dict[str, tuple[str, int, int]]:
    return {d.qualified: (d.kind, d.line, d.end_line) for d in definitions("vue", text.encode())}


def test_options_bear_the_names_that_operations_use():
    found = named(CART)
    assert found["methods.clear"] == ("method", 16, 16)
    assert found["methods.add"] == ("method", 17, 17)
    assert found["computed.total"] == ("method", 14, 14)
    assert found["props.items"] == ("field", 12, 12)
    assert "clear" not in found
    assert "each" not in found


def test_sections_and_named_parts_of_the_template_are_found():
    found = named(CART)
    assert found["template"] == ("section", 1, 7)
    assert found["script"] == ("section", 9, 20)
    assert found["style"] == ("section", 22, 24)
    parts = {n for n in found if n.startswith("template.")}
    assert parts == {"template.cart", "template.box", "template.header", "template.footer"}
    assert named(SETUP)["script setup"] == ("section", 1, 4)


def test_a_template_without_a_script_and_a_broken_one_give_what_there_is():
    assert set(named("<template>\n<p id='a'/>\n</template>\n")) == {"template", "template.a"}
    assert named("<template>\n<p id='a'/>\n") == {}
    assert named("<script>\nexport default defineComponent({ name: 1 })\n</script>\n")["name"]


SOURCES = {
    "Cart.vue": CART,
    "Setup.vue": SETUP,
    "a.js": (
        "function outer() {\n  function inner() {}\n  return { m() {} }\n}\n"
        "const o = { k() {} }\ntest('x', () => {\n  function local() {}\n})\n"
    ),
    "a.ts": "export class A {\n  x = 1\n  m(): void {}\n}\nrun({ handler() { return 1 } })\n",
    "a.go": (
        "package a\n\nfunc F() {\n\ttype T struct {\n\t\tX int\n\t}\n}\n\n"
        "type U struct {\n\tY int\n}\n"
    ),
    "a.rs": (
        "fn f() {\n    fn g() {}\n    struct S {\n        x: i32,\n    }\n}\n"
        "mod m {\n    fn h() {}\n}\n"
    ),
    "a.php": "<?php\nfunction f() {\n    function g() {}\n}\nclass A {\n    function m() {}\n}\n",
    "a.py": "def f():\n    def g(): ...\n\n\nclass A:\n    x = 1\n\n    def m(self): ...\n",
}


@pytest.mark.parametrize("path", SOURCES)
def test_operations_know_every_definition_that_a_model_may_be_offered(make_project, path):
    project = make_project({path: SOURCES[path]})
    with ProjectIndex.open(project.root) as index:
        offered = {s.qualified_name for s in index.symbols(path) if s.kind != "section"}
    known = {s.qualified_name for s in outline(path, SOURCES[path].encode())}
    assert offered
    assert offered <= known
