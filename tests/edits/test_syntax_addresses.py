"""What the project index shows to a model can be named in an operation."""

from __future__ import annotations

import pytest

from sorte_cli.context import languages, symbols
from sorte_cli.edits import Address
from sorte_cli.edits.source import decode
from sorte_cli.edits.syntax.tree import parse

SOURCES = {
    "a.php": "<?php\nnamespace A;\n#[X]\nfinal class P extends B implements I\n{\n    use T;\n"
    "    const A = 1, B = 2;\n"
    "    protected ?array $m = [];\n    function n(): int { return 1; }\n}\n"
    "enum S: string { case A = 'a'; }\ninterface I { const Q = 1; }\ntrait T {}\n"
    "function f() {}\nconst Z = 3;\n",
    "a.js": "export const x = { a: 1, m() {} }, z = 1\nexport default class Foo { y = 1; m() {} }\n"
    "function f() { function g() {} }\nexport const h = async () => 1\n"
    "const store = { actions: { load() {} } }\n",
    "a.ts": "export enum E { A = 1, B }\nnamespace N { export function t() {} }\n"
    "export type T = { a: string }\ninterface I { a: string; m(): void }\n"
    "abstract class C<T> { abstract x(): void; private y?: number }\ndeclare function d(): void\n",
    "a.vue": "<template><p/></template>\n<script>\nexport default {\n  data() { return {} },\n"
    "  methods: { load() {} },\n}\n</script>\n",
    "a.go": "package a\n\nconst A = 1\n\nvar (\n\tB = 2\n)\n\ntype S[T any] struct{ X int }\n\n"
    "func (s *S[T]) M() {}\n\nfunc F() {}\n\ntype I interface{ M() error }\n",
    "A.java": "package a;\n@E public class A<T> extends B {\n  int x = 1, y;\n  A() {}\n"
    "  void m() {}\n  enum E { P, Q }\n}\nrecord R(int a) {}\ninterface I { int k(); }\n",
    "a.rs": "pub struct A<T> { pub x: T }\nimpl<T> A<T> { fn n() {} }\nimpl D for A { fn d() {} }\n"
    "const X: i32 = 1;\nmod tests { fn t() {} }\nenum E { A, B(i32) }\ntrait Q { fn z(&self); }\n"
    "macro_rules! mm { () => {} }\n",
    "a.cs": "namespace A { class C : D { int X { get; set; } int _a = 1; C() {} void M() {} }\n"
    "enum E { A } }\n",
    "a.rb": "module A\n  class B < C\n    X = 1\n    def m; end\n    def self.n; end\n  end\nend\n",
}


@pytest.mark.parametrize("path", sorted(SOURCES))
def test_every_symbol_of_the_index_is_an_address(path: str) -> None:
    data = SOURCES[path].encode()
    tree = parse(decode(path, data))
    assert tree.errors == 0
    shown = [d.qualified for d in symbols.definitions(languages.language_of(path), data)]
    assert shown
    for name in shown:
        resolved = tree.resolve(Address(path, name))
        assert resolved.name == name.rpartition(".")[2]
