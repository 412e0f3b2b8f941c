//! Whatever is asked, the server answers, and nothing of it is a failure of its own.

use axum::body::Body;
use axum::http::Request;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::common::{FIRST, Served, WEB};

const PATHS: [&str; 17] = [
    "/api/v1/machines",
    "/api/v1/machines/node1",
    "/api/v1/containers",
    "/api/v1/points",
    "/api/v1/points",
    "/api/v1/latest",
    "/api/v1/events",
    "/api/v1/metrics",
    "/api/v1/openapi.json",
    "/readyz",
    "/metrics",
    "/ping",
    "/newmachine",
    "/getdatapoints",
    "/getdatapoints",
    "/api/v1/%00",
    "/../..//etc/passwd",
];
const NAMES: [&str; 22] = [
    "container",
    "machine",
    "name",
    "alias",
    "image",
    "label",
    "start",
    "end",
    "period",
    "interval",
    "metrics",
    "complete",
    "extended",
    "format",
    "limit",
    "after",
    "event",
    "all_bearers",
    "machineip",
    "machineport",
    "containerid",
    "strings",
];

/// Values that mean something to some parameter, and others.
fn value() -> impl Strategy<Value = String> {
    let times = [0, 1, FIRST, FIRST + 60, FIRST + 125, u64::MAX, u64::MAX - 1, 1 << 62];
    let words = [
        "web",
        WEB,
        "*",
        "node1",
        "app=front",
        "=",
        "1",
        "0",
        "5",
        "60",
        "1m",
        "9999999999d",
        "all",
        "memory.*",
        "json",
        "csv",
        "arrow",
        "ndjson",
        "restart",
        "10.0.0.7",
        "docker://",
        "-1",
        "1e9",
        "NaN",
        "2026-11-21T12:00:00Z",
        "0:",
        "5:node2:/",
        "1:2:3",
        "18446744073709551615:",
        "18446744073709551615:18446744073709551615:x",
    ];
    prop_oneof![
        3 => select(words.map(str::to_owned).to_vec()),
        2 => select(times.map(|time| time.to_string()).to_vec()),
        1 => any::<u64>().prop_map(|number| number.to_string()),
        1 => "\\PC{0,12}",
        1 => vec(any::<u8>(), 0..8).prop_map(|bytes| bytes.iter().map(|byte| char::from(*byte)).collect()),
    ]
}

fn encoded(text: &str) -> String {
    percent_encoding::percent_encode(text.as_bytes(), percent_encoding::NON_ALPHANUMERIC)
        .to_string()
}

fn query() -> impl Strategy<Value = String> {
    let pair = (select(&NAMES[..]), value())
        .prop_map(|(name, value)| format!("{name}={}", encoded(&value)));
    let raw = "[ -~&&[^#\"<>\\\\^`{|} ]]{0,20}";
    prop_oneof![5 => vec(pair, 0..5).prop_map(|pairs| pairs.join("&")), 1 => raw]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn no_request_is_answered_with_a_failure_of_the_server(
        requests in vec(
            (
                select(&["GET", "POST", "DELETE", "HEAD", "PUT"][..]),
                select(&PATHS[..]),
                query(),
                value(),
                prop_oneof![vec(any::<u8>(), 0..40), query().prop_map(String::into_bytes)],
                select(&["application/json", "application/x-www-form-urlencoded",
                    "multipart/form-data; boundary=b", "text/plain"][..]),
            ),
            16,
        )
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let served = Served::new();
        for (method, path, query, header, body, kind) in requests {
            let request = Request::builder()
                .method(method)
                .uri(format!("{path}?{query}"))
                .header("host", "localhost")
                .header("content-type", kind);
            let request = ["accept", "if-none-match"].into_iter().fold(request, |request, name| {
                match axum::http::HeaderValue::from_bytes(header.as_bytes()) {
                    Ok(value) => request.header(name, value),
                    Err(_) => request,
                }
            });
            let Ok(request) = request.body(Body::from(body)) else { continue };
            let answer = runtime.block_on(served.send(request));
            prop_assert!(answer.status.as_u16() < 500, "{method} {path}?{query}: {}", answer.text);
        }
    }
}
