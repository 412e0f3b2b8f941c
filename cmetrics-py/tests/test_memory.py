"""Repeated calls take no memory that they do not give back."""

from __future__ import annotations

import gc
import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cmetrics
from dumps import dump, recorded

if TYPE_CHECKING:
    from collections.abc import Callable

STATM = Path("/proc/self/statm")
PAGE = 4096
TEXT = recorded("steady-1s", "v1.2-docker")[0].read_bytes()
POINTS = cmetrics.points(TEXT, metrics="all")


def resident() -> int:
    gc.collect()
    return int(STATM.read_text().split()[1]) * PAGE


def refused() -> None:
    with pytest.raises(cmetrics.DumpError):
        cmetrics.points([TEXT, dump(total="x")])


def streams() -> None:
    """Half of them are not taken by anybody."""
    pyarrow = pytest.importorskip("pyarrow")
    POINTS.__arrow_c_stream__()
    POINTS.__arrow_c_schema__()
    cmetrics.from_arrow(pyarrow.table(POINTS))


@pytest.mark.skipif(not STATM.exists(), reason="tells resident memory only on Linux")
@pytest.mark.parametrize(
    "call",
    [
        lambda: cmetrics.points(TEXT, metrics="all"),
        lambda: cmetrics.points(iter([TEXT] * 3), threads=2),
        refused,
        streams,
        lambda: list(POINTS),
        POINTS.to_dicts,
        lambda: POINTS.to_list("name"),
        lambda: pickle.loads(pickle.dumps(POINTS)),  # noqa: S301
        lambda: cmetrics.from_json(POINTS.to_json()),
        lambda: POINTS.resample(10).select(rates=True).units,
        lambda: POINTS.summary().to_dicts(),
        lambda: cmetrics.results(POINTS).get_median_stat("cpu.cores"),
        lambda: str(POINTS.plot("html")),
    ],
)
def test_a_call_gives_its_memory_back(call: Callable[[], object]) -> None:
    """What a call makes is some 100 kB: kept each time, it would be 12 MB and more."""
    for _ in range(30):
        call()
    before = resident()
    for _ in range(120):
        call()
    grown = resident() - before
    assert grown < 120 * 75_000, f"{grown} bytes in 120 calls"


def test_points_are_held_by_what_looks_at_them() -> None:
    points = cmetrics.points(TEXT)
    count = sys.getrefcount(points)
    iterator = iter(points)
    next(iterator)
    assert sys.getrefcount(points) == count + 1
    del iterator
    assert sys.getrefcount(points) == count
