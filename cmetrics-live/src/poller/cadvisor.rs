//! What cAdvisor is asked.

use std::time::Duration;

use super::{Poller, Round};
use crate::failure::{Failure, FailureKind};
use crate::feed::Role;
use crate::net::Ask;
use crate::plan::{Endpoint, Listing, Look, Poll};

const JSON: &str = "application/json";
/// The machine itself.
const ROOT: &str = "/";
/// The parent of Docker's containers, which is not in its own list.
const DOCKER: &str = "/docker";

impl Poller {
    pub(super) async fn ask_cadvisor(
        &mut self,
        poll: &Poll,
        round: &mut Round,
    ) -> Result<(), Failure> {
        let endpoint = match poll.endpoint {
            Some(known) => self.ask_known(known, round).await?,
            None => self.find(round).await?,
        };
        match endpoint {
            Endpoint::Docker => {
                self.ask_cgroup(ROOT, round).await?;
                self.ask_cgroup(DOCKER, round).await
            }
            Endpoint::Podman => self.ask_cgroup(ROOT, round).await,
            _ => Ok(()),
        }
    }

    /// Asks an endpoint that was found before, or another one instead. Returns which answered.
    async fn ask_known(&mut self, known: Endpoint, round: &mut Round) -> Result<Endpoint, Failure> {
        round.answer.endpoint = Some(known);
        let instead = match (self.ask_list(known, round).await, known.instead()) {
            (Err(failure), Some(instead)) if is_refusal(&failure) => instead,
            (asked, _) => return asked.map(|_| known),
        };
        round.answer.is_instead = true;
        self.ask_list(instead, round).await?;
        Ok(instead)
    }

    /// Asks one endpoint after another until one lists containers. Returns which did.
    async fn find(&mut self, round: &mut Round) -> Result<Endpoint, Failure> {
        let mut endpoint = Endpoint::first(self.api);
        loop {
            let listing = match self.ask_list(endpoint, round).await {
                Ok(0) => Listing::Empty,
                Ok(_) => Listing::Some,
                Err(failure) if is_refusal(&failure) && endpoint != Endpoint::Subcontainers => {
                    Listing::Refused
                }
                Err(failure) => return Err(failure),
            };
            match endpoint.after(listing) {
                Some(next) => endpoint = next,
                None => break,
            }
        }
        round.answer.endpoint = Some(endpoint);
        Ok(endpoint)
    }

    async fn ask_list(&mut self, endpoint: Endpoint, round: &mut Round) -> Result<u64, Failure> {
        let (ask, role) = match endpoint {
            Endpoint::Podman => {
                let count = round.look.most_samples();
                let path = format!("/api/v2.1/stats?type=podman&recursive=true&count={count}");
                (Ask { path, body: None, accept: JSON }, Role::List)
            }
            Endpoint::Subcontainers => {
                let has_all = round.has_all_cgroups;
                (v1("/api/v1.3/subcontainers/", round.look), Role::Tree { has_all })
            }
            _ => (v1("/api/v1.3/docker/", round.look), Role::List),
        };
        let listed = self.take(round, &ask, role).await?;
        round.answer.containers = listed;
        Ok(listed)
    }

    /// Asks for one cgroup besides, if the machine has it.
    async fn ask_cgroup(&mut self, path: &'static str, round: &mut Round) -> Result<(), Failure> {
        if self.absent.contains(&path) {
            return Ok(());
        }
        let ask = v1(&format!("/api/v1.3/containers{path}"), round.look);
        match self.take(round, &ask, Role::Cgroup).await {
            Ok(_) => Ok(()),
            Err(failure) if is_refusal(&failure) => {
                self.absent.push(path);
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Whether the machine answers, but not to this.
fn is_refusal(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Status(_))
}

/// A request of version 1 of the API. Proxies may drop the body of a GET.
fn v1(path: &str, look: Look) -> Ask {
    let body = match look {
        Look::All => r#"{"num_stats":-1}"#.to_owned(),
        Look::Since(start, _) => format!(r#"{{"num_stats":-1,"start":"{start}"}}"#),
    };
    Ask { path: path.to_owned(), body: Some(body), accept: JSON }
}

impl Look {
    /// How many samples of a container are asked for where no time can be told: −1 for all. They are
    /// at least a second apart.
    fn most_samples(self) -> i64 {
        match self {
            Self::All => -1,
            Self::Since(_, span) => {
                let spared = Duration::from_secs(5);
                i64::try_from(span.saturating_add(spared).as_secs()).unwrap_or(-1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_as_cadvisor_reads_them() {
        let start = "2026-11-21T12:00:00.5Z".parse().unwrap();
        let look = Look::Since(start, Duration::from_secs(15));
        let asked = v1("/api/v1.3/docker/", look);
        assert_eq!(
            asked.body.as_deref(),
            Some(r#"{"num_stats":-1,"start":"2026-11-21T12:00:00.5Z"}"#)
        );
        assert_eq!(v1("/", Look::All).body.as_deref(), Some(r#"{"num_stats":-1}"#));
        assert_eq!((look.most_samples(), Look::All.most_samples()), (20, -1));
    }
}
