"""One point and its units."""

from __future__ import annotations

import pytest

import cmetrics
from dumps import dump, recorded


@pytest.fixture
def point() -> cmetrics.Point:
    return cmetrics.points(dump(usage=8192))[0]


def test_a_point_tells_who_and_when(point: cmetrics.Point) -> None:
    assert point.name == "/docker"
    assert (point.start, point.end) == (1_795_262_400, 1_795_262_405)
    assert point.samples == 2
    assert point.coverage == 0.8


def test_figures_are_in_base_units(point: cmetrics.Point) -> None:
    assert point.cpu_usage == 6_000_000_000
    # In the four seconds that samples cover.
    assert (point.rate_seconds, point.cpu_cores) == (4.0, 1.5)
    assert point.growth("cpu.usage") == point.cpu_usage
    assert point.per_second("cpu.usage") == 1.5e9
    memory = point.memory
    assert memory is not None
    assert (memory.ave, memory.min, memory.max) == (8192.0, 8192.0, 8192.0)
    assert point.gauge("memory.usage") == memory


def test_what_was_not_measured_is_none(point: cmetrics.Point) -> None:
    assert point.load is None
    assert point.growth("network.tx_bytes") is None
    assert point.per_second("diskio.read") is None
    assert point.tx_bytes_per_second is None
    assert point.rx_bytes_per_second is None
    assert point.read_bytes_per_second is None
    assert point.written_bytes_per_second is None
    assert cmetrics.points(dump())[0].memory is None


def test_base_units_and_documented_units_agree() -> None:
    disk_seen = 0
    for point in cmetrics.points(recorded("steady-1s", "v1.3-docker")):
        documented = point.to_dict()
        seconds = point.rate_seconds
        assert point.coverage is not None
        assert seconds == (5 * point.coverage if point.coverage >= 0.02 else None)
        sent = point.growth("network.tx_bytes")
        assert documented["network"]["tx_kb"] == (None if sent is None else sent / 1024)
        if sent is not None:
            assert point.tx_bytes_per_second == (seconds and sent / seconds)
        received = point.growth("network.rx_bytes")
        if received is not None:
            assert point.rx_bytes_per_second == (seconds and received / seconds)
        assert documented["network"]["tx_drops"] == point.growth("network.tx_dropped")
        assert documented["cpu"]["usage"] == point.cpu_usage
        if point.load is not None:
            assert documented["cpu"]["load"]["max"] == point.load.max
        if point.memory is not None:
            assert documented["memory"]["min"] == point.memory.min / 1024
        read, written = point.growth("diskio.read"), point.growth("diskio.write")
        assert (documented["diskio"]["read"], documented["diskio"]["write"]) == (read, written)
        if read is not None and written is not None:
            disk_seen += 1
            assert point.read_bytes_per_second == (seconds and read / seconds)
            assert point.written_bytes_per_second == (seconds and written / seconds)
    assert disk_seen > 0


def test_a_metric_of_no_such_name_or_of_the_other_kind_is_refused(point: cmetrics.Point) -> None:
    with pytest.raises(cmetrics.SettingError, match=r'called "network\.tx_kb"') as told:
        point.growth("network.tx_kb")
    assert told.value.field == "metric"
    assert told.value.errors == [told.value]
    with pytest.raises(cmetrics.SettingError, match=r"memory\.usage is a gauge"):
        point.growth("memory.usage")
    with pytest.raises(cmetrics.SettingError, match=r"memory\.usage is a gauge"):
        point.per_second("memory.usage")
    with pytest.raises(cmetrics.SettingError, match=r"cpu\.usage is a counter"):
        point.gauge("cpu.usage")


def test_the_dict_has_every_key_in_the_documented_order(point: cmetrics.Point) -> None:
    none_of = dict.fromkeys
    assert repr(point.to_dict()) == repr(
        {
            "name": "/docker",
            "start": 1_795_262_400,
            "end": 1_795_262_405,
            "cpu": {"usage": 6_000_000_000, "load": none_of(("ave", "min", "max"))},
            "memory": {"ave": 8.0, "min": 8.0, "max": 8.0},
            "network": none_of(
                (
                    "tx_kb",
                    "rx_kb",
                    "tx_packets",
                    "rx_packets",
                    "tx_errors",
                    "rx_errors",
                    "tx_drops",
                    "rx_drops",
                )
            ),
            "diskio": none_of(("async", "sync", "read", "write")),
        }
    )


def test_a_change_of_a_dict_leaves_the_point_alone(point: cmetrics.Point) -> None:
    point.to_dict()["cpu"]["usage"] = 0
    assert point.to_dict()["cpu"]["usage"] == 6_000_000_000


def test_points_of_equal_figures_are_equal(point: cmetrics.Point) -> None:
    again = cmetrics.points(dump(usage=8192))[0]
    assert point == again
    assert point is not again
    assert point != cmetrics.points(dump(usage=8193))[0]
    assert point != cmetrics.points(dump("/other", usage=8192))[0]
    assert point != "point"
    assert point.memory == again.memory
    with pytest.raises(TypeError, match="unhashable"):
        hash(point)


def test_a_point_cannot_be_changed(point: cmetrics.Point) -> None:
    with pytest.raises(AttributeError):
        point.name = "/other"  # type: ignore[misc]


def test_the_repr_tells_who_when_and_how_much(point: cmetrics.Point) -> None:
    assert repr(point) == (
        "<Point '/docker' 1795262400 to 1795262405: "
        "cpu_cores=1.5, memory=Gauge(ave=8192.0, min=8192.0, max=8192.0)>"
    )
    assert repr(cmetrics.points(dump())[0]).endswith("cpu_cores=1.5, memory=None>")
