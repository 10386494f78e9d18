"""A word that names a parameter of the function beside it names nothing else."""

import pytest

from sorte_cli.agent.grounding import read_mentions
from sorte_cli.agent.relations import spoken_of
from sorte_cli.domain import Symbol

CONFIRM = Symbol("ui.py::confirm", "function", "(text: str, abort: bool = False)")
ECHO = Symbol("utils.py::echo", "function", "(message, err=False)")
OTHER_ECHO = Symbol("core.py::Context.echo", "method", "(self, text)")
ABORT = Symbol("core.py::Context.abort", "method", "(self)")
PARAMETER = Symbol("core.py::Parameter", "class", "")
ERR = Symbol("errors.py::err", "constant", "= 1")
FILE = Symbol("core.py", "file")
SYMBOLS = (ABORT, PARAMETER, ERR, CONFIRM, ECHO, OTHER_ECHO, FILE)


@pytest.mark.parametrize(
    ("sentence", "function"),
    [
        ("mude o valor padrão de abort em confirm para True", CONFIRM),
        ("rename the parameter err of echo to to_stderr", ECHO),
        ("renomeie o parâmetro err da função echo para erro", ECHO),
        ("`err` of `echo` should be True", ECHO),
        ("confirm(abort) should default to True", CONFIRM),
    ],
)
def test_the_function_of_a_parameter_is_meant_and_no_namesake(sentence, function):
    assert spoken_of(SYMBOLS, read_mentions(sentence)) == (function, FILE)


@pytest.mark.parametrize(
    "sentence",
    [
        "rename abort to stop",
        "abort must call confirm",
        "delete Parameter",
        "set err to 2",
        "move confirm to utils.py",
        "echo of err",
        "make confirm's default for abort True",
    ],
)
def test_otherwise_every_symbol_stays(sentence):
    assert spoken_of(SYMBOLS, read_mentions(sentence)) == SYMBOLS
