//! Machines in real time, until it is ended.
//!
//! ```sh
//! cargo run -p cmetrics-fake --bin fake_cadvisor -- --machines 2 --containers 20
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use cmetrics_fake::{Clock, Form, MachineOptions, World};

const USAGE: &str = "\
usage: fake_cadvisor [--listen ADDRESS:PORT] [--machines N] [--containers N] [--seed N]
                     [--life SECONDS] [--delay SECONDS] [--threads N] [--small]

Answers as a cAdvisor with made-up containers would, until it is ended. Machines after the first
listen on the ports that follow. --life lets containers end or restart after about this time.";

struct Arguments {
    listen: SocketAddr,
    machines: u16,
    threads: usize,
    options: MachineOptions,
    seed: u64,
}

fn arguments() -> Result<Arguments, String> {
    let mut parsed = Arguments {
        listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
        machines: 1,
        threads: 1,
        options: MachineOptions::default()
            .with_containers(20)
            .with_form(Form::Full)
            .with_idle_every(7)
            .without_truth(),
        seed: 1,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--small" {
            parsed.options = parsed.options.with_form(Form::Small);
            continue;
        }
        let value = words.next().unwrap_or_default();
        let number = || value.parse::<u32>().map_err(|_| format!("{word} needs a number"));
        let seconds = || number().map(|seconds| Duration::from_secs(seconds.into()));
        match word.as_str() {
            "--listen" => {
                parsed.listen = value.parse().map_err(|_| {
                    format!(
                        "--listen needs an address and port such as 127.0.0.1:8080, not {value:?}"
                    )
                })?;
            }
            "--machines" => {
                parsed.machines = u16::try_from(number()?).unwrap_or(u16::MAX);
            }
            "--threads" => parsed.threads = number()? as usize,
            "--containers" => {
                parsed.options = parsed.options.with_containers(number()? as usize);
            }
            "--seed" => parsed.seed = number()?.into(),
            "--life" => parsed.options = parsed.options.with_life(seconds()?),
            "--delay" => parsed.options = parsed.options.with_delay(seconds()?),
            _ => return Err(format!("unknown option {word}\n\n{USAGE}")),
        }
    }
    Ok(parsed)
}

fn asks_for_help() -> bool {
    std::env::args().skip(1).any(|word| word == "--help" || word == "-h")
}

fn run() -> Result<(), String> {
    let Arguments { listen, machines, threads, options, seed } = arguments()?;
    let world = World::with_threads(Clock::real(), threads).map_err(|error| error.to_string())?;
    let mut running = Vec::new();
    for number in 0..machines {
        let port = listen.port().checked_add(number).ok_or("too many machines for these ports")?;
        let address = SocketAddr::new(listen.ip(), port);
        let options = options.clone().with_seed(seed + u64::from(number)).with_listen(address);
        let machine = world
            .machine(options)
            .map_err(|error| format!("cannot listen on {address}: {error}; try --listen"))?;
        if number < 3 || number + 1 == machines {
            println!("http://{}", machine.address());
        }
        running.push(machine);
    }
    loop {
        thread::park();
    }
}

fn main() -> ExitCode {
    if asks_for_help() {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fake_cadvisor: {error}");
            ExitCode::FAILURE
        }
    }
}
