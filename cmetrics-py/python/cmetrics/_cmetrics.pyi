from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from os import PathLike
from pathlib import Path
from types import TracebackType
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
    "DiskFullError",
    "DumpError",
    "Error",
    "Event",
    "Gauge",
    "Ingested",
    "InputWarning",
    "Inspection",
    "Kept",
    "LockedError",
    "NotPermittedError",
    "Pipeline",
    "Point",
    "Points",
    "Progress",
    "ReadError",
    "ReadOnlyError",
    "Recorder",
    "RefusedError",
    "Results",
    "Series",
    "SettingError",
    "Source",
    "Spread",
    "Store",
    "StoreError",
    "Subscription",
    "Summary",
    "UnknownContainerError",
    "UnsupportedError",
    "Usage",
    "__version__",
    "from_arrow",
    "from_json",
    "inspect",
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
_Sources: TypeAlias = _Source | Iterable[_Source]
_Words: TypeAlias = str | Iterable[str]
_Listener: TypeAlias = bool | Callable[[Progress], object]
_OnError: TypeAlias = Literal["raise", "warn", "collect"]
_Texts: TypeAlias = Literal["utf8", "dictionary", "view"]
_T = TypeVar("_T")

class _Metric(TypedDict):
    name: str
    kind: Literal["counter", "gauge"]
    unit: str
    description: str

class _Summary(TypedDict):
    inputs: int
    bytes: int
    without_containers: int
    skipped_parts: dict[str, int]
    errors: int
    late: int
    forgotten: int

class _DoorTotals(TypedDict):
    accepted: int
    duplicates: int
    late: int
    ahead: int
    restarts: int
    gaps: int
    set_aside: int
    corrections: int
    implausible: int
    unattributed: dict[str, int]
    tally: dict[str, int]

class _Totals(TypedDict):
    containers: int
    forgotten: int
    accepted: int
    duplicates: int
    late: int
    ahead: int
    sealed: int
    undrained: int
    dropped: int
    tally: dict[str, int]
    doors: dict[str, _DoorTotals]

class _Appended(TypedDict):
    added: int
    replaced: int
    unchanged: int
    refused: int

class _Retained(TypedDict):
    segments: int
    points: int
    floor: int

class _Removed(TypedDict):
    container: str
    points: int
    events: int

class _Salvaged(TypedDict):
    points: int
    containers: int
    lost: list[Error]

class _StoreSettings(TypedDict):
    interval: int
    max_gap: int
    lateness: int
    metrics: list[str]

class _StoreStats(TypedDict):
    containers: int
    sealed_points: int
    recent_points: int
    segments: int
    sealed_bytes: int
    log_bytes: int
    memory_bytes: int
    torn_bytes: int
    logged_bytes: int
    segment_bytes: int
    refused: int
    floor: int
    since: dict[str, int]
    trouble: str | None

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
    """List every metric that points can have: its `name`, `kind`, `unit` and `description`."""

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
    doors: str | Iterable[str] | None = None,
    label: dict[str, str] | None = None,
) -> Points:
    """Makes the points of all dumps in files, folders and bytes.

    `sources` is a path, a pattern such as `dumps/*.json.gz`, the content of a file (`bytes`,
    `bytearray`, `memoryview`), an open binary file, or an iterable of these. Content may be plain,
    gzip or zstd; its name in errors is `<bytes>`, or `<bytes 2>` for the second input. In a folder,
    files that are not dumps are skipped. The same sample in many dumps counts once.

    `interval` is the width of a point in whole seconds. `max_gap` is the longest time between two
    samples, in whole seconds, over which growth is distributed; by default 150, or the interval if
    that is wider. `container` selects containers by id, the beginning of an id, alias, cgroup path
    or `NAMESPACE/POD/CONTAINER`, and `label` by their labels: a dict of labels and values, all of
    which a container must have. `doors` ranks the doors by which a container was read, the highest
    first, such as `["exposition"]`; of an interval's figures each comes from the first that tells
    it. `machine` is the name of the machine that the dumps come from: points of cgroups that are
    not containers are then called `machine:/path`, so that machines do not mix; with
    `machine_by_folder=True` the name is that of the folder that contains a dump. `metrics` adds
    metrics to the documented ones: by name, by group such as `memory.*`, or `all`; the function
    `metrics` lists them. `threads` is the number of threads, by default the number of cores.
    `progress=True` shows a progress bar; a callable is called now and then with an object that has
    `path`, `read` and `total` (in bytes, as they are stored).

    The interpreter is free for other threads meanwhile, and Ctrl-C ends the call soon.

    Raises `SettingError` before anything is read. `ReadError`, `DumpError` and
    `UnknownContainerError` come after everything else was read: the first is raised, with all of
    them in its `errors` (at most the first 1000 of the inputs) and the other points in its
    `points`. With `on_error="warn"` each is an `InputWarning`, with `"collect"` they are only in
    `points.errors`.
    """

def from_json(text: str | bytes) -> Points:
    """Reads points back from JSON: an array of points, or one on each line.

    `text` is `str` or `bytes`, such as the output of `Points.to_json()` or `cmetrics points`.
    Raises `ValueError`, with the place of what is not a point.
    """

def from_arrow(frame: _ArrowStream) -> Points:
    """Reads points back from a data frame.

    That is any object with an Arrow stream, such as a polars or pandas data frame or a pyarrow
    table. It must have the columns `name`, `start` and `end`, with the types that `Points` exports.
    Of the documented columns, `samples`, `coverage` and those of other metrics, missing ones are
    null, and other columns are ignored. Raises `TypeError` or `ValueError`.
    """

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
) -> Results:
    """Gathers a whole run over many hosts: the containers are the hosts.

    `sources` is what `points` takes, with the same keywords; or points that are made already; or a
    store, or anything else with a method `range` that returns points, which then gets the keywords.

    >>> results = cmetrics.results("dumps/", machine_by_folder=True)
    >>> results.get_hosts()
    >>> plt.plot(*results.get_stat_quantile("cpu.cores", 0.95, relative=True).to_numpy())

    Raises what `points` does; `results(error.points)` are then the results of the points that could
    be made. Raises `SettingError` for keywords together with points.
    """

@overload
def results(sources: Points) -> Results: ...
@overload
def results(sources: _Ranged, **keywords: object) -> Results: ...
def _points_from_bytes(pickled: bytes) -> Points:
    """Unpickles points."""

@final
class Points:
    """Points of one or more containers in columns, sorted by name and then by start.

    It can be indexed, sliced, iterated over, compared, added to others and pickled. Data frame
    libraries accept it directly: `polars.DataFrame(points)`, `pyarrow.table(points)`, and DuckDB by
    the name of a variable. What was not measured is `None`, or null, never 0.
    """

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
    def __radd__(self, other: Points, /) -> Points: ...
    def __reduce__(self) -> tuple[Callable[[bytes], Points], tuple[bytes]]: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """An Arrow stream of these points, anew at each call."""
    def __arrow_c_schema__(self) -> object:
        """The Arrow schema of these points."""
    def summary(self, *, partial: bool = False) -> Summary:
        """What each container used over its complete intervals, as a `Summary` by container.

        For CPU in cores, memory in bytes and the bytes per second of network and disks it has the
        mean, the median, the 95th and 99th percentile and the greatest value. Memory is the mean
        reading of each interval. In a mean, the weight of a rate is the seconds of its interval
        that samples cover, and that of memory the seconds of the interval; percentiles are over
        intervals, interpolated linearly between two of them as in `numpy.quantile`.

        An interval is complete if samples cover all of it (`coverage` is 1); a point of unknown
        coverage is not complete. `partial=True` includes all intervals. A container without such
        intervals is included, with 0 `intervals` and `None` for each quantity.

        For one figure: `points.summary()["web"].cores.p95`.
        """
    @property
    def fields(self) -> list[str]:
        """The fields of data frames, in order."""
    @property
    def units(self) -> dict[str, str]:
        """The unit of each field that has one.

        Those in `fields`, and all others that can be selected.
        """
    @property
    def containers(self) -> list[Container]:
        """The containers of these points, in order of appearance."""
    @property
    def limits(self) -> dict[str, _Limits]:
        """The limits of the containers of these points, by name; see `Container.limits`."""
    @property
    def events(self) -> list[Event]:
        """The events of the containers of these points.

        Restarts, gaps, impossible CPU readings and the like, sorted by container and time.
        """
    @property
    def errors(self) -> list[Error]:
        """The errors of the inputs, as exceptions."""
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
    ) -> Points:
        """Select points, without a copy, and the fields of their data frames.

        `container` selects containers by id, the beginning of an id, alias or cgroup path. `start`
        and `end` select the points whose intervals start in `[start, end)`: seconds since the
        epoch, a `datetime` (one without a zone is in UTC) or an ISO 8601 text. `complete` selects
        the points whose interval is completely covered by samples.

        `fields` are the columns of data frames, by name: those in `fields`, rates such as
        `cpu.cores`, `samples`, `coverage`, `rate_seconds`, `of_limit.cpu`, `of_limit.memory`,
        `alias`, `image` and `machine`. `rates=True` adds `cpu.cores` and the bytes per second of
        network and disks: over the time that samples cover, which is `rate_seconds`.
        `texts` is the Arrow type of names: `utf8`, `dictionary` or `view`.

        Raises `UnknownContainerError` or `SettingError`.
        """
    def resample(self, seconds: int) -> Points:
        """Roll the points up to intervals of this many seconds, a whole multiple of their width.

        These are the points that the same samples make at that width: growth is added up, and means
        are over all readings, so that this is exact. Raises `SettingError` for another width.
        """
    def to_list(self, field: str) -> list[Any]:
        """The values of a field, `None` where there is none; times in whole seconds since the epoch."""
    def to_dicts(self) -> list[dict[str, Any]]:
        """The points in the documented shape and units, ready for `json.dumps`."""
    @overload
    def to_json(self, path: None = None, *, extended: bool = False) -> str:
        """The points as JSON, in the documented shape and units: an array with a point a line.

        It is text, or is written to the file at `path`, which is whole or not there. With
        `extended=True` each point has `samples`, `coverage` and `of_limit`, too. These are the
        bytes of `cmetrics points --format json`. Raises `OSError` where the file cannot be written.
        """
    @overload
    def to_json(self, path: str | PathLike[str], *, extended: bool = False) -> None: ...
    @overload
    def to_csv(self, path: None = None, *, extended: bool = False) -> str:
        """The points as CSV: a title row, then a point a row; what was not measured is empty.

        It is text, or is written to the file at `path`, which is whole or not there. With
        `extended=True` `samples`, `coverage` and the shares of limits follow. These are the bytes
        of `cmetrics points --format csv`. Raises `OSError` where the file cannot be written.
        """
    @overload
    def to_csv(self, path: str | PathLike[str], *, extended: bool = False) -> None: ...
    @overload
    def to_rows(
        self,
        path: None = None,
        *,
        names: Literal["prometheus", "heapster", "otel"],
        format: Literal["prometheus", "openmetrics", "otlp", "ndjson", "json", "csv"] | None = None,
        gauge: str | Iterable[str] | None = None,
        since: _Instant | None = None,
        temporality: Literal["delta", "cumulative"] | None = None,
        allocatable_cpu: float | None = None,
        allocatable_memory: int | None = None,
        requests_from_shares: bool = False,
    ) -> str:
        """The points as flat rows under the names of another tool, one for each figure.

        `names` is `prometheus`, `heapster` or `otel`. `format` is `prometheus` or `openmetrics` for
        Prometheus' names, `otlp` for OpenTelemetry's, and `ndjson`, `json` or `csv` for any; the
        names' own by default. It is text, or is written to the file at `path`, which is whole or
        not there. These are the bytes of `cmetrics points --names`, whose page of names says what
        they mean.

        `gauge` is the figure of gauges: `ave`, `min` or `max`, or for Prometheus' names several.
        `since` is the time at which sums are 0, and before which there are no rows. `temporality`
        is `delta` or `cumulative`, for OpenTelemetry's names. For Heapster's, `allocatable_cpu`, in
        cores, and `allocatable_memory`, in bytes, are what Kubernetes may allocate on the machine,
        and `requests_from_shares=True` estimates CPU requests. Raises `SettingError` where these do
        not go together, and `OSError` where the file cannot be written.
        """
    @overload
    def to_rows(
        self,
        path: str | PathLike[str],
        *,
        names: Literal["prometheus", "heapster", "otel"],
        format: Literal["prometheus", "openmetrics", "otlp", "ndjson", "json", "csv"] | None = None,
        gauge: str | Iterable[str] | None = None,
        since: _Instant | None = None,
        temporality: Literal["delta", "cumulative"] | None = None,
        allocatable_cpu: float | None = None,
        allocatable_memory: int | None = None,
        requests_from_shares: bool = False,
    ) -> None: ...
    def to_parquet(
        self,
        path: str | PathLike[str],
        *,
        fields: str | Iterable[str] | None = None,
        rates: bool | None = None,
    ) -> None:
        """Writes the points as a Parquet file, by pyarrow or polars, whichever is installed.

        `fields` and `rates` are as in `select`. Raises `ImportError` without either.
        """
    def to_numpy(self, field: str, *, mask: bool | None = None) -> numpy.ndarray[Any, Any]:
        """The values of a field as a NumPy array.

        If every point has a value, it is a read-only view of the points' own numbers; else a copy,
        with "not a number" (for times, `NaT`) for what was not measured. With `mask=True` it is a
        masked array, in which counts stay exact integers. Names are an array of `str`. Raises
        `ImportError` without NumPy and `SettingError` for an unknown field.
        """
    def to_pandas(
        self, *, fields: str | Iterable[str] | None = None, rates: bool | None = None
    ) -> pandas.DataFrame:
        """The points as a pandas data frame; pyarrow is not needed.

        Counters are `int64`, or `Int64` where there are nulls; all else is `float64`; times are in
        UTC. `fields` and `rates` are as in `select`. Raises `ImportError` without pandas.
        """
    def to_polars(
        self,
        *,
        fields: str | Iterable[str] | None = None,
        rates: bool | None = None,
        texts: _Texts | None = None,
    ) -> polars.DataFrame:
        """The points as a polars data frame, without a copy of their numbers.

        `fields`, `rates` and `texts` are as in `select`, but texts are views unless said otherwise,
        as polars holds them. Raises `ImportError` without polars.
        """
    def to_arrow(
        self,
        *,
        fields: str | Iterable[str] | None = None,
        rates: bool | None = None,
        texts: _Texts | None = None,
    ) -> pyarrow.Table:
        """The points as a pyarrow table, without a copy of their numbers.

        `fields`, `rates` and `texts` are as in `select`; a column's unit stands in the metadata of
        its field. Raises `ImportError` without pyarrow.
        """
    @overload
    def plot(
        self,
        kind: Literal["matplotlib"] | None = None,
        *,
        path: str | PathLike[str] | None = None,
        title: str | None = None,
        top: int | None = None,
    ) -> matplotlib.figure.Figure:
        """Draws CPU, memory, network and disks over time: a line a container.

        Lines break at gaps, restarts are marked, limits are dashed lines, and the throttled share
        is shaded if its metrics were selected. Times are in UTC. With more than `top` containers,
        those that used most of all CPU time or memory have lines, and the others are a band from
        the least to the greatest. Cgroups that are not containers are left out if there are
        containers: they include what these use.

        `kind="matplotlib"` returns a `matplotlib.figure.Figure`, which a notebook shows once;
        `kind="html"` returns an interactive page in one file that needs no network, with
        `save(path)` and `str()`. With `path` it is also written there. Raises `ImportError` without
        matplotlib, and `ValueError` for another `kind` or `top`.
        """
    @overload
    def plot(
        self,
        kind: Literal["html"],
        *,
        path: str | PathLike[str] | None = None,
        title: str | None = None,
        top: int | None = None,
    ) -> Page: ...
    def _column(self, field: str) -> _Column:
        """The numbers of a field, for NumPy."""
    def _repr_html_(self) -> str:
        """The points as a table of a notebook: the first and the last of them."""

@final
class Point:
    """What a container used in one interval.

    What was not measured is `None`, never 0.
    """

    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    @property
    def name(self) -> str:
        """The container's id, or the path of a cgroup without one."""
    @property
    def start(self) -> int:
        """Start of the interval, in seconds since the Unix epoch."""
    @property
    def end(self) -> int:
        """End of the interval, in seconds since the Unix epoch; the first second past it."""
    @property
    def samples(self) -> int | None:
        """The number of the container's samples in the interval."""
    @property
    def coverage(self) -> float | None:
        """The part of the interval that samples cover, 0 to 1.

        It lies between samples with no gap or restart between them.
        """
    @property
    def rate_seconds(self) -> float | None:
        """The number of seconds that the rates are over: those of the interval that samples cover.

        All of them where `coverage` is unknown, and `None` where samples cover less than a tenth of
        a second: then there are no rates.
        """
    @property
    def cpu_cores(self) -> float | None:
        """CPU in cores, over the time that samples cover: 1.0 is one core busy all of it."""
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
        """Bytes sent a second, over the time that samples cover."""
    @property
    def rx_bytes_per_second(self) -> float | None:
        """Bytes received a second, over the time that samples cover."""
    @property
    def read_bytes_per_second(self) -> float | None:
        """Bytes read from disks a second, over the time that samples cover."""
    @property
    def written_bytes_per_second(self) -> float | None:
        """Bytes written to disks a second, over the time that samples cover."""
    def growth(self, metric: str, /) -> int | None:
        """The growth of a counter, in its base unit.

        In nanoseconds: `cpu.usage`. In bytes: `network.tx_bytes`, `network.rx_bytes`,
        `diskio.async`, `diskio.sync`, `diskio.read`, `diskio.write`. In counts:
        `network.tx_packets`, `network.tx_errors`, `network.tx_dropped`, and `rx` likewise. Other
        counters, too, where they were passed to `points` in `metrics`.

        Raises `SettingError` where no counter has this name, or it was not selected.
        """
    def per_second(self, metric: str, /) -> float | None:
        """The growth of a counter a second, in its base unit, over `rate_seconds`; see `growth`."""
    def gauge(self, metric: str, /) -> Gauge | None:
        """The figures of a gauge: `cpu.load` in threads, `memory.usage` in bytes.

        Other gauges, too, where they were passed to `points` in `metrics`. Raises `SettingError`
        where no gauge has this name, or it was not selected.
        """
    def value(self, metric: str, /) -> int | Gauge | None:
        """The growth of a counter or the figures of a gauge, in its base unit.

        Raises `SettingError` where no metric has this name, or it is neither in the documented
        point nor was passed to `points` in `metrics`.
        """
    @property
    def metrics(self) -> dict[str, int | _Figures | None]:
        """The metrics that were passed to `points`, by name and in base units.

        As in JSON, a gauge is a dict of `ave`, `min` and `max`, each `None` where it was not
        measured.
        """
    @property
    def of_limit(self) -> _Shares:
        """The shares of the container's limits that were used, where 1.0 is all.

        `cpu` is the share of the cores that its quota allows, `memory` the mean working set as a
        share of the memory limit; `None` where there is no limit or it was not measured. They are
        shares of the whole interval, also where samples cover less.
        """
    def to_dict(self) -> dict[str, Any]:
        """The point in the documented shape and units, ready for `json.dumps`.

        Where metrics were passed to `points`, they are in `metrics`, behind the documented keys.
        """

@final
class Container:
    """The names and the limits of a container."""

    @property
    def name(self) -> str:
        """The container's id, or the path of a cgroup without one."""
    @property
    def id(self) -> str | None:
        """The container's id; `None` for a cgroup that is not a container."""
    @property
    def aliases(self) -> list[str]:
        """Other names; usually the first is the name in the container runtime."""
    @property
    def paths(self) -> list[str]:
        """The cgroup paths that it was read from."""
    @property
    def image(self) -> str | None:
        """The image it was made from."""
    @property
    def machine(self) -> str | None:
        """The machine, if the caller or the dump named it."""
    @property
    def kubernetes(self) -> str | None:
        """Its pod and name in Kubernetes, `NAMESPACE/POD/CONTAINER`, if a document tells it."""
    @property
    def labels(self) -> dict[str, str]:
        """Its labels, if they were asked for (`label`)."""
    @property
    def doors(self) -> list[str]:
        """The doors by which it was read, in the order of their usual rank.

        Each is one of `cadvisor`, `exposition`, `engine`, `summary`, `resource`, `otlp.docker`,
        `otlp.kubelet`, `otlp.cmetrics` and `exposition.cmetrics`.
        """
    @property
    def limits(self) -> _Limits:
        """Its limits, from its newest document.

        A dict of `cpu_cores` (the CPU quota over its period), `cpu_shares` (the weight against
        other containers), `memory_bytes`, `memory_reservation_bytes`, `swap_bytes` (memory and swap
        together), `processes`, each `None` where there is no limit, and `changes`: how often the
        limits changed.
        """

@final
class Event:
    """An event of a container, such as a restart or a gap."""

    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    @property
    def container(self) -> str:
        """The container's name."""
    @property
    def kind(
        self,
    ) -> Literal[
        "restart",
        "gap",
        "unattributed",
        "limits",
        "too_large",
        "set_aside",
        "correction",
        "implausible",
        "labels",
    ]:
        """What kind of event it is.

        `restart`; `gap`: no sample for longer than the longest gap; `unattributed`: growth of a
        counter across gaps, which belongs to no interval; `limits` and `labels`: they changed;
        `too_large`: a counter's growth in an interval does not fit the numbers of data frames and
        is null there.

        And impossible CPU readings: `set_aside`, a sample with an impossible reading, which counts
        as if it were not there; `correction`, the CPU counter fell without a restart;
        `implausible`, it rose by more than all CPUs can use, and the growth up to there is
        `unattributed`.
        """
    @property
    def door(self) -> str | None:
        """The door of the samples that show it, for an event of a store: `cadvisor`, `exposition`, ..."""
    @property
    def at(self) -> float | None:
        """When, in seconds since the Unix epoch.

        The time of the sample that shows it, or the start of the interval; for a restart its own
        time, if that is known. `None` where only the sum over all time is known.
        """
    @property
    def at_ns(self) -> int | None:
        """When, in nanoseconds since the Unix epoch."""
    @property
    def since_ns(self) -> int | None:
        """For a gap: the time of the sample before it, in nanoseconds since the Unix epoch."""
    @property
    def metric(self) -> str | None:
        """The counter that grew."""
    @property
    def growth(self) -> int | None:
        """By how much it grew, in its base unit; `None` where that does not fit 64 bits."""
    @property
    def limits(self) -> _Allowed | None:
        """The new limits, as a dict like that of `Container.limits`."""
    @property
    def labels(self) -> dict[str, str] | None:
        """The new labels."""

@final
class Progress:
    """How far a call has come."""

    @property
    def path(self) -> str:
        """The file that is being read."""
    @property
    def read(self) -> int:
        """Bytes of all files read so far, as they are stored."""
    @property
    def total(self) -> int:
        """Bytes of all files, as they are stored; 0 if that is not known."""

@final
class Results:
    """Results of a whole run over many hosts. Here containers are called hosts.

    The stats are the fields of points that are numbers.

    `get_avg_stat`, `get_median_stat` and `get_stat_quantile` return one value for each interval,
    over the hosts that have a value in it: what was not measured is left out, and is never 0. Each
    point counts, so a host with two points of an interval counts twice. Intervals of different
    widths are different intervals. The interpreter is free for other threads meanwhile.
    """

    @property
    def points(self) -> Points:
        """The points that these are the results of."""
    def get_hosts(self) -> list[str]:
        """The names of the containers, in order.

        The name of a container is its id, or the path of a cgroup without one;
        `results.points.containers` has the aliases.
        """
    def get_stats(self) -> list[str]:
        """The names of the stats: the numeric fields of the points, then the rates.

        Those are the figures of the documented point in its units, such as `cpu.usage` and
        `memory.ave`, the selected metrics, such as `memory.working_set.ave`, and
        `cpu.cores`, `network.tx_bytes_per_second`, `network.rx_bytes_per_second`,
        `diskio.read_bytes_per_second` and `diskio.written_bytes_per_second`. `results.points.units`
        has the units. In addition to these, `samples`, `coverage`, `of_limit.cpu` and
        `of_limit.memory` can be used.
        """
    def get_stat_per_host(self, stat: str, *, relative: bool = False) -> dict[str, Series]:
        """The values of a stat by host: a dict of a `Series` for each host, by name.

        Intervals without a value are left out; a host without any has an empty series. Times are in
        seconds since the Unix epoch, or since the first point of all with `relative=True`.

        Raises `SettingError` for an unknown stat.
        """
    def get_avg_stat(self, stat: str, *, relative: bool = False) -> Series:
        """The mean of a stat over the hosts, as a `Series` of one value for each interval.

        Each host that has a value in an interval counts the same. Times are in seconds since the
        Unix epoch, or since the first point of all with `relative=True`.

        Raises `SettingError` for an unknown stat.
        """
    def get_median_stat(self, stat: str, *, relative: bool = False) -> Series:
        """The median of a stat over the hosts, as a `Series` of one value for each interval.

        See `get_stat_quantile`; the median is the quantile of 0.5.
        """
    def get_stat_quantile(self, stat: str, q: float, *, relative: bool = False) -> Series:
        """A quantile of a stat over the hosts, as a `Series` of one value for each interval.

        `q` is 0 to 1: 0.95 is for the value that 95 % of the hosts do not exceed, interpolated
        linearly between two hosts as in `numpy.quantile`. Hosts without a value in an interval are
        left out there. Times are in seconds since the Unix epoch, or since the first point of all
        with `relative=True`.

        Raises `SettingError` for an unknown stat, and if `q` is not in 0 to 1.
        """
    def summary(self, *, partial: bool = False) -> Summary:
        """What each host used over its complete intervals: see `Points.summary`."""

@final
class Series:
    """Values over time: one for each interval that has one, in order.

    `len`, indices and iteration go over `(time, value)` pairs. For a plot:
    `plt.plot(*series.to_numpy())`, or `plt.plot(series.times, series.values)`.
    """

    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[tuple[int, float]]: ...
    def __getitem__(self, index: int, /) -> tuple[int, float]: ...
    @property
    def stat(self) -> str:
        """The stat of the values: one of `Results.get_stats()`."""
    @property
    def unit(self) -> str | None:
        """The unit of the values."""
    @property
    def times(self) -> list[int]:
        """Where the intervals start, in whole seconds.

        Since the Unix epoch, or since the first point of all with `relative=True`.
        """
    @property
    def values(self) -> list[float]:
        """The values, one for each of `times`."""
    def to_numpy(
        self,
    ) -> tuple[
        numpy.ndarray[Any, numpy.dtype[numpy.int64]], numpy.ndarray[Any, numpy.dtype[numpy.float64]]
    ]:
        """The times and the values, as two NumPy arrays.

        They are `int64` and `float64`, both of the shape `(len(series),)`, and read-only views of
        the series' own numbers. Raises `ImportError` without NumPy.
        """

@final
class Summary:
    """What each container used over all of its time: a `Usage` for each, by name.

    It can be read like a dict: `len`, `in`, iteration over the names, `keys`, `values`, `items`,
    `get` and `summary["web"]`, where a container is found by name, alias, cgroup path or the
    beginning of its id. `polars.DataFrame(summary.to_dicts(), infer_schema_length=None)` makes a
    table of it.
    """

    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def __contains__(self, container: str, /) -> bool: ...
    def __getitem__(self, container: str, /) -> Usage: ...
    @property
    def partial(self) -> bool:
        """Whether intervals that samples cover only in part are included."""
    @overload
    def get(self, container: str) -> Usage | None:
        """What a container used, or `default` if `summary[container]` would raise."""
    @overload
    def get(self, container: str, default: _T) -> Usage | _T: ...
    def keys(self) -> list[str]:
        """The names of the containers, in order."""
    def values(self) -> list[Usage]:
        """What each container used, in order of the names."""
    def items(self) -> list[tuple[str, Usage]]:
        """The names, each with what the container used."""
    def to_dicts(self) -> list[dict[str, Any]]:
        """A flat dict for each container, ready for data frames: see `Usage.to_dict`."""
    def _repr_html_(self) -> str:
        """The summary as a table in a notebook."""

@final
class Usage:
    """What a container used over all of its time.

    Each quantity is a `Spread`, or `None` where it was not measured in any of the intervals.
    """

    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    @property
    def name(self) -> str:
        """The container's id, or the path of a cgroup without one."""
    @property
    def alias(self) -> str | None:
        """The container's first alias, usually its name in the container runtime."""
    @property
    def intervals(self) -> int:
        """The number of intervals that the figures are made of."""
    @property
    def cores(self) -> Spread | None:
        """CPU in cores, over the time that samples cover: 1.0 is one core busy all of it."""
    @property
    def memory(self) -> Spread | None:
        """The mean reading of memory in each interval, in bytes, page cache included."""
    @property
    def tx_bytes_per_second(self) -> Spread | None:
        """Bytes sent a second."""
    @property
    def rx_bytes_per_second(self) -> Spread | None:
        """Bytes received a second."""
    @property
    def read_bytes_per_second(self) -> Spread | None:
        """Bytes read from disks a second."""
    @property
    def written_bytes_per_second(self) -> Spread | None:
        """Bytes written to disks a second."""
    def to_dict(self) -> dict[str, Any]:
        """All of it as a flat dict.

        `name`, `alias`, `intervals`, then `cores.mean`, `cores.p50`, `cores.p95`, `cores.p99`,
        `cores.max`, `memory.mean` and so on; `None` where it was not measured.
        """

@final
class Spread:
    """The distribution of values over intervals."""

    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __eq__(self, other: object, /) -> bool: ...
    @property
    def mean(self) -> float:
        """The mean over time, weighted by the seconds of each interval or those that samples cover."""
    @property
    def p50(self) -> float:
        """The median over the intervals."""
    @property
    def p95(self) -> float:
        """The value that 95 % of the intervals do not exceed, by linear interpolation."""
    @property
    def p99(self) -> float:
        """The value that 99 % of the intervals do not exceed, likewise."""
    @property
    def max(self) -> float:
        """The greatest value."""

@final
class Gauge:
    """The figures of a gauge in an interval."""

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

def inspect(
    sources: _Sources,
    *,
    interval: int = 5,
    max_gap: int | None = None,
    container: _Words | None = None,
    machine: str | None = None,
    machine_by_folder: bool = False,
    threads: int | None = None,
    progress: _Listener | None = None,
    on_error: Literal["raise", "warn"] = "raise",
    doors: _Words | None = None,
    label: dict[str, str] | None = None,
) -> list[Inspection]:
    """Inspect the samples of each container in files, folders and bytes.

    All arguments are as for `points`. The containers are sorted by name; one that was read by
    several doors has an inspection for each, by their rank. Only `max_gap` depends on `interval`:
    it is the longest time between samples that is no gap, and cannot be shorter; its default is 150
    seconds, or the interval if that is wider.

    Raises `SettingError` before anything is read. `ReadError`, `DumpError` and
    `UnknownContainerError` come after everything else was read: the first is raised, with all of
    them in its `errors` and the other results in its `inspections`. With `on_error="warn"` each is
    a warning.

    ```python
    [one] = cmetrics.inspect("dumps/*.json.gz", container="web")
    assert not one.gaps, one.events
    ```
    """

@final
class Inspection:
    """Statistics of a container's samples.

    ```python
    for one in cmetrics.inspect("dumps/"):
        print(one.container.name, one.samples, one.median_spacing_seconds, one.gaps)
    ```
    """

    @property
    def container(self) -> Container:
        """The names and the limits of the container."""
    @property
    def door(self) -> str:
        """The door by which the samples came, such as `cadvisor` or `exposition`."""
    @property
    def notes(self) -> list[str]:
        """What to know of the samples, a sentence each."""
    @property
    def label_changes(self) -> int:
        """How often its labels changed from one document to the next."""
    @property
    def samples(self) -> int:
        """Distinct samples."""
    @property
    def duplicates(self) -> int:
        """Copies of samples that were read before."""
    @property
    def left_out(self) -> int:
        """Samples left out: never taken, or with an invalid value."""
    @property
    def first(self) -> float | None:
        """The first sample's time, in seconds since the Unix epoch; `None` without samples."""
    @property
    def last(self) -> float | None:
        """The last sample's time, in seconds since the Unix epoch; `None` without samples."""
    @property
    def first_ns(self) -> int | None:
        """The first sample's time, in nanoseconds since the Unix epoch."""
    @property
    def last_ns(self) -> int | None:
        """The last sample's time, in nanoseconds since the Unix epoch."""
    @property
    def median_spacing_seconds(self) -> float | None:
        """The time between samples in succession, the median; `None` below two samples."""
    @property
    def largest_spacing_seconds(self) -> float | None:
        """The longest time between samples in succession; `None` below two samples."""
    @property
    def sections(self) -> list[str]:
        """The sections of the documented point that any sample has, such as `cpu` and `memory`."""
    @property
    def restarts(self) -> int:
        """How often the container was restarted."""
    @property
    def gaps(self) -> int:
        """The number of times without a sample for longer than the longest gap."""
    @property
    def set_aside(self) -> int:
        """The number of samples that were set aside, because their CPU reading is impossible."""
    @property
    def corrections(self) -> int:
        """How often the CPU counter fell without a restart."""
    @property
    def implausible(self) -> int:
        """How often the CPU counter rose by more than all CPUs can use."""
    @property
    def events(self) -> list[Event]:
        """Its restarts, gaps, impossible CPU readings, and growth that belongs to no interval."""
    def to_dict(self) -> dict[str, Any]:
        """Return what `cmetrics inspect --format json` writes: everything but the single events.

        Times are texts in UTC; `restarts`, `gaps`, `set_aside`, `corrections` and `implausible`
        are counts.
        """

@final
class Pipeline:
    """Reads dump after dump, and makes points of everything that it has read.

    `interval`, `max_gap`, `metrics`, `threads` and `doors` are as for `points`. With `lateness`, in whole
    seconds, it is live: it may read poll after poll without end. `settle` then returns each point
    once, when it is final, and forgets older samples. A sample that is older by more than
    `lateness` than the newest one of its container is late: it is counted, and changes nothing.

    Any number of threads may use it, one of them at a time. It can be used on after an error and
    after Ctrl-C: what was read stays, and a sample that is read again counts once. A forked child
    process cannot use it. Raises `SettingError` for a value that is not allowed.

    ```python
    pipeline = cmetrics.Pipeline(lateness=10)
    while True:
        pipeline.read(poll())
        for point in pipeline.settle():
            print(point.name, point.start, point.cpu_cores)
    ```
    """

    def __new__(
        cls,
        *,
        interval: int = 5,
        max_gap: int | None = None,
        metrics: _Words | None = None,
        lateness: int | None = None,
        threads: int | None = None,
        doors: _Words | None = None,
    ) -> Pipeline: ...
    def read(
        self,
        sources: _Sources,
        *,
        machine: str | None = None,
        machine_by_folder: bool = False,
        progress: _Listener | None = None,
        on_error: _OnError = "raise",
    ) -> None:
        """Read more: paths, patterns, bytes, open files, or an iterable of these.

        All arguments are as for `points`. An error in an input affects only the damaged part:
        `ReadError` or `DumpError` is raised after everything else was read, the first with all of
        them in its `errors`. With `on_error="warn"` each is a warning, with `"collect"` they are
        only in the pipeline's own `errors`.
        """
    def points(self, container: _Words | None = None) -> Points:
        """Make the points of all that was read.

        `container` selects containers, as for `points`. The points of a live pipeline are
        provisional: those that `settle` has not returned, as they would be if no more samples came.
        Raises `UnknownContainerError`, with the other points in its `points`.
        """
    def settle(self, now: _Instant | None = None) -> Points:
        """Return the points of a live pipeline that became final since the last call.

        `now` is the present time: seconds since the epoch, a `datetime` (one without a zone is in
        UTC) or an ISO 8601 text. Without it, points become final only when newer samples of their
        container come. With it, those of silent containers become final too, and samples that are
        older than the lateness are late from then on. Raises `SettingError` for a pipeline without
        `lateness`.
        """
    @property
    def containers(self) -> list[Container]:
        """The containers that were read and not forgotten, by name."""
    @property
    def errors(self) -> list[Error]:
        """The errors of the inputs, as exceptions: the last 1000."""
    @property
    def summary(self) -> _Summary:
        """How much was read, as a dict of counts.

        `inputs`, those without samples and damaged ones included; `bytes`, unpacked;
        `without_containers`: documents that say that no container runs; `skipped_parts`: those of
        OTLP that are not containers' metrics, by what they are; `errors`; and of a live pipeline
        `late`: samples that came too late, and `forgotten`: containers.
        """

@final
class Recorder:
    """A recorder that takes samples from any thread, and returns each point once, when it is final.

    `interval`, `max_gap` and `metrics` are as for `points`; all times are in whole seconds.
    `lateness`: by how much a sample may be older than the newest one of its container, or than the
    time that was passed to `advance`; by default one interval. Points become final that much later.
    `history`: how long the times of samples are remembered, by which a duplicate is distinguished
    from a late sample. `max_ahead`: by how much a sample may be ahead of the time that was passed
    to `advance`. `most_kept`: the most points that wait to be drained; beyond, the oldest is
    dropped.

    It keeps everything in memory: when it or its process ends, by an exception or otherwise,
    everything is lost that was neither drained nor handed to a store by `keep`. `flush` and then
    `drain` also return the intervals that are not final. See `resume` for a recorder whose samples
    outlast it.

    Threads record and read replies at the same time, with the interpreter released. Drain now and
    then, because points are kept until they are drained. A forked child process cannot use it.
    Raises `SettingError` for a value that is not allowed.

    ```python
    recorder = cmetrics.Recorder(lateness=10)
    source = recorder.source("http://node7:8080/api/v1.3/docker/", machine="node7")
    while True:
        source.ingest(urllib.request.urlopen(source.name).read())
        for point in recorder.drain():
            print(point.name, point.start, point.cpu_cores)
        time.sleep(10)
    ```
    """

    def __new__(
        cls,
        *,
        interval: int = 5,
        max_gap: int | None = None,
        metrics: _Words | None = None,
        lateness: int | None = None,
        history: int | None = None,
        max_ahead: int | None = None,
        most_kept: int | None = None,
    ) -> Recorder: ...
    @staticmethod
    def resume(
        store: Store,
        *,
        history: int | None = None,
        max_ahead: int | None = None,
        most_kept: int | None = None,
    ) -> Recorder:
        """Make a recorder that continues where an earlier one stopped with the same store.

        It knows the raw samples of the store, and returns no points that are final in the store: a
        recorder that is stopped and resumed within the store's lateness misses nothing. Interval,
        longest gap, metrics and lateness are the store's. Hand what is recorded to the store now
        and then, with `keep`.

        Raises `StoreError` if the store cannot be read.
        """
    def source(self, name: str, machine: str | None = None) -> Source:
        """Make a reader of whole replies of one endpoint of a machine.

        `name` is its name in errors. `machine` is the name of the machine: points of cgroups that
        are not containers are then called `machine:/path`, so that machines do not mix. There may
        be any number of sources on any number of threads.
        """
    def record(
        self,
        container: str,
        at: _Instant,
        readings: Mapping[str, int],
        *,
        machine: str | None = None,
    ) -> Literal["accepted", "duplicate", "late", "ahead"]:
        """Record a sample that was made in Python.

        `container` is the name of the container's points, or its cgroup path if it is new. `at` is
        when the sample was taken: seconds since the epoch, a `datetime` or an ISO 8601 text, which
        is read to the nanosecond. `readings` are whole numbers by the names of metrics, in base
        units: counters since the container's start, such as `cpu.usage` in nanoseconds, and gauges,
        such as `memory.usage` in bytes. The function `metrics` lists all.

        Returns `"accepted"`, `"duplicate"`, `"late"` (older than the lateness allows) or `"ahead"`
        (too far ahead of the time that was passed to `advance`). Raises `SettingError` for an
        unknown metric or an invalid reading.

        ```python
        recorder.record("/batch/job-7", time.time(), {"cpu.usage": time.process_time_ns()})
        ```
        """
    def advance(self, now: _Instant) -> None:
        """Set the present time.

        Samples that are older by more than the lateness are late from then on, so that points of
        silent containers become final too, and old containers are forgotten. To correct a wrong
        time, set the right one: points that were returned stay as they are, and samples after them
        are accepted again with the next `seal` or `drain`.
        """
    def seal(self) -> None:
        """Make the points that are final.

        Subscribers get them now, and the next `drain` returns them.
        """
    def drain(self) -> Points:
        """Return all points that are final and that no other call has returned.

        Any number of threads may drain, and each point goes to one of them.
        """
    def flush(self, container: _Words | None = None) -> None:
        """Seal everything that was recorded, final or not.

        The points of open intervals are sealed as they are, and not again: growth that later
        samples add to them goes to `totals["tally"]`. `container` selects containers, as for
        `points`; without it all are flushed. Raises `UnknownContainerError`.
        """
    def snapshot(self, container: _Words | None = None) -> Points:
        """Make the latest points, final or not, without draining them.

        For each container these are the last final point and those of its open intervals.
        `container` selects containers, as for `points`. Raises `UnknownContainerError`.
        """
    def keep(self, store: Store) -> Kept:
        """Hand what was recorded since the last call to a store, as one batch.

        The recorder must come from `resume`. If this fails, nothing is lost, and the next call
        tries again. Returns counts of what happened to the samples. Raises `SettingError` for a
        recorder of another kind, and `StoreError` or `ReadError` if the store cannot be written to.
        """
    def subscribe(self, room: int = 10_000) -> Subscription:
        """Subscribe to copies of all points as they are sealed from now on.

        `room`: the most points that may wait; further ones are missed, and counted.
        """
    @property
    def containers(self) -> list[Container]:
        """The known containers, sorted by name."""
    @property
    def totals(self) -> _Totals:
        """What was counted so far, as a dict.

        `containers` that are known, and how many were `forgotten`; samples that were `accepted`,
        `duplicates`, `late` or too far `ahead`; points that were `sealed`, are still `undrained`,
        or were `dropped`; `tally`: by metric and in its base unit, growth that became known only
        after its point was flushed; and `doors`: by door, a dict of `accepted`, `duplicates`,
        `late`, `ahead` and `tally` of its samples, and of what happened in them, once it is final:
        `restarts`, `gaps`, samples that were `set_aside`, `corrections`, `implausible` samples, and
        `unattributed` growth by metric.
        """

@final
class Source:
    """A reader of whole replies of one endpoint of a machine, from `Recorder.source`.

    Each reply repeats the last minutes; samples that were read before are skipped.

    ```python
    source = recorder.source("node7")
    print(source.ingest(reply).accepted)
    ```
    """

    @property
    def name(self) -> str:
        """Its name in errors."""
    @property
    def machine(self) -> str | None:
        """The machine that its replies come from, if it was named."""
    def ingest(self, reply: Buffer) -> Ingested:
        """Read a reply, plain or packed with gzip or zstd: one or more of cAdvisor's documents.

        `reply` is `bytes`, a `bytearray` or another buffer. An error affects only the damaged part,
        and is in the result's `errors`; nothing is raised. The interpreter is free for other
        threads meanwhile.
        """

@final
class Ingested:
    """The result of ingesting one reply, from `Source.ingest`.

    ```python
    ingested = source.ingest(reply)
    print(ingested.accepted, ingested.errors)
    ```
    """

    @property
    def bytes(self) -> int:
        """Its length in bytes, unpacked."""
    @property
    def accepted(self) -> int:
        """The number of new samples."""
    @property
    def duplicates(self) -> int:
        """The number of samples that were recorded before."""
    @property
    def late(self) -> int:
        """The number of late samples."""
    @property
    def ahead(self) -> int:
        """The number of samples too far ahead of the time that was passed to `advance`."""
    @property
    def never_taken(self) -> int:
        """The number of samples that were never taken: their time is at or before the epoch."""
    @property
    def faulty(self) -> int:
        """The number of samples that were left out because of an invalid value."""
    @property
    def errors(self) -> list[Error]:
        """The errors of the reply, as exceptions: at most the first 1000."""
    @property
    def more_errors(self) -> int:
        """The number of errors in addition to those in `errors`."""

@final
class Subscription:
    """Copies of points as they become final, from `Recorder.subscribe`.

    Iterating over it waits for the next point, and ends when the recorder is gone. Points become
    final when `seal` or `drain` is called.

    ```python
    for point in recorder.subscribe():
        print(point.name, point.start, point.cpu_cores)
    ```
    """

    def get(self, timeout: float | None = None) -> Point | None:
        """Wait for the next point, at most this many seconds.

        Without `timeout` it waits for as long as the recorder lives. Returns `None` if no point
        comes by then. Other threads run meanwhile, and Ctrl-C ends the wait.
        """
    @property
    def missed(self) -> int:
        """The number of points that were missed, because too many were waiting."""
    def __iter__(self) -> Subscription: ...
    def __next__(self) -> Point: ...

@final
class Kept:
    """Counts of what happened to samples that were added to a store.

    From `Store.ingest` and `Recorder.keep`.

    ```python
    print(store.ingest("dumps/").accepted)
    ```
    """

    @property
    def containers(self) -> int:
        """Containers of these samples."""
    @property
    def accepted(self) -> int:
        """New samples."""
    @property
    def duplicates(self) -> int:
        """Samples that are among the store's raw samples already."""
    @property
    def old(self) -> int:
        """Samples older than the lateness before the newest of their container.

        They are a batch of their own, whose points were merged with those of the store.
        """
    @property
    def ahead(self) -> int:
        """Refused samples: more than an hour after the time that was passed to `advance`."""
    @property
    def added(self) -> int:
        """Points that became final, of intervals that had none."""
    @property
    def replaced(self) -> int:
        """Points that replaced a stored one, because more is known of the interval."""
    @property
    def unchanged(self) -> int:
        """Points of intervals whose stored point stays, because at least as much was known."""
    @property
    def refused(self) -> int:
        """Points before the time that is kept, or too far ahead.

        Too far is more than an hour after the time that was passed to `advance`.
        """
    @property
    def unlabelled(self) -> int:
        """Containers with labels of more than 128 KiB, which are not kept. Their samples are."""
    @property
    def partial_edges(self) -> int:
        """First and last points of old samples that are covered only in part."""
    @property
    def errors(self) -> list[Error]:
        """The errors of the inputs, as exceptions."""

@final
class Store:
    """Points in a folder, with the raw samples from which later points are made.

    One process writes, and any number of its threads read and write; other processes may read at
    the same time (`read_only=True`). Samples may be ingested in any order and any number of times:
    dumps that are ingested one by one result in exactly the points of one call over all of them.
    What a call has written is kept once it returns, however the process ends.

    `path` is the folder, which is created if it does not exist. `interval`, `max_gap` and
    `lateness` (by how much a sample may be older than its container's newest one and still be put
    among the raw samples), in whole seconds, are fixed when a store is created: 5, 150 and 180 by
    default; they can be left out later. `metrics` are kept in addition to the documented ones from
    now on; the share of its memory limit that a container used is known if `memory.working_set` is
    among them. `sync` is when written data survive a loss of power: `"always"` before a call
    returns, a number of seconds later (1 by default), or `"os"`: when the operating system writes
    them, usually within half a minute. If only the process ends or is killed, nothing is lost with
    any of these. `despite_damage=True` opens a damaged store; `verify` returns
    what. `wait`: how many seconds to wait for another process that has the store open for writing.

    It is closed at the end of a `with` block, also by an exception; later calls raise
    `RefusedError`. If it is not closed, as when the process is killed, nothing is lost of what
    calls have written: closing makes it survive a loss of power, and the next opening faster. A
    call that did not return is stored as a whole or not at all, and what a `Recorder` recorded
    since its last `keep` is not in the store. Calls in a forked child process also raise
    `RefusedError`. Raises `LockedError`, `DamagedError`, `UnsupportedError`, `ReadError` or
    `SettingError` if it cannot be opened.

    ```python
    with cmetrics.Store("points") as store:
        store.ingest("dumps/")
        for point in store.last("web", 60):
            print(point.start, point.cpu_cores)
    ```
    """

    def __new__(
        cls,
        path: str | PathLike[str],
        *,
        read_only: bool = False,
        interval: int | None = None,
        max_gap: int | None = None,
        lateness: int | None = None,
        metrics: _Words | None = None,
        sync: Literal["always", "os"] | float | None = None,
        despite_damage: bool = False,
        wait: float = 0.0,
    ) -> Store: ...
    def ingest(
        self,
        sources: _Sources,
        *,
        machine: str | None = None,
        machine_by_folder: bool = False,
        strict: bool = False,
        threads: int | None = None,
        progress: _Listener | None = None,
        on_error: _OnError = "raise",
    ) -> Kept:
        """Read dumps, and put their samples into the store.

        `sources`, `machine`, `machine_by_folder`, `threads`, `progress` and `on_error` are as for
        `points`; an exception has the result for the other inputs in its `kept`. Everything is read
        first, and then written as one batch: if Ctrl-C or a full disk ends that, nothing is stored.
        Ingesting samples again does no harm. With `strict=True` nothing is stored if any sample is
        older than the lateness allows and its point is not stored yet: that raises `RefusedError`.

        Returns counts of what happened to the samples. Raises `ReadOnlyError` for a store that was
        opened with `read_only=True`, and `ReadError` if it cannot be written to.
        """
    def append(self, points: Points) -> _Appended:
        """Put points into the store.

        If an interval has a point already, the exact one of both stays; if both or none are exact,
        the one of the greater coverage; else the stored one. If Ctrl-C or a full disk ends the
        call, the points of each container are stored all or not at all.

        Returns a dict of counts: `added`, `replaced`, `unchanged` and `refused` (before the time
        that is kept, or more than an hour after the time that was passed to `advance`). Raises
        `SettingError` for points of another interval than the store's, before anything is written.
        """
    def last(
        self,
        container: _Words | None,
        seconds: int,
        *,
        metrics: _Words | None = None,
        interval: int | None = None,
        all_bearers: bool = False,
        on_error: _OnError = "raise",
        label: dict[str, str] | None = None,
    ) -> Points:
        """Return the last points of a container, including those that are not final.

        These are the points of the last `seconds` before its newest point ends; with `None` in the
        place of a container, those of each container. Everything else is as for `range`.
        """
    def range(
        self,
        container: _Words | None = None,
        start: _Instant | None = None,
        end: _Instant | None = None,
        *,
        metrics: _Words | None = None,
        interval: int | None = None,
        all_bearers: bool = False,
        on_error: _OnError = "raise",
        label: dict[str, str] | None = None,
    ) -> Points:
        """Return the points of a range of time, including those that are not final.

        `container` selects containers by id, the beginning of an id, alias, cgroup path or
        `NAMESPACE/POD/CONTAINER`, and `label` by their labels: a dict of labels and values, all of
        which a container must have; without them all are read. An alias stands for the container that had it last in that time, with
        `all_bearers=True` for all that had it. `start` and `end` select the points whose intervals
        start in `[start, end)`: seconds since the epoch, a `datetime` (one without a zone is in
        UTC) or an ISO 8601 text. With `metrics` points have these metrics in addition to the
        documented ones, if they were kept; without it those that they were made with. `interval`
        rolls points up to a whole multiple of the store's interval, and includes those that overlap
        the range only in part.

        The points have the aliases, limits and events of their containers. Raises
        `UnknownContainerError`, `DamagedError` for what cannot be read (both with the rest in
        `points`; `on_error` is as for `cmetrics.points`) and `SettingError`.

        ```python
        frame = store.range("web", "2026-11-21T12:00:00Z", interval=60).to_polars()
        ```
        """
    def plot(
        self,
        container: _Words | None = None,
        start: _Instant | None = None,
        end: _Instant | None = None,
        *,
        label: dict[str, str] | None = None,
        **options: object,
    ) -> Any:
        """Draw the points of a range of time: `range(...).plot(**options)`."""
    def containers(self, *, label: dict[str, str] | None = None) -> list[Container]:
        """List the containers that the store has data of, sorted by name.

        With `label`, a dict of labels and values, only those that have all of them.
        """
    def events(
        self,
        start: _Instant | None = None,
        end: _Instant | None = None,
        *,
        every_door: bool = False,
    ) -> list[Event]:
        """List the events in `[start, end)`, sorted by container and time.

        These are restarts, gaps, growth across them that belongs to no interval, impossible CPU
        readings, and changes of limits and labels. `start` and `end` are as for `range`. Of a
        container that was read by several doors they are those of the highest, with
        `every_door=True` those of each.
        """
    def retain(
        self,
        *,
        age: int | None = None,
        points: int | None = None,
        since: _Instant | None = None,
        now: _Instant | None = None,
    ) -> _Retained:
        """Drop old points.

        Either `age`: keep what ends in the last so many seconds before `now` (by default the time
        of this machine's clock); or `points`: keep at least this many of the newest points, because
        whole segments are dropped; or `since`: keep what ends after this time. Dropped points are
        not returned any more, and are refused if they are added again, until an earlier `since` is
        set.

        Returns a dict: how many `segments` were dropped, the `points` in them, and `floor`: points
        that end at or before this second are not returned. Raises `SettingError` unless exactly one
        of the three is given, and `RefusedError` if the time would drop everything that is stored.
        """
    def remove(
        self, container: str, start: _Instant | None = None, end: _Instant | None = None
    ) -> _Removed:
        """Remove wrong points, events and samples of a container in `[start, end)`.

        `start` and `end` are as for `range`; whole intervals are removed. This cannot be undone,
        though an earlier snapshot still has them. Later samples are ingested as if the removed ones
        had never been there: so a sample with a time in the future, from a wrong clock, no longer
        makes all others old.

        Returns a dict: the `container`'s name, and how many `points` and `events` were removed.
        Raises `UnknownContainerError` unless the name matches exactly one container.
        """
    def compact(self) -> None:
        """Merge everything stored into one segment, which takes less space and reads faster."""
    def verify(self) -> list[Error]:
        """Read everything, and return all damage, as exceptions with file and offset."""
    @staticmethod
    def salvage(
        path: str | PathLike[str], to: str | PathLike[str], *, superseded: bool = False
    ) -> _Salvaged:
        """Make a new store of everything that can be read of a damaged one, which stays as it is.

        Points that were replaced by others that cannot be read come back only with
        `superseded=True`. Returns a dict: how many `points` of how many `containers` are saved, and
        `lost`: what could not be read, as exceptions. Raises `ReadError` if `to` exists already, or
        cannot be written.
        """
    @property
    def stats(self) -> _StoreStats:
        """The contents and the size of the store, as a dict.

        It is cheap enough to be read every second. `containers` whose names are known (some may
        have no points any more); points in segments (`sealed_points`) and in the log
        (`recent_points`); `segments`; bytes of these (`sealed_bytes`), of the logs (`log_bytes`)
        and in memory (`memory_bytes`); `torn_bytes` that were being written when a writer was
        stopped; bytes that were written since the store was opened (`logged_bytes`,
        `segment_bytes`); `refused` points since then; `floor`: points that end at or before this
        second are dropped; `since`: the second from which on each metric is kept; and `trouble`:
        the last error of the background thread, or `None`.
        """
    def count_provisional(self) -> int:
        """Count the points that are not final yet.

        They are made of raw samples whenever they are read, also for this count: it takes a while
        if there are many containers.
        """
    @property
    def settings(self) -> _StoreSettings:
        """The settings of the store, as a dict.

        `interval`, `max_gap` and `lateness`, in seconds, and the names of `metrics`.
        """
    def snapshot(self, to: str | PathLike[str]) -> None:
        """Copy the store as it is into a new folder, also while it is written to.

        On the same file system the copy takes hardly any space. Raises `ReadError` if `to` exists
        already, or cannot be written.
        """
    def refresh(self) -> None:
        """Read what another process has written since.

        This is for a store that was opened with `read_only=True`; another sees everything anyway.
        Other threads may use the store meanwhile: each call sees the whole store as it was before
        or as it is after.
        """
    def sync(self) -> None:
        """Make everything that was written survive a loss of power."""
    def advance(self, now: _Instant) -> None:
        """Set the present time.

        Points that begin more than an hour later, and samples of such times, are refused from then
        on. To correct a wrong time, set the right one.
        """
    def close(self) -> None:
        """Close the store once no other thread uses it.

        What was written survives a loss of power then. It may take up to about a second, because
        what is in memory is prepared for the next opening. Closing it again does nothing.
        """
    @property
    def closed(self) -> bool:
        """Whether it is closed."""
    @property
    def path(self) -> Path:
        """The store's folder."""
    def __enter__(self) -> Store: ...
    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        exception: BaseException | None = None,
        traceback: TracebackType | None = None,
        /,
    ) -> None: ...

class Error(Exception):
    """What cmetrics raises."""

    kind: str
    """`io`, `disk_full`, `permission`, `packed`, `json`, `too_large`, `value`, `not_a_dump`,
    `no_samples`, `setting`, `unknown_container`, `ambiguous_container`, `damaged`, `locked`,
    `unsupported`, `read_only`, `refused`, `cancelled` or `other`."""
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
    inspections: list[Inspection]
    """Of `inspect`: what could be looked through all the same."""
    kept: Kept
    """Of `Store.ingest`: what was kept all the same."""

class DumpError(Error, ValueError):
    """An input that is not a dump, or is damaged."""

class ReadError(Error, OSError):
    """A file or folder is missing, or cannot be read or written; `errno` says why."""

class DiskFullError(ReadError):
    """There is no space left on the disk, or in the user's quota."""

class NotPermittedError(ReadError, PermissionError):
    """The system does not permit a file or folder to be read or written."""

class SettingError(Error, ValueError):
    """An argument has a value that is not allowed."""

class UnknownContainerError(Error, LookupError):
    """A name matches no container, or more than one."""

    candidates: list[str]
    """The containers that may have been meant."""

class StoreError(Error):
    """A call on a store failed."""

class DamagedError(StoreError, ValueError):
    """A file of a store does not contain what was written to it."""

class LockedError(StoreError, OSError):
    """Another process has the store open for writing."""

class UnsupportedError(StoreError):
    """The store was written by a newer release of cmetrics."""

class RefusedError(StoreError, ValueError):
    """The operation is not possible with this store, or with these samples."""

class ReadOnlyError(RefusedError):
    """A write to a store that was opened with `read_only=True`."""

class InputWarning(UserWarning):
    """Something is wrong with an input; see `on_error` of `points`."""
