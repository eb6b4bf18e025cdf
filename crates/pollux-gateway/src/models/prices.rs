//! What tokens of each model cost, as far as that is known.

use std::str::FromStr;

use pollux_translate::{gemini::family::is_like, usage::Usage};

/// Prices are kept to a millionth of a dollar for a million tokens.
const SCALE: u64 = 1_000_000;
/// What a table looks like, for whoever wrote something else.
const FORM: &str = "pattern=input/cached/output in dollars for a million tokens, such as \
    gemini-4-argon=4/0.2/20";

/// The prices of models by name; in names `*` stands for any text, and the first that fits counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices(Vec<(String, Price)>);

/// What tokens of one model cost, in millionths of a dollar for a million of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Price {
    pub(crate) input: u64,
    pub(crate) cached: u64,
    pub(crate) output: u64,
}

/// A text that is no table of prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{FORM}")]
pub struct NotPrices;

impl Prices {
    /// The prices that are known without being told, as a setting would have them.
    pub const KNOWN: &str = "gemini-4-argon=4/0.2/20";

    /// No prices at all.
    pub const NONE: Self = Self(Vec::new());

    /// The price of a model, where it is known.
    pub(crate) fn of(&self, model: &str) -> Option<Price> {
        let known = self.0.iter().find(|(pattern, _)| is_like(model, pattern));
        known.map(|(_, price)| *price)
    }

    /// What `usage` of a model costs, in millionths of a dollar, rounded up; nothing is known of a
    /// model without a price. Thoughts cost what answers do.
    pub fn cost(&self, model: &str, usage: &Usage) -> Option<u64> {
        let price = self.of(model)?;
        let cached = usage.cached.min(usage.input());
        let parts = [
            (usage.input() - cached, price.input),
            (cached, price.cached),
            (usage.generated(), price.output),
        ];
        let sum: u128 =
            parts.into_iter().map(|(tokens, price)| u128::from(tokens) * u128::from(price)).sum();
        Some(u64::try_from(sum.div_ceil(u128::from(SCALE))).unwrap_or(u64::MAX))
    }
}

impl Default for Prices {
    fn default() -> Self {
        Self::KNOWN.parse().unwrap_or(Self::NONE)
    }
}

impl FromStr for Prices {
    type Err = NotPrices;

    fn from_str(text: &str) -> Result<Self, NotPrices> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let rows = entries.map(|entry| {
            let (pattern, price) = entry.split_once('=').ok_or(NotPrices)?;
            let pattern = pattern.trim();
            if pattern.is_empty() {
                return Err(NotPrices);
            }
            Ok((pattern.to_owned(), price.parse()?))
        });
        rows.collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Price {
    type Err = NotPrices;

    fn from_str(text: &str) -> Result<Self, NotPrices> {
        let mut amounts = text.split('/').map(|amount| dollars(amount.trim()));
        let mut next = || amounts.next().flatten().ok_or(NotPrices);
        let price = Self { input: next()?, cached: next()?, output: next()? };
        if amounts.next().is_some() { Err(NotPrices) } else { Ok(price) }
    }
}

/// Reads dollars to the millionth, such as `2` or `0.075`; more digits than that are refused.
fn dollars(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !are_digits(whole) || !are_digits(part) || part.len() > 6 {
        return None;
    }
    let part: u64 = format!("{part:0<6}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(SCALE)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(prompt: u64, cached: u64, output: u64, thoughts: u64) -> Usage {
        Usage { prompt, cached, output, thoughts, ..Usage::default() }
    }

    #[track_caller]
    fn check(prices: &str, model: &str, usage: Usage, want: Option<u64>) {
        assert_eq!(prices.parse::<Prices>().unwrap().cost(model, &usage), want);
    }

    #[test]
    fn each_kind_of_token_has_its_price() {
        let prices = "gemini-4-argon=4/0.2/20, *flash*=0.3/0.075/2.5";
        check(prices, "gemini-4-argon", usage(1_000, 0, 0, 0), Some(4_000));
        check(prices, "gemini-4-argon", usage(1_000, 600, 100, 50), Some(1_600 + 120 + 3_000));
        check(prices, "gemini-3.8-flash-lite", usage(10, 0, 4, 0), Some(13));
        check(prices, "gemini-3.1-pro", usage(10, 0, 4, 0), None);
        let tools = Usage { tool_prompt: 500, ..usage(500, 0, 0, 0) };
        check(prices, "gemini-4-argon", tools, Some(4_000));
    }

    #[test]
    fn the_first_that_fits_counts_and_parts_of_a_millionth_are_rounded_up() {
        check("a*=1/1/1,ab=9/9/9", "ab", usage(3, 0, 0, 0), Some(3));
        check("a=0.000001/0/0", "a", usage(1, 0, 0, 0), Some(1));
        check("a=0/0/0", "a", usage(1, 0, 0, 0), Some(0));
        check("a=18446744/0/0", "a", usage(u64::MAX, 0, 0, 0), Some(u64::MAX));
        check("", "a", usage(1, 0, 0, 0), None);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for text in ["a", "a=1", "a=1/2", "a=1/2/3/4", "=1/2/3", "a=1/-2/3", "a=1/.5/3", "a=$1/2/3"]
        {
            assert_eq!(text.parse::<Prices>(), Err(NotPrices), "{text}");
        }
        assert!("a=0.1234567/2/3".parse::<Prices>().is_err(), "too fine");
    }

    #[test]
    fn what_is_known_can_be_read() {
        let cost = Prices::default().cost("gemini-4-argon", &usage(1_000_000, 0, 0, 0));
        assert_eq!(cost, Some(4_000_000));
    }
}
