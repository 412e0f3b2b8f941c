//! An option of `cmetrics serve`.

use clap::builder::Str;
use clap::{Arg, ArgAction, ValueHint};

/// An option that every layer of the configuration may set.
#[derive(Debug)]
pub(crate) struct ServeOption {
    /// Its key in the file: `poll.interval`.
    pub(crate) key: &'static str,
    /// Its flag without hyphens before it: the key with hyphens for dots.
    flag: &'static str,
    /// What its value is called in the help.
    value: &'static str,
    pub(crate) kind: Kind,
    /// What it is unless a layer sets it; empty where that is nothing.
    pub(crate) default: &'static str,
    pub(crate) help: &'static str,
}

/// What an option's value is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text or a number.
    Text,
    /// The path of a file.
    File,
    /// The path of a folder.
    Folder,
    /// True or false.
    Switch,
    /// Several texts.
    List,
    /// Names and what they stand for.
    Table,
}

#[cfg_attr(not(feature = "live"), allow(dead_code, reason = "for the help alone"))]
impl ServeOption {
    /// Its variable in the environment: `CMETRICS_POLL_INTERVAL`.
    pub(crate) fn variable(&self) -> String {
        format!("CMETRICS_{}", self.flag.replace('-', "_").to_ascii_uppercase())
    }

    /// Its flag: `--poll-interval`.
    pub(crate) fn flag(&self) -> String {
        format!("--{}", self.flag)
    }

    pub(super) fn arg(&self) -> Arg {
        let default = match self.default {
            "" => String::new(),
            default => format!(" [default: {default}]"),
        };
        let arg =
            Arg::new(Str::from(self.key)).long(self.flag).help(format!("{}{default}", self.help));
        match self.kind {
            Kind::Text => arg.value_name(self.value).allow_negative_numbers(true),
            Kind::File => arg.value_name(self.value).value_hint(ValueHint::FilePath),
            Kind::Folder => arg.value_name(self.value).value_hint(ValueHint::DirPath),
            Kind::Switch => arg
                .value_name("true|false")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true"),
            Kind::List => arg.value_name(self.value).action(ArgAction::Append).value_delimiter(','),
            Kind::Table => arg.value_name(self.value).action(ArgAction::Append),
        }
    }
}

pub(super) const fn option(
    [key, flag, value, default]: [&'static str; 4],
    kind: Kind,
    help: &'static str,
) -> ServeOption {
    ServeOption { key, flag, value, kind, default, help }
}
