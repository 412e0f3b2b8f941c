"""What one would write without cmetrics: how much CPU time each container used in each 5 seconds.

`benches/processes` runs this as a process of its own: `peers.py json|orjson|duckdb FOLDER THREADS`.
It prints the number of sums and their total, in nanoseconds. A rise between two samples counts in
the interval of the later one, and after a restart all of the counter counts, so that the total is
that of cmetrics, which shares rises out exactly.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

DOCUMENT = (
    "MAP(VARCHAR, STRUCT(id VARCHAR, stats STRUCT(timestamp VARCHAR, "
    "cpu STRUCT(usage STRUCT(total UBIGINT)))[]))"
)

# One row a sample, as often as it is there.
SAMPLES = f"""
WITH documents AS (
    SELECT json AS containers FROM read_json(?, format = 'unstructured', records = false,
        columns = {{json: '{DOCUMENT}'}}, maximum_object_size = 1000000000)
), entries AS (
    SELECT unnest(map_entries(containers)) AS entry FROM documents
), samples AS (
    SELECT entry.value.id AS name, unnest(entry.value.stats) AS sample FROM entries
)"""

# Each sample once; its rise; sums by interval.
SQL = f"""
{SAMPLES}, totals AS (
    SELECT DISTINCT name, sample.timestamp::TIMESTAMP_NS AS time,
        sample.cpu.usage.total::HUGEINT AS total
    FROM samples
), rises AS (
    SELECT name, time, total, lag(total) OVER (PARTITION BY name ORDER BY time) AS before
    FROM totals
), sums AS (
    SELECT name, time_bucket(INTERVAL 5 SECONDS, time::TIMESTAMP) AS start,
        sum(CASE WHEN total >= before THEN total - before ELSE total END) AS used
    FROM rises WHERE before IS NOT NULL GROUP BY ALL
)
SELECT count(*), sum(used)::BIGINT FROM sums
"""


def columns(loads: Callable[[bytes], dict], folder: Path) -> dict[str, list]:
    """One row a sample, as often as it is there."""
    names, times, totals = [], [], []
    for path in sorted(folder.iterdir()):
        for container in loads(path.read_bytes()).values():
            name = container["id"]
            for sample in container["stats"]:
                names.append(name)
                times.append(sample["timestamp"])
                totals.append(sample["cpu"]["usage"]["total"])
    return {"name": names, "time": times, "total": totals}


def by_pandas(loads: Callable[[bytes], dict], folder: Path) -> tuple[int, int]:
    import pandas

    samples = pandas.DataFrame(columns(loads, folder))
    samples = samples.drop_duplicates(["name", "time"])
    samples["time"] = pandas.to_datetime(samples["time"], format="ISO8601")
    samples = samples.sort_values(["name", "time"])
    rises = samples.groupby("name")["total"].diff()
    samples["used"] = rises.where(~(rises < 0), samples["total"])
    samples = samples.dropna(subset="used")
    sums = samples.groupby(["name", samples["time"].dt.floor("5s")])["used"].sum()
    return len(sums), int(sums.sum())


def by_duckdb(folder: Path, threads: int) -> tuple[int, int]:
    import duckdb

    connection = duckdb.connect(config={"threads": threads})
    sums, total = connection.execute(SQL, [str(folder / "*.json")]).fetchone()
    return sums, total


def main() -> int:
    way, folder, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if way == "duckdb":
        found = by_duckdb(folder, threads)
    elif way == "orjson":
        import orjson

        found = by_pandas(orjson.loads, folder)
    else:
        import json

        found = by_pandas(json.loads, folder)
    print(*found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
