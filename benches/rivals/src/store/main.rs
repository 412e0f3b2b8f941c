//! What the store takes, and how fast it is, beside what one would keep points in instead: all in
//! one run, and what went in must come out.
//!
//! Prints tables in Markdown; `benches/store` puts them into `benches/README.md`.

mod always;
mod append;
mod bytes;
mod contender;
mod crash;
mod few;
mod figures;
mod fleet;
mod growth;
mod ingest;
mod latency;
mod memory;
mod names;
mod ours;
mod polled;
mod read;
mod redb;
mod redis;
mod settings;
mod sqlite;
mod table;

use figures::Report;
use settings::Bench;

/// A group of rows.
struct Measure {
    name: &'static str,
    what: &'static str,
    /// Whether it takes minutes.
    long: bool,
    run: fn(&Bench, &mut Report),
}

const fn measure(name: &'static str, what: &'static str, run: fn(&Bench, &mut Report)) -> Measure {
    Measure { name, what, long: false, run }
}

const fn long(name: &'static str, what: &'static str, run: fn(&Bench, &mut Report)) -> Measure {
    Measure { name, what, long: true, run }
}

const MEASURES: [Measure; 16] = [
    measure(
        "bytes",
        "bytes a point of the recordings, and of blocks of several lengths",
        bytes::run,
    ),
    measure("hour", "bytes a point of an hour, beside others", bytes::hour),
    measure("append", "points a second, beside others", append::run),
    long("sustained", "points a second for a minute", append::sustained),
    measure("latency", "the slowest appends while segments are made", latency::run),
    measure("always", "appends that outlast a loss of power, beside a bare sync", always::run),
    measure(
        "read",
        "bytes written; a container's last hour, as points, a table and JSON",
        read::run,
    ),
    measure("day", "a container's day", read::day),
    measure("few", "the last hour where few containers are live", few::run),
    measure("ingest", "a reply by a process of its own", ingest::run),
    measure("polled", "bytes that polls of samples leave and cost, poll by poll", polled::run),
    measure("open", "open after a crash", crash::run),
    measure("memory", "resident memory of live containers", memory::run),
    measure("names", "a million containers ever", names::run),
    long("growth", "six hours of 10 000 containers", growth::hours),
    long("month", "thirty days of 200 containers", growth::days),
];

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--list"] => list(),
        ["--child", "memory", kind, containers, ticks, folder] => {
            memory::child(kind, settings::number(containers), settings::number(ticks), folder);
        }
        ["--child", "polled", kind, containers, ticks, folder] => {
            polled::child(kind, settings::number(containers), settings::number(ticks), folder);
        }
        ["--child", "crash", containers, bytes, folder] => {
            crash::child(settings::number(containers), settings::number(bytes), folder);
        }
        ["--child", "open", folder] => names::child(folder),
        _ => match Bench::parse(&words) {
            Some((bench, chosen, with_long)) => measured(&bench, &chosen, with_long).print(),
            None => usage(),
        },
    }
}

fn usage() -> ! {
    eprintln!(
        "usage: store --list | --folder FOLDER [--cli CMETRICS] [--quick] [--long] [MEASURE ...]"
    );
    std::process::exit(2);
}

fn list() {
    for Measure { name, what, long, .. } in MEASURES {
        let takes_long = if long { " (with --long)" } else { "" };
        println!("{name:<10} {what}{takes_long}");
    }
}

/// The measures that were asked for by name, or else all that do not take too long.
fn measured(bench: &Bench, chosen: &[String], with_long: bool) -> Report {
    for name in chosen {
        if !MEASURES.iter().any(|one| one.name == name) {
            eprintln!("there is no measure called {name}");
            usage();
        }
    }
    let is_chosen = |one: &&Measure| match chosen {
        [] => with_long || bench.quick || !one.long,
        names => names.iter().any(|name| name == one.name),
    };
    let mut report = Report::default();
    for one in MEASURES.iter().filter(is_chosen) {
        eprintln!("{}: {}", one.name, one.what);
        (one.run)(bench, &mut report);
        bench.clear();
    }
    report
}
