//! The options of `cmetrics serve`, each of which is a flag, a variable of the environment and a key
//! of the configuration file.

mod option;
mod options;

use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};

#[cfg(feature = "live")]
pub(crate) use option::Kind;
pub(crate) use option::ServeOption;
pub(crate) use options::SERVE_OPTIONS;

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
            assert_eq!(option.flag(), format!("--{}", option.key.replace('.', "-")));
        }
        let interval = SERVE_OPTIONS.iter().find(|option| option.key == "poll.interval").unwrap();
        assert_eq!(interval.flag(), "--poll-interval");
        assert_eq!(interval.variable(), "CMETRICS_POLL_INTERVAL");
    }
}
