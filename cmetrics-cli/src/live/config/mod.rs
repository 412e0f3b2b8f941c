//! The configuration of `cmetrics serve`.

mod file;
mod layers;
mod near;
mod print;
mod server;
mod setting;
mod values;

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use cmetrics_core::Settings;
use cmetrics_core::store::{StoreOptions, SyncPolicy};
use cmetrics_live::{LiveOptions, Machine, Networks};
use cmetrics_server::{ServerOptions, Tokens};
use tracing_subscriber::filter::Targets;

use self::layers::{Layers, Variable};
pub(super) use self::setting::Effective;
use super::log::LogFormat;
use super::machines::machine;
use crate::args::ServeArgs;

/// The configuration, checked.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) store: PathBuf,
    kept: Kept,
    /// For how long points are kept, if not for ever.
    pub(super) retain: Option<Duration>,
    pub(super) machines: Vec<Machine>,
    pub(super) live: LiveOptions,
    pub(super) listen: SocketAddr,
    /// `http` or `https`.
    pub(super) scheme: &'static str,
    pub(super) server: ServerOptions,
    /// The tokens of the server, which may be read again.
    pub(super) tokens: Tokens,
    pub(super) stop_within: Duration,
    pub(super) log: LogOptions,
    /// What may be a mistake.
    pub(super) notes: Vec<String>,
    pub(super) effective: Effective,
}

/// How points are kept.
#[derive(Debug)]
struct Kept {
    options: StoreOptions,
    interval: Duration,
    lateness: Duration,
    /// Whether these two were set, so that a store must have them.
    are_set: [bool; 2],
}

impl Config {
    /// The options of a store, new or not.
    pub(super) fn store_options(&self) -> StoreOptions {
        let Kept { options, interval, lateness, .. } = self.kept;
        options.with_interval(interval).with_lateness(lateness)
    }

    /// The options of a store that was made with others, which it keeps where none were set.
    pub(super) fn options_of_kept_store(&self) -> StoreOptions {
        let Kept { mut options, interval, lateness, are_set } = self.kept;
        if are_set[0] {
            options = options.with_interval(interval);
        }
        if are_set[1] {
            options = options.with_lateness(lateness);
        }
        options
    }
}

/// What is logged, and how.
#[derive(Debug)]
pub(super) struct LogOptions {
    pub(super) targets: Targets,
    pub(super) format: LogFormat,
}

/// Reads and checks the configuration.
///
/// # Errors
/// All that is wrong with it, each with the layer that says it.
pub(super) fn read(args: &ServeArgs) -> Result<Config, Vec<String>> {
    let mut layers = Layers::read(args, &environment());
    let config = config(&mut layers);
    match config {
        Some(config) if layers.problems.is_empty() => Ok(config),
        _ => Err(layers.problems),
    }
}

/// The configuration as a file, with where each value is from; and what may be a mistake.
///
/// # Errors
/// What is wrong with the layers, apart from values.
pub(super) fn print(args: &ServeArgs) -> Result<(String, Vec<String>), Vec<String>> {
    let layers = Layers::read(args, &environment());
    if layers.problems.is_empty() {
        Ok((print::print(&layers), layers.notes))
    } else {
        Err(layers.problems)
    }
}

fn environment() -> Vec<Variable> {
    let named = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()))
    };
    std::env::vars_os().filter_map(named).collect()
}

/// `None` where a value is wrong. All are read, so that all that is wrong is told at once.
fn config(layers: &mut Layers) -> Option<Config> {
    let store = layers.text("store").map(PathBuf::from);
    if store.is_none() {
        layers.refuse("store", " is empty: expected a folder");
    }
    let (live, kept) = (live(layers), kept(layers));
    let (machines, retain) = (machines(layers), retention(layers));
    let listen = layers.parsed("listen", address);
    let tokens = server::tokens(layers);
    let stop_within = layers.parsed("stop-within", values::time);
    let server = server::options(layers, (listen, stop_within), tokens.as_ref());
    let log = log(layers);
    Some(Config {
        store: store?,
        kept: kept?,
        retain: retain?,
        machines,
        live: live?,
        listen: listen?,
        scheme: if layers.text("tls.certificate").is_some() { "https" } else { "http" },
        server: server?,
        tokens: tokens?,
        stop_within: stop_within?,
        log: log?,
        notes: std::mem::take(&mut layers.notes),
        effective: layers.effective(),
    })
}

fn machines(layers: &mut Layers) -> Vec<Machine> {
    let mut machines = Vec::new();
    for text in layers.list("machine").to_vec() {
        match machine(&text) {
            Ok(machine) => machines.push(machine),
            Err(problem) => layers.refuse("machine", format_args!(" is {text:?}: {problem}")),
        }
    }
    for (index, machine) in machines.iter().enumerate() {
        let same = |other: &&Machine| other.name == machine.name;
        if machines.iter().take(index).any(|other| same(&other)) {
            let name = &machine.name;
            layers.refuse("machine", format_args!(" names {name:?} twice: expected a name each"));
        }
    }
    machines
}

fn live(layers: &mut Layers) -> Option<LiveOptions> {
    let interval = layers.parsed("poll.interval", values::time);
    let requests = layers.parsed("poll.requests", values::count);
    let duration = layers.parsed("poll.storage-duration", values::time);
    let networks = networks(layers);
    let sockets = layers.parsed("socket", values::switch);
    let unverified = layers.parsed("poll.unverified", values::switch);
    let all_cgroups = layers.parsed("poll.all-cgroups", values::switch);
    let mut options = LiveOptions::default()
        .with_poll_interval(interval?)
        .with_most_requests(requests?)
        .with_storage_duration(duration?)
        .with_networks(networks?);
    for (key, with) in [
        ("poll.ca-file", LiveOptions::with_ca_file as fn(LiveOptions, PathBuf) -> LiveOptions),
        ("poll.token-file", LiveOptions::with_token_file),
    ] {
        if let Some(path) = layers.text(key).map(PathBuf::from) {
            if let Err(error) = std::fs::File::open(&path) {
                layers.refuse(key, format_args!(" is {}: {error}", path.display()));
            }
            options = with(options, path);
        }
    }
    for (is_on, with) in [
        (sockets?, LiveOptions::with_sockets as fn(LiveOptions) -> LiveOptions),
        (unverified?, LiveOptions::with_unverified_certificates),
        (all_cgroups?, LiveOptions::with_all_cgroups),
    ] {
        if is_on {
            options = with(options);
        }
    }
    refuse_times(layers, &options);
    Some(options)
}

/// Refuses times of polls that the library would refuse, which does not know where they are from.
fn refuse_times(layers: &mut Layers, options: &LiveOptions) {
    let Err(error) = options.check() else { return };
    // The shortest that any storage duration allows.
    let shortest = options.clone().with_poll_interval(Duration::from_secs(1));
    let key = if shortest.check().is_err() { "poll.storage-duration" } else { "poll.interval" };
    layers.refuse(key, format_args!(": {error}"));
}

fn networks(layers: &mut Layers) -> Option<Networks> {
    match layers.list("network").join(",").parse() {
        Ok(networks) => Some(networks),
        Err(error) => {
            layers.refuse("network", format_args!(": {error}"));
            None
        }
    }
}

fn kept(layers: &mut Layers) -> Option<Kept> {
    let interval = layers.parsed("interval", values::time);
    if let Some(Err(error)) = interval.map(|interval| Settings::new(interval, None)) {
        layers.refuse("interval", format_args!(": {error}"));
    }
    let lateness = layers.parsed("lateness", values::time);
    let metrics = match crate::args::metrics(layers.list("metrics")) {
        Ok(metrics) => Some(metrics),
        Err(error) => {
            layers.refuse("metrics", format_args!(": {error}"));
            None
        }
    };
    let sync = layers.parsed("sync", sync);
    Some(Kept {
        options: StoreOptions::default().with_metrics(metrics?).with_sync(sync?),
        interval: interval?,
        lateness: lateness?,
        are_set: ["interval", "lateness"].map(|key| layers.is_set(key)),
    })
}

fn sync(text: &str) -> Result<SyncPolicy, String> {
    match text {
        "always" => Ok(SyncPolicy::Always),
        "os" => Ok(SyncPolicy::Os),
        _ => match values::time(text) {
            Ok(time) if !time.is_zero() => Ok(SyncPolicy::Every(time)),
            _ => Err(format!("is {text:?}: expected always, os, or a time such as 1s")),
        },
    }
}

/// `Some(None)` where points are kept for ever.
#[expect(clippy::option_option, reason = "the outer one is whether the value can be read")]
fn retention(layers: &mut Layers) -> Option<Option<Duration>> {
    layers.parsed("retain", |text| match text {
        "forever" => Ok(None),
        _ => match values::time(text) {
            Ok(age) if age >= Duration::from_secs(3600) => Ok(Some(age)),
            _ => Err(format!("is {text:?}: expected forever, or a time from 1h such as 30d")),
        },
    })
}

/// An address with a port; a host's name is looked up.
fn address(text: &str) -> Result<SocketAddr, String> {
    let expected = "expected an address and a port such as 127.0.0.1:5000 or [::1]:5000";
    let text = text.trim();
    let mut found =
        text.to_socket_addrs().map_err(|error| format!("is {text:?}: {error}; {expected}"))?;
    found.next().ok_or_else(|| format!("is {text:?}, which has no address; {expected}"))
}

fn log(layers: &mut Layers) -> Option<LogOptions> {
    let targets = layers.parsed("log.level", |text| {
        let expected = "expected error, warn, info, debug or trace, also by part as in \
                        info,cmetrics_live=debug";
        text.parse().map_err(|_| format!("is {text:?}: {expected}"))
    });
    let format = layers.parsed("log.format", LogFormat::parse);
    Some(LogOptions { targets: targets?, format: format? })
}
