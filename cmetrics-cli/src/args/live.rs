//! The arguments of the commands on running machines.

use std::path::PathBuf;

use clap::ValueHint;

use super::figures::FigureArgs;
use super::values::seconds;

#[derive(Debug, clap::Args)]
pub(crate) struct WatchArgs {
    /// Machines: `host`, `host:port` or a URL, with a name before it if it is to have another than
    /// `host:port`, as in `web1=10.0.0.7:8080` [default: localhost:8080, or those that the store's
    /// folder lists]
    #[arg(value_name = "[NAME=]ADDRESS")]
    pub(crate) machines: Vec<String>,

    /// Also keep the points in a store; its folder, new if there is none
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: Option<PathBuf>,

    /// Also write the points of open intervals whenever they change: the last line of a container
    /// and interval counts
    #[arg(long)]
    pub(crate) open: bool,

    /// Output format [default: table on a terminal, else ndjson]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<WatchFormat>,

    /// How many seconds lie between two polls of a machine
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = seconds,
        allow_negative_numbers = true,
        default_value = "5"
    )]
    pub(crate) poll_interval: u64,

    /// Width of an interval, unless there is a store already [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) interval: Option<u64>,

    #[command(flatten)]
    pub(crate) figures: FigureArgs,

    /// Print no notes on machines, only errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum WatchFormat {
    /// One point a line
    Ndjson,
    /// For people: the newest complete interval of each container, renewed each second
    Table,
}

#[derive(Debug, clap::Args)]
pub(crate) struct HealthArgs {
    /// Where the server listens; /readyz is asked unless the URL has a path
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:5000")]
    pub(crate) url: String,

    /// For how many seconds to wait for an answer
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = seconds,
        allow_negative_numbers = true,
        default_value = "5"
    )]
    pub(crate) timeout: u64,
}
