//! OTLP JSON: what the OpenTelemetry collector's `docker_stats` and `kubeletstats` receivers wrote,
//! and cmetrics itself, one request a line.

mod attributes;
mod deliver;
mod instant;
mod metric;
mod own;
mod point;
mod reader;
mod resource;
mod scope;
mod scraped;
mod table;

pub(super) use reader::OtlpReader;
