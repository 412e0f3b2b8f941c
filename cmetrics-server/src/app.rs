//! What all requests share.

use std::ops::Deref;
use std::sync::Arc;

use axum::body::Bytes;
use cmetrics_core::{Cancel, Store};
use cmetrics_live::Live;
use parking_lot::RwLock;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::hub::Hub;
use crate::newest::Newest;
use crate::observed::Observed;
use crate::options::ServerOptions;
use crate::problem::Problem;
use crate::redis::Sink;
use crate::sums::Sums;
use crate::tokens::Tokens;

/// What all requests share.
pub(crate) type Shared = Arc<App>;

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) live: Arc<Live>,
    pub(crate) options: ServerOptions,
    /// The OpenAPI document.
    pub(crate) document: Bytes,
    /// Replaced when their file is read again.
    tokens: RwLock<Arc<Tokens>>,
    pub(crate) hub: Hub,
    pub(crate) newest: Newest,
    pub(crate) redis: Option<Sink>,
    pub(crate) sums: Sums,
    pub(crate) observed: Observed,
    /// Requests that may begin.
    pub(crate) requests: Semaphore,
    /// Answers with points that may begin.
    pub(crate) answers: Arc<Semaphore>,
    /// Streams that may begin.
    pub(crate) streams: Arc<Semaphore>,
    /// Threads that may read the store.
    readers: Arc<Semaphore>,
    /// Set when the server begins to stop.
    pub(crate) stopping: CancellationToken,
}

impl App {
    pub(crate) fn new(
        live: Arc<Live>,
        options: ServerOptions,
        document: Bytes,
    ) -> Result<Self, Error> {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Self {
            hub: Hub::start(&live, options.limits.stream_behind)?,
            newest: Newest::default(),
            redis: options.redis.clone().map(|redis| Sink::start(&live, redis)).transpose()?,
            sums: Sums::default(),
            observed: Observed::default(),
            tokens: RwLock::new(Arc::new(options.tokens.clone())),
            requests: Semaphore::new(options.limits.requests),
            answers: Arc::new(Semaphore::new(options.limits.answers)),
            streams: Arc::new(Semaphore::new(options.limits.streams)),
            readers: Arc::new(Semaphore::new(threads.max(2))),
            stopping: CancellationToken::new(),
            live,
            options,
            document,
        })
    }

    /// The tokens in effect.
    pub(crate) fn tokens(&self) -> Arc<Tokens> {
        Arc::clone(&self.tokens.read())
    }

    pub(crate) fn set_tokens(&self, tokens: Tokens) {
        *self.tokens.write() = Arc::new(tokens);
    }

    pub(crate) fn store(&self) -> &Store {
        self.live.store()
    }
}

/// What work for a request may use.
#[derive(Debug)]
pub(crate) struct Work {
    app: Shared,
    /// Cancelled when nobody waits for the answer any more.
    pub(crate) cancel: Cancel,
}

impl Deref for Work {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

/// Cancels when it is dropped.
struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Runs what may wait for the disk on a thread that may, as many at once as there are processors.
pub(crate) async fn blocking<T: Send + 'static>(
    app: &Shared,
    work: impl FnOnce(&Work) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let place = Arc::clone(&app.readers).acquire_owned().await;
    let place = place.map_err(|_| Problem::busy("the server is stopping"))?;
    on_a_thread(app, Some(place), work).await
}

/// The same for what takes no time, as probes want it: at once, however much is read.
pub(crate) async fn at_once<T: Send + 'static>(
    app: &Shared,
    work: impl FnOnce(&Work) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    on_a_thread(app, None, work).await
}

async fn on_a_thread<T: Send + 'static>(
    app: &Shared,
    place: Option<OwnedSemaphorePermit>,
    work: impl FnOnce(&Work) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let cancel = Cancel::default();
    let _waiting = CancelOnDrop(cancel.clone());
    let given = Work { app: Arc::clone(app), cancel };
    let done = tokio::task::spawn_blocking(move || {
        // It has its place until it has ended, also when nobody waits for it.
        let _place = place;
        work(&given)
    });
    done.await.unwrap_or_else(|cause| Err(Problem::internal("answering", cause)))
}
