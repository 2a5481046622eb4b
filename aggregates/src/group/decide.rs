//! The rules of a group.

use std::collections::BTreeSet;

use super::{Command, EVERYONE, Error, Event, Group, Members, Settings, Source, UpdateGroup};
use crate::Life;
use crate::name::Name;
use crate::user::UserId;

pub(super) fn decide(state: &Life<Group>, command: Command) -> Result<Vec<Event>, Error> {
    match command {
        Command::CreateGroup(new) => {
            state.must_be_new(Error::AlreadyExists)?;
            if new.is_everyone() {
                return Err(Error::NameReserved);
            }
            Ok(vec![Event::GroupCreated(Group {
                members: Members::default(),
                ..new
            })])
        }
        Command::CreateEveryoneGroup { organization_id } => {
            state.must_be_new(Error::AlreadyExists)?;
            let name = Name::own(EVERYONE);
            let settings = Settings {
                name,
                ..Settings::default()
            };
            let everyone = Group::new(organization_id, settings, Source::User);
            Ok(vec![Event::GroupCreated(everyone)])
        }
        Command::UpdateGroup(update) => update.decide(state.live().ok_or(Error::NotFound)?),
        Command::LeaveGroup { user_id } => match state {
            Life::Live(group) if group.members.contains(user_id) => {
                Ok(vec![group.members_changed(Vec::new(), vec![user_id])])
            }
            _ => Ok(Vec::new()),
        },
        Command::DeleteGroup => {
            let group = state.live().ok_or(Error::NotFound)?;
            if group.is_everyone() {
                return Err(Error::EveryoneNotDeletable);
            }
            Ok(vec![Event::GroupDeleted {
                organization_id: group.organization_id,
                name: group.settings.name.clone(),
            }])
        }
    }
}

impl Group {
    fn members_changed(&self, added: Vec<UserId>, removed: Vec<UserId>) -> Event {
        Event::GroupMembersChanged {
            organization_id: self.organization_id,
            added,
            removed,
        }
    }
}

impl UpdateGroup {
    /// The refusals that need no look at the members, in the contract's order (docs/contract/groups.md 5). `names_users`: whether it adds
    /// or removes anybody.
    pub fn check(&self, group: &Group, names_users: bool) -> Result<(), Error> {
        let (is_everyone, patch) = (group.is_everyone(), &self.settings);
        let renamed = patch
            .name
            .as_ref()
            .filter(|name| **name != group.settings.name);
        let titled = patch
            .display_name
            .as_ref()
            .is_some_and(|name| !name.as_str().is_empty());
        if is_everyone && renamed.is_some() {
            return Err(Error::EveryoneName);
        }
        if is_everyone && titled {
            return Err(Error::EveryoneDisplayName);
        }
        if renamed.is_some_and(|name| name.as_str() == EVERYONE) {
            return Err(Error::NameReserved);
        }
        if is_everyone && names_users {
            return Err(Error::EveryoneMembers);
        }
        Ok(())
    }

    fn decide(mut self, group: &Group) -> Result<Vec<Event>, Error> {
        self.check(group, !(self.add.is_empty() && self.remove.is_empty()))?;
        let named = self.add.len();
        let added: BTreeSet<UserId> = self.add.into_iter().collect();
        if added.len() < named || added.iter().any(|id| group.members.contains(*id)) {
            return Err(Error::AlreadyMember);
        }
        let mut events = Vec::new();
        let settings = self.settings.onto(group.settings.clone());
        if settings != group.settings {
            events.push(Event::GroupUpdated {
                organization_id: group.organization_id,
                previous_name: group.settings.name.clone(),
                settings,
            });
        }
        let added: Vec<UserId> = added.difference(&self.remove).copied().collect();
        self.remove.retain(|id| group.members.contains(*id));
        if !(added.is_empty() && self.remove.is_empty()) {
            events.push(group.members_changed(added, self.remove.into_iter().collect()));
        }
        Ok(events)
    }
}
