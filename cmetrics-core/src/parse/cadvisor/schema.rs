//! The keys of a sample that are read: a tree made of the paths in the metric table.

use crate::metric::{DeviceList, Metric, MetricSet, Section};
use crate::parse::DocumentKind;

/// The keys to read in samples of one kind of document, for a set of metrics.
#[derive(Debug)]
pub(in crate::parse) struct Schema {
    kind: DocumentKind,
    metrics: MetricSet,
    sections: Vec<(Section, Field)>,
}

/// A key to read, and the type of its value.
#[derive(Debug)]
pub(in crate::parse) struct Field {
    pub(in crate::parse) key: &'static str,
    /// The path from the top of the sample, for messages.
    pub(in crate::parse) path: &'static str,
    pub(in crate::parse) value: ValueType,
}

#[derive(Debug)]
pub(in crate::parse) enum ValueType {
    Count(Metric),
    Object(Vec<Field>),
    /// A list of objects with these fields.
    List(Vec<Field>),
}

impl Schema {
    pub(in crate::parse) fn new(metrics: MetricSet, kind: DocumentKind) -> Self {
        // Only all schedstat values together show whether they were measured.
        let schedstat = metrics.iter().any(Metric::is_schedstat);
        let needed =
            |metric: Metric| metrics.contains(metric) || schedstat && metric.is_schedstat();
        let mut sections: Vec<(Section, Field)> = Vec::new();
        for metric in MetricSet::all().filter(needed).iter() {
            let Some(path) = path_for(metric, kind) else { continue };
            let key = path_key(path, 0).0;
            let known = sections.iter_mut().find(|(_, field)| field.key == key);
            match known {
                Some((_, field)) => field.insert(metric, path),
                None => sections.push((metric.section(), Field::new(metric, path, 0))),
            }
        }
        Self { kind, metrics, sections }
    }

    /// The kind of document that this is for.
    pub(in crate::parse) fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The requested metrics.
    pub(in crate::parse) fn metrics(&self) -> MetricSet {
        self.metrics
    }

    /// The sections that are read.
    pub(in crate::parse) fn sections(&self) -> impl Iterator<Item = (Section, &Field)> {
        self.sections.iter().map(|(section, field)| (*section, field))
    }

    /// The section that the key `key` of a sample holds.
    pub(in crate::parse) fn section(&self, key: &str) -> Option<(Section, &Field)> {
        let (section, field) = self.sections.iter().find(|(_, field)| field.key == key)?;
        Some((*section, field))
    }
}

/// The list of block devices whose entries have these fields: the list of any of their metrics.
pub(in crate::parse) fn device_list(entry_fields: &[Field]) -> Option<DeviceList> {
    entry_fields.iter().find_map(|field| match &field.value {
        ValueType::Count(metric) => Some(metric.list()),
        ValueType::Object(inner) | ValueType::List(inner) => device_list(inner),
    })
}

/// The path of a metric in documents of this kind.
fn path_for(metric: Metric, kind: DocumentKind) -> Option<&'static str> {
    let row = metric.info();
    let v2 = row.in_v2.unwrap_or(row.path);
    let path = match kind {
        DocumentKind::V1 => row.path,
        DocumentKind::V2_0 | DocumentKind::MachineStats => v2,
        DocumentKind::V2_1 => row.in_v2_1.unwrap_or(v2),
        DocumentKind::Of(_) => "",
    };
    (!path.is_empty()).then_some(path)
}

/// The key at `start` in `path`, whether its value is a list, and the start of the next key, if
/// any.
fn path_key(path: &'static str, start: usize) -> (&'static str, bool, Option<usize>) {
    let rest = path.get(start..).unwrap_or_default();
    let word = rest.split('.').next().unwrap_or_default();
    let next = (word.len() < rest.len()).then_some(start + word.len() + 1);
    match word.strip_suffix("[]") {
        Some(key) => (key, true, next),
        None => (word, false, next),
    }
}

impl Field {
    /// The field for the key at `start` of `metric`'s path, with all fields below it.
    fn new(metric: Metric, path: &'static str, start: usize) -> Self {
        let (key, is_list, next) = path_key(path, start);
        let value = match next.map(|next| vec![Self::new(metric, path, next)]) {
            None => ValueType::Count(metric),
            Some(inner) if is_list => ValueType::List(inner),
            Some(inner) => ValueType::Object(inner),
        };
        Self { key, path: path.get(..start + key.len()).unwrap_or(path), value }
    }

    /// Adds the part of `metric`'s path that is below this field.
    fn insert(&mut self, metric: Metric, path: &'static str) {
        let Some(next) = path_key(path, self.path.len() - self.key.len()).2 else { return };
        let (ValueType::Object(inner) | ValueType::List(inner)) = &mut self.value else { return };
        let key = path_key(path, next).0;
        match inner.iter_mut().find(|field| field.key == key) {
            Some(field) => field.insert(metric, path),
            None => inner.push(Self::new(metric, path, next)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(field: &Field, kind: DocumentKind, found: &mut Vec<Metric>) {
        match &field.value {
            ValueType::Count(metric) => {
                assert_eq!(Some(field.path), path_for(*metric, kind));
                found.push(*metric);
            }
            ValueType::Object(inner) | ValueType::List(inner) => {
                for field in inner {
                    paths(field, kind, found);
                }
            }
        }
    }

    #[test]
    fn every_metric_of_the_set_has_its_place_in_each_kind_of_document() {
        for (kind, missing) in [
            (DocumentKind::V1, 0),
            (DocumentKind::V2_0, 0),
            (DocumentKind::V2_1, 4),
            (DocumentKind::MachineStats, 0),
        ] {
            let schema = Schema::new(MetricSet::all(), kind);
            let mut found = Vec::new();
            schema.sections.iter().for_each(|(_, field)| paths(field, kind, &mut found));
            found.sort_unstable();
            found.dedup();
            assert_eq!(found.len() + missing, Metric::ALL.len(), "{kind:?}");
        }
    }

    #[test]
    fn what_is_not_in_the_set_is_not_read() {
        let schema = Schema::new([Metric::CpuUsage].into_iter().collect(), DocumentKind::V1);
        let (section, field) = schema.section("cpu").unwrap();
        assert_eq!(section, Section::Cpu);
        let mut found = Vec::new();
        paths(field, DocumentKind::V1, &mut found);
        assert_eq!(found, [Metric::CpuUsage]);
        assert!(schema.section("memory").is_none());
    }
}
