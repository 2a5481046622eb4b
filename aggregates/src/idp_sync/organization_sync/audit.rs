use super::{Event, OrganizationSync};
use crate::audit::Kind::{Flag, Map, Text};
use crate::audit::{Action, Audited, Entry, Resource, field};
use crate::idp_sync::settings::written;

static SETTINGS: Resource = Resource {
    name: "idp_sync_settings_organization",
    actions: &[Action::Write],
    fields: &[
        field("field", Text),
        field("mapping", Map),
        field("assign_default", Flag),
    ],
    ends_unseen: false,
};

impl Audited for OrganizationSync {
    const RESOURCES: &'static [&'static Resource] = &[&SETTINGS];

    fn entry(_id: &str, _event: &Event) -> Result<Option<Entry>, uuid::Error> {
        Ok(Some(written(&SETTINGS, "Organization Sync", None)))
    }
}
