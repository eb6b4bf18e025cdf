//! What a pool knows of a Gemini key; the secret itself never comes here.

use crate::id::{KeyId, ProjectName};
use crate::word::words;

words! {
    /// Who pays for a key's requests.
    #[derive(Default)]
    Tier {
        /// Nobody: its project is on Google's free tier.
        #[default]
        Free = "free",
        /// Its owner.
        Paid = "paid",
    }
}

/// A key as the pool sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Which key it is.
    pub id: KeyId,
    /// How often it goes next under a weighted strategy, compared with others; 0 counts as 1.
    pub weight: u32,
    /// The project whose quota and troubles it shares; without one it stands alone.
    pub project: Option<ProjectName>,
    /// Who pays for its requests; free keys go first.
    pub tier: Tier,
}
