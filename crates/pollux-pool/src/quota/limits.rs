//! Limits that settings give to projects, by model and tier.

use std::sync::Arc;

use super::{Dimension, Limit, LimitSource};
use crate::key::Tier;

/// The limits of all models; of rules for the same dimension the first that fits counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits(pub Vec<LimitRule>);

/// One limit of the models that it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitRule {
    /// A model's name; one that ends with `*` stands for all that begin so.
    pub model: String,
    /// The tier of the projects that it is for.
    pub tier: Tier,
    /// What is limited.
    pub dimension: Dimension,
    /// To how much.
    pub value: u64,
}

impl Limits {
    /// Returns the limits of projects of `tier` for `model`.
    pub(crate) fn of(&self, model: &str, tier: Tier) -> Arc<[Limit]> {
        let mut limits: Vec<Limit> = Vec::new();
        for rule in self.0.iter().filter(|rule| rule.tier == tier && rule.is_for(model)) {
            if !limits.iter().any(|limit| limit.dimension == rule.dimension) {
                let LimitRule { dimension, value, .. } = rule.clone();
                limits.push(Limit { dimension, value, source: LimitSource::Setting });
            }
        }
        limits.into()
    }
}

impl LimitRule {
    fn is_for(&self, model: &str) -> bool {
        match self.model.strip_suffix('*') {
            Some(start) => model.starts_with(start),
            None => model == self.model,
        }
    }
}
