"""Answers from the index as Markdown: names and paths come through as they are."""

from __future__ import annotations

from sorte_cli.agent.answering import Findings
from sorte_cli.domain import RankedFile, Symbol
from sorte_cli.terminal.session.answers import tell


def test_underscores_of_names_and_paths_are_no_markdown():
    from rich.console import Console
    from rich.markdown import Markdown

    symbol = Symbol("shop/__init__.py::Order.__init__", "method", "(self)", 3, 4)
    found = Findings("search", symbols=(symbol,), files=(RankedFile("shop/__main__.py", 1.0, ()),))
    console = Console(width=80, no_color=True)
    with console.capture() as capture:
        console.print(Markdown(tell(found)))
    said = capture.get()
    assert "shop/__init__.py:3" in said
    assert "Order.__init__" in said
    assert "shop/__main__.py:1" in said
