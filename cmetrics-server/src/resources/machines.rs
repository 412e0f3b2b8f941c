//! The machines that are polled.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use cmetrics_live::{Added, Address, Api, Error, ErrorKind, Machine, MachineState, MachineStatus};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{array, current, document, text_of};
use crate::app::{Shared, blocking};
use crate::body;
use crate::contract::{Doc, JSON, Parameter};
use crate::problem::Problem;
use crate::query::Query;

const TAG: &str = "machines";
const STATUS: Parameter = Parameter::often("status", "new, up or away", "Machines of this status.");
const NAME: Parameter = Parameter::path("name", "the name of a machine", "Which machine.");

pub(crate) const LIST: Doc =
    Doc::asking(TAG, "The machines that are polled, and the state of each, by name.", &[STATUS]);

pub(crate) const ADD: Doc = Doc {
    body: Some("{\"name\": the name, by default host:port; \"address\": where it is asked}"),
    answers: &[
        (201, "It was added."),
        (200, "It was there already."),
        (
            403,
            "Its address may not be asked, or is a socket or a kubelet, which the configuration names.",
        ),
        (409, "Another machine has this name."),
        (415, "The body is not application/json."),
    ],
    changes: true,
    ..Doc::asking(TAG, "Adds a machine, which stays until it is removed.", &[])
};

pub(crate) const GET: Doc = Doc {
    answers: &[(200, "The machine."), (404, "There is no such machine.")],
    ..Doc::asking(TAG, "The state of a machine.", &[NAME])
};

pub(crate) const REMOVE: Doc = Doc {
    answers: &[
        (204, "It is polled no longer. Its points stay."),
        (404, "There is no such machine."),
    ],
    types: &[],
    changes: true,
    ..Doc::asking(TAG, "Removes a machine.", &[NAME])
};

/// What the body of a request says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    name: Option<String>,
    address: String,
}

pub(crate) async fn list(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let query = Query::read(request.uri(), LIST.parameters)?;
    let word = |text: &str| match text {
        "new" => Ok(MachineStatus::New),
        "up" => Ok(MachineStatus::Up),
        "away" => Ok(MachineStatus::Away),
        _ => Err(query.refused("status", text)),
    };
    let wanted: Vec<_> = query.all("status").map(word).collect::<Result<_, _>>()?;
    blocking(&app, move |app| {
        let mut machines = app.live.machines();
        machines.retain(|one| wanted.is_empty() || wanted.contains(&one.status));
        Ok(current(text_of(JSON, array(machines))))
    })
    .await
}

pub(crate) async fn get(
    State(app): State<Shared>,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let name = named(name)?;
    Query::read(request.uri(), GET.parameters)?;
    blocking(&app, move |app| {
        let found = app.live.machine(&name).ok_or_else(|| unknown(&name))?;
        Ok(current(document(&found)))
    })
    .await
}

pub(crate) async fn add(
    State(app): State<Shared>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    Query::read(request.uri(), ADD.parameters)?;
    let asked = asked(&app, &headers, request.into_body()).await?;
    let machine = machine(asked.name, &asked.address)?;
    let name = machine.name.clone();
    let (added, state) = added(&app, machine).await?;
    let status = if added == Added::New { StatusCode::CREATED } else { StatusCode::OK };
    let name = utf8_percent_encode(&name, NON_ALPHANUMERIC);
    let location = HeaderValue::try_from(format!("/api/v1/machines/{name}"));
    let mut response = (status, current(document(&state))).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

pub(crate) async fn remove(
    State(app): State<Shared>,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let name = named(name)?;
    Query::read(request.uri(), REMOVE.parameters)?;
    blocking(&app, move |app| match app.live.remove(&name) {
        Ok(true) => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(false) => Err(unknown(&name)),
        Err(error) => Err(refused(&error)),
    })
    .await
}

/// The name in the path.
fn named(name: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let wrong = |cause: PathRejection| Problem::bad(cause.body_text()).expecting("a name in UTF-8");
    name.map(|Path(name)| name).map_err(wrong)
}

/// Reads the body of a request to add a machine.
async fn asked(app: &Shared, headers: &HeaderMap, body: Body) -> Result<Asked, Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(JSON) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, format!("the body is {kind:?}")).expecting(JSON));
    }
    let bytes = body::read(body, app.options.limits.body_bytes).await?;
    serde_json::from_slice(&bytes).map_err(|cause| {
        Problem::bad(format!("the body cannot be read: {cause}")).expecting(
            "{\"name\": \"node7\", \"address\": \"10.0.0.7:8080\"}; name may be left out",
        )
    })
}

/// A machine of this name and address.
pub(crate) fn machine(name: Option<String>, address: &str) -> Result<Machine, Problem> {
    let address: Address = address.parse().map_err(|error| refused(&error))?;
    if address.host().is_none() {
        // No request names a file, be it a socket.
        return Err(Problem::new(StatusCode::FORBIDDEN, format!("address {address} is a file"))
            .expecting("an address with a host; sockets are named where the server is started"));
    }
    if address.api() == Api::Kubelet {
        // It would be asked with the token, which is not for any address that a client knows.
        let detail = format!("address {address} is a kubelet's, which would get a token");
        return Err(Problem::new(StatusCode::FORBIDDEN, detail)
            .expecting("a kubelet in the configuration of the server"));
    }
    Ok(Machine::new(name, address))
}

/// Adds a machine.
pub(crate) async fn added(
    app: &Shared,
    machine: Machine,
) -> Result<(Added, Option<MachineState>), Problem> {
    blocking(app, move |app| {
        let name = machine.name.clone();
        let added = app.live.add(machine).map_err(|error| refused(&error))?;
        Ok((added, app.live.machine(&name)))
    })
    .await
}

/// Adds a machine unless one of this address is known, whatever its name.
pub(crate) async fn added_once(app: &Shared, machine: Machine) -> Result<(), Problem> {
    blocking(app, move |app| {
        let address = machine.address.to_string();
        if app.live.machines().iter().any(|known| known.address == address) {
            return Ok(());
        }
        app.live.add(machine).map(drop).map_err(|error| refused(&error))
    })
    .await
}

fn refused(error: &Error) -> Problem {
    match error.kind() {
        ErrorKind::Address | ErrorKind::Name | ErrorKind::Setting => {
            Problem::bad(error.to_string())
        }
        ErrorKind::NameTaken => Problem::new(StatusCode::CONFLICT, error.to_string())
            .expecting("another name, or that the machine is removed first"),
        ErrorKind::NotAllowed => Problem::new(StatusCode::FORBIDDEN, error.to_string()),
        _ => Problem::internal("keeping the list of machines", error),
    }
}

fn unknown(name: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("there is no machine {name:?}"))
        .expecting("a name of /api/v1/machines")
}
