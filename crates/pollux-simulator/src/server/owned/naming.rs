//! Which resources a prompt names, and whether its project may.

use serde_json::Value;

use crate::answer::{field, list};
use crate::refusal::{Refusal, not_owned};
use crate::state::{Absent, Owned};

/// The refusal of the first resource in a request that belongs to another project, or is gone.
pub(in crate::server) fn foreign(
    owned: &mut Owned,
    project: &str,
    request: &Value,
) -> Option<Refusal> {
    let inner = field(request, "generate_content_request").unwrap_or(request);
    let mut names = Vec::new();
    names.extend(field(inner, "cached_content").and_then(Value::as_str).map(str::to_owned));
    for turn in list(field(inner, "contents")) {
        for part in list(field(turn, "parts")) {
            let uri = field(part, "file_data").and_then(|data| field(data, "file_uri"));
            names.extend(uri.and_then(Value::as_str).map(file_of));
        }
    }
    for tool in list(field(inner, "tools")) {
        let search = field(tool, "file_search");
        let stores = list(search.and_then(|search| field(search, "file_search_store_names")));
        names.extend(stores.iter().filter_map(Value::as_str).map(str::to_owned));
    }
    let refused = |name: &&String| owned.get(project, name).err() == Some(Absent::Refused);
    names.iter().find(refused).map(|name| not_owned(name))
}

/// The name of the file that an address leads to.
fn file_of(address: &str) -> String {
    let id = address.rsplit_once("files/").map_or(address, |(_, id)| id);
    format!("files/{}", id.split([':', '?']).next().unwrap_or_default())
}
