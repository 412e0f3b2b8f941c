//! A JSON tree that keeps what other trees lose: the order of keys, repeated keys, and the spelling
//! of numbers and strings.

use super::rng::Rng;

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// A number, string or name as written; or anything else.
    Raw(String),
    List(Vec<Json>),
    /// Keys are as written, quotes included.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Parses a text that is known to be JSON.
    pub fn parse(text: &str) -> Self {
        let mut rest = text.trim();
        let value = value(&mut rest);
        assert!(rest.trim().is_empty(), "more than one value: {rest}");
        value
    }

    pub fn raw(text: impl Into<String>) -> Self {
        Self::Raw(text.into())
    }

    /// The text without white space.
    pub fn text(&self) -> String {
        self.spaced(&mut || "")
    }

    /// The text with the result of `blank` wherever white space may be.
    pub fn spaced(&self, blank: &mut dyn FnMut() -> &'static str) -> String {
        let mut text = String::new();
        self.write(&mut text, blank);
        text
    }

    fn write(&self, text: &mut String, blank: &mut dyn FnMut() -> &'static str) {
        text.push_str(blank());
        match self {
            Self::Raw(raw) => text.push_str(raw),
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index == 0 { "[" } else { "," });
                    item.write(text, blank);
                }
                text.push_str(if items.is_empty() { "[" } else { "" });
                text.push_str(if items.is_empty() { blank() } else { "" });
                text.push(']');
            }
            Self::Object(members) => {
                for (index, (key, value)) in members.iter().enumerate() {
                    text.push_str(if index == 0 { "{" } else { "," });
                    text.push_str(blank());
                    text.push_str(key);
                    text.push_str(blank());
                    text.push(':');
                    value.write(text, blank);
                }
                text.push_str(if members.is_empty() { "{" } else { "" });
                text.push_str(if members.is_empty() { blank() } else { "" });
                text.push('}');
            }
        }
        text.push_str(blank());
    }

    /// The first member with this key.
    pub fn get(&mut self, key: &str) -> Option<&mut Self> {
        let Self::Object(members) = self else { return None };
        members.iter_mut().find(|(name, _)| name.trim_matches('"') == key).map(|(_, value)| value)
    }

    pub fn has(&self, key: &str) -> bool {
        let Self::Object(members) = self else { return false };
        members.iter().any(|(name, _)| name.trim_matches('"') == key)
    }

    pub fn items(&mut self) -> Option<&mut Vec<Self>> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    pub fn members(&mut self) -> Option<&mut Vec<(String, Self)>> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    pub fn is_number(&self) -> bool {
        matches!(self, Self::Raw(raw) if raw.starts_with(|c: char| c == '-' || c.is_ascii_digit()))
    }

    pub fn is_string(&self) -> bool {
        matches!(self, Self::Raw(raw) if raw.len() > 1 && raw.starts_with('"'))
    }

    pub fn is_sample(&self) -> bool {
        self.has("timestamp")
    }

    /// A random one of the values in this tree, including itself, that `accept` accepts.
    pub fn pick(&mut self, rng: &mut Rng, accept: &dyn Fn(&Self) -> bool) -> Option<&mut Self> {
        let mut wanted = match self.count(accept) {
            0 => return None,
            count => rng.below(count),
        };
        self.nth(&mut wanted, accept)
    }

    /// Calls `change` with each value in this tree, including itself.
    pub fn each(&mut self, change: &mut dyn FnMut(&mut Self)) {
        change(self);
        match self {
            Self::Raw(_) => {}
            Self::List(items) => items.iter_mut().for_each(|item| item.each(change)),
            Self::Object(members) => members.iter_mut().for_each(|(_, value)| value.each(change)),
        }
    }

    fn count(&self, accept: &dyn Fn(&Self) -> bool) -> usize {
        let below: usize = match self {
            Self::Raw(_) => 0,
            Self::List(items) => items.iter().map(|item| item.count(accept)).sum(),
            Self::Object(members) => members.iter().map(|(_, value)| value.count(accept)).sum(),
        };
        below + usize::from(accept(self))
    }

    fn nth(&mut self, left: &mut usize, accept: &dyn Fn(&Self) -> bool) -> Option<&mut Self> {
        if accept(self) {
            if *left == 0 {
                return Some(self);
            }
            *left -= 1;
        }
        match self {
            Self::Raw(_) => None,
            Self::List(items) => items.iter_mut().find_map(|item| item.nth(left, accept)),
            Self::Object(members) => {
                members.iter_mut().find_map(|(_, value)| value.nth(left, accept))
            }
        }
    }
}

fn value(rest: &mut &str) -> Json {
    *rest = rest.trim_start();
    match rest.as_bytes().first() {
        Some(b'{') => Json::Object(members(rest, '}', |rest| {
            let key = word(rest).to_owned();
            take(rest, ':');
            (key, value(rest))
        })),
        Some(b'[') => Json::List(members(rest, ']', value)),
        _ => Json::raw(word(rest)),
    }
}

fn members<T>(rest: &mut &str, close: char, mut member: impl FnMut(&mut &str) -> T) -> Vec<T> {
    let mut members = Vec::new();
    *rest = rest[1..].trim_start();
    while !rest.starts_with(close) {
        members.push(member(rest));
        *rest = rest.trim_start();
        if !rest.starts_with(close) {
            take(rest, ',');
            *rest = rest.trim_start();
        }
    }
    take(rest, close);
    members
}

fn take(rest: &mut &str, char: char) {
    *rest = rest.trim_start();
    *rest = rest.strip_prefix(char).unwrap_or_else(|| panic!("expected {char} at {rest}"));
}

/// A string with its quotes, a number or a name.
fn word<'t>(rest: &mut &'t str) -> &'t str {
    *rest = rest.trim_start();
    let bytes = rest.as_bytes();
    let mut end = 1;
    if bytes[0] == b'"' {
        while bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        end += 1;
    } else {
        while bytes.get(end).is_some_and(|byte| !b",]}: \r\n\t".contains(byte)) {
            end += 1;
        }
    }
    let (word, after) = rest.split_at(end);
    *rest = after;
    word
}
