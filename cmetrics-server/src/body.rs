//! Bodies: those of requests, read up to a limit, and those of answers, made as they are taken.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Frame;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::problem::Problem;

/// Why a body that was begun is cut off.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the rest could not be made")]
pub(crate) struct CutOff;

/// Reads the body of a request.
pub(crate) async fn read(body: Body, most_bytes: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, most_bytes).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(cause) if cause.downcast_ref::<LengthLimitError>().is_some() => {
            let status = axum::http::StatusCode::PAYLOAD_TOO_LARGE;
            let expected = format!("at most {most_bytes} bytes");
            Err(Problem::new(status, "the body is too large").expecting(expected))
        }
        Err(_) => Err(Problem::bad("the body could not be read to its end")),
    }
}

/// A body, and who makes it: a part only when there is room for it, so that a slow client costs
/// the memory of a few parts.
pub(crate) fn parts() -> (Sender<Result<Bytes, CutOff>>, Body) {
    const WAITING: usize = 1;
    let (sender, receiver) = channel(WAITING);
    (sender, Body::new(Parts(receiver)))
}

struct Parts(Receiver<Result<Bytes, CutOff>>);

impl HttpBody for Parts {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        self.0.poll_recv(context).map(|part| part.map(|part| part.map(Frame::data)))
    }
}
