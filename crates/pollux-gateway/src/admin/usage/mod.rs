//! What was used: over a time, in steps, by whatever it is asked about, as JSON or a table.

mod now;
mod view;

use std::time::Duration;

use axum::response::Response;
use pollux_pool::{
    id::{KeyId, ModelName, PoolId, UserId},
    project::Project,
    time::Timestamp,
};
use pollux_store::usage::{Filter, Group, Query, Step};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use self::view::UsageView;
use super::{
    Admin,
    access::unreadable,
    csv,
    read::{self, refused},
    view::{Moment, When, project},
};
use crate::{
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
    shared::Shared,
};

pub(super) use self::{
    now::{Now, PerTime, now, rates, summed},
    view::{Names, Percentiles, Tokens, success_rate},
};

/// Over which time it is where nothing is said of it.
const DAY: Duration = Duration::from_hours(24);
/// The most steps of a series: the hours of a quarter.
const MAX_STEPS: i64 = 2_300;

/// Which usage.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// From the step that this moment is in; a day before `until` where it is absent.
    since: Option<When>,
    /// To the last step that begins before this one; now where it is absent.
    until: Option<When>,
    /// In which steps; `all` where it is absent.
    step: Option<StepWord>,
    /// About what; `all` where it is absent.
    by: Option<By>,
    pool: Option<i64>,
    key: Option<i64>,
    model: Option<String>,
    user: Option<i64>,
    /// As it is listed by project.
    project: Option<String>,
    #[param(inline)]
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum StepWord {
    Minute,
    Hour,
    Day,
    All,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum By {
    All,
    Pool,
    Key,
    Model,
    User,
    Project,
    /// Why requests failed.
    Reason,
    /// Why attempts failed.
    Outcome,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    Json,
    Csv,
}

#[derive(Serialize, ToSchema)]
#[schema(as = UsageSeries)]
pub(super) struct Series {
    since: Moment,
    until: Moment,
    step: StepWord,
    by: By,
    usage: Vec<UsageView>,
}

/// `GET /admin/api/usage`
pub(super) async fn series(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let wanted: Wanted = read::query(&incoming.head.uri)?;
    let shared = gateway.shared();
    let (step, by) = (wanted.step.unwrap_or(StepWord::All), wanted.by.unwrap_or(By::All));
    let query = wanted.query(shared, gateway.now()).await?;
    let totals = shared.store.usage(&query).await.map_err(unreadable)?;
    let catalog = shared.catalog.load();
    let names = Names::of(&catalog);
    let usage: Vec<UsageView> = match by {
        By::All | By::Pool | By::Key | By::Model | By::User | By::Project => {
            totals.iter().map(|total| names.show(total)).collect()
        }
        By::Reason => totals.iter().flat_map(view::reasons).collect(),
        By::Outcome => totals.iter().flat_map(view::outcomes).collect(),
    };
    if wanted.format == Some(Format::Csv) {
        return Ok(table(&usage));
    }
    let Query { since, until, .. } = query;
    written(&Series { since: Moment(since), until: Moment(until), step, by, usage })
}

fn table(usage: &[UsageView]) -> Response {
    let rows = usage.iter().map(|row| csv::line(row.cells()));
    let lines: String =
        std::iter::once(csv::line(view::TITLES.map(Into::into))).chain(rows).collect();
    csv::table(lines, "attachment; filename=\"usage.csv\"")
}

impl Wanted {
    /// The question, with every word of it looked up.
    ///
    /// # Errors
    /// 400 for a time that ends before it begins, or has too many steps.
    async fn query(&self, shared: &Shared, now: Timestamp) -> Result<Query, Failure> {
        let until = self.until.map_or(now, |until| until.0);
        let since = self.since.map_or_else(|| until.before(DAY), |since| since.0);
        if since > until {
            return Err(refused("since", "`since` is later than `until`, and has to be earlier"));
        }
        let step = match self.step.unwrap_or(StepWord::All) {
            StepWord::Minute => Step::Minute,
            StepWord::Hour => Step::Hour,
            StepWord::Day => Step::Day,
            StepWord::All => Step::All,
        };
        let seconds = until.as_seconds().saturating_sub(since.as_seconds());
        if step != Step::All && seconds / step.seconds() > MAX_STEPS {
            let message = format!(
                "`step` makes more than {MAX_STEPS} steps of this time: take a longer step, \
                 or less time between `since` and `until`"
            );
            return Err(refused("step", message));
        }
        let only = self.filter(shared, (since, until)).await?;
        let by = match self.by.unwrap_or(By::All) {
            By::All | By::Reason | By::Outcome => Group::All,
            By::Pool => Group::Pool,
            By::Key => Group::Key,
            By::Model => Group::Model,
            By::User => Group::User,
            By::Project => Group::Project,
        };
        Ok(Query { since, until, step, by, only })
    }

    async fn filter(
        &self,
        shared: &Shared,
        time: (Timestamp, Timestamp),
    ) -> Result<Filter, Failure> {
        let project = match &self.project {
            Some(name) => Some(named(shared, name, time).await?),
            None => None,
        };
        Ok(Filter {
            pool: self.pool.map(PoolId),
            key: self.key.map(KeyId),
            model: self.model.as_deref().map(ModelName::new),
            user: self.user.map(UserId),
            project,
        })
    }
}

/// The project that is listed under a name, which does not always say which it is.
async fn named(
    shared: &Shared,
    name: &str,
    (since, until): (Timestamp, Timestamp),
) -> Result<Project, Failure> {
    let only = Filter::default();
    let query = Query { since, until, step: Step::All, by: Group::Project, only };
    let totals = shared.store.usage(&query).await.map_err(unreadable)?;
    let catalog = shared.catalog.load();
    let mut projects = totals.into_iter().filter_map(|total| total.project);
    let found = projects.find(|it| project(it, &catalog.cipher) == name);
    found.ok_or_else(|| {
        let message = format!("`project` is `{name}`, of which nothing was used in this time");
        refused("project", message)
    })
}
