"""Answers from the index as Markdown: names and paths come through as they are."""

from __future__ import annotations

import subprocess

import pytest

from sorte_cli.agent.answering import Findings, look_up
from sorte_cli.context.index import ProjectIndex
from sorte_cli.domain import RankedFile, Symbol
from sorte_cli.terminal.session import markdown
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


FILES = {
    "shop/payments.py": "class Invoice:\n    minimum_amount = 5\n\n\ndef amount():\n    return 1\n",
    "shop/gateway.py": "class Gateway:\n    def charge(self):\n        return 2\n",
    "shop/invoices.py": "def send_invoice():\n    return 3\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    with ProjectIndex.open(root, cache_dir=tmp_path_factory.mktemp("cache")) as opened:
        opened.update()
        yield opened


@pytest.mark.parametrize(
    ("question", "kind", "source"),
    [
        ("where do we check the minimum amount?", "definition", "shop/payments.py:2"),
        ("onde fica o minimum amount das compras?", "definition", "shop/payments.py:2"),
        ("what is amount?", "definition", "shop/payments.py:5"),
        ("which amount do customers pay with a coupon?", "search", ""),
        ("who calls charge?", "uses", "shop/gateway.py:2"),
        ("is there a class for invoices?", "search", "shop/payments.py:1"),
        ("existe uma classe para invoice aqui no projeto?", "search", "shop/payments.py:1"),
    ],
)
def test_what_a_question_is_about(index, question, kind, source):
    found = look_up(question, index, index.root)
    assert found.kind == kind
    assert not source or found.sources[0] == source


def test_without_colours_an_answer_has_no_marks():
    text = (
        "- `shop/__init__.py:3` **`Order.__init__`** `(self)`\n\n```python\nx = a**b**c\n```\nend"
    )
    assert markdown.plain(text) == (
        "- shop/__init__.py:3 Order.__init__ (self)\n\n    x = a**b**c\nend"
    )
