//! Reads a container's `spec`: its limits, its creation and start, and on how many CPUs it may run.

use crate::container::{Container, Limits};
use crate::parse::cursor::{Count, Cursor, SyntaxError, unquote};
use crate::time::Timestamp;

/// What is kept of a `spec`.
#[derive(Default)]
pub(in crate::parse) struct Spec {
    cpu: Option<[Option<u64>; 3]>,
    memory: Option<[Option<u64>; 3]>,
    processes: Option<[Option<u64>; 1]>,
    /// Whether a start was read, and the start if it is valid.
    has_start: bool,
    start: Option<Timestamp>,
    /// The same of the creation.
    has_creation: bool,
    creation: Option<Timestamp>,
    cpus: Option<u64>,
}

impl Spec {
    /// Reads the value ahead if this keeps `key`, and returns whether it does. Leaves the cursor
    /// where it is otherwise. Of a repeated key the first value counts.
    pub(in crate::parse) fn read_key(
        &mut self,
        key: &str,
        cursor: &mut Cursor<'_>,
    ) -> Result<bool, SyntaxError> {
        match key {
            "cpu" if self.cpu.is_none() => {
                let mut mask = None;
                self.cpu = Some(counts(cursor, ["quota", "period", "limit"], &mut mask)?);
                self.cpus = mask.and_then(|mask| cpus_of(&mask));
            }
            "memory" if self.memory.is_none() => {
                let keys = ["limit", "reservation", "swap_limit"];
                self.memory = Some(counts(cursor, keys, &mut None)?);
            }
            "processes" if self.processes.is_none() => {
                self.processes = Some(counts(cursor, ["limit"], &mut None)?);
            }
            "start_time" if !self.has_start => {
                self.has_start = true;
                self.start = time(cursor)?;
            }
            "creation_time" if !self.has_creation => {
                self.has_creation = true;
                self.creation = time(cursor)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Sets what was read in a container.
    pub(in crate::parse) fn apply_to(&self, container: &mut Container) {
        container.limits = Some(self.limits());
        container.started = self.start;
        container.created = self.creation;
        container.cpus = self.cpus;
    }

    fn limits(&self) -> Limits {
        let [quota, period, cpu_shares] = self.cpu.unwrap_or_default();
        let [memory, reservation, swap] = self.memory.unwrap_or_default();
        let [processes] = self.processes.unwrap_or_default();
        let positive = |count: Option<u64>| count.filter(|&count| count > 0);
        let limited = |count: Option<u64>| count.and_then(Limits::told);
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
            ..Limits::default()
        }
    }
}

/// Reads the time ahead. Go's zero time, and text that is not a time, mean that it is not known.
fn time(cursor: &mut Cursor<'_>) -> Result<Option<Timestamp>, SyntaxError> {
    let text = unquote(cursor.skip()?);
    Ok(text.and_then(|text| Timestamp::parse(&text).ok().flatten()))
}

/// Reads the counts of these keys in the object ahead. An invalid count is left out. Also reads the
/// text of `mask`, if there is one.
fn counts<const N: usize>(
    cursor: &mut Cursor<'_>,
    keys: [&str; N],
    mask: &mut Option<String>,
) -> Result<[Option<u64>; N], SyntaxError> {
    let mut seen: [Option<Option<u64>>; N] = [None; N];
    if cursor.peek() != Some(b'{') {
        cursor.skip()?;
        return Ok([None; N]);
    }
    let mut members = cursor.enter(b'{')?;
    while let Some(key) = cursor.next_key(&mut members)? {
        if key == "mask" {
            let text = unquote(cursor.skip()?).map(std::borrow::Cow::into_owned);
            *mask = mask.take().or(text);
            continue;
        }
        let slot = keys.iter().zip(&mut seen).find(|(known, _)| **known == key);
        let count = match cursor.count()? {
            Count::Whole(count) | Count::Unusual(count) => Some(count),
            Count::Null | Count::Other(_) => None,
        };
        if let Some((_, slot @ None)) = slot {
            *slot = Some(count);
        }
    }
    Ok(seen.map(Option::flatten))
}

/// The number of CPUs in a list such as `0-3,6`; `None` for text that is not such a list.
fn cpus_of(mask: &str) -> Option<u64> {
    let number = |text: &str| {
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u64>().ok().filter(|_| is_plain)
    };
    let mut ranges = Vec::new();
    for range in mask.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return None;
        }
        ranges.push((first, last));
    }
    ranges.sort_unstable();
    let (mut count, mut next) = (0_u64, 0);
    for (first, last) in ranges {
        let first = first.max(next);
        if first <= last {
            count = count.saturating_add((last - first).saturating_add(1));
            next = last.saturating_add(1);
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_cpus_has_so_many_and_anything_else_says_nothing() {
        for (mask, count) in [
            ("0-3,6", Some(5)),
            ("0", Some(1)),
            ("0-1", Some(2)),
            ("4-6,0-1,5-8", Some(7)),
            ("0-18446744073709551615", Some(u64::MAX)),
            ("", None),
            (",", None),
            ("3-1", None),
            ("0-", None),
            ("-1", None),
            ("+1", None),
            ("0-3 ", None),
            ("0:3", None),
            ("18446744073709551616", None),
        ] {
            assert_eq!(cpus_of(mask), count, "{mask:?}");
        }
    }
}
