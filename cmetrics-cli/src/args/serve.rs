//! The options of `cmetrics serve`, each of which is a flag, a variable of the environment and a key
//! of the configuration file.

use clap::builder::Str;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};

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

/// All options, in the order of the help.
pub(crate) const SERVE_OPTIONS: &[ServeOption] = &[
    option(
        ["store", "store", "DIR", "cmetrics-store"],
        Kind::Folder,
        "The store's folder, new if there is none",
    ),
    option(
        ["machine", "machine", "NAME=ADDRESS", ""],
        Kind::Table,
        "A machine to poll: `host`, `host:port` or a URL, with or without a name; may be repeated. \
         Machines that clients add are kept in the store's folder",
    ),
    option(
        ["listen", "listen", "ADDRESS", "127.0.0.1:5000"],
        Kind::Text,
        "Where to listen; port 0 is any free one",
    ),
    option(
        ["host", "host", "LIST", ""],
        Kind::List,
        "Names under which clients reach the server, beside localhost and IP addresses",
    ),
    option(
        ["token.file", "token-file", "FILE", ""],
        Kind::File,
        "Tokens that clients must have, one a line: `read[,write] TOKEN` or `… sha256:HEX`",
    ),
    option(
        ["insecure", "insecure", "", "false"],
        Kind::Switch,
        "Allow that other machines reach the server without tokens",
    ),
    option(
        ["tls.certificate", "tls-certificate", "FILE", ""],
        Kind::File,
        "The certificate (PEM) under which clients reach the server, with those between it and its \
         authority; read again when it changes",
    ),
    option(["tls.key", "tls-key", "FILE", ""], Kind::File, "The key of the certificate (PEM)"),
    option(
        ["network", "network", "LIST", "private"],
        Kind::List,
        "Networks whose machines may be polled: `private`, `any`, or such as `10.0.0.0/8`",
    ),
    option(
        ["socket", "socket", "", "false"],
        Kind::Switch,
        "Allow machines at sockets of this one: docker+unix:///var/run/docker.sock",
    ),
    option(
        ["poll.interval", "poll-interval", "TIME", "5s"],
        Kind::Text,
        "Time between two polls of a machine, from 1s to 60s",
    ),
    option(
        ["poll.requests", "poll-requests", "N", "64"],
        Kind::Text,
        "Requests to machines at once",
    ),
    option(
        ["poll.storage-duration", "poll-storage-duration", "TIME", "2m"],
        Kind::Text,
        "For how long the machines remember samples: cAdvisor's --storage_duration",
    ),
    option(
        ["poll.ca-file", "poll-ca-file", "FILE", ""],
        Kind::File,
        "Certificates (PEM) that may sign those of machines, instead of the system's",
    ),
    option(
        ["poll.token-file", "poll-token-file", "FILE", ""],
        Kind::File,
        "The token that kubelets are asked with, read anew each minute; by default the pod's own",
    ),
    option(
        ["poll.unverified", "poll-unverified", "", "false"],
        Kind::Switch,
        "Take any certificate of a machine: whoever is between can read the token and change points",
    ),
    option(
        ["poll.all-cgroups", "poll-all-cgroups", "", "false"],
        Kind::Switch,
        "Also keep cgroups that are no containers, where a machine tells all of them",
    ),
    option(
        ["interval", "interval", "TIME", "5s"],
        Kind::Text,
        "Width of an interval, for a new store",
    ),
    option(
        ["lateness", "lateness", "TIME", "10s"],
        Kind::Text,
        "By how much a sample may be older than its container's newest and still count at once, for \
         a new store; points are final that much later",
    ),
    option(
        ["metric", "metric", "LIST", ""],
        Kind::List,
        "Also keep these metrics: names, groups such as `memory.*`, or `all`",
    ),
    option(
        ["sync", "sync", "always|os|TIME", "1s"],
        Kind::Text,
        "When written data is synced, so that it survives a loss of power",
    ),
    option(
        ["retain", "retain", "TIME", "forever"],
        Kind::Text,
        "For how long points are kept, such as 30d",
    ),
    option(
        ["redis.address", "redis-address", "HOST:PORT", ""],
        Kind::Text,
        "A Redis that final points also go to",
    ),
    option(
        ["redis.layout", "redis-layout", "LAYOUT", "triggers"],
        Kind::Text,
        "How they lie there: triggers (a list `docker://ID` each) or throttlebot",
    ),
    option(
        ["redis.database", "redis-database", "N", "0"],
        Kind::Text,
        "The number of the database of Redis",
    ),
    option(
        ["redis.password-file", "redis-password-file", "FILE", ""],
        Kind::File,
        "The password of Redis",
    ),
    option(
        ["limit.connections", "limit-connections", "N", "1024"],
        Kind::Text,
        "Connections of clients at once; more wait",
    ),
    option(
        ["limit.requests", "limit-requests", "N", "64"],
        Kind::Text,
        "Requests of clients at once; more are answered with 503",
    ),
    option(
        ["limit.streams", "limit-streams", "N", "128"],
        Kind::Text,
        "Streams of points at once; more are answered with 503",
    ),
    option(["limit.body", "limit-body", "SIZE", "64KiB"], Kind::Text, "Longest body of a request"),
    option(["limit.rows", "limit-rows", "N", "100000"], Kind::Text, "Most rows of a page"),
    option(
        ["limit.span", "limit-span", "TIME", "400d"],
        Kind::Text,
        "Longest time that a request may ask for",
    ),
    option(
        ["stop-within", "stop-within", "TIME", "25s"],
        Kind::Text,
        "How long ending may take: answers under way, and what is still to be kept",
    ),
    option(
        ["log.level", "log-level", "LEVEL", "info"],
        Kind::Text,
        "What is logged: error, warn, info, debug or trace, also by part (`info,cmetrics_live=debug`)",
    ),
    option(
        ["log.format", "log-format", "FORMAT", "auto"],
        Kind::Text,
        "human, json, or auto: human on a terminal, else json",
    ),
];

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
