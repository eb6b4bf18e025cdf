//! A request body that goes upstream while it arrives: once, within a size, and never held whole.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body as ClientBody;
use bytes::Bytes;
use futures_util::future::{BoxFuture, Either, select};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, combinators::UnsyncBoxBody};
use pollux_pool::time::Timestamp;

use crate::{
    clock::{Clock, Elapsed},
    failure::Failure,
    shared::Shared,
};

/// The body as an HTTP client takes it.
pub type UploadBody = UnsyncBoxBody<Bytes, Fault>;

/// A body on its way.
pub struct Upload {
    body: Mutex<Option<UploadBody>>,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    /// When a piece last went on, in microseconds.
    moved: AtomicI64,
    fault: OnceLock<Fault>,
}

/// What a client did wrong while it sent its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It sent more than is allowed.
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
    /// It paused for too long.
    #[error("the body did not arrive in time")]
    Slow,
    /// It broke off.
    #[error("the body broke off")]
    Broken,
}

impl Upload {
    /// Prepares to hand `body` on.
    ///
    /// # Errors
    /// 413 when it is announced to be larger than allowed.
    pub(crate) fn new(shared: &Shared, body: ClientBody) -> Result<Self, Failure> {
        let (limit, pause) = {
            let catalog = shared.catalog.load();
            (catalog.settings.max_upload_bytes, catalog.settings.body_timeout)
        };
        if body.size_hint().lower() > limit {
            return Err(Fault::TooLarge(limit).into());
        }
        let moved = AtomicI64::new(shared.clock.now().as_micros());
        let state = Arc::new(State { moved, fault: OnceLock::new() });
        let arriving = Arriving {
            body,
            left: limit,
            limit,
            pause,
            alarm: None,
            clock: shared.clock.clone(),
            state: Arc::clone(&state),
        };
        Ok(Self { body: Mutex::new(Some(arriving.boxed_unsync())), state })
    }

    /// Takes the body, which is there once.
    pub fn take(&self) -> Option<UploadBody> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn is_taken(&self) -> bool {
        self.body.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Why the body did not arrive whole, if that is the client's doing.
    pub(crate) fn fault(&self) -> Option<Failure> {
        self.state.fault.get().copied().map(Failure::from)
    }

    /// Gives `future` no longer than `limit` after the last piece of the body went on.
    pub(crate) async fn while_moving<F: Future>(
        &self,
        clock: &Clock,
        limit: Duration,
        future: F,
    ) -> Result<F::Output, Elapsed> {
        let future = std::pin::pin!(future);
        let quiet = std::pin::pin!(async {
            loop {
                let moved = Timestamp::from_micros(self.state.moved.load(Ordering::Relaxed));
                let left = (moved + limit).since(clock.now());
                if left.is_zero() {
                    return;
                }
                clock.sleep(left).await;
            }
        });
        match select(future, quiet).await {
            Either::Left((output, _)) => Ok(output),
            Either::Right(((), _)) => Err(Elapsed),
        }
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("state", &self.state).finish_non_exhaustive()
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::TooLarge(limit) => Self::too_large(limit),
            Fault::Slow => Self::slow_body(),
            Fault::Broken => Self::broken_body(),
        }
    }
}

/// The client's body, counted and watched; it is asked for more only when the upstream takes it.
struct Arriving {
    body: ClientBody,
    left: u64,
    limit: u64,
    pause: Duration,
    alarm: Option<BoxFuture<'static, ()>>,
    clock: Clock,
    state: Arc<State>,
}

impl Arriving {
    fn fail(&self, fault: Fault) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let fault = *self.state.fault.get_or_init(|| fault);
        Poll::Ready(Some(Err(fault)))
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                let length = u64::try_from(length).unwrap_or(u64::MAX);
                let Some(left) = self.left.checked_sub(length) else {
                    return self.fail(Fault::TooLarge(self.limit));
                };
                self.left = left;
                self.alarm = None;
                self.state.moved.store(self.clock.now().as_micros(), Ordering::Relaxed);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(_))) => self.fail(Fault::Broken),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let Self { alarm, clock, pause, .. } = &mut *self;
                let alarm = alarm.get_or_insert_with(|| clock.sleep(*pause));
                std::task::ready!(alarm.as_mut().poll(cx));
                self.fail(Fault::Slow)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
