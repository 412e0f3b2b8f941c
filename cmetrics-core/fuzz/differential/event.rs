//! What a parser tells its receiver, kept to be compared.

use cmetrics_core::parse::DocumentKind;
use cmetrics_core::{Container, Error, ErrorKind, Place, Sample, Timestamp};

/// One call of a receiver; behind the last one, the length of the input.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Container(Container, DocumentKind),
    Wants(Timestamp),
    /// With its text.
    Sample(Box<Sample>, Vec<u8>),
    NeverTaken,
    Faulty(ErrorRecord),
    NoContainers,
    Error(ErrorRecord),
    End(u64),
}

/// An error by all that it says.
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

    /// Whether it tells of text that is no JSON, or so deep that it was not read: what may also
    /// stand in values that are skipped.
    pub fn is_damage(&self) -> bool {
        let damage = [ErrorKind::Json, ErrorKind::TooLarge];
        matches!(self, Self::Error(error) if damage.contains(&error.kind))
    }

    /// What became of an element of a list of samples.
    pub fn is_element(&self) -> bool {
        matches!(self, Self::Sample(..) | Self::NeverTaken | Self::Faulty(_))
    }

    /// The same, but of a sample's text only the length: for texts that were repaired.
    pub fn eq_ignoring_text(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Sample(one, its_text), Self::Sample(two, text)) => {
                one == two && its_text.len() == text.len()
            }
            _ => self == other,
        }
    }

    /// In a line or two.
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
