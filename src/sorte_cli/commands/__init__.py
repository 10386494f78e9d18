"""One module per command: parse the options, call the engines, render the answer. No logic.

A command module holds `HELP` (its help text) and `run` (a Typer command function), and imports the
engines inside `run`, so that `sorte --help` stays quick. `app.py` finds modules by their names.
"""
