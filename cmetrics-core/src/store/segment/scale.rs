//! The factor and base that are removed from numbers before they are packed.

/// How deep high bits are packed separately.
pub(super) const DEEPEST: u32 = 3;

/// Factors with a code of their own: pages of memory, and the thousandths of a gauge.
pub(super) const USUAL_FACTORS: [u64; 3] = [1, 4096, 1000];

/// The number of bits of a number.
pub(super) fn length(number: u64) -> usize {
    (64 - number.leading_zeros()) as usize
}

/// The binary logarithm of what the base is a multiple of: a coarser base takes fewer bits, but
/// fewer numbers may lie close to it.
pub(super) fn grain(which: u32, width: u32) -> u32 {
    match which {
        0 => width.min(63),
        1 => width.min(63).saturating_sub(2),
        2 => width.min(63).saturating_sub(5),
        _ => 0,
    }
}

/// Divides by a known factor of all numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Divider {
    factor: u64,
    twos: u32,
}

impl Divider {
    pub(super) fn new(factor: u64) -> Self {
        let twos = factor.trailing_zeros().min(63);
        Self { factor: factor >> twos, twos }
    }

    #[inline]
    pub(super) fn of(self, number: u64) -> u64 {
        let number = number >> self.twos;
        if self.factor == 1 { number } else { number / self.factor }
    }

    pub(super) fn divide(self, numbers: &[u64], divided: &mut Vec<u64>) {
        divided.clear();
        if self.factor == 1 {
            divided.extend(numbers.iter().map(|number| number >> self.twos));
        } else {
            divided.extend(numbers.iter().map(|number| self.of(*number)));
        }
    }
}

/// The width that six bits can encode: 63 becomes 64.
pub(super) fn stored_width(width: u32) -> u32 {
    if width >= 63 { 64 } else { width }
}
