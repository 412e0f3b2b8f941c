#![allow(unsafe_code)]

/// Has the memory at `at` brought near, as far as it belongs to `bytes`: a few lines around it.
#[inline(always)]
pub(in crate::parse::fast) fn bring_near(bytes: &[u8], at: usize) {
    const LINE: usize = 64;
    for line in 0..4 {
        let near = (at + line * LINE).saturating_sub(2 * LINE);
        if let Some(byte) = bytes.get(near) {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the address is that of a byte, and nothing is read or written.
            unsafe {
                use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
                _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(byte).cast());
            }
            #[cfg(not(target_arch = "x86_64"))]
            let _ = byte;
        }
    }
}
