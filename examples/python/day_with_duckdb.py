"""A day of dumps, and questions about it in SQL. Run it anywhere: the day is made up."""

import json
import random
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb

import cmetrics

MIDNIGHT = datetime(2026, 11, 21, tzinfo=timezone.utc)
CORES = {"web": 0.4, "db": 0.2, "batch": 1.5}  # how much each uses at most
SPACING = 10  # seconds between samples


def write_day(folder: Path) -> None:
    """Write a dump for each hour, with all samples of that hour."""
    chance, used = random.Random(1), dict.fromkeys(CORES, 0)
    for hour in range(24):
        stats: dict[str, list[object]] = {name: [] for name in CORES}
        for second in range(hour * 3600, (hour + 1) * 3600, SPACING):
            timestamp = f"{MIDNIGHT + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}"
            for name, cores in CORES.items():
                busy = chance.random() if name != "batch" or hour < 6 else 0.0
                used[name] += round(busy * cores * SPACING * 1e9)
                memory = {"usage": chance.randrange(100, 200) << 20}
                cpu = {"usage": {"total": used[name]}}
                stats[name].append({"timestamp": timestamp, "cpu": cpu, "memory": memory})
        spec = {"has_cpu": True, "has_memory": True}
        dump = {f"/{name}": {"spec": spec, "stats": each} for name, each in stats.items()}
        (folder / f"{hour:02}.json").write_text(json.dumps(dump))


with tempfile.TemporaryDirectory() as folder:
    write_day(Path(folder))
    points = cmetrics.points(folder)


def asked(question: str) -> list[tuple[Any, ...]]:
    """Give the rows that DuckDB answers."""
    answer = duckdb.sql(question)
    return [] if answer is None else answer.fetchall()


# DuckDB takes `points` by the name of the variable. Its own hours are those of the machine's zone.
busiest = """
    SELECT name, epoch("start")::BIGINT // 3600 % 24 AS hour_utc, sum("cpu.usage") / 3600e9 AS used
    FROM points GROUP BY name, hour_utc ORDER BY used DESC LIMIT 5
"""
for name, hour, core_hours in asked(busiest):
    print(f"{name:6} {hour:02}:00 {core_hours:.3f} core hours")
memory = """
    SELECT name, quantile_cont("memory.max", 0.95) / 1024 FROM points GROUP BY name ORDER BY name
"""
for name, mebibytes in asked(memory):
    print(f"{name:6} {mebibytes:.1f} MiB in 95 of 100 intervals at most")
