//! A server over a store with known points, on a clock that stands still.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use cmetrics_core::store::StoreOptions;
use cmetrics_core::{Input, MetricSet, Pipeline, Store, Timestamp};
use cmetrics_live::{Live, LiveOptions};
use cmetrics_server::{Clock, Server, ServerOptions};
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// 2026-11-21T12:00:00Z, where the points of the store begin.
pub(crate) const FIRST: u64 = 1_795_262_400;
/// The id of the container `web`.
pub(crate) const WEB: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A server and what it stands on.
pub(crate) struct Served {
    pub(crate) live: Arc<Live>,
    pub(crate) server: Server,
    pub(crate) router: Router,
    pub(crate) folder: TempDir,
}

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
}

/// Two minutes of samples, 5 s apart, of two machines: `web` on node1 and node2's `/`.
pub(crate) fn dumps() -> [(&'static str, String); 2] {
    let stats = |rate: u64| {
        let sample = |index: u64| {
            let time = Timestamp::from_seconds(FIRST + 5 * index).unwrap();
            let (cpu, memory) = (index * rate, 4096 + 1024 * (index % 2));
            format!(
                r#"{{"timestamp": "{time}", "cpu": {{"usage": {{"total": {cpu}}}}},
                    "memory": {{"usage": {memory}, "working_set": {memory}}}}}"#
            )
        };
        (0..=24).map(sample).collect::<Vec<_>>().join(",")
    };
    let web = format!(
        r#"{{"/docker/{WEB}": {{"id": "{WEB}", "aliases": ["web", "{WEB}"],
            "spec": {{"has_cpu": true, "has_memory": true, "image": "nginx:1",
                "labels": {{"app": "front"}}, "memory": {{"limit": 8192}}}},
            "stats": [{}]}}}}"#,
        stats(1_000_000_000)
    );
    let root = format!(
        r#"{{"/": {{"spec": {{"has_cpu": true, "has_memory": true}}, "stats": [{}]}}}}"#,
        stats(3)
    );
    [("node1", web), ("node2", root)]
}

fn store_options() -> StoreOptions {
    let metrics = MetricSet::named(&["memory.working_set"]).unwrap();
    StoreOptions::default().with_metrics(metrics)
}

/// A store with the points of [`dumps`].
pub(crate) fn store(folder: &TempDir) -> Store {
    let store = Store::open(folder.path(), store_options()).unwrap();
    let mut pipeline = Pipeline::new(store.settings());
    for (machine, dump) in dumps() {
        let input = Input::bytes("dump", dump.as_bytes()).machine(machine);
        pipeline.read(input).into_result().unwrap();
    }
    store.ingest(pipeline.series()).unwrap();
    store
}

impl Served {
    pub(crate) fn new() -> Self {
        Self::with(|options| options)
    }

    /// A server with these options, two minutes after the first point.
    pub(crate) fn with(options: impl FnOnce(ServerOptions) -> ServerOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::over(store(&folder), folder, options)
    }

    /// The next process over the same store.
    pub(crate) async fn again(self, options: impl FnOnce(ServerOptions) -> ServerOptions) -> Self {
        let Self { live, server, router, folder } = self;
        drop((server, router));
        let mut live = live;
        // Threads that end have it for a moment.
        let live = loop {
            match Arc::try_unwrap(live) {
                Ok(live) => break live,
                Err(shared) => live = shared,
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        };
        live.close().unwrap();
        Self::over(Store::open(folder.path(), store_options()).unwrap(), folder, options)
    }

    fn over(
        store: Store,
        folder: TempDir,
        options: impl FnOnce(ServerOptions) -> ServerOptions,
    ) -> Self {
        let live = Live::open(store, LiveOptions::default()).unwrap();
        let live = Arc::new(live);
        let now = Timestamp::from_seconds(FIRST + 120).unwrap();
        let options = options(ServerOptions::default().with_clock(Clock::of(move || now)));
        let server = Server::new(Arc::clone(&live), options).unwrap();
        Self { router: server.router(), live, server, folder }
    }

    /// Stores so many points of `/long`, and one for its last sample.
    pub(crate) fn ingest_long(&self, points: u64) {
        let sample = |index: u64| {
            let time = Timestamp::from_seconds(FIRST + 5 * index).unwrap();
            format!(r#"{{"timestamp": "{time}", "cpu": {{"usage": {{"total": {index}}}}}}}"#)
        };
        let stats = (0..=points).map(sample).collect::<Vec<_>>().join(",");
        let dump = format!(r#"{{"/long": {{"spec": {{"has_cpu": true}}, "stats": [{stats}]}}}}"#);
        let mut pipeline = Pipeline::new(self.live.store().settings());
        pipeline.read(Input::bytes("dump", dump.as_bytes())).into_result().unwrap();
        self.live.store().ingest(pipeline.series()).unwrap();
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text, bytes }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request("GET", path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &str) -> Answer {
        let request = request("POST", path).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }
}

/// A request of a program on this machine.
pub(crate) fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "localhost:5000")
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that it is a problem of this status that contains a text.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, text: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json()["status"], status);
        assert!(self.text.contains(text), "{}", self.text);
    }

    /// The address of the next page.
    pub(crate) fn next(&self) -> Option<String> {
        let link = self.headers.get("link")?.to_str().unwrap();
        Some(link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned())
    }
}
