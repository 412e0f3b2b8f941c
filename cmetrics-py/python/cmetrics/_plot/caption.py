"""The texts around a picture."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cmetrics._plot.grid import Grid
    from cmetrics._plot.picture import Picture

SEPARATOR = "  \N{MIDDLE DOT}  "

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def lines(picture: Picture) -> list[str]:
    """Return the days, the width of a step of several points, and what was not measured."""
    if not picture.panels:
        return []
    texts = [f"{_days(picture.grid)}, time in UTC"]
    if picture.grid.merged:
        texts.append(f"mean of every {_width(picture.grid)}, shaded from least to greatest")
    if picture.missing:
        texts.append(f"not measured: {', '.join(picture.missing)}")
    return texts


def marks(picture: Picture) -> list[str]:
    """Return the names of the marks that are in the picture."""
    panels = [line for panel in picture.panels for line in panel.lines if line]
    named = []
    if any(line.limit is not None for line in panels):
        named.append("limit")
    if any(shown.restarts for shown in picture.shown):
        named.append("restart")
    return named


def nothing(picture: Picture) -> str:
    """Return the reason why there is no panel."""
    return "Nothing that is drawn was measured" if picture.grid.steps else "No points"


def others(picture: Picture) -> str:
    """Return the name of the band, if there is one."""
    if picture.others < 2:  # noqa: PLR2004 # the plural
        return "1 other" if picture.others else ""
    return f"{picture.others} others, least to greatest"


def _days(on: Grid) -> str:
    ends = (datetime.fromtimestamp(at, tz=timezone.utc) for at in (on.start, on.end - 1))
    first, last = (f"{day.day} {day:%b %Y}" for day in ends)
    return first if first == last else f"{first} to {last}"


def _width(on: Grid) -> str:
    seconds, unit = next(each for each in _UNITS if on.width % each[0] == 0)
    count = on.width // seconds
    return unit if count == 1 else f"{count} {unit}s"
