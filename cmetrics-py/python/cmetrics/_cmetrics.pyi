from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from os import PathLike
from typing import Any, ClassVar, Final, Literal, Protocol, TypedDict, TypeVar, final, overload

import matplotlib.figure
import numpy
import pandas
import polars
import pyarrow
from typing_extensions import Buffer, TypeAlias

from cmetrics._plot import Page

__all__ = [
    "Container",
    "DamagedError",
    "DumpError",
    "Error",
    "Event",
    "Gauge",
    "InputWarning",
    "LockedError",
    "Point",
    "Points",
    "Progress",
    "ReadError",
    "RefusedError",
    "Results",
    "Series",
    "SettingError",
    "Spread",
    "StoreError",
    "Summary",
    "UnknownContainerError",
    "UnsupportedError",
    "Usage",
    "__version__",
    "from_arrow",
    "from_json",
    "metrics",
    "points",
    "results",
]

__version__: Final[str]

class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...

class _ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

class _Column(Protocol):
    @property
    def __array_interface__(self) -> dict[str, Any]: ...
    @property
    def valid(self) -> Any: ...

_Source: TypeAlias = str | PathLike[str] | Buffer | _Readable
_Instant: TypeAlias = float | datetime | str
_Texts: TypeAlias = Literal["utf8", "dictionary", "view"]
_T = TypeVar("_T")

class _Metric(TypedDict):
    name: str
    kind: Literal["counter", "gauge"]
    unit: str
    description: str

class _Allowed(TypedDict):
    cpu_cores: float | None
    cpu_shares: int | None
    memory_bytes: int | None
    memory_reservation_bytes: int | None
    swap_bytes: int | None
    processes: int | None

class _Limits(_Allowed):
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
    sources: _Source | Iterable[_Source],
    *,
    interval: int = 5,
    max_gap: int | None = None,
    container: str | Iterable[str] | None = None,
    machine: str | None = None,
    machine_by_folder: bool = False,
    metrics: str | Iterable[str] | None = None,
    threads: int | None = None,
    progress: bool | Callable[[Progress], object] | None = None,
    on_error: Literal["raise", "warn", "collect"] = "raise",
) -> Points: ...
def from_json(text: str | bytes) -> Points: ...
def from_arrow(frame: _ArrowStream) -> Points: ...

class _Ranged(Protocol):
    @property
    def range(self) -> Callable[..., Points]: ...

@overload
def results(
    sources: _Source | Iterable[_Source],
    *,
    interval: int = 5,
    max_gap: int | None = None,
    container: str | Iterable[str] | None = None,
    machine: str | None = None,
    machine_by_folder: bool = False,
    metrics: str | Iterable[str] | None = None,
    threads: int | None = None,
    progress: bool | Callable[[Progress], object] | None = None,
    on_error: Literal["raise", "warn", "collect"] = "raise",
) -> Results: ...
@overload
def results(sources: Points) -> Results: ...
@overload
def results(sources: _Ranged, **keywords: object) -> Results: ...

@final
class Points:
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Point]: ...
    def __reversed__(self) -> Iterator[Point]: ...
    @overload
    def __getitem__(self, index: int, /) -> Point: ...
    @overload
    def __getitem__(self, index: slice, /) -> Points: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __add__(self, other: Points, /) -> Points: ...
    def __reduce__(self) -> tuple[Callable[[bytes], Points], tuple[bytes]]: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...
    def summary(self, *, partial: bool = False) -> Summary: ...
    @property
    def fields(self) -> list[str]: ...
    @property
    def units(self) -> dict[str, str]: ...
    @property
    def containers(self) -> list[Container]: ...
    @property
    def limits(self) -> dict[str, _Limits]: ...
    @property
    def events(self) -> list[Event]: ...
    @property
    def errors(self) -> list[Error]: ...
    def select(
        self,
        container: str | Iterable[str] | None = None,
        *,
        start: _Instant | None = None,
        end: _Instant | None = None,
        complete: bool = False,
        fields: str | Iterable[str] | None = None,
        rates: bool = False,
        texts: _Texts | None = None,
    ) -> Points: ...
    def resample(self, seconds: int) -> Points: ...
    def to_list(self, field: str) -> list[Any]: ...
    def to_dicts(self) -> list[dict[str, Any]]: ...
    @overload
    def to_json(self, path: None = None, *, extended: bool = False) -> str: ...
    @overload
    def to_json(self, path: str | PathLike[str], *, extended: bool = False) -> None: ...
    @overload
    def to_csv(self, path: None = None, *, extended: bool = False) -> str: ...
    @overload
    def to_csv(self, path: str | PathLike[str], *, extended: bool = False) -> None: ...
    def to_parquet(
        self,
        path: str | PathLike[str],
        *,
        fields: str | Iterable[str] | None = None,
        rates: bool | None = None,
    ) -> None: ...
    def to_numpy(self, field: str, *, mask: bool | None = None) -> numpy.ndarray[Any, Any]: ...
    def to_pandas(
        self, *, fields: str | Iterable[str] | None = None, rates: bool | None = None
    ) -> pandas.DataFrame: ...
    def to_polars(
        self,
        *,
        fields: str | Iterable[str] | None = None,
        rates: bool | None = None,
        texts: _Texts | None = None,
    ) -> polars.DataFrame: ...
    def to_arrow(
        self,
        *,
        fields: str | Iterable[str] | None = None,
        rates: bool | None = None,
        texts: _Texts | None = None,
    ) -> pyarrow.Table: ...
    @overload
    def plot(
        self,
        kind: Literal["matplotlib"] | None = None,
        *,
        path: str | PathLike[str] | None = None,
        title: str | None = None,
        top: int | None = None,
    ) -> matplotlib.figure.Figure: ...
    @overload
    def plot(
        self,
        kind: Literal["html"],
        *,
        path: str | PathLike[str] | None = None,
        title: str | None = None,
        top: int | None = None,
    ) -> Page: ...
    def _column(self, field: str) -> _Column: ...
    def _repr_html_(self) -> str: ...

@final
class Point:
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    @property
    def name(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def samples(self) -> int | None: ...
    @property
    def coverage(self) -> float | None: ...
    @property
    def cpu_cores(self) -> float | None: ...
    @property
    def cpu_usage(self) -> int | None: ...
    @property
    def load(self) -> Gauge | None: ...
    @property
    def memory(self) -> Gauge | None: ...
    @property
    def tx_bytes_per_second(self) -> float | None: ...
    @property
    def rx_bytes_per_second(self) -> float | None: ...
    @property
    def read_bytes_per_second(self) -> float | None: ...
    @property
    def written_bytes_per_second(self) -> float | None: ...
    def growth(self, metric: str, /) -> int | None: ...
    def per_second(self, metric: str, /) -> float | None: ...
    def gauge(self, metric: str, /) -> Gauge | None: ...
    def value(self, metric: str, /) -> int | Gauge | None: ...
    @property
    def metrics(self) -> dict[str, int | _Figures | None]: ...
    @property
    def of_limit(self) -> _Shares: ...
    def to_dict(self) -> dict[str, Any]: ...

@final
class Container:
    @property
    def name(self) -> str: ...
    @property
    def id(self) -> str | None: ...
    @property
    def aliases(self) -> list[str]: ...
    @property
    def paths(self) -> list[str]: ...
    @property
    def image(self) -> str | None: ...
    @property
    def machine(self) -> str | None: ...
    @property
    def limits(self) -> _Limits: ...

@final
class Event:
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    @property
    def container(self) -> str: ...
    @property
    def kind(self) -> Literal["restart", "gap", "unattributed", "limits", "too_large"]: ...
    @property
    def at(self) -> float | None: ...
    @property
    def at_ns(self) -> int | None: ...
    @property
    def since_ns(self) -> int | None: ...
    @property
    def metric(self) -> str | None: ...
    @property
    def growth(self) -> int | None: ...
    @property
    def limits(self) -> _Allowed | None: ...

@final
class Progress:
    @property
    def path(self) -> str: ...
    @property
    def read(self) -> int: ...
    @property
    def total(self) -> int: ...

@final
class Results:
    @property
    def points(self) -> Points: ...
    def get_hosts(self) -> list[str]: ...
    def get_stats(self) -> list[str]: ...
    def get_stat_per_host(self, stat: str, *, relative: bool = False) -> dict[str, Series]: ...
    def get_avg_stat(self, stat: str, *, relative: bool = False) -> Series: ...
    def get_median_stat(self, stat: str, *, relative: bool = False) -> Series: ...
    def get_stat_quantile(self, stat: str, q: float, *, relative: bool = False) -> Series: ...
    def summary(self, *, partial: bool = False) -> Summary: ...

@final
class Series:
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[tuple[int, float]]: ...
    def __getitem__(self, index: int, /) -> tuple[int, float]: ...
    @property
    def stat(self) -> str: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def times(self) -> list[int]: ...
    @property
    def values(self) -> list[float]: ...
    def to_numpy(
        self,
    ) -> tuple[numpy.ndarray[Any, numpy.dtype[numpy.int64]], numpy.ndarray[Any, numpy.dtype[numpy.float64]]]: ...

@final
class Summary:
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def __contains__(self, container: str, /) -> bool: ...
    def __getitem__(self, container: str, /) -> Usage: ...
    @property
    def partial(self) -> bool: ...
    @overload
    def get(self, container: str) -> Usage | None: ...
    @overload
    def get(self, container: str, default: _T) -> Usage | _T: ...
    def keys(self) -> list[str]: ...
    def values(self) -> list[Usage]: ...
    def items(self) -> list[tuple[str, Usage]]: ...
    def to_dicts(self) -> list[dict[str, Any]]: ...
    def _repr_html_(self) -> str: ...

@final
class Usage:
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    @property
    def name(self) -> str: ...
    @property
    def alias(self) -> str | None: ...
    @property
    def intervals(self) -> int: ...
    @property
    def cores(self) -> Spread | None: ...
    @property
    def memory(self) -> Spread | None: ...
    @property
    def tx_bytes_per_second(self) -> Spread | None: ...
    @property
    def rx_bytes_per_second(self) -> Spread | None: ...
    @property
    def read_bytes_per_second(self) -> Spread | None: ...
    @property
    def written_bytes_per_second(self) -> Spread | None: ...
    def to_dict(self) -> dict[str, Any]: ...

@final
class Spread:
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    @property
    def mean(self) -> float: ...
    @property
    def p50(self) -> float: ...
    @property
    def p95(self) -> float: ...
    @property
    def p99(self) -> float: ...
    @property
    def max(self) -> float: ...

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

class InputWarning(UserWarning): ...
