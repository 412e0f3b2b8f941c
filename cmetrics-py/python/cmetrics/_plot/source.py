"""What a picture needs from points."""

# Protocols have docstrings for bodies.
# pyright: reportReturnType=false
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from cmetrics._plot.scale import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Container(Protocol):
    """One of the containers of points."""

    @property
    def name(self) -> str:
        """Its id or cgroup path."""

    @property
    def id(self) -> str | None:
        """Its id; a cgroup that is no container has none."""

    @property
    def aliases(self) -> Sequence[str]:
        """What else it is called."""


class Event(Protocol):
    """What happened to a container."""

    @property
    def container(self) -> str:
        """Its name."""

    @property
    def kind(self) -> str:
        """`restart` is what pictures mark."""

    @property
    def at(self) -> float | None:
        """When, in seconds since the Unix epoch."""


class Points(Protocol):
    """Points of one or more containers."""

    @property
    def fields(self) -> Sequence[str]:
        """The names of the columns."""

    @property
    def units(self) -> Mapping[str, str]:
        """The columns' units."""

    @property
    def containers(self) -> Sequence[Container]:
        """The containers that have points."""

    @property
    def limits(self) -> Mapping[str, Mapping[str, Any]]:
        """What each container may use."""

    @property
    def events(self) -> Sequence[Event]:
        """What happened to the containers."""

    def to_list(self, field: str, /) -> list[Any]:
        """Return a column."""

    def select(self, container: list[str], /) -> Points:
        """Return the points of these containers."""


def of_containers(points: Points) -> Points:
    """Leave out cgroups that are not containers, unless there are no containers.

    They include what the containers below them use, and would be the largest of all.
    """
    known = points.containers
    containers = [one.name for one in known if one.id is not None]
    return points.select(containers) if 0 < len(containers) < len(known) else points


class Quantity(NamedTuple):
    """What a panel shows."""

    title: str
    kind: Kind
    field: str
    limit: str = ""
    """The limit that it is held to, as it is called in `limits`."""


CPU = Quantity("CPU", Kind.CORES, "cpu.cores", "cpu_cores")
MEMORY = Quantity("Memory", Kind.BYTES, "memory.ave", "memory_bytes")
_THROTTLED = "CPU throttled"
_PERIODS = Quantity(_THROTTLED, Kind.SHARE, "cpu.cfs_throttled_periods")
_TIME = Quantity(_THROTTLED, Kind.SHARE, "cpu.cfs_throttled_time")
_RATES = (
    Quantity("Network received", Kind.RATE, "network.rx_bytes_per_second"),
    Quantity("Network sent", Kind.RATE, "network.tx_bytes_per_second"),
    Quantity("Disk read", Kind.RATE, "diskio.read_bytes_per_second"),
    Quantity("Disk written", Kind.RATE, "diskio.written_bytes_per_second"),
)
_ALL_PERIODS = "cpu.cfs_periods"
_BYTES = {"KiB": 1024.0}


def quantities(points: Points) -> list[Quantity]:
    """Return what is to be shown of these points, from top to bottom."""
    fields = set(points.fields)
    throttled: tuple[Quantity, ...] = ()
    if {_PERIODS.field, _ALL_PERIODS} <= fields:
        throttled = (_PERIODS,)
    elif _TIME.field in fields:
        throttled = (_TIME,)
    return [CPU, *throttled, MEMORY, *_RATES]


def values(points: Points, of: Quantity) -> list[float | None]:
    """Return a value for each point, in cores, bytes, bytes a second or as a share of time."""
    column = points.to_list(of.field)
    if of is _PERIODS:
        pairs = zip(column, points.to_list(_ALL_PERIODS))
        # No period passed where nothing ran: nothing was throttled then.
        return [None if a is None or b is None else a / b if b else 0.0 for a, b in pairs]
    if of is _TIME:
        pairs = zip(column, points.to_list("rate_seconds"))
        return [None if a is None or b is None else a / 1e9 / b for a, b in pairs]
    factor = _BYTES.get(points.units.get(of.field, ""), 1.0)
    if factor != 1.0:
        return [None if value is None else value * factor for value in column]
    return column
