//! The names of containers that were forgotten.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;

/// A set of names as a Bloom filter, of 2 MB however many names it has. It finds every name that
/// was inserted. It also finds some that were not: one in 500 where it has a million names, fewer
/// than one in a million where it has 100 000.
#[derive(Debug, Default)]
pub(crate) struct ForgottenNames {
    /// Empty until the first name is inserted.
    bits: Vec<u64>,
}

impl ForgottenNames {
    /// The binary logarithm of the number of bits.
    const BITS: u32 = 24;

    pub(crate) fn add(&mut self, name: &str) {
        self.bits.resize(1 << (Self::BITS - u64::BITS.ilog2()), 0);
        for (word, bit) in positions(name) {
            if let Some(word) = self.bits.get_mut(word) {
                *word |= bit;
            }
        }
    }

    /// Whether the name may have been inserted.
    pub(crate) fn may_contain(&self, name: &str) -> bool {
        !self.bits.is_empty()
            && positions(name)
                .all(|(word, bit)| self.bits.get(word).is_some_and(|word| word & bit != 0))
    }
}

/// The bits of a name: each as the index of its word, and its mask.
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
