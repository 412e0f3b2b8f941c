"""Summaries as tables for people."""

from __future__ import annotations

import html as escaping
from typing import TYPE_CHECKING

from cmetrics._show import _bytes, _short

if TYPE_CHECKING:
    from collections.abc import Callable

    from cmetrics._cmetrics import Spread, Summary, Usage

_ROWS = 20
_ABSENT = "-"


def _cores(cores: float) -> str:
    return f"{cores:.3f}"


def _rate(rate: float) -> str:
    return _bytes(rate, "/s")


class _Shown:
    """How a quantity is shown: its heading, its attribute of `Usage`, and which of its figures."""

    def __init__(
        self, word: str, attribute: str, cell: Callable[[float], str], *figures: str
    ) -> None:
        self.attribute = attribute
        self.cell = cell
        self.figures = ("mean", *figures)
        self.head = (word, *figures)

    def cells(self, usage: Usage) -> list[str]:
        spread: Spread | None = getattr(usage, self.attribute)
        if spread is None:
            return [_ABSENT] * len(self.figures)
        return [self.cell(getattr(spread, figure)) for figure in self.figures]


# The first fits a terminal; the second is for a notebook, which scrolls.
_NARROW = (
    _Shown("cores", "cores", _cores, "p95", "max"),
    _Shown("memory", "memory", _bytes, "max"),
    _Shown("sent", "tx_bytes_per_second", _rate),
    _Shown("received", "rx_bytes_per_second", _rate),
    _Shown("read", "read_bytes_per_second", _rate),
    _Shown("written", "written_bytes_per_second", _rate),
)
_WIDE = tuple(
    _Shown(shown.head[0], shown.attribute, shown.cell, "p50", "p95", "p99", "max")
    for shown in _NARROW
)


def text(summary: Summary) -> str:
    """Return the summary as a table of aligned text: the means and some other figures."""
    rows = _table(summary, _NARROW)
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = [_heading(summary), *(_line(row, widths) for row in rows), *_more(summary)]
    return "\n".join(lines)


def html(summary: Summary) -> str:
    """Return the summary as a table for a notebook, with all figures."""
    head, *rows = _table(summary, _WIDE)
    body = "".join(_html_row(row, "td") for row in rows)
    caption = escaping.escape("; ".join([_heading(summary), *_more(summary)]))
    return (
        f"<table><thead>{_html_row(head, 'th')}</thead><tbody>{body}</tbody></table>"
        f"<p>{caption}</p>"
    )


def _heading(summary: Summary) -> str:
    total = len(summary)
    which = "all" if summary.partial else "complete"
    return f"<Summary: {total} container{'' if total == 1 else 's'}, means over {which} intervals>"


def _more(summary: Summary) -> list[str]:
    more = len(summary) - _ROWS
    return [f"... and {more} more"] if more > 0 else []


def _table(summary: Summary, quantities: tuple[_Shown, ...]) -> list[list[str]]:
    """Make the head and the rows."""
    head = ["container", "intervals", *(word for shown in quantities for word in shown.head)]
    return [head, *(_row(usage, quantities) for usage in summary.values()[:_ROWS])]


def _row(usage: Usage, quantities: tuple[_Shown, ...]) -> list[str]:
    name = _short(usage.name) if usage.alias is None else usage.alias
    cells = (cell for shown in quantities for cell in shown.cells(usage))
    return [name, str(usage.intervals), *cells]


def _line(row: list[str], widths: list[int]) -> str:
    cells = map(str.rjust, row[1:], widths[1:])
    return "  ".join([row[0].ljust(widths[0]), *cells])


def _html_row(row: list[str], tag: str) -> str:
    cells = (f"<{tag}>{escaping.escape(cell)}</{tag}>" for cell in row)
    return "<tr>" + "".join(cells) + "</tr>"
