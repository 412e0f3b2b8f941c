//! Requests to a server on loopback.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::testing::{Script, Server, http, json};
use super::*;
use crate::networks::Networks;

fn generous() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn patient() -> Limits {
    let long = Duration::from_secs(60);
    Limits { connect: long, silence: long, ..Limits::default() }
}

fn client_with(address: &str, options: &LiveOptions, limits: Limits) -> Client {
    let net = Net::new(options).with_limits(limits);
    Client::new(Arc::new(net), address.parse().unwrap())
}

fn client(server: &Server) -> Client {
    client_with(&format!("http://{}", server.address), &LiveOptions::default(), patient())
}

fn ask() -> Ask {
    Ask { path: "/x".to_owned(), body: Some("{}".to_owned()), accept: "application/json" }
}

/// What a server's answer is taken for: of a body that was cut off, why.
async fn failure_with(limits: Limits, answer: fn() -> Script) -> Failure {
    let server = Server::start(move |_| answer()).await;
    let address = format!("http://{}", server.address);
    let mut client = client_with(&address, &LiveOptions::default(), limits);
    match client.ask(&ask(), generous()).await {
        Ok(mut reply) => {
            plain(&mut reply);
            reply.cut.expect("a failure")
        }
        Err(failure) => failure,
    }
}

async fn failure(answer: fn() -> Script) -> Failure {
    failure_with(patient(), answer).await
}

#[tokio::test]
async fn a_connection_is_kept_and_replaced_once_it_was_closed() {
    let server = Server::start(|asked| match &*asked.body {
        "last" => Script::Last(http("200 OK", "application/json", "[3]")),
        _ => json("[1]"),
    })
    .await;
    let mut client = client(&server);
    for _ in 0..3 {
        let reply = client.ask(&ask(), generous()).await.unwrap();
        assert_eq!((reply.body, reply.cut), (b"[1]".to_vec(), None));
    }
    assert_eq!(server.connections(), 1);
    let last = Ask { body: Some("last".to_owned()), ..ask() };
    assert_eq!(client.ask(&last, generous()).await.unwrap().body, b"[3]");
    assert_eq!(client.ask(&ask(), generous()).await.unwrap().body, b"[1]");
    assert_eq!(server.connections(), 2);
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "POST /x");
    let head = asked.head.to_lowercase();
    assert!(head.contains(&format!("host: {}\r\n", server.address)), "{head}");
    assert!(head.contains("content-type: application/json\r\n"), "{head}");
}

#[tokio::test]
async fn failures_are_named_as_what_they_are() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut nobody = client_with(&address, &LiveOptions::default(), patient());
    let refused = nobody.ask(&ask(), generous()).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused, "{refused}");
    assert!(refused.message.starts_with(&format!("{address}/x: nobody listens there")));

    let status = failure(|| {
        Script::Bytes(http("500 Internal Server Error", "text/plain", "\nunknown container\nmore"))
    })
    .await;
    assert_eq!(status.kind, FailureKind::Status(500));
    assert!(status.message.ends_with("status 500 Internal Server Error: unknown container"));

    let moved = failure(|| {
        let head =
            "HTTP/1.1 307 x\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n";
        Script::Bytes(head.as_bytes().to_vec())
    })
    .await;
    assert_eq!(moved.kind, FailureKind::Status(307));
    assert!(moved.message.contains("redirects are not followed"), "{moved}");

    let cut =
        failure(|| Script::Last(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1,".to_vec()))
            .await;
    assert_eq!(cut.kind, FailureKind::CutOff);
    assert!(cut.message.contains("cut off after 3 bytes"), "{cut}");

    let closed = failure(|| Script::Last(Vec::new())).await;
    assert_eq!(closed.kind, FailureKind::CutOff, "{closed}");

    let other = failure(|| Script::Last(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())).await;
    assert_eq!(other.kind, FailureKind::Protocol, "{other}");

    let packed = failure(|| {
        let head = "HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 0\r\n\r\n";
        Script::Bytes(head.as_bytes().to_vec())
    })
    .await;
    assert_eq!(packed.kind, FailureKind::NotMetrics, "{packed}");
}

#[tokio::test]
async fn answers_that_do_not_come_or_do_not_end_time_out() {
    let limits = Limits { silence: Duration::from_millis(100), ..patient() };
    let waiting = failure_with(limits, || Script::Silent(Vec::new())).await;
    assert_eq!(waiting.kind, FailureKind::TimedOutWaiting, "{waiting}");
    let reading = failure_with(limits, || {
        Script::Silent(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1,".to_vec())
    })
    .await;
    assert_eq!(reading.kind, FailureKind::TimedOutReading, "{reading}");
}

#[tokio::test]
async fn heads_and_bodies_have_a_cap() {
    let limits = Limits { most_bytes: 1000, most_head_bytes: 8192, ..patient() };
    let body = failure_with(limits, || json(&"x".repeat(1001))).await;
    assert_eq!(body.kind, FailureKind::TooLarge);
    let head = failure_with(limits, || {
        let head = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(10_000));
        Script::Bytes(head.into_bytes())
    })
    .await;
    assert_eq!(head.kind, FailureKind::TooLarge, "{head}");
    let packed = failure_with(limits, || Script::Bytes(gzipped(&"x".repeat(1_000_000)))).await;
    assert_eq!(packed.kind, FailureKind::TooLarge, "{packed}");
}

#[tokio::test]
async fn only_so_many_large_answers_are_in_memory_at_once() {
    let server = Server::start(|_| json(&"x".repeat(1000))).await;
    let limits = Limits { small_bytes: 100, ..patient() };
    let net = Arc::new(Net::new(&LiveOptions::default()).with_limits(limits));
    let address: Address = format!("http://{}", server.address).parse().unwrap();
    let mut kept = Vec::new();
    for _ in 0..MOST_LARGE {
        let mut client = Client::new(Arc::clone(&net), address.clone());
        kept.push(client.ask(&ask(), generous()).await.unwrap());
    }
    assert_eq!(net.large.available_permits(), 0);
    let mut client = Client::new(Arc::clone(&net), address);
    let waiting = tokio::spawn(async move { client.ask(&ask(), generous()).await });
    while server.asked().len() <= MOST_LARGE {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!waiting.is_finished());
    kept.pop();
    assert_eq!(waiting.await.unwrap().unwrap().cut, None);
}

fn gzipped(body: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(body.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let length = packed.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n\
         content-length: {length}\r\n\r\n"
    );
    [head.into_bytes(), packed].concat()
}

#[tokio::test]
async fn packed_answers_are_unpacked_up_to_damage() {
    let text = "[1, 2, 3]".repeat(1000);
    let sent = text.clone();
    let server = Server::start(move |asked| match &*asked.body {
        "cut" => {
            let whole = gzipped(&sent);
            Script::Last(whole[..whole.len() - 10].to_vec())
        }
        _ => Script::Bytes(gzipped(&sent)),
    })
    .await;
    let mut client = client(&server);
    let mut reply = client.ask(&ask(), generous()).await.unwrap();
    assert_eq!(plain(&mut reply), text.as_bytes());
    assert_eq!(reply.cut, None);
    let cut = Ask { body: Some("cut".to_owned()), ..ask() };
    let mut reply = client.ask(&cut, generous()).await.unwrap();
    assert!(text.as_bytes().starts_with(&plain(&mut reply)));
    assert_eq!(reply.cut.unwrap().kind, FailureKind::CutOff);
}

#[tokio::test]
async fn only_allowed_addresses_are_connected_to_whatever_the_name() {
    let server = Server::start(|_| json("[]")).await;
    let options = LiveOptions::default().with_networks("10.0.0.0/8".parse().unwrap());
    for host in ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]"] {
        let address = format!("http://{host}:{}", server.address.port());
        let mut client = client_with(&address, &options, patient());
        let failure = client.ask(&ask(), generous()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::NotAllowed, "{failure}");
    }
    let options = LiveOptions::default().with_networks(Networks::any());
    let mut metadata = client_with("http://169.254.169.254", &options, patient());
    let failure = metadata.ask(&ask(), generous()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotAllowed, "{failure}");
    assert_eq!(server.connections(), 0);
    let mut unknown = client_with("http://no-such-host.invalid", &options, patient());
    let failure = unknown.ask(&ask(), generous()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::UnknownHost, "{failure}");
}

#[tokio::test]
async fn certificates_are_checked_unless_that_was_left_out() {
    let (server, certificate) = Server::start_tls(|_| json("[1]")).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, certificate).unwrap();
    let address = format!("https://localhost:{}", server.address.port());
    let trusting = LiveOptions::default().with_ca_file(&file);
    let mut client = client_with(&address, &trusting, patient());
    assert_eq!(client.ask(&ask(), generous()).await.unwrap().body, b"[1]");

    let (other, _) = Server::start_tls(|_| json("[1]")).await;
    let address = format!("https://localhost:{}", other.address.port());
    let mut client = client_with(&address, &trusting, patient());
    let failure = client.ask(&ask(), generous()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    let careless = LiveOptions::default().with_unverified_certificates();
    let mut client = client_with(&address, &careless, patient());
    assert_eq!(client.ask(&ask(), generous()).await.unwrap().body, b"[1]");

    let plain = Server::start(|_| json("[1]")).await;
    let address = format!("https://{}", plain.address);
    let mut client = client_with(&address, &careless, patient());
    // The server waits for the end of a head, and a greeting of TLS has none.
    let short = Instant::now() + Duration::from_millis(300);
    let failure = client.ask(&ask(), short).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TimedOutConnecting, "{failure}");
}
