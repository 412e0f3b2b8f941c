"""Expositions: cmetrics and other parsers over the same scrapes, for benches/compare."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from report import HERE, TARGET, conditions

# By row, its bytes and the seconds of each pass in each round.
Rows = dict[str, tuple[int, list[list[float]]]]

OURS = ["cmetrics to samples", "cmetrics to points"]
SETS = ["stable heads", "changing heads"]
# The scrapes take at most so many bytes: a fresh pipeline has them all.
MOST_BYTES = 64 << 20


def compare(ours: Path, theirs: Path, passes: int, rounds: int) -> str:
    """Runs all programs, which are in these folders, in turn, and returns a table."""
    size = min(MOST_BYTES, int(os.environ["CMETRICS_BENCH_BYTES"]))
    os.environ["CMETRICS_BENCH_BYTES"] = str(size)
    ours, theirs = ours / "exposition_speed", theirs / "expositions"
    with tempfile.TemporaryDirectory() as folder:
        programs = [[str(ours), str(passes)], [str(theirs), str(passes)]]
        expected = {}
        if go := build_go():
            expected = written(ours, folder)
            programs.append([str(go), str(passes), folder])
        rows: Rows = {}
        for number in range(rounds):
            print(f"expositions, round {number + 1} of {rounds}", file=sys.stderr)
            for command in programs:
                run(command, number, rounds, rows, expected)
    told = conditions(f"scrapes {size / 2**20:.0f} MiB, medians of {rounds * passes}")
    return "\n".join([told, "", *table(rows)])


def build_go() -> Path | None:
    """The parsers that are written in Go."""
    if not shutil.which("go"):
        print("no go: the parsers of Prometheus and VictoriaMetrics are left out", file=sys.stderr)
        return None
    program = TARGET / "rivals-go"
    command = ["go", "build", "-o", str(program), "."]
    built = subprocess.run(command, cwd=HERE / "go")
    if built.returncode != 0:
        print("the parsers in Go cannot be built: they are left out", file=sys.stderr)
        return None
    return program


def written(ours: Path, folder: str) -> dict[str, list[str]]:
    """Writes the scrapes to files, and returns what is to be found in each set."""
    said = subprocess.run([ours, "write", folder], check=True, stdout=subprocess.PIPE, text=True)
    lines = [line.split("\t") for line in said.stdout.splitlines()]
    return {line[0]: line[1:] for line in lines}


def run(
    command: list[str], number: int, rounds: int, rows: Rows, expected: dict[str, list[str]]
) -> None:
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in said.splitlines():
        name, size, samples, seconds, *found = line.split("\t")
        if found and [samples, *found] != expected[name.split(",")[0]]:
            raise SystemExit(f"{name} found {samples} rows, {found}: expected {expected}")
        _, times = rows.setdefault(name, (int(size), [[] for _ in range(rounds)]))
        times[number].append(float(seconds))


def table(rows: Rows) -> list[str]:
    lines = ["| | GB/s | slowest to fastest | to points, times as fast |", "|---|---:|---:|---:|"]
    for of_set in SETS:
        points = by_round(rows[f"{of_set}, {OURS[1]}"])
        for name, (size, rounds) in rows.items():
            if not name.startswith(of_set):
                continue
            every = [seconds for passes in rounds for seconds in passes]
            spread = f"{size / max(every) / 1e9:.3f} to {size / min(every) / 1e9:.3f}"
            pairs = zip(by_round(rows[name]), points)
            ratio = statistics.median(their / our for their, our in pairs)
            told = "" if name.endswith(tuple(OURS)) else f"{ratio:.2f}"
            speed = size / statistics.median(every) / 1e9
            lines.append(f"| {name} | {speed:.3f} | {spread} | {told} |")
    return lines


def by_round(row: tuple[int, list[list[float]]]) -> list[float]:
    """Seconds for each byte."""
    size, rounds = row
    return [statistics.median(passes) / size for passes in rounds]
