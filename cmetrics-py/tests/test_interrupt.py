"""Ctrl-C ends long work soon, leaves nothing half-written, and everything can be used after it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from dumps import recorded

if TYPE_CHECKING:
    from pathlib import Path

# What is promised is 0.1 s; machines that run tests may have much else to do.
SLACK = 1.0

HEAD = """
import io, itertools, json, os, signal, sys, threading, time
import cmetrics

PATH, FOLDER = sys.argv[1:]
sent = None

def interrupt():
    global sent
    sent = time.monotonic()
    os.kill(os.getpid(), signal.SIGINT)

def dump(name="/docker", seconds=(0, 4)):
    start = 1795262400
    stats = [
        {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start + second)),
         "cpu": {"usage": {"total": second}}}
        for second in seconds
    ]
    return json.dumps({name: {"spec": {"has_cpu": True}, "stats": stats}}).encode()

# Few samples that make many points, of each container a hundred thousand.
SPARSE = [dump(f"/{number}", range(0, 100_000, 11_111)) for number in range(2000)]
WIDE = {"interval": 1, "max_gap": 100_000}

class Endless(io.RawIOBase):
    def read(self, size=-1):
        return dump() * 1000
"""

CASES = {
    "files": ("", "cmetrics.points([PATH] * 300_000)", ""),
    "bytes": ("text = dump() * 3_000_000", "cmetrics.points(text)", ""),
    "many brief bytes": ("", "cmetrics.points(itertools.repeat(dump()))", ""),
    "an open file": ("", "cmetrics.points(Endless())", ""),
    "making points": ("", "cmetrics.points(SPARSE, **WIDE)", ""),
    "inspecting": ("", "cmetrics.inspect(SPARSE * 20, **WIDE)", ""),
    "a pipeline that reads": (
        "pipeline = cmetrics.Pipeline()",
        "pipeline.read([PATH] * 300_000)",
        """
        pipeline.read(PATH)
        assert pipeline.points() == cmetrics.points(PATH)
        assert pipeline.errors == []
        """,
    ),
    "a pipeline that makes points": (
        "pipeline = cmetrics.Pipeline(**WIDE); pipeline.read(SPARSE)",
        "pipeline.points()",
        "assert len(pipeline.points('/7')) == 100_000",
    ),
    "a pipeline that another thread has": (
        """
        pipeline = cmetrics.Pipeline()
        def other():
            try:
                pipeline.read(dump() * 3_000_000)
            except BaseException as failure:
                print(failure, file=sys.stderr)
        thread = threading.Thread(target=other, daemon=True)
        thread.start()
        time.sleep(0.2)
        """,
        "pipeline.read(dump('/another'))",
        "thread.join(); assert len(pipeline.points()) == 1",
    ),
    "a store that reads": (
        "store = cmetrics.Store(FOLDER)",
        "store.ingest([PATH] * 300_000)",
        """
        assert len(store.range()) == 0
        store.ingest(PATH)
        assert store.range().to_dicts() == cmetrics.points(PATH).to_dicts()
        """,
    ),
    "a store that writes": (
        "store = cmetrics.Store(FOLDER, sync='always', **WIDE)",
        "store.ingest(SPARSE)",
        """
        assert store.containers() == []
        store.close()
        with cmetrics.Store(FOLDER) as store:
            assert store.verify() == []
        """,
    ),
    "a store that points are put into": (
        """
        points = cmetrics.points([dump(f"/{n}", range(0, 100_000, 10)) for n in range(60)])
        store = cmetrics.Store(FOLDER, sync="always")
        """,
        "while True: store.append(points)",
        """
        for one in store.containers():
            assert len(store.range(one.name)) == len(points) // 60
        store.close()
        with cmetrics.Store(FOLDER) as store:
            assert store.verify() == []
            store.append(points)
            assert store.range() == points
        """,
    ),
    "a store that all is read of": (
        "store = cmetrics.Store(FOLDER, **WIDE); store.ingest(SPARSE[:20])",
        "while True: store.verify(); store.stats",
        "assert len(store.range('/1')) == 100_000",
    ),
    "a store that is made one segment of": (
        "store = cmetrics.Store(FOLDER, **WIDE); store.ingest(SPARSE[:20])",
        "while True: store.ingest(SPARSE[20:25]); store.compact()",
        "assert len(store.range('/1')) == 100_000; assert store.verify() == []",
    ),
    "a store that is read": (
        "store = cmetrics.Store(FOLDER, **WIDE); store.ingest(SPARSE[:3])",
        "while True: store.range()",
        "assert len(store.range('/1')) == 100_000",
    ),
    "a store that another one writes to": (
        "store = cmetrics.Store(FOLDER)",
        "cmetrics.Store(FOLDER, wait=600)",
        "store.ingest(dump()); store.close(); cmetrics.Store(FOLDER).close()",
    ),
    "a recorder": (
        "recorder = cmetrics.Recorder(); source = recorder.source('poll')",
        "while True: source.ingest(dump())",
        "source.ingest(dump()); recorder.flush(); assert len(recorder.drain()) == 1",
    ),
    "a subscriber": (
        "recorder = cmetrics.Recorder(); subscription = recorder.subscribe()",
        "subscription.get()",
        "recorder.drain(); assert subscription.get(0) is None",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_ends_soon_and_all_goes_on(case: str, tmp_path: Path) -> None:
    setup, work, after = (textwrap.dedent(part) for part in CASES[case])
    script = "\n".join(
        [
            HEAD,
            setup,
            "threading.Timer(0.5, interrupt).start()",
            "try:",
            textwrap.indent(work, "    "),
            "except KeyboardInterrupt:",
            "    took = time.monotonic() - sent",
            "else:",
            "    sys.exit('it came to its end before')",
            after,
            "print(took)",
        ]
    )
    path = recorded("steady-1s", "v1.2-docker")[0]
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), str(tmp_path / "store")],
        capture_output=True,
        check=False,
        timeout=300,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    took = float(done.stdout)
    print(f"{case}: {took * 1000:.0f} ms")  # noqa: T201
    assert took < SLACK
