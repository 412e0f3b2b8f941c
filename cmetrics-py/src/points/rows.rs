//! Points as flat rows under the names of other tools, in the same bytes as the command's output.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cmetrics_cli::RowFormat;
use cmetrics_core::names::{GaugeFigure, NameOptions, Names, Naming, Subject, Temporality};
use pyo3::prelude::*;

use super::PyPoints;
use super::text::written;
use crate::{arguments, error};

#[pymethods]
impl PyPoints {
    /// The points as flat rows under the names of another tool, one for each figure.
    ///
    /// `names` is `prometheus`, `heapster` or `otel`. `format` is `prometheus` or `openmetrics` for
    /// Prometheus' names, `otlp` for OpenTelemetry's, and `ndjson`, `json` or `csv` for any; the
    /// names' own by default. It is text, or is written to the file at `path`, which is whole or
    /// not there. These are the bytes of `cmetrics points --names`, whose page of names says what
    /// they mean.
    ///
    /// `gauge` is the figure of gauges: `ave`, `min` or `max`, or for Prometheus' names several.
    /// `since` is the time at which sums are 0, and before which there are no rows. `temporality`
    /// is `delta` or `cumulative`, for OpenTelemetry's names. For Heapster's, `allocatable_cpu`, in
    /// cores, and `allocatable_memory`, in bytes, are what Kubernetes may allocate on the machine,
    /// and `requests_from_shares=True` estimates CPU requests. Raises `SettingError` where these do
    /// not go together, and `OSError` where the file cannot be written.
    #[pyo3(signature = (
        path=None, *, names, format=None, gauge=None, since=None, temporality=None,
        allocatable_cpu=None, allocatable_memory=None, requests_from_shares=false
    ))]
    #[expect(clippy::too_many_arguments, reason = "by keyword")]
    fn to_rows(
        &self,
        py: Python<'_>,
        path: Option<PathBuf>,
        names: &str,
        format: Option<&str>,
        gauge: Option<&Bound<'_, PyAny>>,
        since: Option<&Bound<'_, PyAny>>,
        temporality: Option<&str>,
        allocatable_cpu: Option<f64>,
        allocatable_memory: Option<u64>,
        requests_from_shares: bool,
    ) -> PyResult<Option<String>> {
        let naming = naming(py, names)?;
        let format = row_format(py, naming, format)?;
        let mut options = NameOptions::default();
        options.gauges = gauges(py, gauge)?;
        let micros = since.map(|since| arguments::micros("since", since)).transpose()?;
        options.since = micros.map(second);
        options.temporality = temporality.map(|word| of_word(py, word)).transpose()?;
        options.allocatable_cpu = allocatable_cpu;
        options.allocatable_memory = allocatable_memory;
        options.requests_from_shares = requests_from_shares;
        let names = Names::new(naming, options).map_err(|refused| error::single(py, &refused))?;
        written(py, path, |out| {
            let every = self.names();
            let known: Vec<_> = every.iter().map(|name| self.known.of(name)).collect();
            let subjects = every.iter().zip(&known).map(|(name, known)| (&**name, known.subject()));
            let subjects: BTreeMap<&str, Subject<'_>> = subjects.collect();
            let subject_of = |name: &str| subjects.get(name);
            cmetrics_cli::write_rows(self.each(), subject_of, &names, format, out)
        })
    }
}

fn naming(py: Python<'_>, word: &str) -> PyResult<Naming> {
    match word {
        "prometheus" => Ok(Naming::Prometheus),
        "heapster" => Ok(Naming::Heapster),
        "otel" => Ok(Naming::OpenTelemetry),
        _ => Err(refused(py, "names", word, "prometheus, heapster or otel")),
    }
}

fn row_format(py: Python<'_>, naming: Naming, word: Option<&str>) -> PyResult<RowFormat> {
    match (word, naming) {
        (Some("ndjson"), _) | (None, Naming::Heapster) => Ok(RowFormat::Ndjson),
        (Some("json"), _) => Ok(RowFormat::Json),
        (Some("csv"), _) => Ok(RowFormat::Csv),
        (Some("prometheus") | None, Naming::Prometheus) => Ok(RowFormat::Prometheus),
        (Some("openmetrics"), Naming::Prometheus) => Ok(RowFormat::OpenMetrics),
        (Some("otlp") | None, Naming::OpenTelemetry) => Ok(RowFormat::Otlp),
        (Some(word), naming) => {
            let allowed = match naming {
                Naming::Prometheus => "prometheus, openmetrics, ndjson, json or csv",
                Naming::OpenTelemetry => "otlp, ndjson, json or csv",
                _ => "ndjson, json or csv",
            };
            Err(refused(py, "format", word, &format!("{allowed} for {naming}'s names")))
        }
        (None, _) => Ok(RowFormat::Ndjson),
    }
}

fn gauges(py: Python<'_>, words: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<GaugeFigure>> {
    let words = arguments::words(words)?.unwrap_or_default();
    let figure = |word: &String| match &**word {
        "ave" => Ok(GaugeFigure::Ave),
        "min" => Ok(GaugeFigure::Min),
        "max" => Ok(GaugeFigure::Max),
        word => Err(refused(py, "gauge", word, "ave, min or max")),
    };
    words.iter().map(figure).collect()
}

fn of_word(py: Python<'_>, word: &str) -> PyResult<Temporality> {
    match word {
        "delta" => Ok(Temporality::Delta),
        "cumulative" => Ok(Temporality::Cumulative),
        _ => Err(refused(py, "temporality", word, "delta or cumulative")),
    }
}

/// The first whole second at or after a time in microseconds.
fn second(micros: i64) -> u64 {
    u64::try_from(micros).unwrap_or_default().div_ceil(1_000_000)
}

fn refused(py: Python<'_>, name: &'static str, word: &str, allowed: &str) -> PyErr {
    error::setting_error(py, Some(name), &format!("{name} is {word:?}, but must be {allowed}"))
}
