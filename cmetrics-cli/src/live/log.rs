//! Logs on standard error: one line for each change of state.

use std::io::{self, IsTerminal};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogFormat {
    /// For people on a terminal, else for programs.
    Auto,
    Human,
    Json,
}

impl LogFormat {
    /// # Errors
    /// What was expected.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            _ => Err(format!("is {text:?}: expected auto, human or json")),
        }
    }
}

/// Logs from now on. A second call changes nothing.
pub(super) fn begin(targets: Targets, format: LogFormat) {
    let is_human = match format {
        LogFormat::Auto => io::stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    // Where standard error is closed, there is nobody to tell that a line could not be written.
    let lines = fmt::layer().with_writer(io::stderr).with_target(false).log_internal_errors(false);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = if is_human {
        lines.with_ansi(false).with_filter(targets).boxed()
    } else {
        lines.json().flatten_event(true).with_filter(targets).boxed()
    };
    let _ = tracing_subscriber::registry().with(lines).try_init();
}
