//! The arguments of names: under which, and how figures become rows.

use clap::ValueEnum;

use super::values::{bytes, cores, time};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum NamingArg {
    /// The documented point
    #[default]
    Documented,
    /// The names of `cmetrics metrics`, in base units
    Catalogue,
    /// cAdvisor's exposition: `container_cpu_usage_seconds_total`
    Prometheus,
    /// Heapster's measurements: `cpu/usage_rate`
    Heapster,
    /// OpenTelemetry's conventions: `container.cpu.time`
    Otel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GaugeArg {
    /// The mean
    Ave,
    /// The least
    Min,
    /// The greatest
    Max,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TemporalityArg {
    /// The growth in the interval
    Delta,
    /// All growth from one zero on
    Cumulative,
}

/// Under which names figures are written, and how.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Names")]
pub(crate) struct NamesArgs {
    /// Names of the figures. All but the first two are flat rows, one for each figure: name,
    /// labels, time and value. Without --metrics these and `catalogue` have all metrics
    #[arg(long, value_name = "NAMES", value_enum, hide_possible_values = false)]
    pub(crate) names: Option<NamingArg>,

    /// The figures of gauges in flat rows, separated by commas; several only with Prometheus'
    /// names, where `min` and `max` have the suffixes `_min` and `_max` [default: ave]
    #[arg(long, value_name = "LIST", value_enum, value_delimiter = ',')]
    pub(crate) gauge: Vec<GaugeArg>,

    /// The time at which the sums of flat rows are 0, so that several runs have the same zero;
    /// there are no rows before it: a time such as `2026-11-21T12:00:00Z`, or seconds since the
    /// epoch [default: the start of the first point]
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub(crate) since: Option<u64>,

    /// What counters have under OpenTelemetry's names [default: delta]
    #[arg(long, value_name = "WHICH", value_enum)]
    pub(crate) temporality: Option<TemporalityArg>,

    /// Heapster's `cpu/node_allocatable`, which no input has: cores, or millicores such as `3920m`
    #[arg(long, value_name = "CORES", value_parser = cores, allow_negative_numbers = true)]
    pub(crate) allocatable_cpu: Option<f64>,

    /// Heapster's `memory/node_allocatable`: bytes, or with a suffix as in `7Gi`
    #[arg(long, value_name = "BYTES", value_parser = bytes, allow_negative_numbers = true)]
    pub(crate) allocatable_memory: Option<u64>,

    /// Estimate Heapster's `cpu/request` from the CPU shares, which the kubelet sets from it
    #[arg(long)]
    pub(crate) requests_from_shares: bool,

    /// Add columns that say who the container is, to CSV and tables: `alias`, `image`, `machine`,
    /// `namespace`, `pod`, `container`, `uid`, `path`, or `label:KEY`; separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
}
