from collections.abc import Iterable, Iterator
from os import PathLike
from typing import Any, ClassVar, Final, Literal, TypedDict, final, overload

from typing_extensions import Buffer, TypeAlias

__all__ = [
    "DamagedError",
    "DumpError",
    "Error",
    "Gauge",
    "LockedError",
    "Point",
    "Points",
    "ReadError",
    "RefusedError",
    "SettingError",
    "StoreError",
    "UnknownContainerError",
    "UnsupportedError",
    "__version__",
    "metrics",
    "points",
]

__version__: Final[str]

_Input: TypeAlias = str | PathLike[str] | Buffer

class _Metric(TypedDict):
    name: str
    kind: Literal["counter", "gauge"]
    unit: str
    description: str

class _Limits(TypedDict):
    cpu_cores: float | None
    cpu_shares: int | None
    memory_bytes: int | None
    memory_reservation_bytes: int | None
    swap_bytes: int | None
    processes: int | None
    changes: int

class _Shares(TypedDict):
    cpu: float | None
    memory: float | None

class _Figures(TypedDict):
    ave: float | None
    min: float | None
    max: float | None

def _main(arguments: list[str], /) -> int:
    """Run the command with these arguments and return the status to exit with.

    It is made for a process that does nothing else: see `cmetrics.__main__`.
    """

def metrics() -> list[_Metric]:
    """List every metric that can be asked for: its `name`, `kind`, `unit` and `description`."""

def points(
    paths_or_bytes: _Input | Iterable[_Input],
    *,
    interval: int = 5,
    max_gap: int | None = None,
    container: str | Iterable[str] | None = None,
    machine: str | None = None,
    metrics: str | Iterable[str] | None = None,
) -> Points:
    """Make the points of all dumps in files, folders and bytes.

    `paths_or_bytes` is a path, or the content of a file, or an iterable of these. Content may be
    plain, gzip or zstd, and errors call it `<bytes>`, or `<bytes 2>` where it is the second input.
    In a folder, what is no dump is passed over. The same sample in many dumps counts once.

    `interval` is the width of a point in whole seconds. `max_gap` is the longest time between two
    samples, in whole seconds, that growth is shared out over; without it 150, or the interval
    where that is wider. `container` asks for these containers alone: by id, the beginning of one,
    alias or cgroup path. `machine` names the machine that the dumps come from: points of cgroups
    that are no containers are then called `machine:/path`, so that machines do not mix.
    `metrics` asks for metrics beside the documented ones: by name, by group such as `memory.*`, or
    `all`; the function `metrics` lists them.

    The interpreter is free for other threads meanwhile.

    Raises `SettingError` before anything is read. `ReadError`, `DumpError` and
    `UnknownContainerError` come after all else was read: the first is raised, with all of them in
    its `errors` (at most the first 1000 of the inputs) and what could be made in its `points`.
    """

@final
class Points:
    """Points of one or more containers, by name and then by start."""

    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Point]: ...
    def __reversed__(self) -> Iterator[Point]: ...
    @overload
    def __getitem__(self, index: int, /) -> Point: ...
    @overload
    def __getitem__(self, index: slice, /) -> Points: ...
    def __eq__(self, other: object, /) -> bool: ...
    def to_dicts(self) -> list[dict[str, Any]]:
        """Give the points in the documented shape and units, ready for `json.dumps`."""
    @property
    def limits(self) -> dict[str, _Limits]:
        """What the containers of these points may use, by the name of each.

        `None` is no limit. `cpu_cores` is the CPU quota over its period, `cpu_shares` the weight
        against other containers, `swap_bytes` of memory and swap together. These are the limits
        in the container's newest document; `changes` tells how often they changed.
        """

@final
class Point:
    """What a container used in one interval.

    What was not measured is `None`, never 0.
    """

    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    @property
    def name(self) -> str:
        """The container's id, or the cgroup path of what has none."""
    @property
    def start(self) -> int:
        """Start of the interval, in seconds since the Unix epoch."""
    @property
    def end(self) -> int:
        """End of the interval, in seconds since the Unix epoch; the first second past it."""
    @property
    def samples(self) -> int | None:
        """How many of the container's samples lie in the interval."""
    @property
    def coverage(self) -> float | None:
        """The part of the interval between samples with no gap or restart between them, 0 to 1."""
    @property
    def cpu_cores(self) -> float | None:
        """CPU in cores: 1.0 is one core busy all the time."""
    @property
    def cpu_usage(self) -> int | None:
        """CPU time used, on all cores together, in nanoseconds."""
    @property
    def load(self) -> Gauge | None:
        """Runnable threads, as cAdvisor's load reader smooths them."""
    @property
    def memory(self) -> Gauge | None:
        """Memory in bytes, page cache included."""
    @property
    def tx_bytes_per_second(self) -> float | None:
        """Bytes sent a second."""
    @property
    def rx_bytes_per_second(self) -> float | None:
        """Bytes received a second."""
    @property
    def read_bytes_per_second(self) -> float | None:
        """Bytes read from disks a second."""
    @property
    def written_bytes_per_second(self) -> float | None:
        """Bytes written to disks a second."""
    def growth(self, metric: str, /) -> int | None:
        """Tell the growth of a counter, in its base unit.

        In nanoseconds: `cpu.usage`. In bytes: `network.tx_bytes`, `network.rx_bytes`,
        `diskio.async`, `diskio.sync`, `diskio.read`, `diskio.write`. In counts:
        `network.tx_packets`, `network.tx_errors`, `network.tx_dropped`, and `rx` likewise. Other
        counters, too, where they were passed to `points` in `metrics`.

        Raises `SettingError` where no counter has this name, or it was not asked for.
        """
    def per_second(self, metric: str, /) -> float | None:
        """Tell the growth of a counter a second, in its base unit; see `growth`."""
    def gauge(self, metric: str, /) -> Gauge | None:
        """Tell the figures of a gauge: `cpu.load` in threads, `memory.usage` in bytes.

        Other gauges, too, where they were passed to `points` in `metrics`.

        Raises `SettingError` where no gauge has this name, or it was not asked for.
        """
    def value(self, metric: str, /) -> int | Gauge | None:
        """Tell the growth of a counter or the figures of a gauge, in its base unit.

        Raises `SettingError` where no metric has this name, or it is neither in the documented
        point nor was passed to `points` in `metrics`.
        """
    @property
    def metrics(self) -> dict[str, int | _Figures | None]:
        """The metrics that were passed to `points`, by name and in base units.

        As in JSON: a gauge is a dict of `ave`, `min` and `max`, each `None` where it was not
        measured.
        """
    @property
    def of_limit(self) -> _Shares:
        """The parts of the container's limits that were used, 1.0 being all.

        `cpu` is of the cores that its quota allows, `memory` the mean working set of the memory
        limit; `None` where there is no limit or it was not measured.
        """
    def to_dict(self) -> dict[str, Any]:
        """Give the point in the documented shape and units, ready for `json.dumps`.

        Where metrics were passed to `points`, they are in `metrics`, behind the documented keys.
        """

@final
class Gauge:
    """What a gauge read in an interval."""

    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    @property
    def ave(self) -> float:
        """Arithmetic mean of the readings."""
    @property
    def min(self) -> float:
        """The least reading."""
    @property
    def max(self) -> float:
        """The greatest reading."""

class Error(Exception):
    """What cmetrics raises."""

    kind: str
    """`io`, `packed`, `json`, `too_large`, `value`, `not_a_dump`, `no_samples`, `setting`,
    `unknown_container`, `ambiguous_container`, `damaged`, `locked`, `unsupported`, `refused` or
    `other`."""
    source: str | None
    """The file, or `<bytes>`."""
    offset: int | None
    """How many bytes come before it in the unpacked text."""
    line: int | None
    """Its line, from 1."""
    column: int | None
    """Its column in bytes, from 1."""
    container: str | None
    """The cgroup path of the container whose data it is in."""
    field: str | None
    """The field or argument whose value cannot be."""
    errors: list[Error]
    """All errors of the call, this one included."""
    points: Points
    """What could be made all the same."""

class DumpError(Error, ValueError):
    """An input is no dump, or a damaged one."""

class ReadError(Error, OSError):
    """A file or folder is missing, or cannot be read or written; `errno` says why."""

class SettingError(Error, ValueError):
    """An argument has a value that is not allowed."""

class UnknownContainerError(Error, LookupError):
    """No container, or more than one, is meant by a word."""

    candidates: list[str]
    """The containers that may have been meant."""

class StoreError(Error):
    """A store cannot do what it was asked for."""

class DamagedError(StoreError, ValueError):
    """A file of a store does not hold what was written to it."""

class LockedError(StoreError, OSError):
    """Another process writes to the store."""

class UnsupportedError(StoreError):
    """The store was written by a newer release of cmetrics."""

class RefusedError(StoreError, ValueError):
    """The store does not do this as it was opened, or not with these samples."""
