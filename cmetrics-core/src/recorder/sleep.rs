//! How a log falls asleep that no values come to, and wakes with the next one.
//!
//! What only a log needs that is awake lies apart ([`Resources`]), and is freed while it sleeps. `word`
//! says whether it does, and how often it has; `resources`, what it has or that it has nothing.
//!
//! - The reader puts it to sleep by a compare-and-swap of the word as its last sweep left it: all
//!   slots that were claimed are done with, and so is whoever used what it has. Then he takes away
//!   what `resources` holds, unless a writer is faster.
//! - A writer who finds it asleep puts something new into `resources`, in the place of what it had
//!   before this sleep or of nothing, unless another was faster; and then a block into the word.
//!   Since each sleep has its number, one who is slow changes nothing of a later one.
//!
//! So while the log is awake, `resources` stays as it is, and who has a slot may use what it holds. Who
//! has none must look ([`Pins`]): what was taken away goes once nobody does any more. A writer who
//! wakes the log looks, too, so that what it had is not freed, and nothing else made at its address,
//! while he puts something in its place.

#![allow(unsafe_code, reason = "what is not needed any more is freed")]

use std::ptr;

use super::block::{Block, Claim};
use super::log_reader::LogReader;
use super::pins::{GracePeriod, Pin, Pins};
use super::resources::{Resources, Retired, absent, is_present};
use super::sample_log::SampleLog;
use super::sync::Ordering;
use super::word::asleep_word;

impl<T: Default> SampleLog<T> {
    /// What the log has.
    #[inline]
    pub(super) fn resources_of(&self, _: &Claim<'_, T>) -> &Resources<T> {
        // Relaxed: it was there before the block was in the word.
        // SAFETY: who has a slot keeps the log awake.
        unsafe { &*self.resources.load(Ordering::Relaxed) }.mark_used()
    }

    /// What the log has, for the reader, where it is awake.
    ///
    /// # Safety
    /// It must be, and the caller the reader.
    pub(super) unsafe fn resources_of_reader(&self) -> &Resources<T> {
        // SAFETY: only the reader, who is here, puts the log to sleep.
        unsafe { &*self.resources.load(Ordering::Relaxed) }
    }

    /// What the log has, if anything, at the moment.
    #[inline]
    pub(super) fn resources<'l>(&'l self, pin: &'l Pin<'_>) -> Option<&'l Resources<T>> {
        // SeqCst: see `Pins::pin`. It acquires what was made, too.
        let resources = self.resources.load(Ordering::SeqCst);
        // SAFETY: the look began before it was found.
        unsafe { Resources::from_ptr(resources, pin) }
    }

    /// Sees that there is something to wake to from the sleep of this number.
    pub(super) fn install_resources(&self, sleep_count: u64, remembered_nanos: u64, pin: &Pin<'_>) {
        let mut new: *mut Resources<T> = ptr::null_mut();
        loop {
            let known = self.resources.load(Ordering::SeqCst);
            // SAFETY: the look began before it was found.
            let is_old = match unsafe { Resources::from_ptr(known, pin) } {
                Some(resources) => resources.sleep_count < sleep_count,
                None => known == absent(sleep_count),
            };
            if !is_old {
                break;
            }
            if new.is_null() {
                new = Box::into_raw(Box::new(Resources::new(sleep_count, remembered_nanos)));
            }
            // What it had is not freed before the look ends, and the other is of this sleep alone:
            // so nothing else is taken for it. Release: the new is made.
            let (set, failed) = (Ordering::SeqCst, Ordering::Relaxed);
            if self.resources.compare_exchange(known, new, set, failed).is_ok() {
                return;
            }
        }
        if !new.is_null() {
            // SAFETY: just made, and nobody else knows of it.
            drop(unsafe { Box::from_raw(new) });
        }
    }

    /// Puts the log to sleep where all slots that were claimed were read and nothing from a sleep
    /// before is left to free; and frees what it has.
    pub(super) fn sleep(&self, reader: &mut LogReader<T>, pins: &Pins) {
        if reader.retired.is_some() {
            return;
        }
        let word = self.word.load(Ordering::Relaxed);
        let Some(block) = reader.only_block(word) else { return };
        let resources = self.resources.load(Ordering::Relaxed);
        // SAFETY: the reader's, as the log is awake.
        let sleep_count = unsafe { (*resources).sleep_count } + 1;
        // Release: who wakes it knows what the reader did. Acquire: whoever had a slot is done.
        // SeqCst: who finds this sleep in the word and looks, looks before `is_over`.
        let (set, failed) = (Ordering::SeqCst, Ordering::Relaxed);
        if self.word.compare_exchange(word, asleep_word(sleep_count), set, failed).is_err() {
            return;
        }
        reader.clear_blocks(sleep_count);
        // SAFETY: it is not in the word, and all of its slots that were claimed are done with.
        unsafe { Block::free(block) };
        // It fails where a writer has put something new in its place. SeqCst: see `Pins::pin`.
        let _ = self.resources.compare_exchange(resources, absent(sleep_count), set, failed);
        reader.retired = Some(Retired { resources, grace: GracePeriod::start() });
        reader.free_retired(pins);
    }
}

impl<T> LogReader<T> {
    /// Frees what the log had before it fell asleep, unless someone may still look at it.
    pub(super) fn free_retired(&mut self, pins: &Pins) {
        if self.retired.as_mut().is_some_and(|retired| pins.is_over(&mut retired.grace)) {
            self.retired = None;
        }
    }
}

impl<T> SampleLog<T> {
    /// Frees what the log has.
    pub(super) fn drop_resources(&mut self) {
        let resources = self.resources.load(Ordering::Relaxed);
        if is_present(resources) {
            // SAFETY: made by `install_resources`, and nobody else is left who could use it.
            drop(unsafe { Box::from_raw(resources) });
        }
    }
}
