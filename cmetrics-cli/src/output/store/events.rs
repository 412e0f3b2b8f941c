//! The events of the containers of a store.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use cmetrics_core::Metric;
use cmetrics_core::container::{Identity, Limits};
use cmetrics_core::metric::Unit;
use cmetrics_core::store::{Bearer, Event, EventJson, Happening};

use crate::output::json::Array;
use crate::output::show::{self, ShortNames};
use crate::output::table::{self, left};
use crate::summary::{CPU_FELL, CPU_ROSE_TOO_FAR, IMPOSSIBLE_READING};

/// Writes a table with one event per row, and a column of their doors if `with_doors`.
pub(crate) fn write_table(
    events: &[Event],
    containers: &[Bearer],
    with_doors: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names = ShortNames::of(containers.iter().map(|one| &one.identity));
    let known = by_name(containers);
    let name = |event: &Event| {
        let identity = known.get(&*event.container);
        identity.map_or_else(|| show::name(&event.container), |identity| names.get(identity))
    };
    let row = |event: &Event| {
        let mut row = vec![
            name(event),
            show::instant(event.at),
            event.what.word().to_owned(),
            details(event),
        ];
        if with_doors {
            row.insert(2, event.door.name().to_owned());
        }
        row
    };
    let mut titles = vec!["CONTAINER", "TIME", "EVENT", "MORE"];
    if with_doors {
        titles.insert(2, "DOOR");
    }
    let columns: Vec<_> = titles.into_iter().map(|title| left(title, 0)).collect();
    table::write_fitted(out, columns, &events.iter().map(row).collect::<Vec<_>>())
}

fn by_name(containers: &[Bearer]) -> HashMap<&str, &Identity> {
    containers.iter().map(|one| (&**one.identity.name(), &one.identity)).collect()
}

/// The details of an event, for people.
fn details(event: &Event) -> String {
    match &event.what {
        Happening::Gap { from } => {
            format!("no sample for {}", show::seconds(event.at.since(*from)))
        }
        Happening::Unattributed { metric, growth } => match unit(metric) {
            Some(Unit::Count) | None => format!("{metric} {growth}"),
            Some(unit) => format!("{metric} {growth} {unit}"),
        },
        Happening::Limits(limits) => limits_text(limits),
        Happening::Labels(labels) => labels_text(labels),
        Happening::SetAside => IMPOSSIBLE_READING.to_owned(),
        Happening::Correction => CPU_FELL.to_owned(),
        Happening::Implausible => CPU_ROSE_TOO_FAR.to_owned(),
        _ => String::new(),
    }
}

fn unit(name: &str) -> Option<Unit> {
    Metric::ALL.iter().copied().find(|metric| metric.name() == name).map(Metric::unit)
}

fn limits_text(limits: &Limits) -> String {
    let parts = [
        ("cpu", limits.cpu_cores.map(show::cores)),
        ("shares", limits.cpu_shares.map(|shares| shares.to_string())),
        ("memory", limits.memory_bytes.map(show::size)),
        ("reservation", limits.memory_reservation_bytes.map(show::size)),
        ("swap", limits.swap_bytes.map(show::size)),
        ("processes", limits.processes.map(|most| most.to_string())),
    ];
    let parts = parts.into_iter().filter_map(|(name, limit)| Some(format!("{name} {}", limit?)));
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

fn labels_text(labels: &BTreeMap<String, String>) -> String {
    let parts: Vec<_> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    show::name(&parts.join(", "))
}

/// Writes an array with one event per line.
pub(crate) fn write_json(
    events: &[Event],
    containers: &[Bearer],
    out: &mut dyn Write,
) -> io::Result<()> {
    let known = by_name(containers);
    let mut array = Array::new(out);
    for event in events {
        let aliases = known.get(&*event.container).map(|one| one.aliases()).unwrap_or_default();
        array.item(&EventJson::new(event, aliases))?;
    }
    array.finish()
}

#[cfg(test)]
mod tests {
    use cmetrics_core::Timestamp;
    use cmetrics_core::parse::Door;

    use super::*;

    #[test]
    fn changed_labels_are_told() {
        let labels = [("app", "web"), ("restartcount", "2")];
        let labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let events = [Event {
            container: "/a".into(),
            door: Door::Cadvisor,
            at: Timestamp::parse("2026-11-21T12:00:03Z").unwrap().unwrap(),
            what: Happening::Labels(labels.into()),
        }];
        let (mut table, mut json) = (Vec::new(), Vec::new());
        write_table(&events, &[], false, &mut table).unwrap();
        write_json(&events, &[], &mut json).unwrap();
        let (table, json) = (String::from_utf8(table).unwrap(), String::from_utf8(json).unwrap());
        let row = "/a         2026-11-21T12:00:03Z  labels  app=web, restartcount=2";
        assert_eq!(table.lines().nth(1), Some(row));
        assert!(json.contains(r#""labels":{"app":"web","restartcount":"2"}"#), "{json}");
    }

    #[test]
    fn odd_readings_are_events_of_their_own_and_say_why() {
        let kinds = [Happening::SetAside, Happening::Correction, Happening::Implausible];
        let events = kinds.map(|what| Event {
            container: "/a".into(),
            door: Door::Cadvisor,
            at: Timestamp::parse("2026-11-21T12:00:03Z").unwrap().unwrap(),
            what,
        });
        let (mut table, mut json) = (Vec::new(), Vec::new());
        write_table(&events, &[], false, &mut table).unwrap();
        write_json(&events, &[], &mut json).unwrap();
        let (table, json) = (String::from_utf8(table).unwrap(), String::from_utf8(json).unwrap());
        let rows: Vec<_> = table.lines().skip(1).collect();
        assert_eq!(
            rows,
            [
                "/a         2026-11-21T12:00:03Z  set_aside    its CPU reading is impossible",
                "/a         2026-11-21T12:00:03Z  correction   the CPU counter fell without a restart",
                "/a         2026-11-21T12:00:03Z  implausible  the CPU counter rose by more than all \
                 CPUs can use",
            ]
        );
        for kind in ["set_aside", "correction", "implausible"] {
            assert!(json.contains(&format!(r#""event":"{kind}"}}"#)), "{json}");
        }
    }
}
