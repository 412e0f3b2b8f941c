//! The OpenAPI document, made of the table of routes.

use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::text_of;
use crate::app::Shared;
use crate::contract::{Doc, JSON, Kind, Method, Parameter, Route};
use crate::page;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) const GET: Doc = Doc::asking("about", "This description of the interface.", &[]);

pub(crate) async fn get(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    Query::read(request.uri(), GET.parameters)?;
    Ok(page::with_tag(text_of(JSON, app.document.clone()), None))
}

/// The document of these routes.
pub(crate) fn document(routes: &[Route]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(word(route.method).to_owned(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "cmetrics",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Exact data points of container metrics.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Problem": problem() },
        },
    })
}

/// A method as OpenAPI writes it.
fn word(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Delete => "delete",
    }
}

fn operation(route: &Route) -> Value {
    let doc = route.doc;
    let mut operation = json!({
        "tags": [doc.tag],
        "summary": doc.summary,
        "parameters": doc.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "responses": answers(route),
    });
    if let Some(scope) = route.scope {
        set(&mut operation, "security", json!([{ "token": [scope.word()] }, {}]));
    }
    if let Some(body) = doc.body {
        let form = json!({ "schema": { "type": "object", "description": body } });
        let body = json!({ "required": true, "content": { JSON: form } });
        set(&mut operation, "requestBody", body);
    }
    operation
}

/// Sets a member of an object.
fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn parameter(parameter: &Parameter) -> Value {
    let plain = json!({ "type": "string", "description": parameter.expected });
    let schema = match parameter.kind {
        Kind::Often => json!({ "type": "array", "items": plain }),
        Kind::Once | Kind::Path => plain,
    };
    let is_path = parameter.kind == Kind::Path;
    json!({
        "name": parameter.name,
        "in": if is_path { "path" } else { "query" },
        "required": is_path,
        "description": parameter.meaning,
        "schema": schema,
    })
}

fn answers(route: &Route) -> Value {
    let mut answers = Map::new();
    for (status, when) in route.doc.answers {
        let types: &[&str] = if *status < 300 { route.doc.types } else { &[] };
        let content: Map<_, _> = types.iter().map(|kind| ((*kind).to_owned(), json!({}))).collect();
        let mut answer = json!({ "description": when });
        if !content.is_empty() {
            set(&mut answer, "content", Value::Object(content));
        }
        answers.insert(status.to_string(), answer);
    }
    let reference = json!({ "$ref": "#/components/schemas/Problem" });
    answers.insert(
        "default".to_owned(),
        json!({
            "description": "What is wrong, and what was expected.",
            "content": { "application/problem+json": { "schema": reference } },
        }),
    );
    Value::Object(answers)
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string", "description": "What is wrong." },
            "expected": { "type": "string", "description": "What was expected." },
        },
    })
}
