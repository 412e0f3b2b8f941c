"""The interpreter is free while points are made."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

import cmetrics
from dumps import dump, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def nobody_is_interrupted() -> Iterator[None]:
    """Let no thread take the interpreter from another that does not release it."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("nobody_is_interrupted")
@pytest.mark.parametrize("door", ["bytes", "iterable", "file"])
def test_another_thread_makes_progress_meanwhile(tmp_path: Path, door: str) -> None:
    # Much to read and next to nothing to make of it: it is reading that must not hold the others.
    text = dump() * 100_000
    path = tmp_path / "dump.json"
    path.write_bytes(text)
    doors: dict[str, bytes | list[bytes] | Path] = {
        "bytes": text,
        "iterable": [text],
        "file": path,
    }
    ticks = 0
    ticking, done = threading.Event(), threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            ticking.set()
            time.sleep(0.0001)

    ticker = threading.Thread(target=tick)
    ticker.start()
    ticking.wait()
    try:
        before = ticks
        points = cmetrics.points(doors[door])
        meanwhile = ticks - before
    finally:
        done.set()
        ticker.join()
    assert len(points) == 1
    # One or two may slip in at the end of the call; a reader that lets go shows dozens and more.
    assert meanwhile >= 10


def test_calls_in_many_threads_do_not_mix() -> None:
    [*files] = recorded("dynamic", "v1.2-docker")
    wanted = [cmetrics.points(file) for file in files]
    found: dict[int, cmetrics.Points] = {}

    def read(index: int) -> None:
        found[index] = cmetrics.points(files[index])

    threads = [threading.Thread(target=read, args=(index,)) for index in range(len(files))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[index] for index in range(len(files))] == wanted
