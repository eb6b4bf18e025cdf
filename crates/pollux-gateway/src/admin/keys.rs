//! The keys, as they stand now; never the secrets.

use pollux_pool::{
    health::KeyView,
    id::{KeyId, PoolId},
    project::Project,
};
use pollux_store::cipher::Cipher;
use serde::Serialize;

use super::{
    missing, number,
    query::Query,
    view::{self, CooldownView, HealthView},
};
use crate::{
    app::Gateway,
    catalog::Catalog,
    faces::respond::{Answered, Incoming, written},
};

#[derive(Serialize)]
struct Listed {
    keys: Vec<Shown>,
    page: usize,
    page_size: usize,
    total: usize,
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    last4: String,
    pool: i64,
    project: Option<String>,
    tier: &'static str,
    weight: u32,
    health: HealthView,
    cooldowns: Vec<CooldownView>,
    in_flight: u32,
    served: u64,
}

/// `GET /admin/api/keys`: a page of them, in the order in which they were added.
pub(crate) async fn list(gateway: Gateway, incoming: Incoming) -> Answered {
    let query = Query::read(&incoming.head.uri, &["page", "page_size"])?;
    let page = query.page()?;
    let catalog = gateway.shared().catalog.load();
    let all: Vec<(PoolId, KeyView)> = catalog
        .pools
        .iter()
        .flat_map(|pool| {
            gateway.shared().ledger.view(pool.id).into_iter().map(|key| (pool.id, key))
        })
        .collect();
    let total = all.len();
    let cipher = &gateway.shared().cipher;
    let keys = page.of(all).map(|(pool, view)| show((&catalog, cipher), pool, view)).collect();
    written(&Listed { keys, page: page.number, page_size: page.size, total })
}

/// `GET /admin/api/keys/{id}`
pub(crate) async fn one(gateway: Gateway, incoming: Incoming) -> Answered {
    let id = number(&incoming, "key")?;
    let catalog = gateway.shared().catalog.load();
    for pool in &catalog.pools {
        let views = gateway.shared().ledger.view(pool.id);
        if let Some(view) = views.into_iter().find(|view| view.id == KeyId(id)) {
            return written(&show((&catalog, &gateway.shared().cipher), pool.id, view));
        }
    }
    Err(missing("key", id))
}

fn show((catalog, cipher): (&Catalog, &Cipher), pool: PoolId, view: KeyView) -> Shown {
    let KeyView { id, weight, tier, project, health, cooldowns, in_flight, served } = view;
    let last4 = catalog.secret(id).map(|secret| secret.last4().to_owned());
    Shown {
        id: id.0,
        last4: last4.unwrap_or_default(),
        pool: pool.0,
        project: project.filter(is_known).map(|project| view::project(&project, cipher)),
        tier: tier.as_str(),
        weight,
        health: health.into(),
        cooldowns: cooldowns.into_iter().map(CooldownView::from).collect(),
        in_flight,
        served,
    }
}

/// Whether anything is known of a project beside the single key that is in it.
const fn is_known(project: &Project) -> bool {
    matches!(project, Project::Named(_) | Project::Consumer(_))
}
