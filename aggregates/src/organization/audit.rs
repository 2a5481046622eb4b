use super::{Event, Organization, Profile};
use crate::audit::Kind::{Flag, Text, Time};
use crate::audit::{Action, Audited, Entry, Resource, Title, field};

static ORGANIZATION: Resource = Resource::new(
    "organization",
    &[Action::Create, Action::Write, Action::Delete],
    &[
        field("name", Text),
        field("display_name", Text),
        field("description", Text),
        field("icon", Text),
        field("is_default", Flag),
        field("updated_at", Time),
    ],
);

impl Audited for Organization {
    const RESOURCES: &'static [&'static Resource] = &[&ORGANIZATION];

    fn entry(id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let id = id.parse()?;
        let named = |profile: &Profile| Title::set(profile.name.as_str(), profile.icon.as_str());
        let (action, title) = match event {
            Event::OrganizationCreated(created) => (Action::Create, named(&created.profile)),
            Event::OrganizationUpdated { profile, .. } => (Action::Write, named(profile)),
            Event::OrganizationDeleted { .. } => (Action::Delete, Title::Kept),
        };
        let mut entry = Entry::new(&ORGANIZATION, id, action, title);
        entry.organization_id = Some(id);
        Ok(Some(entry))
    }
}
