use super::{Event, GroupSync};
use crate::audit::Kind::{Flag, Map, Text};
use crate::audit::{Action, Audited, Entry, Resource, field};
use crate::idp_sync::settings::written;

static SETTINGS: Resource = Resource {
    name: "idp_sync_settings_group",
    actions: &[Action::Write],
    fields: &[
        field("field", Text),
        field("mapping", Map),
        field("regex_filter", Text),
        field("auto_create_missing_groups", Flag),
    ],
    ends_unseen: false,
};

impl Audited for GroupSync {
    const RESOURCES: &'static [&'static Resource] = &[&SETTINGS];

    fn entry(id: &str, _event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let organization_id = Some(id.parse()?);
        Ok(Some(written(
            &SETTINGS,
            "Organization Group Sync",
            organization_id,
        )))
    }
}
