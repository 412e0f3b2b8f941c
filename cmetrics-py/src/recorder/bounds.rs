//! The limits of what a recorder remembers and keeps.

use cmetrics_core::recorder::RecorderSettings;
use pyo3::prelude::*;

use crate::arguments;

/// The limits of what a recorder remembers and keeps; `None` for the default.
pub(super) struct Bounds {
    pub(super) history: Option<i128>,
    pub(super) max_ahead: Option<i128>,
    pub(super) most_kept: Option<i128>,
}

impl Bounds {
    pub(super) fn of(
        self,
        py: Python<'_>,
        mut settings: RecorderSettings,
    ) -> PyResult<RecorderSettings> {
        if let Some(history) = self.history {
            settings = settings.with_history(arguments::length_of_time(py, "history", history)?);
        }
        if let Some(ahead) = self.max_ahead {
            settings = settings.with_max_ahead(arguments::length_of_time(py, "max_ahead", ahead)?);
        }
        if let Some(most) = self.most_kept {
            settings = settings.with_most_kept(arguments::number(py, "most_kept", most)?);
        }
        Ok(settings)
    }
}
