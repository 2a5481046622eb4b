use serde_json::{Value, json};

use super::{Event, License};
use crate::audit::Kind::{Text, Time};
use crate::audit::{Action, Audited, Entry, Resource, Title, field};

static LICENSE: Resource = Resource {
    name: "license",
    actions: &[Action::Create, Action::Delete],
    fields: &[
        field("uuid", Text),
        field("exp", Time),
        field("uploaded_at", Time),
    ],
    ends_unseen: false,
};

impl Audited for License {
    const RESOURCES: &'static [&'static Resource] = &[&LICENSE];

    fn entry(id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let (uuid, action, title) = match event {
            Event::LicenseCreated(license) => {
                let (name, icon) = (id.to_owned(), String::new());
                (license.uuid, Action::Create, Title::Set { name, icon })
            }
            Event::LicenseDeleted { uuid } => (*uuid, Action::Delete, Title::Kept),
        };
        Ok(Some(Entry::new(&LICENSE, uuid, action, title)))
    }

    fn view(&self, _id: &str, _resource: &Resource) -> Option<Value> {
        Some(json!({ "uuid": self.uuid, "exp": self.jwt.expires_at() }))
    }
}
