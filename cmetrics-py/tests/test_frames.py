"""Points as data frames and arrays: the same numbers, typed, with nulls as nulls."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import cmetrics
from dumps import expected, recorded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
pyarrow = pytest.importorskip("pyarrow")
numpy = pytest.importorskip("numpy")

METRICS = ["memory.working_set", "network.tx_bytes", "network.tx_dropped"]
RATES = [
    "cpu.cores",
    "network.tx_bytes_per_second",
    "network.rx_bytes_per_second",
    "diskio.read_bytes_per_second",
    "diskio.written_bytes_per_second",
]


@pytest.fixture(scope="module")
def points() -> cmetrics.Points:
    return cmetrics.points(recorded("steady-1s", "v1.3-docker", "v1.2-docker"), metrics=METRICS)


def made(*growths: int | None) -> cmetrics.Points:
    """Points of one container whose CPU time grew so much."""
    shape = cmetrics.points(recorded("steady-1s", "v1.3-docker"))[0].to_dict()
    dicts = []
    for place, growth in enumerate(growths):
        dicts.append(json.loads(json.dumps(shape)))
        dicts[-1].update(start=5 * place, end=5 * place + 5)
        dicts[-1]["cpu"]["usage"] = growth
    return cmetrics.from_json(json.dumps(dicts))


def at(point: dict[str, Any], field: str) -> Any:
    """What stands in the documented point under a dotted name."""
    if field in point:
        return point[field]
    for key, metric in point.get("metrics", {}).items():
        if field == key:
            return metric
        if field.startswith(key + ".") and isinstance(metric, dict):
            return metric[field[len(key) + 1 :]]
    for key in field.split("."):
        point = point[key]
    return point


def same(found: object, wanted: object) -> bool:
    if isinstance(found, float) and isinstance(wanted, (int, float)):
        return math.isclose(found, wanted, rel_tol=1e-12)
    return found == wanted


def test_a_polars_frame_has_the_points_own_columns_types_and_values(
    points: cmetrics.Points,
) -> None:
    frame = polars.DataFrame(points)
    assert frame.columns == points.fields
    assert frame.height == len(points)
    time = polars.Datetime("us", "UTC")
    for field, dtype in zip(frame.columns, frame.dtypes):
        whole = points.units.get(field) in {"ns", "count", "bytes"} and "." in field
        gauge = field.endswith((".ave", ".min", ".max"))
        wanted = {"name": polars.String, "start": time, "end": time}.get(
            field, polars.Int64 if whole and not gauge else polars.Float64
        )
        assert dtype == wanted, field
    for field in points.fields[3:]:
        values = frame[field].to_list()
        assert all(
            same(value, at(point, field)) for value, point in zip(values, points.to_dicts())
        ), field
    assert frame["name"].to_list() == [point.name for point in points]
    assert frame["start"].dt.epoch("s").to_list() == [point.start for point in points]


def test_every_library_sees_the_same_table(points: cmetrics.Points) -> None:
    table = pyarrow.table(points)
    assert table.column_names == points.fields
    rows = table.to_pylist()
    assert rows == polars.DataFrame(points).to_dicts()
    assert rows == points.to_arrow().to_pylist() == points.to_polars().to_dicts()
    frame = points.to_pandas()
    for field in points.fields:
        column: list[Any] = [
            None if value is pandas.NA else value for value in frame[field].tolist()
        ]
        wanted = [row[field] for row in rows]
        if frame[field].dtype == "float64":
            column = [None if math.isnan(value) else value for value in column]
        assert column == wanted, field


def test_duckdb_reads_points_by_the_name_of_a_variable(points: cmetrics.Points) -> None:
    duckdb = pytest.importorskip("duckdb")
    here = points
    found = duckdb.sql('select name, sum("cpu.usage")::bigint from here group by name')
    totals: dict[str, int] = {}
    for point in here:
        totals[point.name] = totals.get(point.name, 0) + (point.cpu_usage or 0)
    assert dict(found.fetchall()) == totals


def test_pandas_integers_with_nulls_stay_integers(points: cmetrics.Points) -> None:
    dtypes = points.to_pandas().dtypes
    assert dtypes["cpu.usage"] == "int64"
    assert dtypes["diskio.async"] == "Int64"
    assert dtypes["memory.ave"] == "float64"
    assert str(dtypes["start"]) == "datetime64[us, UTC]" or str(dtypes["start"]).endswith("UTC]")


def test_pandas_needs_no_pyarrow() -> None:
    program = """
import sys
sys.modules["pyarrow"] = None
import cmetrics
points = cmetrics.points(sys.argv[1])
assert len(points.to_pandas(rates=True)) == len(points) > 0
"""
    path = recorded("steady-1s", "v1.3-docker")[0]
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)  # noqa: S603


def test_a_frame_can_be_written_to(points: cmetrics.Points) -> None:
    frame = points.to_pandas()
    before = points[0].cpu_usage
    frame.loc[0, "cpu.usage"] = 0
    assert points[0].cpu_usage == before


def test_points_are_no_sequence_to_polars(points: cmetrics.Points) -> None:
    from collections.abc import Sequence  # noqa: PLC0415

    assert not issubclass(cmetrics.Points, Sequence)
    assert polars.Object not in polars.DataFrame(points).dtypes


def test_rates_are_added_when_they_are_asked_for(points: cmetrics.Points) -> None:
    frame = points.to_polars(rates=True)
    assert frame.columns == points.fields + RATES
    assert frame["cpu.cores"].to_list() == [point.cpu_cores for point in points]
    sent = [point.tx_bytes_per_second for point in points]
    assert frame["network.tx_bytes_per_second"].to_list() == sent
    assert points.units["cpu.cores"] == "cores"
    over = points.to_list("rate_seconds")
    assert over == [point.rate_seconds for point in points]
    assert points.to_polars(fields=["rate_seconds"])["rate_seconds"].to_list() == over
    assert points.units["rate_seconds"] == "s"


def test_what_is_known_of_containers_can_be_columns(points: cmetrics.Points) -> None:
    fields = ["name", "alias", "image", "machine", "samples", "coverage", "of_limit.memory"]
    frame = points.to_polars(fields=fields)
    assert frame.columns == fields
    aliases = {one.name: one.aliases[0] if one.aliases else None for one in points.containers}
    assert frame["alias"].to_list() == [aliases[point.name] for point in points]
    assert "cpuhog" in frame["alias"].to_list()
    assert frame["samples"].to_list() == [point.samples for point in points]
    assert frame["coverage"].to_list() == [point.coverage for point in points]
    assert frame["of_limit.memory"].to_list() == [point.of_limit["memory"] for point in points]
    assert frame["machine"].null_count() == len(points)


@pytest.mark.parametrize("texts", ["utf8", "dictionary", "view"])
def test_names_come_as_text_dictionary_or_view(points: cmetrics.Points, texts: Any) -> None:
    if texts == "view" and int(pyarrow.__version__.split(".")[0]) < 16:
        pytest.skip("this pyarrow has no views")
    chosen = points.select(texts=texts, fields=["name", "alias"])
    kind = {"utf8": "string", "dictionary": "dictionary", "view": "string_view"}[texts]
    table = pyarrow.table(chosen)
    assert str(table.schema.field("name").type).startswith(kind)
    names = table["name"].to_pylist()
    assert names == [point.name for point in points]
    assert table["alias"].to_pylist() == chosen.to_list("alias")


def test_numbers_are_lent_and_not_copied(points: cmetrics.Points) -> None:
    view = points.to_numpy("cpu.usage")
    assert not view.flags.writeable
    assert not view.flags.owndata
    column = pyarrow.table(points)["cpu.usage"].chunk(0)
    assert column.buffers()[1].address == view.__array_interface__["data"][0]
    again = pyarrow.table(points)["cpu.usage"].chunk(0)
    assert again.buffers()[1].address == column.buffers()[1].address
    lent = points[3:9].to_numpy("cpu.usage")
    assert lent.__array_interface__["data"][0] == view[3:].__array_interface__["data"][0]
    one = points.select(points.containers[-1].name)
    assert numpy.shares_memory(one.to_numpy("memory.ave"), points.to_numpy("memory.ave"))


def test_a_view_outlives_the_points() -> None:
    path = recorded("steady-1s", "v1.3-docker")[0]
    values = cmetrics.points(path).to_numpy("end")
    assert not values.flags.owndata
    assert values.astype("int64").tolist() == [
        point.end * 1_000_000 for point in cmetrics.points(path)
    ]


def test_arrays_say_what_is_not_there() -> None:
    points = made(3, None, 2**53 + 1)
    values = points.to_numpy("cpu.usage")
    assert values.dtype == "float64"
    assert math.isnan(values[1])
    masked = points.to_numpy("cpu.usage", mask=True)
    assert masked.dtype == "int64"
    assert masked.tolist() == [3, None, 2**53 + 1]
    assert points.to_numpy("start").tolist()[1].second == 5
    assert points.to_numpy("name").tolist() == points.to_list("name")
    assert points.to_numpy("cpu.cores").shape == (3,)


def test_a_growth_beyond_63_bits_is_null_and_an_event() -> None:
    points = made(1, 2**63, 2**63 - 1)
    assert polars.DataFrame(points)["cpu.usage"].to_list() == [1, None, 2**63 - 1]
    assert points.to_pandas()["cpu.usage"].isna().tolist() == [False, True, False]
    assert [point.cpu_usage for point in points] == [1, 2**63, 2**63 - 1]
    (event,) = [event for event in points.events if event.kind == "too_large"]
    assert (event.metric, event.growth, event.at) == ("cpu.usage", 2**63, 5.0)


def test_units_are_told_and_stand_in_the_metadata(points: cmetrics.Points) -> None:
    schema = pyarrow.table(points).schema
    for field in points.fields[3:]:
        assert schema.field(field).metadata[b"unit"].decode() == points.units[field], field
    assert points.units["memory.ave"] == "KiB"
    assert points.units["memory.working_set.ave"] == "bytes"
    assert points.units["cpu.usage"] == "ns"


def test_a_metric_that_is_documented_in_its_unit_is_one_column(points: cmetrics.Points) -> None:
    assert points.fields.count("network.tx_drops") == 1
    assert "network.tx_dropped" not in points.fields
    assert {"network.tx_kb", "network.tx_bytes"} < set(points.fields)


def test_a_stream_is_new_at_each_call_and_the_schema_is_there(points: cmetrics.Points) -> None:
    first, second = points.__arrow_c_stream__(), points.__arrow_c_stream__(None)
    assert first is not second
    schema = points.__arrow_c_schema__()
    assert "arrow_schema" in repr(schema)


def test_no_points_are_an_empty_table_with_all_columns() -> None:
    none = cmetrics.points([])
    assert polars.DataFrame(none).shape == (0, len(none.fields))
    assert pyarrow.table(none).num_rows == 0
    assert none.to_pandas().shape == (0, len(none.fields))
    assert none.to_numpy("cpu.usage").tolist() == []


def test_frames_are_read_back(points: cmetrics.Points) -> None:
    plain = cmetrics.points(recorded("steady-1s", "v1.3-docker"), metrics=["memory.working_set"])
    tables = [plain.to_arrow(), plain.to_arrow(texts="dictionary")]
    for frame in (plain, plain.to_polars(), *tables):
        assert cmetrics.from_arrow(frame).to_dicts() == plain.to_dicts()
    assert cmetrics.from_json(plain.to_json() or "").to_dicts() == plain.to_dicts()
    lines = "\n".join(json.dumps(point) for point in plain.to_dicts())
    assert cmetrics.from_json(lines.encode()).to_dicts() == plain.to_dicts()
    assert cmetrics.from_json("[]") == cmetrics.points([])
    some = cmetrics.from_arrow(points.to_polars().select("name", "start", "end", "cpu.usage"))
    assert [point.cpu_usage for point in some] == [point.cpu_usage for point in points]
    assert some[0].memory is None


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"start": [0], "end": [5]}, 'no column "name"'),
        ({"name": ["/"], "start": [5], "end": [12]}, "row 0: start and end are no interval"),
        ({"name": [None], "start": [0], "end": [5]}, "row 0: the name is null|expected texts"),
        ({"name": [1], "start": [0], "end": [5]}, "expected texts"),
        ({"name": ["/"], "start": [0.5], "end": [5]}, "expected times"),
        ({"name": ["/"], "start": [0], "end": [5], "cpu.usage": [1.5]}, "cpu.usage"),
        ({"name": ["/"], "start": [0], "end": [5], "cpu.usage": ["x"]}, "expected numbers"),
        ({"name": ["/"], "start": [0], "end": [5], "cpu.usage": [-1]}, "cpu.usage"),
    ],
)
def test_a_frame_that_holds_no_points_is_refused(
    columns: dict[str, list[Any]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        cmetrics.from_arrow(pyarrow.table(columns))


def test_what_is_no_frame_is_refused() -> None:
    nothing: Any = [1, 2]
    with pytest.raises(TypeError, match="expected an object with an Arrow stream, not list"):
        cmetrics.from_arrow(nothing)
    with pytest.raises(cmetrics.SettingError, match=r"no points: .*line 1 column"):
        cmetrics.from_json('[{"name": 1}]')


def test_parquet_files_are_read_back(points: cmetrics.Points, tmp_path: Path) -> None:
    path = tmp_path / "points.parquet"
    points.to_parquet(path, rates=True)
    frame = polars.read_parquet(path)
    assert frame.equals(points.to_polars(rates=True))
    assert cmetrics.from_arrow(frame).to_list("cpu.usage") == points.to_list("cpu.usage")


def test_a_missing_library_is_named(
    points: cmetrics.Points, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pandas", "polars", "pyarrow", "pyarrow.parquet", "numpy"):
        monkeypatch.setitem(sys.modules, name, None)
    converters: list[tuple[Callable[[], object], str]] = [
        (points.to_pandas, "pandas"),
        (points.to_polars, "polars"),
        (points.to_arrow, "pyarrow"),
        (lambda: points.to_parquet(tmp_path / "x"), "polars"),
        (lambda: points.to_numpy("start"), "numpy"),
    ]
    for convert, library in converters:
        with pytest.raises(ImportError, match=f"pip install {library}") as raised:
            convert()
        assert raised.value.name == library


def test_importing_the_package_imports_nothing_of_others() -> None:
    program = "import sys, cmetrics; print(sorted({name.split('.')[0] for name in sys.modules}))"
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    for name in ("numpy", "pandas", "polars", "pyarrow", "matplotlib", "duckdb"):
        assert f"'{name}'" not in said.stdout


def test_the_frame_of_recorded_dumps_is_what_is_expected() -> None:
    wanted = expected("steady-1s.v1.3-docker.json.gz")
    frame = polars.DataFrame(cmetrics.points(recorded("steady-1s", "v1.3-docker")))
    assert frame.height == len(wanted)
    for field in frame.columns[3:]:
        pairs = zip(frame[field].to_list(), (at(point, field) for point in wanted))
        assert all(same(value, want) for value, want in pairs), field
