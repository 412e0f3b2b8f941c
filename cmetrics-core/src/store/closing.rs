//! What is done before a store is closed.

use super::shared::Shared;
use super::worker;

impl Shared {
    /// Seals what is in memory where it takes much less room than in the log: for that, tails are
    /// written anew, which must be worth it.
    pub(super) fn seal_before_closing(&self) {
        const LONG: u64 = 4 << 20;
        const SHORT: u64 = 16 << 10;
        let view = self.view();
        let tails: u64 = view.parts().tail_segments().map(|sealed| sealed.entry.bytes).sum();
        let worth = SHORT.max(tails / 2).min(LONG);
        if let Ok(mut writer) = self.writer()
            && writer.length() > worth
        {
            // Else it stays in the log.
            let _ = self.rotate(&mut writer);
        }
        let seal = || {
            worker::seal_all(self)?;
            // Where each process adds a little, no other moment comes for it.
            worker::compact_some(self, worker::SMALL)
        };
        *self.seal_error.lock() = worker::catch_panic(&seal).err();
    }
}
