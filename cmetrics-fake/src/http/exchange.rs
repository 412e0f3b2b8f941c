//! Requests and replies of one connection.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::head::{Received, receive};
use super::send::Body;
use crate::fault::Fault;
use crate::reply::Answer;
use crate::shared::Shared;

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// Answers what comes from a connection until it ends.
pub(super) async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut buffer = Vec::new();
    while let Ok(Some(received)) = receive(&mut stream, &mut buffer).await {
        let goes_on = received.goes_on;
        match respond(&mut stream, &shared, received).await {
            Ok(true) if goes_on => {}
            _ => break,
        }
    }
}

/// Answers a request, and returns whether the connection goes on.
async fn respond(stream: &mut TcpStream, shared: &Shared, received: Received) -> io::Result<bool> {
    let Received { method, target, body, .. } = received;
    let Some(fault) = shared.fault(&method, &target, &body) else {
        let answer = shared.answer(&target, &body);
        return send(stream, shared, answer, Pace::default()).await;
    };
    match fault {
        Fault::Silent => pending().await,
        Fault::Dropped => Ok(false),
        Fault::Late(time) => {
            sleep(time).await;
            send(stream, shared, shared.answer(&target, &body), Pace::default()).await
        }
        Fault::Slow { bytes, pause } => {
            let pace = Pace { bytes, pause, ..Pace::default() };
            send(stream, shared, shared.answer(&target, &body), pace).await
        }
        Fault::Stalled(most) => {
            let pace = Pace { most, ..Pace::default() };
            if send(stream, shared, shared.answer(&target, &body), pace).await? {
                return Ok(true);
            }
            pending().await
        }
        Fault::Cut(most) => {
            let pace = Pace { most, ..Pace::default() };
            send(stream, shared, shared.answer(&target, &body), pace).await
        }
        fault => misanswer(stream, fault).await,
    }
}

/// How a body is sent.
struct Pace {
    bytes: usize,
    pause: Duration,
    most: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { bytes: usize::MAX, pause: Duration::ZERO, most: usize::MAX }
    }
}

/// Sends an answer, of which at most so much, and notes how much was. Returns whether all was.
async fn send(
    stream: &mut TcpStream,
    shared: &Shared,
    answer: Answer,
    pace: Pace,
) -> io::Result<bool> {
    let length = answer.body.len();
    // A length that is told in advance and not sent is as good as a chunk that never comes.
    let headers = content_type(answer.content_type);
    let mut body = Body::begin(stream, answer.status, &headers, Some(length)).await?;
    let all = answer.body.get(..pace.most).unwrap_or(&answer.body);
    let mut result = Ok(());
    for piece in all.chunks(pace.bytes.max(1)) {
        result = body.send(piece).await;
        if result.is_err() {
            break;
        }
        if !pace.pause.is_zero() {
            sleep(pace.pause).await;
        }
    }
    let sent = body.sent;
    if result.is_ok() && sent == length {
        // Before the end is told, so that whoever has the reply finds it in the truth.
        shared.sent(answer, sent);
        body.end().await?;
        return Ok(true);
    }
    shared.sent(answer, sent);
    result.map(|()| false)
}

fn content_type(of: &str) -> String {
    format!("Content-Type: {of}\r\n")
}

/// Answers with what is no answer.
async fn misanswer(stream: &mut TcpStream, fault: Fault) -> io::Result<bool> {
    match fault {
        Fault::Status(status, text) => {
            whole(stream, status, &content_type("text/plain; charset=utf-8"), &text).await
        }
        Fault::Page => whole(stream, 200, &content_type(HTML), "<!DOCTYPE html>\n<html>").await,
        Fault::Redirect(to) => {
            let headers = format!("Location: {to}\r\n{}", content_type(HTML));
            whole(stream, 302, &headers, "<a href=\"elsewhere\">Found</a>.").await
        }
        Fault::LongHeaders(bytes) => {
            let headers = format!("X-Long: {}\r\n{}", "x".repeat(bytes), content_type(JSON));
            whole(stream, 200, &headers, "{}").await
        }
        Fault::Garbage(bytes) => {
            let piece: Vec<u8> =
                (0..=u8::MAX).map(|byte| byte | 0x80).cycle().take(PIECE).collect();
            endless(stream, "", &piece, bytes).await
        }
        Fault::Endless(containers) => {
            let entry = "\"/docker/0123\":{\"name\":\"/docker/0123\",\"spec\":{}},";
            let many = entry.repeat(PIECE / entry.len());
            let bytes = containers.saturating_mul(entry.len() as u64);
            endless(stream, "{", many.as_bytes(), bytes).await
        }
        Fault::OtherProtocol => {
            stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").await?;
            Ok(false)
        }
        _ => Ok(false),
    }
}

async fn whole(stream: &mut TcpStream, status: u16, headers: &str, text: &str) -> io::Result<bool> {
    let mut body = Body::begin(stream, status, headers, Some(text.len())).await?;
    body.send(text.as_bytes()).await?;
    body.end().await?;
    Ok(true)
}

/// How many bytes are sent at once of a body that repeats itself.
const PIECE: usize = 64 << 10;

/// A body of about so many bytes that repeats itself.
async fn endless(
    stream: &mut TcpStream,
    start: &str,
    piece: &[u8],
    bytes: u64,
) -> io::Result<bool> {
    let mut body = Body::begin(stream, 200, &content_type(JSON), None).await?;
    body.send(start.as_bytes()).await?;
    let mut left = bytes;
    while left > 0 {
        body.send(piece).await?;
        left = left.saturating_sub(piece.len() as u64);
    }
    body.end().await?;
    Ok(true)
}
