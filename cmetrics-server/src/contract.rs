//! What a route is: the types of the table from which the router and the OpenAPI document come.

use axum::routing::MethodRouter;

use crate::app::Shared;
use crate::tokens::Scope;

/// A method of a path.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// As axum and OpenAPI write it: `/machines/{name}`.
    pub(crate) path: &'static str,
    /// What a token must allow; `None` if nobody is asked for one.
    pub(crate) scope: Option<Scope>,
    pub(crate) doc: &'static Doc,
    /// What answers.
    pub(crate) to: fn() -> MethodRouter<Shared>,
}

/// The methods that routes have. HEAD comes with GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
}

/// What a route is for.
pub(crate) struct Doc {
    /// The group that it is listed in.
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) parameters: &'static [Parameter],
    /// What the body of a request is; of a GET, `None`.
    pub(crate) body: Option<&'static str>,
    /// The media types of its good answers.
    pub(crate) types: &'static [&'static str],
    /// Its statuses, and when they come.
    pub(crate) answers: &'static [(u16, &'static str)],
    /// Whether it changes something, so that no other web page may trigger it.
    pub(crate) changes: bool,
}

impl Doc {
    /// A route that is asked, and changes nothing.
    pub(crate) const fn asking(
        tag: &'static str,
        summary: &'static str,
        parameters: &'static [Parameter],
    ) -> Self {
        let answers = &[(200, "The answer.")];
        let types = &[JSON];
        Self { tag, summary, parameters, body: None, types, answers, changes: false }
    }
}

/// A parameter of a route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    /// What it must be.
    pub(crate) expected: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) kind: Kind,
}

/// How often a parameter may be given, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In the query, at most once.
    Once,
    /// In the query, any number of times.
    Often,
    /// A part of the path.
    Path,
}

impl Parameter {
    /// A parameter that may be given once.
    pub(crate) const fn once(
        name: &'static str,
        expected: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self { name, expected, meaning, kind: Kind::Once }
    }

    /// A parameter that may be given several times.
    pub(crate) const fn often(
        name: &'static str,
        expected: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self { name, expected, meaning, kind: Kind::Often }
    }

    /// A part of the path.
    pub(crate) const fn path(
        name: &'static str,
        expected: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self { name, expected, meaning, kind: Kind::Path }
    }
}

pub(crate) const JSON: &str = "application/json";
pub(crate) const NDJSON: &str = "application/x-ndjson";
pub(crate) const CSV: &str = "text/csv";
pub(crate) const ARROW: &str = "application/vnd.apache.arrow.stream";
pub(crate) const EVENTS: &str = "text/event-stream";
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
pub(crate) const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
