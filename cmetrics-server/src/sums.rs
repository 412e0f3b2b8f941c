//! The last final figures of containers under cAdvisor's names, for those who scrape.
//!
//! A counter there is a sum that never falls. Points have growth, so it is summed up here, from the
//! first time that somebody asks.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use cmetrics_core::container::Identity;
use cmetrics_core::names::{NameOptions, Names, Naming, Row, RowKind, Subject};
use cmetrics_core::point::RollUp;
use cmetrics_core::time::unix_seconds;
use cmetrics_core::{DataPoint, MetricSet};
use cmetrics_live::Live;
use parking_lot::Mutex;

use crate::exposition::{Exposition, escaped};
use crate::hub::Hub;
use crate::problem::Problem;

/// The sums of all containers.
#[derive(Debug, Default)]
pub(crate) struct Sums(Mutex<HashMap<Arc<str>, Sum>>);

/// The growth of a container.
#[derive(Debug)]
struct Sum {
    /// Over one interval as wide as there is, so all growth is in one point.
    all: RollUp,
    last: DataPoint,
}

/// The rows of a family.
#[derive(Default)]
struct FamilyText {
    kind: Option<RowKind>,
    rows: String,
}

impl Sums {
    /// Writes the figures of the containers that are seen now.
    pub(crate) fn write(
        &self,
        live: &Live,
        hub: &Hub,
        text: &mut Exposition,
    ) -> Result<(), Problem> {
        let names = Names::new(Naming::Prometheus, NameOptions::default())?;
        let mut sums = self.0.lock();
        let mut seen: HashMap<Arc<str>, Sum> = HashMap::new();
        let mut families: BTreeMap<String, FamilyText> = BTreeMap::new();
        for known in live.recorder().containers() {
            let name = Arc::clone(known.identity.name());
            let Some(sum) = updated(live, hub, &name, sums.remove(&name))? else { continue };
            write(&names, &known.identity, &sum, &mut families);
            seen.insert(name, sum);
        }
        *sums = seen;
        for (name, family) in families {
            let Some(kind) = family.kind else { continue };
            let (name, word) = match (kind, name.strip_suffix("_total")) {
                (RowKind::Gauge, _) => (&*name, "gauge"),
                (_, Some(name)) => (name, "counter"),
                (_, None) => (&*name, "unknown"),
            };
            text.push(&format!("# TYPE {name} {word}\n{}", family.rows));
        }
        Ok(())
    }
}

/// The sum with the points that became final since.
fn updated(live: &Live, hub: &Hub, name: &str, known: Option<Sum>) -> Result<Option<Sum>, Problem> {
    const WIDEST: Duration = cmetrics_core::Settings::WIDEST_INTERVAL;
    let sealed = hub.sealed_to(name, live.recorder());
    // Of what is new here only the last point: sums begin with it.
    let width = live.store().settings().interval().as_secs();
    let from = known.as_ref().map_or(sealed.saturating_sub(width), |one| one.last.interval().end());
    let mut sum = known;
    if sealed == u64::MAX {
        return Ok(sum);
    }
    let points = live.store().range(name, unix_seconds(from..sealed), Some(MetricSet::all()));
    // The store may not have it yet.
    let Ok(points) = points else { return Ok(sum) };
    for point in points {
        let point = point?;
        let begun = sum.take();
        let mut all = match begun {
            Some(one) => one.all,
            None => RollUp::new(WIDEST)?,
        };
        all.add(&point)?;
        sum = Some(Sum { all, last: point });
    }
    Ok(sum)
}

fn write(
    names: &Names,
    identity: &Identity,
    sum: &Sum,
    families: &mut BTreeMap<String, FamilyText>,
) {
    let subject = Subject::new(identity);
    let Some(all) = sum.all.clone().finish() else { return };
    let time = sum.last.interval().end();
    // The sum that is last of each series is the one at the end.
    let mut sums: BTreeMap<String, String> = BTreeMap::new();
    let mut take = |row: &Row<'_>| {
        if row.kind() != RowKind::Gauge {
            sums.insert(series(row), format!("{} {time}\n", row.value()));
            families.entry(row.name().to_owned()).or_default().kind = Some(row.kind());
        }
    };
    let mut maker = names.rows_of(&subject);
    maker.add(&all, &mut take);
    maker.finish(&mut take);
    for (series, value) in sums {
        let name = series.split('{').next().unwrap_or_default();
        if let Some(family) = families.get_mut(name) {
            let _ = write!(family.rows, "{series} {value}");
        }
    }
    let mut maker = names.rows_of(&subject);
    maker.add(&sum.last, &mut |row| {
        if row.kind() == RowKind::Gauge {
            let family = families.entry(row.name().to_owned()).or_default();
            family.kind = Some(row.kind());
            let _ = writeln!(family.rows, "{} {} {time}", series(row), row.value());
        }
    });
}

/// The name and labels of a row.
fn series(row: &Row<'_>) -> String {
    let mut text = row.name().to_owned();
    for (index, (label, value)) in row.labels().enumerate() {
        let before = if index == 0 { '{' } else { ',' };
        let _ = write!(text, "{before}{label}=\"{}\"", escaped(value));
    }
    if row.labels().next().is_some() {
        text.push('}');
    }
    text
}
