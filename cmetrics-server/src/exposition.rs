//! Text in the form of OpenMetrics.

use std::fmt::{Display, Write as _};

/// A text that is being written. Writing to it cannot fail.
#[derive(Debug, Default)]
pub(crate) struct Exposition(String);

/// What a family is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Counter,
    Gauge,
    Info,
}

/// The family that is being written.
pub(crate) struct Family<'e> {
    text: &'e mut String,
    name: &'static str,
    suffix: &'static str,
}

impl Exposition {
    /// Begins a family. Its samples must follow before the next one.
    pub(crate) fn family(&mut self, name: &'static str, of: Type, help: &str) -> Family<'_> {
        let (word, suffix) = match of {
            Type::Counter => ("counter", "_total"),
            Type::Gauge => ("gauge", ""),
            Type::Info => ("info", "_info"),
        };
        let _ = writeln!(self.0, "# TYPE {name} {word}");
        let units = ["seconds", "bytes"];
        let unit = units
            .into_iter()
            .find(|unit| name.strip_suffix(unit).is_some_and(|before| before.ends_with('_')));
        if let Some(unit) = unit {
            let _ = writeln!(self.0, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.0, "# HELP {name} {help}");
        Family { text: &mut self.0, name, suffix }
    }

    /// The whole text.
    pub(crate) fn finish(mut self) -> String {
        self.0.push_str("# EOF\n");
        self.0
    }

    /// Adds lines that are complete.
    pub(crate) fn push(&mut self, lines: &str) {
        self.0.push_str(lines);
    }
}

impl Family<'_> {
    /// Adds a sample.
    pub(crate) fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) -> &mut Self {
        let Self { text, name, suffix } = self;
        let _ = write!(text, "{name}{suffix}");
        for (index, (label, value)) in labels.iter().enumerate() {
            let sign = if index == 0 { '{' } else { ',' };
            let _ = write!(text, "{sign}{label}=\"{}\"", escaped(value));
        }
        let _ = writeln!(text, "{} {value}", if labels.is_empty() { "" } else { "}" });
        self
    }

    /// Adds a sample if there is a value.
    pub(crate) fn maybe(
        &mut self,
        labels: &[(&str, &str)],
        value: Option<impl Display>,
    ) -> &mut Self {
        match value {
            Some(value) => self.sample(labels, value),
            None => self,
        }
    }
}

/// The value of a label, as it stands between quotes.
pub(crate) fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_has_its_suffix_and_a_label_its_escapes() {
        let mut text = Exposition::default();
        text.family("a_seconds", Type::Counter, "Help.").sample(&[("b", "c\"\\\n")], 1.5);
        text.family("d", Type::Gauge, "More.").maybe(&[], None::<u64>).sample(&[], 2);
        assert_eq!(
            text.finish(),
            "# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds Help.\n\
             a_seconds_total{b=\"c\\\"\\\\\\n\"} 1.5\n# TYPE d gauge\n# HELP d More.\nd 2\n# EOF\n"
        );
    }
}
