//! Projects: whose keys share a quota, as settings, Google's refusals and answers say.

use pollux_pool::balance::Strategy;
use pollux_pool::health::Health;
use pollux_pool::id::{KeyId, ModelName, ProjectName};
use pollux_pool::key::{Key, Tier};
use pollux_pool::lease::{Ask, NoKey, Spend};
use pollux_pool::outcome::{Lesson, Outcome, Revocation, Scope, Window};
use pollux_pool::pool::{Pool, Settings};
use pollux_pool::quota::{Dimension, LimitRule, LimitSource, Limits, Violation};
use pollux_pool::survey::Standing;
use pollux_pool::time::{Timestamp, next_pacific_midnight};

use crate::{START, keys, seconds, view};

const DAY: Outcome = Outcome::Exhausted { window: Window::Day, retry_after: None };

fn limited(dimension: Dimension, value: u64, keys: Vec<Key>) -> Pool {
    let rule = LimitRule { model: "gemini-*".to_owned(), tier: Tier::Free, dimension, value };
    let (strategy, limits) = (Strategy::RoundRobin, Limits(vec![rule]));
    Pool::new(Settings { strategy, limits, ..Settings::default() }, keys, 1)
}

/// Serves one request, and returns which key did.
fn serve(pool: &mut Pool, lesson: impl Into<Lesson>, now: Timestamp) -> Result<i64, NoKey> {
    let model = ModelName::new("gemini-2.5-flash");
    let lease = pool.lease(&Ask { input_tokens: 100, ..Ask::of(&model) }, now)?;
    let (key, lesson) = (lease.key().0, lesson.into());
    let refused = matches!(lesson.outcome, Outcome::Exhausted { .. });
    let requests = u64::from(!refused);
    pool.report(&lease, &lesson, now);
    pool.settle(lease, Spend { requests, input_tokens: 400, tokens: 500 }, now);
    Ok(key)
}

fn of_project(id: i64, name: &str) -> Key {
    let project = Some(ProjectName::new(name));
    Key { id: KeyId(id), weight: 1, project, tier: Tier::Free }
}

fn naming(project: &str, outcome: Outcome) -> Lesson {
    Lesson { outcome, violations: Vec::new(), project: Some(ProjectName::new(project)) }
}

#[test]
fn each_dimension_stops_before_google_has_to() {
    let tomorrow = next_pacific_midnight(START);
    let tokens_a_day = Dimension::parse("GenerateContentInputTokensPerModelPerDay", "");
    for (dimension, value, served, until) in [
        (Dimension::RPM, 3, 3, START + seconds(61)),
        (Dimension::TPM, 1_000, 3, START + seconds(61)),
        (Dimension::RPD, 3, 3, tomorrow),
        (tokens_a_day, 1_000, 3, tomorrow),
    ] {
        let mut pool = limited(dimension.clone(), value, keys(&[1]));
        for _ in 0..served {
            assert_eq!(serve(&mut pool, Outcome::Success, START), Ok(1), "{dimension}");
        }
        let refused = serve(&mut pool, Outcome::Success, START);
        assert_eq!(refused, Err(NoKey::Cooling { until }), "{dimension}");
        assert_eq!(serve(&mut pool, Outcome::Success, until), Ok(1), "{dimension}");
    }
}

#[test]
fn the_keys_of_a_named_project_share_its_quota() {
    let all = vec![of_project(1, "a"), of_project(2, "a"), of_project(3, "b")];
    let mut pool = limited(Dimension::RPM, 1, all);
    assert_eq!(serve(&mut pool, Outcome::Success, START), Ok(1));
    assert_eq!(serve(&mut pool, Outcome::Success, START), Ok(3));
    assert!(matches!(serve(&mut pool, Outcome::Success, START), Err(NoKey::Cooling { .. })));
}

#[test]
fn keys_of_which_google_names_the_same_project_share_it_from_then_on() {
    let mut pool = crate::pool(Strategy::RoundRobin, &[1; 3]);
    for key in 1..=3 {
        assert_eq!(serve(&mut pool, naming("projects/7", Outcome::Success), START), Ok(key));
    }
    assert_eq!(serve(&mut pool, DAY, START), Ok(1), "one refusal");
    let until = next_pacific_midnight(START);
    assert_eq!(serve(&mut pool, DAY, START), Err(NoKey::Cooling { until }), "for all three");

    let (kept, quotas) = (pool.checkpoint(START), pool.take_quotas());
    let mut after = crate::pool(Strategy::RoundRobin, &[1; 3]);
    after.restore(kept, quotas, START + seconds(9));
    assert_eq!(serve(&mut after, DAY, START + seconds(9)), Err(NoKey::Cooling { until }));
}

#[test]
fn what_keys_used_alone_counts_together_once_they_meet() {
    let mut pool = limited(Dimension::RPM, 4, keys(&[1, 1]));
    for _ in 0..4 {
        serve(&mut pool, Outcome::Success, START).unwrap();
    }
    let now = START + seconds(1);
    assert_eq!(serve(&mut pool, naming("projects/7", Outcome::Success), now), Ok(1));
    assert_eq!(serve(&mut pool, naming("projects/7", Outcome::Success), now), Ok(2));
    assert!(matches!(serve(&mut pool, Outcome::Success, now), Err(NoKey::Cooling { .. })));
}

#[test]
fn what_an_owner_says_of_projects_goes_before_what_google_says() {
    let mut pool = crate::pool(Strategy::RoundRobin, &[]);
    let settings = Settings { strategy: Strategy::RoundRobin, ..Settings::default() };
    pool.configure(settings, vec![of_project(1, "a"), of_project(2, "b")]);
    for _ in 0..2 {
        serve(&mut pool, naming("projects/7", Outcome::Success), START).unwrap();
    }
    assert_eq!(serve(&mut pool, DAY, START), Ok(1));
    assert_eq!(serve(&mut pool, Outcome::Success, START), Ok(2));
}

#[test]
fn a_limit_that_google_names_is_kept_over_restarts() {
    let mut pool = crate::pool(Strategy::RoundRobin, &[1]);
    let violations = vec![Violation { dimension: Dimension::RPM, limit: Some(2) }];
    let outcome = Outcome::Exhausted { window: Window::Minute, retry_after: Some(seconds(2)) };
    serve(&mut pool, Lesson { outcome, violations, project: None }, START).unwrap();
    let mut after = crate::pool(Strategy::RoundRobin, &[1]);
    let later = START + seconds(100);
    after.restore(pool.checkpoint(later), pool.take_quotas(), later);
    assert_eq!(serve(&mut after, Outcome::Success, later), Ok(1));
    assert_eq!(serve(&mut after, Outcome::Success, later), Ok(1));
    assert!(matches!(serve(&mut after, Outcome::Success, later), Err(NoKey::Cooling { .. })));
    let views = after.quotas(later);
    let (limit, used) = &views[0].meters[0];
    assert_eq!((limit.value, *used, limit.source), (2, 2, LimitSource::Learned { at: START }));
}

#[test]
fn a_day_that_was_nearly_used_up_stays_so_over_restarts() {
    let mut pool = limited(Dimension::RPD, 2, keys(&[1]));
    serve(&mut pool, Outcome::Success, START).unwrap();
    let mut after = limited(Dimension::RPD, 2, keys(&[1]));
    after.restore(pool.checkpoint(START), pool.take_quotas(), START);
    assert_eq!(serve(&mut after, Outcome::Success, START), Ok(1));
    let until = next_pacific_midnight(START);
    assert_eq!(serve(&mut after, Outcome::Success, START), Err(NoKey::Cooling { until }));
}

#[test]
fn only_what_changed_is_taken_and_what_could_not_be_written_is_taken_again() {
    let mut pool = limited(Dimension::RPD, 9, keys(&[1, 1]));
    serve(&mut pool, Outcome::Success, START).unwrap();
    let mut taken = pool.take_quotas();
    assert_eq!((taken.len(), pool.take_quotas().len()), (1, 0));
    pool.put_quotas_back(&taken);
    // Nobody knows what of it was written, so all of it is.
    taken[0].learned_anew = true;
    assert_eq!(pool.take_quotas(), taken);
    let mut unlimited = crate::pool(Strategy::RoundRobin, &[1]);
    serve(&mut unlimited, Outcome::Success, START).unwrap();
    assert_eq!(unlimited.take_quotas(), [], "counts without a limit say nothing");
}

#[test]
fn new_limits_count_at_once_and_keep_what_was_used() {
    let mut pool = limited(Dimension::RPM, 9, keys(&[1]));
    (0..3).for_each(|_| _ = serve(&mut pool, Outcome::Success, START));
    let rule =
        LimitRule { model: "*".to_owned(), tier: Tier::Free, dimension: Dimension::RPM, value: 3 };
    let settings = Settings { limits: Limits(vec![rule]), ..Settings::default() };
    pool.configure(settings, keys(&[1]));
    assert!(matches!(serve(&mut pool, Outcome::Success, START), Err(NoKey::Cooling { .. })));
}

#[test]
fn a_generation_that_succeeds_in_a_check_lifts_what_was_held() {
    let model = ModelName::new("gemini-2.5-flash");
    for held in [DAY, Outcome::Unserved] {
        let mut pool = crate::pool(Strategy::RoundRobin, &[1]);
        serve(&mut pool, held, START).unwrap();
        pool.checked(KeyId(1), None, &Outcome::Success.into(), START + seconds(1));
        assert!(serve(&mut pool, Outcome::Success, START + seconds(1)).is_err(), "a list is none");
        pool.checked(KeyId(1), Some(&model), &Outcome::Success.into(), START + seconds(2));
        assert_eq!(serve(&mut pool, Outcome::Success, START + seconds(2)), Ok(1));
    }
}

#[test]
fn revoked_keys_are_checked_each_once_after_their_pause_and_come_back_without_traffic() {
    let mut pool = crate::pool(Strategy::RoundRobin, &[1; 5]);
    let invalid = Outcome::Revoked { reason: Revocation::Invalid, scope: Scope::Key };
    for _ in 0..4 {
        serve(&mut pool, invalid, START).unwrap();
    }
    assert_eq!(pool.due_checks(9, START + seconds(200)), [], "not yet");
    let now = START + seconds(300);
    let due = pool.due_checks(3, now);
    assert_eq!(due.len(), 3);
    assert_eq!(pool.due_checks(9, now).len(), 1, "each once");
    pool.checked(due[0], None, &Outcome::Success.into(), now);
    pool.checked(due[1], None, &invalid.into(), now);
    pool.checked(due[2], None, &Outcome::Unavailable.into(), now);
    assert_eq!(view(&pool, due[0], now).health, Health::Active);
    let streaks = [due[1], due[2]].map(|key| match view(&pool, key, now).health {
        Health::Revoked { streak, .. } => streak,
        Health::Active => 0,
    });
    assert_eq!(streaks, [2, 1]);
}

#[test]
fn a_list_is_no_evidence_for_an_account_that_google_limits() {
    let mut pool = crate::pool(Strategy::RoundRobin, &[1]);
    let (reason, scope) = (Revocation::AccountLimited, Scope::Project);
    serve(&mut pool, Outcome::Revoked { reason, scope }, START).unwrap();
    let now = START + seconds(299);
    assert_eq!(pool.due_checks(9, now), [], "lists are served where answers are not");
    pool.checked(KeyId(1), None, &Outcome::Success.into(), now);
    assert_eq!(serve(&mut pool, Outcome::Success, now), Err(NoKey::Empty));
    assert_eq!(serve(&mut pool, Outcome::Success, START + seconds(300)), Ok(1), "a request is");
}

#[test]
fn a_survey_says_why_each_key_would_not_do() {
    let mut all = keys(&[1; 6]);
    all[4].tier = Tier::Paid;
    let mut pool = limited(Dimension::RPM, 1, all);
    let model = ModelName::new("gemini-2.5-flash");
    let minute = Outcome::Exhausted { window: Window::Minute, retry_after: Some(seconds(30)) };
    let revoked = Outcome::Revoked { reason: Revocation::Leaked, scope: Scope::Key };
    for outcome in [Outcome::Success, minute, Outcome::Unserved, revoked] {
        serve(&mut pool, outcome, START).unwrap();
    }
    let tried = [KeyId(6)];
    let tiers = pollux_pool::lease::Tiers::FreeOnly;
    let survey = pool.survey(&Ask { tried: &tried, tiers, ..Ask::of(&model) }, START);
    let standings: Vec<Standing> =
        survey.candidates.into_iter().map(|candidate| candidate.standing).collect();
    let until = START + seconds(61);
    assert_eq!(
        standings,
        [
            Standing::OutOfQuota { dimension: Dimension::RPM, until },
            Standing::Cooling { window: Window::Minute, until: START + seconds(30) },
            Standing::Unserved,
            Standing::Revoked(Revocation::Leaked),
            Standing::OtherTier,
            Standing::Tried,
        ]
    );
}

#[test]
fn a_forecast_says_when_the_days_requests_will_be_gone() {
    let mut pool = limited(Dimension::RPD, 2_000, keys(&[1, 1]));
    let mut now = START;
    for _ in 0..1_200 {
        now = now + seconds(1);
        serve(&mut pool, Outcome::Success, now).unwrap();
    }
    let forecast = pool.forecasts(now).pop().unwrap();
    assert_eq!(forecast.left, 2_800);
    let wait = forecast.runs_out.unwrap().since(now).as_secs();
    // After twenty minutes the rate is known to three quarters.
    assert!((2_800..3_900).contains(&wait), "{wait}");
    let mut unlimited = crate::pool(Strategy::RoundRobin, &[1]);
    serve(&mut unlimited, Outcome::Success, START).unwrap();
    assert_eq!(unlimited.forecasts(START), []);
}
