//! The stats of the Docker Engine: `GET /containers/ID/stats`, the same of Podman, and the maps of
//! Amazon ECS.

mod deliver;
mod reader;
mod stats;
mod table;

pub(super) use reader::EngineReader;
