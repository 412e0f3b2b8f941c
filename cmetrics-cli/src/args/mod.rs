//! The arguments of the command line.

mod examples;
mod removal;
mod store;
mod values;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

use examples::{
    COMPLETIONS_EXAMPLES, CONTAINERS_EXAMPLES, EXAMPLES, GET_EXAMPLES, INGEST_EXAMPLES,
    INSPECT_EXAMPLES, METRICS_EXAMPLES, POINTS_EXAMPLES, STORE_EXAMPLES,
};
pub(crate) use removal::DropArgs;
pub(crate) use store::{
    CompactArgs, ContainersArgs, DamageArgs, EventsArgs, GetArgs, IngestArgs, RetainArgs,
    SalvageArgs, SnapshotArgs, StatsArgs, StatsFormat, StoreCommand, VerifyArgs, WaitArgs,
};
use values::{seconds, threads};

/// Exact data points from cAdvisor's container metrics: what each container used in each five
/// seconds
#[derive(Debug, Parser)]
#[command(name = "cmetrics", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make data points of dumps
    ///
    /// Reads cAdvisor's replies (v1 containers, subcontainers and docker, v2.0 and v2.1 stats,
    /// machinestats; plain, gzip or zstd, told by content) and writes the points of all of them
    /// together, by container and then by time.
    #[command(after_help = POINTS_EXAMPLES)]
    Points(PointsArgs),
    /// Show what is known of each container's samples
    ///
    /// Shows how many samples there are and from when to when, how far apart they lie, how often
    /// restarts and gaps interrupt them, and, where there are any, CPU readings that cannot be:
    /// samples that were set aside, corrections (the counter fell without a restart) and implausible
    /// samples (it rose by more than all CPUs can use).
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(InspectArgs),
    /// List the metrics that points can carry
    ///
    /// The documented point shows some of what cAdvisor measures; `points --metrics` adds any of
    /// it, in the units shown here. A counter's figure is its growth in the interval, a gauge's
    /// are mean, least and greatest.
    #[command(after_help = METRICS_EXAMPLES)]
    Metrics(MetricsArgs),
    /// Keep the points of dumps in a store
    ///
    /// Puts the samples of all dumps into a folder that keeps points for good. Dumps may come one
    /// by one, in any order and as often as one likes: the points are those of one run over all.
    ///
    /// All of a run is put in at once. Where it is stopped before, nothing of it is there, and it
    /// can be run again; what was put in stays, however the process ends.
    #[command(after_help = INGEST_EXAMPLES)]
    Ingest(IngestArgs),
    /// Get a container's last points from a store
    ///
    /// Gets the points of the last so many seconds, those included that are not final yet.
    #[command(after_help = GET_EXAMPLES)]
    Get(GetArgs),
    /// List the containers of a store
    ///
    /// Lists what each is called, from when to when there are points of it, and its limits.
    #[command(after_help = CONTAINERS_EXAMPLES)]
    Containers(ContainersArgs),
    /// Look after a store
    ///
    /// Tells what a store holds and whether it is sound, copies it, and makes it smaller.
    #[command(after_help = STORE_EXAMPLES, subcommand)]
    Store(StoreCommand),
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct PointsArgs {
    /// Width of an interval [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) interval: Option<u64>,

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
    /// parts of the container's CPU and memory limits that it used
    #[arg(long)]
    pub(crate) extended: bool,

    /// Add metrics to each point, in base units: names, groups such as `memory.*`, or `all`;
    /// separated by commas, and may be given several times
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) metrics: Vec<String>,

    #[command(flatten)]
    pub(crate) input: InputArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// How it is written
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "table")]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) input: InputArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MetricsArgs {
    /// A name, a group such as `memory.*`, or any part of a name [default: all]
    #[arg(value_name = "PATTERN")]
    pub(crate) pattern: Option<String>,

    /// How they are written
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "table")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// The inputs, and which of their containers count.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct InputArgs {
    /// Files and folders (all dumps below them), in this order; `-` or none: standard input
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,

    /// Only this container: its id, the beginning of its id, an alias or its cgroup path; may be
    /// given several times
    #[arg(long = "container", short, value_name = "CONTAINER")]
    pub(crate) containers: Vec<String>,

    /// Longest time between two samples that growth is shared out over [default: 150, or the
    /// interval where that is wider]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) max_gap: Option<u64>,

    /// Machine that the dumps come from: put before names that are cgroup paths, as in `node7:/docker`
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) machine: Option<String>,

    /// Each dump comes from the machine that its folder is named after
    #[arg(long, conflicts_with = "machine")]
    pub(crate) machine_by_folder: bool,

    /// On how many threads to read and to make points; 1 means one working thread. The output is
    /// the same for any number [default: as many as there are cores]
    #[arg(long, value_name = "N", value_parser = threads, allow_negative_numbers = true)]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Walk through samples that are known when they come again, instead of jumping over what has
    /// the length and the end of a copy: slower, and for dumps of cAdvisor's the same. For dumps
    /// that were edited or made by something else
    #[arg(long)]
    pub(crate) verify: bool,

    /// No summary, notes or progress bar; errors are still told
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Also name the files in folders that are no dumps
    #[arg(long, short, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PointFormat {
    /// One array, a point a line
    Json,
    /// A point a line
    Ndjson,
    /// A point a row, a figure a column
    Csv,
    /// For people: CPU in cores, memory, bytes a second; rates are over the time that samples cover
    Table,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Table,
    /// One array, an item a line
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        super::Args::command().debug_assert();
    }
}
