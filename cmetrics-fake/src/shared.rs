//! What answers for a machine.

use cmetrics_core::Timestamp;
use parking_lot::Mutex;

use crate::clock::Clock;
use crate::fault::{Fault, Faults};
use crate::machine::State;
use crate::reply::{self, Answer};
use crate::templates::Templates;

/// What a machine shares with those who answer for it.
#[derive(Debug)]
pub(crate) struct Shared {
    clock: Clock,
    state: Mutex<State>,
    pub(crate) templates: Templates,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) requests: Mutex<Vec<Request>>,
    pub(crate) looks: Mutex<Vec<Timestamp>>,
    prefix: String,
    keeps_replies: bool,
    keeps_truth: bool,
}

/// A request that a machine received.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// When, by the world's clock.
    pub at: Timestamp,
    /// Its method.
    pub method: String,
    /// Its path, with prefix and query.
    pub target: String,
    /// Its body.
    pub body: String,
}

impl Shared {
    pub(crate) fn new(clock: Clock, state: State) -> Self {
        let options = &state.options;
        let (form, prefix) = (options.form, options.prefix.clone());
        let (keeps_truth, keeps_replies) = (options.keeps_truth, options.keeps_replies);
        Self {
            clock,
            state: Mutex::new(state),
            templates: Templates::new(form),
            faults: Mutex::default(),
            requests: Mutex::default(),
            looks: Mutex::default(),
            prefix,
            keeps_replies,
            keeps_truth,
        }
    }

    /// With everything that has happened until now.
    pub(crate) fn now<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.lock();
        state.advance(self.clock.nanos());
        act(&mut state)
    }

    /// What befalls a request, which is noted.
    pub(crate) fn fault(&self, method: &str, target: &str, body: &[u8]) -> Option<Fault> {
        if ["/docker/", "/subcontainers/", "type="].iter().any(|part| target.contains(part)) {
            self.looks.lock().push(self.clock.now());
        }
        if self.keeps_truth {
            let (method, target) = (method.to_owned(), target.to_owned());
            let body = String::from_utf8_lossy(body).into_owned();
            self.requests.lock().push(Request { at: self.clock.now(), method, target, body });
        }
        self.faults.lock().next(target)
    }

    /// What a request is answered.
    pub(crate) fn answer(&self, target: &str, body: &[u8]) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        match path.strip_prefix(&self.prefix) {
            Some(path) => {
                self.now(|state| reply::answer(state, &self.templates, path, query, body))
            }
            None => Answer::text(404, "404 page not found"),
        }
    }

    /// Notes how much of a reply was sent.
    pub(crate) fn sent(&self, answer: Answer, sent: usize) {
        let Some(reply) = answer.reply.and_then(|reply| usize::try_from(reply).ok()) else {
            return;
        };
        let mut state = self.state.lock();
        if let Some(served) = state.served.get_mut(reply) {
            served.is_whole = sent == answer.body.len();
            if self.keeps_replies {
                served.body = answer.body;
                served.body.truncate(sent);
            }
        }
    }
}
