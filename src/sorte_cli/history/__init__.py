"""Transactions, landing, undo and redo, the journal, recovery and locking: nothing is lost.

A run works in a git worktree of its own (`transaction`). It lands by a protocol that a crash can
interrupt anywhere (`landing`); the next start finishes or undoes it (`recovery`). `undo` takes a
landed run back and `redo` brings it again. `journal` remembers all of it, `locking` keeps two runs
apart, `repository` is the one door to git, `treefiles` the one door to the working tree.
"""
