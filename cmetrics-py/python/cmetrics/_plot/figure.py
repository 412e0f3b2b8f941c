"""A picture as a matplotlib figure."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from io import BytesIO
from typing import TYPE_CHECKING, Any

from matplotlib import dates
from matplotlib import figure as mpl
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from cmetrics._plot import caption
from cmetrics._plot.scale import OTHERS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from cmetrics._plot.picture import Panel, Picture, Shown

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LEGEND_ROWS = 45
_DAY = 86400.0
_WIDTH = 10.0
_PANEL_HEIGHT = 1.5
_FRAME_HEIGHT = 0.9
# More steps than this are drawn with a finer line.
_MANY = 300
_MARKS: dict[str, dict[str, Any]] = {
    "limit": {"linewidth": 1.0, "linestyle": (0, (5, 3))},
    "restart": {"linestyle": "none", "marker": "^", "markersize": 6},
}
_INK = "#30343b"
_PALE = "#d9dce1"


class Figure(mpl.Figure):
    """A figure that a notebook shows once, whether or not pyplot was imported.

    It is not registered with pyplot, so that no window opens and it is not shown a second time. If
    pyplot's formatter is installed, IPython prefers that to this class's own.
    """

    def _repr_png_(self) -> bytes:
        written = BytesIO()
        self.savefig(written, format="png")
        return written.getvalue()


# matplotlib generates the same method for every subclass, which type checkers do not know.
del Figure.set


def figure(picture: Picture) -> Figure:
    """Draw a picture."""
    height = max(_FRAME_HEIGHT + _PANEL_HEIGHT * max(1, len(picture.panels)), 2.5)
    made = Figure(figsize=(_WIDTH, height), dpi=100, layout="constrained")
    made.get_layout_engine().set(h_pad=0.06, hspace=0.02)  # type: ignore[union-attr, call-arg]
    if picture.title:
        made.suptitle(picture.title, fontsize=12, color=_INK, parse_math=False)
    if not picture.panels:
        _draw_nothing(made, picture)
        return made
    every = made.subplots(len(picture.panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(every, picture.panels):
        _draw_panel(axes, panel, picture)
    _draw_time(every[-1], picture)
    _draw_legend(made, picture)
    made.align_ylabels()
    return made


def _draw_nothing(made: Figure, picture: Picture) -> None:
    made.text(0.5, 0.5, caption.nothing(picture), ha="center", va="center", fontsize=12, color=_INK)


def _draw_panel(axes: Axes, panel: Panel, picture: Picture) -> None:
    size, on = panel.unit.size, picture.grid
    edges = _days(on.start + step * on.width for step in range(on.steps + 1))
    fills = panel.kind is Kind.SHARE
    if panel.band:
        low, high = panel.band.least, panel.band.greatest
        axes.fill_between(*_area(edges, low, high, size), color=OTHERS, alpha=0.3, linewidth=0)
    for shown, line in zip(picture.shown, panel.lines):
        if line is None:
            continue
        style: dict[str, Any] = {"color": shown.colour, "linewidth": 0}
        if on.merged:
            low, high = line.row.least, line.row.greatest
            axes.fill_between(*_area(edges, low, high, size), alpha=0.18, **style)
        if fills:
            mean = line.row.mean
            axes.fill_between(*_area(edges, [0.0] * on.steps, mean, size), alpha=0.25, **style)
        axes.plot(
            edges,
            [math.nan if value is None else value / size for value in (*line.row.mean, None)],
            drawstyle="steps-post",
            color=shown.colour,
            linewidth=1.2 if on.steps <= _MANY else 0.8,
            label=shown.label,
            solid_joinstyle="round",
        )
        if line.limit is not None:
            axes.plot(
                _days((shown.start, shown.end)),
                [line.limit / size] * 2,
                color=shown.colour,
                **_MARKS["limit"],
                label=f"{shown.label}: limit",
            )
    _mark_restarts(axes, picture.shown)
    _dress(axes, panel)


def _days(seconds: Iterable[float]) -> list[float]:
    """Turn seconds since the epoch into matplotlib's days."""
    epoch = float(dates.date2num(_EPOCH))  # type: ignore[no-untyped-call]
    return [epoch + second / _DAY for second in seconds]


def _area(
    edges: Sequence[float],
    low: Sequence[float | None],
    high: Sequence[float | None],
    size: float,
) -> tuple[list[float], list[float], list[float]]:
    """Return both corners of every step: `fill_between` would end a step before a gap at its start.

    A gap is a step of its own, whose corners are "not a number".
    """
    xs: list[float] = []
    lows: list[float] = []
    highs: list[float] = []
    for step, (least, greatest) in enumerate(zip(low, high)):
        empty = least is None or greatest is None
        xs += (edges[step], edges[step + 1])
        lows += [math.nan if empty or least is None else least / size] * 2
        highs += [math.nan if empty or greatest is None else greatest / size] * 2
    return xs, lows, highs


def _mark_restarts(axes: Axes, every: Sequence[Shown]) -> None:
    for shown in every:
        if shown.restarts:
            axes.plot(
                _days(shown.restarts),
                [0.0] * len(shown.restarts),
                transform=axes.get_xaxis_transform(),
                color=shown.colour,
                **_MARKS["restart"],
                markeredgecolor="white",
                markeredgewidth=0.6,
                clip_on=False,
                zorder=5,
                label=f"{shown.label}: restart",
            )


def _dress(axes: Axes, panel: Panel) -> None:
    axes.set_title(panel.title, loc="left", fontsize=10, fontweight="bold", color=_INK, pad=4)
    axes.set_ylabel(panel.unit.symbol, fontsize=9, color=_INK)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    axes.ticklabel_format(axis="y", style="plain", useOffset=False)
    top = axes.get_ylim()[1] if panel.greatest > 0 else 1.0
    axes.set_ylim(0, top)
    axes.grid(visible=True, color=_PALE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8.5, colors=_INK, length=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#9aa0a8")


def _draw_time(axes: Axes, picture: Picture) -> None:
    on = picture.grid
    left, right = _days((on.start, on.end))
    axes.set_xlim(left, right)
    locator = dates.AutoDateLocator(  # type: ignore[no-untyped-call]
        tz=timezone.utc, minticks=4, maxticks=9
    )
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        dates.ConciseDateFormatter(  # type: ignore[no-untyped-call]
            locator,
            tz=timezone.utc,
            formats=["%Y", "%b %Y", "%d %b", "%H:%M", "%H:%M", "%H:%M:%S"],
            zero_formats=["", "%b %Y", "%d %b", "%d %b", "%H:%M", "%H:%M:%S"],
            show_offset=False,
        )
    )
    axes.set_xlabel(caption.SEPARATOR.join(caption.lines(picture)), fontsize=8.5, color=_INK)


def _draw_legend(made: Figure, picture: Picture) -> None:
    handles: list[Artist] = [
        Line2D([], [], color=shown.colour, linewidth=2.5) for shown in picture.shown
    ]
    labels = [shown.text for shown in picture.shown]
    if picture.others:
        handles.append(Patch(color=OTHERS, alpha=0.3, linewidth=0))
        labels.append(caption.others(picture))
    for mark in caption.marks(picture):
        handles.append(Line2D([], [], color=_INK, **_MARKS[mark]))
        labels.append(mark)
    # The labels are set below: matplotlib leaves out one like "_so", and takes "$so$" for
    # mathematics.
    legend = made.legend(
        handles,
        [str(number) for number in range(len(labels))],
        loc="outside right upper",
        frameon=False,
        fontsize=8.5,
        labelcolor=_INK,
        ncols=1 + len(labels) // _LEGEND_ROWS,
        handlelength=1.6,
    )
    for text, label in zip(legend.get_texts(), labels):
        text.set_parse_math(False)
        text.set_text(label)
