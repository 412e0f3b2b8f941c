//! The configuration file.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::near::unknown;
use super::setting::{Origin, Setting};
use crate::args::{Kind, SERVE_OPTIONS, ServeOption};

/// What a file says: its options, and what is wrong with it.
pub(super) fn read(path: &Path) -> (Vec<(&'static ServeOption, Setting)>, Vec<String>) {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            return (Vec::new(), vec![format!("cannot read {}: {error}", path.display())]);
        }
    };
    parse(&path.display().to_string(), &text)
}

fn parse(name: &str, text: &str) -> (Vec<(&'static ServeOption, Setting)>, Vec<String>) {
    let mut reader = Reader { name, text, set: Vec::new(), problems: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => reader.table("", table.get_ref()),
        Err(error) => {
            let line = reader.line(error.span().map_or(0, |span| span.start));
            reader.problems.push(format!("{name} line {line}: {}", error.message()));
        }
    }
    (reader.set, reader.problems)
}

struct Reader<'t> {
    name: &'t str,
    text: &'t str,
    set: Vec<(&'static ServeOption, Setting)>,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let line = self.line(key.span().start);
            let key = match prefix {
                "" => key.get_ref().to_string(),
                prefix => format!("{prefix}.{}", key.get_ref()),
            };
            self.entry(&key, line, value.get_ref());
        }
    }

    fn entry(&mut self, key: &str, line: usize, value: &DeValue<'_>) {
        let option = SERVE_OPTIONS.iter().find(|option| option.key == key);
        match (option, value) {
            (Some(option), value) => {
                let Some(values) = values(option.kind, value) else {
                    let (is, expected) = (value.type_str(), expected(option.kind));
                    let problem = format!("{key} is of type {is}: expected {expected}");
                    return self.problem(line, &problem);
                };
                let origin = Origin::File { name: self.name.to_owned(), line };
                self.set.push((option, Setting { values, origin }));
            }
            (None, DeValue::Table(table)) if is_group(key) => self.table(key, table),
            (None, _) => {
                let keys = SERVE_OPTIONS.iter().map(|option| option.key);
                self.problem(line, &unknown("key", key, keys));
            }
        }
    }

    fn problem(&mut self, line: usize, problem: &str) {
        self.problems.push(format!("{} line {line}: {problem}", self.name));
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        String::from_utf8_lossy(before).matches('\n').count() + 1
    }
}

fn is_group(key: &str) -> bool {
    let within = |option: &ServeOption| {
        option.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'))
    };
    SERVE_OPTIONS.iter().any(within)
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text or a whole number",
        Kind::File | Kind::Folder => "a path as text",
        Kind::Switch => "true or false",
        Kind::List => "an array of texts",
        Kind::Table => "a table of names and addresses",
    }
}

fn values(kind: Kind, value: &DeValue<'_>) -> Option<Vec<String>> {
    let one = |value: &DeValue<'_>| value.as_str().map(str::to_owned);
    match (kind, value) {
        (Kind::Text, DeValue::Integer(number)) if number.radix() == 10 => {
            Some(vec![number.as_str().to_owned()])
        }
        (Kind::Text | Kind::File | Kind::Folder, value) => one(value).map(|one| vec![one]),
        (Kind::Switch, DeValue::Boolean(value)) => Some(vec![value.to_string()]),
        (Kind::List | Kind::Table, DeValue::Array(items)) => {
            items.iter().map(|item| one(item.get_ref())).collect()
        }
        (Kind::List, value) => {
            let words = value.as_str()?.split(',').map(str::trim);
            Some(words.filter(|word| !word.is_empty()).map(str::to_owned).collect())
        }
        (Kind::Table, DeValue::Table(table)) => table
            .iter()
            .map(|(name, value)| Some(format!("{}={}", name.get_ref(), value.get_ref().as_str()?)))
            .collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_sets_options_by_groups_or_by_dots() {
        let text = "store = \"history\"\npoll.interval = 10\nnetwork = [\"10.0.0.0/8\"]\n\
                    insecure = true\n[limit]\nstreams = 5\n[machine]\nb = \"host:1\"\na = \"host\"\n";
        let (set, problems) = parse("f.toml", text);
        assert!(problems.is_empty(), "{problems:?}");
        let mut shown: Vec<_> = set
            .iter()
            .map(|(option, setting)| format!("{}={}", option.key, setting.values.join(" ")))
            .collect();
        shown.sort();
        let expected = [
            "insecure=true",
            "limit.streams=5",
            "machine=a=host b=host:1",
            "network=10.0.0.0/8",
            "poll.interval=10",
            "store=history",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, told) in [
            ("\nstor = \"x\"", "f.toml line 2: there is no key \"stor\": did you mean store?"),
            (
                "[poll]\nintervall = 5",
                "line 2: there is no key \"poll.intervall\": did you mean poll.interval?",
            ),
            ("[pol]\ninterval = 5", "line 1: there is no key \"pol\""),
            ("insecure = \"yes\"", "line 1: insecure is of type string: expected true or false"),
            ("machine = { a = 1 }", "line 1: machine is of type table"),
            ("store = 1\n", "line 1: store is of type integer: expected a path"),
            ("store = \n", "line 1: "),
            ("[poll]\ninterval = 0x5", "line 2: poll.interval"),
        ] {
            let (_, problems) = parse("f.toml", text);
            assert_eq!(problems.len(), 1, "{text}");
            assert!(problems[0].contains(told), "{problems:?}");
        }
    }
}
