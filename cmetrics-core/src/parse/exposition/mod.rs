//! Expositions: the text of Prometheus (0.0.4), of `OpenMetrics`, and with names in UTF-8, as cAdvisor
//! and the kubelet serve it at `/metrics`, `/metrics/cadvisor` and `/metrics/resource`.
//!
//! A row is one series: a head, which is its name and labels, and a tail, which is its value and
//! time. The rows of one container and time make one sample, whatever order they come in; so samples
//! are complete at the end of a document.
//!
//! - `families.rs` is the table: which rows are readings of which metric. `cell.rs` says what a
//!   row's series is, `who.rs` which container it is of, which `identities.rs` remembers.
//! - `head.rs`, `labels.rs` and `line.rs` read a row, and `decimal.rs`, which all doors share, its value.
//!   `rows.rs` remembers the heads of the last scrape with what they mean, so that most rows of the
//!   next one are compared, not read.
//! - `slot.rs` is what a row means. `scrape.rs` keeps the readings of a document, in the containers
//!   of `subject.rs`, and `scrapes.rs` tells several scrapes apart. `plan.rs` makes samples of them,
//!   and leaves out the rows that lie; `emit.rs` hands them over.
//! - `begins.rs` tells an exposition from other text, `reader.rs` reads the lines of one, and
//!   `messages.rs` says what is wrong with them.

pub(super) mod begins;
mod cell;
mod emit;
mod families;
mod head;
mod identities;
mod labels;
mod line;
mod machines;
mod messages;
mod names;
mod plan;
mod reader;
mod rows;
mod scrape;
mod scrapes;
mod slot;
mod subject;
mod who;

pub(super) use reader::Exposition;
