//! How much text goes out at a time, and how long the next waits after it.

use std::time::Duration;

use unicode_segmentation::UnicodeSegmentation as _;

/// How text is given out.
#[derive(Clone, Debug, PartialEq)]
pub struct Pacing {
    /// By which rule.
    pub mode: Mode,
    /// After each grapheme, by [`Mode::Char`].
    pub char_delay: Duration,
    /// How many graphemes go out together, by [`Mode::Batch`].
    pub batch_size: usize,
    /// After each batch, by [`Mode::Batch`].
    pub batch_delay: Duration,
    /// The shortest pause of [`Mode::Adaptive`].
    pub min_delay: Duration,
    /// The longest pause of [`Mode::Adaptive`].
    pub max_delay: Duration,
    /// By how much [`Mode::Adaptive`] pauses between the two.
    pub factor: f64,
    /// Up to so many waiting characters [`Mode::Adaptive`] gives out one at a time.
    pub buffer: usize,
    /// Within deltas of so many characters [`Mode::Adaptive`] pauses for `fast_delay` alone.
    pub fast_after: usize,
    /// The pause of what is to be fast.
    pub fast_delay: Duration,
    /// What [`Mode::Adaptive`] pauses for in addition between two of Gemini's deltas.
    pub between_messages: Duration,
    /// An answer of more characters than this is fast from there on, by any rule.
    pub fast_mode_after: usize,
}

/// By which rule text is given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As it comes.
    #[default]
    Off,
    /// Grapheme by grapheme.
    Char,
    /// A number of graphemes at a time.
    Batch,
    /// By how much waits and how fast it comes.
    Adaptive,
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            mode: Mode::Off,
            char_delay: Duration::from_millis(50),
            batch_size: 5,
            batch_delay: Duration::from_millis(100),
            min_delay: Duration::from_millis(2),
            max_delay: Duration::from_millis(20),
            factor: 0.35,
            buffer: 20,
            fast_after: 300,
            fast_delay: Duration::from_millis(1),
            between_messages: Duration::from_millis(3),
            fast_mode_after: 2000,
        }
    }
}

/// Text that has waited for so long makes its stream fast, until it has caught up.
const LATEST: Duration = Duration::from_secs(30);
/// A fast stream gives out this share of what waits at a time, and no less than [`FAST_SIZE`].
const FAST_SHARE: usize = 32;
const FAST_SIZE: usize = 6;
/// Sizes of the adaptive batches: up to so many times the buffer, so many graphemes.
const BATCHES: [(usize, usize); 4] = [(1, 1), (3, 2), (6, 3), (12, 4)];
/// After these a batch ends early: a reader pauses there as well.
const PUNCTUATION: &[char] = &[
    '.', ',', '!', '?', ';', ':', '\n', '\u{3002}', '\u{ff0c}', '\u{ff01}', '\u{ff1f}', '\u{ff1b}',
    '\u{ff1a}', '\u{3001}', '\u{2026}',
];

/// A stream's pace.
#[derive(Debug)]
pub(super) struct Rhythm {
    pacing: Pacing,
    /// The characters that have come.
    heard: usize,
    last: Option<Duration>,
    noise: u64,
}

/// What goes out next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    graphemes: usize,
    is_fast: bool,
    /// Whether it ends early at punctuation.
    cuts: bool,
}

/// What is known of the delta that a step is from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delta {
    pub(super) size: usize,
    pub(super) gap: Duration,
    /// Whether the step is its last.
    pub(super) is_over: bool,
}

impl Rhythm {
    pub(super) fn new(pacing: Pacing) -> Self {
        Self { pacing, heard: 0, last: None, noise: 0 }
    }

    /// Takes note of a delta of `size` characters; returns how long after the one before it came.
    pub(super) fn hear(&mut self, size: usize, now: Duration) -> Duration {
        self.heard += size;
        let last = self.last.replace(now).unwrap_or(now);
        now.saturating_sub(last)
    }

    /// What goes out next of `waiting` characters, the first of which came `age` ago.
    pub(super) fn step(&self, waiting: usize, age: Duration) -> Step {
        let Pacing { mode, batch_size, buffer, .. } = self.pacing;
        let own = match mode {
            Mode::Off => usize::MAX,
            Mode::Char => 1,
            Mode::Batch => batch_size.max(1),
            Mode::Adaptive => {
                let fits = |(times, _): &&(usize, usize)| waiting <= buffer * times;
                BATCHES.iter().find(fits).map_or(FAST_SIZE, |(_, size)| *size)
            }
        };
        let is_fast = self.heard > self.pacing.fast_mode_after || age > LATEST;
        let graphemes = if is_fast { own.max(FAST_SIZE).max(waiting / FAST_SHARE) } else { own };
        Step { graphemes, is_fast, cuts: mode == Mode::Adaptive && !is_fast }
    }

    /// How long what follows a step waits.
    pub(super) fn delay(&mut self, step: Step, delta: Delta) -> Duration {
        let Pacing { mode, char_delay, batch_delay, fast_delay, between_messages, .. } =
            self.pacing;
        if step.is_fast {
            return fast_delay;
        }
        match mode {
            Mode::Off => Duration::ZERO,
            Mode::Char => char_delay,
            Mode::Batch => batch_delay,
            Mode::Adaptive => {
                let pause = self.adaptive(delta);
                if delta.is_over { pause + between_messages } else { pause }
            }
        }
    }

    /// Large deltas and quick ones make short pauses.
    fn adaptive(&mut self, Delta { size, gap, .. }: Delta) -> Duration {
        let Pacing { min_delay, max_delay, factor, fast_after, fast_delay, .. } = self.pacing;
        if size >= fast_after {
            return fast_delay;
        }
        let size = f64::from(u32::try_from(size.max(2)).unwrap_or(u32::MAX));
        let gap = gap.clamp(Duration::from_millis(50), Duration::from_millis(1500));
        let by_size = (3.5 / size.log2()).clamp(0.15, 1.2);
        let by_gap = (gap.as_secs_f64() / 0.25).sqrt();
        let span = max_delay.saturating_sub(min_delay).as_secs_f64();
        let pause = span * by_size * by_gap * factor * self.jitter();
        let pause = Duration::try_from_secs_f64(pause).unwrap_or(max_delay);
        (min_delay + pause).min(max_delay.max(min_delay))
    }

    /// From 0.95 to 1.05, so that a stream does not tick.
    fn jitter(&mut self) -> f64 {
        // The upper bits of a linear congruential generator are noise enough.
        self.noise = self
            .noise
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let upper = u32::try_from(self.noise >> 32).unwrap_or_default();
        0.95 + 0.1 * f64::from(upper) / f64::from(u32::MAX)
    }
}

/// Where a step through `text` ends.
pub(super) fn end_of(text: &str, step: Step) -> usize {
    let mut end = 0;
    for grapheme in text.graphemes(true).take(step.graphemes) {
        end += grapheme.len();
        if step.cuts && grapheme.starts_with(PUNCTUATION) {
            break;
        }
    }
    end
}
