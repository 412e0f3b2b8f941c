"""Points as a table in a notebook."""

from __future__ import annotations

import html as escaping
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cmetrics._cmetrics import Point, Points

_ENDS = 5
_HEAD = ("container", "start (UTC)", "seconds", "cores", "memory", "sent", "received", "covered")
_STEP = 1024
_ID = 64
_SHORT = 12


def html(points: Points) -> str:
    """Return the first and the last points as a table."""
    names = {
        one.name: one.aliases[0] if one.aliases else _short(one.name) for one in points.containers
    }
    total = len(points)
    rows = [_row(point, names) for point in points[: 2 * _ENDS if total <= 2 * _ENDS else _ENDS]]
    if total > 2 * _ENDS:
        rows.append(f'<tr><td colspan="{len(_HEAD)}">&#8942;</td></tr>')
        rows += [_row(point, names) for point in points[-_ENDS:]]
    head = "".join(f"<th>{cell}</th>" for cell in _HEAD)
    caption = escaping.escape(repr(points))
    body = "".join(rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{caption}</p>"


def _row(point: Point, names: dict[str, str]) -> str:
    memory = None if point.memory is None else point.memory.ave
    start = datetime.fromtimestamp(point.start, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    cells = (
        names.get(point.name, point.name),
        start,
        str(point.end - point.start),
        "" if point.cpu_cores is None else f"{point.cpu_cores:.3f}",
        _bytes(memory),
        _bytes(point.tx_bytes_per_second, "/s"),
        _bytes(point.rx_bytes_per_second, "/s"),
        "" if point.coverage is None else f"{point.coverage:.0%}",
    )
    return "<tr>" + "".join(f"<td>{escaping.escape(cell)}</td>" for cell in cells) + "</tr>"


def _short(name: str) -> str:
    return name[:_SHORT] if len(name) == _ID else name


def _bytes(number: float | None, per: str = "") -> str:
    if number is None:
        return ""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if number < _STEP:
            return f"{number:.4g} {unit}{per}"
        number /= _STEP
    return f"{number:.4g} TiB{per}"
