//! Sealed points as they come: server-sent events.
//!
//! | event | data | when |
//! |---|---|---|
//! | `point` | a point | when it is final; its id is where a resumed stream begins |
//! | `resumed` | `from`, `points` | after the points of the store since the last id |
//! | `missed` | `points`, or `from` and `until` | the client was too slow, or away for too long |
//! | `end` | | the server stops |

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use cmetrics_core::Timestamp;
use cmetrics_core::time::unix_seconds;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::Sender;
use tokio::time::{MissedTickBehavior, interval};

use super::{current, text_of};
use crate::app::{App, Shared, Work, blocking};
use crate::body::{self, CutOff};
use crate::contract::{Doc, EVENTS, Parameter};
use crate::hub::{Batch, Progress, Told, event};
use crate::observed::Open;
use crate::problem::Problem;
use crate::query::Query;
use crate::select::{ALIAS, CONTAINER, IMAGE, LABEL, MACHINE, NAME, Selection};

const LAST_EVENT_ID: Parameter = Parameter::once(
    "last_event_id",
    "the id of an event",
    "Behind which event the stream goes on, instead of the Last-Event-ID header.",
);

pub(crate) const STREAM: Doc = Doc {
    types: &[EVENTS],
    answers: &[
        (200, "The events `point`, `resumed`, `missed` and `end`."),
        (406, "Accept does not allow text/event-stream."),
        (503, "There are as many streams as there may be."),
    ],
    ..Doc::asking(
        "points",
        "Points as they become final, as server-sent events.",
        &[CONTAINER, MACHINE, NAME, ALIAS, IMAGE, LABEL, LAST_EVENT_ID],
    )
};

type Parts = Sender<Result<Bytes, CutOff>>;
/// The client is gone.
struct Gone;

pub(crate) async fn stream(
    State(app): State<Shared>,
    request: Request,
) -> Result<Response, Problem> {
    let query = Query::read(request.uri(), STREAM.parameters)?;
    crate::query::format(&query, request.headers(), &[("events", EVENTS)])?;
    let selection = Selection::read(&query)?;
    let since = since(&query, request.headers())?;
    let place = Arc::clone(&app.streams).try_acquire_owned();
    let place = place.map_err(|_| Problem::busy("there are as many streams as there may be"))?;
    let batches = app.hub.subscribe();
    let (sender, body) = body::parts();
    let follower = Follower { app, selection, sender, next: None, sent_to: HashMap::new() };
    tokio::spawn(async move {
        let app = Arc::clone(&follower.app);
        let _open = Open::new(&app.observed.streams);
        let _place = place;
        // The client is gone, or was told of the end.
        let _ = follower.run(since, batches).await;
    });
    Ok(current(text_of(EVENTS, body)))
}

/// From where on points are sent again.
fn since(query: &Query, headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let of_header = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let Some(id) = query.get("last_event_id").or(of_header).filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let is_time = |time: &u64| Timestamp::from_seconds(*time).is_some();
    match id.parse().ok().filter(is_time) {
        Some(time) => Ok(Some(time)),
        None => Err(query.refused("last_event_id", id)),
    }
}

/// What writes a stream.
struct Follower {
    app: Shared,
    selection: Selection,
    sender: Parts,
    /// The number of the next point.
    next: Option<u64>,
    /// Up to where the points of containers were sent again, until later ones come.
    sent_to: HashMap<Arc<str>, u64>,
}

impl Follower {
    async fn run(mut self, since: Option<u64>, batches: Receiver<Arc<Batch>>) -> Result<(), Gone> {
        let stopping = self.app.stopping.clone();
        self.send(Bytes::from_static(b"retry: 2000\n\n")).await?;
        let followed = tokio::select! {
            () = stopping.cancelled() => Ok(()),
            followed = self.follow(since, batches) => followed,
        };
        followed?;
        self.send(Bytes::from_static(b"event: end\ndata: {}\n\n")).await
    }

    async fn follow(
        &mut self,
        since: Option<u64>,
        mut batches: Receiver<Arc<Batch>>,
    ) -> Result<(), Gone> {
        if let Some(since) = since {
            self.resume(since).await?;
        }
        let mut silence = interval(self.app.options.limits.keep_alive);
        silence.set_missed_tick_behavior(MissedTickBehavior::Delay);
        silence.reset();
        loop {
            let batch = tokio::select! {
                batch = batches.recv() => batch,
                // Its place is free at once, however silent the stream is.
                () = self.sender.closed() => return Err(Gone),
                _ = silence.tick() => {
                    self.send(Bytes::from_static(b": \n\n")).await?;
                    continue;
                }
            };
            match batch {
                Ok(batch) => {
                    if self.pass(&batch).await? {
                        silence.reset();
                    }
                }
                // The numbers of the next batch tell how many.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            }
        }
    }

    /// Sends the points of a batch that are wanted, and how many were missed before it.
    async fn pass(&mut self, batch: &Batch) -> Result<bool, Gone> {
        let missed = self.next.map_or(0, |next| batch.first.saturating_sub(next));
        self.next = Some(batch.first + batch.points.len() as u64);
        let mut text = Vec::new();
        if missed > 0 {
            self.app.observed.missed.fetch_add(missed, Ordering::Relaxed);
            text.extend(format!("event: missed\ndata: {{\"points\":{missed}}}\n\n").bytes());
        }
        for told in &batch.points {
            if self.wants(told) {
                text.extend_from_slice(&told.event);
            }
        }
        let any = !text.is_empty();
        if any {
            self.send(text.into()).await?;
        }
        Ok(any)
    }

    /// Whether a point is selected, and was not sent again already.
    fn wants(&mut self, told: &Told) -> bool {
        let Some(identity) = &told.identity else { return self.selection.is_all() };
        if !self.selection.has(identity) {
            return false;
        }
        let is_new = self.sent_to.get(identity.name()).is_none_or(|sent_to| told.end > *sent_to);
        if is_new {
            self.sent_to.remove(identity.name());
        }
        is_new
    }

    /// Sends the sealed points of the store from a time on.
    async fn resume(&mut self, since: u64) -> Result<(), Gone> {
        let now = self.app.options.clock.now().seconds();
        let Some(progress) = self.kept().await.map(Arc::new) else {
            return self.missed(since, now).await;
        };
        let first = now.saturating_sub(self.app.options.limits.most_resumed.as_secs());
        let from = since.max(first);
        if from > since {
            self.missed(since, from).await?;
        }
        let mut points = 0;
        for name in self.names(from).await {
            let (progress, of) = (Arc::clone(&progress), Arc::clone(&name));
            let again = move |app: &Work| again(app, &progress, &of, since, from);
            // What cannot be read is logged, and missing here as in any other answer.
            let Ok((number, last, text)) = blocking(&self.app, again).await else { continue };
            points += number;
            if number > 0 {
                self.sent_to.insert(name, last);
                self.send(text).await?;
            }
        }
        let text = format!("event: resumed\ndata: {{\"from\":{from},\"points\":{points}}}\n\n");
        self.send(text.into()).await
    }

    /// How far points are sealed, once the store has all of these.
    async fn kept(&self) -> Option<Progress> {
        let kept = blocking(&self.app, |app| {
            // What is sealed later comes as it is sealed: the batches were begun before.
            let progress = app.hub.progress();
            app.live.recorder().keep(app.store())?;
            Ok(progress)
        });
        // That the store fails is logged.
        kept.await.ok()
    }

    /// The names of the wanted containers with points from a time on.
    async fn names(&self, from: u64) -> Vec<Arc<str>> {
        let selection = self.selection.clone();
        let found =
            blocking(&self.app, move |app| selection.all_since(app.store(), &app.cancel, from));
        // What cannot be read is logged.
        let found = found.await.unwrap_or_default();
        found.into_iter().map(|one| Arc::clone(one.identity.name())).collect()
    }

    /// Tells of which time points are not sent again.
    async fn missed(&self, from: u64, until: u64) -> Result<(), Gone> {
        let text = format!("event: missed\ndata: {{\"from\":{from},\"until\":{until}}}\n\n");
        self.send(text.into()).await
    }

    async fn send(&self, text: Bytes) -> Result<(), Gone> {
        self.sender.send(Ok(text)).await.map_err(|_| Gone)
    }
}

/// The sealed points of a container from a time on: how many, up to where, and their events. Their
/// id is where the stream was resumed: it may break off among them.
fn again(
    app: &App,
    progress: &Progress,
    name: &str,
    since: u64,
    from: u64,
) -> Result<(u64, u64, Bytes), Problem> {
    let until = progress.of(name, app.live.recorder());
    let settings = app.store().settings();
    let (mut number, mut last, mut text) = (0, 0, Vec::new());
    for point in app.store().range(name, unix_seconds(from..until), Some(settings.metrics()))? {
        let point = point?;
        // A point of which a part is not sealed yet comes when it is.
        if point.interval().end() <= until {
            number += 1;
            last = point.interval().end();
            text.extend_from_slice(&event(&point, since));
        }
    }
    Ok((number, last, text.into()))
}
