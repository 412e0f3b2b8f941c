"""Points that are made up, to be read by `cmetrics.from_json`."""

from __future__ import annotations

import json
from typing import Any

import cmetrics


def point(
    name: str,
    start: int,
    *,
    width: int = 5,
    coverage: float | None = 1.0,
    **measured: float | None,
) -> dict[str, Any]:
    """A point in the documented shape, with `cores` and `memory` in KiB where they are given."""
    cores, memory = measured.get("cores"), measured.get("memory")
    gauge = {"ave": None, "min": None, "max": None}
    network = ("tx_kb", "rx_kb", "tx_packets", "rx_packets", "tx_errors", "rx_errors")
    usage = None if cores is None else round(cores * 1e9 * width)
    return {
        "name": name,
        "start": start,
        "end": start + width,
        "cpu": {"usage": usage, "load": gauge},
        "memory": {"ave": memory, "min": memory, "max": memory},
        "network": dict.fromkeys((*network, "tx_drops", "rx_drops")),
        "diskio": dict.fromkeys(("async", "sync", "read", "write")),
        **({} if coverage is None else {"coverage": coverage}),
    }


def points(*every: dict[str, Any]) -> cmetrics.Points:
    return cmetrics.from_json(json.dumps(every))
