//! The labels that say what a row is about.

use std::borrow::Cow;

macro_rules! labels {
    ($($label:ident = $name:literal),+ $(,)?) => {
        /// A label that is read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Label {
            $($label),+
        }

        impl Label {
            const NUMBER: usize = [$($name),+].len();

            pub(super) fn of(name: &[u8]) -> Option<Self> {
                $(if name == $name.as_bytes() {
                    return Some(Self::$label);
                })+
                None
            }
        }
    };
}

labels! {
    Id = "id",
    Name = "name",
    Image = "image",
    Namespace = "namespace",
    Pod = "pod",
    Container = "container",
    // Of Kubernetes up to 1.15.
    PodName = "pod_name",
    ContainerName = "container_name",
    // What cAdvisor makes of the labels that the kubelet gives containers.
    LabelledNamespace = "container_label_io_kubernetes_pod_namespace",
    LabelledPod = "container_label_io_kubernetes_pod_name",
    LabelledContainer = "container_label_io_kubernetes_container_name",
    LabelledUid = "container_label_io_kubernetes_pod_uid",
    Node = "node",
    Instance = "instance",
    Cpu = "cpu",
    State = "state",
    FailureType = "failure_type",
    // Of cAdvisor before 0.32, in place of `failure_type`.
    Type = "type",
    Scope = "scope",
    Interface = "interface",
    Device = "device",
    Major = "major",
    Minor = "minor",
    Operation = "operation",
    Accelerator = "acc_id",
}

/// The labels of a row that are read. Of a repeated one the first counts.
#[derive(Debug, Default)]
pub(super) struct Labels<'t> {
    /// The values as they are written.
    values: [&'t str; Label::NUMBER],
    /// Which labels there are, and which of them have escapes: a bit each.
    present: u32,
    escaped: u32,
    /// The values without their escapes.
    unescaped: Vec<(Label, String)>,
    /// The labels of the container itself, by their names there; `None` if they are not wanted.
    of_container: Option<Vec<(String, String)>>,
}

/// What cAdvisor writes before the name of a container's own label.
pub(super) const OF_CONTAINER: &str = "container_label_";

impl<'t> Labels<'t> {
    /// No labels so far; those of the container itself are kept if they are wanted.
    pub(super) fn new(wants_of_container: bool) -> Self {
        Self { of_container: wants_of_container.then(Vec::new), ..Self::default() }
    }

    /// Whether labels of the container itself are wanted.
    pub(super) fn wants_of_container(&self) -> bool {
        self.of_container.is_some()
    }

    /// Takes a label of the container itself, as its name and value are written between quotes.
    pub(super) fn add_of_container(&mut self, name: &str, written: &str) {
        if let Some(known) = &mut self.of_container
            && let Some(name) = unescaped(name).strip_prefix(OF_CONTAINER)
        {
            known.push((name.to_owned(), unescaped(written).into_owned()));
        }
    }

    /// Takes a label, with the value as it is written between its quotes.
    pub(super) fn add(&mut self, label: Label, written: &'t str) {
        if self.add_plain(label, written)
            && let Cow::Owned(text) = unescaped(written)
        {
            self.escaped |= 1 << label as u32;
            self.unescaped.push((label, text));
        }
    }

    /// Takes a label with a value without escapes. Returns whether it is the first one of its name.
    #[inline]
    pub(super) fn add_plain(&mut self, label: Label, value: &'t str) -> bool {
        let bit = 1 << label as u32;
        let is_first = self.present & bit == 0;
        self.present |= bit;
        if is_first && let Some(place) = self.values.get_mut(label as usize) {
            *place = value;
        }
        is_first
    }

    /// The value of a label. A label without a value is as good as none.
    pub(super) fn get(&self, label: Label) -> Option<&str> {
        let written = *self.values.get(label as usize)?;
        let text = if self.escaped & (1 << label as u32) == 0 {
            written
        } else {
            let (_, text) = self.unescaped.iter().find(|(known, _)| *known == label)?;
            text
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// The container's own labels that have a value, by their names, in which each character but
    /// letters, digits and underscores is an underscore. None if they are not wanted.
    pub(super) fn of_container(&self) -> Vec<(String, String)> {
        let mut labels = by_name(self.told_of_container().to_vec());
        labels.retain(|(_, value)| !value.is_empty());
        labels
    }

    /// The same as they were told, in their order.
    pub(super) fn told_of_container(&self) -> &[(String, String)] {
        self.of_container.as_deref().unwrap_or_default()
    }

    /// The value of the first of two labels, else that of the second.
    pub(super) fn either(&self, first: Label, second: Label) -> Option<&str> {
        self.get(first).or_else(|| self.get(second))
    }
}

/// Labels in the order of their names. Of a repeated one the first counts.
pub(super) fn by_name(mut labels: Vec<(String, String)>) -> Vec<(String, String)> {
    labels.sort_by(|(one, _), (other, _)| one.cmp(other));
    labels.dedup_by(|(later, _), (first, _)| later == first);
    labels
}

/// The text that this stands for: `\\`, `\"` and `\n` are a backslash, a quote and a line end, and
/// any other backslash is itself.
pub(super) fn unescaped(written: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', written.as_bytes()).is_none() {
        return Cow::Borrowed(written);
    }
    let mut text = String::with_capacity(written.len());
    let mut chars = written.chars();
    while let Some(char) = chars.next() {
        let escaped = match (char, chars.as_str().chars().next()) {
            ('\\', Some('n')) => '\n',
            ('\\', Some(escaped @ ('\\' | '"'))) => escaped,
            _ => {
                text.push(char);
                continue;
            }
        };
        text.push(escaped);
        chars.next();
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_escapes_are_known_and_any_other_backslash_stays() {
        for (written, text) in [
            (r#"a\\b\"c\nd"#, "a\\b\"c\nd"),
            (r"\t\x\", r"\t\x\"),
            (r"\\n", r"\n"),
            ("plain", "plain"),
        ] {
            assert_eq!(unescaped(written), text);
        }
    }
}
