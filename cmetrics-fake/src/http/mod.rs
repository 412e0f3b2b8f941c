//! HTTP/1.1 as far as a cAdvisor speaks it, by hand: a server that is to fail in every way cannot
//! be one that takes care not to.

mod door;
mod exchange;
mod head;
mod send;

pub(crate) use door::{Door, Host};
