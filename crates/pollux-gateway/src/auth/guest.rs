//! Whether a user who is known may come in: now, from there, and to which pool.

use std::{net::IpAddr, sync::Arc};

use http::{HeaderMap, HeaderValue};
use pollux_pool::{id::PoolId, time::Timestamp};

use crate::{
    catalog::{Access, Catalog, PoolEntry, User},
    failure::Failure,
};

/// Names the pool that is to serve a request, by its name or number.
const POOL: &str = "x-pollux-pool";

/// The user whom an access key opens to, if he may come in from `client` at `now`.
///
/// # Errors
/// 401 when its time is over, 403 when he is switched off or comes from elsewhere.
pub(super) fn let_in(
    access: Access,
    client: Option<IpAddr>,
    now: Timestamp,
) -> Result<Arc<User>, Failure> {
    let Access { user, until } = access;
    if until.is_some_and(|until| until <= now) {
        return Err(Failure::key_over("is not valid any more, since another one took its place"));
    }
    if !user.is_enabled {
        return Err(Failure::not_allowed(
            "this access key is switched off; ask whoever runs this server",
        ));
    }
    if user.expires_at.is_some_and(|end| end <= now) {
        return Err(Failure::key_over("has expired"));
    }
    let is_allowed = |address| user.addresses.iter().any(|network| network.contains(address));
    if !user.addresses.is_empty() && !client.is_some_and(is_allowed) {
        let from = client.map_or_else(|| "an unknown address".to_owned(), |it| it.to_string());
        return Err(Failure::not_allowed(format!(
            "this access key may not be used from {from}; ask whoever runs this server"
        )));
    }
    Ok(user)
}

/// The user as the pool serves him that a request names, or his first.
///
/// # Errors
/// 403 when there is no such pool, or it does not serve him.
pub(super) fn in_pool(
    catalog: &Catalog,
    user: Arc<User>,
    headers: &HeaderMap,
) -> Result<Arc<User>, Failure> {
    let Some(wanted) = headers.get(POOL).map(HeaderValue::as_bytes) else {
        return check(catalog, user.pool).map(|()| user);
    };
    let wanted = String::from_utf8_lossy(wanted);
    let wanted = wanted.trim();
    let allowed = || user.pools.iter().filter_map(|id| catalog.pool(*id));
    let Some(pool) = allowed().find(|pool| is_called(pool, wanted)) else {
        let names = allowed().map(|pool| pool.name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Failure::not_allowed(format!(
            "{POOL}: no pool that this access key may use is called {wanted}; it may use: {names}"
        )));
    };
    let pool = pool.id;
    check(catalog, pool)?;
    Ok(if pool == user.pool { user } else { Arc::new(User { pool, ..(*user).clone() }) })
}

fn is_called(pool: &PoolEntry, name: &str) -> bool {
    pool.name == name || name.parse() == Ok(pool.id.0) || pool.id.to_string() == name
}

/// A pool that is not there at all is left to be found out: nothing in it can serve.
fn check(catalog: &Catalog, pool: PoolId) -> Result<(), Failure> {
    match catalog.pool(pool).filter(|pool| !pool.is_on) {
        Some(pool) => Err(Failure::not_allowed(format!(
            "the pool {} is switched off; ask whoever runs this server",
            pool.name
        ))),
        None => Ok(()),
    }
}
