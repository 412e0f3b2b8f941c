//! A machine and its cAdvisor as time goes on, by itself: what is asked and answered comes later.

mod ends;
mod slot;
mod state;

pub(crate) use slot::{Kind, Slot};
pub(crate) use state::State;
