//! The names of containers that were forgotten.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;

/// Names, in 2 MB however many there are: a Bloom filter. None of them is ever taken for another
/// name. Others are taken for one of them at times: of a million names one new name in 500, of
/// 100 000 none in a million.
#[derive(Debug, Default)]
pub(crate) struct ForgottenNames {
    /// Empty as long as there are no names.
    bits: Vec<u64>,
}

impl ForgottenNames {
    /// How many bits there are, as a binary logarithm.
    const BITS: u32 = 24;

    pub(crate) fn add(&mut self, name: &str) {
        self.bits.resize(1 << (Self::BITS - u64::BITS.ilog2()), 0);
        for (word, bit) in positions(name) {
            if let Some(word) = self.bits.get_mut(word) {
                *word |= bit;
            }
        }
    }

    /// Whether this may be one of the names.
    pub(crate) fn may_contain(&self, name: &str) -> bool {
        !self.bits.is_empty()
            && positions(name)
                .all(|(word, bit)| self.bits.get(word).is_some_and(|word| word & bit != 0))
    }
}

/// The words and bits that are set where there is a name.
fn positions(name: &str) -> impl Iterator<Item = (usize, u64)> {
    const NUMBER: u64 = 4;
    let hash = FixedState::default().hash_one(name);
    let step = hash.rotate_left(u64::BITS / 2) | 1;
    (0..NUMBER).map(move |number| {
        let bit =
            hash.wrapping_add(number.wrapping_mul(step)) >> (u64::BITS - ForgottenNames::BITS);
        let word = (bit / u64::from(u64::BITS)) as usize;
        (word, 1 << (bit % u64::from(u64::BITS)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inserted_names_are_found_and_few_others() {
        let mut forgotten = ForgottenNames::default();
        assert!(!forgotten.may_contain("/0"));
        let name = |number: u32| format!("/kubepods/pod{number}/{number:064x}");
        (0..100_000).for_each(|number| forgotten.add(&name(number)));
        assert!((0..100_000).all(|number| forgotten.may_contain(&name(number))));
        let mistaken = (100_000..200_000).filter(|number| forgotten.may_contain(&name(*number)));
        assert!(mistaken.count() <= 2);
    }
}
