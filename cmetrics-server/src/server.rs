//! The server: its router, and the connections that it serves.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use cmetrics_live::Live;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use crate::app::{App, Shared};
use crate::error::Error;
use crate::options::ServerOptions;
use crate::paced::Paced;
use crate::resources::openapi;
use crate::router::{self, ROUTES};
use crate::tokens::Tokens;

/// Answers over HTTP for the machines and points of a [`Live`].
///
/// Make it before [`Live::run`] begins: a stream that is resumed after a restart then misses
/// nothing that was sealed between.
#[derive(Debug)]
pub struct Server {
    app: Shared,
}

impl Server {
    /// A server with these options.
    ///
    /// # Errors
    /// [`Error::System`] if no thread can be started.
    pub fn new(live: Arc<Live>, options: ServerOptions) -> Result<Self, Error> {
        let document = serde_json::to_vec(&openapi::document(ROUTES)).unwrap_or_default();
        let app = App::new(live, options, Bytes::from(document))?;
        Ok(Self { app: Arc::new(app) })
    }

    /// What answers requests, without a listener.
    pub fn router(&self) -> Router {
        router::router(Arc::clone(&self.app))
    }

    /// Replaces the tokens, as when their file has changed.
    ///
    /// # Errors
    /// [`Error::Setting`] if there would be none any more.
    pub fn set_tokens(&self, tokens: Tokens) -> Result<(), Error> {
        if tokens.is_empty() && !self.app.tokens().is_empty() {
            let expected = "at least one token, as when the server began";
            return Err(Error::Setting { name: "tokens", value: "empty".to_owned(), expected });
        }
        self.app.set_tokens(tokens);
        Ok(())
    }

    /// Answers until `stop` is cancelled. Then no connection is accepted any more, streams end with
    /// an event, and what is under way is answered, for as long as
    /// [`Limits::stop_time`](crate::Limits::stop_time). Afterwards nothing of the server holds the
    /// [`Live`], so that it can be closed, once the server is dropped.
    ///
    /// # Errors
    /// [`Error::Unprotected`] if others than this machine can reach the listener and there are no
    /// tokens; [`Error::System`] if the listener does not work.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> Result<(), Error> {
        let system = |doing| move |cause| Error::System { doing, cause };
        let address = listener.local_addr().map_err(system("ask the listener for its address"))?;
        self.app.options.check_address(address)?;
        let connections = Connections {
            app: Arc::clone(&self.app),
            router: self.router(),
            places: Arc::new(Semaphore::new(self.app.options.limits.connections)),
            tasks: TaskTracker::new(),
            cut: CancellationToken::new(),
        };
        connections.accept(&listener, &stop).await;
        drop(listener);
        connections.end().await;
        let app = Arc::clone(&self.app);
        // It ends within a fraction of a second.
        let _ = tokio::task::spawn_blocking(move || app.hub.stop()).await;
        Ok(())
    }
}

/// The open connections.
struct Connections {
    app: Shared,
    router: Router,
    places: Arc<Semaphore>,
    tasks: TaskTracker,
    /// Set when those that are left are cut.
    cut: CancellationToken,
}

impl Connections {
    async fn accept(&self, listener: &TcpListener, stop: &CancellationToken) {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = self.accepted(listener) => accepted,
            };
            match accepted {
                Ok((stream, place)) => self.serve(stream, place),
                Err(cause) => {
                    // No file is left for it, as a rule: others must end first.
                    const PAUSE: Duration = Duration::from_millis(100);
                    warn!(%cause, "a connection could not be accepted");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// The next connection, once there is a place for it.
    async fn accepted(
        &self,
        listener: &TcpListener,
    ) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(io::Error::other)?;
        let (stream, _) = listener.accept().await?;
        Ok((stream, place))
    }

    fn serve(&self, stream: TcpStream, place: OwnedSemaphorePermit) {
        let limits = self.app.options.limits;
        // It is the system's to delay small packets if it cannot be told not to.
        let _ = stream.set_nodelay(true);
        let io = TokioIo::new(Paced::new(stream, limits.write_time));
        let service = TowerToHyperService::new(self.router.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_time)
            .max_headers(limits.headers)
            .max_buf_size(limits.head_bytes.max(8192))
            .serve_connection(io, service);
        let (app, cut) = (Arc::clone(&self.app), self.cut.clone());
        self.tasks.spawn(async move {
            let _place = place;
            app.observed.connections.fetch_add(1, Ordering::Relaxed);
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = app.stopping.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    tokio::select! {
                        ended = connection.as_mut() => ended,
                        () = cut.cancelled() => Ok(()),
                    }
                }
            };
            app.observed.connections.fetch_sub(1, Ordering::Relaxed);
            if let Err(cause) = ended {
                debug!(%cause, "a connection broke off");
            }
        });
    }

    /// Lets those that are open end, and cuts those that do not in time.
    async fn end(&self) {
        self.app.stopping.cancel();
        self.tasks.close();
        if timeout(self.app.options.limits.stop_time, self.tasks.wait()).await.is_err() {
            warn!(connections = self.tasks.len(), "connections did not end in time, and are cut");
            self.cut.cancel();
            self.tasks.wait().await;
        }
    }
}
