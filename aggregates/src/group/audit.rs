use serde_json::{Value, json};

use super::{Event, Group, GroupId, Settings, everyone_of};
use crate::audit::Kind::{List, Number, Text};
use crate::audit::{Action, Audited, Entry, ListChange, Resource, SHOWN_WHOLE, Title, field};
use crate::user::UserId;

const MEMBERS: &str = "members";

static GROUP: Resource = Resource::new(
    "group",
    &[Action::Create, Action::Write, Action::Delete],
    &[
        field("id", Text),
        field("name", Text),
        field("display_name", Text),
        field("avatar_url", Text),
        field("quota_allowance", Number),
        field(MEMBERS, List),
    ],
);

impl Audited for Group {
    const RESOURCES: &'static [&'static Resource] = &[&GROUP];

    fn entry(id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let group_id: GroupId = id.parse()?;
        let named =
            |settings: &Settings| Title::set(settings.name.as_str(), settings.avatar_url.as_str());
        let (action, title) = match event {
            Event::GroupCreated(new) => (Action::Create, named(&new.settings)),
            Event::GroupUpdated { settings, .. } => (Action::Write, named(settings)),
            Event::GroupMembersChanged { .. } => (Action::Write, Title::Kept),
            Event::GroupDeleted { .. } => (Action::Delete, Title::Kept),
        };
        let (Event::GroupCreated(Self {
            organization_id, ..
        })
        | Event::GroupUpdated {
            organization_id, ..
        }
        | Event::GroupMembersChanged {
            organization_id, ..
        }
        | Event::GroupDeleted {
            organization_id, ..
        }) = event;
        let mut entry = Entry::new(&GROUP, group_id, action, title);
        entry.organization_id = Some(*organization_id);
        // The group of everyone comes with its organization: that is the action.
        if action == Action::Create && group_id == everyone_of(*organization_id) {
            entry.action = None;
        }
        if let Event::GroupMembersChanged { added, removed, .. } = event {
            entry.listed = Some(ListChange {
                field: MEMBERS,
                added: shown(added.iter(), id),
                removed: shown(removed.iter(), id),
            });
        }
        Ok(Some(entry))
    }

    fn view(&self, id: &str, _resource: &Resource) -> Option<Value> {
        let mut view = serde_json::to_value(self).ok()?;
        view[MEMBERS] = if self.members.len() <= SHOWN_WHOLE {
            shown(self.members.iter(), id).into()
        } else {
            Value::Null
        };
        Some(view)
    }
}

fn shown<'a>(user_ids: impl Iterator<Item = &'a UserId>, group_id: &str) -> Vec<Value> {
    user_ids
        .map(|user_id| json!({ "user_id": user_id, "group_id": group_id }))
        .collect()
}
