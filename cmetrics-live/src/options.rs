//! How machines are polled.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cmetrics_core::Settings;

use crate::error::{Error, ErrorKind};
use crate::networks::Networks;

/// How machines are polled.
///
/// ```
/// use std::time::Duration;
///
/// use cmetrics_live::{LiveOptions, Networks};
///
/// let options = LiveOptions::default()
///     .with_poll_interval(Duration::from_secs(10))
///     .with_networks("10.0.0.0/8".parse()?);
/// assert_eq!(options.most_requests(), 64);
/// # Ok::<(), cmetrics_live::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LiveOptions {
    poll_interval: Duration,
    most_requests: usize,
    storage_duration: Duration,
    networks: Networks,
    settings: Option<Settings>,
    ca_file: Option<PathBuf>,
    token_file: Option<PathBuf>,
    is_unverified: bool,
    has_all_cgroups: bool,
    has_sockets: bool,
}

impl LiveOptions {
    /// How long a poll may take altogether.
    pub const WHOLE_TIME_OUT: Duration = Duration::from_secs(10);

    /// How far apart the polls of a machine are: 5 s by default, from 1 s to 60 s, and at most half
    /// of the [storage duration](Self::with_storage_duration).
    pub fn with_poll_interval(self, poll_interval: Duration) -> Self {
        Self { poll_interval, ..self }
    }

    /// How many requests may be under way at once: 64 by default, at least 1.
    pub fn with_most_requests(self, most_requests: usize) -> Self {
        Self { most_requests, ..self }
    }

    /// For how long the machines remember samples (cAdvisor's `--storage_duration`): 120 s by
    /// default, from 2 s to an hour. Outages up to it lose nothing.
    pub fn with_storage_duration(self, storage_duration: Duration) -> Self {
        Self { storage_duration, ..self }
    }

    /// Which addresses may be connected to: private ones by default.
    pub fn with_networks(self, networks: Networks) -> Self {
        Self { networks, ..self }
    }

    /// How points are made, if not as the store makes them. Interval and longest gap must be the
    /// store's.
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { settings: Some(settings), ..self }
    }

    /// A file of certificates (PEM) that may sign those of machines, instead of the system's.
    pub fn with_ca_file(self, path: impl Into<PathBuf>) -> Self {
        Self { ca_file: Some(path.into()), ..self }
    }

    /// A file with the token that kubelets are asked with, as a pod has one for its service account
    /// at `/var/run/secrets/kubernetes.io/serviceaccount/token`. It is read anew at least once a
    /// minute, and sent over TLS alone. Without it no kubelet is asked that wants one, since whoever
    /// may add a machine could have the token sent there.
    pub fn with_token_file(self, path: impl Into<PathBuf>) -> Self {
        Self { token_file: Some(path.into()), ..self }
    }

    /// Takes any certificate of a machine, so that whoever is between sees and changes everything,
    /// the token included. Kubelets often have one that nobody signed.
    pub fn with_unverified_certificates(self) -> Self {
        Self { is_unverified: true, ..self }
    }

    /// Also takes cgroups that are no containers, where a machine is asked for all of them.
    pub fn with_all_cgroups(self) -> Self {
        Self { has_all_cgroups: true, ..self }
    }

    /// Whether an address may be a socket of this machine: `docker+unix://…`. Not by default, since
    /// whoever may add a machine could have any socket connected to.
    pub fn with_sockets(self) -> Self {
        Self { has_sockets: true, ..self }
    }

    /// See [`with_poll_interval`](Self::with_poll_interval).
    pub fn poll_interval(&self) -> Duration {
        self.poll_interval
    }

    /// See [`with_most_requests`](Self::with_most_requests).
    pub fn most_requests(&self) -> usize {
        self.most_requests
    }

    /// See [`with_storage_duration`](Self::with_storage_duration).
    pub fn storage_duration(&self) -> Duration {
        self.storage_duration
    }

    /// See [`with_networks`](Self::with_networks).
    pub fn networks(&self) -> &Networks {
        &self.networks
    }

    /// By how much the time that the recorder is told lags behind the clock, at least: the storage
    /// duration, the poll interval and the time-out. So samples that come after an outage are not
    /// late. Where the store's lateness is shorter than two minutes, the lag is longer by what it
    /// lacks of them, for machines whose clock is behind.
    pub fn lag(&self) -> Duration {
        self.storage_duration
            .saturating_add(self.poll_interval)
            .saturating_add(Self::WHOLE_TIME_OUT)
    }

    pub(crate) fn settings(&self) -> Option<Settings> {
        self.settings
    }

    pub(crate) fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    pub(crate) fn token_file(&self) -> Option<&Path> {
        self.token_file.as_deref()
    }

    pub(crate) fn is_unverified(&self) -> bool {
        self.is_unverified
    }

    pub(crate) fn has_all_cgroups(&self) -> bool {
        self.has_all_cgroups
    }

    pub(crate) fn has_sockets(&self) -> bool {
        self.has_sockets
    }

    /// Refuses options outside what is allowed, as [`Live::open`](crate::Live::open) does.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`].
    pub fn check(&self) -> Result<(), Error> {
        let second = Duration::from_secs(1);
        let widest = Duration::from_secs(60).min(self.storage_duration / 2);
        // Half of it is at least the shortest poll interval.
        if !(2 * second..=Duration::from_secs(3600)).contains(&self.storage_duration) {
            return Err(refused("storage duration", self.storage_duration, "from 2 s to 3600 s"));
        }
        if !(second..=widest).contains(&self.poll_interval) {
            let allowed = format!(
                "from 1 s to {} s: at most 60 s, and half of the storage duration, so that no \
                 sample is forgotten between two polls",
                widest.as_secs_f64()
            );
            return Err(refused("poll interval", self.poll_interval, &allowed));
        }
        if self.most_requests == 0 {
            let message = "most requests are 0, but at least 1 must be possible at once";
            return Err(Error::new(ErrorKind::Setting, message));
        }
        Ok(())
    }
}

#[cold]
fn refused(name: &str, value: Duration, allowed: &str) -> Error {
    let message = format!("{name} is {} s, but must be {allowed}", value.as_secs_f64());
    Error::new(ErrorKind::Setting, message)
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            poll_interval: Duration::from_secs(5),
            most_requests: 64,
            storage_duration: Duration::from_secs(120),
            networks: Networks::default(),
            settings: None,
            ca_file: None,
            token_file: None,
            is_unverified: false,
            has_all_cgroups: false,
            has_sockets: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_are_at_most_half_of_the_storage_duration_apart() {
        let seconds = Duration::from_secs;
        let options = LiveOptions::default();
        assert!(options.check().is_ok());
        assert_eq!(options.lag(), seconds(135));
        assert!(options.clone().with_poll_interval(seconds(60)).check().is_ok());
        assert!(options.clone().with_poll_interval(seconds(61)).check().is_err());
        assert!(options.clone().with_poll_interval(seconds(0)).check().is_err());
        let short = options.clone().with_storage_duration(seconds(60));
        let error = short.with_poll_interval(seconds(31)).check().unwrap_err();
        assert!(
            error.to_string().starts_with("poll interval is 31 s, but must be from 1 s to 30 s")
        );
        let shortest = options.clone().with_poll_interval(seconds(1));
        assert!(shortest.clone().with_storage_duration(seconds(2)).check().is_ok());
        let error = shortest.with_storage_duration(seconds(1)).check().unwrap_err().to_string();
        assert_eq!(error, "storage duration is 1 s, but must be from 2 s to 3600 s");
        assert!(options.with_most_requests(0).check().is_err());
    }
}
