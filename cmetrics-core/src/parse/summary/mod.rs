//! The kubelet's `/stats/summary`: one node with its pods and their containers, each section with a
//! time of its own.

mod deliver;
mod reader;
mod subject;
mod table;

pub(super) use reader::SummaryReader;
