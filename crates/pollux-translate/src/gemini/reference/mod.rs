//! Which resources that belong to one project a path, a request or an answer names.
//!
//! A request that names none, as nearly all do, costs one pass over its quotes: a large inline
//! image is skipped at the speed of a search. Nothing here changes a byte.

mod scan;
#[cfg(test)]
mod tests;
mod walk;

use std::fmt;

use serde::Deserialize;

use super::path::Target;
use crate::text::Text;

/// A resource under the name by which its owner is remembered, for example `files/abc`.
///
/// What lies below another resource goes by the name of that one: a document by its store's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceName(String);

/// Collections whose members belong to the project that made them.
pub const COLLECTIONS: &[&str] = &[
    "files",
    "cachedContents",
    "batches",
    "operations",
    "fileSearchStores",
    "corpora",
    "tunedModels",
    "interactions",
    "generatedFiles",
    "agents",
    "environments",
    "credentials",
    "triggers",
    "webhooks",
    "voices",
    "decisions",
];

impl ResourceName {
    /// Reads a name such as `files/abc` or `fileSearchStores/s/documents/d`; `None` when it is
    /// not that of an owned resource.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim_start_matches('/');
        let (collection, rest) = name.split_once('/')?;
        let mut segments = rest.split('/');
        let id = segments.next().filter(|id| is_id(id))?;
        if collection == "models" {
            let operation = (segments.next()?, segments.next()?);
            return match operation {
                ("operations", operation) if is_id(operation) => {
                    Some(Self(format!("models/{id}/operations/{operation}")))
                }
                _ => None,
            };
        }
        let collection = COLLECTIONS.iter().find(|known| **known == collection)?;
        Some(Self(format!("{collection}/{id}")))
    }

    /// Reads a file's name or address: `files/abc`, or any URL whose path is
    /// `/{version}/files/abc`, with or without `/download` before and `:download` after it.
    pub fn of_file(address: &str) -> Option<Self> {
        let address = address.split(['?', '#']).next().unwrap_or_default();
        let Some((_, after)) = address.split_once("://") else {
            return address.starts_with("files/").then(|| Self::parse(without_method(address)))?;
        };
        let (_, path) = after.split_once('/')?;
        let path = path.strip_prefix("download/").unwrap_or(path);
        let (version, name) = path.split_once('/')?;
        let is_version = matches!(version, "v1" | "v1beta" | "v1alpha");
        let name = without_method(name);
        let is_whole = name.strip_prefix("files/").is_some_and(|id| !id.contains('/'));
        if is_version && is_whole { Self::parse(name) } else { None }
    }

    /// The name of an upload that has begun, by whatever stands for its id.
    pub fn of_upload(id: &str) -> Self {
        Self(format!("uploads/{id}"))
    }

    /// The name of a member of an owned collection, from its id or from its full name.
    pub fn member(collection: &str, id: &str) -> Option<Self> {
        let named = id.strip_prefix(collection).is_some_and(|rest| rest.starts_with('/'));
        if named { Self::parse(id) } else { Self::parse(&format!("{collection}/{id}")) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The collection it is in, for example `files`.
    pub fn collection(&self) -> &str {
        match self.0.split_once('/') {
            Some(("models", _)) => "operations",
            Some((collection, _)) => collection,
            None => &self.0,
        }
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the owned resource that a path leads to, or into.
pub fn of_path(target: &Target<'_>) -> Option<ResourceName> {
    let resource = target.resource.as_deref()?;
    ResourceName::parse(&format!("{}/{resource}", target.collection))
}

/// Returns every owned resource that a request's body names, once each, in order of name.
///
/// What a function was called with or has returned is the client's own, and is not looked at.
pub fn in_request(body: &[u8]) -> Vec<ResourceName> {
    if scan::may_name(body) { walk::in_request(body) } else { Vec::new() }
}

/// Returns every owned resource that an answer, or an event of one, names, once each.
pub fn in_answer(body: &[u8]) -> Vec<ResourceName> {
    walk::in_answer(body)
}

/// Returns what an answer to a creation in `collection` made, where it is called by an `id` alone.
pub fn made_in(collection: &str, body: &[u8]) -> Option<ResourceName> {
    let made: Made<'_> = serde_json::from_slice(body).ok()?;
    ResourceName::member(collection, &made.id)
}

#[derive(Deserialize)]
struct Made<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

/// `files/abc:download` is a file and a method.
fn without_method(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}

/// An id may hold nothing that leads elsewhere or that a text would not.
fn is_id(id: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.=~".contains(&byte);
    !id.is_empty() && id.len() <= 512 && !matches!(id, "." | "..") && id.bytes().all(is_safe)
}
