//! Columns that say who a container is.

use std::str::FromStr;

use cmetrics_core::container::Identity;

/// A column that says who a container is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdentityColumn {
    title: String,
    part: Part,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Alias,
    Image,
    Machine,
    Namespace,
    Pod,
    Container,
    Uid,
    Path,
    Label(String),
}

impl IdentityColumn {
    /// The columns that these words ask for, each once.
    pub(crate) fn of_words(words: &[String]) -> Result<Vec<Self>, String> {
        let mut columns: Vec<Self> = Vec::new();
        for word in words {
            let column = word.parse()?;
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        Ok(columns)
    }

    /// The word that it was asked for with.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// Whether it needs the labels of containers.
    pub(crate) fn is_label(&self) -> bool {
        matches!(self.part, Part::Label(_))
    }

    /// What it has of a container, if that is known.
    pub(crate) fn of<'i>(&self, identity: &'i Identity) -> Option<&'i str> {
        let pod = identity.kubernetes();
        match &self.part {
            Part::Alias => identity.aliases().first().map(String::as_str),
            Part::Image => identity.image(),
            Part::Machine => identity.machine(),
            Part::Namespace => pod.map(|pod| &*pod.namespace),
            Part::Pod => pod.map(|pod| &*pod.pod),
            Part::Container => pod.and_then(|pod| pod.container.as_deref()),
            Part::Uid => pod.and_then(|pod| pod.uid.as_deref()),
            Part::Path => identity.paths().first().map(String::as_str),
            Part::Label(key) => identity.label(key),
        }
    }
}

impl FromStr for IdentityColumn {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let part = match word {
            "alias" => Part::Alias,
            "image" => Part::Image,
            "machine" => Part::Machine,
            "namespace" => Part::Namespace,
            "pod" => Part::Pod,
            "container" => Part::Container,
            "uid" => Part::Uid,
            "path" => Part::Path,
            _ => match word.strip_prefix("label:") {
                Some(key) if !key.is_empty() => Part::Label(key.to_owned()),
                _ => {
                    return Err(format!(
                        "there is no column {word:?}: --columns takes alias, image, machine, \
                         namespace, pod, container, uid, path and label:KEY"
                    ));
                }
            },
        };
        Ok(Self { title: word.to_owned(), part })
    }
}
