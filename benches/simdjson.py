"""Puts simdjson, as its release has it in two files, below `target`, for benches/compare.

Where it cannot be downloaded it says so: then the system's library is used, if there is one.
"""

from __future__ import annotations

import sys
import urllib.request
from pathlib import Path

from report import ROOT

VERSION = "4.6.7"
RELEASE = f"https://github.com/simdjson/simdjson/releases/download/v{VERSION}"
FILES = ["simdjson.h", "simdjson.cpp"]


def provide() -> Path | None:
    """The folder that has it."""
    folder = ROOT / "target" / "simdjson"
    if all((folder / name).exists() for name in FILES):
        return folder
    try:
        found = {name: download(f"{RELEASE}/{name}") for name in FILES}
    except OSError as error:
        print(f"simdjson {VERSION} cannot be downloaded ({error})", file=sys.stderr)
        return None
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in found.items():
        (folder / name).write_bytes(text)
    return folder


def download(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=60) as reply:
        return reply.read()
