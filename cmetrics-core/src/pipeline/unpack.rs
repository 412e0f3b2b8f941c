//! Unpacking of gzip and zstd and decoding of UTF-16, recognised by the first bytes.

use std::io::{self, Cursor, Read};

use super::utf16::{self, Utf16Reader};
#[cfg(any(feature = "gzip", feature = "zstd"))]
use crate::error::PackedDamage;

const LONGEST_MAGIC: usize = 4;
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Whether data that begin with these bytes are packed, or are text that has to be decoded.
pub(crate) fn is_packed(start: &[u8]) -> bool {
    start.starts_with(GZIP) || start.starts_with(ZSTD) || utf16::byte_order(start).is_some()
}

/// A reader of `input` as UTF-8 text, which unpacks it if it is packed.
pub(crate) fn unpacked<'r>(input: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let (magic, whole) = with_magic(input)?;
    if magic.starts_with(GZIP) {
        return decoded(gunzipped(whole)?);
    }
    if magic.starts_with(ZSTD) {
        return decoded(unpacked_zstd(whole)?);
    }
    Ok(match utf16::byte_order(&magic) {
        Some(order) => Box::new(Utf16Reader::new(whole, order)),
        None => Box::new(whole),
    })
}

/// A reader of unpacked data as UTF-8 text.
fn decoded<'r>(input: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let (magic, whole) = with_magic(input)?;
    Ok(match utf16::byte_order(&magic) {
        Some(order) => Box::new(Utf16Reader::new(whole, order)),
        None => Box::new(whole),
    })
}

/// The first bytes of an input, and a reader of all of it.
fn with_magic<R: Read>(mut input: R) -> io::Result<(Vec<u8>, impl Read + use<R>)> {
    let mut magic = Vec::with_capacity(LONGEST_MAGIC);
    (&mut input).take(LONGEST_MAGIC as u64).read_to_end(&mut magic)?;
    let whole = Cursor::new(magic.clone()).chain(input);
    Ok((magic, whole))
}

#[cfg(feature = "gzip")]
#[expect(clippy::unnecessary_wraps, reason = "others may fail at once")]
fn gunzipped<'r>(input: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let inner = flate2::read::MultiGzDecoder::new(input);
    Ok(Box::new(Unpacking { format: "gzip", inner }))
}

#[cfg(not(feature = "gzip"))]
fn gunzipped<'r>(_: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    Err(left_out("gzip"))
}

#[cfg(feature = "zstd")]
fn unpacked_zstd<'r>(input: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    Ok(Box::new(Unpacking { format: "zstd", inner: zstd::Decoder::new(input)? }))
}

#[cfg(not(feature = "zstd"))]
fn unpacked_zstd<'r>(_: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    Err(left_out("zstd"))
}

#[cfg(not(all(feature = "gzip", feature = "zstd")))]
fn left_out(format: &str) -> io::Error {
    let what = format!("{format} data: build cmetrics-core with its feature `{format}`");
    io::Error::new(io::ErrorKind::Unsupported, what)
}

/// A decoder whose errors name the format.
#[cfg(any(feature = "gzip", feature = "zstd"))]
struct Unpacking<R> {
    format: &'static str,
    inner: R,
}

#[cfg(any(feature = "gzip", feature = "zstd"))]
impl<R: Read> Read for Unpacking<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|cause| {
            if cause.raw_os_error().is_some() {
                return cause;
            }
            io::Error::new(cause.kind(), PackedDamage { format: self.format, cause })
        })
    }
}

#[cfg(test)]
#[cfg(all(feature = "gzip", feature = "zstd"))]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(packed: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        unpacked(packed)?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn each_format_is_recognised_by_its_content() {
        let zstd = zstd::encode_all(&b"text"[..], 1).unwrap();
        for packed in [b"text".to_vec(), gzip("text"), zstd.clone()] {
            assert_eq!(read(&packed).unwrap(), "text");
        }
        assert_eq!(read(&[gzip("one"), gzip("two")].concat()).unwrap(), "onetwo");
        assert_eq!(read(&[zstd.clone(), zstd].concat()).unwrap(), "texttext");
        assert_eq!(read(b"").unwrap(), "");
        assert_eq!(read(b"{").unwrap(), "{");
    }

    #[test]
    fn utf_16_is_decoded_whether_it_is_packed_or_not() {
        let wide = || std::iter::once(0xfeff).chain("{\"é\"}".encode_utf16());
        let wide: Vec<u8> = wide().flat_map(u16::to_le_bytes).collect();
        let zstd = zstd::encode_all(&*wide, 1).unwrap();
        for bytes in [wide, zstd] {
            assert!(is_packed(&bytes));
            assert_eq!(read(&bytes).unwrap(), "\u{feff}{\"é\"}");
        }
    }

    #[test]
    fn a_cut_off_file_says_what_it_was() {
        let packed = gzip(&"text".repeat(1000));
        let error = read(&packed[..packed.len() - 9]).unwrap_err();
        assert!(error.to_string().starts_with("the gzip data are damaged"), "{error}");
    }
}
