use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Command, EVERYONE, Error, Event, Group, Source, UpdateGroup};
use crate::Life;
use crate::name::{DisplayName, Name};
use crate::text::FreeText;

pub(super) fn decide(state: &Life<Group>, command: Command) -> Result<Vec<Event>, Error> {
    match command {
        Command::CreateGroup {
            organization_id,
            name,
            display_name,
            avatar_url,
            quota_allowance,
            source,
        } => {
            state.must_be_new(Error::AlreadyExists)?;
            if name.as_str() == EVERYONE {
                return Err(Error::NameReserved);
            }
            Ok(vec![Event::GroupCreated {
                organization_id,
                name: name.as_str().to_owned(),
                display_name: display_name.as_str().to_owned(),
                avatar_url: avatar_url.as_str().to_owned(),
                quota_allowance: quota_allowance.credits(),
                source,
            }])
        }
        Command::CreateEveryoneGroup { organization_id } => {
            state.must_be_new(Error::AlreadyExists)?;
            Ok(vec![Event::GroupCreated {
                organization_id,
                name: EVERYONE.to_owned(),
                display_name: String::new(),
                avatar_url: String::new(),
                quota_allowance: 0,
                source: Source::User,
            }])
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
                name: group.name.clone(),
            }])
        }
    }
}

impl Group {
    fn members_changed(&self, added: Vec<Uuid>, removed: Vec<Uuid>) -> Event {
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
    pub fn check(
        &self,
        is_everyone: bool,
        present_name: &str,
        names_users: bool,
    ) -> Result<(), Error> {
        let renamed = self
            .name
            .as_ref()
            .map(Name::as_str)
            .filter(|name| *name != present_name);
        let titled = self
            .display_name
            .as_ref()
            .is_some_and(|name| !name.as_str().is_empty());
        if is_everyone && renamed.is_some() {
            return Err(Error::EveryoneName);
        }
        if is_everyone && titled {
            return Err(Error::EveryoneDisplayName);
        }
        if renamed == Some(EVERYONE) {
            return Err(Error::NameReserved);
        }
        if is_everyone && names_users {
            return Err(Error::EveryoneMembers);
        }
        Ok(())
    }

    fn decide(self, group: &Group) -> Result<Vec<Event>, Error> {
        let names_users = !(self.add.is_empty() && self.remove.is_empty());
        self.check(group.is_everyone(), &group.name, names_users)?;
        let named = self.add.len();
        let added: BTreeSet<Uuid> = self.add.iter().copied().collect();
        if added.len() < named || added.iter().any(|id| group.members.contains(*id)) {
            return Err(Error::AlreadyMember);
        }
        let mut events: Vec<Event> = self.settings(group).into_iter().collect();
        let added: Vec<Uuid> = added.difference(&self.remove).copied().collect();
        let removed: Vec<Uuid> = self
            .remove
            .into_iter()
            .filter(|id| group.members.contains(*id))
            .collect();
        if !(added.is_empty() && removed.is_empty()) {
            events.push(group.members_changed(added, removed));
        }
        Ok(events)
    }

    /// The change of settings, if any of them changes.
    fn settings(&self, group: &Group) -> Option<Event> {
        let name = self.name.as_ref().map_or(&*group.name, Name::as_str);
        let display_name = self
            .display_name
            .as_ref()
            .map_or(&*group.display_name, DisplayName::as_str);
        let avatar_url = self
            .avatar_url
            .as_ref()
            .map_or(&*group.avatar_url, FreeText::as_str);
        let quota_allowance = self
            .quota_allowance
            .map_or(group.quota_allowance, super::QuotaAllowance::credits);
        let unchanged = name == group.name
            && display_name == group.display_name
            && avatar_url == group.avatar_url
            && quota_allowance == group.quota_allowance;
        (!unchanged).then(|| Event::GroupUpdated {
            organization_id: group.organization_id,
            previous_name: group.name.clone(),
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            avatar_url: avatar_url.to_owned(),
            quota_allowance,
        })
    }
}
