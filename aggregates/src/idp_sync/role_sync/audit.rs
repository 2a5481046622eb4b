use super::{Event, RoleSync};
use crate::audit::Kind::{Map, Text};
use crate::audit::{Action, Audited, Entry, Resource, field};
use crate::idp_sync::settings::written;

static SETTINGS: Resource = Resource {
    name: "idp_sync_settings_role",
    actions: &[Action::Write],
    fields: &[field("field", Text), field("mapping", Map)],
    ends_unseen: false,
};

impl Audited for RoleSync {
    const RESOURCES: &'static [&'static Resource] = &[&SETTINGS];

    fn entry(id: &str, _event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let organization_id = Some(id.parse()?);
        Ok(Some(written(
            &SETTINGS,
            "Organization Role Sync",
            organization_id,
        )))
    }
}
