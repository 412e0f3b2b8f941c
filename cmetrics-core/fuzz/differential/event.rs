//! The calls that a parser makes to its receiver, recorded for comparison.

use cmetrics_core::error::Place;
use cmetrics_core::parse::DocumentKind;
use cmetrics_core::{Container, Error, ErrorKind, Sample, Timestamp};

/// One call to a receiver. The last event is the length of the input.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Container(Box<Container>, DocumentKind),
    Wants(Timestamp),
    /// A sample with its text.
    Sample(Box<Sample>, Vec<u8>),
    NeverTaken,
    Faulty(ErrorRecord),
    NoContainers,
    Error(ErrorRecord),
    End(u64),
}

/// All parts of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorRecord {
    pub kind: ErrorKind,
    pub place: Place,
    pub message: String,
}

impl From<Error> for ErrorRecord {
    fn from(error: Error) -> Self {
        Self { kind: error.kind(), place: error.place().clone(), message: error.message() }
    }
}

impl Event {
    pub fn error(&self) -> Option<&ErrorRecord> {
        match self {
            Self::Faulty(error) | Self::Error(error) => Some(error),
            _ => None,
        }
    }

    /// Returns whether it reports text that is not JSON, or is nested too deeply to be read.
    /// Skipped values may have such text too.
    pub fn is_damage(&self) -> bool {
        let damage = [ErrorKind::Json, ErrorKind::TooLarge];
        matches!(self, Self::Error(error) if damage.contains(&error.kind))
    }

    /// Returns whether it is the outcome of an element of a list of samples.
    pub fn is_element(&self) -> bool {
        matches!(self, Self::Sample(..) | Self::NeverTaken | Self::Faulty(_))
    }

    /// Compares events, and of a sample's text only the length, for texts that were repaired.
    pub fn eq_ignoring_text(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Sample(one, its_text), Self::Sample(two, text)) => {
                one == two && its_text.len() == text.len()
            }
            _ => self == other,
        }
    }

    /// The event in a line or two.
    pub fn shown(&self) -> String {
        let mut shown = match self {
            Self::Sample(sample, text) => {
                format!("{sample:?}\n      of {}", String::from_utf8_lossy(text))
            }
            _ => format!("{self:?}"),
        };
        if shown.len() > 3000 {
            let end = (0..=3000).rev().find(|&end| shown.is_char_boundary(end));
            shown.truncate(end.unwrap_or_default());
            shown.push('…');
        }
        shown
    }
}
