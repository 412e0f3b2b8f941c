//! The arguments of the commands on stores.

use std::path::PathBuf;

use clap::{Subcommand, ValueHint};
use cmetrics_core::parse::Door;
use cmetrics_core::store::SyncPolicy;

use super::examples::{
    COMPACT_EXAMPLES, DROP_EXAMPLES, EVENTS_EXAMPLES, RETAIN_EXAMPLES, SALVAGE_EXAMPLES,
    SNAPSHOT_EXAMPLES, STATS_EXAMPLES, VERIFY_EXAMPLES,
};
use super::formats::{ListFormat, PointFormat, StatsFormat};
use super::removal::DropArgs;
use super::values::{seconds, sync, time};
use super::{InputArgs, LabelArgs, NamesArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct IngestArgs {
    /// The store's folder, new if there is none
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// Width of an interval, for a new store [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) interval: Option<u64>,

    /// By how many seconds a sample may be older than its container's newest one before it counts as
    /// old, for a new store [default: 180]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) lateness: Option<u64>,

    /// Also store these metrics from now on: names, groups such as `memory.*`, or `all`; separated
    /// by commas; may be repeated
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) metrics: Vec<String>,

    /// When written data is synced, so that it survives a loss of power: at once (`always`), after
    /// this many seconds, or when the operating system does it (`os`, usually within half a
    /// minute); and always at the end. If only the command is killed, nothing that was written is
    /// lost
    #[arg(long, value_name = "always|os|SECONDS", value_parser = sync, default_value = "1")]
    pub(crate) sync: SyncPolicy,

    /// Ingest nothing if a sample is older than the lateness allows
    #[arg(long)]
    pub(crate) strict: bool,

    #[command(flatten)]
    pub(crate) wait: WaitArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,
}

/// What to do about damage.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct DamageArgs {
    /// Read the rest of a damaged store; damage is reported, and the exit status is 1
    #[arg(long)]
    pub(crate) despite_damage: bool,
}

/// What to do while another process writes.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct WaitArgs {
    /// Wait up to this many seconds while another process has the store open for writing
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = seconds,
        allow_negative_numbers = true,
        default_value = "0",
        hide_default_value = true
    )]
    pub(crate) wait: u64,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct GetArgs {
    /// The store's folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// Its id, the beginning of its id, an alias (of the last container that had it in that time),
    /// its cgroup path or `NAMESPACE/POD/CONTAINER`. Without it, all containers with the labels
    #[arg(value_name = "CONTAINER", required_unless_present = "labels")]
    pub(crate) container: Option<String>,

    #[command(flatten)]
    pub(crate) labels: LabelArgs,

    /// How many seconds before the end the points begin
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) period: u64,

    /// The end: a time such as `2026-11-21T12:00:00Z`, or seconds since the epoch [default: the
    /// end of the containers' newest point]
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub(crate) end: Option<u64>,

    /// Roll points up to this width in seconds, a whole multiple of the store's. All intervals that
    /// overlap the period are written [default: the store's width]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) interval: Option<u64>,

    /// Add metrics to each point, in base units: names, groups such as `memory.*`, or `all`;
    /// separated by commas; may be repeated. A metric that was not stored is null
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) metrics: Vec<String>,

    /// Where a container was read by several doors, their rank, the highest first: of an interval's
    /// figures each comes from the first door that tells it. Doors that are left out come last
    /// [default: cadvisor,exposition,engine,summary,resource,otlp.docker,otlp.kubelet,otlp.cmetrics,
    /// exposition.cmetrics]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) doors: Vec<Door>,

    /// Output format [default: table on a terminal, else json; with other names their own format]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<PointFormat>,

    /// Write to FILE instead of standard output: all of it or, on failure, nothing
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    /// Leave out points of intervals that samples cover only in part
    #[arg(long)]
    pub(crate) complete: bool,

    /// Add to each point its number of samples, the part of the interval that they cover, and what
    /// shares of its limits the container used (of memory only if `memory.working_set` is stored)
    #[arg(long)]
    pub(crate) extended: bool,

    /// For an alias, write the points of all containers that had it in that time, not only the last
    #[arg(long, requires = "container")]
    pub(crate) all_bearers: bool,

    /// Print no notes, only errors
    #[arg(long, short)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) damage: DamageArgs,

    #[command(flatten)]
    pub(crate) names: NamesArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ContainersArgs {
    /// The store's folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// Output format
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "table")]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) labels: LabelArgs,

    /// Add columns that say who the container is to the table: `alias`, `image`, `machine`,
    /// `namespace`, `pod`, `container`, `uid`, `path`, or `label:KEY`; separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,

    #[command(flatten)]
    pub(crate) damage: DamageArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Read everything, and report all damage
    ///
    /// Writes a line for each damaged place, with the file and the position in it, and nothing if
    /// there is no damage. The exit status is 1 if there is any.
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Copy everything readable of a damaged store into a new one
    #[command(after_help = SALVAGE_EXAMPLES)]
    Salvage(SalvageArgs),
    /// Merge everything into one segment
    ///
    /// The store then takes less room and is read faster.
    #[command(after_help = COMPACT_EXAMPLES)]
    Compact(CompactArgs),
    /// Show what a store contains, and how much room it takes
    #[command(after_help = STATS_EXAMPLES)]
    Stats(StatsArgs),
    /// Copy a store as it is into a new folder
    ///
    /// Another process may write to it meanwhile. On the same file system the copy takes hardly
    /// any room.
    #[command(after_help = SNAPSHOT_EXAMPLES)]
    Snapshot(SnapshotArgs),
    /// List restarts, gaps and other events
    ///
    /// Lists restarts, gaps, growth across gaps that belongs to no interval, impossible CPU
    /// readings (set aside, correction, implausible), and changes of limits, by container and time.
    #[command(after_help = EVENTS_EXAMPLES)]
    Events(EventsArgs),
    /// Drop old points
    ///
    /// Dropped points are no longer returned, and cannot be ingested again unless --since sets an
    /// earlier time. Room on disk is freed little by little. A time after everything that is stored
    /// is an error.
    #[command(after_help = RETAIN_EXAMPLES)]
    Retain(RetainArgs),
    /// Remove points, events and samples of a container that are wrong
    ///
    /// Removes whole intervals of the time from --from up to --to, for good; an earlier snapshot
    /// still has them. Later samples are treated as if the removed ones had never been there. So a
    /// sample from a clock that was ahead no longer makes all others old.
    #[command(after_help = DROP_EXAMPLES)]
    Drop(DropArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The store's folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// Print no summary, only damage
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SalvageArgs {
    /// The folder of the damaged store, which is not changed
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// The folder of the new store
    #[arg(long, value_name = "NEW", value_hint = ValueHint::DirPath)]
    pub(crate) to: PathBuf,

    /// Include points that were replaced by better ones which can no longer be read
    #[arg(long)]
    pub(crate) superseded: bool,

    /// Print no summary, only what is lost
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompactArgs {
    /// The store's folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    #[command(flatten)]
    pub(crate) wait: WaitArgs,

    /// Print no summary, only errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StatsArgs {
    /// The store's folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// Output format
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "table")]
    pub(crate) format: StatsFormat,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SnapshotArgs {
    /// The store's folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// The folder of the copy, which must not exist yet
    #[arg(value_name = "TO", value_hint = ValueHint::DirPath)]
    pub(crate) to: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EventsArgs {
    /// The store's folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// Only of this container, or of all that had this alias; named as for `get`; may be repeated
    #[arg(long = "container", short, value_name = "CONTAINER")]
    pub(crate) containers: Vec<String>,

    #[command(flatten)]
    pub(crate) labels: LabelArgs,

    /// How many seconds before the end the events begin [default: all events]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) period: Option<u64>,

    /// The end: a time such as `2026-11-21T12:00:00Z`, or seconds since the epoch [default: the
    /// end of the newest point]
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub(crate) end: Option<u64>,

    /// Events of every door by which a container was read, not only of the highest: the same may
    /// be told by each
    #[arg(long)]
    pub(crate) every_door: bool,

    /// Output format
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "table")]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) damage: DamageArgs,
}

#[derive(Debug, clap::Args)]
#[group(id = "retention", required = true, multiple = false, args = ["age", "points", "since"])]
pub(crate) struct RetainArgs {
    /// The store's folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// Keep points that end in the last SECONDS
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) age: Option<u64>,

    /// Keep at least N of the newest points; whole segments of the oldest are dropped
    #[arg(long, value_name = "N")]
    pub(crate) points: Option<u64>,

    /// Keep points that end after this time: a time such as `2026-11-21T12:00:00Z`, or seconds since
    /// the epoch. If it is earlier than before, dropped points can be ingested again
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) since: Option<u64>,

    #[command(flatten)]
    pub(crate) wait: WaitArgs,

    /// Print no summary, only errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
