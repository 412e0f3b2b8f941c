"""Points beside another table: what a request costs. Run it at the top of the repository."""

import random

import polars as pl

import cmetrics

points = cmetrics.points("cmetrics-core/tests/data/recorded/steady-1s", container="web")
usage = points.select(complete=True).to_polars(fields=["start", "cpu.usage", "memory.max"])

# A log of requests, as a server would write it: when each came. This one is made up.
chance = random.Random(1)
first, last = points[0].start, points[-1].end
times = sorted(chance.uniform(first, last) for _ in range(4000))
log = pl.DataFrame({"at": [round(time * 1e6) for time in times]})
log = log.with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))

requests = log.group_by(pl.col("at").dt.truncate("5s").alias("start")).len("requests")
table = usage.join(requests, on="start").sort("start")
table = table.with_columns(milliseconds=pl.col("cpu.usage") / 1e6 / pl.col("requests"))
for start, milliseconds in table.select("start", "milliseconds").head(5).iter_rows():
    print(f"{start:%H:%M:%S} {milliseconds:.4f} ms of CPU time a request")
print(f"{table['requests'].sum()} of {len(log)} requests lie in complete intervals")
