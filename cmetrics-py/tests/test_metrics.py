"""The catalogue of metrics: asked for, told, and left alone."""

from __future__ import annotations

import gzip
import json

import pytest

import cmetrics
from dumps import DATA, MIXED, assert_same, recorded


@pytest.mark.parametrize("name", ["dynamic", "steady-1s", "v060-1s", "v060-oom"])
def test_all_metrics_of_a_recording_are_what_is_expected(name: str) -> None:
    packed = (DATA / "expected" / f"{name}.mixed.all-metrics.json.gz").read_bytes()
    points = cmetrics.points(recorded_mixed(name), metrics="all")
    wanted = json.loads(gzip.decompress(packed))
    assert_same(json.loads(json.dumps(points.to_dicts())), wanted)


def recorded_mixed(name: str) -> list[str]:
    folder = DATA / "recorded" / name
    there = [each for each in MIXED if list(folder.glob(f"{each}.*.json.gz"))]
    return [str(path) for path in recorded(name, *there)]


def test_what_is_asked_for_changes_no_documented_figure() -> None:
    files = recorded_mixed("dynamic")
    plain = cmetrics.points(files).to_dicts()
    asked = cmetrics.points(files, metrics=["memory.*", "tasks.running"]).to_dicts()
    assert all("metrics" not in point for point in plain)
    assert "tasks.running" in asked[0]["metrics"]
    for point in asked:
        point.pop("metrics")
    assert plain == asked


def test_a_value_is_a_growth_or_the_figures_of_a_gauge() -> None:
    files = recorded_mixed("v060-1s")
    web = cmetrics.points(files, container="web", metrics=("memory.working_set", "cpu.user"))
    point = web[5]
    assert list(point.metrics) == ["cpu.user", "memory.working_set"]
    assert point.value("cpu.user") == point.growth("cpu.user") == point.metrics["cpu.user"]
    working_set = point.value("memory.working_set")
    assert isinstance(working_set, cmetrics.Gauge)
    assert working_set == point.gauge("memory.working_set")
    assert point.value("memory.usage") == point.memory


def test_a_metric_that_was_not_asked_for_is_refused_rather_than_none() -> None:
    point = cmetrics.points(recorded_mixed("dynamic"))[0]
    for ask in (point.value, point.gauge):
        with pytest.raises(cmetrics.SettingError, match="was not asked for") as raised:
            ask("memory.rss")
        assert raised.value.field == "metric"


def test_an_unknown_metric_is_refused_before_anything_is_read() -> None:
    for metrics in ("memory.workingset", ["cpu.user", "memory.workingset"]):
        with pytest.raises(cmetrics.SettingError, match="near matches: memory") as raised:
            cmetrics.points("missing.json", metrics=metrics)
        assert raised.value.field == "metrics"


def test_limits_and_the_shares_of_them_are_told() -> None:
    points = cmetrics.points(recorded_mixed("v060-1s"), container="web")
    (limits,) = points.limits.values()
    assert limits["cpu_cores"] == 0.5
    assert limits["memory_bytes"] == 128 << 20
    assert limits["changes"] == 0
    for point in points[1:-1]:
        cpu, memory = point.of_limit["cpu"], point.of_limit["memory"]
        assert cpu is not None
        assert memory is not None
        assert 0 <= cpu <= 1.1
        assert 0 < memory <= 1


def test_the_catalogue_is_listed() -> None:
    catalogue = {metric["name"]: metric for metric in cmetrics.metrics()}
    assert len(catalogue) > 70
    assert catalogue["cpu.cfs_throttled_time"]["unit"] == "ns"
    assert catalogue["memory.working_set"]["kind"] == "gauge"
    assert all(metric["description"] for metric in catalogue.values())
