//! Which of a machine's APIs is asked for containers.

use crate::address::Api;

/// Which of a machine's APIs is asked for containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// cAdvisor's `/api/v1.3/docker/`, besides `/` and `/docker`.
    Docker,
    /// cAdvisor's `/api/v2.1/stats?type=podman`, besides `/`.
    Podman,
    /// cAdvisor's `/api/v1.3/subcontainers/`: the whole tree.
    Subcontainers,
    /// A kubelet's `/metrics/cadvisor` and `/stats/summary`.
    Kubelet,
    /// The Docker Engine's `/containers/ID/stats`.
    Engine,
    /// An exposition.
    Exposition,
}

/// What an endpoint gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    /// It lists containers.
    Some,
    /// It lists none.
    Empty,
    /// It answered with an error.
    Refused,
}

impl Endpoint {
    /// What is asked at first contact.
    pub(crate) fn first(api: Api) -> Self {
        match api {
            Api::Cadvisor => Self::Docker,
            Api::Kubelet => Self::Kubelet,
            Api::Docker => Self::Engine,
            Api::Exposition => Self::Exposition,
        }
    }

    /// What is asked next while an endpoint is looked for; `None` if this is the one.
    pub(crate) fn after(self, listing: Listing) -> Option<Self> {
        match (self, listing) {
            (Self::Docker, Listing::Empty | Listing::Refused) => Some(Self::Podman),
            (Self::Podman, Listing::Empty | Listing::Refused) => Some(Self::Subcontainers),
            _ => None,
        }
    }

    /// What is asked in the same poll once more if a known endpoint answers with an error: one
    /// container that cannot be read makes all of `docker/` fail, and none of the tree.
    pub(crate) fn instead(self) -> Option<Self> {
        matches!(self, Self::Docker | Self::Podman).then_some(Self::Subcontainers)
    }

    /// Whether a better one may come up later: one that was passed over because it listed nothing.
    pub(crate) fn is_second_choice(self) -> bool {
        matches!(self, Self::Podman | Self::Subcontainers)
    }

    /// Its name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Docker => "/api/v1.3/docker/",
            Self::Podman => "/api/v2.1/stats?type=podman",
            Self::Subcontainers => "/api/v1.3/subcontainers/",
            Self::Kubelet => "/metrics/cadvisor, /stats/summary",
            Self::Engine => "/containers/ID/stats",
            Self::Exposition => "exposition",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_endpoint_that_lists_containers_is_taken_and_else_the_tree() {
        let docker = Endpoint::first(Api::Cadvisor);
        assert_eq!(docker.after(Listing::Some), None);
        let podman = docker.after(Listing::Empty).unwrap();
        assert_eq!(podman, Endpoint::Podman);
        assert_eq!(podman.after(Listing::Some), None);
        for listing in [Listing::Empty, Listing::Refused] {
            let tree = podman.after(listing).unwrap();
            assert_eq!(tree, Endpoint::Subcontainers);
            assert_eq!(tree.after(listing), None);
        }
    }
}
