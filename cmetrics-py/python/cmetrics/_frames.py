"""Points as arrays and data frames of the libraries that are there."""

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
    """Give the values of a field as an array: see `Points.to_numpy`."""
    numpy = _library("numpy", "to_numpy")
    if field in ("name", "alias", "image", "machine"):
        return numpy.array(points.to_list(field), dtype=object)
    column = points._column(field)  # noqa: SLF001 # made for this
    values = numpy.asarray(column)
    valid = None if column.valid is None else numpy.asarray(column.valid)
    if mask:
        return numpy.ma.masked_array(values, mask=False if valid is None else ~valid)
    if valid is None:
        return values
    values = values.astype(values.dtype if values.dtype.kind == "M" else "float64")
    values[~valid] = numpy.datetime64("NaT") if values.dtype.kind == "M" else numpy.nan
    return values


def to_pandas(
    points: Points, *, fields: str | Iterable[str] | None = None, rates: bool = False
) -> pandas.DataFrame:
    """Give the points as a data frame: see `Points.to_pandas`."""
    pandas = _library("pandas", "to_pandas")
    chosen = _chosen(points, fields=fields, rates=rates)
    return pandas.DataFrame({field: _series(pandas, chosen, field) for field in chosen.fields})


def _series(pandas: Any, points: Points, field: str) -> Any:
    if field in ("name", "alias", "image", "machine"):
        return pandas.Series(points.to_list(field), dtype=object)
    values = to_numpy(points, field=field, mask=True)
    # Copies: what a view shows may not be written to, and a data frame should let one do that.
    if values.dtype.kind == "i" and values.mask.any():
        return pandas.Series(pandas.arrays.IntegerArray(values.data.copy(), values.mask))
    series = pandas.Series(to_numpy(points, field=field).copy())
    return series.dt.tz_localize("UTC") if values.dtype.kind == "M" else series


def to_polars(
    points: Points,
    *,
    fields: str | Iterable[str] | None = None,
    rates: bool = False,
    texts: Literal["utf8", "dictionary", "view"] | None = None,
) -> polars.DataFrame:
    """Give the points as a data frame: see `Points.to_polars`."""
    polars = _library("polars", "to_polars")
    return polars.DataFrame(_chosen(points, fields=fields, rates=rates, texts=texts))


def to_arrow(
    points: Points,
    *,
    fields: str | Iterable[str] | None = None,
    rates: bool = False,
    texts: Literal["utf8", "dictionary", "view"] | None = None,
) -> pyarrow.Table:
    """Give the points as a table: see `Points.to_arrow`."""
    pyarrow = _library("pyarrow", "to_arrow")
    return pyarrow.table(_chosen(points, fields=fields, rates=rates, texts=texts))


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
