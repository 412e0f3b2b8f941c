//! Points under the names that other tools know: Prometheus', Heapster's and OpenTelemetry's.
//!
//! A [`RowMaker`] turns the points of a container into flat rows, each with a name, labels, a time and
//! a value. `docs/names.md` has the names of each naming.

mod heapster;
mod maker;
mod number;
mod options;
mod otel;
mod prometheus;
mod row;
mod rule;
mod subject;
mod table;

pub use maker::RowMaker;
pub use number::Number;
pub use options::{GaugeFigure, NameOptions, Naming, Temporality};
pub use row::{Row, RowKind};
pub use subject::Subject;
pub use table::{Name, Names};
