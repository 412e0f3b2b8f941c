"""What the Python package does with points that it has: `benches/frames` runs this as a process of
its own, `measures.py POINTS`, and it prints a line for each measure with the seconds that it took.

Points are made up: a thousand of each container, ids of 64 digits, and the columns that cgroup v2
fills. What is made of them must be all of them: it is asserted.
"""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import cmetrics
import numpy
import polars
import pyarrow

Found = TypeVar("Found")
Measured = tuple[str, float]

FIRST = 1_795_262_400
WIDTH = 5


def main() -> int:
    count = int(sys.argv[1])
    points = made(count)
    pyarrow.table(made(1)), polars.DataFrame(made(1))  # what they load at first is not measured
    for name, seconds in measures(points):
        print(f"{name}\t{seconds:.9f}", flush=True)
    return 0


def measures(points: cmetrics.Points) -> Iterator[Measured]:
    count = len(points)
    yield from visits(points)
    for size in [count // 1000, count, 4 * count]:
        yield from exports(points if size == count else made(size))
    yield from wholes(points)
    wide = made(2 * count)
    results = cmetrics.results(wide)
    for name in ["cpu.usage", "memory.ave"]:
        seconds, series = timed(lambda name=name: results.get_stat_quantile(name, 0.95))
        expected = polars.DataFrame(wide).group_by("start").agg(polars.col(name).quantile(0.95))
        assert len(series.values) == len(expected)
        yield f"`get_stat_quantile({name!r}, 0.95)`, {shown(2 * count)} points", seconds


def visits(points: cmetrics.Points) -> Iterator[Measured]:
    """What looks at each point."""
    size = shown(len(points))
    seconds, total = timed(lambda: visited(points))
    assert total == points.to_polars()["cpu.usage"].sum()
    yield f"iterating {size} points, 3 attributes read", seconds
    seconds, dicts = timed(points.to_dicts)
    assert len(dicts) == len(points)
    yield f"`to_dicts()` of {size}", seconds


def visited(points: cmetrics.Points) -> int:
    total = 0
    for point in points:
        _, _, used = point.name, point.start, point.cpu_usage
        total += used
    return total


def exports(points: cmetrics.Points) -> Iterator[Measured]:
    """To Arrow, with a table that nothing was made of yet, and again."""
    size = shown(len(points))
    kept = pickle.dumps(points)
    for texts in ["utf8", "dictionary", "view"]:
        chosen = pickle.loads(kept).select(texts=texts)
        for whose, take in {
            "pyarrow.table": pyarrow.table,
            "polars.DataFrame": polars.DataFrame,
        }.items():
            for turn in ["first", "again"]:
                seconds, table = timed(lambda take=take, chosen=chosen: take(chosen))
                assert table.shape == (len(points), len(points.fields))
                if turn == "again" or whose == "pyarrow.table":
                    yield f"`{whose}` of {size}, {texts}, {turn}", seconds


def wholes(points: cmetrics.Points) -> Iterator[Measured]:
    """What makes something else of all of them."""
    size = shown(len(points))
    seconds, kept = timed(lambda: pickle.dumps(points))
    yield f"`pickle.dumps` of {size}", seconds
    seconds, back = timed(lambda: pickle.loads(kept))
    assert back == points
    yield f"`pickle.loads` of {size}", seconds
    seconds, wider = timed(lambda: points.resample(12 * WIDTH))
    used = [table["cpu.usage"].sum() for table in (points.to_polars(), wider.to_polars())]
    assert used[0] == used[1]
    yield f"`resample({12 * WIDTH})` of {size}", seconds


def made(count: int) -> cmetrics.Points:
    """So many points, a thousand of each container."""
    containers = max(count // 1000, 1)
    random = numpy.random.default_rng(count)
    names = sorted(random.bytes(32).hex() for _ in range(containers))
    starts = (FIRST + WIDTH * numpy.arange(count // containers)).astype("M8[s]").astype("M8[us]")

    def whole(most: int) -> numpy.ndarray:
        return random.integers(0, most, count)

    memory = whole(1 << 18) * 4.0
    keys = {"name": numpy.repeat(names, len(starts)), "start": numpy.tile(starts, containers)}
    frame = polars.DataFrame(keys)
    frame = frame.with_columns(
        polars.col("start").dt.replace_time_zone("UTC"),
        polars.Series("cpu.usage", whole(10**10)),
        *(polars.Series(f"memory.{figure}", memory) for figure in ["ave", "min", "max"]),
        *(
            polars.Series(f"network.{name}", whole(1 << 20))
            for name in ["tx_packets", "rx_packets"]
        ),
        *(polars.Series(f"network.{name}", whole(1 << 30) / 1024) for name in ["tx_kb", "rx_kb"]),
        *(polars.Series(f"diskio.{name}", whole(1 << 30)) for name in ["read", "write"]),
    )
    end = polars.col("start") + polars.duration(seconds=WIDTH)
    return cmetrics.from_arrow(frame.with_columns(end=end))


def timed(work: Callable[[], Found]) -> tuple[float, Found]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def shown(count: int) -> str:
    return f"{count // 1_000_000} million" if count >= 1_000_000 else f"{count:_}".replace("_", " ")


if __name__ == "__main__":
    sys.exit(main())
