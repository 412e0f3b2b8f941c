//! JSON of other sources than cAdvisor: the Docker Engine's stats, the kubelet's summary, OTLP.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]
#![allow(clippy::panic, clippy::too_many_lines, clippy::type_complexity, reason = "tests")]
#![allow(missing_docs, unreachable_pub, reason = "tests")]

mod damage;
mod engine;
mod log;
mod otlp;
mod own_otlp;
mod points;
mod summary;
