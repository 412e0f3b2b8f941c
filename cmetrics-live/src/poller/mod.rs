//! One poll: its requests, one after another, and what their answers are together.

mod cadvisor;
mod engine;
mod kubelet;
mod totals;
mod who;

use cmetrics_core::Timestamp;
use tokio::time::Instant;

use crate::address::Api;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::feed::{Feed, Reading, Role};
use crate::net::{Ask, Client};
use crate::plan::{Answer, Endpoint, Look, Poll};
pub(crate) use totals::PollTotals;

/// Asks one machine.
#[derive(Debug)]
pub(crate) struct Poller {
    api: Api,
    client: Client,
    feed: Feed,
    /// Cgroups that are asked for besides and that the machine does not have.
    absent: Vec<&'static str>,
    clock: Clock,
}

/// What is the same for all requests of a poll.
#[derive(Debug)]
struct Round {
    look: Look,
    expected_from: Option<Timestamp>,
    deadline: Instant,
    has_all_cgroups: bool,
    totals: PollTotals,
    answer: Answer,
}

impl Poller {
    pub(crate) fn new(api: Api, client: Client, feed: Feed, clock: Clock) -> Self {
        Self { api, client, feed, absent: Vec::new(), clock }
    }

    /// Carries out a poll. What was read before a failure was taken.
    pub(crate) async fn poll(
        &mut self,
        poll: &Poll,
        has_all_cgroups: bool,
        deadline: Instant,
    ) -> (PollTotals, Result<Answer, Failure>) {
        let mut round = Round {
            look: poll.look,
            // The others have the newest sample of each container alone, however old.
            expected_from: poll.expected_from.filter(|_| self.api == Api::Cadvisor),
            deadline,
            has_all_cgroups,
            totals: PollTotals::default(),
            answer: Answer::default(),
        };
        if poll.endpoint.is_none() {
            self.absent.clear();
        }
        let asked = match self.api {
            Api::Cadvisor => self.ask_cadvisor(poll, &mut round).await,
            Api::Kubelet => self.ask_kubelet(&mut round).await,
            Api::Docker => self.ask_engine(&mut round).await,
            Api::Exposition => self.ask_exposition(&mut round).await,
        };
        let answer = Answer { stragglers: round.totals.stragglers, ..round.answer };
        (round.totals, asked.map(|()| answer))
    }

    /// Asks, and reads the answer into the recorder. Returns how many containers it lists.
    async fn take(&mut self, round: &mut Round, ask: &Ask, role: Role) -> Result<u64, Failure> {
        let reply = self.client.ask(ask, round.deadline).await?;
        let expected_from = round.expected_from;
        let reading = Reading { role, expected_from, now: self.clock.now().wall };
        let taken = self.feed.take(reply, reading).await?;
        round.totals.add(&taken);
        round.answer.newest = round.answer.newest.max(taken.newest);
        match taken.trouble {
            Some(trouble) => Err(trouble),
            None => Ok(taken.containers),
        }
    }

    /// The path of an exposition is in its address.
    async fn ask_exposition(&mut self, round: &mut Round) -> Result<(), Failure> {
        let ask = Ask { path: String::new(), body: None, accept: kubelet::EXPOSITION };
        round.answer.containers = self.take(round, &ask, Role::Exposition).await?;
        round.answer.endpoint = Some(Endpoint::Exposition);
        Ok(())
    }
}
