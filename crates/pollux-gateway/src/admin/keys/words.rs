//! What an admin says of a key, as it is kept.

use pollux_store::{keys::Remarks, secret::Secret};

use crate::{
    admin::read::{self, refused},
    egress::Proxy,
    failure::Failure,
};

const MOST_TAGS: usize = 50;
const LONGEST_NOTES: usize = 4_000;

/// What people write to a key.
///
/// # Errors
/// 400 when it is too much.
pub(super) fn remarks(
    name: Option<&str>,
    tags: Option<&[String]>,
    notes: Option<&str>,
) -> Result<Remarks, Failure> {
    let name = name.filter(|name| !name.is_empty());
    Ok(Remarks {
        name: name.map(|name| read::name("name", name)).transpose()?.unwrap_or_default(),
        tags: read::names("tags", tags.unwrap_or_default(), MOST_TAGS)?,
        notes: read::text("notes", notes.unwrap_or_default(), LONGEST_NOTES)?,
    })
}

/// A URL of a proxy.
///
/// # Errors
/// 400 when it is none.
pub(super) fn proxy(url: &str) -> Result<Secret, Failure> {
    let message = "`proxy` takes a URL such as http://user:password@host:8080";
    url.parse::<Proxy>().map_err(|_| refused("proxy", message))?;
    Ok(Secret::new(url))
}
