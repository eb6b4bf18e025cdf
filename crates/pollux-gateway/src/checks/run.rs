//! Does the checks, a few at a time and never in a burst: those ordered first, then those due.

use std::{future::Future, sync::Arc, time::Duration};

use futures_util::{
    FutureExt as _,
    future::{self, BoxFuture, Either, select},
    stream::{FuturesUnordered, StreamExt as _},
};

use super::{
    Finding, Question, Verdict, ask,
    job::{Checked, Target},
    orders::Order,
};
use crate::{
    history::{self, Said},
    shared::Shared,
};

/// How many checks are under way at a time.
const AT_ONCE: usize = 4;
/// The least time between the beginnings of two of them.
const APART: Duration = Duration::from_millis(100);
/// How often it is asked which revoked keys are due.
const LOOK: Duration = Duration::from_secs(5);
/// How many of them are taken at a time: what can be done until the next look.
const DUE: usize = 32;

type Running = FuturesUnordered<BoxFuture<'static, ()>>;

/// Checks for as long as it is polled.
pub(crate) async fn forever(shared: &Arc<Shared>) {
    let mut running = Running::new();
    let mut look = next_look(shared);
    loop {
        let ordered = shared.checks.listen();
        if running.len() < AT_ONCE
            && let Some(order) = shared.checks.next()
        {
            running.push(Box::pin(check(Arc::clone(shared), order)));
            work_until(&mut running, shared.clock.sleep(APART)).await;
            continue;
        }
        let ended = std::pin::pin!(async {
            if running.next().await.is_none() {
                future::pending::<()>().await;
            }
        });
        let ordered = std::pin::pin!(ordered.cancelled());
        if let Either::Right(_) = select(select(ended, ordered), &mut look).await {
            shared.checks.fall_due(due(shared));
            look = next_look(shared);
        }
    }
}

fn next_look(shared: &Shared) -> BoxFuture<'static, ()> {
    if shared.catalog.load().settings.health_checks {
        shared.clock.sleep(LOOK)
    } else {
        future::pending().boxed()
    }
}

fn due(shared: &Shared) -> Vec<Target> {
    let catalog = shared.catalog.load();
    let pools = catalog.pools.iter().map(|pool| pool.id);
    pools
        .flat_map(|pool| {
            shared.ledger.due_checks(pool, DUE).into_iter().map(move |key| (pool, key))
        })
        .collect()
}

/// Goes on with what is running, until something else.
async fn work_until(running: &mut Running, until: impl Future<Output = ()>) {
    let mut until = std::pin::pin!(until);
    while !running.is_empty() {
        if let Either::Right(_) = select(running.next(), until.as_mut()).await {
            return;
        }
    }
    until.await;
}

async fn check(shared: Arc<Shared>, order: Order) {
    let Order { target: (pool, key), job } = order;
    let list = Question::List;
    let question = job.as_ref().map_or(&list, |job| &job.question);
    let secret = shared.catalog.load().secret(key);
    let finding = match secret {
        Some(secret) => ask(&shared, (pool, key), &secret, question).await,
        None => Finding::gone(),
    };
    let model = match question {
        Question::List => None,
        Question::Generate(model) => Some(model),
    };
    let turns = shared.ledger.checked(pool, key, model, &finding.lesson);
    let said = finding.http.zip(finding.message.as_deref());
    let said = said.map(|(http, message)| Said::new(http, message));
    history::note(&shared, (key, model), (&finding.lesson.outcome, said), turns);
    log(key, &finding);
    if let Some(job) = job {
        job.add(Checked { key, finding });
    }
}

fn log(key: pollux_pool::id::KeyId, finding: &Finding) {
    let (verdict, sentence) = (finding.verdict(), finding.sentence());
    match verdict {
        Verdict::Revoked => {
            tracing::warn!(key.id = %key, verdict = verdict.as_str(), "{key} was checked: {sentence}");
        }
        Verdict::Good | Verdict::RateLimited | Verdict::Unserved | Verdict::Unknown => {
            tracing::info!(key.id = %key, verdict = verdict.as_str(), "{key} was checked: {sentence}");
        }
    }
}
