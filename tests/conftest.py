"""What every test can rely on."""

import os
import signal

import pytest


@pytest.fixture(autouse=True, scope="session")
def ctrl_c_works():
    """A shell that runs the tests in the background has them and their children ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def no_size_of_a_terminal():
    """A session's worker takes on the size of its terminal; the next test has none."""
    yield
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
