//! What the projects of keys may use, by model, so that Google does not have to refuse.

use pollux_pool::key::Tier;

use super::{Setting, list};
use crate::config::{Config, limits, value::Allowed};

pub(super) const ROWS: &[Setting] = &[
    list(
        "quota.free",
        "",
        "What each project on the free tier may use, by model, as gemini-2.5-flash=5rpm/250000tpm/100rpd,*=10rpm; what Google names is learned besides.",
        |config, text| set(config, text, Tier::Free),
    ),
    list("quota.paid", "", "The same for each project that pays.", |config, text| {
        set(config, text, Tier::Paid)
    }),
];

fn set(config: &mut Config, text: &str, tier: Tier) -> Result<(), Allowed> {
    let rules = &mut config.pool.limits.0;
    rules.retain(|rule| rule.tier != tier);
    rules.extend(limits::read(text, tier)?);
    Ok(())
}
