use serde_json::{Value, json};

use super::{Event, ProvisionerKey, ProvisionerKeyId};
use crate::audit::Kind::{List, Secret, Text};
use crate::audit::{Action, Audited, Entry, Resource, Title, field};

static PROVISIONER_KEY: Resource = Resource::new(
    "provisioner_key",
    &[Action::Create, Action::Delete],
    &[
        field("id", Text),
        field("name", Text),
        field("tags", List),
        field("hashed_secret", Secret),
    ],
);

impl Audited for ProvisionerKey {
    const RESOURCES: &'static [&'static Resource] = &[&PROVISIONER_KEY];

    fn entry(id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let (organization_id, action, title) = match event {
            Event::ProvisionerKeyCreated(key) => (
                key.organization_id,
                Action::Create,
                Title::set(key.name.as_str(), ""),
            ),
            Event::ProvisionerKeyDeleted {
                organization_id, ..
            } => (*organization_id, Action::Delete, Title::Kept),
        };
        let id: ProvisionerKeyId = id.parse()?;
        let mut entry = Entry::new(&PROVISIONER_KEY, id, action, title);
        entry.organization_id = Some(organization_id);
        Ok(Some(entry))
    }

    fn view(&self, _id: &str, _resource: &Resource) -> Option<Value> {
        let tags = self.tags.as_map().iter();
        let tags: Vec<String> = tags
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Some(json!({ "name": self.name, "tags": tags, "hashed_secret": self.hashed_secret }))
    }
}
