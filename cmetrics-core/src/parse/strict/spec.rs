//! A container's `spec`: its limits.

use crate::limits::Limits;
use crate::parse::cursor::{Count, Cursor, Damage};

/// From here on a limit means that there is none: cAdvisor shows several such numbers.
const UNLIMITED: u64 = 1 << 62;

/// The numbers of a `spec` that limits are made of.
#[derive(Default)]
pub(in crate::parse) struct Spec {
    cpu: Option<[Option<u64>; 3]>,
    memory: Option<[Option<u64>; 3]>,
    processes: Option<[Option<u64>; 1]>,
}

impl Spec {
    /// Takes the value that lies ahead where `key` has limits; else leaves it there. Of a repeated
    /// key the first counts.
    pub(in crate::parse) fn take(
        &mut self,
        key: &str,
        cursor: &mut Cursor<'_>,
    ) -> Result<bool, Damage> {
        match key {
            "cpu" if self.cpu.is_none() => {
                self.cpu = Some(counts(cursor, ["quota", "period", "limit"])?);
            }
            "memory" if self.memory.is_none() => {
                self.memory = Some(counts(cursor, ["limit", "reservation", "swap_limit"])?);
            }
            "processes" if self.processes.is_none() => {
                self.processes = Some(counts(cursor, ["limit"])?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(in crate::parse) fn limits(&self) -> Limits {
        let [quota, period, cpu_shares] = self.cpu.unwrap_or_default();
        let [memory, reservation, swap] = self.memory.unwrap_or_default();
        let [processes] = self.processes.unwrap_or_default();
        let positive = |count: Option<u64>| count.filter(|&count| count > 0);
        let limited = |count: Option<u64>| positive(count).filter(|&count| count < UNLIMITED);
        #[expect(clippy::cast_precision_loss, reason = "microseconds, far below 2^53")]
        let cpu_cores = positive(quota)
            .zip(positive(period))
            .map(|(quota, period)| quota as f64 / period as f64);
        Limits {
            cpu_cores,
            cpu_shares,
            memory_bytes: limited(memory),
            memory_reservation_bytes: limited(reservation),
            swap_bytes: limited(swap),
            processes: limited(processes),
        }
    }
}

/// The counts of these keys in the object that lies ahead. A bad one is as good as none.
fn counts<const N: usize>(
    cursor: &mut Cursor<'_>,
    keys: [&str; N],
) -> Result<[Option<u64>; N], Damage> {
    let mut seen: [Option<Option<u64>>; N] = [None; N];
    if cursor.peek() != Some(b'{') {
        cursor.skip()?;
        return Ok([None; N]);
    }
    let mut members = cursor.enter(b'{')?;
    while let Some(key) = cursor.key(&mut members)? {
        let slot = keys.iter().zip(&mut seen).find(|(known, _)| **known == key);
        let count = match cursor.count()? {
            Count::Whole(count) => Some(count),
            Count::Null | Count::Other(_) => None,
        };
        if let Some((_, slot @ None)) = slot {
            *slot = Some(count);
        }
    }
    Ok(seen.map(Option::flatten))
}
