//! Reading an answer, with a cap.

use std::io::Read;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION};
use hyper::{Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::faults::innermost;
use super::limits::Limits;
use crate::failure::{Failure, FailureKind};

/// How much of an answer is read that is only told.
const MOST_BYTES_OF_AN_ERROR: usize = 4 << 10;
/// How much room is made for an answer whose length is told, before any of it came.
const MOST_ROOM: u64 = 1 << 20;

/// An answer with status 200.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) url: String,
    pub(crate) body: Vec<u8>,
    pub(crate) content_type: Option<String>,
    pub(super) is_gzip: bool,
    pub(super) most_bytes: usize,
    /// Held until it was read, if it is large.
    pub(super) place: Option<OwnedSemaphorePermit>,
    /// Why the rest of it is missing.
    pub(crate) cut: Option<Failure>,
}

/// What reading an answer is limited by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds<'b> {
    pub(super) url: &'b str,
    pub(super) limits: Limits,
    pub(super) deadline: Instant,
    /// A place for each large answer that may be in memory.
    pub(super) large: &'b Arc<Semaphore>,
}

/// Reads an answer to its end.
pub(super) async fn read(
    response: Response<Incoming>,
    bounds: Bounds<'_>,
) -> Result<Reply, Failure> {
    let (head, mut body) = response.into_parts();
    let url = bounds.url;
    if head.status != StatusCode::OK {
        let mut told = Reply::default();
        let limits = Limits { most_bytes: MOST_BYTES_OF_AN_ERROR, ..bounds.limits };
        let _ = take(&mut body, &mut told, Bounds { limits, ..bounds }).await;
        return Err(refused(url, head.status, &head.headers, &told.body));
    }
    let coding = header(&head.headers, &CONTENT_ENCODING).unwrap_or_default();
    let is_gzip = matches!(&*coding, "gzip" | "x-gzip");
    if !is_gzip && !matches!(&*coding, "" | "identity") {
        let message = format!("{url}: the answer is packed as {coding:?}, expected gzip or none");
        return Err(Failure::new(FailureKind::NotMetrics, message));
    }
    let content_type = header(&head.headers, &CONTENT_TYPE);
    let (url, most_bytes) = (url.to_owned(), bounds.limits.most_bytes);
    let mut reply = Reply { url, content_type, is_gzip, most_bytes, ..Reply::default() };
    let room = body.size_hint().lower().min(MOST_ROOM);
    reply.body.reserve(usize::try_from(room).unwrap_or_default());
    reply.cut = take(&mut body, &mut reply, bounds).await.err();
    Ok(reply)
}

/// A header's value in lower case, as far as it is text.
fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.trim().to_ascii_lowercase())
}

/// Adds the bytes of a body to a reply.
async fn take(body: &mut Incoming, reply: &mut Reply, bounds: Bounds<'_>) -> Result<(), Failure> {
    let Bounds { url, limits, deadline, large } = bounds;
    loop {
        let so_far = reply.body.len();
        let timed_out = |_| {
            let message = format!("{url}: the answer did not end in time, after {so_far} bytes");
            Failure::new(FailureKind::TimedOutReading, message)
        };
        if so_far > limits.small_bytes && reply.place.is_none() {
            // The machine waits meanwhile. The places are never taken away.
            let place = timeout_at(deadline, Arc::clone(large).acquire_owned()).await;
            reply.place = place.map_err(timed_out)?.ok();
        }
        let silent = deadline.min(Instant::now() + limits.silence);
        let frame = match timeout_at(silent, body.frame()).await.map_err(timed_out)? {
            None => return Ok(()),
            Some(Ok(frame)) => frame,
            Some(Err(cause)) => {
                let cause = innermost(&cause);
                let message = format!("{url}: the answer is cut off after {so_far} bytes: {cause}");
                return Err(Failure::new(FailureKind::CutOff, message));
            }
        };
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > limits.most_bytes.saturating_sub(so_far) {
            return Err(too_large(url, limits.most_bytes));
        }
        reply.body.extend_from_slice(&data);
    }
}

#[cold]
fn too_large(url: &str, most_bytes: usize) -> Failure {
    let message = format!("{url}: the answer is larger than {most_bytes} bytes");
    Failure::new(FailureKind::TooLarge, message)
}

/// A status other than 200.
#[cold]
fn refused(url: &str, status: StatusCode, headers: &HeaderMap, text: &[u8]) -> Failure {
    let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
    let what = match location.filter(|_| status.is_redirection()) {
        Some(location) => {
            format!("redirects are not followed, and it redirects to {location:.200?}")
        }
        None => first_line(text),
    };
    let what = if what.is_empty() { what } else { format!(": {what}") };
    Failure::new(FailureKind::Status(status.as_u16()), format!("{url}: status {status}{what}"))
}

/// The first line that is not empty, without control characters, up to 200 characters.
pub(super) fn first_line(text: &[u8]) -> String {
    // Of a large answer only the beginning is made text.
    let start = text.get(..MOST_BYTES_OF_AN_ERROR).unwrap_or(text);
    let text = String::from_utf8_lossy(start);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// The body, unpacked. Of one that is damaged what comes before the damage, which is noted as where
/// the reply is cut off. It takes a while.
pub(crate) fn plain(reply: &mut Reply) -> Vec<u8> {
    let body = std::mem::take(&mut reply.body);
    if !reply.is_gzip {
        return body;
    }
    let mut plain = Vec::new();
    let most = reply.most_bytes as u64 + 1;
    let read = MultiGzDecoder::new(&*body).take(most).read_to_end(&mut plain);
    if plain.len() > reply.most_bytes {
        plain.truncate(reply.most_bytes);
        reply.cut = Some(too_large(&reply.url, reply.most_bytes));
    } else if let Err(cause) = read {
        let message = format!("{}: the packed answer is damaged or cut off: {cause}", reply.url);
        reply.cut.get_or_insert_with(|| Failure::new(FailureKind::CutOff, message));
    }
    plain
}
