//! The server: its router, and the connections that it serves.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use cmetrics_live::Live;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use crate::app::{App, Shared};
use crate::error::Error;
use crate::observed::Open;
use crate::options::ServerOptions;
use crate::paced::Paced;
use crate::redis::Sink;
use crate::resources::openapi;
use crate::router::{self, ROUTES};
use crate::tls::Tls;
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
    /// tokens; [`Error::Tls`] for a certificate that cannot be used; [`Error::System`] if the
    /// listener does not work.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> Result<(), Error> {
        let system = |doing| move |cause| Error::System { doing, cause };
        let address = listener.local_addr().map_err(system("ask the listener for its address"))?;
        self.app.options.check_address(address)?;
        let connections = Connections {
            tls: self.app.options.tls.clone().map(Tls::new).transpose()?,
            app: Arc::clone(&self.app),
            router: self.router(),
            places: Arc::new(Semaphore::new(self.app.options.limits.connections)),
            tasks: TaskTracker::new(),
            cut: CancellationToken::new(),
        };
        tokio::select! {
            () = connections.accept(&listener, &stop) => {}
            () = connections.renew() => {}
        }
        drop(listener);
        connections.end().await;
        let app = Arc::clone(&self.app);
        // Both end soon.
        let stop = move || {
            app.hub.stop();
            app.redis.iter().for_each(Sink::stop);
        };
        let _ = tokio::task::spawn_blocking(stop).await;
        Ok(())
    }
}

/// A connection whose hands were shaken; `None` if they were not in time.
async fn shaken<S>(accepting: impl Future<Output = io::Result<S>>, app: &Shared) -> Option<S> {
    let accepted = tokio::select! {
        accepted = timeout(app.options.limits.head_time, accepting) => accepted,
        () = app.stopping.cancelled() => return None,
    };
    match accepted {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(cause)) => {
            debug!(%cause, "a connection over TLS was not made");
            None
        }
        Err(_) => None,
    }
}

/// Serves a connection to its end, or until it is cut.
async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    app: &Shared,
    router: Router,
    cut: &CancellationToken,
) -> Result<(), hyper::Error> {
    let limits = app.options.limits;
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_headers(limits.headers)
        .max_buf_size(limits.head_bytes.max(8192))
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = app.stopping.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        ended = connection.as_mut() => ended,
        () = cut.cancelled() => Ok(()),
    }
}

/// Looks now and then whether the certificate has changed.
async fn renewing(tls: &Tls) {
    let mut ticks = interval(Tls::RENEWAL);
    loop {
        ticks.tick().await;
        tls.renew();
    }
}

/// The open connections.
struct Connections {
    tls: Option<Tls>,
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

    /// Keeps the certificate new. It has no end.
    async fn renew(&self) {
        match &self.tls {
            Some(tls) => renewing(tls).await,
            None => std::future::pending().await,
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
        let stream = Paced::new(stream, limits.write_time);
        let acceptor = self.tls.as_ref().map(Tls::acceptor);
        let (app, router, cut) = (Arc::clone(&self.app), self.router.clone(), self.cut.clone());
        self.tasks.spawn(async move {
            let _place = place;
            let _open = Open::new(&app.observed.connections);
            let ended = match acceptor {
                None => connection(stream, &app, router, &cut).await,
                Some(acceptor) => match shaken(acceptor.accept(stream), &app).await {
                    Some(stream) => connection(stream, &app, router, &cut).await,
                    None => Ok(()),
                },
            };
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
