"""From a folder of dumps to one container's points. Run it at the top of the repository."""

import cmetrics

points = cmetrics.points("cmetrics-core/tests/data/recorded/steady-1s", container="cpuhog")
for point in points[1:4]:
    print(point.start, f"{point.cpu_cores:.3f} cores")
print(points.to_dicts()[1]["cpu"])
