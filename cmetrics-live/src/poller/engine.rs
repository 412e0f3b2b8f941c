//! What the Docker Engine is asked.

use std::collections::HashSet;

use serde::Deserialize;

use super::{Poller, Round};
use crate::failure::{Failure, FailureKind};
use crate::feed::Role;
use crate::net::{Ask, plain};
use crate::plan::Endpoint;

/// What counts of a container in the Engine's list.
#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "Id")]
    id: String,
}

impl Poller {
    pub(super) async fn ask_engine(&mut self, round: &mut Round) -> Result<(), Failure> {
        let ids = self.list(round).await?;
        self.feed.forget_engine_sources(|id| ids.contains(id));
        round.answer.containers = ids.len() as u64;
        for id in ids {
            let path = format!("/containers/{id}/stats?stream=false&one-shot=true");
            let ask = Ask { path, body: None, accept: "application/json" };
            match self.take(round, &ask, Role::Engine(id)).await {
                // One that has ended since it was listed.
                Ok(_) | Err(Failure { kind: FailureKind::Status(404 | 409), .. }) => {}
                Err(failure) => return Err(failure),
            }
        }
        round.answer.endpoint = Some(Endpoint::Engine);
        Ok(())
    }

    /// The ids of the containers that run.
    async fn list(&mut self, round: &mut Round) -> Result<HashSet<String>, Failure> {
        let ask =
            Ask { path: "/containers/json".to_owned(), body: None, accept: "application/json" };
        let mut reply = self.client.ask(&ask, round.deadline).await?;
        if let Some(cut) = reply.cut.take() {
            return Err(cut);
        }
        let body = plain(&mut reply);
        let listed: Vec<Listed> = serde_json::from_slice(&body).map_err(|cause| {
            let message = format!("{}: expected a list of containers: {cause}", reply.url);
            Failure::new(FailureKind::NotMetrics, message)
        })?;
        // They become part of paths.
        let is_id = |id: &String| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
        Ok(listed.into_iter().map(|one| one.id).filter(is_id).collect())
    }
}
