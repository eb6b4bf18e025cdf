//! What users and pools may spend, as the gateway asks for it.

use std::collections::VecDeque;
use std::time::Duration;

use pollux_pool::id::{PoolId, UserId};
use pollux_pool::limit::{Cost, Limiter, Limits, Permit, Refused, Rule, Standing, Subject, What};
use pollux_pool::time::{Timestamp, next_pacific_midnight};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as Generate;

use crate::{START, seconds};

const USER: Subject = Subject::User(UserId(7));
const POOL: Subject = Subject::Pool(PoolId(1));
const ONE: Cost = Cost { requests: 1, input_tokens: 0, tokens: 0, money: 0 };

fn limits(rules: &[(What, u64)]) -> Limits {
    rules.iter().map(|&(what, value)| Rule { what, value }).collect()
}

fn limiter(rules: &[(What, u64)]) -> Limiter {
    let mut limiter = Limiter::default();
    limiter.configure([(USER, limits(rules))]);
    limiter
}

fn tokens(input_tokens: u64, tokens: u64) -> Cost {
    Cost { input_tokens, tokens, ..Cost::default() }
}

fn money(money: u64) -> Cost {
    Cost { money, ..Cost::default() }
}

/// Makes a request that costs `cost` and ends at once.
fn spend(limiter: &mut Limiter, cost: Cost, now: Timestamp) -> Result<(), Refused> {
    let mut permit = limiter.admit(&[USER], now)?;
    let reserved = limiter.reserve(&mut permit, cost, now);
    let real = if reserved.is_ok() { ONE.plus(cost) } else { Cost::default() };
    limiter.settle(permit, real, now);
    reserved
}

fn standing(limiter: &mut Limiter, what: What, now: Timestamp) -> Standing {
    let all = limiter.standing(USER, now);
    all.into_iter().find(|it| it.what() == what).expect("the limit is configured")
}

#[test]
fn so_many_requests_pass_in_a_minute_and_not_one_more() {
    let mut limiter = limiter(&[(What::RequestsPerMinute, 60)]);
    for _ in 0..60 {
        spend(&mut limiter, Cost::default(), START).unwrap();
    }
    let refused = spend(&mut limiter, Cost::default(), START).unwrap_err();
    assert_eq!((refused.subject, refused.rule.value, refused.left), (USER, 60, 0));
    let until = refused.until.unwrap();
    assert_eq!(until, START + seconds(60));
    assert!(spend(&mut limiter, Cost::default(), START + seconds(59)).is_err());
    spend(&mut limiter, Cost::default(), until).unwrap();
}

#[test]
fn a_day_ends_at_midnight_in_los_angeles_and_a_budget_never() {
    let mut limiter = limiter(&[(What::TokensPerDay, 100), (What::TokensEver, 150)]);
    spend(&mut limiter, tokens(0, 100), START).unwrap();
    let refused = spend(&mut limiter, tokens(0, 1), START + seconds(600)).unwrap_err();
    let midnight = next_pacific_midnight(START);
    assert_eq!((refused.rule.what, refused.until), (What::TokensPerDay, Some(midnight)));
    spend(&mut limiter, tokens(0, 50), midnight).unwrap();
    let refused = spend(&mut limiter, tokens(0, 1), midnight).unwrap_err();
    assert_eq!((refused.rule.what, refused.until), (What::TokensEver, None));
    let later = midnight + Duration::from_hours(24 * 365);
    assert!(spend(&mut limiter, tokens(0, 1), later).is_err());
    spend(&mut limiter, Cost::default(), later).expect("what costs no tokens passes");
}

#[test]
fn what_is_reserved_is_not_there_for_others_until_it_is_settled() {
    let mut limiter = limiter(&[(What::TokensPerMinute, 1_000), (What::MoneyEver, 500)]);
    let mut first = limiter.admit(&[USER], START).unwrap();
    limiter.reserve(&mut first, Cost { money: 10, ..tokens(100, 700) }, START).unwrap();
    let refused = spend(&mut limiter, tokens(100, 400), START).unwrap_err();
    assert_eq!((refused.cost, refused.left), (400, 300));
    limiter.reserve(&mut first, tokens(0, 100), START + seconds(1)).unwrap();
    assert_eq!(standing(&mut limiter, What::TokensPerMinute, START + seconds(1)).used, 800);
    limiter.settle(first, Cost { money: 3, ..ONE.plus(tokens(90, 120)) }, START + seconds(2));
    assert_eq!(standing(&mut limiter, What::TokensPerMinute, START + seconds(2)).used, 120);
    assert_eq!(standing(&mut limiter, What::MoneyEver, START + seconds(2)).used, 3);
    spend(&mut limiter, tokens(100, 400), START + seconds(2)).unwrap();
}

#[test]
fn what_cost_more_than_was_reserved_counts_from_when_that_is_known() {
    let mut limiter = limiter(&[(What::TokensPerMinute, 1_000), (What::TokensPerDay, 9_000)]);
    let mut permit = limiter.admit(&[USER], START).unwrap();
    limiter.reserve(&mut permit, tokens(50, 100), START).unwrap();
    limiter.settle(permit, ONE.plus(tokens(50, 900)), START + seconds(300));
    let now = START + seconds(301);
    assert_eq!(standing(&mut limiter, What::TokensPerMinute, now).used, 800);
    assert_eq!(standing(&mut limiter, What::TokensPerDay, now).used, 900);
    assert!(spend(&mut limiter, tokens(0, 201), now).is_err());
}

#[test]
fn what_was_reserved_before_midnight_is_not_taken_from_the_day_after() {
    let mut limiter = limiter(&[(What::TokensPerDay, 1_000)]);
    let mut permit = limiter.admit(&[USER], START).unwrap();
    limiter.reserve(&mut permit, tokens(0, 600), START).unwrap();
    let morning = next_pacific_midnight(START) + seconds(5);
    spend(&mut limiter, tokens(0, 900), morning).unwrap();
    limiter.settle(permit, ONE.plus(tokens(0, 650)), morning);
    assert_eq!(standing(&mut limiter, What::TokensPerDay, morning).used, 950);
}

#[test]
fn a_request_larger_than_its_limit_is_never_possible() {
    let mut limiter = limiter(&[(What::InputTokensPerMinute, 1_000)]);
    let refused = spend(&mut limiter, tokens(1_001, 0), START).unwrap_err();
    assert_eq!((refused.until, refused.left), (None, 1_000));
    spend(&mut limiter, tokens(1_000, 0), START).unwrap();
}

#[test]
fn only_so_many_are_under_way_at_a_time() {
    let mut limiter = limiter(&[(What::Concurrency, 2)]);
    let first = limiter.admit(&[USER], START).unwrap();
    let second = limiter.admit(&[USER], START).unwrap();
    let refused = limiter.admit(&[USER], START + seconds(3_600)).unwrap_err();
    assert_eq!(refused.until, Some(START + seconds(3_601)));
    assert_eq!(standing(&mut limiter, What::Concurrency, START).used, 2);
    limiter.settle(first, Cost::default(), START);
    let third = limiter.admit(&[USER], START).unwrap();
    limiter.settle(second, ONE, START);
    limiter.settle(third, ONE, START);
    assert_eq!(standing(&mut limiter, What::Concurrency, START).used, 0);
}

#[test]
fn a_request_that_one_subject_refuses_costs_the_other_nothing() {
    let mut limiter = Limiter::default();
    limiter.configure([
        (USER, limits(&[(What::RequestsPerDay, 10)])),
        (POOL, limits(&[(What::RequestsPerMinute, 1), (What::TokensEver, 5)])),
    ]);
    let mut permit = limiter.admit(&[USER, POOL], START).unwrap();
    assert_eq!(limiter.admit(&[USER, POOL], START).unwrap_err().subject, POOL);
    assert_eq!(standing(&mut limiter, What::RequestsPerDay, START).used, 1);
    assert_eq!(limiter.reserve(&mut permit, tokens(0, 6), START).unwrap_err().subject, POOL);
    limiter.settle(permit, Cost::default(), START);
    assert_eq!(standing(&mut limiter, What::RequestsPerDay, START).used, 0);
}

#[test]
fn who_has_no_limits_costs_nothing_and_who_is_gone_is_forgotten() {
    let mut limiter = limiter(&[]);
    let permit = limiter.admit(&[USER], START).unwrap();
    limiter.settle(permit, ONE, START);
    assert_eq!((limiter.standing(USER, START).len(), limiter.take_unsaved(START).len()), (0, 0));
    limiter.configure([(USER, limits(&[(What::Concurrency, 1)]))]);
    let old = limiter.admit(&[USER], START).unwrap();
    limiter.configure([]);
    assert!(limiter.take_unsaved(START).is_empty());
    limiter.configure([(USER, limits(&[(What::Concurrency, 1)]))]);
    let new = limiter.admit(&[USER], START).unwrap();
    limiter.settle(old, ONE, START);
    assert!(limiter.admit(&[USER], START).is_err(), "the new one is under way still");
    limiter.settle(new, ONE, START);
}

#[test]
fn other_limits_change_nothing_about_what_was_spent() {
    let mut limiter = limiter(&[(What::RequestsPerDay, 5)]);
    (0..5).for_each(|_| spend(&mut limiter, Cost::default(), START).unwrap());
    limiter.configure([(USER, limits(&[(What::RequestsPerDay, 3)]))]);
    let shown = standing(&mut limiter, What::RequestsPerDay, START);
    assert_eq!((shown.used, shown.remaining()), (5, 0));
    limiter.configure([(USER, limits(&[(What::RequestsPerDay, 6)]))]);
    spend(&mut limiter, Cost::default(), START).unwrap();
    assert!(spend(&mut limiter, Cost::default(), START).is_err());
}

#[test]
fn what_was_spent_survives_a_restart() {
    let rules = [(What::TokensPerMinute, 100), (What::TokensPerDay, 150), (What::MoneyEver, 9)];
    let mut before = limiter(&rules);
    spend(&mut before, Cost { money: 4, ..tokens(0, 80) }, START).unwrap();
    let kept = before.take_unsaved(START + seconds(1));
    assert_eq!((kept.len(), before.take_unsaved(START).len()), (1, 0));
    before.put_back(&kept);
    assert_eq!(before.take_unsaved(START + seconds(1)), kept);

    let mut after = limiter(&rules);
    after.restore(&kept, START + seconds(10));
    assert_eq!(standing(&mut after, What::TokensPerMinute, START + seconds(10)).used, 80);
    assert!(spend(&mut after, tokens(0, 21), START + seconds(60)).is_err());
    spend(&mut after, tokens(0, 70), START + seconds(61)).unwrap();
    let refused = spend(&mut after, tokens(0, 1), START + seconds(300)).unwrap_err();
    assert_eq!(refused.rule.what, What::TokensPerDay);
    let tomorrow = next_pacific_midnight(START);
    assert!(spend(&mut after, money(6), tomorrow).is_err());
    spend(&mut after, money(5), tomorrow).unwrap();

    let mut late = limiter(&rules);
    late.restore(&kept, tomorrow);
    assert_eq!(standing(&mut late, What::TokensPerDay, tomorrow).used, 0);
    assert_eq!(standing(&mut late, What::MoneyEver, tomorrow).used, 4);
}

#[test]
fn headers_can_be_told_when_a_limit_is_whole_again() {
    let mut limiter = limiter(&[(What::RequestsPerMinute, 10), (What::TokensPerDay, 100)]);
    assert_eq!(standing(&mut limiter, What::RequestsPerMinute, START).resets, Some(START));
    spend(&mut limiter, tokens(0, 1), START).unwrap();
    spend(&mut limiter, tokens(0, 1), START + seconds(30)).unwrap();
    let shown = standing(&mut limiter, What::RequestsPerMinute, START + seconds(40));
    assert_eq!((shown.remaining(), shown.resets), (8, Some(START + seconds(90))));
    let shown = standing(&mut limiter, What::TokensPerDay, START);
    assert_eq!((shown.remaining(), shown.resets), (98, Some(next_pacific_midnight(START))));
}

/// Something that happens to a limiter.
#[derive(Clone, Copy, Debug)]
enum Event {
    Admit,
    /// The youngest request reserves so much.
    Reserve(u64),
    /// The oldest request ends, and cost this share of what it had reserved, in percent.
    Settle(u64),
    Wait(u64),
}

fn event() -> impl Generate<Value = Event> {
    prop_oneof![
        4 => proptest::strategy::Just(Event::Admit),
        4 => (1_u64..60).prop_map(Event::Reserve),
        3 => (0_u64..=100).prop_map(Event::Settle),
        3 => prop_oneof![0_u64..3_000, 20_000_u64..80_000].prop_map(Event::Wait),
    ]
}

/// What really happened: when, requests, and tokens that are reserved or spent.
#[derive(Default)]
struct Truth(Vec<(Timestamp, u64, u64)>);

impl Truth {
    fn used(&self, since: Option<Timestamp>) -> (u64, u64) {
        let counted = self.0.iter().filter(|(at, ..)| since.is_none_or(|since| *at > since));
        counted.fold((0, 0), |(requests, tokens), it| (requests + it.1, tokens + it.2))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_window_is_ever_exceeded(events in vec(event(), 1..200)) {
        let rules = [
            (What::RequestsPerMinute, 5), (What::RequestsPerDay, 40), (What::TokensPerMinute, 100),
            (What::TokensPerDay, 400), (What::TokensEver, 900), (What::Concurrency, 3),
        ];
        let mut limiter = limiter(&rules);
        let mut open: VecDeque<(Permit, Vec<usize>)> = VecDeque::new();
        let (mut truth, mut now) = (Truth::default(), START);
        for event in events {
            match event {
                Event::Admit => if let Ok(permit) = limiter.admit(&[USER], now) {
                    truth.0.push((now, 1, 0));
                    open.push_back((permit, Vec::new()));
                },
                Event::Reserve(cost) => if let Some((permit, places)) = open.back_mut()
                    && limiter.reserve(permit, tokens(0, cost), now).is_ok()
                {
                    places.push(truth.0.len());
                    truth.0.push((now, 0, cost));
                },
                Event::Settle(share) => if let Some((permit, places)) = open.pop_front() {
                    let reserved: u64 = places.iter().map(|&at| truth.0[at].2).sum();
                    let real = reserved * share / 100;
                    let mut left = real;
                    for at in places {
                        truth.0[at].2 = truth.0[at].2.min(left);
                        left -= truth.0[at].2;
                    }
                    limiter.settle(permit, ONE.plus(tokens(0, real)), now);
                },
                Event::Wait(millis) => now = now + Duration::from_millis(millis),
            }
            let minute_ago = Timestamp::from_micros(now.as_micros() - 60_000_000);
            let midnight = next_pacific_midnight(now);
            let yesterday = Timestamp::from_micros(midnight.as_micros() - 86_400_000_001);
            let (minute, day, ever) =
                (truth.used(Some(minute_ago)), truth.used(Some(yesterday)), truth.used(None));
            prop_assert!(minute.0 <= 5 && minute.1 <= 100, "{:?}", minute);
            prop_assert!(day.0 <= 40 && day.1 <= 400 && ever.1 <= 900, "{:?} {:?}", day, ever);
            prop_assert!(open.len() <= 3);
            let shown = |limiter: &mut Limiter, what| standing(limiter, what, now).used;
            prop_assert!(shown(&mut limiter, What::TokensPerMinute) >= minute.1);
            prop_assert_eq!(shown(&mut limiter, What::TokensEver), ever.1);
            prop_assert_eq!(shown(&mut limiter, What::TokensPerDay), day.1);
        }
    }
}
