//! Who may do what.

use std::net::SocketAddr;

use axum::body::Body;
use cmetrics_server::{Error, ServerOptions, Tokens};

use crate::common::{Answer, Served, request};

const READER: &str = "the-token-of-a-reader";
const WRITER: &str = "the-token-of-a-writer";

fn protected() -> Served {
    let tokens: Tokens = format!("read {READER}\nread,write {WRITER}").parse().unwrap();
    Served::with(|options| options.with_tokens(tokens))
}

async fn send(served: &Served, method: &str, path: &str, header: (&str, &str)) -> Answer {
    let request = request(method, path).header(header.0, header.1);
    served.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_token_allows_what_its_scopes_say() {
    let served = protected();
    served.get("/api/v1/machines").await.is_problem(401, "Authorization: Bearer");
    assert_eq!(
        served.get("/metrics").await.header("www-authenticate"),
        "Bearer realm=\"cmetrics\""
    );
    let wrong = ("authorization", "Bearer the-token-of-nobody");
    send(&served, "GET", "/api/v1/machines", wrong).await.is_problem(401, "not known");
    let basic = ("authorization", "Basic the-token-of-a-reader");
    send(&served, "GET", "/api/v1/machines", basic).await.is_problem(401, "no token");
    let reader = format!("bearer {READER}");
    let reader = ("authorization", &*reader);
    assert_eq!(send(&served, "GET", "/api/v1/machines", reader).await.status.as_u16(), 200);
    let path = "/newmachine?machineip=10.0.0.7";
    send(&served, "GET", path, reader).await.is_problem(403, "scope write");
    send(&served, "DELETE", "/api/v1/machines/a", reader).await.is_problem(403, "scope write");
    let writer = format!("Bearer {WRITER}");
    assert_eq!(send(&served, "GET", path, ("authorization", &writer)).await.text, "success");
}

#[tokio::test]
async fn probes_need_no_token() {
    let served = protected();
    for path in ["/livez", "/readyz", "/healthz", "/ping", "/api/v1/openapi.json"] {
        assert_eq!(served.get(path).await.status.as_u16(), 200, "{path}");
    }
}

#[tokio::test]
async fn tokens_are_replaced_but_never_by_none() {
    let served = protected();
    served.server.set_tokens("read another-token-of-somebody".parse().unwrap()).unwrap();
    let old = format!("Bearer {READER}");
    let old = send(&served, "GET", "/metrics", ("authorization", &old)).await;
    old.is_problem(401, "not known");
    assert!(served.server.set_tokens(Tokens::default()).is_err());
    served.get("/metrics").await.is_problem(401, "no token");
}

#[tokio::test]
async fn a_name_that_the_server_does_not_have_is_refused() {
    let served = Served::with(|options| options.with_hosts(["metrics.example.org"]));
    for (host, status) in [
        ("localhost:5000", 200),
        ("127.0.0.1:5000", 200),
        ("[::1]:5000", 200),
        ("10.0.0.7", 200),
        ("Metrics.Example.org:80", 200),
        ("evil.example.org", 421),
        ("localhost.evil.org", 421),
        ("127.0.0.1.evil.org", 421),
        ("", 421),
    ] {
        let request = axum::http::Request::get("/livez").header("host", host);
        let answer = served.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{host}");
    }
    let none = axum::http::Request::get("/livez").body(Body::empty()).unwrap();
    served.send(none).await.is_problem(421, "no Host");
    for (target, status) in [
        ("http://evil.com/livez", 421),
        ("http://u@evil.com/livez", 421),
        ("http://[::1]/livez", 200),
    ] {
        let answer = served.send(request("GET", target).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{target}");
    }
}

#[tokio::test]
async fn nothing_is_changed_by_a_request_for_a_head() {
    let served = Served::new();
    let path = "/newmachine?machineip=10.0.0.7";
    let head = |path: &str| request("HEAD", path).body(Body::empty()).unwrap();
    let answer = served.send(head(path)).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "GET, POST"));
    assert!(served.live.machines().is_empty());
    assert_eq!(served.send(head("/getdatapoints?containerid=web")).await.status.as_u16(), 200);
}

#[tokio::test]
async fn another_web_page_changes_nothing() {
    let served = Served::new();
    let path = "/newmachine?machineip=10.0.0.7";
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example.org"),
        ("origin", "null"),
        ("origin", "http://localhost:6000"),
    ] {
        for (method, path) in [
            ("GET", path),
            ("POST", path),
            ("POST", "/api/v1/machines"),
            ("DELETE", "/api/v1/machines/a"),
        ] {
            send(&served, method, path, header).await.is_problem(403, "another web page");
        }
        assert_eq!(send(&served, "GET", "/api/v1/machines", header).await.status.as_u16(), 200);
    }
    assert!(served.live.machines().is_empty());
    let own = send(&served, "GET", path, ("origin", "http://localhost:5000")).await;
    assert_eq!(own.text, "success");
}

#[tokio::test]
async fn answers_keep_browsers_from_misusing_them() {
    let served = Served::new();
    for path in ["/api/v1/machines", "/api/v1/none", "/livez"] {
        let answer = served.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[test]
fn a_public_address_needs_a_token_or_that_it_is_allowed() {
    let address = |text: &str| -> SocketAddr { text.parse().unwrap() };
    let (open, closed) = (address("0.0.0.0:5000"), ServerOptions::default());
    assert!(matches!(closed.check_address(open), Err(Error::Unprotected { .. })));
    for local in ["127.0.0.1:1", "[::1]:1", "127.9.9.9:1", "[::ffff:127.0.0.1]:1"] {
        closed.check_address(address(local)).unwrap();
    }
    for public in ["10.0.0.1:1", "[::]:1"] {
        let error = closed.check_address(address(public)).unwrap_err().to_string();
        assert!(error.contains("a loopback address such as 127.0.0.1"), "{error}");
    }
    closed.clone().insecure().check_address(open).unwrap();
    let tokens = "read 0123456789abcdef".parse().unwrap();
    closed.with_tokens(tokens).check_address(open).unwrap();
}

#[tokio::test]
async fn under_load_requests_are_refused_and_probes_are_not() {
    let mut limits = cmetrics_server::Limits::default();
    limits.requests = 0;
    let served = Served::with(|options| options.with_limits(limits));
    let refused = served.get("/api/v1/machines").await;
    refused.is_problem(503, "as many requests");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(served.get("/readyz").await.status.as_u16(), 200);
    limits.requests = 1;
    limits.answers = 0;
    let served = Served::with(|options| options.with_limits(limits));
    served.get("/api/v1/points").await.is_problem(503, "as many points");
}
