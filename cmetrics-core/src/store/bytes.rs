//! Encodes numbers as bytes, and decodes untrusted bytes.

/// Appends a varint: groups of seven bits, the low ones first; each byte but the last has its high
/// bit set.
#[inline]
pub(crate) fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        #[expect(clippy::cast_possible_truncation, reason = "the low bits are meant")]
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 128")]
    bytes.push(number as u8);
}

/// Appends a length and then as many bytes.
pub(crate) fn put_bytes(bytes: &mut Vec<u8>, text: &[u8]) {
    put_varint(bytes, text.len() as u64);
    bytes.extend_from_slice(text);
}

/// Maps a signed number to an unsigned one that is small where the number is near 0.
#[inline]
pub(crate) const fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

/// Inverts [`zigzag`].
#[inline]
pub(crate) const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

/// Masks a checksum: the plain one of bytes that contain their own checksum, such as a file within
/// a file, would not depend on the rest of them.
pub(crate) const fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// A cursor over bytes. Every read returns `None` where the bytes end too early.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes<'b>(pub(crate) &'b [u8]);

impl<'b> Bytes<'b> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for (index, &byte) in self.0.iter().enumerate().take(10) {
            let group = u64::from(byte & 0x7f);
            if index == 9 && group > 1 {
                return None;
            }
            number |= group << (index * 7);
            if byte < 0x80 {
                self.0 = self.0.get(index + 1..)?;
                return Some(number);
            }
        }
        None
    }

    /// The next `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A length and as many bytes.
    pub(crate) fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = self.varint()?;
        self.take(usize::try_from(length).ok()?)
    }

    /// A length and as many bytes of text.
    pub(crate) fn text(&mut self) -> Option<&'b str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_is_read_back_and_nothing_more(number: u64, signed: i64, text: String) {
            let mut put = Vec::new();
            put_varint(&mut put, number);
            put_bytes(&mut put, text.as_bytes());
            put_varint(&mut put, zigzag(signed));
            let mut bytes = Bytes(&put);
            prop_assert_eq!(bytes.varint(), Some(number));
            prop_assert_eq!(bytes.text(), Some(&*text));
            prop_assert_eq!(bytes.varint().map(unzigzag), Some(signed));
            prop_assert!(bytes.is_empty() && bytes.varint().is_none());
            let mut cut = Bytes(&put[..put.len() - 1]);
            cut.varint();
            prop_assert!(cut.text().is_none() || cut.varint().is_none());
        }
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_none() {
        assert_eq!(Bytes(&[0xff; 10]).varint(), None);
        assert_eq!(
            Bytes(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).varint(),
            None
        );
    }
}
