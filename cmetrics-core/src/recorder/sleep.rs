//! How a log falls asleep to which no values come, and how it wakes with the next one.
//!
//! What a log needs only while it is awake is kept apart ([`Resources`]), and is freed while it
//! sleeps. `word` contains whether the log sleeps, and how often it has; `resources` contains a
//! pointer to the resources, or a marker that there are none.
//!
//! - The reader puts the log to sleep by a compare-and-swap of the word as its last sweep left it:
//!   all claimed slots are done with, and so is whoever used the resources. Then the reader takes
//!   the resources out of `resources`, unless a writer replaces them first.
//! - A writer that finds the log asleep puts new resources into `resources`, in the place of those
//!   from before this sleep or of none, unless another writer was faster; and then it puts a block
//!   into the word. Since each sleep has a number, a slow writer changes nothing of a later sleep.
//!
//! So while the log is awake, `resources` does not change, and the owner of a slot may use what it
//! points to. Whoever owns no slot must hold a pin ([`Pins`]): resources that were taken out are
//! freed once no such pin is left. A writer that wakes the log holds a pin, too: so while it
//! replaces the old resources, they are not freed, and nothing else is allocated at their address.

#![allow(unsafe_code, reason = "what is not needed any more is freed")]

use std::ptr;

use super::block::{Block, Claim};
use super::log_reader::LogReader;
use super::pins::{GracePeriod, Pin, Pins};
use super::resources::{Resources, Retired, absent, is_present};
use super::sample_log::SampleLog;
use super::word::asleep_word;
use crate::sync::Ordering;

impl<T: Default> SampleLog<T> {
    /// The resources, for the owner of a slot.
    #[inline]
    pub(super) fn resources_of(&self, _: &Claim<'_, T>) -> &Resources<T> {
        // Relaxed: they were there before the block was in the word.
        // SAFETY: the owner of a slot keeps the log awake.
        unsafe { &*self.resources.load(Ordering::Relaxed) }.mark_used()
    }

    /// The resources, for the reader of a log that is awake.
    ///
    /// # Safety
    /// The log must be awake, and the caller must be its reader.
    pub(super) unsafe fn resources_of_reader(&self) -> &Resources<T> {
        // SAFETY: only the reader puts the log to sleep, and the caller is the reader.
        unsafe { &*self.resources.load(Ordering::Relaxed) }
    }

    /// The resources, if there are any at the moment, for the holder of a pin.
    #[inline]
    pub(super) fn resources<'l>(&'l self, pin: &'l Pin<'_>) -> Option<&'l Resources<T>> {
        // SeqCst: see `Pins::pin`. It also acquires what the resources contain.
        let resources = self.resources.load(Ordering::SeqCst);
        // SAFETY: the pin was taken before the load.
        unsafe { Resources::from_ptr(resources, pin) }
    }

    /// Makes sure that there are resources with which the log can wake from the sleep of this
    /// number.
    pub(super) fn install_resources(&self, sleep_count: u64, remembered_nanos: u64, pin: &Pin<'_>) {
        let mut new: *mut Resources<T> = ptr::null_mut();
        loop {
            let known = self.resources.load(Ordering::SeqCst);
            // SAFETY: the pin was taken before the load.
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
            // The old resources are not freed before the pin is released, and the value for no
            // resources belongs to this sleep alone: so nothing else is mistaken for them. Release:
            // the new resources are made.
            let (set, failed) = (Ordering::SeqCst, Ordering::Relaxed);
            if self.resources.compare_exchange(known, new, set, failed).is_ok() {
                return;
            }
        }
        if !new.is_null() {
            // SAFETY: just made, and nobody else knows of them.
            drop(unsafe { Box::from_raw(new) });
        }
    }

    /// Puts the log to sleep if all claimed slots were read and nothing from an earlier sleep is
    /// left to free; and frees the resources.
    pub(super) fn sleep(&self, reader: &mut LogReader<T>, pins: &Pins) {
        if reader.retired.is_some() {
            return;
        }
        let word = self.word.load(Ordering::Relaxed);
        let Some(block) = reader.only_block(word) else { return };
        let resources = self.resources.load(Ordering::Relaxed);
        // SAFETY: the reader may use them, as the log is awake.
        let sleep_count = unsafe { (*resources).sleep_count } + 1;
        // Release: whoever wakes the log knows what the reader did. Acquire: whoever had a slot is
        // done. SeqCst: whoever finds this sleep in the word and holds a pin, took it before
        // `is_over`.
        let (set, failed) = (Ordering::SeqCst, Ordering::Relaxed);
        if self.word.compare_exchange(word, asleep_word(sleep_count), set, failed).is_err() {
            return;
        }
        reader.clear_blocks(sleep_count);
        // SAFETY: it is not in the word, and all of its claimed slots are done with.
        unsafe { Block::free(block) };
        // It fails if a writer has already replaced them. SeqCst: see `Pins::pin`.
        let _ = self.resources.compare_exchange(resources, absent(sleep_count), set, failed);
        reader.retired = Some(Retired { resources, grace: GracePeriod::start() });
        reader.free_retired(pins);
    }
}

impl<T> LogReader<T> {
    /// Frees the resources from before the log fell asleep, unless a holder of a pin may still read
    /// them.
    pub(super) fn free_retired(&mut self, pins: &Pins) {
        if self.retired.as_mut().is_some_and(|retired| pins.is_over(&mut retired.grace)) {
            self.retired = None;
        }
    }
}

impl<T> SampleLog<T> {
    /// Frees the resources.
    pub(super) fn drop_resources(&mut self) {
        let resources = self.resources.load(Ordering::Relaxed);
        if is_present(resources) {
            // SAFETY: made by `install_resources`, and nobody else is left who could use them.
            drop(unsafe { Box::from_raw(resources) });
        }
    }
}
