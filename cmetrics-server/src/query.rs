//! The parameters of a request: only those that the route has, each read as what it must be.

use axum::http::{HeaderMap, StatusCode, Uri};
use cmetrics_core::{MetricSet, Timestamp};
use percent_encoding::percent_decode_str;

use crate::contract::{Kind, Parameter};
use crate::problem::Problem;

/// The most parameters of a request, and the longest value in bytes.
const MOST: usize = 64;
const LONGEST: usize = 4096;

/// The parameters of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
    known: &'static [Parameter],
}

impl Query {
    /// Reads the query of an address.
    pub(crate) fn read(uri: &Uri, known: &'static [Parameter]) -> Result<Self, Problem> {
        let query = Self { pairs: pairs(uri.query().unwrap_or_default())?, known };
        query.check()?;
        Ok(query)
    }

    fn check(&self) -> Result<(), Problem> {
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in &self.pairs {
            let known = self.known.iter().find(|one| one.name == name && one.kind != Kind::Path);
            let Some(parameter) = known else {
                let detail = format!("there is no parameter {name:?} here");
                return Err(Problem::bad(detail).expecting(self.names()));
            };
            if parameter.kind == Kind::Once && seen.contains(&parameter.name) {
                return Err(
                    Problem::bad(format!("parameter {name} is given twice")).expecting("it once")
                );
            }
            seen.push(parameter.name);
            if value.len() > LONGEST {
                let expected = format!("at most {LONGEST} bytes");
                return Err(Problem::parameter(name, value, expected));
            }
        }
        Ok(())
    }

    /// The names that there are.
    fn names(&self) -> String {
        let in_query = self.known.iter().filter(|one| one.kind != Kind::Path);
        let names: Vec<_> = in_query.map(|one| one.name).collect();
        if names.is_empty() { "no parameters".to_owned() } else { names.join(", ") }
    }

    /// All of them.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// The values of a parameter.
    pub(crate) fn all<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q str> {
        self.pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// The value of a parameter, read by `read`.
    pub(crate) fn parsed<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(value) = self.get(name) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| self.refused(name, value))
    }

    /// The problem of a value that cannot be read.
    pub(crate) fn refused(&self, name: &str, value: &str) -> Problem {
        let expected = self.known.iter().find(|one| one.name == name);
        Problem::parameter(name, value, expected.map_or("another value", |one| one.expected))
    }

    /// Whether a switch is on.
    pub(crate) fn is_on(&self, name: &str) -> Result<bool, Problem> {
        let is_on = |value: &str| match value {
            "" | "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        };
        Ok(self.parsed(name, is_on)?.unwrap_or(false))
    }

    /// The metrics that the words of `metrics` name.
    pub(crate) fn metrics(&self) -> Result<MetricSet, Problem> {
        let words: Vec<_> = self.all("metrics").flat_map(|words| words.split(',')).collect();
        let words: Vec<_> =
            words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).collect();
        MetricSet::named(&words).map_err(|unknown| {
            let expected = match unknown.near() {
                [] => "metrics of /api/v1/metrics, groups such as memory.*, or all".to_owned(),
                near => format!("such as {}", near.join(", ")),
            };
            Problem::parameter("metrics", unknown.name(), expected)
        })
    }
}

/// The pairs of a query or form.
pub(crate) fn pairs(text: &str) -> Result<Vec<(String, String)>, Problem> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    let pairs: Vec<_> = parts
        .take(MOST + 1)
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect::<Result<_, Problem>>()?;
    if pairs.len() > MOST {
        return Err(Problem::bad(format!("there are more than {MOST} parameters")));
    }
    Ok(pairs)
}

fn decoded(text: &str) -> Result<String, Problem> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    decoded.map(Into::into).map_err(|_| {
        Problem::bad("the query is not UTF-8").expecting("bytes of UTF-8, written as %XX")
    })
}

/// An instant, in whole seconds since the epoch: a part of a second counts as a whole one.
pub(crate) fn time(text: &str) -> Option<u64> {
    const NANOS_PER_SECOND: u64 = 1_000_000_000;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let time = Timestamp::parse(text).ok()?;
    Some(time.map_or(0, |time| time.nanos().div_ceil(NANOS_PER_SECOND)))
}

/// A length of time, in whole seconds: `300`, `5m`, `2h`, `7d`.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];
    let unit = units.into_iter().find_map(|(unit, size)| Some((text.strip_suffix(unit)?, size)));
    let (number, size) = unit.unwrap_or((text, 1));
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse::<u64>().ok()?.checked_mul(size).filter(|seconds| *seconds > 0)
}

/// The media type that a request wants most of these, as `Accept` says it; the first one where it
/// says nothing. `None` if it wants none of them.
pub(crate) fn accepted<'t>(headers: &HeaderMap, types: &[&'t str]) -> Option<&'t str> {
    let accept = headers.get_all("accept").iter().filter_map(|value| value.to_str().ok());
    let wanted: Vec<_> = accept.flat_map(|value| value.split(',')).map(range).collect();
    if wanted.is_empty() {
        return types.first().copied();
    }
    let weight = |kind: &str| {
        let plain = kind.split(';').next().unwrap_or_default().trim();
        let group = plain.split('/').next().unwrap_or_default();
        let fits = |range: &str| match range {
            "*/*" => Some(0),
            _ if range.strip_suffix("/*") == Some(group) => Some(1),
            _ if range.eq_ignore_ascii_case(plain) => Some(2),
            _ => None,
        };
        // The most specific range counts.
        let all = wanted.iter().filter_map(|(range, weight)| Some((fits(range)?, *weight)));
        all.max_by_key(|(how, _)| *how).map_or(0, |(_, weight)| weight)
    };
    // Of equal ones the first: max_by_key has the last.
    let best = types.iter().rev().max_by_key(|kind| weight(kind))?;
    (weight(best) > 0).then_some(*best)
}

/// The media type of one of these formats: of the one that is named, or the one that is accepted.
pub(crate) fn format(
    query: &Query,
    headers: &HeaderMap,
    formats: &[(&str, &'static str)],
) -> Result<&'static str, Problem> {
    if let Some(word) = query.get("format") {
        let found = formats.iter().find(|(name, _)| *name == word);
        return found.map(|(_, kind)| *kind).ok_or_else(|| query.refused("format", word));
    }
    let kinds: Vec<_> = formats.iter().map(|(_, kind)| *kind).collect();
    accepted(headers, &kinds).ok_or_else(|| {
        Problem::new(StatusCode::NOT_ACCEPTABLE, "there is no format that Accept allows")
            .expecting(kinds.join(", "))
    })
}

/// A range of `Accept`, with its weight in thousandths.
fn range(text: &str) -> (&str, u16) {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f64>().ok());
    let weight = weight.filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
    let thousandths = (weight * 1000.0) as u16;
    (range, thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(accept: &str) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert("accept", accept.parse().unwrap());
        accepted(&headers, &["application/json", "text/csv"])
    }

    #[test]
    fn the_type_that_is_wanted_most_is_answered() {
        assert_eq!(accepted(&HeaderMap::new(), &["a/b"]), Some("a/b"));
        assert_eq!(wants("*/*"), Some("application/json"));
        assert_eq!(wants("text/*"), Some("text/csv"));
        assert_eq!(wants("text/csv;q=0.4, application/json;q=0.5"), Some("application/json"));
        assert_eq!(wants("*/*, application/json;q=0"), Some("text/csv"));
        assert_eq!(wants("image/png"), None);
        assert_eq!(wants("text/csv;q=oops"), Some("text/csv"));
    }

    #[test]
    fn a_length_of_time_has_a_unit_or_is_seconds() {
        assert_eq!(
            [seconds("90"), seconds("5m"), seconds("2d")],
            [Some(90), Some(300), Some(172_800)]
        );
        for text in ["", "0", "-1", "1.5", "m", "5w", "99999999999999999d", "+5"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_seconds_or_a_date() {
        assert_eq!(time("1795262400"), Some(1_795_262_400));
        assert_eq!(time("2026-11-21T12:00:00Z"), Some(1_795_262_400));
        assert_eq!(time("2026-11-21T11:59:59.5Z"), Some(1_795_262_400));
        assert_eq!([time(""), time("now"), time("-1")], [None, None, None]);
    }
}
