"""What every test can rely on."""

import signal

import pytest


@pytest.fixture(autouse=True, scope="session")
def ctrl_c_works():
    """A shell that runs the tests in the background has them and their children ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
