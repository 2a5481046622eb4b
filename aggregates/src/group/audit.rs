use serde_json::{Value, json};
use uuid::Uuid;

use super::{Event, Group};
use crate::audit::Kind::{List, Number, Text};
use crate::audit::{Action, Audited, Entry, ListChange, Resource, SHOWN_WHOLE, Title, field};

const MEMBERS: &str = "members";

static GROUP: Resource = Resource {
    name: "group",
    actions: &[Action::Create, Action::Write, Action::Delete],
    fields: &[
        field("id", Text),
        field("name", Text),
        field("display_name", Text),
        field("avatar_url", Text),
        field("quota_allowance", Number),
        field(MEMBERS, List),
    ],
    ends_unseen: false,
};

impl Audited for Group {
    const RESOURCES: &'static [&'static Resource] = &[&GROUP];

    fn entry(id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let group_id: Uuid = id.parse()?;
        let of = |organization_id: &Uuid, action, title| {
            let mut entry = Entry::new(&GROUP, group_id, action, title);
            entry.organization_id = Some(*organization_id);
            entry
        };
        let named = |name: &str, avatar_url: &str| Title::Set {
            name: name.to_owned(),
            icon: avatar_url.to_owned(),
        };
        Ok(Some(match event {
            Event::GroupCreated {
                organization_id,
                name,
                avatar_url,
                ..
            } => {
                let mut entry = of(organization_id, Action::Create, named(name, avatar_url));
                // The group of everyone comes with its organization: that is the action.
                if group_id == *organization_id {
                    entry.action = None;
                }
                entry
            }
            Event::GroupUpdated {
                organization_id,
                name,
                avatar_url,
                ..
            } => of(organization_id, Action::Write, named(name, avatar_url)),
            Event::GroupMembersChanged {
                organization_id,
                added,
                removed,
            } => {
                let mut entry = of(organization_id, Action::Write, Title::Kept);
                entry.listed = Some(ListChange {
                    field: MEMBERS,
                    added: shown(added.iter(), id),
                    removed: shown(removed.iter(), id),
                });
                entry
            }
            Event::GroupDeleted {
                organization_id, ..
            } => of(organization_id, Action::Delete, Title::Kept),
        }))
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

fn shown<'a>(user_ids: impl Iterator<Item = &'a Uuid>, group_id: &str) -> Vec<Value> {
    user_ids
        .map(|user_id| json!({ "user_id": user_id, "group_id": group_id }))
        .collect()
}
