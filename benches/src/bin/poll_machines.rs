//! Polls machines until it is told to stop, and tells what it kept.
//!
//! ```sh
//! poll_machines FOLDER INTERVAL_SECONDS [serve]
//! ```
//!
//! With `serve` it also answers over HTTP, as `cmetrics serve` does, and first writes where. It reads
//! the machines' addresses and an empty line, and writes a line when all have answered. When its input
//! ends or has another line it stops, and writes what it counted, of which machines a poll failed, and
//! of each container that it kept how much CPU time its points have.

#![expect(clippy::print_stdout, reason = "a program of a bench")]

use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{Metric, Store};
use cmetrics_live::{Live, LiveOptions, Machine, MachineStatus};
use cmetrics_server::{Server, ServerOptions};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// That of a store that `cmetrics serve` makes.
const LATENESS: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let folder = words.next().ok_or("poll_machines FOLDER INTERVAL")?;
    let interval = words.next().ok_or("poll_machines FOLDER INTERVAL")?.parse()?;
    let has_http = words.next().is_some();
    let mut of_store = StoreOptions::default();
    if has_http {
        of_store = of_store.with_lateness(LATENESS);
    }
    let options = LiveOptions::default().with_poll_interval(Duration::from_secs(interval));
    let live = Arc::new(Live::open(Store::open(&folder, of_store)?, options)?);
    for (number, address) in io::stdin().lines().enumerate() {
        let address = address?;
        if address.is_empty() {
            break;
        }
        live.add(Machine::new(Some(number.to_string()), address.parse()?))?;
    }
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    thread::spawn(move || {
        let _ = io::stdin().read_line(&mut String::new());
        stopping.cancel();
    });
    tokio::runtime::Runtime::new()?.block_on(async {
        let polled = async { tokio::try_join!(live.run(stop.clone()), all_up(&live)) };
        if has_http {
            let server = Server::new(Arc::clone(&live), ServerOptions::default())?;
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            println!("{}", listener.local_addr()?);
            let (polled, answered) = tokio::join!(polled, server.serve(listener, stop.clone()));
            polled?;
            answered?;
        } else {
            polled.await?;
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
    let counts = live.totals().counts;
    println!(
        "counts polls {} failed {} bytes {} accepted {} duplicates {} late {} ahead {}",
        counts.polls,
        counts.failed_polls.values().sum::<u64>(),
        counts.bytes,
        counts.accepted,
        counts.duplicates,
        counts.late,
        counts.ahead
    );
    print!("failed");
    for state in live.machines() {
        if !state.counts.failed_polls.is_empty() {
            print!(" {}", state.name);
        }
    }
    println!();
    Arc::into_inner(live).ok_or("the server still has what polls")?.close()?;
    tell(folder.as_ref())
}

/// Tells when all machines have answered.
async fn all_up(live: &Live) -> Result<(), cmetrics_live::Error> {
    while !live.machines().iter().all(|state| state.status == MachineStatus::Up) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("all have answered");
    Ok(())
}

/// Tells what is kept.
fn tell(folder: &Path) -> Result<(), Box<dyn Error>> {
    let store = Store::open_read_only(folder, StoreOptions::default())?;
    for bearer in store.containers()? {
        let (mut used, mut points) = (0, 0_u64);
        let name = bearer.identity.name();
        for point in store.range(name, .., None)? {
            used += point?.growth(Metric::CpuUsage).unwrap_or(0);
            points += 1;
        }
        println!("container {name} {used} {points}");
    }
    println!();
    Ok(())
}
