"""Points to draw: made up, or recorded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import cmetrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

START = 1_795_219_200  # 2026-11-21T00:00:00Z
HOUR = 3600
RATES = {
    "cpu.cores": "cpu_cores",
    "network.rx_bytes_per_second": "rx_bytes_per_second",
    "network.tx_bytes_per_second": "tx_bytes_per_second",
    "diskio.read_bytes_per_second": "read_bytes_per_second",
    "diskio.written_bytes_per_second": "written_bytes_per_second",
}
FIELDS = ("name", "start", "end", "memory.ave", *RATES)


class Container(NamedTuple):
    name: str
    aliases: Sequence[str] = ()


class Event(NamedTuple):
    container: str
    at: float | None
    kind: str = "restart"


class Made:
    """Columns in place of points, for cases that no recording has."""

    def __init__(
        self,
        columns: Mapping[str, Sequence[Any]],
        containers: Iterable[Container] = (),
        events: Iterable[Event] = (),
        limits: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.columns = columns
        self.containers = list(containers)
        self.events = list(events)
        self.limits = dict(limits or {})
        self.units = {"memory.ave": "KiB"}

    @property
    def fields(self) -> list[str]:
        return [field for field in self.columns if field not in RATES]

    def to_list(self, field: str, /) -> list[Any]:
        if field in self.columns:
            return list(self.columns[field])
        return [None] * len(self.columns["name"])


def made(
    containers: int,
    points: int,
    *,
    width: int = 5,
    start: int = START,
    step: Any = None,
    slow: int = 1,
    **other: Any,
) -> Made:
    """`points` of each container: waves, the taller the later the container."""
    step = step or (lambda container, point: point)
    columns: dict[str, list[Any]] = {field: [] for field in FIELDS}
    for one in range(containers):
        name = f"/service-{one}"
        places = [step(one, point) for point in range(points)]
        starts = [start + place * width for place in places]
        columns["name"] += [name] * points
        columns["start"] += starts
        columns["end"] += [at + width for at in starts]
        waves = [
            1 + math.sin(place / 40 / slow + one) + 0.1 * math.sin(place * 1.7 * one)
            for place in places
        ]
        columns["cpu.cores"] += [(one + 1) / 20 * max(wave, 0) for wave in waves]
        columns["memory.ave"] += [1024.0 * (one + 1) * (20 + place / 50 / slow) for place in places]
        for rank, field in enumerate(list(RATES)[1:]):
            columns[field] += [10.0 ** (2 + rank) * abs(wave) for wave in waves]
    return Made(columns, **other)


def recorded_points(paths: list[Path], metrics: Sequence[str] = (), **other: Any) -> Any:
    """The points of recorded dumps."""
    points: Any = cmetrics.points(paths, metrics=list(metrics), **other)
    return points if hasattr(points, "to_list") else _columns(points, metrics)


def _columns(points: cmetrics.Points, metrics: Sequence[str]) -> Made:
    columns: dict[str, list[Any]] = {
        "name": [point.name for point in points],
        "start": [point.start for point in points],
        "end": [point.end for point in points],
        "memory.ave": [point.memory and point.memory.ave / 1024 for point in points],
    }
    for field, attribute in RATES.items():
        columns[field] = [getattr(point, attribute) for point in points]
    for metric in metrics:
        columns[metric] = [point.metrics[metric] for point in points]
    names = list(dict.fromkeys(columns["name"]))
    return Made(columns, [Container(name) for name in names], [], points.limits)
