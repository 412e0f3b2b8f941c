"""The metrics beyond the documented ones, and limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

import cmetrics
from dumps import dump, recorded

WEB = "v1.3-docker"
FIGURES = ["ave", "min", "max"]


def of_web(metrics: str | list[str] | None = None) -> cmetrics.Points:
    return cmetrics.points(recorded("v060-1s", WEB), container="web", metrics=metrics)


@pytest.fixture(scope="module")
def plain() -> cmetrics.Points:
    return of_web()


@pytest.fixture(scope="module")
def full() -> cmetrics.Points:
    return of_web("all")


def test_the_catalogue_tells_name_kind_unit_and_description_of_each_metric() -> None:
    catalogue = cmetrics.metrics()
    assert all(list(row) == ["name", "kind", "unit", "description"] for row in catalogue)
    assert all(isinstance(text, str) and text for row in catalogue for text in row.values())
    assert {row["kind"] for row in catalogue} == {"counter", "gauge"}
    rows = {row["name"]: row for row in catalogue}
    assert len(rows) == len(catalogue)
    assert (rows["cpu.usage"]["kind"], rows["cpu.usage"]["unit"]) == ("counter", "ns")
    working_set = rows["memory.working_set"]
    assert (working_set["kind"], working_set["unit"]) == ("gauge", "bytes")


def test_all_are_those_of_the_catalogue_in_its_order(full: cmetrics.Points) -> None:
    names = [row["name"] for row in cmetrics.metrics()]
    assert all(list(point.metrics) == names for point in full)


def test_a_group_is_all_metrics_whose_names_begin_so() -> None:
    names = [row["name"] for row in cmetrics.metrics() if row["name"].startswith("memory.")]
    assert len(names) > 10
    assert list(of_web("memory.*")[0].metrics) == names


def test_names_and_groups_add_up_in_the_order_of_the_catalogue() -> None:
    names = ["memory.working_set", "cpu.cfs_periods", "cpu.cfs_periods", "gpu.*"]
    wanted = ["cpu.cfs_periods", "memory.working_set", "gpu.memory_used", "gpu.memory_total"]
    assert list(of_web(names)[0].metrics) == wanted
    by_generator = cmetrics.points(dump(), metrics=(name for name in names))
    assert list(by_generator[0].metrics) == wanted


def test_metrics_change_nothing_of_the_documented_point(
    plain: cmetrics.Points, full: cmetrics.Points
) -> None:
    assert len(plain) > 20
    documented = full.to_dicts()
    for point, found in zip(full, documented):
        assert list(found)[-2:] == ["diskio", "metrics"]
        assert found.pop("metrics") == point.metrics
    assert json.dumps(documented) == json.dumps(plain.to_dicts())
    assert [point.of_limit for point in full] == [point.of_limit for point in plain]


def test_without_metrics_there_are_none(plain: cmetrics.Points) -> None:
    for points in (plain, of_web([])):
        assert points[0].metrics == {}
        assert "metrics" not in points[0].to_dict()


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("memory.workingset", r"near matches: memory\.working_set"),
        (["cpu.usage", "memory.working"], r"near matches: memory\.working_set"),
        ("nothing.*", r'called "nothing\.\*"'),
        ("", 'called ""'),
    ],
)
def test_an_unknown_metric_is_refused_before_anything_is_read(
    wrong: str | list[str], near: str
) -> None:
    with pytest.raises(cmetrics.SettingError, match=near) as raised:
        cmetrics.points("missing.json", metrics=wrong)
    error = raised.value
    assert (error.kind, error.field, error.source) == ("setting", "metrics", None)
    assert error.errors == [error]


def test_metrics_are_words() -> None:
    anything: Any = cmetrics.points
    for wrong in (5, [5], b"cpu.usage"):
        with pytest.raises(TypeError):
            anything(dump(), metrics=wrong)


def test_a_value_is_a_number_a_gauge_or_none(full: cmetrics.Points) -> None:
    kinds = {row["name"]: row["kind"] for row in cmetrics.metrics()}
    seen = set()
    for point in full:
        for name, figures in point.metrics.items():
            value = point.value(name)
            seen.add(type(value))
            if kinds[name] == "counter":
                assert value == figures == point.growth(name)
                assert value is None or type(value) is int
            else:
                assert value == point.gauge(name)
                assert isinstance(figures, dict)
                assert figures == {key: getattr(value, key, None) for key in FIGURES}
    assert seen == {int, cmetrics.Gauge, type(None)}


def test_a_documented_metric_has_its_value_unasked(plain: cmetrics.Points) -> None:
    for point in plain:
        assert point.value("cpu.usage") == point.cpu_usage
        assert point.value("memory.usage") == point.memory


def test_a_metric_that_was_not_asked_for_is_refused() -> None:
    # The working set is read all the same, for the share of the memory limit.
    [point] = cmetrics.points(dump(), metrics="memory.rss")
    assert point.value("memory.rss") is None
    not_asked_for = r"was not asked for: pass it to points in metrics="
    for ask, metric in (
        (point.value, "memory.working_set"),
        (point.gauge, "memory.working_set"),
        (point.value, "memory.page_faults"),
        (point.growth, "memory.page_faults"),
        (point.per_second, "memory.page_faults"),
    ):
        with pytest.raises(cmetrics.SettingError, match=metric + " " + not_asked_for) as raised:
            ask(metric)
        assert raised.value.field == "metric"


def test_a_value_of_no_such_name_is_refused(full: cmetrics.Points) -> None:
    with pytest.raises(cmetrics.SettingError, match=r"near matches: memory\.working_set"):
        full[0].value("memory.workingset")


def test_the_parts_of_the_limits_are_of_the_cores_and_of_the_working_set(
    full: cmetrics.Points,
) -> None:
    for measured in ("cpu", "memory"):
        assert any(point.of_limit[measured] is not None for point in full)
    for point in full:
        assert list(point.of_limit) == ["cpu", "memory"]
        used, working_set = point.cpu_usage, point.gauge("memory.working_set")
        cpu, memory = point.of_limit["cpu"], point.of_limit["memory"]
        # Of the whole interval, whatever samples cover of it.
        assert cpu == (None if used is None else used / 5 / 1e9 / 0.5)
        assert memory == (None if working_set is None else working_set.ave / 134_217_728)
        assert all(0 <= share <= 1 for share in (cpu, memory) if share is not None)


def test_what_has_no_limit_has_no_part_of_it() -> None:
    [point] = points = cmetrics.points(dump(usage=8192))
    assert point.of_limit == {"cpu": None, "memory": None}
    assert set(points.limits["/docker"].values()) == {None, 0}


def test_limits_are_those_the_container_was_started_with(plain: cmetrics.Points) -> None:
    [(name, limits)] = plain.limits.items()
    assert name == plain[0].name
    assert list(limits) == [
        "cpu_cores",
        "cpu_shares",
        "memory_bytes",
        "memory_reservation_bytes",
        "swap_bytes",
        "processes",
        "changes",
    ]
    assert (limits["cpu_cores"], limits["memory_bytes"]) == (0.5, 134_217_728)
    assert limits["changes"] == 0


def test_limits_are_of_the_containers_in_the_points() -> None:
    points = cmetrics.points(recorded("v060-1s", WEB))
    assert list(points.limits) == sorted({point.name for point in points})
    assert list(points[:1].limits) == [points[0].name]
    assert points[:0].limits == {}
    [web] = of_web().limits.items()
    assert web in points.limits.items()


def test_points_of_other_limits_and_equal_figures_are_equal() -> None:
    def limited(limit: int) -> bytes:
        text = json.loads(dump())
        text["/docker"]["spec"] = {"has_memory": True, "memory": {"limit": limit}}
        return json.dumps(text).encode()

    one, two = (cmetrics.points(limited(limit)) for limit in (1 << 20, 1 << 21))
    assert one.limits["/docker"]["memory_bytes"] == 1 << 20
    assert one.limits != two.limits
    assert one == two


def test_limits_that_changed_are_those_of_the_newest_document() -> None:
    def at(second: int, limit: int) -> bytes:
        stats = [{"timestamp": f"2026-11-21T12:00:0{second}Z", "cpu": {"usage": {"total": 0}}}]
        spec = {"has_memory": True, "memory": {"limit": limit}}
        return json.dumps({"/docker": {"spec": spec, "stats": stats}}).encode()

    limits = cmetrics.points([at(2, 1 << 21), at(1, 1 << 20)]).limits["/docker"]
    assert (limits["memory_bytes"], limits["changes"]) == (1 << 21, 1)
