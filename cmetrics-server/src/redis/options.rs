//! Where points go to, and how.

use std::time::Duration;

/// How points lie in Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// A list for each container, named `docker://ID`, with the newest point first. Containers
    /// cannot be listed.
    Triggers,
    /// The set `names` has the keys of all lists; a key is the first ten characters of the image's
    /// name, `@`, and the address of the machine. Containers of one image on one machine share a
    /// list, as they always did.
    Throttlebot,
}

/// Where points go to, and how.
#[derive(Clone, Debug)]
pub struct RedisOptions {
    pub(super) address: String,
    pub(super) layout: Layout,
    pub(super) password: Option<Secret>,
    pub(super) database: u32,
    pub(super) points_of_list: u64,
    pub(super) most_waiting: usize,
    pub(super) timeout: Duration,
    pub(super) longest_pause: Duration,
}

/// A password, which no log shows.
#[derive(Clone)]
pub(super) struct Secret(pub(super) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl RedisOptions {
    /// Points go to the Redis at `host:port`, in this layout. Lists have as many points as the
    /// services kept: 1024 and 1440.
    pub fn new(address: impl Into<String>, layout: Layout) -> Self {
        let points_of_list = match layout {
            Layout::Triggers => 1024,
            Layout::Throttlebot => 1440,
        };
        Self {
            address: address.into(),
            layout,
            password: None,
            database: 0,
            points_of_list,
            most_waiting: 20_000,
            timeout: Duration::from_secs(5),
            longest_pause: Duration::from_secs(30),
        }
    }

    /// The password of Redis.
    #[must_use]
    pub fn with_password(self, password: impl Into<String>) -> Self {
        Self { password: Some(Secret(password.into())), ..self }
    }

    /// The number of the database; 0 by default.
    #[must_use]
    pub fn with_database(self, database: u32) -> Self {
        Self { database, ..self }
    }

    /// How many points a list has at most.
    #[must_use]
    pub fn with_points_of_list(self, points: u64) -> Self {
        Self { points_of_list: points.max(1), ..self }
    }

    /// How many points wait at most while Redis cannot be reached: 20 000 by default. Beyond that
    /// the oldest are dropped, and counted.
    #[must_use]
    pub fn with_most_waiting(self, points: usize) -> Self {
        Self { most_waiting: points.max(1), ..self }
    }

    /// The longest pause between attempts to reach Redis: 30 s by default.
    #[must_use]
    pub fn with_longest_pause(self, pause: Duration) -> Self {
        Self { longest_pause: pause, ..self }
    }
}
