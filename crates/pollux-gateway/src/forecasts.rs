//! When models will be out of requests for the day, and of which of that somebody should be told.

use std::{collections::BTreeSet, fmt, time::Duration};

use pollux_pool::{
    health::Cooldown,
    id::{ModelName, PoolId},
    pool,
    time::Timestamp,
};
use serde::Serialize;

use crate::shared::Shared;

/// When a model will be out of requests in one pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// In which pool.
    pub pool: PoolId,
    /// Which model.
    pub model: ModelName,
    /// How many requests are left today.
    pub left: u64,
    /// When none will be left, if that is before the day ends.
    pub runs_out: Option<Timestamp>,
    /// When the day ends.
    pub day_ends: Timestamp,
}

/// Which forecasts are worth an alert; each model is one once a day.
#[derive(Debug)]
pub struct Alerts {
    before: Duration,
    told: BTreeSet<(PoolId, ModelName, Timestamp)>,
}

/// An alert as it is sent.
#[derive(Serialize)]
struct Alert<'a> {
    event: &'static str,
    pool: i64,
    model: &'a str,
    left: u64,
    runs_out_at: Option<String>,
    day_ends_at: String,
    text: String,
}

/// The forecasts of all pools, for models that are on the tier of any key.
pub(crate) fn all(shared: &Shared) -> Vec<Forecast> {
    let (catalog, now) = (shared.catalog.load(), shared.clock.now());
    let mut all = Vec::new();
    for pool in catalog.pools.iter().map(|pool| pool.id) {
        let forecasts = shared.ledger.forecasts(pool);
        if forecasts.is_empty() {
            continue;
        }
        let quotas = shared.ledger.quotas(pool).into_iter();
        let served = quotas.filter(|quota| quota.hold != Some(Cooldown::Unserved));
        let served: BTreeSet<ModelName> = served.map(|quota| quota.model).collect();
        let forecasts = forecasts.into_iter().filter(|it| served.contains(&it.model));
        all.extend(forecasts.map(|it| Forecast::of(pool, it, now)));
    }
    all
}

impl Forecast {
    fn of(pool: PoolId, forecast: pool::Forecast, now: Timestamp) -> Self {
        let pool::Forecast { model, left, runs_out, day_ends } = forecast;
        let runs_out = if left == 0 { Some(now) } else { runs_out };
        Self { pool, model, left, runs_out, day_ends }
    }

    /// The alert about it, as JSON.
    pub fn event(&self) -> String {
        let alert = Alert {
            event: "quota_forecast",
            pool: self.pool.0,
            model: self.model.as_str(),
            left: self.left,
            runs_out_at: self.runs_out.map(|at| moment(at, "%Y-%m-%dT%H:%M:%SZ")),
            day_ends_at: moment(self.day_ends, "%Y-%m-%dT%H:%M:%SZ"),
            text: self.to_string(),
        };
        // Numbers and texts alone cannot fail to be written.
        serde_json::to_string(&alert).unwrap_or_default()
    }
}

impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pool, model, left, runs_out, day_ends } = self;
        let fresh = moment(*day_ends, "%H:%M UTC");
        match runs_out {
            _ if *left == 0 => {
                write!(f, "{pool} is out of requests per day for {model} until {fresh}")
            }
            Some(at) => {
                let at = moment(*at, "%H:%M UTC");
                write!(
                    f,
                    "{pool} runs out of requests per day for {model} at {at}: {left} are left until {fresh}"
                )
            }
            None => write!(
                f,
                "{pool} has requests for {model} until the day ends at {fresh}: {left} are left"
            ),
        }
    }
}

fn moment(at: Timestamp, format: &str) -> String {
    let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or_default();
    at.strftime(format).to_string()
}

impl Alerts {
    /// Alerts of what happens within `before`.
    pub const fn new(before: Duration) -> Self {
        Self { before, told: BTreeSet::new() }
    }

    /// Takes those of `forecasts` that are to be told at `now`; each is taken once.
    pub fn due(&mut self, forecasts: Vec<Forecast>, now: Timestamp) -> Vec<Forecast> {
        self.told.retain(|(_, _, day_ends)| *day_ends > now);
        let near = |it: &Forecast| it.runs_out.is_some_and(|at| at <= now + self.before);
        let near: Vec<Forecast> = forecasts.into_iter().filter(near).collect();
        near.into_iter()
            .filter(|it| self.told.insert((it.pool, it.model.clone(), it.day_ends)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_768_939_200);
    const HOUR: Duration = Duration::from_hours(1);

    fn forecast(model: &str, left: u64, runs_out: Option<Duration>) -> Forecast {
        let runs_out = runs_out.map(|after| NOW + after);
        let (pool, model) = (PoolId(1), ModelName::new(model));
        Forecast { pool, model, left, runs_out, day_ends: NOW + 12 * HOUR }
    }

    #[test]
    fn what_is_near_is_told_once_a_day() {
        let mut alerts = Alerts::new(HOUR);
        let mut told = |forecasts: &[Forecast], after: Duration| -> Vec<String> {
            let due = alerts.due(forecasts.to_vec(), NOW + after);
            due.into_iter().map(|it| it.model.to_string()).collect()
        };
        let (near, far) = (forecast("near", 5, Some(HOUR)), forecast("far", 50, Some(3 * HOUR)));
        let never = forecast("never", 500, None);
        let all = [near.clone(), far, never];
        assert_eq!(told(&all, Duration::ZERO), ["near"]);
        assert_eq!(told(&all, HOUR), [""; 0], "it was told, and the other is two hours away");
        assert_eq!(told(&all, 2 * HOUR), ["far"]);
        let tomorrow = Forecast { day_ends: NOW + 36 * HOUR, ..near };
        assert_eq!(told(&[tomorrow], 12 * HOUR), ["near"]);
        let elsewhere = Forecast { pool: PoolId(2), ..all[0].clone() };
        assert_eq!(told(&[elsewhere], Duration::ZERO), ["near"], "another pool's");
    }

    #[test]
    fn an_alert_says_when_and_how_many() {
        let near = forecast("gemini-2.5-flash", 12, Some(HOUR));
        let text = "pool-1 runs out of requests per day for gemini-2.5-flash at 21:00 UTC: \
                    12 are left until 08:00 UTC";
        assert_eq!(near.to_string(), text);
        let event = format!(
            r#"{{"event":"quota_forecast","pool":1,"model":"gemini-2.5-flash","left":12,"runs_out_at":"2026-01-20T21:00:00Z","day_ends_at":"2026-01-21T08:00:00Z","text":"{text}"}}"#
        );
        assert_eq!(near.event(), event);
        let out = forecast("m", 0, Some(Duration::ZERO)).to_string();
        assert_eq!(out, "pool-1 is out of requests per day for m until 08:00 UTC");
    }
}
