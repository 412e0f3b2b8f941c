//! What this process takes, as Linux tells it.

/// CPU time in seconds, and resident memory in bytes.
pub(crate) fn figures() -> Option<(f64, u64)> {
    // Both are fixed on all of Linux's usual machines: USER_HZ, and the size of a page as far as
    // the file of status, which has KiB, need not be asked for it.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program may have any character; what follows it has none of brackets.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = resident.split_whitespace().next()?.parse().ok()?;
    Some(((user + system) / TICKS_PER_SECOND, kibibytes * 1024))
}
