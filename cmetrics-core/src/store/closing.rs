//! Sealing and compacting before a store is closed.

use super::shared::Shared;
use super::worker;

impl Shared {
    /// Seals the memory if the log is much longer than what a segment would take. Sealing also
    /// writes the tails anew, so it must be worth that.
    pub(super) fn seal_before_closing(&self) {
        const LONG: u64 = 4 << 20;
        const SHORT: u64 = 16 << 10;
        let view = self.view();
        let tails: u64 = view.parts().tail_segments().map(|sealed| sealed.entry.bytes).sum();
        let worth = SHORT.max(tails / 2).min(LONG);
        if let Ok(mut writer) = self.writer()
            && writer.length() > worth
        {
            // On failure it stays in the log.
            let _ = self.rotate(&mut writer);
        }
        let seal = || {
            worker::seal_all(self)?;
            // With many short-lived writers, this is the only chance to compact.
            worker::compact_some(self, worker::SMALL)
        };
        *self.seal_error.lock() = worker::catch_panic(&seal).err();
    }
}
