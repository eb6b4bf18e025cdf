//! What projects have made: files and everything else that belongs to one of them.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::Value;

/// All resources of all projects, by name.
#[derive(Debug, Default)]
pub(crate) struct Owned {
    items: BTreeMap<String, Item>,
    gone: BTreeSet<String>,
    uploads: BTreeMap<String, Upload>,
    last: u64,
}

/// One resource.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Whose it is.
    pub(crate) project: String,
    /// How the API shows it.
    pub(crate) view: Value,
    /// A file's content.
    pub(crate) bytes: Bytes,
}

/// A file that is arriving.
#[derive(Clone, Debug, Default)]
pub(crate) struct Upload {
    pub(crate) project: String,
    pub(crate) mime: String,
    /// What the start said about the file.
    pub(crate) about: Value,
    /// The store it is meant for, if any.
    pub(crate) store: Option<String>,
    pub(crate) received: Vec<u8>,
    pub(crate) over: bool,
}

/// Why a name leads to nothing that the asking project may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// Another project's, or deleted.
    Refused,
    /// Never heard of.
    Unknown,
}

impl Owned {
    /// An id that was never given before.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.last += 1;
        format!("{prefix}{:08x}", self.last)
    }

    pub(crate) fn put(&mut self, name: &str, item: Item) {
        self.gone.remove(name);
        self.items.insert(name.to_owned(), item);
    }

    /// What `project` has under a name.
    pub(crate) fn get(&mut self, project: &str, name: &str) -> Result<&mut Item, Absent> {
        let gone = self.gone.contains(name);
        match self.items.get_mut(name) {
            Some(item) if item.project == project => Ok(item),
            Some(_) => Err(Absent::Refused),
            None if gone => Err(Absent::Refused),
            None => Err(Absent::Unknown),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        let below = format!("{name}/");
        self.items.retain(|known, _| known != name && !known.starts_with(&below));
        self.gone.insert(name.to_owned());
    }

    /// What a project has directly in a collection, in order of name.
    pub(crate) fn members(&self, project: &str, collection: &str) -> Vec<Value> {
        let is_member = |name: &str| {
            let id = name.strip_prefix(collection).and_then(|rest| rest.strip_prefix('/'));
            id.is_some_and(|id| !id.contains('/'))
        };
        let members =
            self.items.iter().filter(|(name, item)| is_member(name) && item.project == project);
        members.map(|(_, item)| item.view.clone()).collect()
    }

    pub(crate) fn begin(&mut self, upload: Upload) -> String {
        let id = self.id("upload-");
        self.uploads.insert(id.clone(), upload);
        id
    }

    pub(crate) fn upload(&mut self, id: &str) -> Option<&mut Upload> {
        self.uploads.get_mut(id)
    }
}
