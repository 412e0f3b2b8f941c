//! When a container was created, by all of its documents.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The second since the epoch in which a container was created, as its documents tell. It only
/// tells containers of one name in Kubernetes apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub(crate) enum Creation {
    /// No document tells it.
    #[default]
    Unknown,
    /// All documents that tell it tell this second.
    Once(u64),
    /// Documents tell several.
    Several,
}

impl Creation {
    /// Adds what a document tells.
    pub(crate) fn add(&mut self, created: Option<Timestamp>) {
        if let Some(created) = created {
            self.absorb(Self::Once(created.seconds()));
        }
    }

    /// Adds what other documents tell.
    pub(crate) fn absorb(&mut self, other: Self) {
        *self = match (*self, other) {
            (known, Self::Unknown) => known,
            (Self::Unknown, told) => told,
            (known, told) if known == told => known,
            _ => Self::Several,
        };
    }

    /// The second, if all documents that tell any tell the same.
    pub(crate) fn once(self) -> Option<u64> {
        if let Self::Once(second) = self { Some(second) } else { None }
    }

    /// The only candidate that was created in the same second, if this one is known.
    pub(crate) fn only_alike<C>(
        self,
        candidates: impl IntoIterator<Item = C>,
        of: impl Fn(&C) -> Self,
    ) -> Option<C> {
        let created = self.once()?;
        let mut alike = candidates.into_iter().filter(|one| of(one).once() == Some(created));
        alike.next().filter(|_| alike.next().is_none())
    }

    /// How much is told. It only rises.
    pub(crate) fn told(self) -> usize {
        match self {
            Self::Unknown => 0,
            Self::Once(_) => 1,
            Self::Several => 2,
        }
    }

    /// Whether no document tells it.
    #[cfg(any(feature = "recorder", feature = "store"))]
    pub(crate) fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

/// As stores have it: 0 for several.
impl From<u64> for Creation {
    fn from(second: u64) -> Self {
        if second == 0 { Self::Several } else { Self::Once(second) }
    }
}

impl From<Creation> for u64 {
    fn from(creation: Creation) -> Self {
        creation.once().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(seconds: &[u64]) -> Creation {
        let mut creation = Creation::default();
        for second in seconds {
            creation.add(Timestamp::from_seconds(*second));
        }
        creation
    }

    #[test]
    fn one_second_that_all_documents_tell_is_the_creation() {
        assert_eq!(of(&[7, 7]).once(), Some(7));
        assert_eq!((of(&[]).once(), of(&[7, 9]).once(), of(&[9, 7, 9]).once()), (None, None, None));
        assert_eq!([of(&[]).told(), of(&[7]).told(), of(&[7, 9]).told()], [0, 1, 2]);
        for (mut one, other) in [(of(&[7, 8]), of(&[7])), (of(&[]), of(&[7, 8]))] {
            one.absorb(other);
            assert_eq!(one, Creation::Several);
        }
    }
}
