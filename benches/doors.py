"""The other JSON doors: cmetrics and other parsers over the same documents, for benches/compare."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

from report import conditions

# By row, its bytes and the seconds of each pass.
Rows = dict[str, tuple[int, list[float]]]

NATIVE = "cmetrics, built for this processor"


def compare(ours: Path, theirs: Path, passes: int, rounds: int) -> str:
    """Runs both builds of one program in turn: `ours` with default flags, `theirs` for this
    processor. Returns a table."""
    rows: Rows = {}
    for number in range(rounds):
        print(f"doors, round {number + 1} of {rounds}", file=sys.stderr)
        run([str(ours), str(passes), "cmetrics"], "cmetrics", rows)
        run([str(theirs), str(passes)], NATIVE, rows)
    told = conditions(f"medians of {rounds * passes}, by the time of the processor")
    return "\n".join([told, "", *table(rows)])


def run(command: list[str], name_of_ours: str, rows: Rows) -> None:
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in said.splitlines():
        row, size, _, seconds = line.split("\t")
        door, contender = row.split(", ", 1)
        name = name_of_ours if contender == "cmetrics" else contender
        _, times = rows.setdefault(f"{door}, {name}", (int(size), []))
        times.append(float(seconds))


def table(rows: Rows) -> list[str]:
    lines = ["| | GB/s | slowest to fastest | cmetrics, times as fast |", "|---|---:|---:|---:|"]
    for door in dict.fromkeys(row.split(", ")[0] for row in rows):
        ours = statistics.median(rows[f"{door}, cmetrics"][1])
        for name, (size, times) in rows.items():
            if not name.startswith(f"{door}, "):
                continue
            median = statistics.median(times)
            spread = f"{size / max(times) / 1e9:.2f} to {size / min(times) / 1e9:.2f}"
            told = "" if "cmetrics" in name else f"{median / ours:.2f}"
            lines.append(f"| {name} | {size / median / 1e9:.2f} | {spread} | {told} |")
    return lines
