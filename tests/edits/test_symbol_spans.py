"""Where a symbol begins and ends in other languages: with its attributes, decorators, doc comment
and export, without its neighbours; and alone where it is declared in a group with others.
"""

from __future__ import annotations

import pytest
from edit_support import changed

# (file, what stands above, the symbol whole, what stands below, its address)
WHOLE = [
    ("a.php", "<?php\n\nfunction a() {\n}\n\n", "/** Pays. */\n#[Pure]\n#[Route('/x')]\n"
     "function pay(): void\n{\n    go();\n}\n\n", "/** After. */\nfunction z() {\n}\n", "pay"),
    ("a.php", "<?php\nclass A\n{\n    private $a = 1;\n\n", "    /**\n     * Pays.\n     */\n"
     "    #[Pure]\n    final public static function pay(): void\n    {\n    }\n\n",
     "    // After.\n    public function z()\n    {\n    }\n}\n", "A.pay"),
    ("a.js", "const a = 1\n\n", "/** Pays. */\nexport async function pay() {\n  go()\n}\n\n",
     "// After.\nexport const z = 2\n", "pay"),
    ("a.js", "const a = 1\n\n", "/** Pays. */\nexport const pay = async () => {\n  go()\n}\n\n",
     "export default { z: 2 }\n", "pay"),
    ("a.ts", "class A {\n  a = 1\n\n", "  /** Pays. */\n  @Input()\n  @Other({ x: 1 })\n"
     "  private async pay(): Promise<void> {\n  }\n\n", "  @Output() z = 2\n}\n", "A.pay"),
    ("a.ts", "const a = 1\n\n", "/** Pays. */\n@Component({ a: 1 })\nexport class Pay {\n"
     "  x = 1\n}\n\n", "export interface Z {}\n", "Pay"),
    ("a.ts", "const a = 1\n\n", "// Pays.\nexport type Pay = {\n  x: number\n}\n\n",
     "export enum Z { A }\n", "Pay"),
    ("a.go", "package a\n\nvar a = 1\n\n", "// Pay pays.\n//\n// Well.\nfunc (c *Cart) Pay() {\n"
     "\tgo1()\n}\n\n", "// Z is after.\nfunc Z() {}\n", "Cart.Pay"),
    ("a.go", "package a\n\n", "// Pay pays.\ntype Pay struct {\n\tA int `json:\"a\"`\n}\n\n",
     "func Z() {}\n", "Pay"),
    ("A.java", "class A {\n    int a = 1;\n\n", "    /** Pays. */\n    @Override\n"
     "    @Named(\"x\")\n    public void pay() {\n    }\n\n", "    // After.\n    void z() {}\n}\n",
     "A.pay"),
    ("a.rs", "const A: i32 = 1;\n\n", "/// Pays.\n#[inline]\n#[cfg(test)]\npub fn pay() {\n"
     "    go();\n}\n\n", "/// After.\npub fn z() {}\n", "pay"),
    ("a.rs", "const A: i32 = 1;\n\n", "/// Pays.\n#[derive(Debug, Clone)]\npub struct Pay {\n"
     "    a: i32,\n}\n\n", "pub fn z() {}\n", "Pay"),
    ("A.cs", "class A\n{\n    int a = 1;\n\n", "    /// <summary>Pays.</summary>\n"
     "    [Fact]\n    [InlineData(1)]\n    public void Pay()\n    {\n    }\n\n",
     "    // After.\n    void Z() {}\n}\n", "A.Pay"),
    ("a.rb", "class A\n  B = 1\n\n", "  # Pays.\n  def pay(x)\n    go\n  end\n\n",
     "  # After.\n  def z; end\nend\n", "A.pay"),
    ("a.css", ".a { color: red }\n\n", "/* Pays. */\n.pay {\n  color: blue;\n}\n\n",
     ".z { color: red }\n", '".pay"'),
    ("a.html", "<div>\n", "  <p id=\"pay\" class=\"x\">\n    go\n  </p>\n",
     "  <p id=\"z\"></p>\n</div>\n",
     "pay"),
    ("a.vue", "<script>\nexport default {\n  methods: {\n    a() {},\n",
     "    // Pays.\n    pay() {\n      go()\n    },\n", "    z() {},\n  },\n}\n</script>\n",
     "methods.pay"),
]  # fmt: skip

# (file, before, address, after)
GROUPED = [
    ("a.js", "const a = 1, pay = 2, z = 3\n", "pay", "const a = 1, z = 3\n"),
    ("a.go", "package a\n\nconst (\n\tA = 1\n\tPay = 2 // pays\n\tZ = 3\n)\n", "Pay",
     "package a\n\nconst (\n\tA = 1\n\tZ = 3\n)\n"),
    ("a.go", "package a\n\ntype (\n\tA int\n\t// Pay pays.\n\tPay int\n)\n", "Pay",
     "package a\n\ntype (\n\tA int\n)\n"),
    ("a.php", "<?php\nclass A\n{\n    const A = 1, PAY = 2, Z = 3;\n}\n", "A.PAY",
     "<?php\nclass A\n{\n    const A = 1, Z = 3;\n}\n"),
    ("A.java", "enum A { X, PAY, Z }\n", "A.PAY", "enum A { X, Z }\n"),
    ("a.ts", "export enum A {\n  X = 1,\n  Pay = 2,\n  Z = 3,\n}\n", "A.Pay",
     "export enum A {\n  X = 1,\n  Z = 3,\n}\n"),
    ("a.rs", "enum A {\n    X,\n    /// Pays.\n    Pay(i32),\n    Z,\n}\n", "A.Pay",
     "enum A {\n    X,\n    Z,\n}\n"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "above", "symbol", "below", "address"), WHOLE)
def test_a_deleted_symbol_takes_all_of_itself_and_nothing_else(
    path: str, above: str, symbol: str, below: str, address: str
) -> None:
    text = above + symbol + below
    assert changed(path, text, f"delete {path}::{address}\n") == above + below


@pytest.mark.parametrize(("path", "before", "address", "expected"), GROUPED)
def test_a_member_of_a_group_goes_alone(
    path: str, before: str, address: str, expected: str
) -> None:
    assert changed(path, before, f"delete {path}::{address}\n") == expected


BLADE = """\
@extends('layouts.app')

@section('content')
    <h1>{{ $title }}</h1>

    @foreach ($items as $item)
        <p>{{ $item->name }}</p>
    @endforeach
@endsection
"""


@pytest.mark.parametrize(
    ("script", "old", "new"),
    [
        (
            "insert_after PATH#L7\n<<<\n        <b>{{ $item->price }}</b>\n>>>\n",
            "->name }}</p>\n",
            "->name }}</p>\n        <b>{{ $item->price }}</b>\n",
        ),
        ("replace_statement PATH#L4\n<<<\n<h2>{{ $title }}</h2>\n>>>\n", "h1", "h2"),
        ("insert_before PATH#L4\n<<<\n@if (true)\n    <b></b>\n@endif\n>>>\n", "    <h1>",
         "    @if (true)\n        <b></b>\n    @endif\n    <h1>"),
        ("delete_statement PATH#L4\n", "    <h1>{{ $title }}</h1>\n", ""),
        ("replace_text PATH\n<<<\n{{ $title }}\n>>>\n<<<\n{!! $title !!}\n>>>\n",
         "{{ $title }}", "{!! $title !!}"),
        (
            "wrap PATH#L6-8\n<<<\n@if (count($items))\n    ...\n@endif\n>>>\n",
            "    @foreach ($items as $item)\n        <p>{{ $item->name }}</p>\n    @endforeach\n",
            "    @if (count($items))\n        @foreach ($items as $item)\n"
            "            <p>{{ $item->name }}</p>\n        @endforeach\n    @endif\n",
        ),
    ],
)  # fmt: skip
def test_blade_is_edited_by_lines_and_texts(script: str, old: str, new: str) -> None:
    path = "resources/views/cart.blade.php"
    result = changed(path, BLADE, script.replace("PATH", path))
    assert result == BLADE.replace(old, new)


def test_a_vue_option_is_one_short_operation() -> None:
    text = "<script>\nexport default {\n  props: {\n    a: String,\n  },\n}\n</script>\n"
    script = "add_entry a.vue::props b Number\n"
    assert changed("a.vue", text, script) == text.replace("String,\n", "String,\n    b: Number,\n")
