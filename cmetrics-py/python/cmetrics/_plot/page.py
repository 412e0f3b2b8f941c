"""A picture as an interactive page that needs no network."""

from __future__ import annotations

import json
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cmetrics._plot import caption
from cmetrics._plot.scale import OTHERS, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from cmetrics._plot.grid import Row
    from cmetrics._plot.picture import Line, Panel, Picture

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{styles}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{caption}</p>
<div class="legend" id="legend"></div>
<div id="panels">{nothing}</div>
<script id="data" type="application/json">{data}</script>
<script>
/*
{licence}*/
{uplot}
</script>
<script>
{script}
</script>
</body>
</html>
"""
_HELP = "drag to zoom, double-click to see all"
_MARKS = {"limit": "dashed: limit", "restart": "triangle: restart"}
_ABOVE_PANELS = 170
_PANEL_HEIGHT = 166


class Page:
    """An interactive page: a notebook shows it, and `save` writes it to a file."""

    def __init__(self, picture: Picture) -> None:
        """Make the page of a picture."""
        self._panels = len(picture.panels)
        self._containers = len(picture.shown)
        texts = [*caption.lines(picture), *(_MARKS[mark] for mark in caption.marks(picture))]
        if picture.panels:
            texts.append(_HELP)
        title = picture.title or "Containers"
        self._text = _PAGE.format(
            title=escape(title),
            styles=_asset("uPlot.min.css") + _asset("page.css"),
            caption=escape(caption.SEPARATOR.join(texts)),
            nothing="" if picture.panels else caption.nothing(picture),
            data=_json(_data(picture)),
            licence=_asset("uPlot.LICENSE"),
            uplot=_asset("uPlot.iife.min.js"),
            script=_asset("page.js"),
        )

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file."""
        Path(path).write_bytes(self._text.encode())

    def __str__(self) -> str:
        """Return the page's HTML."""
        return self._text

    def __repr__(self) -> str:
        """Return a short description."""
        size = len(self._text.encode()) / 1000
        return f"<Page: {self._panels} panels, {self._containers} containers, {size:.0f} kB>"

    def _repr_html_(self) -> str:
        height = _ABOVE_PANELS + _PANEL_HEIGHT * self._panels
        # In a frame, so that its styles and scripts are apart from those of the notebook.
        return (
            f'<iframe srcdoc="{escape(self._text)}" sandbox="allow-scripts" '
            f'style="width: 100%; height: {height}px; border: 0"></iframe>'
        )


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _data(picture: Picture) -> dict[str, Any]:
    return {
        "start": picture.grid.start,
        "width": picture.grid.width,
        "count": picture.grid.steps,
        "grey": OTHERS,
        "first": picture.first,
        "others": caption.others(picture),
        "shown": [
            {
                "name": shown.label,
                "label": shown.text,
                "colour": shown.colour,
                "start": shown.start,
                "end": shown.end,
                "restarts": [round(at, 1) for at in shown.restarts],
            }
            for shown in picture.shown
        ],
        "panels": [_panel(panel, picture) for panel in picture.panels],
    }


def _panel(panel: Panel, picture: Picture) -> dict[str, Any]:
    size = panel.unit.size
    return {
        "title": panel.title,
        "unit": panel.unit.symbol,
        "fills": panel.kind is Kind.SHARE,
        "lines": [
            line and _line(line, size, ranges=picture.grid.merged and index < picture.first)
            for index, line in enumerate(panel.lines)
        ],
        "band": panel.band and _range(panel.band, size),
    }


def _line(line: Line, size: float, *, ranges: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"mean": _numbers(line.row.mean, size)}
    if ranges:
        made.update(_range(line.row, size))
    if line.limit is not None:
        made["limit"] = line.limit / size
    return made


def _range(row: Row, size: float) -> dict[str, Any]:
    return {"low": _numbers(row.least, size), "high": _numbers(row.greatest, size)}


def _numbers(values: Sequence[float | None], size: float) -> list[float | None]:
    """Round to four digits, which are as many as can be seen."""
    return [None if value is None else _number(value / size) for value in values]


def _number(value: float) -> float:
    kept = float(f"{value:.4g}")
    return int(kept) if kept.is_integer() else kept


def _json(data: dict[str, Any]) -> str:
    """Write JSON without characters that could end the element that contains it."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
