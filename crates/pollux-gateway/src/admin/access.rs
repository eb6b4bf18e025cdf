//! Who administers: the password, a token, or a session, wherever a client puts it.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderMap, request};
use pollux_pool::time::Timestamp;
use pollux_store::{
    admins::{Role, Session},
    cipher::Fingerprint,
    password::{self, digest},
    secret::Secret,
    store::StoreError,
};
use pollux_translate::error::Status;
use tokio::sync::Semaphore;

use super::{cookies, guesses};
use crate::{app::Gateway, auth, failure::Failure, shared::Shared};

/// The admin whom the configuration, or the first start, gives a password.
pub const OWNER: &str = "admin";
/// What tokens begin with.
pub(super) const TOKEN: &str = "sk-admin-";
/// What sessions begin with.
pub(super) const SESSION: &str = "sess-";
/// That a session is in use is written down so often.
const NOTED: Duration = Duration::from_mins(1);
/// So many passwords wait to be compared at most: each comparison takes 19 MiB.
const COMPARED: usize = 16;

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) from: Option<IpAddr>,
    /// Which admin it is; nothing where it is a program with a token.
    pub(super) admin: Option<i64>,
    /// Nothing where a password or a token was sent with the request itself.
    pub(super) session: Option<i64>,
}

impl Actor {
    /// Nobody, before he has signed in.
    pub(super) fn nobody(from: Option<IpAddr>) -> Self {
        Self { name: String::new(), role: Role::Viewer, from, admin: None, session: None }
    }
}

/// The password that was right last, by its keyed hash, so that it need not be compared slowly again;
/// and how many may be compared.
#[derive(Debug)]
pub(crate) struct Passwords {
    last: Mutex<Option<(Fingerprint, String)>>,
    waiting: Arc<Semaphore>,
    comparing: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let [waiting, comparing] = [COMPARED, 1].map(|permits| Arc::new(Semaphore::new(permits)));
        Self { last: Mutex::default(), waiting, comparing }
    }
}

/// Lets a request pass whose credential admits to `role`.
///
/// # Errors
/// 401 when it has none or a wrong one, 403 when it admits to less, 429 after too many wrong ones.
pub(crate) async fn admit(
    gateway: &Gateway,
    head: &request::Parts,
    role: Role,
) -> Result<Actor, Failure> {
    let actor = recognise(gateway, head).await?;
    if actor.role >= role {
        return Ok(actor);
    }
    Err(Failure::new(
        Status::PermissionDenied,
        format!("{} may look at everything here and change nothing", actor.name),
    ))
}

async fn recognise(gateway: &Gateway, head: &request::Parts) -> Result<Actor, Failure> {
    let (shared, from) = (gateway.shared(), gateway.client());
    let now = shared.clock.now();
    shared.guesses.check(from, now)?;
    let mut sent = false;
    for secret in auth::bearers(&head.headers).filter(|secret| !secret.is_empty()) {
        sent = true;
        if let Some(actor) = by_header(shared, secret, from).await? {
            return Ok(actor);
        }
    }
    for secret in cookies::sessions(&head.headers) {
        if let Some(actor) = by_session(shared, secret, from).await? {
            cookies::check_origin(&head.method, &head.headers)?;
            return Ok(actor);
        }
    }
    if !sent {
        // A session that has ended is no guess.
        return Err(no_credential());
    }
    shared.guesses.wrong(from, now);
    tracing::warn!("a wrong admin password or token was sent");
    Err(Failure::new(Status::Unauthenticated, "this admin password or token is not a right one"))
}

async fn by_header(
    shared: &Shared,
    secret: &str,
    from: Option<IpAddr>,
) -> Result<Option<Actor>, Failure> {
    if secret.starts_with(TOKEN) {
        let token = shared.store.token(&digest(secret), shared.clock.now()).await;
        return Ok(token.map_err(unreadable)?.map(|token| Actor {
            name: format!("token {}", token.name),
            role: token.role,
            from,
            admin: None,
            session: None,
        }));
    }
    if secret.starts_with(SESSION) {
        return by_session(shared, secret, from).await;
    }
    let admin = by_password(shared, OWNER, secret).await?;
    Ok(admin.map(|Known { id, name, role }| Actor {
        name,
        role,
        from,
        admin: Some(id),
        session: None,
    }))
}

async fn by_session(
    shared: &Shared,
    secret: &str,
    from: Option<IpAddr>,
) -> Result<Option<Actor>, Failure> {
    let now = shared.clock.now();
    let session = shared.store.session(&digest(secret), now).await.map_err(unreadable)?;
    let Some(session) = session else { return Ok(None) };
    if now.since(session.seen_at) >= NOTED {
        let ends = end(shared, session.created_at, now);
        shared.store.see_session(session.id, now, ends).await.map_err(unreadable)?;
    }
    let Session { id, admin_id, name, role, .. } = session;
    Ok(Some(Actor { name, role, from, admin: Some(admin_id), session: Some(id) }))
}

/// When a session ends that began at `begun` and was used at `now`.
pub(super) fn end(shared: &Shared, begun: Timestamp, now: Timestamp) -> Timestamp {
    let limits = shared.catalog.load().settings.sessions;
    (now + limits.idle).min(begun + limits.longest)
}

/// Somebody whose password was right.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) role: Role,
}

impl Known {
    /// The owner, of whom nothing is kept.
    fn owner() -> Self {
        Self { id: 0, name: OWNER.to_owned(), role: Role::Owner }
    }
}

/// Compares a password; who guesses at a name that nobody has, waits as long.
pub(super) async fn by_password(
    shared: &Shared,
    name: &str,
    sent: &str,
) -> Result<Option<Known>, Failure> {
    let admins = shared.store.admins().await.map_err(unreadable)?;
    let admin = admins.into_iter().find(|admin| admin.name == name);
    let known = |admin: &pollux_store::admins::Admin| Known {
        id: admin.id,
        name: admin.name.clone(),
        role: admin.role,
    };
    let catalog = shared.catalog.load_full();
    let print = |secret: &str| catalog.cipher.fingerprint(secret.as_bytes());
    if let (OWNER, Some(configured)) = (name, &catalog.settings.admin_password) {
        let owner = admin.as_ref().map_or_else(Known::owner, known);
        // What is compared are keyed hashes, so that the time it takes tells nothing of the password.
        return Ok((print(sent) == print(configured.expose())).then_some(owner));
    }
    let hash = admin.as_ref().map(|admin| admin.password.clone()).unwrap_or_default();
    let (print, secret) = (print(sent), Secret::new(sent));
    let is_right = shared.passwords.is_right(shared, print, secret, hash).await?;
    Ok(admin.filter(|_| is_right).as_ref().map(known))
}

impl Passwords {
    async fn is_right(
        &self,
        shared: &Shared,
        print: Fingerprint,
        secret: Secret,
        hash: String,
    ) -> Result<bool, Failure> {
        if self.last().as_ref().is_some_and(|last| *last == (print, hash.clone())) {
            return Ok(true);
        }
        let compared = hash.clone();
        let is_right = self.slowly(shared, move || password::is_right(&secret, &compared)).await?;
        let is_right = is_right.unwrap_or_default();
        if is_right {
            *self.last() = Some((print, hash));
        }
        Ok(is_right)
    }

    /// The hash of a password, as the store keeps it.
    ///
    /// # Errors
    /// 429 when too many wait, and 500 when the system has no randomness.
    pub(super) async fn hash(&self, shared: &Shared, secret: Secret) -> Result<String, Failure> {
        let hash = self.slowly(shared, move || password::hash(&secret)).await?;
        let hash = hash.and_then(Result::ok);
        hash.ok_or_else(|| Failure::new(Status::Internal, "the password could not be hashed"))
    }

    /// Does what takes long and much memory, one at a time, away from those that serve.
    async fn slowly<T: Send + 'static>(
        &self,
        shared: &Shared,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Failure> {
        let busy = || guesses::too_many(Duration::from_secs(1));
        let _waiting = self.waiting.try_acquire().map_err(|_| busy())?;
        let comparing = Arc::clone(&self.comparing).acquire_owned().await.map_err(|_| busy())?;
        let work = move || {
            let done = work();
            drop(comparing);
            done
        };
        Ok(shared.offload.run(work).await)
    }

    fn last(&self) -> MutexGuard<'_, Option<(Fingerprint, String)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_credential() -> Failure {
    Failure::new(
        Status::Unauthenticated,
        "sign in with POST /admin/api/session, or send the admin password or a token in \
         `Authorization: Bearer ...`",
    )
}

/// The store does not answer, which is for the log.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
pub(crate) fn unreadable(error: StoreError) -> Failure {
    tracing::error!("the store could not be read or written: {error}");
    Failure::new(Status::Internal, "the database could not be read or written; see the log")
}

/// Where a request seems to come from, for people.
pub(super) fn agent(headers: &HeaderMap) -> String {
    let agent = headers.get(http::header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    agent.unwrap_or_default().chars().take(200).collect()
}
