"""Some of the points, wider points, points put together and points kept: always the same points."""

from __future__ import annotations

import json
import pickle
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cmetrics
from dumps import dump, recorded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALL = cmetrics.points(
    recorded("steady-1s", "v1.3-docker", "v1.3-subcontainers"), metrics=["memory.*"]
)
POINTS = list(ALL)
STARTS = sorted({point.start for point in POINTS})
NAMES = [one.name for one in ALL.containers]


def test_a_container_is_selected_by_any_of_its_names() -> None:
    cpuhog = next(one for one in ALL.containers if "cpuhog" in one.aliases)
    wanted = [point for point in POINTS if point.name == cpuhog.name]
    assert wanted
    for word in ("cpuhog", cpuhog.name, cpuhog.name[:8], *cpuhog.paths):
        assert list(ALL.select(word)) == wanted
    both = ALL.select(["cpuhog", "/docker"])
    assert {point.name for point in both} == {cpuhog.name, "/docker"}
    assert list(ALL.select([])) == []
    assert [one.name for one in ALL.select("cpuhog").containers] == [cpuhog.name]
    assert set(ALL.select("cpuhog").limits) == {cpuhog.name}


def test_a_word_that_means_no_container_is_an_error_with_near_matches() -> None:
    with pytest.raises(cmetrics.UnknownContainerError, match=r"near matches: .*cpuhog") as raised:
        ALL.select("cpuhgo")
    assert raised.value.candidates


@given(start=st.sampled_from(STARTS), end=st.sampled_from(STARTS), complete=st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_range_holds_the_points_that_start_in_it(start: int, end: int, *, complete: bool) -> None:
    found = ALL.select(start=start, end=end, complete=complete)
    wanted = [point for point in POINTS if start <= point.start < end]
    if complete:
        wanted = [point for point in wanted if point.coverage == 1.0]
    assert list(found) == wanted
    assert found.to_list("cpu.usage") == [point.cpu_usage for point in wanted]


@pytest.mark.parametrize(
    "instant",
    [
        float,
        lambda start: datetime.fromtimestamp(start, timezone.utc),
        lambda start: datetime.fromtimestamp(start, timezone(timedelta(hours=7))),
        lambda start: datetime.fromtimestamp(start, timezone.utc).replace(tzinfo=None),
        lambda start: datetime.fromtimestamp(start, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    ],
)
def test_times_may_be_numbers_datetimes_and_texts(instant: Callable[[int], Any]) -> None:
    start = STARTS[10]
    assert list(ALL.select(start=instant(start))) == [p for p in POINTS if p.start >= start]


def test_what_is_no_time_is_refused() -> None:
    anything: Any = ALL.select
    with pytest.raises(cmetrics.SettingError, match='start is "noon": expected a time such as'):
        anything(start="noon")
    with pytest.raises(TypeError, match="end: expected seconds since the epoch"):
        anything(end=[])
    with pytest.raises(cmetrics.SettingError, match="not a number"):
        anything(start=float("nan"))
    assert len(ALL.select(start=float("-inf"), end=float("inf"))) == len(ALL)


def test_a_field_that_is_not_there_is_refused_with_what_to_do() -> None:
    anything: Any = ALL
    with pytest.raises(cmetrics.SettingError, match=r"see points\.fields"):
        anything.to_list("cpu.usages")
    with pytest.raises(cmetrics.SettingError, match=r'pass "gpu\.memory_used" in metrics='):
        anything.select(fields=["gpu.memory_used.ave"])
    with pytest.raises(cmetrics.SettingError, match="utf8, dictionary or view"):
        anything.select(texts="text")


@given(st.integers(-400, 400), st.integers(-400, 400), st.integers(-5, 5).filter(bool))
@settings(max_examples=80, deadline=None)
def test_slices_are_those_of_a_list(start: int, stop: int, step: int) -> None:
    assert list(ALL[start:stop:step]) == POINTS[start:stop:step]
    assert list(reversed(ALL[start:stop])) == POINTS[start:stop][::-1]


@given(st.lists(st.integers(0, len(POINTS)), max_size=4))
@settings(max_examples=40, deadline=None)
def test_points_put_together_again_are_the_points(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(POINTS)]
    whole = ALL[:0]
    for start, end in zip(edges, edges[1:]):
        whole = whole + ALL[start:end]
    assert whole == ALL
    assert whole.to_list("memory.ave") == ALL.to_list("memory.ave")
    assert whole.events == ALL.events
    assert whole.limits == ALL.limits
    assert pickle.loads(pickle.dumps(whole)) == ALL  # noqa: S301


def test_points_put_together_of_several_calls_know_what_both_know() -> None:
    other = cmetrics.points(recorded("dynamic", "v1.2-docker"))
    name = other.containers[0].name
    both = ALL + other
    assert list(both) == POINTS + list(other)
    assert len(both.events) == len(ALL.events) + len(other.events)
    assert {**ALL.limits, **other.limits} == both.limits
    assert list(both.select(name)) == list(other.select(name))


@pytest.mark.parametrize("seconds", [5, 10, 60, 3600])
def test_wider_points_are_those_that_are_made_at_the_wider_width(seconds: int) -> None:
    paths = recorded("steady-1s", "v1.3-docker")
    narrow = cmetrics.points(paths, metrics=["memory.*"], max_gap=3600)
    wide = cmetrics.points(paths, metrics=["memory.*"], max_gap=3600, interval=seconds)
    assert narrow.resample(seconds) == wide
    assert narrow[::-1].resample(seconds) == wide
    assert pickle.loads(pickle.dumps(narrow)).resample(seconds) == wide  # noqa: S301


@pytest.mark.parametrize("seconds", [0, 7, -5, 2**70])
def test_a_width_that_is_no_multiple_is_refused(seconds: int) -> None:
    with pytest.raises((cmetrics.SettingError, OverflowError)):
        ALL.resample(seconds)


def test_pickled_points_know_their_containers_and_events() -> None:
    back = pickle.loads(pickle.dumps(ALL))  # noqa: S301
    assert back == ALL
    assert back.events == ALL.events
    assert back.limits == ALL.limits
    assert [one.aliases for one in back.containers] == [one.aliases for one in ALL.containers]
    assert [point.coverage for point in back] == [point.coverage for point in ALL]
    assert [point.cpu_cores for point in back] == [point.cpu_cores for point in ALL]


def test_bytes_that_are_no_kept_points_are_refused() -> None:
    maker, (kept,) = ALL[:3].__reduce__()
    assert maker(kept) == ALL[:3]
    for damaged in (b"", kept[:-1], kept[1:], bytes([kept[0] + 1]) + kept[1:], b"\x01\xff\xff"):
        with pytest.raises(ValueError, match="pickle them anew"):
            maker(damaged)


@pytest.mark.parametrize("word", ["wbe", "webb", "wb3"])
def test_a_container_that_was_mistyped_is_told_with_its_near_matches(
    word: str, tmp_path: Path
) -> None:
    last = recorded("steady-1s", "v1.2-docker")[-1]
    points = cmetrics.points(last)
    name = points.select("web")[0].name
    recorder = cmetrics.Recorder()
    recorder.source("polls").ingest(last.read_bytes())
    with cmetrics.Store(tmp_path / "store") as store:
        store.ingest(last)
        asked: list[Callable[[str], object]] = [
            points.select,
            points.summary().__getitem__,
            recorder.snapshot,
            recorder.flush,
            store.range,
            lambda word: store.last(word, 60),
            lambda word: cmetrics.points(last, container=word),
            lambda word: cmetrics.inspect(last, container=word),
        ]
        for ask in asked:
            if word == "wb3":
                with pytest.raises(cmetrics.UnknownContainerError, match=r'"wb3"$'):
                    ask(word)
                continue
            match = f'no container is called "{word}"; near matches: .*{name} .web.'
            with pytest.raises(cmetrics.UnknownContainerError, match=match) as raised:
                ask(word)
            assert name in raised.value.candidates


def test_restarts_gaps_and_growth_across_gaps_are_events() -> None:
    points = cmetrics.points(recorded("steady-1s", "v1.2-docker"), max_gap=20)
    assert {event.kind for event in points.events} == {"restart", "gap", "unattributed"}
    flappy = next(one for one in points.containers if "flappy" in one.aliases)
    events = points.select("flappy").events
    restarts = [event for event in events if event.kind == "restart"]
    assert len(restarts) == 4
    gaps = [event for event in events if event.kind == "gap"]
    assert all((gap.at_ns or 0) - (gap.since_ns or 0) > 20e9 for gap in gaps)
    grown = [event for event in events if event.kind == "unattributed"]
    assert all(event.at is None and event.growth and event.metric for event in grown)
    for event in restarts:
        assert event.container == flappy.name
        assert event.at is not None
        assert event.at_ns is not None
        assert abs(event.at - event.at_ns / 1e9) < 1e-3
        assert "restart" in repr(event)


@pytest.mark.parametrize(
    ("readings", "kind"),
    [
        ((1_000, 1_001, 999_000_000, 1_003), "set_aside"),
        ((9_000_000, 8_000_000, 8_000_001), "correction"),
        ((1_000, 999_000_000, 999_000_001), "implausible"),
    ],
)
def test_cpu_readings_that_cannot_be_are_events(
    readings: tuple[int, ...], kind: str, tmp_path: Path
) -> None:
    stats = [
        {
            "timestamp": f"2026-11-21T12:00:{second:02}Z",
            "cpu": {"usage": {"total": reading * 10**9}},
        }
        for second, reading in enumerate(readings)
    ]
    odd = json.dumps({"/docker": {"stats": stats}}).encode()
    at = readings.index(readings[2 if kind == "set_aside" else 1])
    [inspected] = cmetrics.inspect(odd)
    counts = (inspected.set_aside, inspected.corrections, inspected.implausible)
    assert counts == tuple(int(kind == one) for one in ("set_aside", "correction", "implausible"))
    assert ("sample set aside" if kind == "set_aside" else kind) in repr(inspected)
    with cmetrics.Store(tmp_path / "store", lateness=1) as store:
        store.ingest(odd)
        store.ingest(dump("/other"))
        for events in (cmetrics.points(odd).events, inspected.events):
            [event] = [event for event in events if event.kind == kind]
            assert event.at == 1_795_262_400 + at
        stored = [event.kind for event in store.events()]
        assert kind != "set_aside" or kind in stored


def test_a_notebook_shows_the_first_and_the_last_points() -> None:
    html = ALL._repr_html_()
    assert html.count("<tr>") == 12
    assert "cpuhog" in ALL.select("cpuhog")._repr_html_()
    assert cmetrics.points([])._repr_html_().count("<tr>") == 1
    spoilt = cmetrics.points(dump("/<b>"))
    assert "<b>" not in spoilt._repr_html_()
