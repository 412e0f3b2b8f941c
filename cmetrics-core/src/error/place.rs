//! Where in an input an error is.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A place in an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file, or the name that the caller gave the input.
    pub source: Option<Arc<str>>,
    /// The offset in bytes, in the unpacked text or in a file of a store.
    pub offset: Option<u64>,
    /// The line, from 1.
    pub line: Option<u64>,
    /// The column, in bytes from 1.
    pub column: Option<u64>,
    /// The cgroup path of the container whose data contain it.
    pub container: Option<Arc<str>>,
}

impl Place {
    pub(super) fn of(path: &Path) -> Self {
        Self { source: Some(path.display().to_string().into()), ..Self::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.source {
            write!(f, "{source}: ")?;
        }
        if let (Some(line), Some(column), Some(offset)) = (self.line, self.column, self.offset) {
            write!(f, "line {line} column {column} (byte {offset}): ")?;
        }
        if let (None, Some(offset)) = (self.line, self.offset) {
            write!(f, "byte {offset}: ")?;
        }
        if let Some(container) = &self.container {
            write!(f, "container {}: ", Shortened(container))?;
        }
        Ok(())
    }
}

/// A text of the input, shortened to about a line and without control characters.
pub(crate) struct Shortened<'t>(pub(crate) &'t str);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 120;
        for char in self.0.chars().take(LONGEST) {
            if char.is_control() {
                write!(f, "{}", char.escape_default())?;
            } else {
                write!(f, "{char}")?;
            }
        }
        if self.0.chars().nth(LONGEST).is_some() { f.write_str("…") } else { Ok(()) }
    }
}
