//! Containers and events as lists in JSON have them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Bearer, Event, Happening};
use crate::container::LimitsJson;
use crate::document::Door;

/// A container as `cmetrics containers --format json` writes it.
#[derive(Clone, Debug, Serialize)]
pub struct ContainerJson<'b> {
    name: &'b str,
    id: Option<&'b str>,
    machine: Option<&'b str>,
    aliases: &'b [String],
    paths: &'b [String],
    image: Option<&'b str>,
    kubernetes: Option<String>,
    labels: &'b BTreeMap<String, String>,
    doors: &'b [Door],
    start: u64,
    end: u64,
    limits: LimitsJson,
}

impl<'b> From<&'b Bearer> for ContainerJson<'b> {
    fn from(bearer: &'b Bearer) -> Self {
        let identity = &bearer.identity;
        Self {
            name: identity.name(),
            id: identity.id(),
            machine: identity.machine(),
            aliases: identity.aliases(),
            paths: identity.paths(),
            image: identity.image(),
            kubernetes: identity.kubernetes().map(ToString::to_string),
            labels: identity.labels(),
            doors: &bearer.doors,
            start: bearer.first.start(),
            end: bearer.last.end(),
            limits: bearer.limits.into(),
        }
    }
}

/// An event as `cmetrics events --format json` writes it.
#[derive(Clone, Debug, Serialize)]
pub struct EventJson<'e> {
    container: &'e str,
    aliases: &'e [String],
    at: String,
    door: Door,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    growth: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<LimitsJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<&'e BTreeMap<String, String>>,
}

impl<'e> EventJson<'e> {
    /// An event of a container with these aliases.
    pub fn new(event: &'e Event, aliases: &'e [String]) -> Self {
        let plain = Self {
            container: &event.container,
            aliases,
            at: event.at.to_string(),
            door: event.door,
            event: event.what.word(),
            from: None,
            metric: None,
            growth: None,
            limits: None,
            labels: None,
        };
        match &event.what {
            Happening::Gap { from } => Self { from: Some(from.to_string()), ..plain },
            Happening::Unattributed { metric, growth } => {
                Self { metric: Some(metric), growth: Some(*growth), ..plain }
            }
            Happening::Limits(limits) => Self { limits: Some((*limits).into()), ..plain },
            Happening::Labels(labels) => Self { labels: Some(labels), ..plain },
            _ => plain,
        }
    }
}
