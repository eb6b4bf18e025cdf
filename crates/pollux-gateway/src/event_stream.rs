//! Server-sent events that Pollux writes itself, with a heartbeat, until the server stops.

use std::{convert::Infallible, pin::Pin, sync::Arc, time::Duration};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::{
    FutureExt as _,
    future::{self, BoxFuture},
    stream::{self, BoxStream, Stream, StreamExt as _},
};
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::{faces::respond, shared::Shared};

/// How long a stream is silent before it shows that it lives.
const BEAT: Duration = Duration::from_secs(5);
const HEARTBEAT: Bytes = Bytes::from_static(b": heartbeat\n\n");

struct Beating {
    shared: Arc<Shared>,
    events: BoxStream<'static, Bytes>,
    beat: BoxFuture<'static, ()>,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
}

/// What comes first.
enum Turn {
    Event(Option<Bytes>),
    Beat,
    Stop,
}

/// An answer of `events`, each already framed.
pub(crate) fn answer(
    shared: &Arc<Shared>,
    events: impl Stream<Item = Bytes> + Send + 'static,
) -> Response {
    let beating = Beating {
        shared: Arc::clone(shared),
        events: events.boxed(),
        beat: shared.clock.sleep(BEAT),
        stop: Box::pin(shared.stop.clone().cancelled_owned()),
    };
    let body = stream::unfold(beating, Beating::next).map(Ok::<_, Infallible>);
    let mut response = Response::new(Body::from_stream(body));
    *response.headers_mut() = respond::event_stream();
    response
}

/// The same for those who only look on: they do not keep a server from stopping.
pub(crate) fn watched(
    shared: &Arc<Shared>,
    events: impl Stream<Item = Bytes> + Send + 'static,
) -> Response {
    answer(shared, events.take_until(shared.closing.clone().cancelled_owned()))
}

impl Beating {
    async fn next(mut self) -> Option<(Bytes, Self)> {
        match self.turn().await {
            Turn::Event(event) => Some((event?, self)),
            Turn::Beat => {
                self.beat = self.shared.clock.sleep(BEAT);
                Some((HEARTBEAT, self))
            }
            Turn::Stop => None,
        }
    }

    async fn turn(&mut self) -> Turn {
        let event = self.events.next().map(Turn::Event);
        let beat = (&mut self.beat).map(|()| Turn::Beat);
        let stop = (&mut self.stop).map(|()| Turn::Stop);
        let first = future::select(event, beat).map(|first| first.factor_first().0);
        future::select(first, stop).await.factor_first().0
    }
}
