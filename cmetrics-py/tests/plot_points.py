"""Points to draw: made up, or recorded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import cmetrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

START = 1_795_219_200  # 2026-11-21T00:00:00Z
RATES = {
    "cpu.cores": "cpu_cores",
    "network.rx_bytes_per_second": "rx_bytes_per_second",
    "network.tx_bytes_per_second": "tx_bytes_per_second",
    "diskio.read_bytes_per_second": "read_bytes_per_second",
    "diskio.written_bytes_per_second": "written_bytes_per_second",
}


class Container(NamedTuple):
    name: str
    aliases: Sequence[str] = ()
    id: str | None = None


class Event(NamedTuple):
    container: str
    at: float | None
    kind: str = "restart"


class Made:
    """Columns in place of points, for cases that no recording has."""

    def __init__(
        self,
        columns: Mapping[str, Sequence[Any]],
        *,
        containers: Iterable[Container] = (),
        events: Iterable[Event] = (),
        limits: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.columns = dict(columns)
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
        if field == "rate_seconds":
            return [b - a for a, b in zip(self.columns["start"], self.columns["end"])]
        return [None] * len(self.columns["name"])

    def select(self, container: list[str], /) -> Made:
        kept = [place for place, name in enumerate(self.columns["name"]) if name in container]
        return Made(
            {field: [column[place] for place in kept] for field, column in self.columns.items()},
            containers=[one for one in self.containers if one.name in container],
            events=self.events,
            limits=self.limits,
        )


def rows(*every: tuple[str, int, int, float | None], **other: Any) -> Made:
    """Points from a name, seconds after START at which they start and end, and cores."""
    return Made(
        {
            "name": [name for name, _, _, _ in every],
            "start": [START + start for _, start, _, _ in every],
            "end": [START + end for _, _, end, _ in every],
            "cpu.cores": [cores for _, _, _, cores in every],
        },
        **other,
    )


def waves(containers: int, points: int, *, width: int = 5) -> Made:
    """Containers with points in all panels, the larger the later."""
    columns: dict[str, list[Any]] = {"name": [], "start": [], "end": [], "memory.ave": []}
    columns.update({field: [] for field in RATES})
    for one in range(1, containers + 1):
        starts = [START + place * width for place in range(points)]
        heights = [
            1.1 + math.sin(place / 40 + one) + 0.1 * math.sin(place * 1.7 * one)
            for place in range(points)
        ]
        columns["name"] += [f"/service-{one}"] * points
        columns["start"] += starts
        columns["end"] += [start + width for start in starts]
        columns["memory.ave"] += [1024.0 * one * (20 + place / 50) for place in range(points)]
        for power, field in enumerate(RATES):
            columns[field] += [one * 10**power * height / 20 for height in heights]
    return Made(columns)


def recorded_points(paths: list[Path], metrics: Sequence[str] = ()) -> cmetrics.Points:
    """The points of recorded dumps."""
    return cmetrics.points(paths, metrics=list(metrics))
