//! Reading at the speed of memory what is written as cAdvisor writes it: without white space, a
//! sample's time first, plain text in what is skipped. The rest is left to the strict reader: a
//! sample that looks new or odd, or a whole document.
//!
//! What is skipped is checked as far as its quotes and brackets.

#![expect(
    clippy::inline_always,
    reason = "what runs with special instructions has to be compiled with them, in one piece"
)]

mod clock;
mod document;
mod element;
mod headers;
mod lanes;
mod learn;
mod memory;
mod replay;
mod shapes;
mod text;
mod told;
mod walk;

use super::Instructions;
use crate::sample::Sample;
use crate::time::Timestamp;
use clock::Clock;
pub(super) use document::{Trouble, document};
use headers::Headers;
use lanes::{Lanes, Portable, Task};
use memory::Memory;
use replay::Numbers;
use shapes::MOST_NUMBERS;
pub(super) use told::{Resuming, Told};

/// What a parser keeps from document to document.
pub(super) struct Fast {
    chosen: Chosen,
    memory: Memory,
    headers: Headers,
    clock: Clock,
    sample: Sample,
    numbers: Box<Numbers>,
}

/// The instructions that are used.
#[derive(Clone, Copy, Debug)]
enum Chosen {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(lanes::Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(lanes::Avx512),
}

impl Chosen {
    /// `None` where this processor lacks them.
    fn new(instructions: Instructions) -> Option<Self> {
        match instructions {
            Instructions::Portable => Some(Self::Portable),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => lanes::Avx2::new().map(Self::Avx2),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => lanes::Avx512::new().map(Self::Avx512),
            #[cfg(not(target_arch = "x86_64"))]
            _ => None,
        }
    }

    #[inline]
    fn run<T: Task>(self, task: T) -> T::Output {
        match self {
            Self::Portable => Portable.run(task),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(lanes) => lanes.run(task),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(lanes) => lanes.run(task),
        }
    }
}

impl Fast {
    /// `None` where this processor lacks the instructions.
    pub(super) fn new(instructions: Instructions) -> Option<Self> {
        Some(Self {
            chosen: Chosen::new(instructions)?,
            memory: Memory::default(),
            headers: Headers::default(),
            clock: Clock::default(),
            sample: Sample::new(Timestamp::from_nanos(1)?),
            numbers: Box::new([0; MOST_NUMBERS]),
        })
    }

    /// Learns all that `other` knows of what samples look like.
    pub(super) fn learn_from(&mut self, other: Self) {
        self.memory.learn_from(other.memory);
    }
}

impl std::fmt::Debug for Fast {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Fast").field("chosen", &self.chosen).finish_non_exhaustive()
    }
}
