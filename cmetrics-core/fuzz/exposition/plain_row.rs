//! The rows of the plain reader.

use std::collections::BTreeMap;

pub type Labels = BTreeMap<String, String>;

/// A row of an exposition.
pub struct Row {
    pub name: String,
    pub labels: Labels,
    pub value: String,
    pub time: Option<String>,
}

/// The parts of a line.
pub fn row(line: &str) -> Option<Row> {
    let name_end = line.find(|c| !is_of_name(c)).unwrap_or(line.len());
    let (mut name, mut rest) = (line[..name_end].to_owned(), &line[name_end..]);
    let mut labels: Vec<(String, String)> = Vec::new();
    if let Some(inner) = rest.trim_start_matches(blank).strip_prefix('{') {
        if name.is_empty() && !line.starts_with('{') {
            return None;
        }
        rest = read_labels(inner, &mut name, &mut labels)?;
    }
    if name.is_empty() || !rest.starts_with(blank) {
        return None;
    }
    let mut words = rest.split(blank).filter(|word| !word.is_empty());
    let value = words.next().filter(|word| is_number(word))?.to_owned();
    let mut next = words.next();
    let time = next.filter(|word| word.starts_with(|c: char| c.is_ascii_digit() || c == '-'));
    if let Some(time) = time {
        if !is_number(time) || time.to_ascii_lowercase().contains("in") {
            return None;
        }
        next = words.next();
    }
    if next.is_some_and(|word| !word.starts_with('#') && !word.starts_with("st@")) {
        return None;
    }
    let mut first: Labels = Labels::new();
    for (label, value) in labels {
        first.entry(label).or_insert(value);
    }
    first.retain(|_, value| !value.is_empty());
    Some(Row { name, labels: first, value, time: time.map(str::to_owned) })
}

/// Reads labels up to the bracket that closes them. Returns what follows.
fn read_labels<'t>(
    mut inner: &'t str,
    name: &mut String,
    labels: &mut Vec<(String, String)>,
) -> Option<&'t str> {
    loop {
        inner = inner.trim_start_matches(blank);
        if let Some(after) = inner.strip_prefix('}') {
            return Some(after);
        }
        let (label, after) = if inner.starts_with('"') {
            quoted(inner)?
        } else {
            let end = inner.find(|c| !is_of_name(c))?;
            (inner[..end].to_owned(), &inner[end..])
        };
        let is_quoted = inner.starts_with('"');
        if label.is_empty() && !is_quoted {
            return None;
        }
        let after = after.trim_start_matches(blank);
        inner = if let Some(value) = after.strip_prefix('=') {
            let (value, after) = quoted(value.trim_start_matches(blank))?;
            labels.push((label, value));
            after
        } else if is_quoted && name.is_empty() {
            *name = label;
            after
        } else {
            return None;
        };
        inner = inner.trim_start_matches(blank);
        inner = match inner.strip_prefix(',') {
            Some(after) => after,
            None if inner.starts_with('}') => inner,
            None => return None,
        };
    }
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

fn blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

/// The text of the quotes ahead, and what follows them.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut chars = text.strip_prefix('"')?.chars();
    let mut read = String::new();
    loop {
        match chars.next()? {
            '"' => return Some((read, chars.as_str())),
            '\\' => match chars.next()? {
                'n' => read.push('\n'),
                escaped @ ('\\' | '"') => read.push(escaped),
                other => read.extend(['\\', other]),
            },
            other => read.push(other),
        }
    }
}

fn is_number(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let digits = word.strip_prefix(['+', '-']).unwrap_or(&word);
    if ["nan", "inf", "infinity"].contains(&digits) {
        return true;
    }
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((digits, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    all(whole)
        && all(fraction)
        && all(exponent)
        && !exponent.is_empty()
        && !(whole.is_empty() && fraction.is_empty())
}
