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

            fn of(name: &[u8]) -> Option<Self> {
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
    PodUid = "container_label_io_kubernetes_pod_uid",
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
    values: [Option<Cow<'t, str>>; Label::NUMBER],
}

impl<'t> Labels<'t> {
    /// Takes a label, with the value as it is written between its quotes. Returns whether the value
    /// is text.
    pub(super) fn add(&mut self, name: &[u8], written: &'t [u8]) -> bool {
        let Some(label) = Label::of(name) else { return true };
        let Ok(text) = std::str::from_utf8(written) else { return false };
        if let Some(value @ None) = self.values.get_mut(label as usize) {
            *value = Some(unescaped(text));
        }
        true
    }

    /// The value of a label. A label without a value is as good as none.
    pub(super) fn get(&self, label: Label) -> Option<&str> {
        self.values.get(label as usize)?.as_deref().filter(|value| !value.is_empty())
    }

    /// The value of the first of two labels, else that of the second.
    pub(super) fn either(&self, first: Label, second: Label) -> Option<&str> {
        self.get(first).or_else(|| self.get(second))
    }
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
