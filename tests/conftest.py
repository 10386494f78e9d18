"""What every test can rely on."""

import signal

import pytest


@pytest.fixture(autouse=True, scope="session")
def ctrl_c_works():
    """A shell that starts the tests in the background has them ignore SIGINT; children would too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
