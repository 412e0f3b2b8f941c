"""The scripts among the examples run, and print what they should."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_the_first_points_are_those_of_a_container_held_at_three_tenths_of_a_core() -> None:
    script = REPOSITORY / "examples" / "python" / "first_points.py"
    command = [sys.executable, str(script)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.splitlines() == [
        "1795217415 0.301 cores",
        "1795217420 0.3 cores",
        "1795217425 0.3 cores",
        "{'usage': 1504898843, 'load': {'ave': 1.0, 'min': 1.0, 'max': 1.0}}",
    ]
