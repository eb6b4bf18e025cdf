//! What users and pools may spend, and what they have spent of it.

use std::collections::BTreeMap;

use pollux_pool::limit::{Cost, Limits, Rule, Spending, Subject};
use pollux_pool::quota::Amount;

use crate::sql::{Row, SqlError, Statement};
use crate::store::{Store, StoreError};

const LIMITS: &str = "SELECT subject, what, value FROM limits ORDER BY subject, what";
const CLEAR_LIMITS: &str = "DELETE FROM limits WHERE subject = $1";
const ADD_LIMIT: &str = "INSERT INTO limits (subject, what, value) VALUES ($1, $2, $3)";

const SPENDING: &str = "SELECT subject, at, minute_requests, minute_input_tokens, minute_tokens,
    day_ends, day_requests, day_input_tokens, day_tokens, day_money,
    ever_requests, ever_input_tokens, ever_tokens, ever_money FROM spending ORDER BY subject";
const SAVE_SPENDING: &str = "INSERT INTO spending
    (subject, at, minute_requests, minute_input_tokens, minute_tokens,
    day_ends, day_requests, day_input_tokens, day_tokens, day_money,
    ever_requests, ever_input_tokens, ever_tokens, ever_money)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT (subject) DO UPDATE
    SET at = excluded.at, minute_requests = excluded.minute_requests,
        minute_input_tokens = excluded.minute_input_tokens, minute_tokens = excluded.minute_tokens,
        day_ends = excluded.day_ends, day_requests = excluded.day_requests,
        day_input_tokens = excluded.day_input_tokens, day_tokens = excluded.day_tokens,
        day_money = excluded.day_money, ever_requests = excluded.ever_requests,
        ever_input_tokens = excluded.ever_input_tokens, ever_tokens = excluded.ever_tokens,
        ever_money = excluded.ever_money";

// Who is gone never comes back under its id.
const REMOVE_LIMITS: &str = "DELETE FROM limits
    WHERE subject NOT IN (SELECT 'user-' || CAST(id AS TEXT) FROM users)
    AND subject NOT IN (SELECT 'pool-' || CAST(id AS TEXT) FROM pools)";
const REMOVE_SPENDING: &str = "DELETE FROM spending
    WHERE subject NOT IN (SELECT 'user-' || CAST(id AS TEXT) FROM users)
    AND subject NOT IN (SELECT 'pool-' || CAST(id AS TEXT) FROM pools)";

impl Store {
    /// Returns the limits of every user and pool that has any.
    pub async fn limits(&self) -> Result<BTreeMap<Subject, Limits>, StoreError> {
        let mut rules: BTreeMap<Subject, Vec<Rule>> = BTreeMap::new();
        for row in self.sql.query(Statement::new(LIMITS)).await? {
            let rule = Rule { what: row.text("what")?.parse()?, value: row.number("value")? };
            rules.entry(subject(&row)?).or_default().push(rule);
        }
        Ok(rules.into_iter().map(|(of, rules)| (of, rules.into_iter().collect())).collect())
    }

    /// Puts other limits in the place of those that a user or a pool has.
    pub async fn set_limits(&self, subject: Subject, limits: &Limits) -> Result<(), StoreError> {
        let subject = subject.to_string();
        let clear = Statement::new(CLEAR_LIMITS).bind(subject.as_str());
        let rules = limits.rules().iter().map(|rule| {
            let row = Statement::new(ADD_LIMIT).bind(subject.as_str()).bind(rule.what.as_str());
            row.bind(whole(rule.value))
        });
        Ok(self.sql.batch(std::iter::once(clear).chain(rules).collect()).await?)
    }

    /// Writes down what users and pools have spent, all of it or nothing.
    pub async fn save_spending(&self, spending: &[Spending]) -> Result<(), StoreError> {
        Ok(self.sql.batch(spending.iter().map(save).collect()).await?)
    }

    /// Returns what users and pools have spent.
    pub async fn load_spending(&self) -> Result<Vec<Spending>, StoreError> {
        self.sql.query(Statement::new(SPENDING)).await?.iter().map(spending).collect()
    }

    /// Removes the limits and the spending of users and pools that are gone.
    pub async fn remove_limits_of_gone(&self) -> Result<(), StoreError> {
        let batch = vec![Statement::new(REMOVE_LIMITS), Statement::new(REMOVE_SPENDING)];
        Ok(self.sql.batch(batch).await?)
    }
}

fn save(spending: &Spending) -> Statement {
    let Spending { subject, at, minute, day_ends, day, ever } = spending;
    let row = Statement::new(SAVE_SPENDING).bind(subject.to_string()).bind(*at);
    let minute = [minute.requests, minute.input_tokens, minute.tokens];
    let row = minute.into_iter().fold(row, |row, count| row.bind(whole(count))).bind(*day_ends);
    let costs = [day, ever].into_iter().flat_map(|cost| {
        let Cost { requests, input_tokens, tokens, money } = *cost;
        [requests, input_tokens, tokens, money]
    });
    costs.fold(row, |row, count| row.bind(whole(count)))
}

fn spending(row: &Row) -> Result<Spending, StoreError> {
    let minute = Amount {
        requests: row.number("minute_requests")?,
        input_tokens: row.number("minute_input_tokens")?,
        tokens: row.number("minute_tokens")?,
    };
    let cost = |columns: [&'static str; 4]| {
        let [requests, input_tokens, tokens, money] = columns.map(|column| row.number(column));
        Ok::<_, SqlError>(Cost {
            requests: requests?,
            input_tokens: input_tokens?,
            tokens: tokens?,
            money: money?,
        })
    };
    Ok(Spending {
        subject: subject(row)?,
        at: row.moment("at")?,
        minute,
        day_ends: row.moment("day_ends")?,
        day: cost(["day_requests", "day_input_tokens", "day_tokens", "day_money"])?,
        ever: cost(["ever_requests", "ever_input_tokens", "ever_tokens", "ever_money"])?,
    })
}

fn subject(row: &Row) -> Result<Subject, StoreError> {
    Ok(row.text("subject")?.parse()?)
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
