//! What was used, in money, as far as its price is known.

use std::ops::AddAssign;

/// A sum of money, and how often something was used whose price nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Charge {
    /// What is known, in millionths of a dollar.
    pub cost: u64,
    /// How many attempts used tokens of models without a price.
    pub unpriced: u64,
}

impl Charge {
    /// What one attempt cost, in millionths of a dollar; nothing where its model has no price.
    pub fn of(cost: Option<u64>) -> Self {
        Self { cost: cost.unwrap_or_default(), unpriced: u64::from(cost.is_none()) }
    }

    /// Returns the sum in millionths of a dollar, unless it is of nothing but what has no price.
    pub const fn known(self) -> Option<u64> {
        match self {
            Self { cost: 0, unpriced: 1.. } => None,
            Self { cost, .. } => Some(cost),
        }
    }
}

impl AddAssign for Charge {
    fn add_assign(&mut self, more: Self) {
        self.cost = self.cost.saturating_add(more.cost);
        self.unpriced += more.unpriced;
    }
}
