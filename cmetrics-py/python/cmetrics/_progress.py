"""A progress bar for reading."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from cmetrics._cmetrics import Progress

_WIDTH = 30
_MEGABYTE = 1e6


class Bar:
    """Draws a bar on standard error, and ends its line when everything is read."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Draw on this stream."""
        self._stream = sys.stderr if stream is None else stream
        self._drawn = ""

    def __call__(self, progress: Progress) -> None:
        """Draw the bar if it has changed."""
        text = _bar(progress.read, progress.total)
        if text == self._drawn:
            return
        self._drawn = text
        done = progress.total > 0 and progress.read >= progress.total
        self._stream.write(f"\r{text}" + ("\n" if done else ""))
        self._stream.flush()


def _bar(read: int, total: int) -> str:
    if total <= 0:
        return f"{read / _MEGABYTE:.1f} MB read"
    part = min(1.0, read / total)
    filled = round(part * _WIDTH)
    bar = "#" * filled + "." * (_WIDTH - filled)
    return f"[{bar}] {part:4.0%} of {total / _MEGABYTE:.1f} MB"
