//! Which keys of a sample are read: the paths of the metric table as a tree.

use crate::metric::{Metric, MetricSet, Section};

/// The keys to read below each section, for a set of metrics.
#[derive(Debug)]
pub(super) struct Tree(Vec<(Section, Vec<Field>)>);

/// A key to read, and what its value should be.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: &'static str,
    /// From the sample's top, for messages.
    pub(super) path: &'static str,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    Count(Metric),
    Object(Vec<Field>),
    /// A list of objects with these fields.
    List(Vec<Field>),
}

impl Tree {
    pub(super) fn new(metrics: MetricSet) -> Self {
        let mut sections: Vec<_> = Section::ALL.map(|section| (section, Vec::new())).into();
        for metric in metrics.iter() {
            let section = metric.section();
            let start = section.key().len() + 1;
            for (_, fields) in sections.iter_mut().filter(|(known, _)| *known == section) {
                insert(fields, metric, start);
            }
        }
        Self(sections)
    }

    /// The section that `key` of a sample holds.
    pub(super) fn section(&self, key: &str) -> Option<(Section, &[Field])> {
        let (section, fields) = self.0.iter().find(|(section, _)| section.key() == key)?;
        Some((*section, fields))
    }
}

/// Adds the part of `metric`'s path that begins at `start` below `fields`.
fn insert(fields: &mut Vec<Field>, metric: Metric, start: usize) {
    let path = metric.path();
    let rest = path.get(start..).unwrap_or_default();
    let (word, deeper) = match rest.split_once('.') {
        Some((word, _)) => (word, true),
        None => (rest, false),
    };
    let key = word.strip_suffix("[]").unwrap_or(word);
    let known = fields.iter().position(|field| field.key == key);
    let index = known.unwrap_or(fields.len());
    if known.is_none() {
        let value = match (deeper, key == word) {
            (false, _) => Value::Count(metric),
            (true, true) => Value::Object(Vec::new()),
            (true, false) => Value::List(Vec::new()),
        };
        let path = path.get(..start + key.len()).unwrap_or(path);
        fields.push(Field { key, path, value });
    }
    if let Some(Field { value: Value::Object(inner) | Value::List(inner), .. }) =
        fields.get_mut(index)
    {
        insert(inner, metric, start + word.len() + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(fields: &[Field], found: &mut Vec<Metric>) {
        for field in fields {
            match &field.value {
                Value::Count(metric) => {
                    assert_eq!(field.path, metric.path());
                    found.push(*metric);
                }
                Value::Object(inner) | Value::List(inner) => paths(inner, found),
            }
        }
    }

    #[test]
    fn every_metric_of_the_set_has_its_place() {
        let tree = Tree::new(Metric::ALL.into_iter().collect());
        let mut found = Vec::new();
        for section in Section::ALL {
            paths(tree.section(section.key()).unwrap().1, &mut found);
        }
        found.sort_unstable();
        assert_eq!(found, Metric::ALL);
    }

    #[test]
    fn what_is_not_in_the_set_is_not_read() {
        let tree = Tree::new([Metric::CpuUsage].into_iter().collect());
        let (section, fields) = tree.section("cpu").unwrap();
        assert_eq!(section, Section::Cpu);
        assert_eq!(fields.len(), 1);
        assert!(tree.section("memory").unwrap().1.is_empty());
        assert!(tree.section("filesystem").is_none());
    }
}
