"""What the scripts have in common: under what conditions they ran, and the page."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()


def conditions(more: str) -> str:
    today = datetime.datetime.now(datetime.timezone.utc).date()
    commit = said("git", "rev-parse", "--short", "HEAD")
    dirty = " with changes" if said("git", "status", "--porcelain") else ""
    return (
        f"{processor()}, {os.cpu_count()} cores; {today}, commit {commit}{dirty}, "
        f"{said('rustc', '--version')}; {more}."
    )


def processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return "unknown processor"
    name = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    family = re.search(r"^cpu family\s*:\s*(.*)$", text, re.MULTILINE)
    if not name:
        return "unknown processor"
    return f"{name.group(1)} (family {family.group(1)})" if family else name.group(1)


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()


def default_flags() -> dict[str, str]:
    """The environment for a build as anyone makes it."""
    return {key: value for key, value in os.environ.items() if key != "RUSTFLAGS"}


def write(name: str, table: str) -> None:
    """Puts a table into its place in README.md."""
    readme = HERE / "README.md"
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = readme.read_text().split(begin, 1)
    _, after = rest.split(end, 1)
    readme.write_text(f"{before}{begin}\n{table}\n{end}{after}")
