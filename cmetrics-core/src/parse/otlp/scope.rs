//! Scopes: who wrote metrics, and so what their names mean.

use super::own;
use super::table::{self, Named};
use crate::document::Door;
use crate::parse::cursor::{Cursor, SyntaxError, unquote};

/// What a scope is called.
#[derive(Clone, Copy)]
pub(super) struct Scope {
    pub(super) door: Door,
    version: Option<(u64, u64)>,
}

impl Scope {
    /// The scope without a name and version.
    pub(super) fn of(door: Door) -> Self {
        Self { door, version: None }
    }

    /// Reads the scope ahead. Where it has no name, it is of this door; `None` if its metrics are
    /// not read.
    pub(super) fn ahead(
        door: Option<Door>,
        cursor: &mut Cursor<'_>,
    ) -> Result<Option<Self>, SyntaxError> {
        let (mut name, mut version) = (None, None);
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_raw_key(&mut members)? {
            let value = cursor.skip()?;
            match &*key {
                b"name" if name.is_none() => name = unquote(value),
                b"version" if version.is_none() => version = unquote(value),
                _ => {}
            }
        }
        let name = name.unwrap_or_default();
        let door = match () {
            () if name.is_empty() => door,
            () if name == own::SCOPE => Some(Door::OtlpCmetrics),
            () if name.ends_with("dockerstatsreceiver") => Some(Door::OtlpDocker),
            () if name.ends_with("kubeletstatsreceiver") => Some(Door::OtlpKubelet),
            () => None,
        };
        let version = version.as_deref().and_then(version_of);
        Ok(door.map(|door| Self { door, version }))
    }

    /// What a metric is, with the length of the operation of its devices if its name ends with
    /// that.
    pub(super) fn named(self, name: &str) -> Option<(Named, Option<usize>)> {
        let (named, operation) = match self.door {
            Door::OtlpKubelet => (table::of_kubelet(name, self.version)?, None),
            Door::OtlpCmetrics => (own::named(name)?, None),
            _ => table::of_docker(name)?,
        };
        Some((named, operation.map(str::len)))
    }

    /// What to do where counters are deltas.
    pub(super) fn instead_of_deltas(self) -> &'static str {
        match self.door {
            Door::OtlpCmetrics => {
                "of which no running sum is known; write the points with --temporality cumulative \
                 to read them back"
            }
            _ => {
                "which some processor made of the receiver's cumulative counters; write the file \
                 before that processor (cumulativetodelta)"
            }
        }
    }
}

/// The first two numbers of a version such as `v0.61.0`.
fn version_of(text: &str) -> Option<(u64, u64)> {
    let (major, rest) = text.strip_prefix('v').unwrap_or(text).split_once('.')?;
    let minor = rest.split('.').next().unwrap_or_default();
    Some((major.parse().ok()?, minor.parse().ok()?))
}
