//! The list of models and its pages.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;

use super::reply::{Form, Reply};
use super::route::parameter;
use crate::json;
use crate::models::{self, View};
use crate::refusal::{Refusal, unknown_model};

/// Models on a page when the caller does not say.
const PAGE: usize = 50;

/// The most models on a page.
const LARGEST: usize = 1_000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    models: Vec<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// Answers `models.list`.
pub(super) fn list(version: &'static str, query: &str) -> Reply {
    let size = match parameter(query, "pageSize").map(|size| size.parse::<usize>()) {
        None | Some(Ok(0)) => PAGE,
        Some(Ok(size)) => size.min(LARGEST),
        Some(Err(_)) => return refuse("page_size"),
    };
    let start = match parameter(query, "pageToken").filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => match start_of_page(&token) {
            Some(start) => start,
            None => return refuse("page_token"),
        },
    };
    let all: Vec<_> = models::listed(version).collect();
    let page = all.iter().skip(start).take(size).map(|model| model.view()).collect();
    let next = start.saturating_add(size);
    let next_page_token =
        (next < all.len()).then(|| BASE64_URL_SAFE_NO_PAD.encode(format!("models:{next}")));
    Reply::whole(json::pretty(&Page { models: page, next_page_token }))
}

/// Answers `models.get`.
pub(super) fn read(version: &'static str, model: &str) -> Reply {
    match models::find(model, version) {
        Some(model) => Reply::whole(json::pretty(&model.view())),
        None => Reply::refusal(&unknown_model(model, version, None), Form::Whole),
    }
}

fn start_of_page(token: &str) -> Option<usize> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    std::str::from_utf8(&bytes).ok()?.strip_prefix("models:")?.parse().ok()
}

fn refuse(name: &str) -> Reply {
    let message = format!("* ListModelsRequest.{name}: {name} is not valid.\n");
    Reply::refusal(&Refusal::argument(message), Form::Whole)
}
