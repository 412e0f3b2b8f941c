//! The argument that chooses containers by their labels.

use cmetrics_core::container::Identity;

use super::values::label;
use crate::outcome::Failure;

/// The labels that containers must have to count.
#[derive(Debug, clap::Args)]
pub(crate) struct LabelArgs {
    /// Only containers with this label; may be repeated: then they have all of them
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = label)]
    pub(crate) labels: Vec<(String, String)>,
}

impl LabelArgs {
    /// Whether any label is asked for.
    pub(crate) fn are_any(&self) -> bool {
        !self.labels.is_empty()
    }

    /// The labels by key and value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether a container has all of the labels.
    pub(crate) fn are_of(&self, container: &Identity) -> bool {
        container.has_labels(self.iter())
    }

    /// The containers that were found, or a failure if labels were asked for that none has.
    pub(crate) fn some<T>(&self, found: Vec<T>) -> Result<Vec<T>, Failure> {
        if found.is_empty() && self.are_any() {
            let labels: Vec<_> = self.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let labels = labels.join(" and ");
            return Err(Failure::usage(format!("no container has the label {labels}")));
        }
        Ok(found)
    }
}
