//! Polls the machines that are named on the command line, and answers for them at port 5000:
//! `cargo run -p cmetrics-server --example serve -- FOLDER [ADDRESS]...`

use std::error::Error;
use std::sync::Arc;

use cmetrics_core::Store;
use cmetrics_core::store::StoreOptions;
use cmetrics_live::{Live, LiveOptions, Machine};
use cmetrics_server::{Server, ServerOptions};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("expected the folder of a store")?;
    let store = Store::open(folder, StoreOptions::default())?;
    let live = Arc::new(Live::open(store, LiveOptions::default())?);
    for address in arguments {
        live.add(Machine::new(None, address.parse()?))?;
    }
    let server = Server::new(Arc::clone(&live), ServerOptions::default())?;
    let listener = TcpListener::bind("127.0.0.1:5000").await?;
    // Until the process is ended: nothing that was kept is lost.
    let stop = CancellationToken::new();
    let (polling, serving) = tokio::join!(live.run(stop.clone()), server.serve(listener, stop));
    polling?;
    Ok(serving?)
}
