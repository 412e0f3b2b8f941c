"""What users of the Flask service do: the lines of its README, and what reads its source's answers."""

from __future__ import annotations

import json
import sys
import time
import urllib.parse
import urllib.request

server, machine_ip, machine_port, container, alias = sys.argv[1:]


def ask(path: str, form: dict[str, str], *, post: bool) -> str:
    fields = urllib.parse.urlencode(form)
    url = f"http://{server}/{path}"
    data = fields.encode() if post else None
    with urllib.request.urlopen(url if post else f"{url}?{fields}", data, timeout=30) as answer:
        return answer.read().decode()


machine = {"machineip": machine_ip, "machineport": machine_port}
for post in (False, True):
    assert ask("newmachine", machine, post=post) == "success"

deadline = time.monotonic() + 60
while not (points := json.loads(ask("getdatapoints", {"containerid": container}, post=False))):
    assert time.monotonic() < deadline, "no points"
    time.sleep(0.5)

# From the README: objects with seconds since the epoch, the newest first.
for name in (container, f"docker://{container}", container[:12], alias):
    for post in (False, True):
        form = {"containerid": name, "period": "60"}
        points = json.loads(ask("getdatapoints", form, post=post))
        assert points[0]["cpu"]["usage"] > 0, points
        starts = [point["start"] for point in points]
        assert starts == sorted(starts, reverse=True), starts
        assert abs(time.time() - starts[0]) < 60, starts

# From the source: strings, each a document.
form = {"containerid": container, "period": "60", "strings": "1"}
points = [json.loads(point) for point in json.loads(ask("getdatapoints", form, post=True))]
assert points[0]["name"] == f"docker://{container}", points
assert time.strptime(points[0]["start"]), points
assert set(points[0]) == {"name", "start", "end", "cpu", "memory", "network", "diskio"}, points
