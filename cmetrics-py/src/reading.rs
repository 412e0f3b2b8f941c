//! `points`: from paths and bytes to points.

use std::num::NonZeroUsize;

use cmetrics_core::{Cancel, Error, MachineName, MetricSet, Pipeline};
use pyo3::prelude::*;

use crate::arguments;
use crate::call::{self, Told};
use crate::error;
use crate::points::PyPoints;
use crate::points::frame::Frame;
use crate::points::known::Known;
use crate::source::{self, Source, Sources};

/// Bytes up to which a dump is read where it is, without a thread of its own: some milliseconds.
const BRIEF: usize = 4 << 20;

/// What is read, and how that is told.
pub(crate) struct Reading<'a, 'py> {
    pub(crate) machine: MachineName,
    pub(crate) progress: Option<&'a Bound<'py, PyAny>>,
}

impl Reading<'_, '_> {
    /// Reads all sources of an argument into a pipeline. What is wrong with them is kept there.
    pub(crate) fn read_all(
        &self,
        pipeline: &mut Pipeline,
        argument: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let mut sources = Sources::of(argument)?;
        let mut number = 0;
        while let Some(source) = sources.next()? {
            number += match &source {
                Source::Paths(paths) => paths.len(),
                _ => 1,
            };
            self.read(argument.py(), pipeline, source, number)?;
            // Else Ctrl-C would wait for the last of many brief inputs.
            argument.py().check_signals()?;
        }
        Ok(())
    }

    /// Reads a source: the `number`th input, from 1.
    fn read(
        &self,
        py: Python<'_>,
        pipeline: &mut Pipeline,
        source: Source,
        number: usize,
    ) -> PyResult<()> {
        let named = |what: &str| {
            if number == 1 { format!("<{what}>") } else { format!("<{what} {number}>") }
        };
        let machine = match &self.machine {
            MachineName::Given(name) => Some(&**name),
            _ => None,
        };
        match source {
            Source::Bytes(text) if text.len() <= BRIEF => {
                py.detach(|| pipeline.read_bytes_from(&named("bytes"), machine, &text));
                Ok(())
            }
            Source::Bytes(text) => call::run(py, self.progress, |cancel, _| {
                pipeline.cancel_by(cancel.clone());
                pipeline.read_bytes_from(&named("bytes"), machine, &text);
            }),
            Source::File(file) => {
                let file = file.bind(py);
                let name = source::name_of(file);
                source::through(file, |chunks| pipeline.read_from(&name, machine, chunks))
            }
            Source::Paths(paths) => call::run(py, self.progress, |cancel, told| {
                pipeline.cancel_by(cancel.clone());
                pipeline.read_paths(&paths, &self.machine, &mut |progress| {
                    told.note(progress.path, progress.read, progress.total);
                });
            }),
        }
    }
}

/// Makes points of all that a pipeline read of the containers that any of these words means.
pub(crate) fn made(
    py: Python<'_>,
    pipeline: &mut Pipeline,
    words: Option<&[String]>,
) -> PyResult<(PyPoints, Vec<Error>)> {
    call::run(py, None, |cancel, _| {
        pipeline.cancel_by(cancel.clone());
        let (chosen, unknown) = match words {
            // An empty list asks for nothing; to the core it would mean all.
            Some([]) => (Vec::new(), Vec::new()),
            words => pipeline.select(words.unwrap_or_default()),
        };
        let mut table = cmetrics_core::Table::new(pipeline.settings().metrics());
        let mut known = Known::default();
        let settings = pipeline.settings();
        pipeline.side_by_side(
            &chosen,
            |series| series.history(settings),
            |_| true,
        );
        for series in chosen {
            let history = series.history(settings);
            history.points.iter().for_each(|point| table.push(point));
            known.add_series(series, &history);
        }
        (PyPoints::of_frame(Frame::new(table), known), unknown)
    })
}
