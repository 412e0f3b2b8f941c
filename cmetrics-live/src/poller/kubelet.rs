//! What a kubelet is asked.

use super::{Poller, Round};
use crate::failure::{Failure, FailureKind};
use crate::feed::Role;
use crate::net::Ask;
use crate::plan::Endpoint;

/// The form of expositions that is read.
pub(super) const EXPOSITION: &str = "text/plain;version=0.0.4;q=1,*/*;q=0.1";

impl Poller {
    /// Needs `get` of `nodes/metrics`, and of `nodes/stats` for the summary; never `nodes/proxy`.
    pub(super) async fn ask_kubelet(&mut self, round: &mut Round) -> Result<(), Failure> {
        let path = "/metrics/cadvisor".to_owned();
        let ask = Ask { path, body: None, accept: EXPOSITION };
        round.answer.containers = self.take(round, &ask, Role::Exposition).await?;
        round.answer.endpoint = Some(Endpoint::Kubelet);
        if self.absent.contains(&SUMMARY) {
            return Ok(());
        }
        let ask = Ask { path: SUMMARY.to_owned(), body: None, accept: "application/json" };
        match self.take(round, &ask, Role::List).await {
            Ok(_) => Ok(()),
            // It may be that only the exposition may be read.
            Err(Failure { kind: FailureKind::Status(401 | 403 | 404), .. }) => {
                self.absent.push(SUMMARY);
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }
}

const SUMMARY: &str = "/stats/summary";
