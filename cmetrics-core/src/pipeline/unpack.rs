//! Unpacking of gzip and zstd, recognised by the first bytes.

use std::io::{self, Cursor, Read};

#[cfg(any(feature = "gzip", feature = "zstd"))]
use crate::error::PackedDamage;

const LONGEST_MAGIC: usize = 4;
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Whether data that begin with these bytes are packed.
pub(crate) fn is_packed(start: &[u8]) -> bool {
    start.starts_with(GZIP) || start.starts_with(ZSTD)
}

/// A reader of `input` that unpacks it if it is packed.
pub(crate) fn unpacked<'r>(mut input: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let mut magic = Vec::with_capacity(LONGEST_MAGIC);
    (&mut input).take(LONGEST_MAGIC as u64).read_to_end(&mut magic)?;
    let (gzip, zstd) = (magic.starts_with(GZIP), magic.starts_with(ZSTD));
    let whole = Cursor::new(magic).chain(input);
    if gzip {
        return gunzipped(whole);
    }
    if zstd { unpacked_zstd(whole) } else { Ok(Box::new(whole)) }
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
    fn a_cut_off_file_says_what_it_was() {
        let packed = gzip(&"text".repeat(1000));
        let error = read(&packed[..packed.len() - 9]).unwrap_err();
        assert!(error.to_string().starts_with("the gzip data are damaged"), "{error}");
    }
}
