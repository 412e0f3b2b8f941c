"""Units and colours of what is drawn."""

from __future__ import annotations

import colorsys
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What a value is."""

    CORES = "cores"
    BYTES = "bytes"
    RATE = "bytes a second"
    SHARE = "throttled share"


class Unit(NamedTuple):
    """A unit, and its size in base units."""

    symbol: str
    size: float


_BYTES = tuple(
    Unit(symbol, 1024.0**power)
    for power, symbol in enumerate(("bytes", "KiB", "MiB", "GiB", "TiB", "PiB"))
)
_CORES = (Unit("millicores", 0.001), Unit("cores", 1.0))
# Below this many cores, thousandths of them read better.
_FEW_CORES = 0.02

# Easy to tell apart on white and on black.
_COLOURS = (
    "#3a7bd5",
    "#ee7b30",
    "#2a9d5c",
    "#d5424f",
    "#8e5fd0",
    "#17a5b8",
    "#e067b0",
    "#c29a0b",
    "#96604a",
    "#86b02d",
)
_GOLDEN = 0.618034

OTHERS = "#8a8f98"
"""The colour of the band of containers without lines."""


def unit(kind: Kind, greatest: float) -> Unit:
    """Choose the largest unit in which `greatest` is 1 or more, or else the smallest."""
    if kind is Kind.SHARE:
        return Unit("% throttled", 0.01)
    if kind is Kind.CORES:
        return _CORES[greatest >= _FEW_CORES]
    fitting = [each for each in _BYTES if each.size <= greatest]
    found = fitting[-1] if fitting else _BYTES[0]
    return Unit(f"{found.symbol}/s", found.size) if kind is Kind.RATE else found


def text(kind: Kind, value: float) -> str:
    """Write a value with its unit."""
    chosen = unit(kind, value)
    number = f"{value / chosen.size:.4g}"
    symbol = chosen.symbol
    if number == "1" and symbol in {"cores", "millicores", "bytes"}:
        symbol = symbol[:-1]
    return f"{number} {symbol}"


def colour(index: int) -> str:
    """Return the colour of a line, as `#rrggbb`."""
    if index < len(_COLOURS):
        return _COLOURS[index]
    red, green, blue = colorsys.hls_to_rgb(index * _GOLDEN % 1.0, 0.5, 0.6)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
