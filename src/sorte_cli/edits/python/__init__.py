"""Operations on Python files: each finds its place in a libcst tree and answers with span edits."""
