//! Figures and names in tables for people.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use cmetrics_core::container::Identity;
use cmetrics_core::metric::Unit;
use cmetrics_core::point::{Column, Figure};
use cmetrics_core::{DataPoint, Timestamp};

use crate::messages::on_one_line;

/// Stands for a value that was not measured.
pub(super) const ABSENT: &str = "-";

/// Bytes in the largest fitting unit, with three digits.
pub(super) fn bytes(bytes: f64) -> String {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let (mut value, mut units) = (bytes, UNITS.iter());
    let mut unit = units.next();
    // 1023.5 would be rounded to 1024.
    while value >= 1023.5 {
        let Some(next) = units.next() else { break };
        unit = Some(next);
        value /= 1024.0;
    }
    format!("{} {}", three_digits(value, bytes < 1023.5), unit.unwrap_or(&"B"))
}

/// A whole number of bytes in the largest fitting unit, with three digits.
#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
pub(crate) fn size(length: u64) -> String {
    bytes(length as f64)
}

fn three_digits(value: f64, whole: bool) -> String {
    if whole || value >= 99.95 {
        format!("{value:.0}")
    } else if value >= 9.995 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// A duration in seconds or, if it is shorter, milliseconds.
fn duration(nanos: f64) -> String {
    // 999.5 ms would be rounded to 1000.
    if nanos >= 999.5e6 {
        format!("{} s", three_digits(nanos / 1e9, false))
    } else {
        format!("{} ms", three_digits(nanos / 1e6, nanos == 0.0))
    }
}

/// The figure of a point in a column of base units.
#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
pub(super) fn figure(column: &Column, point: &DataPoint) -> Option<String> {
    let figure = column.figure(point)?;
    let value = match figure {
        Figure::Whole(value) => value as f64,
        Figure::Real(value) => value,
    };
    Some(match (column.metric().unit(), figure) {
        (Unit::Bytes, _) => bytes(value),
        (Unit::Nanoseconds, _) => duration(value),
        (Unit::Microseconds, _) => duration(value * 1e3),
        (_, Figure::Whole(value)) => value.to_string(),
        (_, Figure::Real(value)) => three_digits(value, value.fract() == 0.0),
    })
}

/// A share of a limit, where 1 is all of it.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// A limit in cores.
pub(super) fn cores(cores: f64) -> String {
    three_digits(cores, false)
}

/// Seconds with three digits.
#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
pub(crate) fn seconds(time: Duration) -> String {
    format!("{} s", three_digits(time.as_nanos() as f64 / 1e9, false))
}

/// A second since the epoch in UTC.
pub(crate) fn time(second: u64) -> String {
    let time = Timestamp::from_seconds(second);
    time.map_or_else(|| "1970-01-01T00:00:00Z".to_owned(), |time| time.to_string())
}

/// An instant to the second, in UTC.
pub(super) fn instant(instant: Timestamp) -> String {
    time(instant.seconds())
}

pub(super) fn or_absent(text: Option<String>) -> String {
    text.unwrap_or_else(|| ABSENT.to_owned())
}

/// A name on one line, shortened to fit a column.
pub(super) fn name(name: &str) -> String {
    shortened(&on_one_line(name), false)
}

/// The first characters of an id, as the container runtimes show it.
pub(super) fn short_id(id: &str) -> String {
    const LENGTH: usize = 12;
    on_one_line(id).chars().take(LENGTH).collect()
}

/// Short names of containers: the first alias if no other container has it, else the beginning of
/// the id, else the end of the cgroup path.
#[derive(Debug, Default)]
pub(super) struct ShortNames {
    /// The names of the containers with each first alias.
    called: BTreeMap<String, BTreeSet<Arc<str>>>,
}

impl ShortNames {
    /// The length of the longest name. Longer names would not leave room for figures.
    pub(super) const LONGEST: usize = 24;

    pub(super) fn of<'i>(all: impl Iterator<Item = &'i Identity>) -> Self {
        let mut names = Self::default();
        for identity in all {
            if let Some(alias) = identity.aliases().first() {
                let called = names.called.entry(alias.clone()).or_default();
                called.insert(Arc::clone(identity.name()));
            }
        }
        names
    }

    pub(super) fn get(&self, identity: &Identity) -> String {
        let alias = identity.aliases().first();
        match (
            alias.filter(|alias| self.called.get(*alias).is_some_and(|called| called.len() == 1)),
            identity.id(),
        ) {
            (Some(alias), _) => name(alias),
            (None, Some(id)) => short_id(id),
            (None, None) => shortened(&on_one_line(identity.name()), true),
        }
    }
}

/// A text shortened to the longest allowed length: its beginning, or its end.
fn shortened(text: &str, end: bool) -> String {
    let length = text.chars().count();
    if length <= ShortNames::LONGEST {
        return text.to_owned();
    }
    let kept = ShortNames::LONGEST - 1;
    if end {
        format!("…{}", text.chars().skip(length - kept).collect::<String>())
    } else {
        format!("{}…", text.chars().take(kept).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use cmetrics_core::Container;

    use super::*;

    #[test]
    fn bytes_have_three_digits_and_the_largest_fitting_unit() {
        for (value, shown) in [
            (0.0, "0 B"),
            (0.4, "0 B"),
            (1023.4, "1023 B"),
            (1023.6, "1.00 KiB"),
            (1024.0 * 9.996, "10.0 KiB"),
            (1024.0 * 99.96, "100 KiB"),
            (1024.0 * 1023.7, "1.00 MiB"),
            (8.0 * 1024.0 * 1024.0, "8.00 MiB"),
            (1.5 * 2f64.powi(30), "1.50 GiB"),
            (2f64.powi(75), "32768 EiB"),
        ] {
            assert_eq!(bytes(value), shown);
        }
    }

    #[test]
    fn a_time_is_in_seconds_or_milliseconds() {
        for (nanos, shown) in [
            (0.0, "0 ms"),
            (1e3, "0.00 ms"),
            (34_663_384.0, "34.7 ms"),
            (999.4e6, "999 ms"),
            (999.6e6, "1.00 s"),
            (2_420_845_974.0, "2.42 s"),
        ] {
            assert_eq!(duration(nanos), shown);
        }
    }

    #[test]
    fn the_epoch_itself_is_a_time_too() {
        assert_eq!(time(0), "1970-01-01T00:00:00Z");
        assert_eq!(time(1_795_262_400), "2026-11-21T12:00:00Z");
    }

    fn identity(path: &str, alias: Option<&str>) -> Identity {
        let mut container = Container::at_path(path);
        container.aliases = alias.into_iter().map(str::to_owned).collect();
        Identity::new(&container, None)
    }

    #[test]
    fn a_container_is_shown_by_what_people_know_it_by() {
        let id = |digit: &str| format!("/docker/{}", digit.repeat(64));
        let web = identity(&id("a"), Some("web"));
        let (old, new) = (identity(&id("b"), Some("db")), identity(&id("c"), Some("db")));
        let long = identity("/system.slice/a-service-with-a-long-name.service", None);
        let names = ShortNames::of([&web, &old, &new, &long].into_iter());
        assert_eq!(names.get(&web), "web");
        assert_eq!(names.get(&old), "bbbbbbbbbbbb");
        assert_eq!(names.get(&new), "cccccccccccc");
        assert_eq!(names.get(&long), "…ith-a-long-name.service");
        assert_eq!(names.get(&identity("/", None)), "/");
    }
}
