//! Which names, and how figures become rows.

use std::fmt;

use crate::error::{Error, Problem};
use crate::metric::MetricSet;

/// Under whose names rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Naming {
    /// Those of cAdvisor's exposition.
    Prometheus,
    /// Heapster's measurements.
    Heapster,
    /// OpenTelemetry's semantic conventions for containers.
    OpenTelemetry,
}

impl fmt::Display for Naming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prometheus => "prometheus",
            Self::Heapster => "heapster",
            Self::OpenTelemetry => "otel",
        })
    }
}

/// Which figure of a gauge a row has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GaugeFigure {
    /// The mean.
    #[default]
    Ave,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

/// What a row of a counter has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Temporality {
    /// The growth in the interval.
    Delta,
    /// All growth up to the row's time, from one zero on.
    Cumulative,
}

/// How figures become rows. The default is that of each naming.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NameOptions {
    /// The metrics that rows are made of; all by default.
    pub metrics: MetricSet,
    /// The figures of gauges, each a row; the mean if there is none. Only Prometheus' names tell
    /// several apart.
    pub gauges: Vec<GaugeFigure>,
    /// Delta by default for OpenTelemetry's names; the others are always cumulative.
    pub temporality: Option<Temporality>,
    /// The second since the epoch at which sums are 0, if not at the first point. There are no rows
    /// before it.
    pub since: Option<u64>,
    /// The cores that Kubernetes may allocate on the machine, which no input tells.
    pub allocatable_cpu: Option<f64>,
    /// The bytes of memory that Kubernetes may allocate on the machine.
    pub allocatable_memory: Option<u64>,
    /// Whether CPU requests are estimated from CPU shares.
    pub requests_from_shares: bool,
}

impl Default for NameOptions {
    fn default() -> Self {
        Self {
            metrics: MetricSet::all(),
            gauges: Vec::new(),
            temporality: None,
            since: None,
            allocatable_cpu: None,
            allocatable_memory: None,
            requests_from_shares: false,
        }
    }
}

impl NameOptions {
    /// Whether rows of counters have the growth of their interval.
    pub(super) fn is_delta(&self, naming: Naming) -> bool {
        let by_default = match naming {
            Naming::OpenTelemetry => Temporality::Delta,
            Naming::Prometheus | Naming::Heapster => Temporality::Cumulative,
        };
        self.temporality.unwrap_or(by_default) == Temporality::Delta
    }

    /// The figures of gauges, each once.
    pub(super) fn gauges(&self) -> Vec<GaugeFigure> {
        use GaugeFigure::{Ave, Max, Min};
        let all = [Ave, Min, Max].into_iter();
        let asked: Vec<_> = all.filter(|figure| self.gauges.contains(figure)).collect();
        if asked.is_empty() { vec![Ave] } else { asked }
    }

    /// Checks that they go together, and with these names.
    pub(super) fn check(&self, naming: Naming) -> Result<(), Error> {
        let is_heapster = naming == Naming::Heapster;
        if naming != Naming::Prometheus && self.gauges().len() > 1 {
            let allowed = format!("one of ave, min and max for {naming}'s names");
            return Err(refused("gauge", "several figures", allowed));
        }
        if naming != Naming::OpenTelemetry && self.temporality == Some(Temporality::Delta) {
            return Err(refused(
                "temporality",
                "delta",
                format!("cumulative for {naming}'s names"),
            ));
        }
        let only_heapster = || "given with Heapster's names only".to_owned();
        match (self.allocatable_cpu, self.allocatable_memory) {
            (Some(cores), _) if !is_heapster => {
                Err(refused("allocatable CPU", cores, only_heapster()))
            }
            (_, Some(bytes)) if !is_heapster => {
                Err(refused("allocatable memory", bytes, only_heapster()))
            }
            (Some(cores), _) if !(cores.is_finite() && cores > 0.0) => {
                Err(refused("allocatable CPU", cores, "a number of cores above 0".to_owned()))
            }
            (_, Some(0)) => Err(refused("allocatable memory", 0, "above 0".to_owned())),
            _ if self.requests_from_shares && !is_heapster => {
                Err(refused("requests from shares", "wanted", only_heapster()))
            }
            _ => Ok(()),
        }
    }
}

#[cold]
fn refused(name: &'static str, value: impl fmt::Display, allowed: String) -> Error {
    Error::new(Problem::Setting { name, value: value.to_string(), allowed })
}
