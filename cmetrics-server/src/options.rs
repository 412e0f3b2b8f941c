//! What a server is told when it starts.

use std::net::SocketAddr;
use std::time::Duration;

use crate::clock::Clock;
use crate::error::Error;
use crate::redis::RedisOptions;
use crate::tls::TlsFiles;
use crate::tokens::Tokens;

/// What a server is told when it starts. The default is safe: only this machine can reach it.
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    pub(crate) tokens: Tokens,
    pub(crate) insecure: bool,
    pub(crate) hosts: Vec<String>,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) redis: Option<RedisOptions>,
    pub(crate) tls: Option<TlsFiles>,
}

impl ServerOptions {
    /// Requests need one of these tokens.
    #[must_use]
    pub fn with_tokens(self, tokens: Tokens) -> Self {
        Self { tokens, ..self }
    }

    /// Allows that other machines reach a server without tokens.
    #[must_use]
    pub fn insecure(self) -> Self {
        Self { insecure: true, ..self }
    }

    /// Host names, without ports, under which the server is reached, beside `localhost` and IP
    /// addresses. Requests for others are refused, so that no web page can reach the server by a
    /// name of its own.
    #[must_use]
    pub fn with_hosts(self, hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let hosts = hosts.into_iter().map(|host| host.into().to_ascii_lowercase());
        Self { hosts: hosts.collect(), ..self }
    }

    /// How much may be asked for.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Final points also go to Redis.
    #[cfg(feature = "redis")]
    #[must_use]
    pub fn with_redis(self, redis: RedisOptions) -> Self {
        Self { redis: Some(redis), ..self }
    }

    /// Connections are over TLS, with this certificate.
    #[must_use]
    pub fn with_tls(self, files: TlsFiles) -> Self {
        Self { tls: Some(files), ..self }
    }

    /// The clock, for tests.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Whether a server with these options may listen there.
    ///
    /// # Errors
    /// [`Error::Unprotected`] if others than this machine could use it without a token.
    pub fn check_address(&self, address: SocketAddr) -> Result<(), Error> {
        if address.ip().to_canonical().is_loopback() || !self.tokens.is_empty() || self.insecure {
            return Ok(());
        }
        Err(Error::Unprotected { address })
    }
}

/// How much may be asked for. `docs/server.md` lists the defaults.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Connections at once; more wait to be accepted.
    pub connections: usize,
    /// Requests that are worked on at once; more are answered with 503.
    pub requests: usize,
    /// Answers with points that are being sent at once; more are answered with 503.
    pub answers: usize,
    /// Streams at once; more are answered with 503.
    pub streams: usize,
    /// Batches, each of at most 256 points, that a stream may be behind; it misses more.
    pub stream_behind: usize,
    /// Bytes of the head of a request.
    pub head_bytes: usize,
    /// Headers of a request.
    pub headers: usize,
    /// Bytes of the body of a request.
    pub body_bytes: usize,
    /// How long the head of a request may take, and a connection may be idle.
    pub head_time: Duration,
    /// How long an answer may take to begin.
    pub answer_time: Duration,
    /// How long a client may take nothing of what is written to it.
    pub write_time: Duration,
    /// How long requests that are under way may take when the server stops.
    pub stop_time: Duration,
    /// How often something is written to a stream that has nothing to tell.
    pub keep_alive: Duration,
    /// Rows of a page, unless the request says how many.
    pub usual_rows: u64,
    /// Rows of a page at most.
    pub most_rows: u64,
    /// Points that are read for a page at most; it matters where they are rolled up.
    pub most_read: u64,
    /// The longest span of time of a request.
    pub most_span: Duration,
    /// How far back a stream is resumed.
    pub most_resumed: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            requests: 64,
            answers: 128,
            streams: 128,
            stream_behind: 512,
            head_bytes: 32 << 10,
            headers: 64,
            body_bytes: 64 << 10,
            head_time: Duration::from_secs(10),
            answer_time: Duration::from_secs(30),
            write_time: Duration::from_secs(30),
            stop_time: Duration::from_secs(25),
            keep_alive: Duration::from_secs(15),
            usual_rows: 20_000,
            most_rows: 100_000,
            most_read: 2_000_000,
            most_span: Duration::from_secs(400 * 86_400),
            most_resumed: Duration::from_secs(3600),
        }
    }
}
