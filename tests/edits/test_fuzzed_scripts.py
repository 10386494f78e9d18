"""Fuzzed scripts over every family of files: refused or applied whole, and never a crash."""

from __future__ import annotations

import pytest
from edit_support import refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from sorte_cli.edits import EditError, MemorySnapshot, apply_script, parse_script
from sorte_cli.edits.checks import syntax_error
from sorte_cli.edits.kinds import syntax_language
from sorte_cli.edits.source import decode
from sorte_cli.edits.syntax.tree import mistakes
from sorte_cli.edits.verbs import VERBS

FILES: dict[str, bytes | str] = {
    "a.py": "import os\n\nX = {'a': 1}\n\n\nclass A(B):\n    y = 1\n\n    def m(self, p=1):\n"
    "        return p\n",
    "a.php": "<?php\nnamespace A;\nuse B\\C;\nclass P\n{\n    const X = ['a' => 1];\n"
    "    function m($p) { return match($p) { 1 => 2, default => 3 }; }\n}\n",
    "a.ts": "import { b } from './b'\nexport const x = { a: 1, m() {} }\n"
    "export class A { y = 1; m(): void {} }\n",
    "a.vue": "<template><p>{{ x }}</p></template>\n<script>\nexport default {\n"
    "  methods: { m() {} },\n}\n</script>\n",
    "a.go": 'package a\n\nimport "fmt"\n\nvar X = map[string]int{"a": 1}\n\n'
    "type A struct{ y int }\n\nfunc (a *A) m() { fmt.Println(X) }\n",
    "a.rs": "use std::fmt;\nstruct A { y: i32 }\nimpl A { fn m(&self) {} }\n"
    "const X: [i32; 1] = [1];\n",
    "a.css": ".x { y: z }\n",
    "a.html": '<div id="x"><p>y</p></div>\n',
    "a.json": '{"x": {"a": [1, 2]}, "y": null}\n',
    "a.toml": 'x = [1]\n[A]\ny = "z"\n',
    "a.yml": "x:\n  a: [1]\ny:\n- 1\n- m: 2\n",
    "a.md": "# A\n\ntext\n\n## m\n\nmore\n",
    ".env.example": "X=1\nA=2\n",
    "requirements.txt": "x==1\ny\n",
    "latin.php": b"<?php\n// \xe9\nclass A { const X = 1; }\r\n",
    "broken.ts": "class A { m( {\n",
    "a.blade.php": "@if ($x)\n<p>{{ $y }}</p>\n@endif\n",
}
SYMBOLS = st.sampled_from(
    ["", "::A", "::A.m", "::A.y", "::X", "::P.X", "::P.m", "::x", "::x.a", "::x.a[0]", "::methods",
     "::methods.m", "::m", "::A.m(p)", "::A.m:p", "@1:1", "@3:5", "#1", "#L1", "::A#L1-2",
     "::A.m#1", '::"## m"', "::.x", "::nope", "::A.nope", "#L99", "::y[1].m", "::[0]"]
)  # fmt: skip
PIECES = st.sampled_from(
    ["1", '"a"', "new", "A", "x", "b = 1", "import { q } from './q'", "use D\\E;", "def f(): pass",
     "...", "function f() {}", "public function f() {}", "m() {},", "<p>", "{", "}", "'", "",
     "## h", "q: int = 1", "to z.ts", "[1, 2", "=> 3", "\u2603", "x y z", "fn f() {}", "return 1;"]
)  # fmt: skip


@st.composite
def scripts(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        verb = draw(st.sampled_from(list(VERBS)))
        path = draw(
            st.sampled_from([*FILES, "missing.py", "../a.py", ".git/config", "/etc/x", "::"])
        )
        lines.append(f"{verb} {path}{draw(SYMBOLS)} {draw(PIECES)} {draw(PIECES)}".rstrip())
        if lines[-1].startswith("replace_text") and draw(st.booleans()):
            lines[-1] = f'{verb} {path} "{draw(PIECES)}" with "{draw(PIECES)}"'
        elif draw(st.booleans()):
            for _ in range(VERBS[verb].blocks):
                lines += ["<<<", draw(PIECES), draw(PIECES), ">>>"]
    return "\n".join(lines) + "\n"


@given(scripts())
@settings(max_examples=250, deadline=None)
def test_any_script_is_refused_or_leaves_files_that_parse(text: str) -> None:
    snapshot = MemorySnapshot(FILES)
    try:
        applied = apply_script(parse_script(text), snapshot)
    except EditError as error:
        assert error.message
        assert "mistake in Sorte" not in error.hint
        return
    for change in applied.changes.changes:
        assert not change.path.startswith(("..", "/", ".git/"))
        if change.after is None:
            continue
        if syntax_language(change.path):
            before = mistakes(decode(change.path, change.before or b""))[0]
            assert mistakes(decode(change.path, change.after))[0] <= before
        elif change.before is None or not syntax_error(change.path, change.before):
            assert not syntax_error(change.path, change.after)
    assert {p: snapshot.read(p) for p in FILES} == {
        p: c.encode() if isinstance(c, str) else c for p, c in FILES.items()
    }


@pytest.mark.parametrize("path", ["big.php", "big.json", "big.yml", "big.txt"])
def test_a_file_of_fifty_megabytes_is_refused_or_edited_without_parsing(path: str) -> None:
    files: dict[str, bytes | str] = {path: b"x = 1\n" * 8_500_000}
    verb = {"json": "set_key", "yml": "set_key"}.get(path.rpartition(".")[2], "set_value")
    error = refusal(files, f"{verb} {path}::x 2\n")
    assert "too large" in error.message or "does not work on" in error.message


@pytest.mark.parametrize("path", ["a.php", "a.ts", "a.json", "a.yml", "a.md", "a.txt"])
def test_binary_files_are_refused(path: str) -> None:
    inserted = f"insert_after {path}#L1\n<<<\nx\n>>>\n"
    replaced = f"replace_text {path}\n<<<\na\n>>>\n<<<\nb\n>>>\n"
    for script in (inserted, replaced):
        assert "binary" in refusal({path: b"a\x00b\n"}, script).message


def test_bytes_that_are_no_utf8_stay_as_they_are() -> None:
    snapshot = MemorySnapshot(FILES)
    applied = apply_script(parse_script("set_value latin.php::A.X 2\n"), snapshot)
    assert applied.changes.changes[0].after == b"<?php\n// \xe9\nclass A { const X = 2; }\r\n"
