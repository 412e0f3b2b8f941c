//! The examples at the end of each command's help.

pub(super) const EXAMPLES: &str = "\
Examples:
  curl -s localhost:8080/api/v1.3/docker/ | cmetrics points
  cmetrics points --container web dumps/
  cmetrics inspect dumps/
  cmetrics ingest --store history/ dumps/
  cmetrics get --store history/ web --period 3600
  cmetrics metrics memory

'cmetrics help COMMAND' tells more of a command.

Exit status: 0 all well; 1 some input was damaged or missing, and the rest was done, or the output
could not be written, or a store not be opened, read or written; 2 usage, and nothing was written.";

pub(super) const POINTS_EXAMPLES: &str = "\
Examples:
  One reply of cAdvisor, as a table on a terminal:
    curl -s localhost:8080/api/v1.3/docker/ | cmetrics points
  A folder of saved dumps, plain or compressed, as CSV in a file:
    cmetrics points --format csv --output points.csv dumps/
  Minutes instead of five seconds, of two containers:
    cmetrics points --interval 60 --container web --container 0783690c8f18 dumps/
  Dumps of several machines, one folder each:
    cmetrics points --machine-by-folder --format ndjson node1/ node2/
  With one of the machine's cores, leaving the others to the containers:
    cmetrics points --threads 1 dumps/
  Only points that samples cover in full, with their numbers of samples:
    cmetrics points --complete --extended dumps/
  What else cAdvisor measures ('cmetrics metrics' lists it):
    cmetrics points --metrics memory.working_set,cpu.cfs_throttled_time dumps/
    cmetrics points --metrics 'memory.*' --metrics 'tasks.*' --format csv dumps/";

pub(super) const INSPECT_EXAMPLES: &str = "\
Examples:
  What is in these dumps, and is anything missing?
    cmetrics inspect dumps/
  The same for a program:
    cmetrics inspect --format json dumps/ | jq '.[] | select(.gaps > 0)'";

pub(super) const METRICS_EXAMPLES: &str = "\
Examples:
  All that points can carry:
    cmetrics metrics
  A group of it, one metric, or what has a word in its name:
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
  Every minute, of what cAdvisor remembers (what is known already is not counted again):
    curl -s localhost:8080/api/v1.3/docker/ | cmetrics ingest --quiet --store history/
  A folder of saved dumps, in any order:
    cmetrics ingest --store history/ dumps/
  A new store of intervals of ten seconds, which also keeps these metrics:
    cmetrics ingest --store tens/ --interval 10 --metrics 'memory.*' dumps/
  Beside another process that may be writing, for up to half a minute:
    cmetrics ingest --store history/ --wait 30 --sync always dumps/
  Where dumps come in order, and late ones are a mistake:
    cmetrics ingest --store history/ --strict dumps/";

pub(super) const GET_EXAMPLES: &str = "\
Examples:
  The last hour of a container, as a table on a terminal and as JSON in a pipe:
    cmetrics get --store history/ web --period 3600
  A day in minutes, up to a certain time, as CSV in a file:
    cmetrics get --store history/ web --period 86400 --interval 60 --end 2026-11-21T12:00:00Z --format csv --output day.csv
  Of every container that was ever called so, with what else was kept:
    cmetrics get --store history/ web --period 86400 --all-bearers --metrics 'memory.*'";

pub(super) const CONTAINERS_EXAMPLES: &str = "\
Examples:
  What is in this store, and since when?
    cmetrics containers --store history/
  The same for a program:
    cmetrics containers --store history/ --format json | jq -r '.[].name'";

pub(super) const STORE_EXAMPLES: &str = "\
Examples:
  cmetrics store stats history/
  cmetrics store verify history/
  cmetrics store retain history/ --age 2592000

'cmetrics store help COMMAND' tells more of a command.";

pub(super) const VERIFY_EXAMPLES: &str = "\
Examples:
  Is all there that was written? (exit status 1 if not)
    cmetrics store verify history/";

pub(super) const SALVAGE_EXAMPLES: &str = "\
Examples:
  What can be read of a damaged store, into a new one:
    cmetrics store salvage history/ --to rescued/
  The same, and points again whose better ones cannot be read:
    cmetrics store salvage history/ --to everything/ --superseded";

pub(super) const COMPACT_EXAMPLES: &str = "\
Examples:
  Before a backup, or once no more is to be added:
    cmetrics store compact history/";

pub(super) const STATS_EXAMPLES: &str = "\
Examples:
  How much is in it, and how much room does it take?
    cmetrics store stats history/
  Since when is a metric kept?
    cmetrics store stats history/ --format json | jq '.since[\"memory.working_set\"]'";

pub(super) const SNAPSHOT_EXAMPLES: &str = "\
Examples:
  A copy as of now, though another process may be writing:
    cmetrics store snapshot history/ copy/";

pub(super) const EVENTS_EXAMPLES: &str = "\
Examples:
  What happened besides points?
    cmetrics store events history/
  Of one container, in the last hour that is known:
    cmetrics store events history/ --container web --period 3600
  Which containers were restarted, for a program:
    cmetrics store events history/ --format json | jq -r '.[] | select(.event == \"restart\").container'";

pub(super) const DROP_EXAMPLES: &str = "\
Examples:
  What a clock that was ahead has left behind, so that new samples are not old:
    cmetrics store drop history/ web --from 2030-01-01T00:00:00Z
  An hour in which something else was measured:
    cmetrics store drop history/ web --from 2026-11-21T11:00:00Z --to 2026-11-21T12:00:00Z";

pub(super) const RETAIN_EXAMPLES: &str = "\
Examples:
  Nothing older than thirty days:
    cmetrics store retain history/ --age 2592000
  A hundred million points at least, the newest:
    cmetrics store retain history/ --points 100000000
  Nothing before November; or, where too much was dropped, from there on again:
    cmetrics store retain history/ --since 2026-11-01T00:00:00Z";
