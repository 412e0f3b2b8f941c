//! What the system's allocator keeps of what was freed.

/// Has the allocator of the GNU C library give large buffers back to the system. Left alone it
/// learns from replies of tens of megabytes to keep as much, on the heap of each thread that read
/// one. To be called before there are other threads.
pub(super) fn give_large_buffers_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const LARGE: libc::c_int = 256 << 10;
        const HEAPS: libc::c_int = 2;
        // SAFETY: it takes two numbers, changes parameters of the allocator alone, and no other
        // thread uses that yet. A parameter that is not known is refused by the value it returns.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
            libc::mallopt(libc::M_ARENA_MAX, HEAPS);
        }
    }
}
