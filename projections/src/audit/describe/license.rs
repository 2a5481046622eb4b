use chancery_aggregates::license::Event;
use chancery_ledger::RecordedEvent;
use serde_json::json;

use super::{Change, Description, Named, ResourceType, attempt};
use crate::audit::diff::Kind::{Text, Time};
use crate::audit::diff::field;
use crate::audit::fields::Fields;

static LICENSE: ResourceType = ResourceType {
    name: "license",
    recurs: false,
    fields: &[
        field("uuid", Text),
        field("exp", Time),
        field("uploaded_at", Time),
    ],
};

pub(super) fn describe(event: &RecordedEvent, decoded: Event) -> Description {
    let (resource_id, named, change, attempt) = match decoded {
        Event::LicenseCreated(license) => {
            let state = Fields::from([
                ("uuid", json!(license.uuid)),
                ("exp", json!(license.jwt.expires_at())),
                ("uploaded_at", json!(event.recorded_at)),
            ]);
            let named = Named::Event(event.aggregate_id.clone(), String::new());
            let change = Change::Created(state);
            (license.uuid, named, change, attempt("create", 201))
        }
        Event::LicenseDeleted { uuid } => {
            let attempt = attempt("delete", 200);
            (uuid, Named::Before, Change::Deleted, attempt)
        }
    };
    Description {
        resource: LICENSE.resource(&event.aggregate_id),
        resource_id,
        named,
        change,
        attempt,
        user_id: None,
        organization_id: None,
        ends: None,
    }
}
