//! Which output the arguments ask for, and whether they go together.

use cmetrics_core::MetricSet;
use cmetrics_core::container::Identity;
use cmetrics_core::names::{GaugeFigure, NameOptions, Names, Naming, Temporality};

use super::columns::IdentityColumn;
use super::rows::{RowFormat, Rows};
use super::{Format, csv, json, table};
use crate::args::{GaugeArg, NamesArgs, NamingArg, PointFormat, TemporalityArg, metrics};
use crate::outcome::Failure;

/// What the arguments ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) names: &'a NamesArgs,
    /// The format, if one was named.
    pub(crate) format: Option<PointFormat>,
    /// The words of metrics.
    pub(crate) metrics: &'a [String],
    pub(crate) extended: bool,
    pub(crate) complete: bool,
    pub(crate) is_terminal: bool,
}

/// The output that was chosen.
#[derive(Debug)]
pub(crate) struct Choice {
    what: What,
    format: PointFormat,
    /// The metrics that points need besides the documented ones.
    metrics: MetricSet,
    extended: bool,
    columns: Vec<IdentityColumn>,
}

#[derive(Debug)]
enum What {
    Documented,
    Catalogue,
    Rows(Names),
}

impl Choice {
    pub(crate) fn new(asked: Asked<'_>) -> Result<Self, Failure> {
        let naming = naming(asked)?;
        let what = if let Some(of_rows) = of_core(naming) {
            What::Rows(names(of_rows, asked)?)
        } else {
            check_no_options_of_rows(asked)?;
            if naming == NamingArg::Catalogue { What::Catalogue } else { What::Documented }
        };
        let format = asked.format.unwrap_or_else(|| by_default(naming, asked.is_terminal));
        let columns = columns(asked.names, naming, format)?;
        let points_need = match &what {
            What::Catalogue if asked.metrics.is_empty() => MetricSet::all(),
            What::Documented | What::Catalogue => metrics(asked.metrics)?,
            What::Rows(names) => names.metrics(),
        };
        Ok(Self { what, format, metrics: points_need, extended: asked.extended, columns })
    }

    /// The metrics that points need besides the documented ones.
    pub(crate) fn metrics(&self) -> MetricSet {
        self.metrics
    }

    /// Whether containers' labels are needed.
    pub(crate) fn needs_labels(&self) -> bool {
        self.columns.iter().any(IdentityColumn::is_label)
    }

    /// Where the sums of rows are 0, if that is not at the first point.
    pub(crate) fn since(&self) -> Option<u64> {
        match &self.what {
            What::Rows(names) => names.options().since,
            What::Documented | What::Catalogue => None,
        }
    }

    /// How the points of these containers are written.
    pub(crate) fn format(&self, containers: &[&Identity]) -> Box<dyn Format + '_> {
        let Self { metrics, extended, ref columns, .. } = *self;
        let is_catalogue = matches!(self.what, What::Catalogue);
        let points = match &self.what {
            What::Rows(names) => return Box::new(Rows::new(names, row_format(self.format))),
            What::Documented => json::Shape { is_catalogue: false, extended },
            What::Catalogue => json::Shape { is_catalogue: true, extended },
        };
        match self.format {
            PointFormat::Ndjson => Box::new(json::Ndjson(points)),
            PointFormat::Csv => {
                Box::new(csv::Csv::new(metrics, is_catalogue, extended).with(columns.clone()))
            }
            PointFormat::Table => {
                let containers = containers.iter().copied();
                Box::new(table::Table::new(metrics, extended, columns.clone(), &containers))
            }
            // The others are formats of rows.
            _ => Box::new(json::Json(points)),
        }
    }
}

/// The names that were asked for, or those that the format implies.
fn naming(asked: Asked<'_>) -> Result<NamingArg, Failure> {
    let of_format = match asked.format {
        Some(PointFormat::Prometheus | PointFormat::Openmetrics) => Some(NamingArg::Prometheus),
        Some(PointFormat::Otlp) => Some(NamingArg::Otel),
        Some(PointFormat::Table) => Some(NamingArg::Documented),
        _ => None,
    };
    match (asked.names.names, of_format) {
        (Some(named), Some(implied)) if named != implied => Err(Failure::usage(format!(
            "--format {} goes with --names {} only",
            asked.format.as_ref().map(word).unwrap_or_default(),
            word(&implied)
        ))),
        (named, implied) => Ok(named.or(implied).unwrap_or_default()),
    }
}

/// The word of an argument's value.
fn word(value: &impl clap::ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

fn of_core(naming: NamingArg) -> Option<Naming> {
    match naming {
        NamingArg::Documented | NamingArg::Catalogue => None,
        NamingArg::Prometheus => Some(Naming::Prometheus),
        NamingArg::Heapster => Some(Naming::Heapster),
        NamingArg::Otel => Some(Naming::OpenTelemetry),
    }
}

/// The names of rows. An option that other names need is refused by its name.
fn names(naming: Naming, asked: Asked<'_>) -> Result<Names, Failure> {
    let args = asked.names;
    for (option, is_given, why) in [
        ("--extended", asked.extended, "is for points, and rows have one figure each"),
        ("--complete", asked.complete, "is for points: sums would lack what is left out"),
        (
            "--temporality",
            args.temporality.is_some() && naming != Naming::OpenTelemetry,
            "needs --names otel",
        ),
        (
            "--gauge with several figures",
            args.gauge.len() > 1 && naming != Naming::Prometheus,
            "needs --names prometheus: other names do not tell them apart",
        ),
    ]
    .into_iter()
    .chain(of_heapster(args).map(|(option, is_given)| {
        (option, is_given && naming != Naming::Heapster, "needs --names heapster")
    })) {
        if is_given {
            return Err(Failure::usage(format!("{option} {why}")));
        }
    }
    let mut options = NameOptions::default();
    if !asked.metrics.is_empty() {
        options.metrics = metrics(asked.metrics)?;
    }
    options.gauges = args.gauge.iter().copied().map(figure).collect();
    options.temporality = args.temporality.map(|which| match which {
        TemporalityArg::Delta => Temporality::Delta,
        TemporalityArg::Cumulative => Temporality::Cumulative,
    });
    options.since = args.since;
    options.allocatable_cpu = args.allocatable_cpu;
    options.allocatable_memory = args.allocatable_memory;
    options.requests_from_shares = args.requests_from_shares;
    Ok(Names::new(naming, options)?)
}

fn of_heapster(args: &NamesArgs) -> [(&'static str, bool); 3] {
    [
        ("--allocatable-cpu", args.allocatable_cpu.is_some()),
        ("--allocatable-memory", args.allocatable_memory.is_some()),
        ("--requests-from-shares", args.requests_from_shares),
    ]
}

fn figure(gauge: GaugeArg) -> GaugeFigure {
    match gauge {
        GaugeArg::Ave => GaugeFigure::Ave,
        GaugeArg::Min => GaugeFigure::Min,
        GaugeArg::Max => GaugeFigure::Max,
    }
}

fn check_no_options_of_rows(asked: Asked<'_>) -> Result<(), Failure> {
    let args = asked.names;
    let of_rows = [
        ("--gauge", !args.gauge.is_empty()),
        ("--since", args.since.is_some()),
        ("--temporality", args.temporality.is_some()),
    ];
    let mut given = of_rows.into_iter().chain(of_heapster(args)).filter(|(_, is_given)| *is_given);
    given.next().map_or(Ok(()), |(option, _)| {
        let message = "is for rows: it needs --names prometheus, heapster or otel";
        Err(Failure::usage(format!("{option} {message}")))
    })
}

fn by_default(naming: NamingArg, is_terminal: bool) -> PointFormat {
    match naming {
        NamingArg::Documented if is_terminal => PointFormat::Table,
        NamingArg::Documented | NamingArg::Catalogue => PointFormat::Json,
        NamingArg::Prometheus => PointFormat::Prometheus,
        NamingArg::Heapster => PointFormat::Ndjson,
        NamingArg::Otel => PointFormat::Otlp,
    }
}

fn row_format(format: PointFormat) -> RowFormat {
    match format {
        PointFormat::Json | PointFormat::Table => RowFormat::Json,
        PointFormat::Ndjson => RowFormat::Ndjson,
        PointFormat::Csv => RowFormat::Csv,
        PointFormat::Prometheus => RowFormat::Prometheus,
        PointFormat::Openmetrics => RowFormat::OpenMetrics,
        PointFormat::Otlp => RowFormat::Otlp,
    }
}

/// The columns that say who a container is, each once.
fn columns(
    args: &NamesArgs,
    naming: NamingArg,
    format: PointFormat,
) -> Result<Vec<IdentityColumn>, Failure> {
    if args.columns.is_empty() {
        return Ok(Vec::new());
    }
    if of_core(naming).is_some() {
        let message =
            format!("--columns is for points: rows of --names {} have labels", word(&naming));
        return Err(Failure::usage(message));
    }
    if !matches!(format, PointFormat::Csv | PointFormat::Table) {
        let message = format!("--columns needs --format csv or table: {} has none", word(&format));
        return Err(Failure::usage(message));
    }
    IdentityColumn::of_words(&args.columns).map_err(Failure::usage)
}
