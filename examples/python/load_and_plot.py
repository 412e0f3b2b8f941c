"""A picture of what containers used, and how much of the time they were throttled.

Run it at the top of the repository; it takes the path of the picture, or writes it to a folder for
temporary files.
"""

import sys
import tempfile
from pathlib import Path

import cmetrics

points = cmetrics.points(
    "cmetrics-core/tests/data/recorded/v060-1s/v1.3-docker.*",
    metrics=["cpu.cfs_periods", "cpu.cfs_throttled_periods"],
)
path = Path(sys.argv[1] if len(sys.argv) > 1 else Path(tempfile.mkdtemp()) / "points.png")
points.plot(path=path)
print(points)
print("drawn to", path)
