//! What choosing and learning cost in a large pool, and what it takes of memory: `cargo bench -p pollux-pool`.
//!
//! 10,000 keys, each a project with limits per minute and day, in use for 20 models; nine of ten cool down.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run has nothing to report"
)]

use std::cell::{OnceCell, RefCell};
use std::fs;
use std::time::Duration;

use criterion::{BatchSize, Criterion};
use mimalloc::MiMalloc;
use pollux_pool::balance::Strategy;
use pollux_pool::id::{KeyId, ModelName};
use pollux_pool::key::{Key, Tier};
use pollux_pool::lease::{Ask, Lease, Spend};
use pollux_pool::outcome::{Outcome, Window};
use pollux_pool::pool::{Pool, Settings};
use pollux_pool::quota::{Dimension, LimitRule, Limits};
use pollux_pool::time::Timestamp;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const KEYS: i64 = 10_000;
const MODELS: usize = 20;
const START: Timestamp = Timestamp::from_seconds(1_780_000_000);

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    memory();
    for strategy in [
        Strategy::Adaptive,
        Strategy::RoundRobin,
        Strategy::WeightedRoundRobin,
        Strategy::WeightedRandom,
        Strategy::Random,
        Strategy::LeastUsed,
    ] {
        chooses(&mut criterion, strategy);
    }
    learns(&mut criterion);
    criterion.final_summary();
}

/// A pool, its models, and a clock that moves a little with each request.
struct Bench {
    pool: Pool,
    models: Vec<ModelName>,
    now: Timestamp,
    turn: usize,
}

impl Bench {
    fn new(strategy: Strategy) -> Self {
        let limit = |dimension, value| LimitRule {
            model: "*".to_owned(),
            tier: Tier::Free,
            dimension,
            value,
        };
        let limits = vec![
            limit(Dimension::RPM, 1_000_000),
            limit(Dimension::TPM, 1_000_000_000),
            limit(Dimension::RPD, 1_000_000_000),
        ];
        let settings = Settings { strategy, limits: Limits(limits), ..Settings::default() };
        let key = |id| Key {
            id: KeyId(id),
            weight: 1 + u32::try_from(id % 3).unwrap(),
            project: None,
            tier: Tier::Free,
        };
        let pool = Pool::new(settings, (1..=KEYS).map(key).collect(), 7);
        let models = (0..MODELS).map(|id| ModelName::new(&format!("gemini-{id}"))).collect();
        Self { pool, models, now: START, turn: 0 }
    }

    fn lease(&mut self) -> Lease {
        self.turn += 1;
        self.now = self.now + Duration::from_micros(50);
        let model = &self.models[self.turn % MODELS];
        self.pool.lease(&Ask { input_tokens: 100, ..Ask::of(model) }, self.now).unwrap()
    }

    fn end(&mut self, lease: Lease, outcome: Outcome) {
        self.pool.report(&lease, &outcome.into(), self.now);
        self.pool.settle(lease, Spend { requests: 1, input_tokens: 90, tokens: 300 }, self.now);
    }

    /// Lets every key serve every model some times, and then most of them cool down.
    fn wear(mut self, uses: i64) -> Self {
        for turn in 0..KEYS * i64::try_from(MODELS).unwrap() * uses {
            let lease = self.lease();
            self.end(lease, Outcome::Success);
            self.now = self.now + Duration::from_micros(u64::try_from(turn % 7).unwrap());
        }
        let day = Outcome::Exhausted { window: Window::Day, retry_after: None };
        for _ in 0..KEYS * i64::try_from(MODELS).unwrap() * 9 / 10 {
            let lease = self.lease();
            self.end(lease, day);
        }
        self
    }
}

fn memory() {
    let before = resident();
    let bench = Bench::new(Strategy::RoundRobin).wear(10);
    let bytes = resident().saturating_sub(before);
    let each = bytes / (usize::try_from(KEYS).unwrap() * MODELS);
    println!("memory: {} MiB in all, {each} bytes for each key and model", bytes >> 20);
    drop(bench);
}

/// The memory that this process has, in bytes; 0 where the system does not say.
fn resident() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * 4_096
}

fn chooses(criterion: &mut Criterion, strategy: Strategy) {
    let mut group = criterion.benchmark_group("lease");
    let worn = OnceCell::new();
    group.bench_function(strategy.as_str(), |bencher| {
        let bench = worn.get_or_init(|| RefCell::new(Bench::new(strategy).wear(1)));
        let lease = || {
            let lease = bench.borrow_mut().lease();
            Back { bench, lease: Some(lease) }
        };
        bencher.iter_batched(|| (), |()| lease(), BatchSize::NumIterations(100));
    });
}

/// Gives the lease back when it is dropped, which is not measured.
struct Back<'a> {
    bench: &'a RefCell<Bench>,
    lease: Option<Lease>,
}

impl Drop for Back<'_> {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            self.bench.borrow_mut().end(lease, Outcome::Success);
        }
    }
}

fn learns(criterion: &mut Criterion) {
    let worn = OnceCell::new();
    criterion.bench_function("report and settle", |bencher| {
        let bench = worn.get_or_init(|| RefCell::new(Bench::new(Strategy::Adaptive).wear(1)));
        bencher.iter_batched(
            || bench.borrow_mut().lease(),
            |lease| bench.borrow_mut().end(lease, Outcome::Success),
            BatchSize::NumIterations(100),
        );
    });
}
