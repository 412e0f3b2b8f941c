"""Pictures of points: a matplotlib figure, or an interactive page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from cmetrics._plot.page import Page
from cmetrics._plot.picture import Capacity, draw
from cmetrics._plot.source import of_containers

if TYPE_CHECKING:
    from os import PathLike
    from types import ModuleType

    from cmetrics._plot.figure import Figure
    from cmetrics._plot.source import Points

__all__ = ["Page", "plot"]

# The most steps of a picture, about as many as it has pixels. Wider ranges get wider steps.
_STEPS = 1500
# The most containers that a page lists, of which a click shows each, and the most values in it:
# with about 7 bytes each, it stays below 2 MB.
_LISTED = 50
_VALUES = 260_000


@overload
def plot(
    points: Points,
    kind: Literal["matplotlib"] = ...,
    *,
    path: str | PathLike[str] | None = ...,
    title: str | None = ...,
    top: int = ...,
) -> Figure: ...
@overload
def plot(
    points: Points,
    kind: Literal["html"],
    *,
    path: str | PathLike[str] | None = ...,
    title: str | None = ...,
    top: int = ...,
) -> Page: ...
def plot(
    points: Points,
    kind: str = "matplotlib",
    *,
    path: str | PathLike[str] | None = None,
    title: str | None = None,
    top: int = 10,
) -> Figure | Page:
    """Draw CPU, memory, network and disk rates over time, one line a container.

    `kind` is `matplotlib`, which gives a `matplotlib.figure.Figure`, or `html`, which gives an
    interactive page that needs no network. `path` is a file to write it to as well, `title` what
    stands above it.

    A point is drawn as a step from its start to its end, at its mean; times are UTC. A line breaks
    where there is no point or no value. Long ranges are drawn in wider steps, at the mean of their
    points, with their least and greatest value as a band around it. A triangle marks a restart, a
    dashed line a limit; one more than twice as high as anything drawn stands in the legend, and
    where `top` is more than 10 there are none. The share of time in which a container was throttled
    has a panel, shaded, where `cpu.cfs_throttled_periods` with `cpu.cfs_periods`, or
    `cpu.cfs_throttled_time`, was selected.

    `top` containers have lines: those with the greatest share of all CPU time or of all memory.
    The grey band reaches from the least to the greatest of the others. Cgroups that are no
    containers are left out where there are containers.

    Raises `ImportError` where `kind` is `matplotlib` and that is not installed, `ValueError` where
    `kind` or `top` cannot be.
    """
    if kind not in {"matplotlib", "html"}:
        message = f"kind: {kind!r} is neither 'matplotlib' nor 'html'"
        raise ValueError(message)
    if top < 1:
        message = f"top: {top} is not a number of containers from 1"
        raise ValueError(message)
    points = of_containers(points)
    if kind == "html":
        page = Page(draw(points, title, Capacity(top, max(top, _LISTED), _STEPS, _VALUES)))
        if path is not None:
            page.save(path)
        return page
    figure: Figure = _matplotlib().figure(draw(points, title, Capacity(top, top, _STEPS)))
    if path is not None:
        figure.savefig(Path(path))
    return figure


def _matplotlib() -> ModuleType:
    try:
        from cmetrics._plot import figure  # noqa: PLC0415 # it is not needed for pages
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        message = "plot() draws with matplotlib: pip install matplotlib (kind='html' needs nothing)"
        raise ImportError(message) from error
    return figure
