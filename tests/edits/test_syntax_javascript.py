"""JavaScript, TypeScript and Vue single-file components."""

from __future__ import annotations

from edit_support import changed, refusal

VUE = """\
<template>
  <div @click="load">{{ total }}</div>
</template>

<script>
import axios from 'axios'
import Foo from './Foo.vue'

export default {
  name: 'Cart',

  components: {
    Foo,
  },

  data() {
    return {
      items: [],
      loading: false,
    }
  },

  computed: {
    total() {
      return this.items.length
    },
  },

  methods: {
    load() {
      this.loading = true
    }
  }
}
</script>

<style scoped>
.a { color: red }
</style>
"""


def test_vue_options_are_addressed_by_name_with_or_without_their_section() -> None:
    block = "\n<<<\ntotal() {\n    return 0\n},\n>>>\n"
    expected = VUE.replace("return this.items.length", "return 0")
    assert changed("C.vue", VUE, f"replace_symbol C.vue::total{block}") == expected
    assert changed("C.vue", VUE, f"replace_symbol C.vue::computed.total{block}") == expected


def test_a_vue_method_a_component_and_a_data_field_are_one_operation_each() -> None:
    result = changed(
        "C.vue",
        VUE,
        """\
        add_entry C.vue::components Bar
        add_entry C.vue::data "error" null
        add_import C.vue import Bar from "./Bar.vue";
        add_symbol C.vue::methods
        <<<
        async save() {
            await axios.post('/x')
        }
        >>>
        set_value C.vue::name 'Basket'
        """,
    )
    assert result == VUE.replace("    Foo,\n", "    Foo,\n    Bar,\n").replace(
        "loading: false,\n", "loading: false,\n      error: null,\n"
    ).replace("Foo.vue'\n", "Foo.vue'\nimport Bar from './Bar.vue'\n").replace(
        "true\n    }\n", "true\n    },\n    async save() {\n      await axios.post('/x')\n    }\n"
    ).replace("'Cart'", "'Basket'")


def test_script_setup_takes_functions_and_imports() -> None:
    text = (
        "<script setup lang=\"ts\">\nimport { ref } from 'vue'\n\nconst n = ref(1)\n</script>\n\n"
        "<template>\n  <p>{{ n }}</p>\n</template>\n"
    )
    result = changed(
        "C.vue",
        text,
        "add_symbol C.vue\n<<<\nfunction add(): void {\n  n.value++\n}\n>>>\n"
        "add_import C.vue import { computed } from 'vue'\n",
    )
    assert "import { ref, computed } from 'vue'\n" in result
    assert "const n = ref(1)\n\nfunction add(): void {\n  n.value++\n}\n</script>" in result


def test_a_deleted_option_leaves_the_object_whole() -> None:
    assert "  computed: {\n  },\n" in changed("C.vue", VUE, "delete C.vue::total\n")


def test_a_test_is_added_to_its_describe() -> None:
    text = (
        "import { test } from 'vitest'\n\ndescribe('cart', () => {\n  it('adds', () => {\n"
        "    expect(1).toBe(1)\n  })\n})\n"
    )
    result = changed(
        "a.spec.ts",
        text,
        "add_symbol a.spec.ts::cart\n<<<\nit('removes', () => {\n    expect(2).toBe(2)\n})\n>>>\n",
    )
    assert result == text.replace(
        "  })\n})\n", "  })\n\n  it('removes', () => {\n    expect(2).toBe(2)\n  })\n})\n"
    )
    renamed = changed(
        "a.spec.ts", text, "replace_symbol a.spec.ts::cart.adds\n<<<\nit('adds', () => {})\n>>>\n"
    )
    assert "  it('adds', () => {})\n})\n" in renamed


TS = """\
export interface Item {
  name: string
}

export enum Kind {
  A = 'a',
  B = 'b',
}

/** Adds. */
@Injectable()
export class Cart {
  private items: Item[] = []

  // how many
  @Memo()
  get size(): number {
    return this.items.length
  }
}

export function total(a: number): number
export function total(a: string): number
export function total(a: any): number {
  return 1
}

const limits = { low: 1, high: 2 } as const

export default class Foo {}
"""


def test_decorators_overloads_and_exports_belong_to_the_symbol() -> None:
    result = changed(
        "a.ts",
        TS,
        """\
        replace_symbol a.ts::Cart.size
        <<<
        get size(): number {
          return 1
        }
        >>>
        replace_symbol a.ts::total
        <<<
        export const total = (a: number): number => a
        >>>
        """,
    )
    assert "  // how many\n  get size(): number {\n    return 1\n  }\n}\n" in result
    assert "}\n\nexport const total = (a: number): number => a\n\nconst limits" in result


def test_a_replacement_that_is_no_longer_exported_says_so() -> None:
    from edit_support import applied

    script = "replace_symbol a.ts::total\n<<<\nfunction total() {}\n>>>\n"
    (report,) = applied({"a.ts": TS}, script).reports
    assert report.summary == "Replaced function a.ts::total. It is no longer exported."


def test_members_of_interfaces_enums_and_objects() -> None:
    result = changed(
        "a.ts",
        TS,
        "add_symbol a.ts::Item\n<<<\nprice?: number\n>>>\nadd_entry a.ts::Kind C 'c'\n"
        'add_entry a.ts::limits "top" 3\nadd_symbol a.ts\n<<<\nexport function f() {}\n>>>\n',
    )
    assert "  name: string\n  price?: number\n}" in result
    assert "  B = 'b',\n  C = 'c',\n}" in result
    assert "{ low: 1, high: 2, top: 3 } as const" in result
    assert "export function f() {}\n\nexport default class Foo {}\n" in result


def test_imports_are_merged_in_the_style_of_the_file() -> None:
    text = 'import a from "a";\nimport {\n  b,\n  c,\n} from "b";\nimport "./side";\n\nrun();\n'
    assert changed("a.js", text, "add_import a.js import { d, c } from 'b'\n") == text.replace(
        "  c,\n", "  c,\n  d,\n"
    )
    assert changed("a.js", text, "add_import a.js import { x } from 'a'\n") == text.replace(
        "import a from", "import a, { x } from"
    )
    assert changed("a.js", text, "add_import a.js import * as z from './z'\n") == text.replace(
        '"./side";\n', '"./side";\nimport * as z from "./z";\n'
    )
    assert changed("a.js", text, "remove_import a.js import { b } from 'b'\n") == text.replace(
        "import {\n  b,\n  c,\n} from", "import { c } from"
    )
    assert changed("a.js", text, "remove_import a.js import a from 'a'\n") == text.replace(
        'import a from "a";\n', ""
    )
    assert (
        "already imports 'b'"
        in refusal({"a.js": text}, "add_import a.js import b from 'q'\n").message
    )


def test_text_inside_template_strings_keeps_its_indentation() -> None:
    text = "class A {\n    run() {\n    }\n}\n"
    result = changed(
        "a.js",
        text,
        "replace_symbol a.js::A.run\n<<<\nrun() {\n  return `\none\n  two\n`\n}\n>>>\n",
    )
    assert result == "class A {\n    run() {\n        return `\none\n  two\n`\n    }\n}\n"
