//! What projects may use of models, what they have used, and when a model will be out of requests.

use pollux_pool::{
    id::PoolId,
    outcome::Window,
    pool::QuotaView,
    quota::{Amount, Limit, LimitSource, Unit},
    time::Timestamp,
};
use pollux_store::cipher::Cipher;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Admin,
    read::{self, Page, given},
    view::{self, HeldView, Moment, Turn},
};
use crate::{
    faces::respond::{Answered, Incoming, written},
    forecasts,
};

/// Which quotas.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    pool: Option<i64>,
    model: Option<String>,
    project: Option<String>,
    #[param(minimum = 1)]
    page: Option<usize>,
    #[param(minimum = 1, maximum = 1000)]
    page_size: Option<usize>,
}

/// Of which model.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Foreseen {
    model: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct QuotaPage {
    quotas: Vec<Shown>,
    page: usize,
    page_size: usize,
    total: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Quota)]
struct Shown {
    pool: i64,
    project: String,
    model: String,
    held: Option<HeldView>,
    meters: Vec<Meter>,
    minute: Used,
    day: Used,
    day_ends_at: Turn,
}

#[derive(Serialize, ToSchema)]
struct Meter {
    unit: String,
    window: &'static str,
    limit: u64,
    /// Nothing for what Pollux cannot count along.
    used: Option<u64>,
    source: &'static str,
    learned_at: Option<Moment>,
    /// Nothing for a minute: that is any minute, and never begins anew.
    resets_at: Option<Turn>,
}

#[derive(Serialize, ToSchema)]
struct Used {
    requests: u64,
    input_tokens: u64,
    tokens: u64,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Foretold {
    forecasts: Vec<Forecast>,
}

#[derive(Serialize, ToSchema)]
struct Forecast {
    pool: i64,
    model: String,
    left: u64,
    runs_out_at: Option<Turn>,
    day_ends_at: Turn,
    text: String,
}

/// `GET /admin/api/quotas`: a page of them, by pool, project and model.
pub(super) async fn list(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let wanted: Wanted = read::query(&incoming.head.uri)?;
    let page = Page::of(wanted.page, wanted.page_size)?;
    let (model, in_project) = (given(wanted.model.as_ref()), given(wanted.project.as_ref()));
    let shared = gateway.shared();
    let catalog = shared.catalog.load();
    let views = catalog
        .pools
        .iter()
        .flat_map(|it| shared.ledger.quotas(it.id).into_iter().map(|v| (it.id, v)));
    let named = views.map(|(pool, quota)| (pool, named(&quota, &catalog.cipher), quota));
    let all: Vec<_> = named
        .filter(|(pool, project, quota)| {
            model.is_none_or(|model| model == quota.model.as_str())
                && in_project.is_none_or(|wanted| wanted == project)
                && wanted.pool.is_none_or(|wanted| wanted == pool.0)
        })
        .collect();
    let total = all.len();
    let quotas = page.cut(all).map(|(pool, project, quota)| show(pool, project, quota)).collect();
    written(&QuotaPage { quotas, page: page.number, page_size: page.size, total })
}

/// `GET /admin/api/forecasts`: when models will be out of requests, where that can be told.
pub(super) async fn forecasts(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let Foreseen { model } = read::query(&incoming.head.uri)?;
    let model = given(model.as_ref());
    let all = forecasts::all(gateway.shared()).into_iter();
    let wanted = all.filter(|it| model.is_none_or(|model| model == it.model.as_str()));
    let forecasts = wanted.map(|it| Forecast {
        text: it.to_string(),
        pool: it.pool.0,
        left: it.left,
        runs_out_at: it.runs_out.map(Turn::from),
        day_ends_at: it.day_ends.into(),
        model: it.model.as_str().to_owned(),
    });
    written(&Foretold { forecasts: forecasts.collect() })
}

fn named(quota: &QuotaView, cipher: &Cipher) -> String {
    view::project(&quota.project, cipher)
}

fn show(pool: PoolId, project: String, quota: QuotaView) -> Shown {
    let QuotaView { project: _, model, hold, meters, minute, day, day_ends } = quota;
    Shown {
        pool: pool.0,
        project,
        model: model.as_str().to_owned(),
        held: hold.map(HeldView::from),
        meters: meters.into_iter().map(|meter| measure(meter, day_ends)).collect(),
        minute: minute.into(),
        day: day.into(),
        day_ends_at: day_ends.into(),
    }
}

fn measure((limit, used): (Limit, u64), day_ends: Timestamp) -> Meter {
    let Limit { dimension, value, source } = limit;
    let is_counted = !matches!(dimension.unit, Unit::Other(_));
    let (source, learned_at) = match source {
        LimitSource::Setting => ("setting", None),
        LimitSource::Learned { at } => ("learned", Some(Moment(at))),
    };
    Meter {
        unit: dimension.unit.as_str().to_owned(),
        window: dimension.window.as_str(),
        limit: value,
        used: is_counted.then_some(used),
        source,
        learned_at,
        resets_at: (dimension.window == Window::Day).then(|| day_ends.into()),
    }
}

impl From<Amount> for Used {
    fn from(Amount { requests, input_tokens, tokens }: Amount) -> Self {
        Self { requests, input_tokens, tokens }
    }
}
