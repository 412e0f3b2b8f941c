//! What a store keeps of a container beside its points, events and samples.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::tail::Background;
use crate::chain_name;
use crate::container::{Creation, Identity, KubernetesName, Labels, Life, Limits};
use crate::document::Door;
use crate::metric::SectionSet;

/// The metadata of a container. The log and segments store it as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) machine: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) has_id: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) paths: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<String>,
    /// The door of its samples.
    #[serde(skip_serializing_if = "Door::is_cadvisor")]
    pub(super) door: Door,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kubernetes: Option<Box<KubernetesName>>,
    /// Its labels, and the time of the sample that they are known from, in nanoseconds.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub(super) labels: Arc<Labels>,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) labels_at: u64,
    /// When it was created.
    #[serde(skip_serializing_if = "Creation::is_unknown")]
    pub(super) created: Creation,
    /// The sections that the container does not have, as its documents say.
    #[serde(skip_serializing_if = "SectionSet::is_empty")]
    pub(super) denied: SectionSet,
    /// Its limits, and the time of the sample that they are known from, in nanoseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limits: Option<(u64, Limits)>,
    /// The times of its first and last sample, in nanoseconds; 0 where there is none.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) first: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) last: u64,
    /// Its starts, in nanoseconds, and the number of CPUs that it may run on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) starts: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpus: Option<u64>,
    /// Its last creation, in nanoseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created_at: Option<u64>,
    /// The start in effect at the first sample of its tail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks it")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Metadata {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The metadata of a container that is only known by the name of a point: whether that is an
    /// id.
    pub(super) fn of_name(name: &str) -> Self {
        let (told, door) = (chain_name::told(name), chain_name::door(name));
        Self { door, has_id: Identity::is_id(told), ..Self::default() }
    }

    /// Whether it tells the same names as other metadata.
    pub(super) fn names_as(&self, other: &Self) -> bool {
        self.has_id == other.has_id
            && self.kubernetes == other.kubernetes
            && self.created == other.created
            && self.paths == other.paths
    }

    pub(super) fn identity(&self, name: &Arc<str>) -> Identity {
        let Self { machine, has_id, aliases, paths, image, kubernetes, labels, .. } = self.clone();
        Identity::from_parts(Arc::clone(name), has_id, machine, paths, aliases, image)
            .orchestrated(kubernetes.map(|name| *name), labels)
            .created(self.created)
    }

    /// The door of its samples, if it has any.
    pub(super) fn sampled_door(&self) -> Option<Door> {
        (self.first > 0 || !self.starts.is_empty()).then_some(self.door)
    }

    /// The newest time that is known, in nanoseconds: of a sample, or else of a start.
    pub(super) fn newest(&self) -> u64 {
        if self.last > 0 { self.last } else { self.starts.last().copied().unwrap_or_default() }
    }

    /// What is needed to evaluate its tail.
    pub(super) fn background(&self) -> Background {
        let life = Life::of(self.starts.clone(), self.cpus).created_at(self.created_at);
        let life = Arc::new(life);
        Background { life, since: self.since }
    }

    /// The same with the creation, starts and CPUs of `background`.
    pub(super) fn living(self, background: &Background) -> Self {
        let Background { life, since } = background;
        Self {
            starts: life.starts().to_vec(),
            cpus: life.known_cpus(),
            created_at: life.created(),
            since: *since,
            ..self
        }
    }

    /// The same, extended by `identity`.
    pub(super) fn with(&self, identity: &Identity) -> Self {
        let mut whole = self.identity(identity.name());
        whole.absorb(identity);
        Self {
            machine: self.machine.clone().or_else(|| identity.machine().map(str::to_owned)),
            has_id: self.has_id || identity.id().is_some(),
            aliases: whole.aliases().to_vec(),
            paths: whole.paths().to_vec(),
            image: whole.image().map(str::to_owned),
            kubernetes: whole.kubernetes().cloned().map(Box::new),
            created: whole.creation(),
            ..self.clone()
        }
    }
}
