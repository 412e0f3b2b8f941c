"""The ten busiest five seconds of all containers. Run it at the top of the repository."""

from collections import defaultdict
from datetime import datetime, timezone
from heapq import nlargest

import cmetrics

points = cmetrics.points("cmetrics-core/tests/data/recorded/v060-1s")
# /docker is no container, and has no alias: it holds what the containers use once more.
aliases = {one.name: one.aliases[0] for one in points.containers if one.aliases}
used: dict[int, dict[str, float]] = defaultdict(dict)
for point in points.select(complete=True):
    if point.name in aliases and point.cpu_cores is not None:
        used[point.start][aliases[point.name]] = point.cpu_cores

for start, cores in nlargest(10, used.items(), key=lambda each: sum(each[1].values())):
    time = datetime.fromtimestamp(start, timezone.utc)
    most = ", ".join(
        f"{name} {cores[name]:.3f}" for name in nlargest(3, cores, key=cores.__getitem__)
    )
    print(f"{time:%H:%M:%S} {sum(cores.values()):.3f} cores: {most}")
