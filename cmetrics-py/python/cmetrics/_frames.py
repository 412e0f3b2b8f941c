"""Points as arrays and data frames of other libraries."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy
    import pandas
    import polars
    import pyarrow

    from cmetrics._cmetrics import Points


_TEXTS = ("name", "alias", "image", "machine")


def _library(name: str, wanted_for: str) -> Any:
    """Import a library that the package does not depend on."""
    try:
        return importlib.import_module(name)
    except ImportError as missing:
        message = f"{wanted_for} needs {name}: pip install {name}"
        raise ImportError(message, name=name) from missing


def _chosen(
    points: Points,
    *,
    fields: str | Iterable[str] | None,
    rates: bool,
    texts: Literal["utf8", "dictionary", "view"] | None = None,
) -> Points:
    if fields is None and not rates and texts is None:
        return points
    return points.select(fields=fields, rates=rates, texts=texts)


def to_numpy(points: Points, *, field: str, mask: bool = False) -> numpy.ndarray[Any, Any]:
    """Return the values of a field as an array: see `Points.to_numpy`."""
    numpy = _library("numpy", "to_numpy")
    if field in _TEXTS:
        return _array(numpy.array(points.to_list(field), dtype=object))
    masked = _masked(points, field)
    if mask:
        return _array(masked)
    return _array(_plain(numpy, masked))


def _plain(numpy: Any, masked: Any) -> Any:
    """Return the values with "not a number" or "not a time" in the place of missing ones."""
    if not masked.mask.any():
        return masked.data
    is_time = masked.dtype.kind == "M"
    values = masked.data.astype(masked.dtype if is_time else "float64")
    values[masked.mask] = numpy.datetime64("NaT") if is_time else numpy.nan
    return values


def _array(array: Any) -> numpy.ndarray[Any, Any]:
    given: numpy.ndarray[Any, Any] = array
    return given


def _masked(points: Points, field: str) -> Any:
    """Return the values of a field, without a copy if possible, and a mask of missing ones."""
    numpy = _library("numpy", "to_numpy")
    column = points._column(field)  # noqa: SLF001 # made for this
    mask = numpy.zeros(len(points), bool) if column.valid is None else ~numpy.asarray(column.valid)
    return numpy.ma.masked_array(numpy.asarray(column), mask=mask)


def to_pandas(
    points: Points, *, fields: str | Iterable[str] | None = None, rates: bool = False
) -> pandas.DataFrame:
    """Return the points as a data frame: see `Points.to_pandas`."""
    library = _library("pandas", "to_pandas")
    chosen = _chosen(points, fields=fields, rates=rates)
    columns = {field: _series(library, chosen, field) for field in chosen.fields}
    frame: pandas.DataFrame = library.DataFrame(columns)
    return frame


def _series(pandas: Any, points: Points, field: str) -> Any:
    """Return a column. It is a copy, because a view of the points' numbers is read-only."""
    if field in _TEXTS:
        return pandas.Series(points.to_list(field), dtype=object)
    values = _masked(points, field)
    if values.dtype.kind == "i" and values.mask.any():
        return pandas.Series(pandas.arrays.IntegerArray(values.data.copy(), values.mask))
    series = pandas.Series(_plain(_library("numpy", "to_pandas"), values).copy())
    return series.dt.tz_localize("UTC") if values.dtype.kind == "M" else series


def to_polars(
    points: Points,
    *,
    fields: str | Iterable[str] | None = None,
    rates: bool = False,
    texts: Literal["utf8", "dictionary", "view"] | None = None,
) -> polars.DataFrame:
    """Return the points as a data frame: see `Points.to_polars`."""
    library = _library("polars", "to_polars")
    frame: polars.DataFrame = library.DataFrame(
        _chosen(points, fields=fields, rates=rates, texts=texts)
    )
    return frame


def to_arrow(
    points: Points,
    *,
    fields: str | Iterable[str] | None = None,
    rates: bool = False,
    texts: Literal["utf8", "dictionary", "view"] | None = None,
) -> pyarrow.Table:
    """Return the points as a table: see `Points.to_arrow`."""
    return _library("pyarrow", "to_arrow").table(
        _chosen(points, fields=fields, rates=rates, texts=texts)
    )


def to_parquet(
    points: Points,
    *,
    path: str | os.PathLike[str],
    fields: str | Iterable[str] | None = None,
    rates: bool = False,
) -> None:
    """Write the points to a file: see `Points.to_parquet`."""
    chosen = _chosen(points, fields=fields, rates=rates)
    try:
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError:
        _library("polars", "to_parquet").DataFrame(chosen).write_parquet(path)
    else:
        parquet.write_table(_library("pyarrow", "to_parquet").table(chosen), os.fspath(path))
