"""Recorded dumps, what is expected of them, and small ones made up."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "cmetrics-core" / "tests" / "data"
MIXED = ("v1.2-docker", "v1.3-docker", "v2.0-stats-docker", "v2.1-stats")


def recorded(name: str, *endpoints: str) -> list[Path]:
    """The files of these endpoints in a recording."""
    folder = DATA / "recorded" / name
    files = [path for each in endpoints for path in sorted(folder.glob(f"{each}.*.json.gz"))]
    assert files, f"no dumps of {endpoints} in {folder}"
    return files


def expositions(name: str) -> list[Path]:
    """The expositions of a recording."""
    return sorted((DATA / "expositions" / name).iterdir())


def expected(name: str) -> list[dict[str, Any]]:
    """The points that are expected."""
    points: list[dict[str, Any]] = json.loads(
        gzip.decompress((DATA / "expected" / name).read_bytes())
    )
    return points


def assert_same(found: object, wanted: object, place: str = "points") -> None:
    """The same keys in the same order, the same types, and numbers that differ by 1e-9 at most."""
    assert type(found) is type(wanted), place
    if isinstance(found, dict) and isinstance(wanted, dict):
        assert list(found) == list(wanted), place
        for key, value in wanted.items():
            assert_same(found[key], value, f"{place}.{key}")
    elif isinstance(found, list) and isinstance(wanted, list):
        assert len(found) == len(wanted), place
        for index, value in enumerate(wanted):
            assert_same(found[index], value, f"{place}[{index}]")
    elif isinstance(found, float) and isinstance(wanted, float):
        assert abs(found - wanted) <= 1e-9 * max(abs(found), abs(wanted)), place
    else:
        assert found == wanted, place


def dump(path: str = "/docker", *, total: object = 6_000_000_000, usage: object = None) -> bytes:
    """Two samples, four seconds apart, of which the second can be spoilt."""
    memory = {} if usage is None else {"memory": {"usage": usage}}
    first = {"timestamp": "2026-11-21T12:00:00Z", "cpu": {"usage": {"total": 0}}, **memory}
    second = {"timestamp": "2026-11-21T12:00:04Z", "cpu": {"usage": {"total": total}}}
    return json.dumps({path: {"stats": [first, second]}}).encode()
