//! Which rows of a column have a value.

/// Which rows of a column have a value, in Arrow's format: a bit for each row, the least
/// significant first, or no bits at all where every row has a value.
#[derive(Clone, Debug, Default)]
pub struct Validity {
    bits: Vec<u8>,
    rows: usize,
    nulls: usize,
}

impl Validity {
    /// This many rows, all without a value.
    pub(super) fn of_nulls(rows: usize) -> Self {
        Self { bits: vec![0; rows.div_ceil(8)], rows, nulls: rows }
    }

    #[inline]
    pub(super) fn push(&mut self, valid: bool) {
        if valid && self.nulls == 0 {
            self.rows += 1;
        } else {
            self.push_bit(valid);
        }
    }

    /// Adds a row where not all have a value.
    fn push_bit(&mut self, valid: bool) {
        if self.nulls == 0 {
            self.bits = vec![u8::MAX; self.rows.div_ceil(8)];
        }
        let bit = 1 << (self.rows % 8);
        if self.rows.is_multiple_of(8) {
            self.bits.push(0);
        }
        if let Some(last) = self.bits.last_mut() {
            if valid { *last |= bit } else { *last &= !bit }
        }
        self.nulls += usize::from(!valid);
        self.rows += 1;
    }

    /// Adds this many rows that all have a value, or all have none.
    pub(super) fn push_many(&mut self, rows: usize, valid: bool) {
        if valid && self.nulls == 0 {
            self.rows += rows;
            return;
        }
        let before = rows.min(self.rows.next_multiple_of(8) - self.rows);
        let (bytes, after) = ((rows - before) / 8, (rows - before) % 8);
        (0..before).for_each(|_| self.push(valid));
        if bytes > 0 {
            if self.nulls == 0 {
                self.bits = vec![u8::MAX; self.rows / 8];
            }
            self.bits.resize(self.bits.len() + bytes, if valid { u8::MAX } else { 0 });
            self.rows += 8 * bytes;
            self.nulls += if valid { 0 } else { 8 * bytes };
        }
        (0..after).for_each(|_| self.push(valid));
    }

    /// Whether a row has a value. A row past the last one has none.
    #[inline]
    pub fn is_valid(&self, row: usize) -> bool {
        let set = || self.bits.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1);
        row < self.rows && (self.nulls == 0 || set())
    }

    /// The number of rows without a value.
    pub fn nulls(&self) -> usize {
        self.nulls
    }

    /// The bits; `None` where every row has a value.
    pub fn bits(&self) -> Option<&[u8]> {
        (self.nulls > 0).then_some(&*self.bits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn many_rows_are_as_if_they_were_pushed_one_by_one(
            nulls in 0_usize..20,
            pushed in prop::collection::vec((0_usize..30, any::<bool>()), 0..9),
        ) {
            let mut one_by_one = Validity::of_nulls(nulls);
            let mut at_once = one_by_one.clone();
            for (rows, valid) in pushed {
                at_once.push_many(rows, valid);
                (0..rows).for_each(|_| one_by_one.push(valid));
                prop_assert_eq!(format!("{at_once:?}"), format!("{one_by_one:?}"));
            }
        }

        #[test]
        fn rows_are_valid_as_they_were_pushed(
            nulls in 0_usize..20,
            pushed in prop::collection::vec(any::<bool>(), 0..100),
        ) {
            let mut validity = Validity::of_nulls(nulls);
            for valid in &pushed {
                validity.push(*valid);
            }
            let expected: Vec<_> = std::iter::repeat_n(false, nulls).chain(pushed).collect();
            let found: Vec<_> = (0..expected.len()).map(|row| validity.is_valid(row)).collect();
            prop_assert_eq!(&found, &expected);
            prop_assert!(!validity.is_valid(expected.len()));
            prop_assert_eq!(validity.nulls(), expected.iter().filter(|valid| !**valid).count());
            let bits = validity.bits().map(<[u8]>::len);
            prop_assert_eq!(bits, (validity.nulls() > 0).then_some(expected.len().div_ceil(8)));
        }
    }
}
