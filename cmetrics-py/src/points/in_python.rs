//! Methods of points that are implemented in Python modules, which are imported on the first call.

use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict, PyString};

use super::PyPoints;
use super::field::Texts;

/// Calls a function of one of the package's modules with these points. Options that are `None` are
/// left out.
fn call<'py>(
    points: &Bound<'py, PyPoints>,
    module: &str,
    function: &str,
    options: &[(&str, Option<&Bound<'py, PyAny>>)],
) -> PyResult<Bound<'py, PyAny>> {
    let given = options.iter().filter_map(|(name, value)| value.map(|value| (*name, value)));
    let options: Bound<'_, PyDict> = given.into_py_dict(points.py())?;
    points.py().import(module)?.getattr(function)?.call((points,), Some(&options))
}

const FRAMES: &str = "cmetrics._frames";

#[pymethods]
impl PyPoints {
    /// The points as a pandas data frame; pyarrow is not needed.
    ///
    /// Counters are `int64`, or `Int64` where there are nulls; all else is `float64`; times are in
    /// UTC. `fields` and `rates` are as in `select`. Raises `ImportError` without pandas.
    #[pyo3(signature = (*, fields=None, rates=None))]
    fn to_pandas<'py>(
        this: &Bound<'py, Self>,
        fields: Option<&Bound<'py, PyAny>>,
        rates: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        call(this, FRAMES, "to_pandas", &[("fields", fields), ("rates", rates)])
    }

    /// The points as a polars data frame, without a copy of their numbers.
    ///
    /// `fields`, `rates` and `texts` are as in `select`, but texts are views unless said otherwise,
    /// as polars holds them. Raises `ImportError` without polars.
    #[pyo3(signature = (*, fields=None, rates=None, texts=None))]
    fn to_polars<'py>(
        this: &Bound<'py, Self>,
        fields: Option<&Bound<'py, PyAny>>,
        rates: Option<&Bound<'py, PyAny>>,
        texts: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        // The type of texts in polars, which it takes without a copy.
        let view = PyString::intern(this.py(), "view");
        let texts = texts.or((this.get().texts == Texts::Utf8).then_some(view.as_any()));
        let options = [("fields", fields), ("rates", rates), ("texts", texts)];
        call(this, FRAMES, "to_polars", &options)
    }

    /// The points as a pyarrow table, without a copy of their numbers.
    ///
    /// `fields`, `rates` and `texts` are as in `select`; a column's unit stands in the metadata of
    /// its field. Raises `ImportError` without pyarrow.
    #[pyo3(signature = (*, fields=None, rates=None, texts=None))]
    fn to_arrow<'py>(
        this: &Bound<'py, Self>,
        fields: Option<&Bound<'py, PyAny>>,
        rates: Option<&Bound<'py, PyAny>>,
        texts: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = [("fields", fields), ("rates", rates), ("texts", texts)];
        call(this, FRAMES, "to_arrow", &options)
    }

    /// The values of a field as a NumPy array.
    ///
    /// If every point has a value, it is a read-only view of the points' own numbers; else a copy,
    /// with "not a number" (for times, `NaT`) for what was not measured. With `mask=True` it is a
    /// masked array, in which counts stay exact integers. Names are an array of `str`. Raises
    /// `ImportError` without NumPy and `SettingError` for an unknown field.
    #[pyo3(signature = (field, *, mask=None))]
    fn to_numpy<'py>(
        this: &Bound<'py, Self>,
        field: &Bound<'py, PyAny>,
        mask: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        call(this, FRAMES, "to_numpy", &[("field", Some(field)), ("mask", mask)])
    }

    /// Writes the points as a Parquet file, by pyarrow or polars, whichever is installed.
    ///
    /// `fields` and `rates` are as in `select`. Raises `ImportError` without either.
    #[pyo3(signature = (path, *, fields=None, rates=None))]
    fn to_parquet<'py>(
        this: &Bound<'py, Self>,
        path: &Bound<'py, PyAny>,
        fields: Option<&Bound<'py, PyAny>>,
        rates: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = [("path", Some(path)), ("fields", fields), ("rates", rates)];
        call(this, FRAMES, "to_parquet", &options)
    }

    /// Draws CPU, memory, network and disks over time: a line a container.
    ///
    /// Lines break at gaps, restarts are marked, limits are dashed lines, and the throttled share
    /// is shaded if its metrics were selected. Times are in UTC. With more than `top` containers,
    /// those that used most of all CPU time or memory have lines, and the others are a band from
    /// the least to the greatest. Cgroups that are not containers are left out if there are
    /// containers: they include what these use.
    ///
    /// `kind="matplotlib"` returns a `matplotlib.figure.Figure`, which a notebook shows once;
    /// `kind="html"` returns an interactive page in one file that needs no network, with
    /// `save(path)` and `str()`. With `path` it is also written there. Raises `ImportError` without
    /// matplotlib, and `ValueError` for another `kind` or `top`.
    #[pyo3(signature = (kind=None, *, path=None, title=None, top=None))]
    fn plot<'py>(
        this: &Bound<'py, Self>,
        kind: Option<&Bound<'py, PyAny>>,
        path: Option<&Bound<'py, PyAny>>,
        title: Option<&Bound<'py, PyAny>>,
        top: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = [("kind", kind), ("path", path), ("title", title), ("top", top)];
        call(this, "cmetrics._plot", "plot", &options)
    }

    /// The points as a table of a notebook: the first and the last of them.
    fn _repr_html_<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        call(this, "cmetrics._show", "html", &[])
    }
}
