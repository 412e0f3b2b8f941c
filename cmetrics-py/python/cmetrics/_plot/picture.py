"""The contents of a picture: lines, bands, limits and restarts, for any renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cmetrics._plot import scale, source
from cmetrics._plot.grid import Grid, Part, Row, grid, parts, row, total, widen
from cmetrics._plot.names import labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cmetrics._plot.scale import Kind, Unit

# A limit is drawn if it is at most this many times the greatest value. A higher one would flatten
# the lines.
_NEAR = 2.0
# The limits of more containers than this would hide the lines, and widen the legend.
_FEW = 10


class Shown(NamedTuple):
    """A container that has lines."""

    name: str
    label: str
    """What it is called; no two are called the same."""
    text: str
    """The label, and the limits that are too high to be drawn."""
    colour: str
    start: int
    end: int
    restarts: list[float]


class Line(NamedTuple):
    """A container's values in a panel, in base units."""

    row: Row
    limit: float | None
    """The limit, if it is near enough to be drawn."""


class Panel(NamedTuple):
    """A picture of one quantity."""

    title: str
    kind: Kind
    unit: Unit
    lines: list[Line | None]
    """One for each container that is shown; `None` has no values."""
    band: Row | None
    """From the least to the greatest of the others."""
    greatest: float


class Picture(NamedTuple):
    """All panels of a picture and what they share."""

    title: str | None
    grid: Grid
    shown: list[Shown]
    first: int
    """How many of them are visible at first."""
    others: int
    """How many containers are only in the band."""
    panels: list[Panel]
    missing: list[str]
    """The titles of the panels that have no values at all."""


class Capacity(NamedTuple):
    """How much fits a picture."""

    top: int
    """Containers in view."""
    listed: int
    """Containers that have lines, in view or not."""
    steps: int
    values: int | None = None


class _Table(NamedTuple):
    """The points, by column and by container."""

    grid: Grid
    parts: list[Part]
    limits: Mapping[str, Mapping[str, float | None]]


def draw(points: source.Points, title: str | None, capacity: Capacity) -> Picture:
    """Lay out a picture of the largest containers."""
    quantities = source.quantities(points)
    table = _table(points, capacity, len(quantities))
    order = _largest_first(points, table)
    panels = [_panel(points, each, table, order, capacity) for each in quantities]
    there = [panel for panel in panels if panel.greatest >= 0]
    missing = [panel.title for panel in panels if panel.greatest < 0]
    return Picture(
        title,
        table.grid,
        _shown(points, table, order[: capacity.listed], there),
        min(capacity.top, len(order)),
        max(0, len(order) - capacity.top),
        there,
        missing,
    )


def _table(points: source.Points, capacity: Capacity, panels: int) -> _Table:
    names, starts, ends = (points.to_list(field) for field in ("name", "start", "end"))
    on = grid(starts, ends, capacity.steps)
    if capacity.values is not None:
        containers = len(set(names))
        rows = min(capacity.listed, containers) * panels
        # Where points are merged, each visible line has a least and a greatest value, as the band.
        more = 2 * (min(capacity.top, containers) + 1) * panels
        if on.steps * (rows + more * on.merged) > capacity.values:
            on = grid(starts, ends, max(2, capacity.values // (rows + more)))
    limits = points.limits if capacity.top <= _FEW else {}
    return _Table(on, list(parts(names, starts, ends, on)), limits)


def _largest_first(points: source.Points, table: _Table) -> list[Part]:
    """Sort containers by their share of all CPU time or of all memory, whichever is greater."""
    shares = [0.0] * len(table.parts)
    for quantity in (source.CPU, source.MEMORY):
        column = source.values(points, quantity)
        used = [total(part, column, table.grid) for part in table.parts]
        whole = sum(used) or 1.0
        shares = [max(share, one / whole) for share, one in zip(shares, used)]
    order = sorted(range(len(shares)), key=lambda index: -shares[index])
    return [table.parts[index] for index in order]


def _panel(
    points: source.Points,
    quantity: source.Quantity,
    table: _Table,
    order: Sequence[Part],
    capacity: Capacity,
) -> Panel:
    column = source.values(points, quantity)
    rows = [row(part, column, table.grid) for part in order[: capacity.listed]]
    band = None
    if len(order) > capacity.top:
        band = Row([], [None] * table.grid.steps, [None] * table.grid.steps)
        for part in order[capacity.top :]:
            widen(band, part, column)
    seen = [_greatest(each) for each in rows[: capacity.top]] + ([_greatest(band)] if band else [])
    greatest = max(seen, default=-1.0)
    lines: list[Line | None] = []
    for part, each in zip(order, rows):
        limit = table.limits.get(part.name, {}).get(quantity.limit)
        near = limit is not None and limit <= greatest * _NEAR
        there = _greatest(each) >= 0
        lines.append(Line(each, limit if near else None) if there else None)
    unit = scale.unit(quantity.kind, greatest)
    return Panel(quantity.title, quantity.kind, unit, lines, band, greatest)


def _greatest(of: Row) -> float:
    """Return the greatest value, or -1 without values; values are never negative."""
    return max((value for value in of.greatest if value is not None), default=-1.0)


def _shown(
    points: source.Points, table: _Table, order: Sequence[Part], panels: Sequence[Panel]
) -> list[Shown]:
    names = labels([part.name for part in table.parts], points.containers)
    on = table.grid
    restarts: dict[str, list[float]] = {}
    for event in points.events:
        if event.kind == "restart" and event.at is not None and on.start <= event.at <= on.end:
            restarts.setdefault(event.container, []).append(event.at)
    shown = []
    for index, part in enumerate(order):
        above = _limits_above(table.limits.get(part.name, {}), index, panels)
        shown.append(
            Shown(
                part.name,
                names[part.name],
                names[part.name] + (f", limit {' and '.join(above)}" if above else ""),
                scale.colour(index),
                on.start + part.steps[0] * on.width,
                on.start + (part.steps[-1] + 1) * on.width,
                restarts.get(part.name, []),
            )
        )
    return shown


def _limits_above(
    limits: Mapping[str, float | None], index: int, panels: Sequence[Panel]
) -> list[str]:
    """Return the limits that have no line, although the container has one."""
    above = []
    for quantity in (source.CPU, source.MEMORY):
        limit = limits.get(quantity.limit)
        lines = [panel.lines[index] for panel in panels if panel.title == quantity.title]
        if limit is not None and any(line and line.limit is None for line in lines):
            above.append(scale.text(quantity.kind, limit))
    return above
