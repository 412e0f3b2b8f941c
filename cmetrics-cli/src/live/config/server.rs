//! What of the configuration the server is told.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use cmetrics_server::{Layout, Limits, RedisOptions, ServerOptions, TlsFiles, Tokens};

use super::layers::Layers;
use super::values;

/// `None` where a value is wrong.
pub(super) fn options(
    layers: &mut Layers,
    (listen, stop_within): (Option<SocketAddr>, Option<Duration>),
    tokens: Option<&Tokens>,
) -> Option<ServerOptions> {
    let limits = limits(layers, stop_within);
    refuse_hosts(layers);
    let insecure = layers.parsed("insecure", values::switch);
    let mut options = ServerOptions::default()
        .with_limits(limits?)
        .with_tokens(tokens?.clone())
        .with_hosts(layers.list("host"));
    if insecure? {
        options = options.insecure();
    }
    if let Some(files) = tls(layers)? {
        options = options.with_tls(files);
    }
    if let Some(redis) = redis(layers)? {
        options = options.with_redis(redis);
    }
    if let Err(error) = options.check_address(listen?) {
        layers.refuse("listen", format_args!(": {error} (--token-file FILE, --insecure)"));
    }
    Some(options)
}

/// Refuses what no request can have for a host: its port is left out before it is looked up.
fn refuse_hosts(layers: &mut Layers) {
    for host in layers.list("host").to_vec() {
        let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        if !is_address && host.contains(|c: char| "/:@".contains(c) || c.is_whitespace()) {
            let expected = "expected a name such as metrics.example.org, without scheme, port \
                            and path";
            layers.refuse("host", format_args!(" is {host:?}: {expected}"));
        }
    }
}

/// The tokens in the file that is named; none without one.
pub(super) fn tokens(layers: &mut Layers) -> Option<Tokens> {
    let Some(path) = layers.text("token.file") else { return Some(Tokens::default()) };
    match Tokens::read(path) {
        Ok(tokens) => Some(tokens),
        Err(error) => {
            layers.refuse("token.file", format_args!(": {error}"));
            None
        }
    }
}

/// `Some(None)` where connections are not over TLS.
#[expect(clippy::option_option, reason = "the outer one is whether the values can be read")]
fn tls(layers: &mut Layers) -> Option<Option<TlsFiles>> {
    match (layers.text("tls.certificate"), layers.text("tls.key")) {
        (Some(certificate), Some(key)) => {
            let files = TlsFiles::new(certificate, key);
            match files.check() {
                Ok(()) => Some(Some(files)),
                Err(error) => {
                    layers.refuse("tls.certificate", format_args!(": {error}"));
                    None
                }
            }
        }
        (None, None) => Some(None),
        (Some(_), None) => {
            layers.refuse("tls.certificate", ": expected its key, too (--tls-key FILE)");
            None
        }
        (None, Some(_)) => {
            layers.refuse("tls.key", ": expected its certificate, too (--tls-certificate FILE)");
            None
        }
    }
}

/// `Some(None)` where points do not go to Redis.
#[expect(clippy::option_option, reason = "the outer one is whether the values can be read")]
fn redis(layers: &mut Layers) -> Option<Option<RedisOptions>> {
    let layout = layers.parsed("redis.layout", |text| match text {
        "triggers" => Ok(Layout::Triggers),
        "throttlebot" => Ok(Layout::Throttlebot),
        _ => Err(format!("is {text:?}: expected triggers or throttlebot")),
    });
    let database = layers.parsed("redis.database", |text| {
        let number = text.trim().parse();
        number.map_err(|_| format!("is {text:?}: expected a whole number"))
    });
    let password = layers.parsed("redis.password-file", |path| {
        let read = std::fs::read_to_string(path);
        read.map_err(|error| format!("is {path}: {error}"))
    });
    let address = layers.parsed("redis.address", |text| match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
            Ok(text.to_owned())
        }
        _ => Err(format!("is {text:?}: expected a host and a port such as 127.0.0.1:6379")),
    });
    let (layout, database) = (layout?, database?);
    if layers.text("redis.address").is_none() {
        return Some(None);
    }
    let mut options = RedisOptions::new(address?, layout).with_database(database);
    if layers.text("redis.password-file").is_some() {
        options = options.with_password(password?.trim_end());
    }
    Some(Some(options))
}

fn limits(layers: &mut Layers, stop_within: Option<Duration>) -> Option<Limits> {
    let connections = layers.parsed("limit.connections", values::count);
    let requests = layers.parsed("limit.requests", values::count);
    let streams = layers.parsed("limit.streams", values::count);
    let body = layers.parsed("limit.body", |text| above_zero(text, values::size(text)));
    let rows = layers.parsed("limit.rows", values::count);
    let span = layers.parsed("limit.span", |text| above_zero(text, values::time(text)));
    let mut limits = Limits::default();
    limits.connections = connections?;
    limits.requests = requests?;
    limits.streams = streams?;
    limits.body_bytes = body?;
    limits.most_rows = rows? as u64;
    limits.usual_rows = limits.usual_rows.min(limits.most_rows);
    limits.most_span = span?;
    // The rest is for what is still to be kept.
    limits.stop_time = stop_within? * 4 / 5;
    Some(limits)
}

/// Refuses a limit that would let nothing through.
fn above_zero<T: Default + PartialEq>(text: &str, read: Result<T, String>) -> Result<T, String> {
    match read {
        Ok(value) if value == T::default() => Err(format!("is {text:?}: expected more than 0")),
        read => read,
    }
}
