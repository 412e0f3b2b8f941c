//! Where a test can stop a writer.

/// How far a writer is with recording a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WriteStep {
    /// It found the sample neither known, late nor ahead.
    Prechecked,
    /// It claimed a slot.
    Claimed,
    /// It found the sample still in time.
    Rechecked,
    /// It inserted the sample's time: nobody else will record the sample.
    TimeInserted,
    /// It raised the newest time.
    NewestRaised,
    /// It wrote the sample.
    Written,
}

#[cfg(not(test))]
#[inline(always)]
pub(super) fn reached(_: WriteStep) {}

#[cfg(test)]
pub(super) use hook::reached;
#[cfg(all(test, not(loom)))]
pub(super) use hook::set_hook;

#[cfg(test)]
mod hook {
    use std::cell::RefCell;

    use super::WriteStep;

    type Hook = Box<dyn FnMut(WriteStep)>;

    thread_local! {
        static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
    }

    /// Calls `hook` at each step that this thread reaches from now on.
    #[cfg(not(loom))]
    pub(in crate::recorder) fn set_hook(hook: impl FnMut(WriteStep) + 'static) {
        HOOK.set(Some(Box::new(hook)));
    }

    pub(in crate::recorder) fn reached(step: WriteStep) {
        let hook = HOOK.take();
        if let Some(mut hook) = hook {
            hook(step);
            HOOK.set(Some(hook));
        }
    }
}
