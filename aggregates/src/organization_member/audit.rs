use super::{Event, OrganizationMember};
use crate::audit::Kind::{self, List, Text, Time};
use crate::audit::{Action, Audited, Entry, Resource, Title, field};
use crate::user::audit::USER;

/// Identified by its user, and called like that.
static MEMBER: Resource = Resource {
    name: "organization_member",
    actions: &[Action::Create, Action::Write, Action::Delete],
    fields: &[
        field("username", Kind::Title),
        field("user_id", Text),
        field("roles", List),
        field("created_at", Time),
        field("updated_at", Time),
    ],
    ends_unseen: false,
};

impl Audited for OrganizationMember {
    const RESOURCES: &'static [&'static Resource] = &[&MEMBER];

    fn entry(_id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let (action, organization_id, user_id) = match event {
            Event::OrganizationMemberAdded {
                organization_id,
                user_id,
                ..
            } => (Action::Create, organization_id, user_id),
            Event::OrganizationMemberRolesChanged {
                organization_id,
                user_id,
                ..
            } => (Action::Write, organization_id, user_id),
            Event::OrganizationMemberRemoved {
                organization_id,
                user_id,
            } => (Action::Delete, organization_id, user_id),
        };
        let mut entry = Entry::new(&MEMBER, *user_id, action, Title::Of(&USER, user_id.uuid()));
        entry.organization_id = Some(*organization_id);
        Ok(Some(entry))
    }
}
