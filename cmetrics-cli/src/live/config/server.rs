//! What of the configuration the server is told.

use std::net::SocketAddr;

use cmetrics_server::{Limits, ServerOptions, Tokens};

use super::layers::Layers;
use super::values;

/// `None` where a value is wrong.
pub(super) fn options(
    layers: &mut Layers,
    listen: Option<SocketAddr>,
    tokens: Option<&Tokens>,
) -> Option<ServerOptions> {
    let limits = limits(layers);
    let insecure = layers.parsed("insecure", values::switch);
    let mut options = ServerOptions::default()
        .with_limits(limits?)
        .with_tokens(tokens?.clone())
        .with_hosts(layers.list("host"));
    if insecure? {
        options = options.insecure();
    }
    if let Err(error) = options.check_address(listen?) {
        layers.refuse("listen", format_args!(": {error} (--token-file FILE, --insecure)"));
    }
    Some(options)
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

fn limits(layers: &mut Layers) -> Option<Limits> {
    let connections = layers.parsed("limit.connections", values::count);
    let requests = layers.parsed("limit.requests", values::count);
    let streams = layers.parsed("limit.streams", values::count);
    let body = layers.parsed("limit.body", values::size);
    let rows = layers.parsed("limit.rows", values::count);
    let span = layers.parsed("limit.span", values::time);
    let stop_within = layers.parsed("stop-within", values::time);
    let mut limits = Limits::default();
    limits.connections = connections?;
    limits.requests = requests?;
    limits.streams = streams?;
    limits.body_bytes = body?;
    limits.most_rows = rows? as u64;
    limits.usual_rows = limits.usual_rows.min(limits.most_rows);
    limits.most_span = span?;
    limits.stop_time = stop_within?;
    Some(limits)
}
