//! What a request asks for of each container.

use std::collections::VecDeque;

use cmetrics_core::Timestamp;
use serde::Deserialize;

use crate::sample::Sample;

/// Which samples of a container a request asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query {
    /// At most so many, the newest; `None` for all.
    most: Option<usize>,
    start: u64,
    end: u64,
}

/// The body of v1.
#[derive(Debug, Deserialize)]
#[serde(default)]
struct Body {
    num_stats: i64,
    start: Option<String>,
    end: Option<String>,
}

impl Default for Body {
    fn default() -> Self {
        Self { num_stats: 60, start: None, end: None }
    }
}

impl Query {
    /// As v1 reads the body of a request.
    pub(crate) fn from_body(body: &[u8]) -> Result<Self, String> {
        let body: Body = if body.is_empty() {
            Body::default()
        } else {
            let wrong = |error| format!("unable to decode the json value: {error}");
            serde_json::from_slice(body).map_err(wrong)?
        };
        let (start, end) = (nanos(body.start)?, nanos(body.end)?);
        let most = usize::try_from(body.num_stats).ok();
        Ok(Self { most, start: start.unwrap_or(0), end: end.unwrap_or(u64::MAX) })
    }

    /// As v2 reads the query string of a request.
    pub(crate) fn from_count(count: Option<&str>) -> Result<Self, String> {
        let count = match count {
            None => 64,
            Some(text) => text
                .parse::<i64>()
                .map_err(|_| format!("failed to parse 'count' option: {text}"))?,
        };
        Ok(Self { most: usize::try_from(count).ok(), start: 0, end: u64::MAX })
    }

    /// The samples that are asked for.
    pub(crate) fn select<'l>(
        &self,
        listed: &'l mut VecDeque<Sample>,
    ) -> impl Iterator<Item = &'l mut Sample> {
        let first = listed.partition_point(|sample| sample.at < self.start);
        let last = listed.partition_point(|sample| sample.at <= self.end).max(first);
        let first = self.most.map_or(first, |most| first.max(last.saturating_sub(most)));
        listed.range_mut(first..last)
    }
}

/// Of a time that is set; the zero time is none.
fn nanos(text: Option<String>) -> Result<Option<u64>, String> {
    let Some(text) = text else { return Ok(None) };
    let time = Timestamp::parse(&text).map_err(|error| {
        format!("unable to decode the json value: parsing time {text}: {error}")
    })?;
    Ok(time.map(Timestamp::nanos))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::Totals;
    use crate::sample::Content;

    fn selected(body: &str) -> Vec<u64> {
        let content = Content::Made(Totals::default());
        let sample = |second: u64| Sample {
            at: second * 1_000_000_000,
            reply: None,
            content: content.clone(),
        };
        let mut listed: VecDeque<_> = (1..=100).map(sample).collect();
        let query = Query::from_body(body.as_bytes()).unwrap();
        query.select(&mut listed).map(|sample| sample.at / 1_000_000_000).collect()
    }

    #[test]
    fn both_ends_of_the_range_are_in_it_and_the_newest_of_it_are_answered() {
        assert_eq!(selected(""), (41..=100).collect::<Vec<_>>());
        assert_eq!(selected(r#"{"num_stats": -1}"#).len(), 100);
        assert_eq!(selected(r#"{"num_stats": 0}"#).len(), 0);
        let range = r#"{"num_stats": -1, "start": "1970-01-01T00:00:10Z",
            "end": "1970-01-01T00:00:12Z"}"#;
        assert_eq!(selected(range), [10, 11, 12]);
        let newest = r#"{"num_stats": 2, "end": "1970-01-01T00:00:12.5Z"}"#;
        assert_eq!(selected(newest), [11, 12]);
        let late = r#"{"num_stats": 5, "start": "1970-01-01T00:01:39Z"}"#;
        assert_eq!(selected(late), [99, 100]);
    }

    #[test]
    fn a_body_that_is_wrong_is_refused() {
        for wrong in ["{", "[", r#"{"num_stats": "all"}"#, r#"{"start": "now"}"#] {
            assert!(Query::from_body(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
