"""Exact five-second data points from cAdvisor's container metrics.

>>> import cmetrics
>>> for point in cmetrics.points("dumps/", container="web"):
...     print(point.start, point.cpu_cores, point.memory)

What was not measured is `None`, never 0. What goes wrong is a `cmetrics.Error`.
"""

from cmetrics._cmetrics import (
    DumpError,
    Error,
    Gauge,
    Point,
    Points,
    ReadError,
    SettingError,
    UnknownContainerError,
    __version__,
    metrics,
    points,
)

__all__ = [
    "DumpError",
    "Error",
    "Gauge",
    "Point",
    "Points",
    "ReadError",
    "SettingError",
    "UnknownContainerError",
    "__version__",
    "metrics",
    "points",
]
