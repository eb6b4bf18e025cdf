//! What can be set while the server runs: for all, and for single pools.

use std::collections::BTreeMap;

use pollux_pool::id::PoolId;
use pollux_store::{secret::Secret, store::DEFAULT_POOL};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Admin,
    access::unreadable,
    missing,
    read::{self, refused},
};
use crate::{
    catalog::Catalog,
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
    settings::{Kind, Row},
};

/// Every setting.
#[derive(Serialize, ToSchema)]
pub(super) struct Settings {
    settings: Vec<SettingView>,
}

/// One setting.
#[derive(Serialize, ToSchema)]
#[schema(as = Setting)]
struct SettingView {
    name: &'static str,
    /// What it means.
    help: &'static str,
    default: &'static str,
    /// Its variable in the environment.
    variable: String,
    /// `flag`, `number`, `duration`, `choice`, `list` (by commas), `text` or `secret`.
    kind: &'static str,
    /// The words of a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    choices: Option<&'static [&'static str]>,
    /// What it takes; absent where it takes any text.
    allowed: Option<String>,
    /// What it is now; absent for the default, and for secrets.
    value: Option<String>,
    /// `default`, `file`, `environment`, `flag`, `database` or `pool`.
    source: &'static str,
    /// Which file, variable or flag.
    origin: Option<String>,
    /// Whether its value is never shown.
    secret: bool,
    /// Whether it can be changed here; others need a start.
    changeable: bool,
    /// Whether each pool may have its own.
    of_pools: bool,
}

/// Settings by name: texts, numbers, truth values, or `null` for what holds without the database.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct NewValues(BTreeMap<String, Option<Given>>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "a text, a number, true, false or null")]
pub(crate) enum Given {
    Flag(bool),
    Number(serde_json::Number),
    Text(String),
}

impl Given {
    /// The same as it is written elsewhere.
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

/// `GET /admin/api/settings`
pub(super) async fn list(Admin { gateway, .. }: Admin, _: Incoming) -> Answered {
    written(&all(&gateway.shared().catalog.load()))
}

/// `PATCH /admin/api/settings`
pub(super) async fn change(admin: Admin, incoming: Incoming) -> Answered {
    let NewValues(values) = read::json(&admin.gateway, incoming.body).await?;
    let values = values.into_iter().map(|(name, value)| (name, value.map(Given::into_text)));
    set(&admin, None, values.collect()).await?;
    written(&all(&admin.gateway.shared().catalog.load()))
}

/// `GET /admin/api/pools/{id}/settings`: those of which a pool may have its own.
pub(super) async fn of_pool(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let catalog = gateway.shared().catalog.load();
    written(&own(&catalog, pool(&catalog, &incoming)?))
}

/// `PATCH /admin/api/pools/{id}/settings`
pub(super) async fn change_of_pool(admin: Admin, incoming: Incoming) -> Answered {
    let pool = pool(&admin.gateway.shared().catalog.load(), &incoming)?;
    let NewValues(values) = read::json(&admin.gateway, incoming.body).await?;
    let values = values.into_iter().map(|(name, value)| (name, value.map(Given::into_text)));
    set(&admin, Some(pool), values.collect()).await?;
    written(&own(&admin.gateway.shared().catalog.load(), pool))
}

/// Checks values that a new pool is to have.
///
/// # Errors
/// 400 that says what is allowed.
pub(crate) fn check(catalog: &Catalog, values: &[(String, Option<String>)]) -> Result<(), Failure> {
    let pool = Some(DEFAULT_POOL);
    let mut checks =
        values.iter().map(|(name, text)| checked(catalog, pool, name, text.as_deref()));
    checks.try_for_each(|checked| checked.map(drop))
}

/// Checks and keeps values, and has the server take them over.
///
/// # Errors
/// 400 that says what is allowed, when one of them cannot be used; then none is kept.
pub(crate) async fn set(
    admin: &Admin,
    pool: Option<PoolId>,
    values: Vec<(String, Option<String>)>,
) -> Result<(), Failure> {
    let shared = admin.gateway.shared();
    let catalog = shared.catalog.load_full();
    let mut kept = Vec::new();
    for (name, text) in &values {
        let row = checked(&catalog, pool, name, text.as_deref())?;
        kept.push((row.name, text.as_ref().map(Secret::new)));
    }
    if kept.is_empty() {
        return Ok(());
    }
    shared.store.set_settings(pool, &kept).await.map_err(unreadable)?;
    let changes = kept.iter().filter_map(|(name, _)| {
        let row = catalog.described.find(name)?;
        let new = values.iter().find(|(it, _)| it == name).and_then(|(_, text)| text.clone());
        let shown =
            |text: Option<String>| if row.is_secret { text.map(|_| "***".into()) } else { text };
        let old = match pool {
            Some(pool) => row.pools.get(&pool).cloned(),
            None => row.standing.value.clone(),
        };
        let subject = match pool {
            Some(pool) => format!("pool {}", pool.0),
            None => format!("setting {name}"),
        };
        let told = |text| Told { setting: (*name).to_owned(), value: shown(text) };
        Some(admin.change("setting.change", subject, (Some(&told(old)), Some(&told(new)))))
    });
    admin.note_all(changes.collect()).await?;
    admin.take_over().await
}

/// A setting and its value, for the audit log.
#[derive(Serialize)]
struct Told {
    setting: String,
    value: Option<String>,
}

fn checked<'c>(
    catalog: &'c Catalog,
    pool: Option<PoolId>,
    name: &str,
    text: Option<&str>,
) -> Result<&'c Row, Failure> {
    let row = catalog.described.find(name);
    let row = row.ok_or_else(|| refused(name, format!("there is no setting `{name}`")))?;
    if pool.is_some() && !row.is_of_pools {
        return Err(refused(name, format!("`{name}` is the same for all pools")));
    }
    if !row.is_changeable {
        let message = format!(
            "`{name}` is read when the server starts: set {} or the configuration file",
            row.variable
        );
        return Err(refused(name, message));
    }
    if let Some(text) = text {
        (catalog.described.check)(name, text)
            .map_err(|allowed| refused(name, format!("`{name}` takes {allowed}")))?;
    }
    Ok(row)
}

fn pool(catalog: &Catalog, incoming: &Incoming) -> Result<PoolId, Failure> {
    let id = PoolId(read::id(incoming, "pools")?);
    catalog.pool(id).map(|pool| pool.id).ok_or_else(|| missing("pool", id.0))
}

fn all(catalog: &Catalog) -> Settings {
    Settings { settings: catalog.described.rows.iter().map(show).collect() }
}

/// What holds for a pool.
fn own(catalog: &Catalog, pool: PoolId) -> Settings {
    let rows = catalog.described.rows.iter().filter(|row| row.is_of_pools);
    let settings = rows.map(|row| match row.pools.get(&pool) {
        Some(text) => {
            let value = (!row.is_secret).then(|| text.clone());
            SettingView { value, source: "pool", origin: None, ..show(row) }
        }
        None => show(row),
    });
    Settings { settings: settings.collect() }
}

fn show(row: &Row) -> SettingView {
    SettingView {
        name: row.name,
        help: row.help,
        default: row.default,
        variable: row.variable.clone(),
        kind: row.kind.as_str(),
        choices: match row.kind {
            Kind::Choice(words) => Some(words),
            Kind::Flag | Kind::Number | Kind::Duration | Kind::List | Kind::Text | Kind::Secret => {
                None
            }
        },
        allowed: row.allowed.clone(),
        value: row.standing.value.clone(),
        source: row.standing.source.as_str(),
        origin: row.standing.origin.clone(),
        secret: row.is_secret,
        changeable: row.is_changeable,
        of_pools: row.is_of_pools,
    }
}
