"""Diff to operations: the inverse of applying a script.

`express` says a change (files before and after) as scripts; `files` does one file, hunk by hunk;
`candidates` are the ways to say a hunk, finest first, each tried against the real applier; `named`
finds renames and moves across files; `wholes` says whole files.
"""

from __future__ import annotations

from sorte_cli.edits.replay.express import Expressed, Spoken, express

__all__ = ["Expressed", "Spoken", "express"]
