"""Operations on files that tree-sitter reads: PHP, JavaScript, TypeScript, Vue, Go, Java, Rust, C#,
Ruby, HTML and CSS.

`grammars` says what a definition is in each language, `tree` finds them with their whole spans;
`symbols`, `clone`, `values`, `imports`, `lines`, `rename`, `delete` and `files` are the operations.
What needs types to be decided is not decided here: those places are reported, not changed.
"""
