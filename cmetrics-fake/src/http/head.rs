//! Requests as they come from a connection.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest head, and the longest body, of a request.
const MOST_BYTES: usize = 1 << 20;

/// A request.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) body: Vec<u8>,
    /// Whether the client wants another one on this connection.
    pub(super) goes_on: bool,
}

/// Reads the next request; `None` where the client has ended the connection. What came after it
/// stays in `buffer`.
pub(super) async fn receive(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
) -> io::Result<Option<Received>> {
    let end = loop {
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            break end + 4;
        }
        if buffer.len() > MOST_BYTES || !more(stream, buffer).await? {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(buffer.get(..end).unwrap_or_default()).into_owned();
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(':')).collect();
    let header = |name: &str| {
        let mut found = headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim().to_ascii_lowercase())
    };
    buffer.drain(..end);
    let body = if header("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        chunked(stream, buffer).await?
    } else {
        let length = header("content-length").and_then(|length| length.parse().ok());
        take(stream, buffer, length.unwrap_or(0)).await?
    };
    let goes_on = header("connection").is_none_or(|value| value != "close");
    Ok(Some(Received { method, target, body, goes_on }))
}

async fn more(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> io::Result<bool> {
    Ok(stream.read_buf(buffer).await? > 0)
}

/// So many bytes.
async fn take(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
    length: usize,
) -> io::Result<Vec<u8>> {
    if length > MOST_BYTES {
        return Err(io::Error::other("a request too long"));
    }
    while buffer.len() < length {
        if !more(stream, buffer).await? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(buffer.drain(..length).collect())
}

/// A body in chunks.
async fn chunked(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = find(buffer, b"\r\n") {
                break end;
            }
            if !more(stream, buffer).await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let line: Vec<u8> = buffer.drain(..end + 2).collect();
        let length = String::from_utf8_lossy(&line);
        let length = length.trim().split(';').next().unwrap_or_default().to_owned();
        let length = usize::from_str_radix(&length, 16).map_err(io::Error::other)?;
        let chunk = take(stream, buffer, length + 2).await?;
        body.extend(chunk.get(..length).unwrap_or_default());
        if length == 0 || body.len() > MOST_BYTES {
            return Ok(body);
        }
    }
}

fn find(buffer: &[u8], what: &[u8]) -> Option<usize> {
    buffer.windows(what.len()).position(|window| window == what)
}
