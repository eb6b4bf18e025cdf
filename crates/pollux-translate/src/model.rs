//! A model as the other dialects list it.

/// One line of a models list, before it takes a dialect's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelEntry<'a> {
    /// The id, without `models/`.
    pub id: &'a str,
    /// The name for people; the id stands in when it is absent.
    pub display_name: Option<&'a str>,
    /// When the model came out, in Unix seconds; Google does not say, so 0 is common.
    pub created: i64,
}
