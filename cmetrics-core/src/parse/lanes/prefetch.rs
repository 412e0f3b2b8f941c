#![allow(unsafe_code)]

/// Prefetches the memory at `at`, as far as it belongs to `bytes`: a few cache lines around it.
#[inline(always)]
pub(in crate::parse) fn prefetch_around(bytes: &[u8], at: usize) {
    const LINE: usize = 64;
    for line in 0..3 {
        prefetch_line(bytes, (at + line * LINE).saturating_sub(LINE));
    }
}

/// Prefetches one cache line.
#[inline(always)]
pub(in crate::parse) fn prefetch_line(bytes: &[u8], at: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch neither reads nor writes, and is harmless at any address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().wrapping_add(at).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (bytes, at);
}
