//! Whoever watches a request sees its answer leave, and remembers it when it is over.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::request;
use http_body::{Body as _, Frame, SizeHint};
use pollux_pool::time::Timestamp;

use super::{
    live::Trace,
    record::{Ending, Record},
};
use crate::{failure::Failure, shared::Shared};

/// Longer paths are cut: they may be as long as a client likes.
const MAX_PATH: usize = 512;

/// Watches one request; what is known of it is remembered when this is dropped.
pub(crate) struct Watch {
    trace: Trace,
    shared: Arc<Shared>,
    at: Timestamp,
    first_byte: Option<Timestamp>,
    is_over: bool,
}

impl Watch {
    /// Begins with a request's arrival, under the name that its answer bears.
    pub(crate) fn new(shared: &Arc<Shared>, id: &str, head: &request::Parts) -> Self {
        let at = shared.clock.now();
        let path = head.uri.path();
        let path = path.get(..path.floor_char_boundary(MAX_PATH)).unwrap_or_default();
        let trace = Trace::of(Record {
            id: id.to_owned(),
            at,
            method: head.method.clone(),
            path: path.to_owned(),
            ..Record::default()
        });
        Self { trace, shared: Arc::clone(shared), at, first_byte: None, is_over: false }
    }

    /// What the request notes for itself.
    pub(crate) fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The request failed before an answer began.
    pub(crate) fn failed(&self, failure: &Failure) {
        self.trace.answered(failure.error.http, Some(&failure.error.message));
    }

    /// Watches an answer on its way out.
    pub(crate) fn over(self, response: Response, has_failed: bool) -> Response {
        if !has_failed {
            self.trace.answered(response.status().as_u16(), None);
        }
        response.map(|body| Body::new(Watched::new(body, self)))
    }

    /// Nothing more of the answer will leave.
    fn end(&mut self, is_over: bool) {
        self.is_over = is_over;
        if is_over {
            self.trace.leave();
        }
    }

    fn sent(&mut self) {
        if self.first_byte.is_none() {
            self.first_byte = Some(self.shared.clock.now());
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let Some(mut record) = self.trace.take() else { return };
        // Who was not let in, and who got what was at hand, has nothing to be explained.
        if record.model.is_none() && !(record.user.is_some() && record.has_failed) {
            return;
        }
        record.first_byte = self.first_byte.map(|at| at.since(self.at));
        let now = self.shared.clock.now();
        record.total = now.since(self.at);
        record.ending = match () {
            () if !self.is_over => Ending::ClientGone,
            () if record.has_failed => Ending::Failed,
            () => Ending::Complete,
        };
        let record = Arc::new(record);
        let catalog = self.shared.catalog.load();
        let logging = record.pool.map_or(&catalog.settings, |pool| catalog.treatment(pool)).log;
        self.shared.recorder.ended(&record, logging, now);
        self.shared.events.tell(&record);
        self.shared.traces.push(record, catalog.settings.traces);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("at", &self.at).finish_non_exhaustive()
    }
}

/// An answer's body; what it holds is settled before the watch ends.
#[derive(Debug)]
struct Watched {
    body: Body,
    watch: Watch,
}

impl Watched {
    fn new(body: Body, mut watch: Watch) -> Self {
        watch.end(body.is_end_stream());
        Self { body, watch }
    }
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Self { body, watch } = &mut *self;
        let frame = std::task::ready!(Pin::new(&mut *body).poll_frame(cx));
        if let Some(Ok(_)) = &frame {
            watch.sent();
        }
        watch.end(frame.is_none() || body.is_end_stream());
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
