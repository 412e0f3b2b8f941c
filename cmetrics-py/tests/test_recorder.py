"""A recorder takes samples from any thread, and gives each point once."""

from __future__ import annotations

import gc
import gzip
import json
import threading
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cmetrics
from dumps import dump, recorded

if TYPE_CHECKING:
    from pathlib import Path

POLLS = recorded("dynamic", "v1.2-docker")
LATER = 4_000_000_000


def key(point: cmetrics.Point) -> tuple[str, int]:
    return (point.name, point.start)


def all_of(recorder: cmetrics.Recorder) -> list[cmetrics.Point]:
    """What is final once nothing more comes."""
    recorder.advance(LATER)
    return list(recorder.drain())


@pytest.mark.parametrize("options", [{}, {"interval": 7, "max_gap": 20}, {"metrics": "memory.*"}])
def test_replies_make_the_points_of_one_call(options: dict[str, Any]) -> None:
    recorder = cmetrics.Recorder(lateness=60, **options)
    source = recorder.source("polls")
    parts = []
    for path in POLLS:
        assert source.ingest(path.read_bytes()).errors == []
        parts.append(recorder.drain())
    recorder.advance(LATER)
    parts.append(recorder.drain())
    wanted = cmetrics.points(POLLS, **options)
    assert sorted((point for part in parts for point in part), key=key) == list(wanted)
    limits = {name: part.limits[name] for part in parts for name in part.limits}
    for name, known in wanted.limits.items():
        assert limits[name] | {"changes": 0} == known | {"changes": 0}
    aliases = {one.name: one.aliases for part in parts for one in part.containers}
    assert aliases == {one.name: one.aliases for one in wanted.containers}
    shares = {key(point): point.of_limit for part in parts for point in part}
    assert shares == {key(point): point.of_limit for point in wanted}


def test_threads_ingest_at_once() -> None:
    recorder = cmetrics.Recorder(lateness=600)
    drained: list[cmetrics.Point] = []

    def ingest(machine: str) -> None:
        source = recorder.source(machine, machine=machine)
        for path in POLLS:
            source.ingest(gzip.decompress(path.read_bytes()))
            drained.extend(recorder.drain())

    machines = [f"node{number}" for number in range(4)]
    threads = [threading.Thread(target=ingest, args=(machine,)) for machine in machines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drained.extend(all_of(recorder))
    pipeline = cmetrics.Pipeline()
    for machine in machines:
        pipeline.read(POLLS, machine=machine)
    assert sorted(drained, key=key) == list(pipeline.points())


def test_threads_may_share_a_source() -> None:
    recorder = cmetrics.Recorder(lateness=600)
    source = recorder.source("shared")
    threads = [
        threading.Thread(target=source.ingest, args=(path.read_bytes(),)) for path in POLLS * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all_of(recorder) == list(cmetrics.points(POLLS))


def test_a_reply_is_counted() -> None:
    recorder = cmetrics.Recorder()
    source = recorder.source("http://node7/", machine="node7")
    assert (source.name, source.machine) == ("http://node7/", "node7")
    assert repr(source) == '<Source "http://node7/" on "node7">'
    first = source.ingest(dump())
    assert (first.accepted, first.duplicates, first.errors) == (2, 0, [])
    assert first.bytes == len(dump())
    again = source.ingest(memoryview(bytearray(dump())))
    assert (again.accepted, again.duplicates) == (0, 2)
    assert repr(again) == "<Ingested: 0 accepted, 2 duplicates, 0 late, 0 ahead, 0 errors>"
    assert [point.name for point in recorder.snapshot()] == ["node7:/docker"]


def test_what_is_wrong_with_a_reply_is_told_and_costs_no_more() -> None:
    recorder = cmetrics.Recorder()
    source = recorder.source("poll")
    told = source.ingest(dump(total=-1))
    assert (told.accepted, told.faulty, told.more_errors) == (1, 1, 0)
    [error] = told.errors
    assert isinstance(error, cmetrics.DumpError)
    assert (error.source, error.kind, error.container) == ("poll", "value", "/docker")
    assert source.ingest(b"no dump").errors[0].kind == "not_a_dump"
    assert source.ingest(gzip.compress(dump())[:-9]).errors[0].kind == "packed"
    assert source.ingest(dump("/another")).accepted == 2
    for reply in ("text", 7, None):
        with pytest.raises(TypeError, match="bytes"):
            source.ingest(reply)  # type: ignore[arg-type]


# All within the time for which a recorder knows a copy: later ones are late.
readings = st.lists(st.tuples(st.integers(1, 150), st.integers(0, 2**40)), min_size=1, max_size=30)


@settings(deadline=None, max_examples=60)
@given(readings, st.integers(0, 20))
def test_own_samples_make_the_points_of_a_dump_of_those_that_were_accepted(
    samples: list[tuple[int, int]], lateness: int
) -> None:
    recorder = cmetrics.Recorder(lateness=lateness)
    accepted: dict[int, int] = {}
    for second, usage in samples:
        verdict = recorder.record("/docker", second, {"cpu.usage": usage, "memory.usage": usage})
        newest = max(accepted, default=0)
        known = second in accepted
        late = second + lateness < newest
        assert verdict == ("duplicate" if known else "late" if late else "accepted")
        if verdict == "accepted":
            accepted[second] = usage
    stats = [
        {
            "timestamp": datetime.fromtimestamp(second, timezone.utc).isoformat(),
            "cpu": {"usage": {"total": usage}},
            "memory": {"usage": usage},
        }
        for second, usage in accepted.items()
    ]
    text = json.dumps({"/docker": {"spec": {"has_cpu": True}, "stats": stats}}).encode()
    recorder.flush()
    assert recorder.drain() == cmetrics.points(text)
    assert recorder.totals["accepted"] == len(accepted)


def test_a_sample_has_its_time_in_any_form_and_a_machine() -> None:
    recorder = cmetrics.Recorder()
    at = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
    assert recorder.record("/a", at, {"cpu.usage": 1}) == "accepted"
    assert recorder.record("/a", at.timestamp(), {"cpu.usage": 1}) == "duplicate"
    assert recorder.record("/a", "2026-11-21T12:00:00Z", {}) == "duplicate"
    assert recorder.record("/a", "2026-11-21T12:00:00.000000001Z", {}) == "accepted"
    assert recorder.record("/a", at, {"cpu.usage": 1}, machine="node7") == "accepted"
    assert [one.name for one in recorder.containers] == ["/a", "node7:/a"]


@pytest.mark.parametrize(
    ("at", "values", "told"),
    [
        (1000, {"nothing": 1}, "nothing"),
        (1000, {"cpu.usage": -1}, "cpu.usage"),
        (1000, {"cpu.usage": 2**64}, "cpu.usage"),
        (1000, {"cpu.usage": 1.5}, "cpu.usage"),
        (0, {"cpu.usage": 1}, "at must be after"),
        (10**11, {"cpu.usage": 1}, "before the year 2263"),
        ("then", {"cpu.usage": 1}, "then"),
    ],
)
def test_a_sample_that_cannot_be_is_refused(
    at: float | str, values: dict[str, int], told: str
) -> None:
    recorder = cmetrics.Recorder()
    with pytest.raises(cmetrics.SettingError, match=told):
        recorder.record("/a", at, values)
    assert recorder.totals["accepted"] == 0


@pytest.mark.parametrize(
    "options",
    [
        {"interval": 0},
        {"max_gap": 1},
        {"lateness": -1},
        {"history": -1},
        {"max_ahead": -1},
        {"most_kept": -1},
        {"metrics": "nothing"},
    ],
)
def test_a_setting_that_cannot_be_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(cmetrics.SettingError):
        cmetrics.Recorder(**options)


def test_too_many_points_are_dropped_and_what_is_ahead_is_counted() -> None:
    recorder = cmetrics.Recorder(most_kept=2, max_ahead=10)
    for second in range(900, 1010):
        recorder.record("/a", second, {"cpu.usage": second})
    assert recorder.record("/a", 800, {"cpu.usage": 1}) == "late"
    recorder.advance(1000)
    assert recorder.record("/a", 1011, {"cpu.usage": 1}) == "ahead"
    assert len(recorder.drain()) == 2
    totals = recorder.totals
    assert (totals["late"], totals["ahead"]) == (1, 1)
    assert totals["sealed"] == totals["dropped"] + 2
    assert totals["undrained"] == 0


def test_flushing_gives_open_intervals_and_what_comes_later_is_in_the_tally() -> None:
    recorder = cmetrics.Recorder(lateness=60)
    for name in ("/a", "/b"):
        recorder.record(name, 1000, {"cpu.usage": 0})
        recorder.record(name, 1004, {"cpu.usage": 40})
    assert len(recorder.drain()) == 0
    assert len(recorder.snapshot()) == 2
    assert [point.name for point in recorder.snapshot("/a")] == ["/a"]
    recorder.flush("/a")
    assert [point.name for point in recorder.drain()] == ["/a"]
    recorder.record("/a", 1005, {"cpu.usage": 50})
    recorder.flush()
    assert recorder.totals["tally"] == {"cpu.usage": 10}
    assert recorder.totals["doors"]["cadvisor"]["tally"] == {"cpu.usage": 10}
    for ask in (recorder.flush, recorder.snapshot):
        with pytest.raises(cmetrics.UnknownContainerError, match="nobody"):
            ask("nobody")


def test_subscribers_get_copies() -> None:
    recorder = cmetrics.Recorder()
    wide, narrow = recorder.subscribe(), recorder.subscribe(room=1)
    for second in (1, 6, 11, 16, 21):
        recorder.record("/a", second, {"cpu.usage": second})
    assert wide.get(timeout=0) is None
    points = recorder.drain()
    assert len(points) == 3
    assert [wide.get(0), wide.get(1), wide.get()] == list(points)
    assert (wide.missed, narrow.missed) == (0, 2)
    with pytest.raises(cmetrics.SettingError):
        wide.get(-1)
    with pytest.raises(cmetrics.SettingError):
        recorder.subscribe(-1)
    del recorder
    gc.collect()
    assert list(narrow) == [points[0]]
    assert narrow.get() is None


def test_a_subscriber_waits_while_others_work() -> None:
    recorder = cmetrics.Recorder()
    subscription = recorder.subscribe()
    found: list[cmetrics.Point] = []
    thread = threading.Thread(target=lambda: found.append(next(subscription)))
    thread.start()
    time.sleep(0.1)
    for second in (1, 6, 11):
        recorder.record("/a", second, {"cpu.usage": second})
    recorder.seal()
    thread.join(10)
    assert found == list(recorder.drain())


def test_a_recorder_goes_on_where_one_stopped_whose_samples_went_to_a_store(tmp_path: Path) -> None:
    with cmetrics.Store(tmp_path / "store", metrics="memory.working_set") as store:
        for start in range(0, len(POLLS), 2):
            recorder = cmetrics.Recorder.resume(store)
            source = recorder.source("polls")
            for path in POLLS[start : start + 2]:
                source.ingest(path.read_bytes())
            kept = recorder.keep(store)
            assert kept.accepted > 0
            assert recorder.keep(store).accepted == 0
        assert store.range() == cmetrics.points(POLLS, metrics="memory.working_set")
        with pytest.raises(cmetrics.SettingError):
            cmetrics.Recorder(interval=7).keep(store)
    with pytest.raises(cmetrics.RefusedError, match="closed"):
        cmetrics.Recorder.resume(store)
    with pytest.raises(cmetrics.RefusedError, match="closed"):
        cmetrics.Recorder().keep(store)


def test_what_was_neither_drained_nor_kept_goes_with_the_recorder(tmp_path: Path) -> None:
    with cmetrics.Store(tmp_path / "store") as store:
        recorder = cmetrics.Recorder.resume(store)
        assert recorder.record("/a", 1_001, {"cpu.usage": 1}) == "accepted"
        recorder.keep(store)
        assert recorder.record("/a", 1_003, {"cpu.usage": 2}) == "accepted"
        del recorder
    with cmetrics.Store(tmp_path / "store") as store:
        recorder = cmetrics.Recorder.resume(store)
        assert recorder.record("/a", 1_001, {"cpu.usage": 1}) == "duplicate"
        assert recorder.record("/a", 1_003, {"cpu.usage": 2}) == "accepted"
    recorder.flush()
    assert sum(point.samples or 0 for point in recorder.drain()) == 2


def test_it_reads_well() -> None:
    assert repr(cmetrics.Recorder(lateness=7)) == "<Recorder: interval 5 s, lateness 7 s>"
