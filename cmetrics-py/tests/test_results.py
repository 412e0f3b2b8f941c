"""A whole run over many hosts."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cmetrics
import made_up
from dumps import dump, recorded

NETWORK = "network.tx_bytes_per_second"


@pytest.fixture(scope="module")
def points() -> cmetrics.Points:
    return cmetrics.points(recorded("dynamic", "v1.2-docker"), metrics="memory.working_set")


@pytest.fixture(scope="module")
def results(points: cmetrics.Points) -> cmetrics.Results:
    return cmetrics.results(points)


def naive_quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def by_interval(points: cmetrics.Points, stat: str) -> dict[tuple[int, int], list[float]]:
    groups = defaultdict(list)
    rows = (points.to_list(field) for field in ("start", "end", stat))
    for start, end, value in zip(*rows):
        if value is not None:
            groups[start, end].append(value)
    return dict(sorted(groups.items()))


def assert_is(series: cmetrics.Series, wanted: dict[tuple[int, int], float]) -> None:
    assert series.times == [start for start, _ in wanted]
    assert series.values == pytest.approx(list(wanted.values()), rel=1e-9, abs=1e-9)


def test_hosts_are_the_containers_by_name(
    points: cmetrics.Points, results: cmetrics.Results
) -> None:
    assert results.points is points
    assert results.get_hosts() == sorted({point.name for point in points})
    assert len(results.get_hosts()) > 3


def test_stats_are_the_fields_that_are_numbers(results: cmetrics.Results) -> None:
    stats = results.get_stats()
    assert stats[:2] == ["cpu.usage", "cpu.load.ave"]
    assert "memory.working_set.max" in stats
    assert stats[-5:-3] == ["cpu.cores", NETWORK]
    assert len(set(stats)) == len(stats)
    assert not {"name", "start", "end"} & set(stats)
    for stat in (*stats, "samples", "coverage", "of_limit.cpu", "of_limit.memory"):
        assert results.get_avg_stat(stat).stat == stat


@pytest.mark.parametrize("stat", ["cpu.usage", "cpu.cores", "memory.ave", NETWORK, "samples"])
def test_each_interval_has_the_mean_and_the_quantiles_of_its_hosts(
    points: cmetrics.Points, results: cmetrics.Results, stat: str
) -> None:
    groups = by_interval(points, stat)
    assert any(len(group) > 2 for group in groups.values())
    means = {of: sum(group) / len(group) for of, group in groups.items()}
    assert_is(results.get_avg_stat(stat), means)
    for q in (0, 0.1, 0.5, 0.95, 1):
        wanted = {of: naive_quantile(group, q) for of, group in groups.items()}
        assert_is(results.get_stat_quantile(stat, q), wanted)
    assert results.get_median_stat(stat) == results.get_stat_quantile(stat, 0.5)


@pytest.mark.parametrize("stat", ["cpu.cores", "memory.ave", "memory.working_set.ave"])
def test_each_host_has_its_own_values(
    points: cmetrics.Points, results: cmetrics.Results, stat: str
) -> None:
    per_host = results.get_stat_per_host(stat)
    assert list(per_host) == results.get_hosts()
    for host, series in per_host.items():
        own = points.select(host)
        pairs = zip(own.to_list("start"), own.to_list(stat))
        assert list(series) == [(start, value) for start, value in pairs if value is not None]


def test_times_are_relative_to_the_first_point_of_all_if_wanted() -> None:
    # The first point has no memory, and counts all the same.
    results = cmetrics.results(
        made_up.points(
            made_up.point("/a", 100, cores=1),
            made_up.point("/a", 105, cores=1, memory=1),
            made_up.point("/b", 110, memory=3),
        )
    )
    assert results.get_avg_stat("memory.ave").times == [105, 110]
    assert results.get_avg_stat("memory.ave", relative=True).times == [5, 10]
    assert results.get_median_stat("memory.ave", relative=True).times == [5, 10]
    assert results.get_stat_quantile("memory.ave", 1, relative=True).times == [5, 10]
    per_host = results.get_stat_per_host("memory.ave", relative=True)
    assert {host: series.times for host, series in per_host.items()} == {"/a": [5], "/b": [10]}
    late = cmetrics.results(results.points[1:])
    assert late.get_avg_stat("memory.ave", relative=True).times == [0, 5]


def test_a_host_without_any_value_has_an_empty_series() -> None:
    made = made_up.points(made_up.point("/a", 0), made_up.point("/b", 0, memory=3))
    per_host = cmetrics.results(made).get_stat_per_host("memory.ave")
    assert per_host["/a"].values == []
    assert repr(per_host["/a"]) == "<Series memory.ave: no values>"
    assert per_host["/b"].values == [3.0]


made_points = st.lists(
    st.builds(
        lambda name, slot, width, cores, memory: made_up.point(
            f"/{name}", slot * width, width=width, cores=cores, memory=memory
        ),
        st.sampled_from("abcd"),
        st.integers(0, 5),
        st.sampled_from((5, 5, 5, 10)),
        st.none() | st.floats(0, 64),
        st.none() | st.floats(0, 1e9),
    ),
    max_size=30,
)


@settings(deadline=None)  # the first call imports NumPy
@given(made_points, st.integers(0, 30), st.floats(0, 1))
def test_quantiles_are_those_of_numpy(every: list[dict[str, Any]], split: int, q: float) -> None:
    numpy = pytest.importorskip("numpy")
    points = made_up.points(*every[:split]) + made_up.points(*every[split:])
    results = cmetrics.results(points)
    for stat in ("cpu.cores", "memory.ave"):
        groups = by_interval(points, stat)
        wanted = {of: float(numpy.quantile(group, q)) for of, group in groups.items()}
        assert_is(results.get_stat_quantile(stat, q), wanted)
        assert_is(
            results.get_avg_stat(stat), {of: numpy.mean(group) for of, group in groups.items()}
        )


def test_a_series_is_a_sequence_of_pairs(results: cmetrics.Results) -> None:
    series = results.get_avg_stat("cpu.cores")
    assert len(series) == len(series.times) == len(series.values) > 10
    assert list(series) == list(zip(series.times, series.values))
    assert [series[index] for index in range(len(series))] == list(series)
    assert series[-1] == (series.times[-1], series.values[-1])
    for too_far in (len(series), -len(series) - 1):
        with pytest.raises(IndexError):
            series[too_far]
    assert (series.stat, series.unit) == ("cpu.cores", "cores")
    first, last = series.times[0], series.times[-1]
    told = f"<Series cpu.cores: {len(series)} values in cores, {first} to {last}>"
    assert repr(series) == told
    assert series != results.get_avg_stat("cpu.cores", relative=True)


def test_a_series_lends_numpy_its_numbers(results: cmetrics.Results) -> None:
    numpy = pytest.importorskip("numpy")
    series = results.get_avg_stat("cpu.cores")
    times, values = series.to_numpy()
    assert (times.dtype, values.dtype) == (numpy.int64, numpy.float64)
    assert (times.tolist(), values.tolist()) == (series.times, series.values)
    assert series.to_numpy()[1].ctypes.data == values.ctypes.data
    assert not values.flags.writeable
    del series
    assert values.sum() > 0


@pytest.mark.parametrize("q", [-0.001, 1.001, math.nan, math.inf])
def test_a_quantile_outside_of_0_to_1_is_refused(results: cmetrics.Results, q: float) -> None:
    with pytest.raises(cmetrics.SettingError, match="must be 0 to 1") as raised:
        results.get_stat_quantile("cpu.cores", q)
    assert raised.value.field == "q"


@pytest.mark.parametrize("stat", ["cpu", "name", "start", "image", "memory.cache"])
def test_what_is_no_stat_is_refused(results: cmetrics.Results, stat: str) -> None:
    for ask in (results.get_avg_stat, results.get_median_stat, results.get_stat_per_host):
        with pytest.raises(cmetrics.SettingError, match=stat):
            ask(stat)


def test_results_are_of_whatever_points_takes(results: cmetrics.Results) -> None:
    read = cmetrics.results(
        recorded("dynamic", "v1.2-docker"), metrics="memory.working_set", threads=1
    )
    assert read.points == results.points
    assert read.get_stats() == results.get_stats()
    assert len(cmetrics.results(dump(), interval=60).points) == 1
    with pytest.raises(cmetrics.SettingError):
        cmetrics.results(dump(), interval=0)
    with pytest.raises(TypeError):
        cmetrics.results(None)  # type: ignore[call-overload]


def test_points_that_are_made_already_take_no_keywords(points: cmetrics.Points) -> None:
    with pytest.raises(cmetrics.SettingError, match="made already") as raised:
        cmetrics.results(points, interval=10)  # type: ignore[arg-type]
    assert raised.value.field == "interval"


def test_a_store_is_asked_for_its_range(points: cmetrics.Points) -> None:
    class Stored:
        def range(self, container: str | None = None) -> cmetrics.Points:
            return points.select(container)

    class Else:
        def range(self) -> list[int]:
            return [1]

    assert cmetrics.results(Stored()).points == points
    host = cmetrics.results(points).get_hosts()[0]
    assert cmetrics.results(Stored(), container=host).get_hosts() == [host]
    with pytest.raises(TypeError, match="no Points"):
        cmetrics.results(Else())  # type: ignore[call-overload]


def test_no_points_are_no_hosts(points: cmetrics.Points) -> None:
    results = cmetrics.results(points[:0])
    assert results.get_hosts() == []
    assert results.get_stat_per_host("cpu.cores") == {}
    assert list(results.get_avg_stat("cpu.cores", relative=True)) == []
    assert len(results.summary()) == 0


def test_results_tell_what_they_are_of(results: cmetrics.Results) -> None:
    hosts, stats, points = len(results.get_hosts()), len(results.get_stats()), len(results.points)
    assert repr(results) == f"<Results: {hosts} hosts, {stats} stats, {points} points>"
