"""A child process works by itself, and leaves alone what is its parent's."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest

import cmetrics
from dumps import dump

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
    # Python warns of forking beside threads; that is the point.
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


def in_child(work: Callable[[], None]) -> None:
    """Do work in a forked child; what is raised there fails here."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = b""
        try:
            work()
        except BaseException as failure:  # noqa: BLE001
            said = repr(failure).encode()
        os.write(writing, said)
        sys.stdout.flush()
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    assert not said, said.decode()


def test_points_are_made_in_a_child() -> None:
    wanted = cmetrics.points([dump()] * 3, threads=2)

    def work() -> None:
        assert cmetrics.points([dump()] * 3, threads=2) == wanted
        assert len(cmetrics.inspect(dump())) == 1

    in_child(work)


def test_what_is_the_parents_raises_in_a_child(tmp_path: Path) -> None:
    store, recorder = cmetrics.Store(tmp_path / "store"), cmetrics.Recorder()
    pipeline, subscription = cmetrics.Pipeline(), recorder.subscribe()
    source = recorder.source("poll")
    uses: list[Callable[[], object]] = [
        lambda: store.ingest(dump()),
        store.range,
        store.close,
        store.refresh,
        lambda: store.stats,
        lambda: store.closed,
        lambda: recorder.record("/a", 1000, {}),
        lambda: recorder.advance(1000),
        lambda: recorder.source("poll"),
        lambda: recorder.keep(store),
        lambda: recorder.totals,
        lambda: recorder.containers,
        recorder.drain,
        recorder.seal,
        recorder.flush,
        recorder.snapshot,
        recorder.subscribe,
        lambda: source.ingest(dump()),
        lambda: subscription.get(0),
        lambda: pipeline.read(dump()),
        lambda: pipeline.summary,
        lambda: pipeline.containers,
        lambda: pipeline.errors,
        pipeline.points,
    ]

    def work() -> None:
        for use in uses:
            with pytest.raises(cmetrics.Error, match="of which this one is a child") as caught:
                use()
            assert caught.value.kind == "refused"
        with pytest.raises(cmetrics.RefusedError):
            store.range()

    in_child(work)
    store.ingest(dump())
    assert len(store.range()) == 1
    store.close()


def test_a_child_neither_waits_for_its_parents_threads_nor_closes_its_store(
    tmp_path: Path,
) -> None:
    ended = threading.Event()
    stores = [cmetrics.Store(tmp_path / "store")]

    def ingest() -> None:
        store = stores[0]
        while not ended.is_set():
            store.ingest(dump())

    thread = threading.Thread(target=ingest)
    thread.start()

    def work() -> None:
        with pytest.raises(cmetrics.Error):
            stores[0].range()
        stores.clear()  # the last that has it here

    try:
        for _ in range(20):
            in_child(work)
    finally:
        ended.set()
        thread.join()
    assert len(stores[0].range()) == 1
    with pytest.raises(cmetrics.LockedError):
        cmetrics.Store(tmp_path / "store")
    stores[0].close()


def test_a_child_opens_its_own(tmp_path: Path) -> None:
    with cmetrics.Store(tmp_path / "store") as store:
        store.ingest(dump())

    def work() -> None:
        with cmetrics.Store(tmp_path / "store") as own:
            own.ingest(dump("/child"))
        recorder = cmetrics.Recorder()
        recorder.record("/a", 1000, {"cpu.usage": 1})

    in_child(work)
    with cmetrics.Store(tmp_path / "store") as store:
        assert len(store.range()) == 2
