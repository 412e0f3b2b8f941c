//! Decoding of UTF-16, which shells of Windows write, to UTF-8.

use std::io::{self, Read};

/// How much is decoded at a time.
const BLOCK: usize = 1 << 16;

/// In which order the two bytes of a character are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    LittleEndian,
    BigEndian,
}

/// The byte order of a text that begins like this, if it is UTF-16: by its mark, or as JSON begins.
pub(super) fn byte_order(start: &[u8]) -> Option<ByteOrder> {
    match start {
        // The same mark followed by zeros is that of UTF-32.
        [0xff, 0xfe, 0, 0, ..] => None,
        [0xff, 0xfe, ..] | [b'{' | b'[', 0, 1..=255, 0, ..] => Some(ByteOrder::LittleEndian),
        [0xfe, 0xff, ..] | [0, b'{' | b'[', 0, 1..=255, ..] => Some(ByteOrder::BigEndian),
        _ => None,
    }
}

/// A reader of UTF-16 as UTF-8. What is no character becomes U+FFFD, as when such a text is saved
/// as UTF-8.
pub(super) struct Utf16Reader<R> {
    input: R,
    order: ByteOrder,
    /// Bytes and units that wait for the other half of their character.
    odd: Option<u8>,
    high: Option<u16>,
    decoded: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Utf16Reader<R> {
    pub(super) fn new(input: R, order: ByteOrder) -> Self {
        let decoded = Vec::new();
        Self { input, order, odd: None, high: None, decoded, at: 0, ended: false }
    }

    /// Decodes more of the input.
    fn decode(&mut self) -> io::Result<()> {
        let mut block = vec![0; BLOCK];
        let length = self.input.read(&mut block)?;
        block.truncate(length);
        self.decoded.clear();
        self.at = 0;
        self.ended = length == 0;
        let bytes: Vec<u8> = self.odd.take().into_iter().chain(block).collect();
        let (pairs, odd) = bytes.as_chunks::<2>();
        let units = pairs.iter().map(|pair| match self.order {
            ByteOrder::LittleEndian => u16::from_le_bytes(*pair),
            ByteOrder::BigEndian => u16::from_be_bytes(*pair),
        });
        let mut units: Vec<u16> = self.high.take().into_iter().chain(units).collect();
        if self.ended {
            // Half of a character is none.
            units.extend(odd.first().map(|_| 0xfffd));
        } else {
            self.odd = odd.first().copied();
            self.high = units.pop_if(|unit| (0xd800..0xdc00).contains(unit));
        }
        for decoded in char::decode_utf16(units) {
            let character = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf16Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.decoded.len() && !self.ended {
            self.decode()?;
        }
        let mut rest = self.decoded.get(self.at..).unwrap_or_default();
        let length = rest.read(buffer)?;
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that returns one byte at a time.
    struct Bytes<'b>(&'b [u8]);

    impl Read for Bytes<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(1);
            self.0.read(&mut buffer[..length])
        }
    }

    fn read(units: &[u16], order: ByteOrder, odd: &[u8]) -> String {
        let bytes = units.iter().flat_map(|unit| match order {
            ByteOrder::LittleEndian => unit.to_le_bytes(),
            ByteOrder::BigEndian => unit.to_be_bytes(),
        });
        let bytes: Vec<u8> = bytes.chain(odd.iter().copied()).collect();
        let whole = io::read_to_string(Utf16Reader::new(&*bytes, order)).unwrap();
        assert_eq!(whole, io::read_to_string(Utf16Reader::new(Bytes(&bytes), order)).unwrap());
        whole
    }

    #[test]
    fn characters_are_decoded_however_the_input_is_cut() {
        for order in [ByteOrder::LittleEndian, ByteOrder::BigEndian] {
            let text = "{\"a\": \"é, 中 and 🦀\"}";
            let units: Vec<u16> = text.encode_utf16().collect();
            assert_eq!(read(&units, order, &[]), text);
            assert_eq!(read(&units, order, &[7]), format!("{text}\u{fffd}"));
            assert_eq!(
                read(&[0xd800, 0x61, 0xdc00, 0xd83e], order, &[]),
                "\u{fffd}a\u{fffd}\u{fffd}"
            );
            assert_eq!(read(&[], order, &[]), "");
        }
    }

    #[test]
    fn utf_16_is_told_by_its_first_bytes() {
        for (start, order) in [
            (&b"\xff\xfe{\0"[..], Some(ByteOrder::LittleEndian)),
            (b"\xfe\xff\0{", Some(ByteOrder::BigEndian)),
            (b"{\0\"\0", Some(ByteOrder::LittleEndian)),
            (b"\0[\0{", Some(ByteOrder::BigEndian)),
            (b"\xff\xfe\0\0", None),
            (b"{\"/a", None),
            (b"{", None),
            (b"", None),
        ] {
            assert_eq!(byte_order(start), order, "{start:?}");
        }
    }
}
