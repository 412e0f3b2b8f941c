//! The arguments of the commands on stores.

use std::path::PathBuf;

use clap::{Subcommand, ValueHint};
use cmetrics_core::store::SyncPolicy;

use super::examples::{
    COMPACT_EXAMPLES, DROP_EXAMPLES, EVENTS_EXAMPLES, RETAIN_EXAMPLES, SALVAGE_EXAMPLES,
    SNAPSHOT_EXAMPLES, STATS_EXAMPLES, VERIFY_EXAMPLES,
};
use super::removal::DropArgs;
use super::values::{seconds, sync, time};
use super::{InputArgs, ListFormat, PointFormat};

#[derive(Debug, clap::Args)]
pub(crate) struct IngestArgs {
    /// The store's folder, new if there is none
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// Width of an interval, for a new store [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) interval: Option<u64>,

    /// By how much a sample may be older than its container's newest and still count as one that
    /// came late, for a new store [default: 180]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) lateness: Option<u64>,

    /// Keep metrics beside the documented ones, from now on: names, groups such as `memory.*`, or
    /// `all`; separated by commas, and may be given several times
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) metrics: Vec<String>,

    /// When what was written outlasts a loss of power: at once (`always`), after so many seconds,
    /// or when the operating system does it (`os`, as a rule within half a minute); at the end it
    /// always does. Where only the command is killed, nothing that was written is lost
    #[arg(long, value_name = "always|os|SECONDS", value_parser = sync, default_value = "1")]
    pub(crate) sync: SyncPolicy,

    /// Ingest nothing where a sample is older than the lateness allows
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
    /// Read what is left of a damaged store: what cannot be read is told, and the exit status is 1
    #[arg(long)]
    pub(crate) despite_damage: bool,
}

/// What to do while another process writes.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct WaitArgs {
    /// Wait for so long while another process has the store open for writing
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

    /// Its id, the beginning of its id, an alias (its last bearer's points in that time) or its
    /// cgroup path
    #[arg(value_name = "CONTAINER")]
    pub(crate) container: String,

    /// How long before the end the points begin
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) period: u64,

    /// Up to when: a time such as `2026-11-21T12:00:00Z`, or seconds since the epoch [default: the
    /// end of the container's newest point]
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub(crate) end: Option<u64>,

    /// Make points of wider intervals, a whole multiple of the store's: all that lie in the time
    /// asked for, if only in part [default: the store's]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) interval: Option<u64>,

    /// Add metrics to each point, in base units: names, groups such as `memory.*`, or `all`;
    /// separated by commas, and may be given several times. What was not kept is null
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) metrics: Vec<String>,

    /// How the points are written [default: table on a terminal, else json]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<PointFormat>,

    /// Write to FILE instead of standard output: the whole of it or, on failure, nothing
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    /// Leave out points that the samples cover only in part
    #[arg(long)]
    pub(crate) complete: bool,

    /// Add to each point its number of samples, the part of the interval that they cover, and the
    /// parts of the container's limits that it used (of memory where its working
    /// set is kept)
    #[arg(long)]
    pub(crate) extended: bool,

    /// Of an alias, the points of all that bore it in that time, not of the last bearer alone
    #[arg(long)]
    pub(crate) all_bearers: bool,

    /// No notes; errors are still told
    #[arg(long, short)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) damage: DamageArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ContainersArgs {
    /// The store's folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// How they are written
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "table")]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) damage: DamageArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Read everything, and tell of all that is damaged
    ///
    /// Writes what is damaged, a line each, with the file and where in it; nothing where all is
    /// sound. The exit status tells as much.
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Save what can be read of a damaged store into a new one
    #[command(after_help = SALVAGE_EXAMPLES)]
    Salvage(SalvageArgs),
    /// Make one segment of all that is stored
    ///
    /// It takes less room then, and is read faster.
    #[command(after_help = COMPACT_EXAMPLES)]
    Compact(CompactArgs),
    /// Show what a store holds, and what it takes
    #[command(after_help = STATS_EXAMPLES)]
    Stats(StatsArgs),
    /// Copy a store as it is into a new folder
    ///
    /// Another process may write to it meanwhile. On one file system the copy takes hardly any
    /// room.
    #[command(after_help = SNAPSHOT_EXAMPLES)]
    Snapshot(SnapshotArgs),
    /// List what happened besides points
    ///
    /// Lists restarts, gaps, growth across them that belongs to no interval, CPU readings that
    /// cannot be (set aside, correction, implausible), and changes of limits, by container and time.
    #[command(after_help = EVENTS_EXAMPLES)]
    Events(EventsArgs),
    /// Drop what is older or more than is to be kept
    ///
    /// What is dropped is not answered any more, and cannot be ingested again, unless an earlier
    /// time is said with --since. Room is freed by and by. A time
    /// behind all that is stored is an error.
    #[command(after_help = RETAIN_EXAMPLES)]
    Retain(RetainArgs),
    /// Take out what is wrong: points, events and samples of a container
    ///
    /// Of the time from --from up to --to, whole intervals. They are gone for good, though a
    /// snapshot that was made before has them still. What comes later is taken as if they had never
    /// been there: so a sample that a wrong clock gave a time of the future no longer makes all
    /// others old.
    #[command(after_help = DROP_EXAMPLES)]
    Drop(DropArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The store's folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// No summary; damage is still told
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SalvageArgs {
    /// The damaged store's folder, which stays as it is
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// The new store's folder
    #[arg(long, value_name = "NEW", value_hint = ValueHint::DirPath)]
    pub(crate) to: PathBuf,

    /// Also points whose place was taken by better ones that cannot be read any more
    #[arg(long)]
    pub(crate) superseded: bool,

    /// No summary; what is lost is still told
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

    /// No summary; errors are still told
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StatsArgs {
    /// The store's folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// How they are written
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "table")]
    pub(crate) format: StatsFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum StatsFormat {
    /// For people
    Table,
    /// One object
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SnapshotArgs {
    /// The store's folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// The folder of the copy, which must not be there yet
    #[arg(value_name = "TO", value_hint = ValueHint::DirPath)]
    pub(crate) to: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EventsArgs {
    /// The store's folder
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// Only of this container, or all that bore this alias: named as for `get`; may be given
    /// several times
    #[arg(long = "container", short, value_name = "CONTAINER")]
    pub(crate) containers: Vec<String>,

    /// How long before the end the time begins [default: all that is known]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) period: Option<u64>,

    /// Up to when: a time such as `2026-11-21T12:00:00Z`, or seconds since the epoch [default: the
    /// end of the newest point]
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub(crate) end: Option<u64>,

    /// How they are written
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

    /// Keep what ends in the last so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) age: Option<u64>,

    /// Keep at least so many points, the newest: of the oldest, whole segments are dropped
    #[arg(long, value_name = "N")]
    pub(crate) points: Option<u64>,

    /// Keep what ends after this time: a date as 2026-11-21T12:00:00Z, or seconds. Where it is
    /// earlier than before, what was dropped can be ingested again
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) since: Option<u64>,

    #[command(flatten)]
    pub(crate) wait: WaitArgs,

    /// No summary; errors are still told
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
