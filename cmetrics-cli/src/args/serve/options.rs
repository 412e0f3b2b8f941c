//! The table of the options of `cmetrics serve`.

use super::option::{Kind, ServeOption, option};

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
        ["metrics", "metrics", "LIST", ""],
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
