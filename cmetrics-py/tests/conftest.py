"""What every test is to find, however the tests were started, and how long it may take."""

from __future__ import annotations

import faulthandler
import os
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

# Several times what any test takes on a slow machine that has other work.
MOST_SECONDS = 600

# What a script starts in the background, and `nohup`, ignore signals that ask for the end. Children
# inherit that, and what they import and run keeps to it; handlers they do not inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)
for name in ("SIGTERM", "SIGHUP"):
    if hasattr(signal, name):
        signal.signal(getattr(signal, name), signal.SIG_DFL)

STDERR = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[STDERR] = os.dup(2)  # during a test it is captured


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """End the run where a test hangs, whoever has the interpreter, and say where it does."""
    stderr = item.config.stash[STDERR]
    faulthandler.dump_traceback_later(MOST_SECONDS, exit=True, file=stderr)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()
