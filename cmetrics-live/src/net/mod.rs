//! The edge: requests over the network, with a limit on everything.

mod body;
mod connect;
mod faults;
mod limits;
mod looks;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tls;
mod token;

use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::AbortOnDropHandle;

use crate::address::{Address, Api};
use crate::failure::{Failure, FailureKind};
use crate::options::LiveOptions;
use body::Bounds;
pub(crate) use body::{Reply, plain};
use faults::{cannot_send, no_answer, timed_out_waiting};
use limits::Limits;
pub(crate) use looks::look;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Net {
    options: LiveOptions,
    limits: Limits,
    tls: tls::TlsConfig,
    token: token::Token,
    /// A place for each look-up of a name that may be under way.
    look_ups: Arc<Semaphore>,
    /// A place for each large answer that may be in memory.
    large: Arc<Semaphore>,
}

/// How many large answers may be in memory at once.
const MOST_LARGE: usize = 16;
/// How many names may be looked up at once.
const MOST_LOOK_UPS: usize = 64;

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// From the host on: the address's own path is put before it.
    pub(crate) path: String,
    /// JSON, which is sent by POST; without it GET is sent.
    pub(crate) body: Option<String>,
    /// What the answer may be, as in a header.
    pub(crate) accept: &'static str,
}

impl Net {
    pub(crate) fn new(options: &LiveOptions) -> Self {
        Self {
            options: options.clone(),
            limits: Limits::default(),
            tls: tls::TlsConfig::new(options),
            token: token::Token::new(options.token_file()),
            look_ups: Arc::new(Semaphore::new(MOST_LOOK_UPS)),
            large: Arc::new(Semaphore::new(MOST_LARGE)),
        }
    }

    /// The same with other limits.
    #[cfg(test)]
    pub(crate) fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }
}

/// A client of one machine: one connection, which is kept between polls.
#[derive(Debug)]
pub(crate) struct Client {
    net: Arc<Net>,
    address: Address,
    connection: Option<Connection>,
}

#[derive(Debug)]
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// What moves its bytes.
    _task: AbortOnDropHandle<()>,
}

impl Client {
    pub(crate) fn new(net: Arc<Net>, address: Address) -> Self {
        Self { net, address, connection: None }
    }

    /// Asks, and reads the answer until `deadline` at most. An answer that was cut off is handed on
    /// with what it was cut off by.
    pub(crate) async fn ask(&mut self, ask: &Ask, deadline: Instant) -> Result<Reply, Failure> {
        let url = self.url(ask);
        let known = self.kept_connection(deadline).await;
        let is_known = known.is_some();
        let response = match self.send(known, ask, &url, deadline).await {
            // A connection that was kept may have been closed at the other end meanwhile.
            Err(Unsent::Closed(_)) if is_known => self.send(None, ask, &url, deadline).await,
            sent => sent,
        };
        let (connection, response) = response.map_err(|unsent| match unsent {
            Unsent::Closed(failure) | Unsent::Failed(failure) => failure,
        })?;
        let Net { limits, large, .. } = &*self.net;
        let bounds = Bounds { url: &url, limits: *limits, deadline, large };
        let reply = body::read(response, bounds).await?;
        if reply.cut.is_none() {
            self.connection = Some(connection);
        }
        Ok(reply)
    }

    /// The connection of the last request, if it is still open.
    async fn kept_connection(&mut self, deadline: Instant) -> Option<Connection> {
        let mut known = self.connection.take()?;
        // It is ready once its task has seen the end of the last answer, which takes a moment.
        let until = deadline.min(Instant::now() + self.net.limits.connect);
        let is_ready = timeout_at(until, known.sender.ready()).await;
        is_ready.is_ok_and(|ready| ready.is_ok()).then_some(known)
    }

    /// Where a request goes, for messages.
    fn url(&self, ask: &Ask) -> String {
        match self.address.api() {
            Api::Exposition => self.address.to_string(),
            _ => format!("{}{}", self.address, ask.path),
        }
    }

    async fn send(
        &self,
        known: Option<Connection>,
        ask: &Ask,
        url: &str,
        deadline: Instant,
    ) -> Result<(Connection, Response<Incoming>), Unsent> {
        let mut connection = match known {
            Some(known) => known,
            None => self.connect(url, deadline).await.map_err(Unsent::Failed)?,
        };
        let request = self.request(ask, url).await.map_err(Unsent::Failed)?;
        let answer = connection.sender.send_request(request);
        let silent = deadline.min(Instant::now() + self.net.limits.silence);
        match timeout_at(silent, answer).await {
            Ok(Ok(response)) => Ok((connection, response)),
            Ok(Err(cause)) if cause.is_incomplete_message() || cause.is_canceled() => {
                Err(Unsent::Closed(no_answer(url, &cause)))
            }
            Ok(Err(cause)) => Err(Unsent::Failed(no_answer(url, &cause))),
            Err(_) => Err(Unsent::Failed(timed_out_waiting(url))),
        }
    }

    async fn connect(&self, url: &str, deadline: Instant) -> Result<Connection, Failure> {
        let stream = connect::connect(&self.net, &self.address, url, deadline).await?;
        let mut builder = Builder::new();
        let most = self.net.limits.most_head_bytes;
        builder.max_buf_size(most).max_header_size(most);
        let made = builder.handshake(TokioIo::new(stream)).await;
        let (sender, connection) = made.map_err(|cause| no_answer(url, &cause))?;
        let task = tokio::spawn(async move {
            // Its failures are those of the request.
            let _ = connection.await;
        });
        Ok(Connection { sender, _task: AbortOnDropHandle::new(task) })
    }

    async fn request(&self, ask: &Ask, url: &str) -> Result<Request<Full<Bytes>>, Failure> {
        let host = match self.address.api() {
            Api::Docker => "docker".to_owned(),
            _ => self.address.host_and_port(),
        };
        let path = match self.address.api() {
            Api::Docker => ask.path.clone(),
            Api::Exposition => self.address.path().to_owned(),
            _ => format!("{}{}", self.address.path(), ask.path),
        };
        let mut request = Request::builder()
            .method(if ask.body.is_some() { Method::POST } else { Method::GET })
            .uri(path)
            .header(HOST, host)
            .header(USER_AGENT, concat!("cmetrics/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, ask.accept)
            .header(ACCEPT_ENCODING, "gzip");
        if ask.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if self.address.api() == Api::Kubelet && self.address.is_tls() {
            let token = self
                .net
                .token
                .read()
                .await
                .map_err(|why| Failure::new(FailureKind::Local, format!("{url}: {why}")))?;
            request = request.header(AUTHORIZATION, token);
        }
        let body = ask.body.clone().unwrap_or_default();
        request.body(Full::new(Bytes::from(body))).map_err(|cause| cannot_send(url, &cause))
    }
}

/// Why there is no answer.
enum Unsent {
    /// The connection ended before any byte of an answer.
    Closed(Failure),
    Failed(Failure),
}
