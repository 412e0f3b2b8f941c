//! The configuration as a file, with where each value is from.

use std::fmt::Write as _;

use super::layers::Layers;
use super::setting::Setting;
use crate::args::{Kind, SERVE_OPTIONS, ServeOption};

/// Writes all options as a configuration file, each with a comment of where its value is from.
pub(super) fn print(layers: &Layers) -> String {
    let mut lines = String::new();
    for option in SERVE_OPTIONS {
        let Some(setting) = layers.get(option.key) else { continue };
        let (value, is_set) = (shown(option, setting), is_set(setting));
        // An option without a value has no key in a file.
        let comment = if is_set { "" } else { "# " };
        let line = format!("{comment}{} = {value}", option.key);
        let _ = writeln!(lines, "{line:<44} # {}", setting.origin.shown(option));
    }
    lines
}

fn is_set(setting: &Setting) -> bool {
    setting.values.iter().any(|value| !value.is_empty())
}

fn shown(option: &ServeOption, setting: &Setting) -> String {
    let values = || setting.values.iter().map(|value| text(&without_secret(value)));
    match option.kind {
        Kind::List | Kind::Table => format!("[{}]", values().collect::<Vec<_>>().join(", ")),
        Kind::Switch => setting.values.last().cloned().unwrap_or_default(),
        _ => values().next_back().unwrap_or_else(|| text("")),
    }
}

/// A text as TOML has it, which for what is here is as JSON has it.
fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// A URL without the user and password in it.
fn without_secret(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}{path}"),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_blanked() {
        assert_eq!(without_secret("redis://me:secret@host:1/0"), "redis://***@host:1/0");
        assert_eq!(without_secret("http://host/a@b"), "http://host/a@b");
        assert_eq!(without_secret("a=host:1"), "a=host:1");
    }
}
