//! How a log falls asleep that no values come to, and wakes with the next one.
//!
//! What only a log needs that is awake lies apart ([`Awake`]), and is freed while it sleeps. `word`
//! says whether it does, and how often it has; `awake`, what it has or that it has nothing.
//!
//! - The reader puts it to sleep by a compare-and-swap of the word as its last sweep left it: all
//!   slots that were claimed are done with, and so is whoever used what it has. Then he takes away
//!   what `awake` holds, unless a writer is faster.
//! - A writer who finds it asleep puts something new into `awake`, in the place of what it had
//!   before this sleep or of nothing, unless another was faster; and then a block into the word.
//!   Since each sleep has its number, one who is slow changes nothing of a later one.
//!
//! So while the log is awake, `awake` stays as it is, and who has a slot may use what it holds. Who
//! has none must look ([`Looks`]): what was taken away goes once nobody does any more. A writer who
//! wakes the log looks, too, so that what it had is not freed, and nothing else made at its address,
//! while he puts something in its place.

#![allow(unsafe_code, reason = "what is not needed any more is freed")]

use std::ptr;

use super::awake::{Awake, Retired, is_there, nothing};
use super::block::{Block, Claim};
use super::log::Log;
use super::looks::{Look, Looks, Since};
use super::reader::Reader;
use super::sync::Ordering;
use super::word::asleep;

impl<T: Default> Log<T> {
    /// What the log has.
    #[inline]
    pub(super) fn awake_of(&self, _: &Claim<'_, T>) -> &Awake<T> {
        // Relaxed: it was there before the block was in the word.
        // SAFETY: who has a slot keeps the log awake.
        unsafe { &*self.awake.load(Ordering::Relaxed) }.in_use()
    }

    /// What the log has, for the reader, where it is awake.
    ///
    /// # Safety
    /// It must be, and the caller the reader.
    pub(super) unsafe fn awake_of_reader(&self) -> &Awake<T> {
        // SAFETY: only the reader, who is here, puts the log to sleep.
        unsafe { &*self.awake.load(Ordering::Relaxed) }
    }

    /// What the log has, if anything, at the moment.
    #[inline]
    pub(super) fn look_at<'l>(&'l self, look: &'l Look<'_>) -> Option<&'l Awake<T>> {
        // SeqCst: see `Looks::look`. It acquires what was made, too.
        let awake = self.awake.load(Ordering::SeqCst);
        // SAFETY: the look began before it was found.
        unsafe { Awake::found(awake, look) }
    }

    /// Sees that there is something to wake to from the sleep of this number.
    pub(super) fn rouse(&self, sleeps: u64, cover: u64, look: &Look<'_>) {
        let mut new: *mut Awake<T> = ptr::null_mut();
        loop {
            let known = self.awake.load(Ordering::SeqCst);
            // SAFETY: the look began before it was found.
            let is_old = match unsafe { Awake::found(known, look) } {
                Some(awake) => awake.sleeps < sleeps,
                None => known == nothing(sleeps),
            };
            if !is_old {
                break;
            }
            if new.is_null() {
                new = Box::into_raw(Box::new(Awake::new(sleeps, cover)));
            }
            // What it had is not freed before the look ends, and the other is of this sleep alone:
            // so nothing else is taken for it. Release: the new is made.
            let (set, failed) = (Ordering::SeqCst, Ordering::Relaxed);
            if self.awake.compare_exchange(known, new, set, failed).is_ok() {
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
    pub(super) fn sleep(&self, reader: &mut Reader<T>, looks: &Looks) {
        if reader.retired.is_some() {
            return;
        }
        let word = self.word.load(Ordering::Relaxed);
        let Some(block) = reader.only_block(word) else { return };
        let awake = self.awake.load(Ordering::Relaxed);
        // SAFETY: the reader's, as the log is awake.
        let sleeps = unsafe { (*awake).sleeps } + 1;
        // Release: who wakes it knows what the reader did. Acquire: whoever had a slot is done.
        // SeqCst: who finds this sleep in the word and looks, looks before `is_over`.
        let (set, failed) = (Ordering::SeqCst, Ordering::Relaxed);
        if self.word.compare_exchange(word, asleep(sleeps), set, failed).is_err() {
            return;
        }
        reader.forget_blocks(sleeps);
        // SAFETY: it is not in the word, and all of its slots that were claimed are done with.
        unsafe { Block::free(block) };
        // It fails where a writer has put something new in its place. SeqCst: see `Looks::look`.
        let _ = self.awake.compare_exchange(awake, nothing(sleeps), set, failed);
        reader.retired = Some(Retired { awake, since: Since::now() });
        reader.free_retired(looks);
    }
}

impl<T> Reader<T> {
    /// Frees what the log had before it fell asleep, unless someone may still look at it.
    pub(super) fn free_retired(&mut self, looks: &Looks) {
        if self.retired.as_mut().is_some_and(|retired| looks.is_over(&mut retired.since)) {
            self.retired = None;
        }
    }
}

impl<T> Log<T> {
    /// Frees what the log has.
    pub(super) fn drop_awake(&mut self) {
        let awake = self.awake.load(Ordering::Relaxed);
        if is_there(awake) {
            // SAFETY: made by `rouse`, and nobody else is left who could use it.
            drop(unsafe { Box::from_raw(awake) });
        }
    }
}
