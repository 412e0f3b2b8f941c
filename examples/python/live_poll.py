"""Points while replies come in: a poll every so often, a recorder, and a store that remembers.

What answers here, in place of cAdvisor, is a server that replays recorded replies. Run it at the
top of the repository.
"""

import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.request import urlopen

import cmetrics

RECORDED = sorted(Path("cmetrics-core/tests/data/recorded/steady-1s").glob("v1.2-docker.*"))


class Replay(BaseHTTPRequestHandler):
    """Answers each request with the next recorded reply."""

    replies = iter(RECORDED)

    def do_GET(self) -> None:
        """Send it as it is: packed with gzip."""
        self.send_response_only(200)
        self.end_headers()
        self.wfile.write(next(self.replies).read_bytes())


server = HTTPServer(("127.0.0.1", 0), Replay)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/api/v1.2/docker/"

with tempfile.TemporaryDirectory() as folder, cmetrics.Store(folder) as store:
    recorder = cmetrics.Recorder.resume(store)
    source, seen = recorder.source(url), 0
    for _ in RECORDED:  # for ever, with ten seconds of sleep in between, where cAdvisor answers
        with urlopen(url) as reply:
            source.ingest(reply.read())
        recorder.keep(store)
        seen += len(recorder.drain())  # each point once, as soon as it is final
    minute = store.last("web", 60)
server.shutdown()
server.server_close()

print(f"{seen} points were final while replies came in")
for point in minute:
    print(point.start, f"{point.cpu_cores:.4f} cores, {point.tx_bytes_per_second:.0f} bytes/s sent")
batch = cmetrics.points(RECORDED, container="web").select(start=minute[0].start)
assert minute.to_dicts() == batch.to_dicts(), "not the points of all replies at once"
