//! What is used at this moment: of the last sixty seconds, and of this day (UTC).

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use pollux_store::usage::{Charge, Filter, Group, Query, Slot, Step};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::{
    super::{
        Admin,
        access::unreadable,
        view::{Moment, dollars},
    },
    Names,
};
use crate::{
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
    recorder::Rate,
    shared::Shared,
};

/// Rates of all that was asked today.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct Now {
    at: Moment,
    day_began: Moment,
    pools: Vec<Rates>,
    keys: Vec<Rates>,
    users: Vec<Rates>,
    models: Vec<ModelRates>,
}

#[derive(Serialize, ToSchema)]
struct Rates {
    id: i64,
    name: Option<String>,
    #[serde(flatten)]
    per: PerTime,
}

#[derive(Serialize, ToSchema)]
struct ModelRates {
    model: String,
    #[serde(flatten)]
    per: PerTime,
}

/// Requests and tokens, of the last minute and of this day, and the dollars of this day.
#[derive(Clone, Copy, Default, Serialize, ToSchema)]
pub(in crate::admin) struct PerTime {
    rpm: u64,
    tpm: u64,
    rpd: u64,
    tpd: u64,
    /// In dollars, of what has a known price; absent where nothing has.
    #[serde(serialize_with = "money")]
    #[schema(value_type = Option<f64>)]
    cost: Charge,
}

fn money<S: Serializer>(charge: &Charge, serializer: S) -> Result<S::Ok, S::Error> {
    charge.known().map(dollars).serialize(serializer)
}

/// `GET /admin/api/usage/now`
pub(in crate::admin) async fn now(Admin { gateway, .. }: Admin, _incoming: Incoming) -> Answered {
    let (shared, now) = (gateway.shared(), gateway.now());
    let all = rates(shared).await?;
    let catalog = shared.catalog.load();
    let names = Names::of(&catalog);
    let list = |sums: BTreeMap<i64, PerTime>, name: &dyn Fn(i64) -> Option<String>| {
        sums.into_iter().map(|(id, per)| Rates { id, name: name(id), per }).collect()
    };
    let models = summed(&all, |slot| slot.model.clone());
    written(&Now {
        at: Moment(now),
        day_began: Moment(Step::Day.begin(now)),
        pools: list(summed(&all, |slot| Some(slot.pool.0)), &|id| names.pool(id)),
        keys: list(summed(&all, |slot| slot.key.map(|key| key.0)), &|id| names.key(id)),
        users: list(summed(&all, |slot| slot.user.map(|user| user.0)), &|id| names.user(id)),
        models: models
            .into_iter()
            .map(|(model, per)| ModelRates {
                model: catalog.scrubber.scrub(model.as_str()).into_owned(),
                per,
            })
            .collect(),
    })
}

/// What everyone uses of everything.
pub(in crate::admin) async fn rates(shared: &Shared) -> Result<HashMap<Slot, PerTime>, Failure> {
    let now = shared.clock.now();
    let (begin, only) = (Step::Day.begin(now), Filter::default());
    let query = Query { since: begin, until: now, step: Step::Day, by: Group::Each, only };
    let mut sums: HashMap<Slot, PerTime> = HashMap::new();
    let waiting = shared.recorder.waiting().into_iter().filter(|row| row.at >= begin);
    for row in waiting {
        let sum = sums.entry(row.slot).or_default();
        sum.rpd += row.counts.requests;
        sum.tpd += row.counts.tokens();
        sum.cost += row.counts.charge;
    }
    for total in shared.store.usage(&query).await.map_err(unreadable)? {
        let (key, model, user) = (total.key, total.model, total.user);
        let Some(pool) = total.pool else { continue };
        let sum = sums.entry(Slot { pool, key, model, user }).or_default();
        sum.rpd += total.counts.requests;
        sum.tpd += total.counts.tokens();
        sum.cost += total.counts.charge;
    }
    for (slot, Rate { requests, tokens }) in shared.recorder.recent(now) {
        let sum = sums.entry(slot).or_default();
        sum.rpm += requests;
        sum.tpm += tokens;
    }
    Ok(sums)
}

/// The same by what `of` says of each.
pub(in crate::admin) fn summed<T: Ord + Hash>(
    all: &HashMap<Slot, PerTime>,
    of: impl Fn(&Slot) -> Option<T>,
) -> BTreeMap<T, PerTime> {
    let mut sums: BTreeMap<T, PerTime> = BTreeMap::new();
    for (slot, per) in all {
        let Some(name) = of(slot) else { continue };
        let sum = sums.entry(name).or_default();
        sum.rpm += per.rpm;
        sum.tpm += per.tpm;
        sum.rpd += per.rpd;
        sum.tpd += per.tpd;
        sum.cost += per.cost;
    }
    sums
}
