//! Checks that all paths of the parser read the same. The tests, the fuzzer and the test of its
//! corpus use this.
//!
//! The strict reader is the reference. Where it finds no damage, every other path makes exactly the
//! same calls to its receiver. For documents with damage, see [`rule`].

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
