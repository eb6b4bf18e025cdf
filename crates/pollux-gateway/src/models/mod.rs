//! The models that a pool can reach: all pages, kept for a while, asked for once at a time.

pub(crate) mod cache;
pub(crate) mod names;
pub(crate) mod prices;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pollux_pool::id::{ModelName, PoolId};
use pollux_translate::{
    error::{ApiError, Status},
    gemini::model::{self, Model, Page},
};

use self::cache::{Listed, ListedModel, Slot};
use crate::{
    app::Gateway,
    catalog::User,
    failure::Failure,
    proxy::{
        call::{Call, Shape},
        commit::AnswerBody,
        send::{Caller, Sent},
        wish::Wishes,
    },
    shared::Shared,
};

/// The name under which lists of models are leased; they use no model's quota.
pub(crate) const LISTING: &str = "models.list";
/// More pages than this are not a list any more.
const MAX_PAGES: usize = 100;
/// How long an old list is served after Gemini failed to give a new one.
const PAUSE: Duration = Duration::from_secs(30);

/// The models of the user's pool.
///
/// While one request fetches a new list the others get the old one, or wait where there is none.
///
/// # Errors
/// Those of the upstream call, when there is no older list to serve instead.
pub(crate) async fn list(gateway: &Gateway, user: &User) -> Result<Arc<Listed>, Failure> {
    list_for(gateway, user.into()).await
}

/// The same for nobody in particular.
///
/// # Errors
/// Those of the upstream call, when there is no older list to serve instead.
pub(crate) async fn of_pool(gateway: &Gateway, pool: PoolId) -> Result<Arc<Listed>, Failure> {
    list_for(gateway, Caller { pool, user: None, wishes: Wishes::default() }).await
}

async fn list_for(gateway: &Gateway, caller: Caller) -> Result<Arc<Listed>, Failure> {
    let shared = gateway.shared();
    let slot = shared.models.slot(caller.pool);
    let asked = shared.clock.now();
    let current = |slot: &Slot, now| slot.list.load_full().filter(|list| list.good_until > now);
    if let Some(list) = current(&slot, asked) {
        return Ok(list);
    }
    let _refreshing = match slot.refresh.try_lock() {
        Some(guard) => guard,
        None => match slot.list.load_full() {
            Some(old) => return Ok(old),
            None => slot.refresh.lock().await,
        },
    };
    // Whoever held the lock has fetched it: also where lists are not kept for any time.
    if let Some(list) = slot.list.load_full().filter(|list| list.good_until > asked) {
        return Ok(list);
    }
    let fetched = fetch(gateway, caller).await;
    let now = shared.clock.now();
    let list = match (fetched, slot.list.load_full()) {
        (Ok(models), _) => fresh(shared, caller.pool, models),
        (Err(failure), Some(old)) => {
            tracing::warn!("the list of models is old: {}", failure.error.message);
            Arc::new(Listed { models: old.models.clone(), good_until: now + PAUSE })
        }
        (Err(failure), None) => return Err(failure),
    };
    slot.list.store(Some(Arc::clone(&list)));
    Ok(list)
}

/// Fetches a pool's list anew, however good the old one still is.
///
/// # Errors
/// Those of the upstream call; the old list stays.
pub(crate) async fn refresh(gateway: &Gateway, pool: PoolId) -> Result<Arc<Listed>, Failure> {
    let shared = gateway.shared();
    let slot = shared.models.slot(pool);
    let _refreshing = slot.refresh.lock().await;
    let caller = Caller { pool, user: None, wishes: Wishes::default() };
    let list = fresh(shared, pool, fetch(gateway, caller).await?);
    slot.list.store(Some(Arc::clone(&list)));
    Ok(list)
}

fn fresh(shared: &Shared, pool: PoolId, models: Vec<ListedModel>) -> Arc<Listed> {
    let good_until = shared.clock.now() + shared.treatment(pool).models_ttl;
    Arc::new(Listed { models, good_until })
}

/// The error for a model that is not listed.
pub(crate) fn unknown(id: &str) -> ApiError {
    let message = format!("the model `{id}` does not exist; GET /v1/models lists those that do");
    ApiError {
        param: Some("model".to_owned()),
        code: Some("model_not_found"),
        ..ApiError::new(Status::NotFound, message)
    }
}

/// The list of the user's pool as it was last fetched, however old; nothing is asked for.
pub(crate) fn known(gateway: &Gateway, user: &User) -> Option<Arc<Listed>> {
    gateway.shared().models.slot(user.pool).list.load_full()
}

/// Leaves those models in a page of Gemini's own list that the user may ask.
pub(crate) fn only_allowed(gateway: &Gateway, user: &User, sent: &mut Sent) {
    let treatment = gateway.treatment(user);
    let is_allowed = |model: &str| user.may_ask(model) && treatment.names.allows(model);
    if let AnswerBody::Whole { body, .. } = &mut sent.answer.body
        && let Some(page) = model::only(body, is_allowed)
    {
        *body = page.into();
    }
}

async fn fetch(gateway: &Gateway, caller: Caller) -> Result<Vec<ListedModel>, Failure> {
    let mut models = Vec::new();
    let mut token = String::new();
    for _ in 0..MAX_PAGES {
        let page = fetch_page(gateway, caller, &token).await?;
        let page = Page::parse(&page).map_err(|_| unreadable())?;
        models.extend(page.models.iter().map(|model| listed(model)));
        match page.next() {
            Some(next) => next.clone_into(&mut token),
            None => return Ok(models),
        }
    }
    Err(unreadable())
}

async fn fetch_page(gateway: &Gateway, caller: Caller, token: &str) -> Result<Bytes, Failure> {
    let version = gateway.shared().treatment(caller.pool).api_version.clone();
    let mut path_and_query = format!("/{version}/models?pageSize=1000");
    if !token.is_empty() {
        path_and_query.push_str("&pageToken=");
        path_and_query.extend(utf8_percent_encode(token, NON_ALPHANUMERIC));
    }
    let call = Call {
        method: Method::GET,
        path_and_query,
        headers: HeaderMap::new(),
        body: Bytes::new().into(),
        model: ModelName::new(LISTING),
        shape: Shape::Document,
        owner: None,
        prefer: None,
    };
    match gateway.send_for(&call, caller).await?.answer.body {
        AnswerBody::Whole { body, .. } => Ok(body),
        AnswerBody::Stream(_) | AnswerBody::Bytes(_) => Err(unreadable()),
    }
}

fn listed(model: &Model<'_>) -> ListedModel {
    let id = model.id().to_owned();
    let display_name = model.display_name.as_deref().unwrap_or(&id).to_owned();
    ListedModel {
        id,
        display_name,
        methods: model.methods.iter().map(|method| method.as_str().to_owned()).collect(),
        input_limit: model.input_token_limit,
        output_limit: model.output_token_limit,
        thinks: model.thinking,
    }
}

fn unreadable() -> Failure {
    Failure::new(Status::Internal, "the upstream's list of models could not be read")
}
