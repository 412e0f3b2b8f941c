//! Ways in which a machine can fail to answer.

use std::time::Duration;

/// What a machine does instead of answering.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It accepts the connection, reads the request, and never answers.
    Silent,
    /// It answers after this time.
    Late(Duration),
    /// It sends so many bytes of the body at a time, this far apart.
    Slow {
        /// Bytes at a time.
        bytes: usize,
        /// The time between two of them.
        pause: Duration,
    },
    /// It sends this many bytes of a body that is longer, and then nothing more.
    Stalled(usize),
    /// It ends the connection after this many bytes of a body that is longer.
    Cut(usize),
    /// It ends the connection without an answer.
    Dropped,
    /// It answers this status with this text.
    Status(u16, String),
    /// It answers with so many bytes that are no JSON, as if they were.
    Garbage(u64),
    /// It answers with JSON that never ends: so many containers of nothing.
    Endless(u64),
    /// It answers with a page, as another service would at this address.
    Page,
    /// It answers that what is asked for is elsewhere.
    Redirect(String),
    /// It answers with headers of so many bytes.
    LongHeaders(usize),
    /// It answers with what is no HTTP.
    OtherProtocol,
}

/// A fault, what it befalls, and for how many requests yet.
#[derive(Clone, Debug)]
struct Rule {
    fault: Fault,
    within: Option<String>,
    left: Option<u32>,
}

/// All faults that a machine has.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Rule>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault, within: Option<&str>, times: Option<u32>) {
        self.0.push(Rule { fault, within: within.map(str::to_owned), left: times });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// What befalls a request for this path.
    pub(crate) fn next(&mut self, path: &str) -> Option<Fault> {
        let befalls = |rule: &Rule| {
            rule.left != Some(0) && rule.within.as_ref().is_none_or(|part| path.contains(part))
        };
        let rule = self.0.iter_mut().find(|rule| befalls(rule))?;
        rule.left = rule.left.map(|left| left - 1);
        Some(rule.fault.clone())
    }
}
