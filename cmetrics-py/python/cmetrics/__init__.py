"""Exact five-second data points from cAdvisor's container metrics.

>>> import cmetrics
>>> for point in cmetrics.points("dumps/", container="web"):
...     print(point.start, point.cpu_cores, point.memory)

What was not measured is `None`, never 0. What goes wrong is a `cmetrics.Error`.
"""

from cmetrics._cmetrics import (
    Container,
    DamagedError,
    DumpError,
    Error,
    Event,
    Gauge,
    InputWarning,
    LockedError,
    Point,
    Points,
    Progress,
    ReadError,
    RefusedError,
    Results,
    Series,
    SettingError,
    Spread,
    StoreError,
    Summary,
    UnknownContainerError,
    UnsupportedError,
    Usage,
    __version__,
    from_arrow,
    from_json,
    metrics,
    points,
    results,
)

__all__ = [
    "Container",
    "DamagedError",
    "DumpError",
    "Error",
    "Event",
    "Gauge",
    "InputWarning",
    "LockedError",
    "Point",
    "Points",
    "Progress",
    "ReadError",
    "RefusedError",
    "Results",
    "Series",
    "SettingError",
    "Spread",
    "StoreError",
    "Summary",
    "UnknownContainerError",
    "UnsupportedError",
    "Usage",
    "__version__",
    "from_arrow",
    "from_json",
    "metrics",
    "points",
    "results",
]
