//! What all requests share.

use std::sync::Arc;

use axum::body::Bytes;
use cmetrics_core::Store;
use cmetrics_live::Live;
use parking_lot::RwLock;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::hub::Hub;
use crate::newest::Newest;
use crate::observed::Observed;
use crate::options::ServerOptions;
use crate::problem::Problem;
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
    pub(crate) sums: Sums,
    pub(crate) observed: Observed,
    /// Requests that may begin.
    pub(crate) requests: Semaphore,
    /// Streams that may begin.
    pub(crate) streams: Arc<Semaphore>,
    /// Threads that may read the store.
    readers: Semaphore,
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
            hub: Hub::start(&live)?,
            newest: Newest::default(),
            sums: Sums::default(),
            observed: Observed::default(),
            tokens: RwLock::new(Arc::new(options.tokens.clone())),
            requests: Semaphore::new(options.limits.requests),
            streams: Arc::new(Semaphore::new(options.limits.streams)),
            readers: Semaphore::new(threads.max(2)),
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

/// Runs what may wait for the disk on a thread that may, as many at once as there are processors.
pub(crate) async fn blocking<T: Send + 'static>(
    app: &Shared,
    work: impl FnOnce(&App) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let _permit =
        app.readers.acquire().await.map_err(|_| Problem::busy("the server is stopping"))?;
    let app = Arc::clone(app);
    let done = tokio::task::spawn_blocking(move || work(&app)).await;
    done.unwrap_or_else(|cause| Err(Problem::internal("answering", cause)))
}
