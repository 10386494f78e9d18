"""`rename` and `move_file` by syntax: what is sure is changed, the rest is reported."""

from __future__ import annotations

from edit_support import after, applied, changed, refusal

CALC = {
    "src/calc.ts": (
        "export function total(a: number[]): number {\n  return a.length\n}\n"
        "export const x = { total }\n"
        "function other(total: number) {\n  return total + 1\n}\n"
    ),
    "src/use.ts": (
        "import { total, other as o } from './calc'\n"
        "console.log(total([1]), foo.total)\n"
        "function f() {\n  const total = 3\n  return total\n}\n"
    ),
    "src/index.ts": "export { total } from './calc'\n",
    "src/deep.ts": "import { total } from '.'\ntotal()\n",
    "src/star.ts": "import * as c from './calc'\nc.total([])\n",
    "src/not.ts": "import { total } from 'lodash'\ntotal()\n",
    "src/as.ts": "import { total as t } from './calc'\nt()\n",
}


def test_a_function_is_followed_through_imports_re_exports_and_shadowing() -> None:
    assert after(CALC, "rename src/calc.ts::total sum\n") == {
        "src/calc.ts": CALC["src/calc.ts"]
        .replace("function total", "function sum")
        .replace("{ total }", "{ total: sum }"),
        "src/use.ts": CALC["src/use.ts"]
        .replace("{ total,", "{ sum,")
        .replace("log(total", "log(sum"),
        "src/index.ts": "export { sum } from './calc'\n",
        "src/deep.ts": "import { sum } from '.'\nsum()\n",
        "src/star.ts": "import * as c from './calc'\nc.sum([])\n",
        "src/as.ts": "import { sum as t } from './calc'\nt()\n",
    }


PIX = """\
<?php
namespace App\\Pay;
class Pix extends Base
{
    public const FEE = 1;
    private $key = 1;
    public function pay(): self
    {
        $key = 2;
        return $this->fee($key, $this->key) + self::FEE + Pix::FEE;
    }
    public function fee() { return new Pix($this->pay()); }
}
"""


def test_a_php_class_is_followed_through_namespaces_and_its_file_moves_along() -> None:
    files = {
        "app/Pay/Pix.php": PIX,
        "app/Use.php": "<?php\nnamespace App;\nuse App\\Pay\\Pix;\n"
        "class U { function m(Pix $pix, \\App\\Pay\\Pix $p) { return Pix::class; } }\n",
        "app/Alias.php": "<?php\nuse App\\Pay\\Pix as P;\nfunction m(P $pix) {}\n",
        "app/Pay/Other.php": "<?php\nnamespace App\\Pay;\nclass O { public $p = Pix::FEE; }\n",
        "app/No.php": "<?php\nnamespace App\\X;\nclass O { public $p = Pix::FEE; }\n",
    }
    script = "rename app/Pay/Pix.php::Pix PixPayment\n"
    result = after(files, script)
    assert result == {
        "app/Pay/Pix.php": None,
        "app/Pay/PixPayment.php": PIX.replace("class Pix", "class PixPayment")
        .replace("Pix::", "PixPayment::")
        .replace("new Pix(", "new PixPayment("),
        "app/Use.php": files["app/Use.php"]
        .replace("\\Pix", "\\PixPayment")
        .replace("(Pix ", "(PixPayment ")
        .replace("Pix::class", "PixPayment::class"),
        "app/Alias.php": files["app/Alias.php"].replace("\\Pix", "\\PixPayment"),
        "app/Pay/Other.php": files["app/Pay/Other.php"].replace("Pix::", "PixPayment::"),
    }
    (report,) = applied(files, script).reports
    assert report.possible == ("app/No.php:3: class O { public $p = Pix::FEE; }",)


def test_members_of_a_php_class_follow_this_and_self_and_others_are_reported() -> None:
    files = {"app/Pix.php": PIX, "app/Use.php": "<?php\nfunction m($pix) { $pix->pay(); }\n"}
    script = (
        "rename app/Pix.php::Pix.pay charge\nrename app/Pix.php::Pix.FEE COST\n"
        "rename app/Pix.php::Pix.key token\n"
    )
    assert after(files, script) == {
        "app/Pix.php": PIX.replace("pay()", "charge()")
        .replace("FEE", "COST")
        .replace("private $key", "private $token")
        .replace("this->key", "this->token")
    }
    report = applied(files, script).reports[0]
    assert report.possible == ("app/Use.php:2: function m($pix) { $pix->pay(); }",)
    assert "by syntax alone" in report.summary


def test_vue_methods_are_followed_into_the_template() -> None:
    text = (
        '<template>\n  <a @click="load(item)" :x="loading">{{ load }} load <load-more/> '
        "{{ a.load }}</a>\n</template>\n<script>\nexport default {\n"
        "  data() { return { loading: false } },\n  methods: { load() { this.load() } },\n}\n"
        "</script>\n"
    )
    assert changed("C.vue", text, "rename C.vue::load fetch\n") == text.replace(
        '"load(', '"fetch('
    ).replace("{{ load }}", "{{ fetch }}").replace("{ load()", "{ fetch()").replace(
        "this.load", "this.fetch"
    )


def test_a_name_of_a_go_package_is_followed_to_its_importers() -> None:
    files = {
        "pay/pix.go": "package pay\n\ntype Pix struct{ Fee int }\n\n"
        "func (p *Pix) Total() int { return p.Fee + p.tax() }\n"
        "func (p *Pix) tax() int { return 1 }\n\nfunc New() *Pix { return &Pix{Fee: 1} }\n",
        "pay/o.go": "package pay\n\nfunc o() { x := New(); _ = x.tax(); New := 3; _ = New }\n",
        "main.go": 'package main\n\nimport "ex.com/m/pay"\n\n'
        "func main() { pay.New(); other.New() }\n",
    }
    result = after(files, "rename pay/pix.go::New Make\nrename pay/pix.go::Pix.tax levy\n")
    assert result == {
        "pay/pix.go": files["pay/pix.go"].replace("New", "Make").replace("tax", "levy"),
        "pay/o.go": files["pay/o.go"].replace(":= New()", ":= Make()"),
        "main.go": files["main.go"].replace("pay.New", "pay.Make"),
    }


def test_rust_impls_and_java_constructors_follow_their_type() -> None:
    rust = {
        "a.rs": "pub struct A { x: i32 }\nimpl A {\n"
        "    pub fn n(&self) -> A { self.m(); A { x: 1 } }\n    fn m(&self) {}\n}\n",
        "b.rs": "use crate::a::A;\nfn g() -> A { A::new() }\n",
    }
    assert after(rust, "rename a.rs::A B\n") == {
        "a.rs": rust["a.rs"].replace("A", "B"),
        "b.rs": rust["b.rs"].replace("A", "B"),
    }
    assert after(rust, "rename a.rs::A.m k\n") == {
        "a.rs": rust["a.rs"].replace("m()", "k()").replace("m(&", "k(&")
    }
    java = {
        "p/A.java": "package p;\npublic class A {\n    A() {}\n"
        "    int m() { return this.m(); }\n}\n",
        "p/B.java": "package p;\nclass B { A a = new A(); int x = a.m(); }\n",
    }
    assert after(java, "rename p/A.java::A Z\n") == {
        "p/A.java": None,
        "p/Z.java": java["p/A.java"].replace("A", "Z"),
        "p/B.java": java["p/B.java"].replace("A a = new A", "Z a = new Z"),
    }


def test_a_taken_name_and_what_has_no_name_are_refused() -> None:
    assert "already defines 'other'" in refusal(CALC, "rename src/calc.ts::total other\n").message
    error = refusal({"a.css": ".a { b: c }\n"}, "rename a.css::.a b\n")
    assert "is a rule" in error.message


def test_a_moved_script_takes_its_imports_along() -> None:
    files = {
        "src/a/x.ts": "import { y } from './y'\nimport z from '../z'\nexport const x = 1\n",
        "src/a/y.ts": "import { x } from './x'\nexport const y = x\n",
        "src/z.ts": "export default 1\nimport('./a/x')\n",
        "src/v.vue": "<script>\nimport { x } from '@/a/x'\n</script>\n",
        "src/w.js": "const x = require('./a/x.ts')\n",
        "docs.md": "see x.ts\n",
    }
    script = "move_file src/a/x.ts to src/b/c/x2.ts\n"
    assert after(files, script) == {
        "src/a/x.ts": None,
        "src/b/c/x2.ts": "import { y } from '../../a/y'\nimport z from '../../z'\n"
        "export const x = 1\n",
        "src/a/y.ts": "import { x } from '../b/c/x2'\nexport const y = x\n",
        "src/z.ts": "export default 1\nimport('./b/c/x2')\n",
        "src/v.vue": "<script>\nimport { x } from '@/b/c/x2'\n</script>\n",
        "src/w.js": "const x = require('./b/c/x2.ts')\n",
    }
    (report,) = applied(files, script).reports
    assert report.possible == ("docs.md:1: see x.ts",)


def test_a_moved_php_class_changes_its_namespace_and_who_uses_it() -> None:
    files = {
        "app/Pay/Pix.php": "<?php\nnamespace App\\Pay;\nclass Pix extends Base {}\n",
        "app/Pay/Base.php": "<?php\nnamespace App\\Pay;\nclass Base {}\n",
        "app/Pay/B.php": "<?php\nnamespace App\\Pay;\nclass B { public $p = Pix::FEE; }\n",
        "app/C.php": "<?php\nnamespace App;\nuse App\\Pay\\Pix;\nclass C { public $p = Pix::A; }\n",
    }
    assert after(files, "move_file app/Pay/Pix.php to app/Methods/Pix.php\n") == {
        "app/Pay/Pix.php": None,
        "app/Methods/Pix.php": "<?php\nnamespace App\\Methods;\n\nuse App\\Pay\\Base;\n\n"
        "class Pix extends Base {}\n",
        "app/Pay/B.php": "<?php\nnamespace App\\Pay;\n\nuse App\\Methods\\Pix;\n\n"
        "class B { public $p = Pix::FEE; }\n",
        "app/C.php": files["app/C.php"].replace("Pay\\Pix", "Methods\\Pix"),
    }


def test_any_file_can_be_moved_and_copied() -> None:
    files: dict[str, bytes | str] = {"a.png": b"\x89PNG\0", "v/pix.blade.php": "<p>pix Pix</p>\n"}
    assert applied(files, "move_file a.png to b.png\n").changes.paths == ("a.png", "b.png")
    assert after(files, "clone v/pix.blade.php v/boleto.blade.php\n") == {
        "v/boleto.blade.php": "<p>boleto Boleto</p>\n"
    }


def test_strings_and_templates_that_name_a_class_are_reported() -> None:
    files: dict[str, bytes | str] = {
        "app/Company.php": "<?php\nnamespace App;\nclass Company {}\n",
        "app/use.php": "<?php\n$a = 'App\\Company';\n$b = 'Company name';\n",
        "v/a.blade.php": "@php use App\\Company; @endphp\n<p>Company</p>\n",
        "lang/en.json": '{"Company name": "Company name"}\n',
    }
    (report,) = applied(files, "rename app/Company.php::Company Firm\n").reports
    assert report.possible == (
        "app/use.php:2: $a = 'App\\Company';",
        "v/a.blade.php:1: @php use App\\Company; @endphp",
    )
