//! A small server that answers as a test says.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

/// How a request is answered.
pub(crate) enum Script {
    /// With these bytes, and more requests after them.
    Bytes(Vec<u8>),
    /// With these bytes, and the end of the connection.
    Last(Vec<u8>),
    /// With these bytes, and then nothing.
    Silent(Vec<u8>),
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// As `POST /path`.
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A server on loopback, until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<Mutex<u64>>,
    _task: AbortOnDropHandle<()>,
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Script + Send + Sync + 'static) -> Self {
        Self::start_with(None, answer).await
    }

    /// A server that speaks TLS, and its certificate in PEM.
    pub(crate) async fn start_tls(
        answer: impl Fn(&Asked) -> Script + Send + Sync + 'static,
    ) -> (Self, String) {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        (Self::start_with(Some(acceptor), answer).await, made.cert.pem())
    }

    async fn start_with(
        tls: Option<TlsAcceptor>,
        answer: impl Fn(&Asked) -> Script + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let (log, count) = (Arc::clone(&asked), Arc::clone(&connections));
        let answer = Arc::new(answer);
        let task = tokio::spawn(async move {
            let mut tasks = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                *count.lock() += 1;
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                let tls = tls.clone();
                tasks.spawn(async move {
                    match tls {
                        None => serve(stream, &log, &*answer).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &log, &*answer).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, asked, connections, _task: AbortOnDropHandle::new(task) }
    }

    /// A server behind a socket, until the runtime ends.
    #[cfg(unix)]
    pub(crate) fn behind(
        path: &std::path::Path,
        answer: impl Fn(&Asked) -> Script + Send + Sync + 'static,
    ) {
        let listener = tokio::net::UnixListener::bind(path).unwrap();
        tokio::spawn(async move {
            let log = Mutex::new(Vec::new());
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, &log, &answer).await;
            }
        });
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> u64 {
        *self.connections.lock()
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    log: &Mutex<Vec<Asked>>,
    answer: &(dyn Fn(&Asked) -> Script + Send + Sync),
) {
    while let Some(asked) = read(&mut stream).await {
        log.lock().push(asked.clone());
        match answer(&asked) {
            Script::Bytes(bytes) => stream.write_all(&bytes).await.unwrap_or_default(),
            Script::Last(bytes) => {
                stream.write_all(&bytes).await.unwrap_or_default();
                stream.shutdown().await.unwrap_or_default();
                return;
            }
            Script::Silent(bytes) => {
                stream.write_all(&bytes).await.unwrap_or_default();
                std::future::pending::<()>().await;
            }
        }
    }
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Asked> {
    let mut text = Vec::new();
    let end = loop {
        if let Some(at) = text.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut text).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(text[..end].to_vec()).unwrap();
    let length = head.lines().find_map(|line| {
        line.to_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok()
    });
    let mut body = text[end..].to_vec();
    while body.len() < length.unwrap_or(0) {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    Some(Asked { line, head, body: String::from_utf8(body).unwrap() })
}

/// An answer with this status, type and body.
pub(crate) fn http(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// A good answer of JSON.
pub(crate) fn json(body: &str) -> Script {
    Script::Bytes(http("200 OK", "application/json", body))
}
