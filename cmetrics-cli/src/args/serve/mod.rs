//! The options of `cmetrics serve`, each of which is a flag, a variable of the environment and a key
//! of the configuration file.

mod options;

use clap::builder::Str;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};

pub(crate) use options::SERVE_OPTIONS;

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

    fn arg(&self) -> Arg {
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

const fn option(
    [key, flag, value, default]: [&'static str; 4],
    kind: Kind,
    help: &'static str,
) -> ServeOption {
    ServeOption { key, flag, value, kind, default, help }
}

/// What the flags say.
#[cfg_attr(not(feature = "live"), allow(dead_code, reason = "for the help alone"))]
#[derive(Clone, Debug)]
pub(crate) struct ServeArgs {
    /// The configuration file, if one was named.
    pub(crate) config: Option<String>,
    /// Whether to check the configuration and do no more.
    pub(crate) check: bool,
    /// Whether to show the configuration and do no more.
    pub(crate) print_config: bool,
    /// The options that were given, with their values.
    pub(crate) given: Vec<(&'static ServeOption, Vec<String>)>,
}

impl clap::FromArgMatches for ServeArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = SERVE_OPTIONS.iter().filter_map(|option| {
            let values = matches.get_many::<String>(option.key)?;
            Some((option, values.cloned().collect()))
        });
        Ok(Self {
            config: matches.get_one::<String>("config").cloned(),
            check: matches.get_flag("check"),
            print_config: matches.get_flag("print-config"),
            given: given.collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Args for ServeArgs {
    fn augment_args(command: Command) -> Command {
        let of_command = [
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .value_hint(ValueHint::FilePath)
                .help("A configuration file (TOML) with any of these options"),
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help("Check the configuration and the files that it names, and do no more"),
            Arg::new("print-config").long("print-config").action(ArgAction::SetTrue).help(
                "Print the configuration that results, as a file, with where each value is from",
            ),
        ];
        command.args(SERVE_OPTIONS.iter().map(ServeOption::arg)).args(of_command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_has_one_name_in_all_layers() {
        for option in SERVE_OPTIONS {
            assert_eq!(option.flag, option.key.replace('.', "-"));
        }
        let interval = SERVE_OPTIONS.iter().find(|option| option.key == "poll.interval").unwrap();
        assert_eq!(interval.flag(), "--poll-interval");
        assert_eq!(interval.variable(), "CMETRICS_POLL_INTERVAL");
    }
}
