"""Readers of what a server keeps, as `benches/live` starts them in processes of their own.

`readers.py streams|clients ADDRESS COUNT` writes a line once it has begun. It reads until it is told
a line, and then writes in JSON what it got.
"""

from __future__ import annotations

import http.client
import json
import re
import selectors
import socket
import sys
import threading
import time
from urllib.parse import quote

PAUSE = 1.0
POINT = b"event: point\n"
MISSED = re.compile(rb'event: missed\ndata: \{"points":(\d+)\}')


def main() -> int:
    what, address, count = sys.argv[1:]
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    print(json.dumps({"streams": streams, "clients": clients}[what](address, int(count), stop)))
    return 0


def streams(address: str, count: int, stop: threading.Event) -> dict[str, object]:
    """How many points each stream got, and how many all missed."""
    selector = selectors.DefaultSelector()
    rests, points, missed, ended = [b""] * count, [0] * count, 0, 0
    host, port = address.split(":")
    for number in range(count):
        stream = socket.create_connection((host, int(port)))
        # An older client gets the events without the lengths of chunks between.
        stream.sendall(b"GET /api/v1/stream HTTP/1.0\r\nHost: localhost\r\n\r\n")
        head = stream.recv(1 << 16)
        assert b" 200 " in head.split(b"\r\n")[0], head
        selector.register(stream, selectors.EVENT_READ, number)
    print("begun", flush=True)
    while not stop.is_set():
        for key, _ in selector.select(0.1):
            got = key.fileobj.recv(1 << 18)
            if not got:
                ended += 1
                selector.unregister(key.fileobj)
            whole, end, rest = (rests[key.data] + got).rpartition(b"\n\n")
            rests[key.data] = rest
            points[key.data] += (whole + end).count(POINT)
            missed += sum(map(int, MISSED.findall(whole)))
    return {"points": points, "missed": missed, "ended": ended}


def clients(address: str, count: int, stop: threading.Event) -> dict[str, object]:
    """How long answers took, in milliseconds by what was asked for, and what went wrong."""
    _, latest = ask(http.client.HTTPConnection(address), "/api/v1/latest")
    names = [row["container"] for row in json.loads(latest) if row["complete"]]
    took: dict[str, list[float]] = {"points": [], "latest": [], "containers": []}
    errors: list[str] = []

    def client(number: int) -> None:
        connection = http.client.HTTPConnection(address)
        name = quote(names[number * len(names) // count], safe="")
        queries = [f"points?name={name}&period=60", "latest", "containers"]
        stop.wait(PAUSE * number / count)
        turn = number
        while not stop.is_set():
            query = queries[turn % len(queries)]
            begun = time.perf_counter()
            try:
                status, body = ask(connection, f"/api/v1/{query}")
                if status == http.client.OK:
                    took[query.partition("?")[0]].append((time.perf_counter() - begun) * 1e3)
                else:
                    errors.append(f"{query}: {status} {body[:200]!r}")
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                errors.append(f"{query}: {error!r}")
            turn += 1
            stop.wait(PAUSE)

    threads = [threading.Thread(target=client, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    print("begun", flush=True)
    for thread in threads:
        thread.join()
    return {"took": took, "errors": errors}


def ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


if __name__ == "__main__":
    sys.exit(main())
