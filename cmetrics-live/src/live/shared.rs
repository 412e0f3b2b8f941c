//! What all machines' polls share.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use cmetrics_core::Store;
use tokio::sync::{Notify, Semaphore};

use super::polled::Machines;
use crate::error::Error;
use crate::keeper::Keeper;
use crate::machines_file::MachinesFile;
use crate::net::Net;
use crate::options::LiveOptions;

/// What all machines' polls share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) options: LiveOptions,
    pub(crate) net: Arc<Net>,
    pub(crate) machines: Machines,
    /// A place for each request that may be under way.
    pub(crate) requests: Arc<Semaphore>,
    /// A place for each answer that may be read at once: one a processor.
    pub(crate) readers: Arc<Semaphore>,
    pub(crate) most_readers: u32,
    /// Told when a machine has answered for the first time.
    pub(crate) answered: Notify,
    pub(crate) is_running: AtomicBool,
}

impl Shared {
    pub(crate) fn open(store: Store, options: LiveOptions) -> Result<Self, Error> {
        options.check()?;
        let machines = Machines::read(MachinesFile::in_folder(&store.folder()))?;
        let keeper = Arc::new(Keeper::open(store, &options)?);
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let processors = processors.min(1024);
        Ok(Self {
            keeper,
            net: Arc::new(Net::new(&options)),
            machines,
            requests: Arc::new(Semaphore::new(options.most_requests())),
            readers: Arc::new(Semaphore::new(processors)),
            most_readers: u32::try_from(processors).unwrap_or(1),
            answered: Notify::new(),
            is_running: AtomicBool::new(false),
            options,
        })
    }
}
