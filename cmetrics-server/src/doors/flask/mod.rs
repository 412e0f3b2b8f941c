//! The service that was written with Flask: it tracked machines, and answered the last points of a
//! container.

mod form;

use axum::extract::{Request, State};
use axum::http::header::HeaderName;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use cmetrics_core::time::unix_seconds;
use cmetrics_core::{DataPoint, ErrorKind, MetricSet};

use crate::alias;
use crate::app::{App, Shared, blocking};
use crate::contract::{Doc, JSON, Parameter, TEXT};
use crate::problem::Problem;
use crate::resources::{current, machines, text_of};
use crate::select::without_runtime;
use crate::source_shape::source_shape;
use form::Form;

const TAG: &str = "flask";
const MACHINE_IP: Parameter =
    Parameter::once("machineip", "a host or IP address", "Where the machine is.");
const MACHINE_PORT: Parameter =
    Parameter::once("machineport", "a port, 4194 by default", "Where cAdvisor listens.");
const CONTAINER_ID: Parameter = Parameter::once(
    "containerid",
    "RUNTIME://ID, an id or its beginning, an alias or a path",
    "Which container.",
);
const PERIOD: Parameter = Parameter::once(
    "period",
    "a whole number of seconds, 30 by default",
    "How far back from now the points go.",
);
const STRINGS: Parameter = Parameter::once(
    "strings",
    "1 or 0",
    "Each point as a string with times in words, as the service itself answered.",
);

pub(crate) const PING: Doc =
    Doc { types: &[TEXT], ..Doc::asking(TAG, "Whether the server lives: PONG.", &[]) };
pub(crate) const NEW_MACHINE: Doc = Doc {
    types: &[TEXT],
    answers: &[(200, "success"), (400, "failure"), (403, "failure: this address is not allowed")],
    changes: true,
    ..Doc::asking(TAG, "Adds a machine; in the query or in a form.", &[MACHINE_IP, MACHINE_PORT])
};
pub(crate) const GET_DATA_POINTS: Doc = Doc {
    answers: &[
        (200, "The points, newest first; none for an unknown container."),
        (400, "{} without a container, failure for a period that is no number."),
    ],
    ..Doc::asking(
        TAG,
        "The last points of a container; in the query or in a form.",
        &[CONTAINER_ID, PERIOD, STRINGS],
    )
};

/// The port of a kubelet's cAdvisor, when it had one.
const USUAL_PORT: u16 = 4194;
const USUAL_PERIOD: u64 = 30;

pub(crate) async fn ping() -> Response {
    text_of(TEXT, "PONG")
}

pub(crate) async fn new_machine(State(app): State<Shared>, request: Request) -> Response {
    match add(&app, request).await {
        Ok(()) => text_of(TEXT, "success"),
        Err(problem) => failure("failure", &problem),
    }
}

async fn add(app: &Shared, request: Request) -> Result<(), Problem> {
    let form = Form::read(request, app.options.limits.body_bytes).await?;
    let address = form.get("machineip").map(str::trim).filter(|address| !address.is_empty());
    let address = address.ok_or_else(|| Problem::bad("machineip is missing"))?;
    let port = match form.get("machineport").map(str::trim) {
        None | Some("") => USUAL_PORT,
        Some(port) => port
            .parse()
            .ok()
            .filter(|port| *port > 0)
            .ok_or_else(|| Problem::parameter("machineport", port, "a port from 1 to 65535"))?,
    };
    // A port is added only to what is a plain host, as it always was.
    let host = if address.contains(':') && !address.starts_with('[') && !address.contains("://") {
        address.parse::<std::net::Ipv6Addr>().map(|ip| format!("[{ip}]"))
    } else {
        Ok(address.to_owned())
    };
    let host = host.map_err(|_| {
        Problem::parameter("machineip", address, "a host or IP address without a port")
    })?;
    if host.contains("://") || host.contains('/') {
        let expected = "a host or IP address; /api/v1/machines takes other addresses";
        return Err(Problem::parameter("machineip", address, expected));
    }
    let machine = machines::machine(None, &format!("{host}:{port}"))?;
    machines::added_once(app, machine).await
}

pub(crate) async fn get_data_points(State(app): State<Shared>, request: Request) -> Response {
    match data_points(&app, request).await {
        Ok(Some(text)) => current(text_of(JSON, text)),
        Ok(None) => failure("{}", &Problem::bad("containerid is missing")),
        Err(problem) => failure("failure", &problem),
    }
}

/// The answer, or `None` without a container.
async fn data_points(app: &Shared, request: Request) -> Result<Option<Vec<u8>>, Problem> {
    let form = Form::read(request, app.options.limits.body_bytes).await?;
    let word = form.get("containerid").map(without_runtime).unwrap_or_default().to_owned();
    if word.is_empty() {
        return Ok(None);
    }
    let period = match form.get("period").map(str::trim) {
        None | Some("") => USUAL_PERIOD,
        Some(period) => period
            .parse()
            .map_err(|_| Problem::parameter("period", period, "a whole number of seconds"))?,
    };
    let most = app.options.limits.most_span.as_secs();
    if period > most {
        let expected = format!("at most {most} s");
        return Err(Problem::parameter("period", &period.to_string(), expected));
    }
    let strings = match form.get("strings") {
        None | Some("0") => false,
        Some("1") => true,
        Some(other) => return Err(Problem::parameter("strings", other, "1 or 0")),
    };
    blocking(app, move |app| {
        let points = points(app, &word, period)?;
        Ok(Some(answer(&points, strings)))
    })
    .await
}

/// The points that end within so many seconds before now, newest first.
fn points(app: &App, word: &str, period: u64) -> Result<Vec<DataPoint>, Problem> {
    let after = app.options.clock.now().seconds().saturating_sub(period);
    let found = match app.store().find(word, unix_seconds(after..u64::MAX)) {
        Ok(found) => found,
        // As that of a container that was never seen, the list was empty.
        Err(error) if error.kind() == ErrorKind::UnknownContainer => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let width = app.store().settings().interval().as_secs();
    let Some(latest) = alias::first_live(&found, width) else { return Ok(Vec::new()) };
    // An interval that ends after that time begins at most its width before.
    let begun = unix_seconds(after.saturating_sub(width)..u64::MAX);
    let most = usize::try_from(app.options.limits.most_rows).unwrap_or(usize::MAX);
    let mut points = Vec::new();
    for point in app.store().range(latest.identity.name(), begun, Some(MetricSet::default()))? {
        let point = point?;
        if point.interval().end() > after {
            if points.len() >= most {
                let expected = format!("a shorter one: at most {most} points");
                return Err(Problem::parameter("period", &period.to_string(), expected));
            }
            points.push(point);
        }
    }
    points.reverse();
    Ok(points)
}

fn answer(points: &[DataPoint], strings: bool) -> Vec<u8> {
    let mut text = vec![b'['];
    for (index, point) in points.iter().enumerate() {
        if index > 0 {
            text.extend_from_slice(b", ");
        }
        if strings {
            // A text can always be written to memory.
            let document = serde_json::Value::Object(source_shape(point)).to_string();
            let _ = serde_json::to_writer(&mut text, &document);
        } else {
            point.write_json(&mut text);
        }
    }
    text.push(b']');
    text
}

/// The word that the service said. What is wrong is in a header, where nobody looked for it.
fn failure(word: &'static str, problem: &Problem) -> Response {
    let mut response = (problem.status(), text_of(TEXT, word)).into_response();
    if problem.status() == StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let expected = problem.expected().map(|text| format!(": expected {text}"));
    let detail = format!("{}{}", problem.detail(), expected.unwrap_or_default());
    let detail: String =
        detail.chars().map(|c| if c.is_ascii_graphic() { c } else { ' ' }).collect();
    if let Ok(detail) = HeaderValue::try_from(detail) {
        response.headers_mut().insert(HeaderName::from_static("cmetrics-problem"), detail);
    }
    response
}
