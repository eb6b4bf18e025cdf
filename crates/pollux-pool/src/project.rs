//! Projects: whose quota a key shares, as its owner says, as Google says, or by itself.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use crate::id::{KeyId, ProjectName};
use crate::place::{Place, Slot};

/// What quota is counted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Project {
    /// One that the owner of its keys named.
    Named(ProjectName),
    /// One that Google named in an answer.
    Consumer(ProjectName),
    /// That of a single key, of which nothing is known.
    Of(KeyId),
}

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(f, "name:{name}"),
            Self::Consumer(name) => write!(f, "consumer:{name}"),
            Self::Of(key) => write!(f, "key:{}", key.0),
        }
    }
}

/// A text that names no project.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no project")]
pub struct NotAProject(pub String);

impl FromStr for Project {
    type Err = NotAProject;

    fn from_str(text: &str) -> Result<Self, NotAProject> {
        let wrong = || NotAProject(text.to_owned());
        let (kind, name) = text.split_once(':').ok_or_else(wrong)?;
        match kind {
            "name" => Ok(Self::Named(ProjectName::new(name))),
            "consumer" => Ok(Self::Consumer(ProjectName::new(name))),
            "key" => name.parse().map(|id| Self::Of(KeyId(id))).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

/// The projects of a pool and their keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Projects {
    list: Vec<Members>,
    places: HashMap<Project, Place>,
    /// Which project it is that Google calls so.
    consumers: HashMap<ProjectName, Place>,
}

#[derive(Clone, Debug)]
struct Members {
    project: Project,
    slots: Vec<Slot>,
}

impl Projects {
    /// Adds a key to its project, and returns the project's place.
    ///
    /// What the owner says goes before what Google said.
    pub(crate) fn add(
        &mut self,
        slot: Slot,
        key: KeyId,
        named: Option<&ProjectName>,
        consumer: Option<&ProjectName>,
    ) -> Place {
        let place = match (named, consumer) {
            (Some(name), _) => self.place_of(&Project::Named(name.clone())),
            (None, Some(name)) => match self.consumers.get(name) {
                Some(&place) => place,
                None => self.place_of(&Project::Consumer(name.clone())),
            },
            (None, None) => self.place_of(&Project::Of(key)),
        };
        if let Some(name) = consumer {
            self.consumers.entry(name.clone()).or_insert(place);
        }
        if let Some(members) = self.list.get_mut(place) {
            members.slots.push(slot);
        }
        place
    }

    /// Takes a key out of its project, and returns whether the project has others.
    pub(crate) fn remove(&mut self, slot: Slot, place: Place) -> bool {
        let Some(members) = self.list.get_mut(place) else { return false };
        members.slots.retain(|&other| other != slot);
        !members.slots.is_empty()
    }

    /// Returns the keys of a project.
    pub(crate) fn members(&self, place: Place) -> &[Slot] {
        self.list.get(place).map_or(&[], |members| members.slots.as_slice())
    }

    /// Returns the project at a place.
    pub(crate) fn project(&self, place: Place) -> Option<&Project> {
        self.list.get(place).map(|members| &members.project)
    }

    /// Returns where a project is, if it is here.
    pub(crate) fn find(&self, project: &Project) -> Option<Place> {
        self.places.get(project).copied()
    }

    fn place_of(&mut self, project: &Project) -> Place {
        if let Some(&place) = self.places.get(project) {
            return place;
        }
        let place = self.list.len();
        self.list.push(Members { project: project.clone(), slots: Vec::new() });
        self.places.insert(project.clone(), place);
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_reads_back_from_its_text() {
        let name = |name| ProjectName::new(name);
        for project in [
            Project::Named(name("team: a")),
            Project::Consumer(name("projects/123")),
            Project::Of(KeyId(7)),
        ] {
            assert_eq!(project.to_string().parse(), Ok(project));
        }
        for wrong in ["", "key:x", "team:a"] {
            assert!(wrong.parse::<Project>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn keys_meet_by_what_google_calls_their_project() {
        let (team, consumer) = (ProjectName::new("team"), ProjectName::new("projects/1"));
        let mut projects = Projects::default();
        let named = projects.add(0, KeyId(1), Some(&team), Some(&consumer));
        let alone = projects.add(1, KeyId(2), None, None);
        assert_ne!(named, alone);
        assert_eq!(projects.add(2, KeyId(3), None, Some(&consumer)), named);
        assert!(!projects.remove(1, alone));
        assert_eq!(projects.members(named), [0, 2]);
        assert_eq!(projects.project(named), Some(&Project::Named(team)));
    }
}
