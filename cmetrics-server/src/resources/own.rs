//! The server's own figures, as OpenMetrics.

use std::sync::atomic::Ordering;

use axum::extract::{Request, State};
use axum::response::Response;
use cmetrics_live::{MachineState, MachineStatus};

use super::{current, text_of};
use crate::app::{App, Shared, blocking};
use crate::contract::{Doc, OPEN_METRICS, Parameter};
use crate::exposition::{Exposition, Type};
use crate::problem::Problem;
use crate::query::Query;

const CONTAINERS: Parameter = Parameter::once(
    "containers",
    "1 or 0",
    "With the last final figures of all containers under cAdvisor's names.",
);

pub(crate) const GET: Doc = Doc {
    types: &[OPEN_METRICS],
    ..Doc::asking("about", "The server's own figures, as OpenMetrics text.", &[CONTAINERS])
};

pub(crate) async fn get(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let query = Query::read(request.uri(), GET.parameters)?;
    let with_containers = query.is_on("containers")?;
    blocking(&app, move |app| {
        let mut text = Exposition::default();
        text.family("cmetrics_build", Type::Info, "What runs.")
            .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
        machines(app, &mut text);
        polls(app, &mut text);
        recorder(app, &mut text);
        store(app, &mut text)?;
        http(app, &mut text);
        app.redis.iter().for_each(|redis| redis.write(&mut text));
        process(&mut text);
        if with_containers {
            app.sums.write(&app.live, &app.hub, &mut text)?;
        }
        Ok(current(text_of(OPEN_METRICS, text.finish())))
    })
    .await
}

fn machines(app: &App, text: &mut Exposition) {
    let machines = app.live.machines();
    let number = |status| machines.iter().filter(|one| one.status == status).count();
    text.family("cmetrics_machines", Type::Gauge, "Machines by whether they answer.")
        .sample(&[("status", "new")], number(MachineStatus::New))
        .sample(&[("status", "up")], number(MachineStatus::Up))
        .sample(&[("status", "away")], number(MachineStatus::Away));
    let mut each = |name, help, value: fn(&MachineState) -> Option<f64>| {
        let mut family = text.family(name, Type::Gauge, help);
        for one in &machines {
            family.maybe(&[("machine", &one.name)], value(one));
        }
    };
    each("cmetrics_machine_up", "Whether a machine answers.", |one| {
        Some(if one.status == MachineStatus::Up { 1.0 } else { 0.0 })
    });
    each("cmetrics_machine_last_success_seconds", "When a poll last succeeded.", |one| {
        one.last_success.map(seconds)
    });
    each("cmetrics_machine_clock_offset_seconds", "By how much its clock is ahead.", |one| {
        one.clock_offset_seconds
    });
    #[expect(clippy::cast_precision_loss, reason = "as large as no machine's number")]
    each("cmetrics_machine_containers", "What its last answer listed.", |one| {
        Some(one.containers as f64)
    });
}

#[expect(clippy::cast_precision_loss, reason = "seconds with parts")]
fn seconds(time: cmetrics_core::Timestamp) -> f64 {
    time.nanos() as f64 / 1e9
}

fn polls(app: &App, text: &mut Exposition) {
    let totals = app.live.totals();
    let counts = &totals.counts;
    text.family("cmetrics_polls", Type::Counter, "Polls that ended.").sample(&[], counts.polls);
    let mut failed = text.family("cmetrics_failed_polls", Type::Counter, "Polls that failed.");
    for (reason, number) in &counts.failed_polls {
        failed.sample(&[("reason", reason)], number);
    }
    text.family("cmetrics_polled_bytes", Type::Counter, "Bytes of answers, unpacked.")
        .sample(&[], counts.bytes);
    text.family(
        "cmetrics_polled_samples",
        Type::Counter,
        "Samples of polls, by what became of them.",
    )
    .sample(&[("verdict", "accepted")], counts.accepted)
    .sample(&[("verdict", "duplicate")], counts.duplicates)
    .sample(&[("verdict", "late")], counts.late)
    .sample(&[("verdict", "ahead")], counts.ahead)
    .sample(&[("verdict", "faulty")], counts.faulty);
    text.family("cmetrics_stragglers", Type::Counter, "Samples older than what was asked for.")
        .sample(&[], counts.stragglers);
    text.family("cmetrics_ended_containers", Type::Counter, "Containers that answers lack.")
        .sample(&[], counts.ended_containers);
    #[expect(clippy::cast_precision_loss, reason = "seconds with parts")]
    let unseen = totals.unseen_cpu_ns.map(|nanos| nanos as f64 / 1e9);
    text.family(
        "cmetrics_unseen_cpu_seconds",
        Type::Gauge,
        "CPU time that no child was seen to use.",
    )
    .maybe(&[], unseen);
    text.family("cmetrics_keeps", Type::Counter, "How often samples were handed to the store.")
        .sample(&[("outcome", "ok")], totals.keeps)
        .sample(&[("outcome", "failed")], totals.failed_keeps);
    text.family("cmetrics_last_keep_seconds", Type::Gauge, "When that last succeeded.")
        .maybe(&[], totals.last_keep.map(seconds));
}

fn recorder(app: &App, text: &mut Exposition) {
    let totals = app.live.recorder().totals();
    text.family("cmetrics_containers", Type::Gauge, "Containers that are known.")
        .sample(&[], totals.containers);
    text.family("cmetrics_sealed_points", Type::Counter, "Points that became final.")
        .sample(&[], totals.sealed);
    text.family("cmetrics_forgotten_containers", Type::Counter, "Containers that were forgotten.")
        .sample(&[], totals.forgotten);
}

fn store(app: &App, text: &mut Exposition) -> Result<(), Problem> {
    let stats = app.store().stats()?;
    text.family("cmetrics_store_points", Type::Gauge, "Points by where they are.")
        .sample(&[("in", "segments")], stats.sealed_points)
        .sample(&[("in", "memory")], stats.recent_points);
    text.family("cmetrics_store_bytes", Type::Gauge, "Bytes of the store by where they are.")
        .sample(&[("in", "segments")], stats.sealed_bytes)
        .sample(&[("in", "logs")], stats.log_bytes)
        .sample(&[("in", "memory")], stats.memory_bytes);
    text.family("cmetrics_store_segments", Type::Gauge, "Segments.").sample(&[], stats.segments);
    let (logs, segments) = stats.written_bytes;
    text.family("cmetrics_store_written_bytes", Type::Counter, "Bytes that were written.")
        .sample(&[("to", "logs")], logs)
        .sample(&[("to", "segments")], segments);
    text.family("cmetrics_store_refused_points", Type::Counter, "Points that were refused.")
        .sample(&[], stats.refused);
    text.family("cmetrics_store_trouble", Type::Gauge, "Whether its last background work failed.")
        .sample(&[], u8::from(stats.trouble.is_some()));
    Ok(())
}

fn http(app: &App, text: &mut Exposition) {
    let (observed, load) = (&app.observed, Ordering::Relaxed);
    let requests = observed.requests();
    let mut family = text.family("cmetrics_http_requests", Type::Counter, "Requests by route.");
    for ((route, status), counted) in &requests {
        let status = status.to_string();
        family.sample(&[("route", route), ("status", &status)], counted.number);
    }
    let mut family =
        text.family("cmetrics_http_seconds", Type::Counter, "Time until answers began.");
    for ((route, status), counted) in &requests {
        let status = status.to_string();
        family.sample(&[("route", route), ("status", &status)], counted.time.as_secs_f64());
    }
    let mut family = text.family("cmetrics_http_refused", Type::Counter, "Refused requests.");
    for (layer, number) in observed.refused() {
        family.sample(&[("layer", layer)], number);
    }
    text.family("cmetrics_http_connections", Type::Gauge, "Open connections.")
        .sample(&[], observed.connections.load(load));
    text.family("cmetrics_streams", Type::Gauge, "Open streams.")
        .sample(&[], observed.streams.load(load));
    text.family("cmetrics_stream_missed_points", Type::Counter, "Points that streams missed.")
        .sample(&[("by", "client")], observed.missed.load(load))
        .sample(&[("by", "server")], app.hub.missed());
}

/// What the process takes, where the system tells it in files.
fn process(text: &mut Exposition) {
    let Some((cpu_seconds, resident_bytes)) = crate::process::figures() else { return };
    text.family("process_cpu_seconds", Type::Counter, "CPU time of the process.")
        .sample(&[], cpu_seconds);
    text.family("process_resident_memory_bytes", Type::Gauge, "Memory of the process.")
        .sample(&[], resident_bytes);
}
