//! Connections: time-outs, limits and the end.

use std::sync::Arc;
use std::time::Duration;

use cmetrics_server::{Error, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::common::Served;

/// A server that listens.
struct Listening {
    served: Arc<Served>,
    address: std::net::SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<Result<(), Error>>,
}

impl Listening {
    async fn with(limits: Limits) -> Self {
        let served = Arc::new(Served::with(|options| options.with_limits(limits)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, serving) = (CancellationToken::new(), Arc::clone(&served));
        let stopped = stop.clone();
        let task = tokio::spawn(async move { serving.server.serve(listener, stopped).await });
        Self { served, address, stop, task }
    }

    async fn connect(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    async fn end(self) {
        self.stop.cancel();
        within_a_minute(self.task).await.unwrap().unwrap();
    }
}

async fn within_a_minute<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("within a minute")
}

/// What comes until the connection ends.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that is reset has ended, too.
    let _ = within_a_minute(stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What comes up to this text.
async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(end) {
        let length = within_a_minute(stream.read(&mut buffer)).await.unwrap();
        assert!(length > 0, "it ended: {text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    text
}

fn head(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n")
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Listening::with(Limits::default()).await;
    let mut stream = server.connect(&(head("/livez") + "\r\n")).await;
    assert!(until(&mut stream, "ok\n").await.starts_with("HTTP/1.1 200"));
    stream.write_all((head("/ping") + "Connection: close\r\n\r\n").as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.ends_with("PONG"));
    server.end().await;
}

#[tokio::test]
async fn a_slow_head_and_an_idle_connection_time_out() {
    let mut limits = Limits::default();
    limits.head_time = Duration::from_millis(100);
    let server = Listening::with(limits).await;
    let mut slow = server.connect("GET /livez HTTP/1.1\r\nHo").await;
    rest(&mut slow).await;
    let mut silent = server.connect("").await;
    rest(&mut silent).await;
    let mut idle = server.connect(&(head("/livez") + "\r\n")).await;
    assert!(rest(&mut idle).await.ends_with("ok\n"));
    server.end().await;
}

#[tokio::test]
async fn a_slow_body_times_out() {
    let mut limits = Limits::default();
    limits.answer_time = Duration::from_millis(200);
    let server = Listening::with(limits).await;
    let text = "POST /newmachine HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\
        Content-Type: application/x-www-form-urlencoded\r\n\r\nmachineip=";
    let mut stream = server.connect(text).await;
    assert!(until(&mut stream, "took too long").await.starts_with("HTTP/1.1 503"));
    server.end().await;
}

#[tokio::test]
async fn a_large_head_is_refused() {
    let server = Listening::with(Limits::default()).await;
    let many = "X-Many: a\r\n".repeat(100);
    let long = format!("X: {}\r\n", "a".repeat(100_000));
    for headers in [many, long] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let text = head("/livez") + &headers + "\r\n";
        // The server may close before it has all.
        let _ = stream.write_all(text.as_bytes()).await;
        let answer = rest(&mut stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    let path = format!("/livez?{}", "a".repeat(10_000));
    let mut stream = server.connect(&(head(&path) + "Connection: close\r\n\r\n")).await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 400"));
    server.end().await;
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let server = Listening::with(Limits::default()).await;
    for text in ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}"] {
        let mut stream = server.connect(text).await;
        stream.shutdown().await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    server.end().await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let mut limits = Limits::default();
    limits.write_time = Duration::from_millis(100);
    limits.most_rows = 1_000_000;
    limits.usual_rows = 1_000_000;
    limits.most_read = 1_000_000;
    let server = Listening::with(limits).await;
    server.served.ingest_long(40_000);
    let path = "/api/v1/points?container=/long&start=1795262400&end=1796000000";
    let mut stream = server.connect(&(head(path) + "Connection: close\r\n\r\n")).await;
    // Nothing is read until the server has given up.
    let open = async {
        while !metrics(&server).await.contains("cmetrics_http_connections 1\n") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    within_a_minute(open).await;
    let text = rest(&mut stream).await;
    assert!(!text.ends_with("]\n\r\n0\r\n\r\n"), "it has all {} bytes", text.len());
    server.end().await;
}

async fn metrics(server: &Listening) -> String {
    let mut stream = server.connect(&(head("/metrics") + "Connection: close\r\n\r\n")).await;
    rest(&mut stream).await
}

#[tokio::test]
async fn a_server_that_stops_ends_streams_with_an_event() {
    let server = Listening::with(Limits::default()).await;
    let mut stream = server.connect(&(head("/api/v1/stream") + "\r\n")).await;
    until(&mut stream, "retry: 2000").await;
    let mut idle = server.connect("").await;
    server.stop.cancel();
    let text = rest(&mut stream).await;
    assert!(text.contains("event: end\n"), "{text}");
    rest(&mut idle).await;
    let Listening { served, address, task, .. } = server;
    within_a_minute(task).await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
    // Nothing of the server holds what was live.
    let Served { live, server, router, folder } = Arc::into_inner(served).unwrap();
    drop((server, router));
    Arc::into_inner(live).unwrap().close().unwrap();
    drop(folder);
}

#[tokio::test]
async fn a_client_that_does_not_end_is_cut_off_in_the_end() {
    let mut limits = Limits::default();
    limits.stop_time = Duration::from_millis(100);
    let server = Listening::with(limits).await;
    let text = "POST /newmachine HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n";
    let mut stream = server.connect(text).await;
    // The server must have the head before it stops.
    while !metrics(&server).await.contains("cmetrics_http_connections 2\n") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.end().await;
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn more_connections_than_there_may_be_wait() {
    let mut limits = Limits::default();
    limits.connections = 1;
    let server = Listening::with(limits).await;
    let mut first = server.connect(&(head("/livez") + "\r\n")).await;
    until(&mut first, "ok\n").await;
    let mut second = server.connect(&(head("/ping") + "Connection: close\r\n\r\n")).await;
    drop(first);
    assert!(rest(&mut second).await.ends_with("PONG"));
    server.end().await;
}

#[tokio::test]
async fn a_server_that_others_can_reach_does_not_start_without_tokens() {
    let served = Served::new();
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let ended = served.server.serve(listener, CancellationToken::new()).await;
    assert!(matches!(ended, Err(Error::Unprotected { .. })));
}
