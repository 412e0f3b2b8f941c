//! The examples at the end of each command's help.

pub(super) const EXAMPLES: &str = "\
Examples:
  curl -s localhost:8080/api/v1.3/docker/ | cmetrics points
  cmetrics points --container web dumps/
  cmetrics inspect dumps/
  cmetrics ingest --store history/ dumps/
  cmetrics get --store history/ web --period 3600
  cmetrics metrics memory
  cmetrics watch localhost:8080
  cmetrics serve --store history/ --machine node1=10.0.0.1:8080

'cmetrics help COMMAND' describes a command.

Exit status: 0 success; 1 some input was damaged or missing, and the rest was done, or the output
could not be written, or a store could not be opened, read or written; 2 wrong usage, and nothing
was written. 'cmetrics serve' has others.";

pub(super) const POINTS_EXAMPLES: &str = "\
Examples:
  One reply of cAdvisor, as a table on a terminal:
    curl -s localhost:8080/api/v1.3/docker/ | cmetrics points
  A folder of saved dumps, plain or compressed, as CSV in a file:
    cmetrics points --format csv --output points.csv dumps/
  Points of a minute, of two containers:
    cmetrics points --interval 60 --container web --container 0783690c8f18 dumps/
  Dumps of several machines, one folder each:
    cmetrics points --machine-by-folder --format ndjson node1/ node2/
  On one core, leaving the others to the containers:
    cmetrics points --threads 1 dumps/
  Only points that samples cover completely, with their numbers of samples:
    cmetrics points --complete --extended dumps/
  More metrics ('cmetrics metrics' lists them):
    cmetrics points --metrics memory.working_set,cpu.cfs_throttled_time dumps/
    cmetrics points --metrics 'memory.*' --metrics 'tasks.*' --format csv dumps/
  For Prometheus, which takes the past as blocks, and for a collector:
    cmetrics points --names prometheus --format openmetrics --output points.om dumps/
    promtool tsdb create-blocks-from openmetrics points.om data/
    cmetrics points --names otel --output points.jsonl dumps/
  As Heapster called them, one row for each figure:
    cmetrics points --names heapster --format csv --requests-from-shares dumps/
  With columns that say who each container is:
    cmetrics points --format csv --columns alias,image,label:app dumps/";

pub(super) const INSPECT_EXAMPLES: &str = "\
Examples:
  What is in these dumps, and is anything missing?
    cmetrics inspect dumps/
  The same for a program:
    cmetrics inspect --format json dumps/ | jq '.[] | select(.gaps > 0)'";

pub(super) const METRICS_EXAMPLES: &str = "\
Examples:
  All metrics:
    cmetrics metrics
  A group, one metric, or those with a word in their name:
    cmetrics metrics 'memory.*'
    cmetrics metrics cpu.usage
    cmetrics metrics pressure
  The names of all gauges, for a program:
    cmetrics metrics --format json | jq -r '.[] | select(.kind == \"gauge\").name'";

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  cmetrics completions bash > ~/.local/share/bash-completion/completions/cmetrics
  cmetrics completions zsh > ~/.zfunc/_cmetrics
  cmetrics completions fish > ~/.config/fish/completions/cmetrics.fish";

pub(super) const INGEST_EXAMPLES: &str = "\
Examples:
  Once a minute (known samples are not counted again):
    curl -s localhost:8080/api/v1.3/docker/ | cmetrics ingest --quiet --store history/
  A folder of saved dumps, in any order:
    cmetrics ingest --store history/ dumps/
  A new store with intervals of ten seconds and more metrics:
    cmetrics ingest --store tens/ --interval 10 --metrics 'memory.*' dumps/
  Wait up to half a minute for another process that may be writing:
    cmetrics ingest --store history/ --wait 30 --sync always dumps/
  If dumps come in order, and late ones are a mistake:
    cmetrics ingest --store history/ --strict dumps/";

pub(super) const GET_EXAMPLES: &str = "\
Examples:
  The last hour of a container, as a table on a terminal and as JSON in a pipe:
    cmetrics get --store history/ web --period 3600
  A day up to a certain time, in points of a minute, as CSV in a file:
    cmetrics get --store history/ web --period 86400 --interval 60 --end 2026-11-21T12:00:00Z --format csv --output day.csv
  Of all containers that had this alias, with more of the stored metrics:
    cmetrics get --store history/ web --period 86400 --all-bearers --metrics 'memory.*'
  The last hour of all containers with a label, and which pods they are of, as CSV:
    cmetrics get --store history/ --label app=web --period 3600 --format csv --columns namespace,pod
  An hour for Prometheus, with sums from one zero, so that the next hour goes on from it:
    cmetrics get --store history/ web --period 3600 --end 2026-11-21T12:00:00Z --names prometheus --since 2026-11-01T00:00:00Z";

pub(super) const CONTAINERS_EXAMPLES: &str = "\
Examples:
  What is in this store, and since when?
    cmetrics containers --store history/
  Those of an application, with their pods:
    cmetrics containers --store history/ --label app=web --columns namespace,pod
  All names, for a program:
    cmetrics containers --store history/ --format json | jq -r '.[].name'";

pub(super) const STORE_EXAMPLES: &str = "\
Examples:
  cmetrics store stats history/
  cmetrics store verify history/
  cmetrics store retain history/ --age 2592000

'cmetrics store help COMMAND' describes a command.";

pub(super) const VERIFY_EXAMPLES: &str = "\
Examples:
  Can everything be read? (exit status 1 if not)
    cmetrics store verify history/";

pub(super) const SALVAGE_EXAMPLES: &str = "\
Examples:
  Everything readable of a damaged store, into a new one:
    cmetrics store salvage history/ --to rescued/
  The same, with points whose replacements cannot be read:
    cmetrics store salvage history/ --to everything/ --superseded";

pub(super) const COMPACT_EXAMPLES: &str = "\
Examples:
  Before a backup, or when nothing will be added any more:
    cmetrics store compact history/";

pub(super) const STATS_EXAMPLES: &str = "\
Examples:
  How much is in it, and how much room does it take?
    cmetrics store stats history/
  Since when is a metric stored?
    cmetrics store stats history/ --format json | jq '.since[\"memory.working_set\"]'";

pub(super) const SNAPSHOT_EXAMPLES: &str = "\
Examples:
  A copy of the present state, even while another process writes:
    cmetrics store snapshot history/ copy/";

pub(super) const EVENTS_EXAMPLES: &str = "\
Examples:
  All events:
    cmetrics store events history/
  Of one container, in the last hour of the store:
    cmetrics store events history/ --container web --period 3600
  Those that each source shows by itself, where a container was read by several:
    cmetrics store events history/ --every-door
  Which containers were restarted, for a program:
    cmetrics store events history/ --format json | jq -r '.[] | select(.event == \"restart\").container'";

pub(super) const DROP_EXAMPLES: &str = "\
Examples:
  Points from a clock that was ahead, so that new samples are not old:
    cmetrics store drop history/ web --from 2030-01-01T00:00:00Z
  One hour:
    cmetrics store drop history/ web --from 2026-11-21T11:00:00Z --to 2026-11-21T12:00:00Z";

pub(super) const RETAIN_EXAMPLES: &str = "\
Examples:
  Nothing older than thirty days:
    cmetrics store retain history/ --age 2592000
  At least the newest hundred million points:
    cmetrics store retain history/ --points 100000000
  Nothing before November; or, if too much was dropped, accept points from then on again:
    cmetrics store retain history/ --since 2026-11-01T00:00:00Z";

pub(super) const WATCH_EXAMPLES: &str = "\
Examples:
  What do the containers of this machine use? (a table that is renewed, on a terminal)
    cmetrics watch
  Two machines, one with another name than its address; for a program, one point a line:
    cmetrics watch node1:8080 db=10.0.0.7:8080 | jq -c '{name, start, cpu: .cpu.usage}'
  Also what is not final yet, and more metrics:
    cmetrics watch --open --metrics memory.working_set,cpu.cfs_throttled_time node1 | head
  And keep it:
    cmetrics watch --store history/ node1 > /dev/null";

pub(super) const SERVE_EXAMPLES: &str = "\
Examples:
  Two machines, for clients on this one:
    cmetrics serve --store history/ --machine node1=10.0.0.1:8080 --machine node2=10.0.0.2:8080
    curl -s 'localhost:5000/api/v1/points?container=web&period=60'
  For other machines, with tokens:
    cmetrics serve --store history/ --listen 0.0.0.0:5000 --token-file tokens
  From a file, which is checked first:
    cmetrics serve --config cmetrics.toml --check
    cmetrics serve --config cmetrics.toml
  Which value is in effect, and where is it from?
    cmetrics serve --config cmetrics.toml --print-config
  A configuration file with all options:
    cmetrics serve --print-config > cmetrics.toml

Exit status: 0 it ended as it was asked to; 64 the configuration is wrong; 74 the store could not be
opened, read or written; 1 anything else.";

pub(super) const HEALTH_EXAMPLES: &str = "\
Examples:
  Is the server on this machine ready?
    cmetrics health
  In a Dockerfile:
    HEALTHCHECK CMD [\"cmetrics\", \"health\", \"http://127.0.0.1:5000\"]";
