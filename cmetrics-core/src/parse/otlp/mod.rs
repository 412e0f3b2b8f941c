//! OTLP JSON: what the OpenTelemetry collector's `docker_stats` and `kubeletstats` receivers wrote,
//! one request a line.

mod attributes;
mod deliver;
mod instant;
mod point;
mod reader;
mod resource;
mod table;

pub(super) use reader::OtlpReader;
