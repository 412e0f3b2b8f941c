//! How the recorder and what one would write instead do side by side: many threads record samples,
//! points are drained meanwhile, and all that went in must have come out.
//!
//! Arguments: none, or `--quick` for a run that is too short for its figures to mean anything, or
//! `--only` with a contender's and a case's name, as the tables have them, for a profiler to look
//! at. Prints tables in Markdown; `benches/recorder` puts them into `benches/README.md`.

mod channel;
mod contender;
mod dash;
mod field;
mod figures;
mod measure;
mod memory;
mod mutex;
mod ours;
mod report;
mod results;
mod rwlock;
mod state;
mod targets;
mod workload;

use field::{Case, Effort, FIELD, FULL, NOTHING, ONE, QUICK};
use memory::Scale;
use results::Results;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => report::print(&measured(FULL)),
        ["--quick"] => report::print(&measured(QUICK)),
        ["--only", name, case] => {
            let case = Case::all().into_iter().find(|one| one.name() == case).expect("a case");
            let entry = FIELD.iter().find(|entry| entry.name == name).expect("a contender");
            for _ in 0..FULL.turns {
                let measured = (entry.run)(&case.run(FULL, false));
                println!("{:.1} ns to record, {:.1} ns CPU", measured.record, measured.cpu);
            }
        }
        ["--memory-of", name, containers, seconds] => {
            let number = |text: &str| text.parse::<u32>().expect("a number");
            let (containers, seconds) = (number(containers) as usize, number(seconds).into());
            let entry = FIELD.iter().find(|entry| entry.name == name).expect("a contender");
            println!("{}", (entry.memory)(Scale { containers, seconds }));
        }
        _ => {
            eprintln!("usage: recorder [--quick | --only CONTENDER CASE]");
            std::process::exit(2);
        }
    }
}

/// Everyone's figures. Contenders take turns, so that what else the machine does falls on all
/// alike.
fn measured(effort: Effort) -> Results {
    let mut results = Results::new(measure::clock_cost(), effort.memory.containers);
    for entry in FIELD.iter().filter(|entry| entry.name != NOTHING) {
        let memory = memory::in_own_process(entry.name, effort.memory);
        results.memory.push((entry.name, memory));
    }
    let timed = Case::new(2, ONE, true);
    for turn in 1..=effort.turns {
        eprintln!("turn {turn} of {}", effort.turns);
        results.cores.push(measure::cores());
        for case in Case::all() {
            for entry in FIELD.iter().filter(|entry| case.suits(entry.name)) {
                results.add(case, entry.name, (entry.run)(&case.run(effort, false)));
            }
        }
        for entry in FIELD.iter().filter(|entry| timed.suits(entry.name)) {
            results.add_each(entry.name, (entry.run)(&timed.run(effort, true)));
        }
    }
    results
}
