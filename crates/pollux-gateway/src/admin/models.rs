//! The models that a pool can reach, with all that is known of them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Admin, pools, read, view::dollars};
use crate::{
    catalog::Settings,
    faces::respond::{Answered, Incoming, written},
    models::{
        self,
        cache::{Listed, ListedModel},
        prices::Price,
    },
};

/// Which models.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Also those that may not be asked by `models.allowed`.
    all: Option<bool>,
}

/// The models that a pool can reach.
#[derive(Serialize, ToSchema)]
pub(super) struct Models {
    models: Vec<ModelView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Model)]
struct ModelView {
    id: String,
    display_name: String,
    /// Whether it may be asked, by `models.allowed`.
    allowed: bool,
    /// What it is asked by, as `generateContent`.
    methods: Vec<String>,
    /// The most tokens that may go in; absent where Google does not say.
    input_limit: Option<u64>,
    /// The most tokens that may come out; absent where Google does not say.
    output_limit: Option<u64>,
    /// Whether it thinks, as far as Google says so.
    thinking: bool,
    /// By `models.prices`; absent where none is known.
    price: Option<PriceView>,
    /// The names in `models.aliases` that stand for it.
    aliases: Vec<String>,
}

/// In dollars for a million tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = ModelPrice)]
struct PriceView {
    input: f64,
    cached: f64,
    output: f64,
}

/// `GET /admin/api/pools/{id}/models`
pub(super) async fn list(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let id = pools::find(&gateway.shared().catalog.load(), &incoming)?.id;
    let Wanted { all } = read::query(&incoming.head.uri)?;
    let listed = models::of_pool(&gateway, id).await?;
    written(&told(&listed, &gateway.shared().treatment(id), all.unwrap_or_default()))
}

/// `POST /admin/api/pools/{id}/models/refresh`
pub(super) async fn refresh(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let id = pools::find(&gateway.shared().catalog.load(), &incoming)?.id;
    let Wanted { all } = read::query(&incoming.head.uri)?;
    let listed = models::refresh(&gateway, id).await?;
    written(&told(&listed, &gateway.shared().treatment(id), all.unwrap_or_default()))
}

fn told(listed: &Listed, treatment: &Settings, all: bool) -> Models {
    let models = listed.models.iter().map(|model| show(model, listed, treatment));
    Models { models: models.filter(|model| all || model.allowed).collect() }
}

fn show(model: &ListedModel, listed: &Listed, treatment: &Settings) -> ModelView {
    let ListedModel { id, display_name, methods, input_limit, output_limit, thinks } =
        model.clone();
    let Settings { names, prices, .. } = treatment;
    ModelView {
        allowed: names.allows(&id),
        price: prices.of(&id).map(PriceView::from),
        aliases: names.of(&id, listed).map(str::to_owned).collect(),
        id,
        display_name,
        methods,
        input_limit,
        output_limit,
        thinking: thinks,
    }
}

impl From<Price> for PriceView {
    fn from(Price { input, cached, output }: Price) -> Self {
        Self { input: dollars(input), cached: dollars(cached), output: dollars(output) }
    }
}
