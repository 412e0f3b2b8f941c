//! Decodes samples one by one: the form of the first release.

use super::{Each, PackedSample};
use crate::store::bytes::{Bytes, unzigzag};

/// Passes each sample behind the layouts to `each`. `lengths` has the number of values of each
/// layout.
pub(super) fn read(mut bytes: Bytes<'_>, lengths: &[usize], each: &mut Each<'_>) -> Option<()> {
    let (mut time, mut last) = (0_u64, (usize::MAX, Vec::<u64>::new()));
    for _ in 0..bytes.varint()? {
        time = time.checked_add(bytes.varint()?)?;
        let tag = bytes.varint()?;
        let layout = usize::try_from(tag >> 1).ok()?;
        let length = *lengths.get(layout)?;
        if last.0 != layout {
            last = (layout, vec![0; if length <= bytes.0.len() { length } else { return None }]);
        }
        for value in &mut last.1 {
            *value = u64::wrapping_add(*value, unzigzag(bytes.varint()?).cast_unsigned());
        }
        each(&PackedSample { time, layout, is_partial: tag & 1 == 1, values: 0..length }, &last.1)?;
    }
    Some(())
}
