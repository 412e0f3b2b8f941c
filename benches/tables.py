"""How much CPU time each container used in each five seconds, exactly: by cmetrics, and by what one
would write instead. All make the same table, by the rules of docs/points.md.

`benches/frames` runs this as a process of its own: `tables.py WAY FOLDER THREADS [check]`. It
prints in how many seconds the table was made, libraries being there; to be checked, also its rows,
the total in nanoseconds, and a hash of all of it.
"""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from peers import SAMPLES, columns

if TYPE_CHECKING:
    import pandas
    import polars

# In nanoseconds.
SECOND = 1_000_000_000
WIDTH = 5 * SECOND
MAX_GAP = 150 * SECOND

# Growth between two samples along a straight line, cut at the edges of intervals; after a restart
# all of the counter in the interval of the later sample.
SQL = f"""
{SAMPLES}, totals AS (
    SELECT DISTINCT name, epoch_ns(sample.timestamp::TIMESTAMP_NS) AS time,
        sample.cpu.usage.total::HUGEINT AS total
    FROM samples
), pairs AS (
    SELECT name, lag(time) OVER successive AS t0, time AS t1,
        lag(total) OVER successive AS v0, total AS v1
    FROM totals WINDOW successive AS (PARTITION BY name ORDER BY time)
), pieces AS (
    SELECT *, unnest(range(t0 // {WIDTH} * {WIDTH}, t1, {WIDTH})) AS start
    FROM pairs WHERE v1 >= v0 AND t1 - t0 <= {MAX_GAP}
), shares AS (
    SELECT name, start,
        (v1 - v0) * (least(start + {WIDTH}, t1) - t0) // (t1 - t0)
            - (v1 - v0) * (greatest(start, t0) - t0) // (t1 - t0) AS used
    FROM pieces
    UNION ALL SELECT name, t1 // {WIDTH} * {WIDTH}, v1 FROM pairs WHERE v1 < v0
)
SELECT name, start // {SECOND} AS start, sum(used)::BIGINT AS used
FROM shares GROUP BY ALL ORDER BY ALL
"""


class Cmetrics:
    def __init__(self) -> None:
        import cmetrics
        import polars  # noqa: F401 # as it is for the others: to import it is not timed

        self.points = cmetrics.points

    def table(self, folder: Path, threads: int | None) -> polars.DataFrame:
        return self.points(folder, threads=threads).to_polars()

    def rows(self, table: polars.DataFrame) -> list[tuple[str, int, int]]:
        used = table.drop_nulls("cpu.usage")
        starts = used["start"].dt.epoch("s")
        return list(zip(used["name"].to_list(), starts.to_list(), used["cpu.usage"].to_list()))


class Pandas:
    def __init__(self) -> None:
        import json

        import pandas

        self.pandas, self.loads = pandas, json.loads

    def table(self, folder: Path, _: int | None) -> pandas.DataFrame:
        samples = self.pandas.DataFrame(columns(self.loads, folder))
        samples["name"] = samples["name"].astype("category")
        samples = samples.drop_duplicates(["name", "time"])
        times = self.pandas.to_datetime(samples["time"], format="ISO8601")
        samples["time"] = times.dt.as_unit("ns").astype("int64")
        shares = self.shares(samples.sort_values(["name", "time"], ignore_index=True))
        return shares.groupby(["name", "start"], observed=True, as_index=False)["used"].sum()

    def shares(self, samples: pandas.DataFrame) -> pandas.DataFrame:
        before, after = samples.iloc[:-1].reset_index(drop=True), samples.iloc[1:]
        pairs = after.rename(columns={"time": "t1", "total": "v1"}).reset_index(drop=True)
        pairs["t0"], pairs["v0"] = before["time"], before["total"]
        pairs = pairs[pairs["name"] == before["name"]]
        fell = pairs["v1"] < pairs["v0"]
        restarts = pairs[fell].assign(start=pairs["t1"] // WIDTH * WIDTH, used=pairs["v1"])
        grown = pairs[~fell & (pairs["t1"] - pairs["t0"] <= MAX_GAP)]
        first = grown["t0"] // WIDTH
        pieces = (grown["t1"] - 1) // WIDTH - first + 1
        cut = grown.loc[grown.index.repeat(pieces)]
        number = cut.groupby(level=0).cumcount()
        start = (cut["t0"] // WIDTH + number) * WIDTH
        growth, length = cut["v1"] - cut["v0"], cut["t1"] - cut["t0"]
        # Whole numbers have 64 bits here; the others have more.
        assert (growth.astype(float) * length).max() < 2**63, "the products do not fit"
        upto = growth * ((start + WIDTH).clip(upper=cut["t1"]) - cut["t0"]) // length
        since = growth * (start.clip(lower=cut["t0"]) - cut["t0"]) // length
        cut = cut.assign(start=start, used=upto - since)
        wanted = ["name", "start", "used"]
        shares = self.pandas.concat([cut[wanted], restarts[wanted]])
        shares["start"] //= SECOND
        return shares

    def rows(self, table: pandas.DataFrame) -> list[tuple[str, int, int]]:
        return list(zip(*(table[name].to_list() for name in ["name", "start", "used"])))


class Polars:
    def __init__(self) -> None:
        import orjson
        import polars

        self.polars, self.loads = polars, orjson.loads

    def table(self, folder: Path, _: int | None) -> polars.DataFrame:
        column = self.polars.col
        samples = self.polars.LazyFrame(columns(self.loads, folder))
        samples = samples.unique(["name", "time"], keep="first")
        written = "%Y-%m-%dT%H:%M:%S%.fZ"
        times = column("time").str.to_datetime(written, time_unit="ns").dt.epoch("ns")
        samples = samples.with_columns(times).sort("name", "time")
        pairs = samples.select(
            "name",
            before=column("name").shift(),
            t0=column("time").shift(),
            t1=column("time"),
            v0=column("total").shift(),
            v1=column("total"),
        ).filter(column("name") == column("before"))
        shares = self.polars.concat([self.cut(pairs), self.restarts(pairs)])
        sums = shares.group_by("name", "start").agg(column("used").sum())
        sums = sums.with_columns(start=column("start") // SECOND)
        return sums.sort("name", "start").collect()

    def cut(self, pairs: polars.LazyFrame) -> polars.LazyFrame:
        column = self.polars.col
        t0, t1, start = column("t0"), column("t1"), column("start")
        grown = pairs.filter(column("v1") >= column("v0"), t1 - t0 <= MAX_GAP)
        starts = self.polars.int_ranges(t0 // WIDTH * WIDTH, t1, WIDTH)
        growth = (column("v1") - column("v0")).cast(self.polars.Int128)
        upto = growth * (self.polars.min_horizontal(start + WIDTH, t1) - t0) // (t1 - t0)
        since = growth * (self.polars.max_horizontal(start, t0) - t0) // (t1 - t0)
        cut = grown.with_columns(start=starts).explode("start")
        return cut.select("name", "start", used=(upto - since).cast(self.polars.Int64))

    def restarts(self, pairs: polars.LazyFrame) -> polars.LazyFrame:
        column = self.polars.col
        fallen = pairs.filter(column("v1") < column("v0"))
        return fallen.select("name", start=column("t1") // WIDTH * WIDTH, used=column("v1"))

    def rows(self, table: polars.DataFrame) -> list[tuple[str, int, int]]:
        return table.rows()


class DuckDb:
    def __init__(self) -> None:
        import duckdb
        import polars  # noqa: F401 # as above: to import them is not timed
        import pyarrow  # noqa: F401

        self.connect = duckdb.connect

    def table(self, folder: Path, threads: int | None) -> polars.DataFrame:
        connection = self.connect(config={"threads": threads} if threads else {})
        return connection.sql(SQL, params=[str(folder / "*.json")]).pl()

    def rows(self, table: polars.DataFrame) -> list[tuple[str, int, int]]:
        return table.rows()


WAYS = {"cmetrics": Cmetrics, "json": Pandas, "orjson": Polars, "duckdb": DuckDb}


def main() -> int:
    way, folder, threads, *check = sys.argv[1:]
    chosen = WAYS[way]()
    start = time.perf_counter()
    table = chosen.table(Path(folder), int(threads) or None)
    print(time.perf_counter() - start)
    if check:
        rows = sorted(chosen.rows(table))
        written = "".join("{} {} {}\n".format(*row) for row in rows)
        digest = hashlib.sha256(written.encode()).hexdigest()
        print(len(rows), sum(used for _, _, used in rows), digest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
