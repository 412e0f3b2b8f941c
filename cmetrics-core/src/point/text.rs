//! Points as JSON text from a template: the output of `Serialize`, without a walk over the keys for
//! each point.

use serde::Serialize;

use super::json::Metrics;
use super::shape::TEMPLATE;
use super::{DataPoint, Extended, Figure};

impl DataPoint {
    /// Writes the same JSON as [`serde_json`], several times as fast.
    ///
    /// ```
    /// # let dump = br#"{"/a": {"stats": [{"timestamp": "2026-11-21T12:00:03Z"}]}}"#;
    /// # let mut pipeline = cmetrics_core::Pipeline::default();
    /// # pipeline.read(cmetrics_core::Input::bytes("dump", dump)).into_result().unwrap();
    /// # let point = &pipeline.points()[0];
    /// let mut text = Vec::new();
    /// point.write_json(&mut text);
    /// assert_eq!(text, serde_json::to_vec(point).unwrap());
    /// ```
    pub fn write_json(&self, out: &mut Vec<u8>) {
        self.write_open(out);
        out.push(b'}');
    }

    /// Writes its name, its interval and its selected metrics as a JSON object; then `samples`,
    /// `coverage` and shares of limits if `extended` is true.
    pub fn write_metrics_json(&self, extended: bool, out: &mut Vec<u8>) {
        self.write_head(out);
        member(out, ",\"metrics\":", &Metrics(self));
        if extended {
            self.write_extension(out);
        }
        out.push(b'}');
    }

    /// Writes the name and the interval.
    fn write_head(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"name\":");
        write_text(out, self.name());
        member(out, ",\"start\":", &self.interval.start());
        member(out, ",\"end\":", &self.interval.end());
    }

    fn write_extension(&self, out: &mut Vec<u8>) {
        member(out, ",\"samples\":", &self.samples);
        member(out, ",\"coverage\":", &self.coverage());
        if let Some(shares) = self.shares.as_deref() {
            member(out, ",\"of_limit\":", shares);
        }
    }

    /// Writes the point without the closing brace.
    fn write_open(&self, out: &mut Vec<u8>) {
        self.write_head(out);
        let template = &*TEMPLATE;
        // Columns are in the order of their metrics, and those of a metric are adjacent.
        let (mut figures, mut last) = (self.figures.cursor(), (None, None));
        for (before, column) in &template.numbers {
            out.extend_from_slice(before.as_bytes());
            let metric = column.metric();
            if last.0 != Some(metric) {
                last = (Some(metric), figures.value(metric, self.interval));
            }
            match last.1.map(|value| column.of(value)) {
                Some(Figure::Whole(value)) => put(out, &value),
                Some(Figure::Real(value)) => put(out, &value),
                None => out.extend_from_slice(b"null"),
            }
        }
        out.extend_from_slice(template.end.as_bytes());
        if !self.selected.is_empty() {
            member(out, ",\"metrics\":", &Metrics(self));
        }
    }
}

impl Extended<'_> {
    /// Writes the same JSON as [`serde_json`], several times as fast.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let Self(point) = self;
        point.write_open(out);
        point.write_extension(out);
        out.push(b'}');
    }
}

/// Writes a text in quotes. Most texts, such as ids and paths, need no escapes.
fn write_text(out: &mut Vec<u8>, text: &str) {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    // Without an early exit, so that the loop is vectorised.
    if !text.bytes().fold(true, |all, byte| all & is_plain(byte)) {
        put(out, text);
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

fn member(out: &mut Vec<u8>, key: &str, value: &(impl Serialize + ?Sized)) {
    out.extend_from_slice(key.as_bytes());
    put(out, value);
}

fn put(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    // All values here are numbers, texts and maps of them by name, and a vector takes all.
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok(), "{written:?}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{Kind, Metric, MetricSet};
    use crate::point::{Figures, Gauge, Shares, Watched};
    use crate::time::Interval;

    fn point(name: &str, measured: MetricSet, selected: MetricSet) -> DataPoint {
        let interval = Interval::new(10, 15).unwrap();
        let figures = Figures::default();
        let mut point = {
            let (name, watched) = (name.into(), Watched::Nanos(1));
            DataPoint::from_parts(name, interval, Some(3), watched, figures, selected)
        };
        for (number, metric) in (0_u32..).zip(measured.iter()) {
            let (whole, real) = (u64::MAX - u64::from(number), f64::from(number) / 3.0);
            let gauge = Gauge { ave: real, min: f64::NAN, max: 1e300 };
            match metric.kind() {
                Kind::Counter => point.set(metric, Some(whole), None),
                Kind::Gauge => point.set(metric, None, Some(gauge)),
            }
        }
        point
    }

    #[test]
    fn the_text_is_the_one_that_serde_makes() {
        let some: MetricSet = Metric::ALL.iter().copied().step_by(2).collect();
        let sets = [MetricSet::default(), MetricSet::documented(), some, MetricSet::all()];
        for name in ["/", "0123456789abcdef", "a\"b\\c\n\u{1}é", ""] {
            for (measured, selected) in sets.iter().flat_map(|one| sets.map(|two| (*one, two))) {
                let mut point = point(name, measured, selected);
                let mut text = Vec::new();
                point.write_json(&mut text);
                let expected = serde_json::to_string(&point).unwrap();
                assert_eq!(String::from_utf8(text).unwrap(), expected);
                for shares in [None, Some(Shares { cpu: Some(0.5), memory: None })] {
                    point.shares = shares.map(Box::new);
                    let mut text = Vec::new();
                    Extended(&point).write_json(&mut text);
                    let expected = serde_json::to_string(&Extended(&point)).unwrap();
                    assert_eq!(String::from_utf8(text).unwrap(), expected);
                }
            }
        }
    }
}
