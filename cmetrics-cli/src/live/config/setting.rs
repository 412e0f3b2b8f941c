//! What options are set to, and by whom.

use std::collections::BTreeMap;

use crate::args::ServeOption;

/// What an option is set to, and by which layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) values: Vec<String>,
    pub(super) origin: Origin,
}

/// The layer that set an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Flag,
    Environment,
    File { name: String, line: usize },
    Default,
}

impl Origin {
    /// The name by which this layer calls an option.
    pub(super) fn name_of(&self, option: &ServeOption) -> String {
        match self {
            Self::Flag => option.flag(),
            Self::Environment => option.variable(),
            Self::File { name, line } => format!("{name} line {line}: {}", option.key),
            Self::Default => format!("the default of {}", option.key),
        }
    }

    /// Where a value is from, for people.
    pub(super) fn shown(&self, option: &ServeOption) -> String {
        match self {
            Self::Flag => option.flag(),
            Self::Environment => option.variable(),
            Self::File { name, line } => format!("{name} line {line}"),
            Self::Default => "default".to_owned(),
        }
    }
}

/// What all options are set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::live) struct Effective(pub(super) BTreeMap<&'static str, Vec<String>>);

/// The options that take effect when they are read again.
const READ_AGAIN: [&str; 2] = ["machine", "token.file"];

impl Effective {
    /// The options that differ, and take effect with a restart alone.
    pub(in crate::live) fn changed(&self, other: &Self) -> Vec<&'static str> {
        let keys = self.0.keys().filter(|key| !READ_AGAIN.contains(key));
        keys.copied().filter(|key| self.0.get(key) != other.0.get(key)).collect()
    }
}
