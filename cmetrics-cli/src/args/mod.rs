//! The arguments of the command line.

mod examples;
mod figures;
mod formats;
mod labels;
mod live;
mod names;
mod removal;
mod serve;
mod store;
mod values;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use cmetrics_core::Timestamp;
use cmetrics_core::parse::Door;

use examples::{
    COMPLETIONS_EXAMPLES, CONTAINERS_EXAMPLES, EXAMPLES, GET_EXAMPLES, HEALTH_EXAMPLES,
    INGEST_EXAMPLES, INSPECT_EXAMPLES, METRICS_EXAMPLES, POINTS_EXAMPLES, SERVE_EXAMPLES,
    STORE_EXAMPLES, WATCH_EXAMPLES,
};
pub(crate) use figures::FigureArgs;
pub(crate) use formats::{ListFormat, PointFormat, StatsFormat};
pub(crate) use labels::LabelArgs;
#[cfg(feature = "live")]
pub(crate) use live::WatchFormat;
pub(crate) use live::{HealthArgs, WatchArgs};
pub(crate) use names::{GaugeArg, NamesArgs, NamingArg, TemporalityArg};
pub(crate) use removal::DropArgs;
pub(crate) use serve::ServeArgs;
#[cfg(feature = "live")]
pub(crate) use serve::{Kind, SERVE_OPTIONS, ServeOption};
pub(crate) use store::{
    CompactArgs, ContainersArgs, DamageArgs, EventsArgs, GetArgs, IngestArgs, RetainArgs,
    SalvageArgs, SnapshotArgs, StatsArgs, StoreCommand, VerifyArgs, WaitArgs,
};
pub(crate) use values::metrics;
use values::{scrape_time, seconds, threads};

/// Exact data points from container metrics: what each container used in each five seconds
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
    /// machinestats), expositions of cAdvisor and the kubelet (Prometheus and OpenMetrics text), the
    /// Docker Engine's stats, the kubelet's summary, and OTLP JSON of the collector's
    /// receivers for Docker and the kubelet; plain, gzip or zstd. All are recognised by content. Writes the points
    /// of all of them together, by container and then by time.
    #[command(after_help = POINTS_EXAMPLES)]
    Points(PointsArgs),
    /// Show what is known of each container's samples
    ///
    /// Shows by which door the samples came, how many there are, of which time, how far apart they are, and how many
    /// restarts and gaps there are; also impossible CPU readings, if there are any: samples that
    /// were set aside, corrections (the counter fell without a restart) and implausible samples (it
    /// rose by more than all CPUs can use).
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(InspectArgs),
    /// List the metrics that points can have
    ///
    /// The documented point has some of what cAdvisor measures; `points --metrics` adds any of the
    /// rest, in the units shown here. A counter's figure is its growth in the interval; a gauge's
    /// figures are mean, minimum and maximum.
    #[command(after_help = METRICS_EXAMPLES)]
    Metrics(MetricsArgs),
    /// Keep the points of dumps in a store
    ///
    /// Adds the samples of all dumps to a store, a folder of points. Dumps may be added in any
    /// order and repeatedly: the points are those of one run over all of them.
    ///
    /// A run adds all of its samples or, if it is stopped before, none, and can be repeated. What
    /// it added stays, however the process ends.
    #[command(after_help = INGEST_EXAMPLES)]
    Ingest(IngestArgs),
    /// Get a container's last points from a store
    ///
    /// Writes the points of the last seconds, including those that are not final yet: of one
    /// container, or of all that have certain labels.
    #[command(after_help = GET_EXAMPLES)]
    Get(GetArgs),
    /// List the containers of a store
    ///
    /// Lists each container's names, the time of its points, and its limits.
    #[command(after_help = CONTAINERS_EXAMPLES)]
    Containers(ContainersArgs),
    /// Show what running containers use, as it happens
    ///
    /// Polls machines (cAdvisor, unless the address says otherwise), and writes the point of each
    /// interval of each container once it is final, as `points --format ndjson` does; on a terminal,
    /// a table that is renewed. It begins with what the machines remember, usually two minutes. It
    /// ends with Ctrl-C, SIGTERM or when its output is closed.
    #[command(after_help = WATCH_EXAMPLES)]
    Watch(WatchArgs),
    /// Poll machines, keep their points in a store, and answer for them on HTTP
    ///
    /// Each option is also a variable of the environment (`CMETRICS_POLL_INTERVAL` for
    /// `--poll-interval`) and a key of the configuration file (`poll.interval`): flags come before
    /// the environment, and that before the file. Times are texts such as `5s`, and sizes such as
    /// `64KiB`.
    ///
    /// SIGTERM or Ctrl-C ends it in order, a second one at once; SIGHUP reads machines and tokens
    /// anew.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Ask a server whether it is ready
    ///
    /// For the probes of containers: the exit status is 0 if it is ready, else 1, with a line that
    /// says why.
    #[command(after_help = HEALTH_EXAMPLES)]
    Health(HealthArgs),
    /// Maintain a store
    ///
    /// Shows what a store contains, verifies and copies it, and makes it smaller.
    #[command(after_help = STORE_EXAMPLES, subcommand)]
    Store(StoreCommand),
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
}

impl Command {
    /// Whether the command runs until it is told to end, and then ends in order.
    pub(crate) fn ends_in_order(&self) -> bool {
        matches!(self, Self::Watch(_) | Self::Serve(_))
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct PointsArgs {
    /// Width of an interval [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) interval: Option<u64>,

    /// Output format [default: table on a terminal, else json; with other names their own format]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<PointFormat>,

    /// Write to FILE instead of standard output: all of it or, on failure, nothing
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) figures: FigureArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) names: NamesArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// Output format
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

    /// Output format
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

    /// Only this container: its id, the beginning of its id, an alias, its cgroup path or
    /// `NAMESPACE/POD/CONTAINER`; may be repeated
    #[arg(long = "container", short, value_name = "CONTAINER")]
    pub(crate) containers: Vec<String>,

    #[command(flatten)]
    pub(crate) labels: LabelArgs,

    /// Longest time between two samples over which growth is shared out, in seconds [default: 150,
    /// or the interval if that is longer]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) max_gap: Option<u64>,

    /// Machine that the dumps come from: a prefix of names that are cgroup paths, as in
    /// `node7:/docker`
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) machine: Option<String>,

    /// Each dump comes from the machine that its folder is named after
    #[arg(long, conflicts_with = "machine")]
    pub(crate) machine_by_folder: bool,

    /// Where a container was read by several doors, their rank, the highest first: of an interval's
    /// figures each comes from the first door that tells it. Doors that are left out come last
    /// [default: cadvisor,exposition,engine,summary,resource,otlp.docker,otlp.kubelet,otlp.cmetrics,
    /// exposition.cmetrics]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) doors: Vec<Door>,

    /// When expositions were scraped whose rows have no times: RFC 3339, or milliseconds since the
    /// epoch [default: the milliseconds in the file's name, as in `metrics.1795262400000.prom`, else
    /// the time at which the file was written]
    #[arg(long, value_name = "TIME", value_parser = scrape_time, allow_negative_numbers = true)]
    pub(crate) scraped_at: Option<Timestamp>,

    /// Number of threads that read and make points. The output is the same for any number
    /// [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = threads, allow_negative_numbers = true)]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Read copies of known samples, instead of skipping text with the length and the end of a
    /// copy: slower, and for dumps of cAdvisor's the same. For dumps that were edited or made by
    /// other programs
    #[arg(long)]
    pub(crate) verify: bool,

    /// Print no summary, notes or progress bar, only errors
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// List the files in folders that are not dumps
    #[arg(long, short, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        super::Args::command().debug_assert();
    }
}
