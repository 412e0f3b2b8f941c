//! Replies as they go to a connection.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Bodies longer than this are sent in chunks, without a length in advance, as Go does.
const LONGEST_WITH_LENGTH: usize = 2048;

/// How many bytes of a body are in a chunk.
const CHUNK: usize = 64 << 10;

/// A body as it is sent, piece by piece.
#[derive(Debug)]
pub(super) struct Body<'s, S> {
    stream: &'s mut S,
    is_chunked: bool,
    frame: Vec<u8>,
    pub(super) sent: usize,
}

impl<'s, S: AsyncWrite + Unpin> Body<'s, S> {
    /// Sends the head; of a body whose length is not known, or long, chunks will follow.
    pub(super) async fn begin(
        stream: &'s mut S,
        status: u16,
        headers: &str,
        length: Option<usize>,
    ) -> io::Result<Self> {
        let length = length.filter(|length| *length <= LONGEST_WITH_LENGTH);
        let framing = length.map_or_else(
            || "Transfer-Encoding: chunked".to_owned(),
            |length| format!("Content-Length: {length}"),
        );
        let head = format!("HTTP/1.1 {status} {}\r\n{headers}{framing}\r\n\r\n", reason(status));
        stream.write_all(head.as_bytes()).await?;
        Ok(Self { stream, is_chunked: length.is_none(), frame: Vec::new(), sent: 0 })
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.chunks(CHUNK) {
            if self.is_chunked {
                self.frame.clear();
                self.frame.extend(format!("{:x}\r\n", piece.len()).as_bytes());
                self.frame.extend(piece);
                self.frame.extend(b"\r\n");
                self.stream.write_all(&self.frame).await?;
            } else {
                self.stream.write_all(piece).await?;
            }
            self.sent += piece.len();
        }
        Ok(())
    }

    pub(super) async fn end(self) -> io::Result<()> {
        if self.is_chunked { self.stream.write_all(b"0\r\n\r\n").await } else { Ok(()) }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
