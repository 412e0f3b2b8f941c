//! Selection of points, without a copy.

use std::collections::HashSet;
use std::sync::Arc;

use cmetrics_core::metric::UnknownMetric;
use cmetrics_core::{Error, MetricSet};
use pyo3::prelude::*;

use super::field::Field;
use super::part::Part;
use super::{PyPoints, Selection};
use crate::error;

impl PyPoints {
    /// The selected points, and an error for each word that stands for none of their containers.
    pub(crate) fn selected(&self, asked: &Selection) -> (Self, Vec<Error>) {
        let mut unknown = Vec::new();
        let names = asked.containers.as_ref().map(|words| {
            let names = self.names();
            let mut chosen = HashSet::new();
            let exact: HashSet<_> = names.iter().collect();
            for word in words {
                // Most words are names, and a search through all containers takes long.
                if let Some(name) = exact.get(&Arc::from(word.as_str())) {
                    chosen.insert(Arc::clone(name));
                    continue;
                }
                match self.known.find(&names, word) {
                    Ok(found) => chosen.extend(found),
                    Err(error) => unknown.push(error),
                }
            }
            chosen
        });
        let parts = self.parts.iter().flat_map(|part| {
            let table = part.table();
            let wanted: Option<Vec<bool>> = names
                .as_ref()
                .map(|names| table.names().iter().map(|name| names.contains(name)).collect());
            let is_wanted = move |key: i32| {
                let wanted = wanted.as_ref();
                wanted.is_none_or(|wanted| {
                    usize::try_from(key).is_ok_and(|key| wanted.get(key) == Some(&true))
                })
            };
            let asked = asked.clone();
            part.runs(move |table, row| {
                table.keys().get(row).is_some_and(|key| is_wanted(*key))
                    && table.starts_micros().get(row).is_some_and(|start| asked.holds(*start))
                    && (!asked.complete || table.coverage(row) == Some(1.0))
            })
            .collect::<Vec<_>>()
        });
        (self.with(parts.collect()), unknown)
    }

    /// The distinct names of the containers, in order of appearance.
    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        let mut seen = HashSet::new();
        let mut names = Vec::new();
        for part in &self.parts {
            for name in names_in(part) {
                if seen.insert(Arc::clone(&name)) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// The metrics that any of the points has in addition to the documented ones.
    pub(crate) fn metrics(&self) -> MetricSet {
        self.parts.iter().fold(MetricSet::default(), |set, part| set.union(part.table().selected()))
    }

    /// The field of this name.
    pub(crate) fn field(&self, py: Python<'_>, name: &str) -> PyResult<Field> {
        let all = Field::all(self.metrics());
        if let Some(field) = all.into_iter().find(|field| field.name() == name) {
            return Ok(field);
        }
        let metric =
            name.trim_end_matches(".ave").trim_end_matches(".min").trim_end_matches(".max");
        let known: Result<cmetrics_core::Metric, UnknownMetric> = metric.parse();
        let why = match known {
            Ok(metric) => format!(
                "no field is called {name:?}: pass {metric:?} in metrics= where the points are made",
                metric = metric.name()
            ),
            Err(_) => format!("no field is called {name:?}: see points.fields"),
        };
        Err(error::setting_error(py, Some("field"), &why))
    }
}

/// The names that occur in a part, in order.
fn names_in(part: &Part) -> Vec<Arc<str>> {
    let table = part.table();
    let whole = part.rows.len() == table.len();
    if whole {
        return table.names().to_vec();
    }
    let mut seen = vec![false; table.names().len()];
    let mut names = Vec::new();
    let mut last = -1;
    for key in table.keys().get(part.rows.clone()).unwrap_or_default() {
        if *key == last {
            continue;
        }
        last = *key;
        let place = usize::try_from(*key).unwrap_or_default();
        if let (Some(seen), Some(name)) = (seen.get_mut(place), table.names().get(place))
            && !std::mem::replace(seen, true)
        {
            names.push(Arc::clone(name));
        }
    }
    names
}
