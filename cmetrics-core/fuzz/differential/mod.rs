//! Whether all ways of reading tell the same: the tests, the fuzzer and the test of its corpus
//! compare with this.
//!
//! The strict reader is the reference. Where it finds no damage, every other path tells its
//! receiver exactly the same. Where it does, see [`rule`].

pub mod edge_cases;
pub mod event;
pub mod harness;
pub mod input;
pub mod json;
pub mod mutate;
pub mod receiver;
pub mod rng;
pub mod rule;
pub mod structured;
