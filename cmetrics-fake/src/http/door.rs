//! Where a machine listens, and whether it does.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};

use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinHandle, JoinSet};

use super::exchange;
use crate::shared::Shared;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// The threads that answer. They end with the last one that has it.
pub(crate) struct Host(Option<Runtime>);

impl Host {
    pub(crate) fn new(threads: usize) -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(threads).thread_name("fake").enable_all().build()?;
        Ok(Self(Some(runtime)))
    }

    fn runtime(&self) -> io::Result<&Runtime> {
        self.0.as_ref().ok_or_else(|| io::Error::other("the world has ended"))
    }
}

impl Drop for Host {
    /// Without waiting, so that it may end on a thread of another runtime.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host")
    }
}

/// Where a machine listens.
#[derive(Clone, Debug)]
pub(crate) struct Door(Arc<Inner>);

struct Inner {
    host: Arc<Host>,
    shared: Arc<Shared>,
    address: SocketAddr,
    /// Keeps the port while nobody listens, so that connections are refused.
    _reserved: TcpSocket,
    opened: Mutex<Option<Opened>>,
}

struct Opened {
    task: JoinHandle<()>,
    /// Ends once nobody listens any more.
    ended: mpsc::Receiver<()>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Inner").field(&self.address).finish()
    }
}

impl Door {
    /// Listens at an address, of which the port may be 0.
    pub(crate) fn new(
        host: &Arc<Host>,
        shared: Arc<Shared>,
        address: SocketAddr,
    ) -> io::Result<Self> {
        let reserved = socket(address)?;
        let address = reserved.local_addr()?;
        let inner = Inner {
            host: Arc::clone(host),
            shared,
            address,
            _reserved: reserved,
            opened: Mutex::new(None),
        };
        let door = Self(Arc::new(inner));
        door.try_open()?;
        Ok(door)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// Listens, if it does not.
    pub(crate) fn open(&self) {
        // The port is reserved, so only the limit of open files can be in the way.
        let _ = self.try_open();
    }

    fn try_open(&self) -> io::Result<()> {
        let mut opened = self.0.opened.lock();
        if opened.is_some() {
            return Ok(());
        }
        let runtime = self.0.host.runtime()?;
        let entered = runtime.enter();
        let listener = socket(self.0.address)?.listen(BACKLOG)?;
        drop(entered);
        let (ending, ended) = mpsc::channel();
        let task = runtime.spawn(accept(ending, listener, Arc::clone(&self.0.shared)));
        *opened = Some(Opened { task, ended });
        Ok(())
    }

    /// Ends all connections and refuses others.
    pub(crate) fn close(&self) {
        if let Some(opened) = self.0.opened.lock().take() {
            opened.task.abort();
            let _ = opened.ended.recv();
        }
    }
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Accepts connections until it is aborted. Dropped last, `ending` tells that it was.
async fn accept(ending: mpsc::Sender<()>, listener: TcpListener, shared: Arc<Shared>) {
    let _ending = ending;
    // Aborts all connections when it is dropped.
    let mut connections = JoinSet::new();
    let listener = listener;
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            connections.spawn(exchange::serve(stream, Arc::clone(&shared)));
        }
        while connections.try_join_next().is_some() {}
    }
}
