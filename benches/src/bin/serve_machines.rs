//! Serves made-up machines in real time, and tells the truth about them when it is asked.
//!
//! ```sh
//! serve_machines MACHINES CONTAINERS INTERVAL_SECONDS
//! ```
//!
//! It writes their addresses and an empty line. When it then reads `trouble`, the last machine but one
//! becomes slow, and the last answers with 256 MB of garbage. For each other line it writes: how long
//! after the interval the machines without trouble were asked again, and each container that was ever
//! served, with the CPU time that its served samples tell of.

#![expect(clippy::print_stdout, reason = "a program of a bench")]

use std::error::Error;
use std::io;
use std::time::Duration;

use cmetrics_fake::{Clock, FakeMachine, Fault, Form, MachineOptions, World};

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse::<u32>());
    let mut number = || numbers.next().ok_or("serve_machines MACHINES CONTAINERS INTERVAL");
    let (machines, containers, interval) = (number()??, number()??, number()??);
    let interval = Duration::from_secs(interval.into());
    let world = World::new(Clock::real())?;
    let mut serving = Vec::new();
    for seed in 0..machines {
        let options = MachineOptions::default()
            .with_seed(seed.into())
            .with_containers(containers as usize)
            .with_form(Form::Full)
            .without_truth();
        let machine = world.machine(options)?;
        println!("{}", machine.address());
        serving.push(machine);
    }
    println!();
    let mut healthy = serving.len();
    for line in io::stdin().lines() {
        if line? == "trouble" {
            healthy = trouble(&serving);
        } else {
            tell(&serving, healthy, interval);
        }
    }
    Ok(())
}

/// Makes the last two fail, and returns how many do not.
fn trouble(machines: &[FakeMachine]) -> usize {
    let [healthy @ .., slow, garbage] = machines else { return machines.len() };
    slow.fail(Fault::Slow { bytes: 64 << 10, pause: Duration::from_millis(100) });
    garbage.fail(Fault::Garbage(256 << 20));
    healthy.len()
}

fn tell(machines: &[FakeMachine], healthy: usize, interval: Duration) {
    let mut delays = Vec::new();
    for machine in machines.iter().take(healthy) {
        let looks = machine.looks();
        // Before it was known who it is, it was asked otherwise.
        for pair in looks.windows(2).skip(1) {
            if let [before, after] = pair {
                delays.push(after.since(*before).saturating_sub(interval));
            }
        }
    }
    delays.sort_unstable();
    let at = |part: usize| delays.get(delays.len().saturating_sub(1) * part / 1000);
    let millis = |part| at(part).map_or(f64::NAN, |delay| delay.as_secs_f64() * 1e3);
    println!("delays {:.1} {:.1} {:.1} {}", millis(500), millis(990), millis(1000), delays.len());
    for (number, machine) in machines.iter().enumerate() {
        for life in machine.truth().lives {
            let (Some(first), Some(last)) = (life.first_served, life.last_served) else { continue };
            let (Some(first), Some(last)) = (first.totals, last.totals) else { continue };
            // When a container was started is known, and that it had used nothing before.
            let (name, used) = match &*life.container.id {
                "" => (format!("{number}:{}", life.container.path), last.cpu_ns - first.cpu_ns),
                id => (id.to_owned(), last.cpu_ns),
            };
            println!("container {name} {number} {used}");
        }
    }
    println!();
}
