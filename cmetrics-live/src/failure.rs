//! What polls fail of.

use std::fmt;

/// Why a poll failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    /// With where it happened, and what to do where that is known.
    pub(crate) message: String,
}

/// What a poll failed of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The host's name stands for no address.
    UnknownHost,
    /// No address of the host is in the networks that may be asked.
    NotAllowed,
    /// Nobody listens.
    Refused,
    /// No way leads there.
    NoRoute,
    TimedOutConnecting,
    /// No byte of the answer came.
    TimedOutWaiting,
    /// No more bytes came, or not all of them in time.
    TimedOutReading,
    /// No secure connection could be made.
    Tls,
    /// A status other than 200.
    Status(u16),
    /// The answer is not what was asked for.
    NotMetrics,
    /// More than the cap.
    TooLarge,
    /// The connection ended before the answer.
    CutOff,
    /// Not HTTP, or not as HTTP asks.
    Protocol,
    /// Another machine than before is at the address.
    AnotherMachine,
    /// Something on our side: a token that cannot be read, a system's limit.
    Local,
}

impl FailureKind {
    /// A short name, for counts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UnknownHost => "unknown_host",
            Self::NotAllowed => "not_allowed",
            Self::Refused => "refused",
            Self::NoRoute => "no_route",
            Self::TimedOutConnecting => "timed_out_connecting",
            Self::TimedOutWaiting => "timed_out_waiting",
            Self::TimedOutReading => "timed_out_reading",
            Self::Tls => "tls",
            Self::Status(_) => "status",
            Self::NotMetrics => "not_metrics",
            Self::TooLarge => "too_large",
            Self::CutOff => "cut_off",
            Self::Protocol => "protocol",
            Self::AnotherMachine => "another_machine",
            Self::Local => "local",
        }
    }
}

impl FailureKind {
    /// Whether a part of the answer may have been taken.
    pub(crate) fn is_partial(self) -> bool {
        matches!(self, Self::CutOff | Self::TimedOutReading | Self::TooLarge)
    }
}

impl Failure {
    #[cold]
    pub(crate) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}
