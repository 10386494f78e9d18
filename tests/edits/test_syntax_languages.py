"""Go, Rust, Java, C#, Ruby, CSS and HTML: whole symbols, entries, imports, in the file's style."""

from __future__ import annotations

import pytest
from edit_support import changed, refusal

GO = """\
package a

import "fmt"

// Limit is the limit.
const Limit = 3

const (
	// First is one.
	First = 1
	Second
)

var Names = map[string]int{
	"a": 1,
}

// Pix pays.
type Pix struct {
	Fee int
}

// Pay pays.
func (p *Pix) Pay() error {
	return nil
}

func main() {
	fmt.Println("x")
}
"""


def test_go() -> None:
    result = changed(
        "a.go",
        GO,
        """\
        add_import a.go "os"
        add_entry a.go::Names "b" 2
        set_value a.go::Limit 5
        add_symbol a.go::Pix
        <<<
        // Refund gives back.
        func (p *Pix) Refund() error {
            return nil
        }
        >>>
        delete a.go::First
        """,
    )
    assert result == GO.replace('import "fmt"', 'import (\n\t"fmt"\n\t"os"\n)').replace(
        '"a": 1,\n', '"a": 1,\n\t"b": 2,\n'
    ).replace("Limit = 3", "Limit = 5").replace("\t// First is one.\n\tFirst = 1\n", "").replace(
        "\nfunc main",
        "\n// Refund gives back.\nfunc (p *Pix) Refund() error {\n\treturn nil\n}\n\nfunc main",
    )


def test_a_member_of_a_go_group_is_replaced_alone() -> None:
    assert changed(
        "a.go", GO, "replace_symbol a.go::Second\n<<<\n// Two.\nSecond = 4\n>>>\n"
    ) == GO.replace("\tSecond\n", "\t// Two.\n\tSecond = 4\n")


RUST = """\
use std::fmt;

/// doc
#[derive(Debug)]
pub struct A {
    pub x: i32,
}

impl A {
    pub fn n() -> i32 {
        1
    }
}

pub enum E {
    A,
    B(i32),
}
"""


def test_rust() -> None:
    result = changed(
        "a.rs",
        RUST,
        """\
        add_import a.rs use std::collections::HashMap;
        add_symbol a.rs::A
        <<<
        /// two
        pub fn two(&self) -> i32 {
            2
        }
        >>>
        add_entry a.rs::E C
        """,
    )
    assert result == RUST.replace(
        "use std::fmt;", "use std::collections::HashMap;\nuse std::fmt;"
    ).replace("B(i32),\n", "B(i32),\n    C,\n").replace(
        "        1\n    }\n",
        "        1\n    }\n\n    /// two\n    pub fn two(&self) -> i32 {\n        2\n    }\n",
    )
    replaced = changed("a.rs", RUST, "replace_symbol a.rs::A\n<<<\npub struct A;\n>>>\n")
    assert "/// doc\npub struct A;\n\nimpl A {" in replaced


JAVA = """\
package a;

import java.util.List;
import java.util.Map;

/** doc */
@Entity
public class A {
    private static final int X = 1;

    enum E { P(1), Q; int z; }

    @Override
    public void m() {
    }
}
"""


def test_java() -> None:
    result = changed(
        "A.java",
        JAVA,
        """\
        add_import A.java import java.util.HashMap;
        add_symbol A.java::A
        <<<
        public A() {
            this.x = 1;
        }
        >>>
        add_entry A.java::A.E R
        set_value A.java::A.X 2
        replace_symbol A.java::A.m
        <<<
        public void m() {
            return;
        }
        >>>
        """,
    )
    assert "import java.util.HashMap;\nimport java.util.List;\n" in result
    assert (
        "enum E { P(1), Q, R; int z; }\n\n    public A() {\n        this.x = 1;\n    }\n" in result
    )
    assert "int X = 2;" in result
    assert "    public void m() {\n        return;\n    }\n}\n" in result
    assert "@Override" not in result


CSHARP = """\
using System;

namespace A
{
    /// <summary>x</summary>
    public class C : D
    {
        public int X { get; set; }

        public void M()
        {
        }
    }

    enum E
    {
        A = 1,
        B
    }
}
"""


def test_csharp() -> None:
    result = changed(
        "a.cs",
        CSHARP,
        """\
        add_import a.cs using System.Linq;
        add_symbol a.cs::C
        <<<
        public void N()
        {
            M();
        }
        >>>
        add_symbol a.cs::C
        <<<
        public int Y { get; set; }
        >>>
        add_entry a.cs::E C
        """,
    )
    assert result == CSHARP.replace("System;\n", "System;\nusing System.Linq;\n").replace(
        "        public int X { get; set; }\n",
        "        public int X { get; set; }\n        public int Y { get; set; }\n",
    ).replace(
        "        {\n        }\n",
        "        {\n        }\n\n        public void N()\n        {\n            M();\n        }\n",
    ).replace("        B\n", "        B,\n        C\n")


def test_ruby() -> None:
    text = (
        "require 'json'\n\nmodule A\n  # doc\n  class B < C\n    X = { a: 1, 'b' => 2 }.freeze\n\n"
        "    def m(a)\n      a\n    end\n  end\nend\n"
    )
    result = changed(
        "a.rb",
        text,
        "add_import a.rb require 'set'\nadd_symbol a.rb::A.B\n<<<\ndef n\n  1\nend\n>>>\n"
        "add_entry a.rb::A.B.X c 3\n",
    )
    assert result == text.replace("'json'\n", "'json'\nrequire 'set'\n").replace(
        "2 }", "2, c: 3 }"
    ).replace("      a\n    end\n", "      a\n    end\n\n    def n\n      1\n    end\n")


def test_css_rules_are_addressed_by_their_selector() -> None:
    text = "/* c */\n.btn {\n  color: red;\n}\n\n@media (x) {\n  .c {\n    d: e;\n  }\n}\n"
    assert changed("a.css", text, "set_value a.css::.btn.color blue\n") == text.replace(
        "red", "blue"
    )
    result = changed(
        "a.css",
        text,
        'delete a.css::.btn\nadd_symbol a.css::"@media (x)"\n<<<\n.d {\n  e: f;\n}\n>>>\n',
    )
    assert result == "@media (x) {\n  .c {\n    d: e;\n  }\n\n  .d {\n    e: f;\n  }\n}\n"


def test_html_elements_are_addressed_by_their_id() -> None:
    text = '<html>\n  <body>\n    <div id="main">\n      <p>x</p>\n    </div>\n  </body>\n</html>\n'
    block = '<div id="main">\n  <p>y</p>\n</div>'
    result = changed("i.html", text, f"replace_symbol i.html::main\n<<<\n{block}\n>>>\n")
    assert result == text.replace("x", "y")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.php", "<?php\r\n// é ünï\r\nclass A\r\n{\r\n    const X = 'ção';\r\n}"),
        ("a.ts", "\ufeff// ☃ 𝒳\r\nexport const X = '☃'\r\nclass A { m() {} }"),
        ("a.go", "package a\r\n\r\nconst X = 1 // ☃"),
    ],
)
def test_line_ends_byte_order_marks_and_wide_characters_stay(path: str, text: str) -> None:
    name = "A.X" if path == "a.php" else "X"
    result = changed(path, text, f"set_value {path}::{name} 42\n")
    old = {"a.php": "'ção'", "a.ts": "'☃'", "a.go": "1"}[path]
    assert result == text.replace(f"X = {old}", "X = 42")


def test_a_file_that_was_broken_may_be_edited_but_not_broken_further() -> None:
    text = "<?php\nclass A {\n  const X = 1;\n  function m( {\n}\n"
    assert "const X = 2;" in changed("a.php", text, "set_value a.php::A.X 2\n")
    error = refusal({"a.php": text}, "set_value a.php::A.X (1\n")
    assert "does not parse" in error.message
    assert (
        "would not be valid" in refusal({}, "create_file b.php\n<<<\n<?php class {\n>>>\n").message
    )


def test_lines_of_any_text_can_be_replaced_and_wrapped() -> None:
    text = "@if ($x)\n  <p>a</p>\n@endif\n"
    assert changed(
        "v.blade.php", text, "replace_statement v.blade.php#L2\n<<<\n<b>a</b>\n>>>\n"
    ) == ("@if ($x)\n  <b>a</b>\n@endif\n")
    wrapped = changed("v.blade.php", text, "wrap v.blade.php#L2\n<<<\n<div>\n  ...\n</div>\n>>>\n")
    assert wrapped == "@if ($x)\n  <div>\n    <p>a</p>\n  </div>\n@endif\n"
    assert changed("v.blade.php", text, "delete_statement v.blade.php#L1-2\n") == "@endif\n"
    assert changed("a.txt", "a\nb", "insert_after a.txt#L2\n<<<\nc\n>>>\n") == "a\nb\nc"
