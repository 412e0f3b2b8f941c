"""The steps of time in which points are drawn."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Round widths, in seconds. Wider steps are whole days.
_DAY = 86400
_WIDTHS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200)
_WIDER = (10800, 21600, 43200, _DAY)


class Grid(NamedTuple):
    """Steps of one width, the first of which begins at `start`, all in seconds."""

    start: int
    width: int
    steps: int
    merged: bool
    """Whether a step can have more than one point of a container."""

    @property
    def end(self) -> int:
        """The end of the last step."""
        return self.start + self.width * self.steps


class Part(NamedTuple):
    """The points of one container, in the order of time."""

    name: str
    take: slice | list[int]
    """Which points. A point that is wider than a step comes once for each step."""
    steps: list[int]
    """The step of each point."""
    weights: list[int] | None
    """How many seconds of the step each point covers, where these differ."""

    def of(self, column: Sequence[float | None]) -> Sequence[float | None]:
        """Pick this container's values."""
        if isinstance(self.take, slice):
            return column[self.take]
        return [column[index] for index in self.take]


class Row(NamedTuple):
    """A value for each step: the mean of its points, and their least and greatest."""

    mean: list[float | None]
    least: list[float | None]
    greatest: list[float | None]


def grid(starts: Sequence[int], ends: Sequence[int], most: int) -> Grid:
    """Choose steps that are as narrow as the points, or wider where `most` are not enough."""
    if not starts:
        return Grid(0, 1, 0, merged=False)
    first, last = min(starts), max(ends)
    widths = {end - start for start, end in zip(starts, ends)}
    base = math.gcd(*widths, *set(starts))
    width = _width(first, last, base, most)
    start = first // width * width
    return Grid(start, width, -((start - last) // width), merged=width != base)


def _width(first: int, last: int, base: int, most: int) -> int:
    def fits(width: int) -> bool:
        return -(-last // width) - first // width <= most

    if fits(base):
        return base
    for width in _WIDTHS + _WIDER:
        if width % base == 0 and fits(width):
            return width
    unit = base if _DAY % base else _DAY
    factor = max(1, (last - first) // (unit * most))
    while not fits(factor * unit):
        factor += 1
    return factor * unit


def parts(
    names: Sequence[str], starts: Sequence[int], ends: Sequence[int], on: Grid
) -> Iterator[Part]:
    """Yield each container's points, in the order in which the containers appear."""
    found: dict[str, list[range]] = {}
    begin = 0
    for name, group in groupby(names):
        end = begin + sum(1 for _ in group)
        found.setdefault(name, []).append(range(begin, end))
        begin = end
    widths = {end - start for start, end in zip(starts, ends)}
    alike = len(widths) == 1 and on.width % max(widths) == 0
    for name, ranges in found.items():
        if alike and len(ranges) == 1:
            take = slice(ranges[0].start, ranges[0].stop)
            own = starts[take]
            if all(a <= b for a, b in zip(own, own[1:])):
                steps = [(start - on.start) // on.width for start in own]
                yield Part(name, take, steps, None)
                continue
        indexes = sorted((i for each in ranges for i in each), key=starts.__getitem__)
        yield _spread(name, indexes, starts, ends, on)


def _spread(
    name: str, indexes: list[int], starts: Sequence[int], ends: Sequence[int], on: Grid
) -> Part:
    """Repeat each point for every step that it overlaps."""
    entries = []
    for index in indexes:
        start, end = starts[index] - on.start, ends[index] - on.start
        for step in range(start // on.width, -(-end // on.width)):
            begin = step * on.width
            seconds = min(end, begin + on.width) - max(start, begin)
            entries.append((step, index, seconds))
    entries.sort()
    return Part(
        name,
        [index for _, index, _ in entries],
        [step for step, _, _ in entries],
        [seconds for _, _, seconds in entries],
    )


def row(part: Part, column: Sequence[float | None], on: Grid) -> Row:
    """Return a container's values on the grid."""
    made = Row([None] * on.steps, [None] * on.steps, [None] * on.steps)
    picked = part.of(column)
    steps, weights = part.steps, part.weights
    begin = 0
    while begin < len(steps):
        step = steps[begin]
        end = begin + 1
        if end < len(steps) and steps[end] == step:
            end = bisect_left(steps, step + 1, end)
        if end == begin + 1:
            made.mean[step] = made.least[step] = made.greatest[step] = picked[begin]
        else:
            _merge(made, step, picked[begin:end], weights and weights[begin:end])
        begin = end
    return made


def _merge(
    into: Row, step: int, chunk: Sequence[float | None], weights: Sequence[int] | None
) -> None:
    there = [value for value in chunk if value is not None]
    if not there:
        return
    into.least[step], into.greatest[step] = min(there), max(there)
    if weights is None:
        into.mean[step] = sum(there) / len(there)
        return
    weighed = [(value, weight) for value, weight in zip(chunk, weights) if value is not None]
    seconds = sum(weight for _, weight in weighed)
    into.mean[step] = sum(value * weight for value, weight in weighed) / seconds


def total(part: Part, column: Sequence[float | None], on: Grid) -> float:
    """Add up a container's values, each times the seconds that it holds for."""
    picked = part.of(column)
    if part.weights is None:
        return sum(value for value in picked if value is not None) * on.width
    return sum(value * weight for value, weight in zip(picked, part.weights) if value is not None)


def widen(band: Row, part: Part, column: Sequence[float | None]) -> None:
    """Extend a band to a container's values."""
    least, greatest = band.least, band.greatest
    for step, value in zip(part.steps, part.of(column)):
        if value is None:
            continue
        low, high = least[step], greatest[step]
        if low is None or value < low:
            least[step] = value
        if high is None or value > high:
            greatest[step] = value
