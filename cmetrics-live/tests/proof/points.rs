//! Points as they are kept, and as a batch makes them.

use std::collections::BTreeMap;

use cmetrics_core::point::Extended;
use cmetrics_core::{Input, Pipeline, Settings, Store};
use cmetrics_fake::FakeMachine;

/// The points of each container as text, in rising time: exact, since a number's text reads back to
/// the number.
pub(crate) type Points = BTreeMap<String, Vec<String>>;

/// All points that a store has.
pub(crate) fn kept(store: &Store) -> Points {
    let containers = store.containers().unwrap().into_iter();
    let of = |name: &str| {
        let points = store.range(name, .., None).unwrap();
        points.map(|point| serde_json::to_string(&Extended(&point.unwrap())).unwrap()).collect()
    };
    let all =
        containers.map(|bearer| (bearer.identity.name().to_string(), of(bearer.identity.name())));
    all.filter(|(_, points): &(_, Vec<_>)| !points.is_empty()).collect()
}

/// The points of all that these machines served, by one run over it.
pub(crate) fn of_all_served(settings: Settings, machines: &[(&str, &FakeMachine)]) -> Points {
    let mut pipeline = Pipeline::new(settings);
    for (name, machine) in machines {
        for served in machine.truth().served {
            // Of a reply that was cut off counts what is whole.
            let outcome = pipeline.read(Input::bytes(name, &served.body).machine(*name));
            assert!(!served.is_whole || outcome.errors.is_empty(), "{:?}", outcome.errors);
        }
    }
    points_of(&pipeline)
}

/// The points of all documents of machines, by one run over them.
pub(crate) fn of_documents(settings: Settings, machines: &[(&str, Vec<Vec<u8>>)]) -> Points {
    let mut pipeline = Pipeline::new(settings);
    for (name, documents) in machines {
        for document in documents {
            let outcome = pipeline.read(Input::bytes(name, document).machine(*name));
            assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
        }
    }
    points_of(&pipeline)
}

fn points_of(pipeline: &Pipeline) -> Points {
    let mut all = Points::new();
    for point in pipeline.points() {
        let text = serde_json::to_string(&Extended(&point)).unwrap();
        all.entry(point.name().to_owned()).or_default().push(text);
    }
    all
}

/// Asserts that both are the same, and else shows the first point that differs.
pub(crate) fn assert_same(kept: &Points, expected: &Points) {
    if let Some(difference) = difference(kept, expected) {
        panic!("{difference}");
    }
}

/// Where the first difference is.
pub(crate) fn difference(kept: &Points, expected: &Points) -> Option<String> {
    let names: Vec<_> = kept.keys().chain(expected.keys()).collect();
    for name in names {
        let (ours, theirs) = (kept.get(name), expected.get(name));
        if ours == theirs {
            continue;
        }
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            let where_it_is = if ours.is_some() { "kept alone" } else { "in the batch alone" };
            return Some(format!("{name} is {where_it_is}"));
        };
        let at = ours.iter().zip(theirs).position(|(ours, theirs)| ours != theirs);
        let at = at.unwrap_or(ours.len().min(theirs.len()));
        return Some(format!(
            "{name}, point {at} of {} kept and {} of the batch:\n{:?}\n{:?}",
            ours.len(),
            theirs.len(),
            ours.get(at),
            theirs.get(at)
        ));
    }
    None
}
