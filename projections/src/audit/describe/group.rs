use chancery_aggregates::group::Event;
use chancery_ledger::RecordedEvent;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Change, Description, Named, ResourceType, attempt};
use crate::ApplyError;
use crate::audit::diff::Kind::{List, Number, Text};
use crate::audit::diff::field;
use crate::audit::fields::Fields;
use crate::event::stream_uuid;

const MEMBERS: &str = "members";

static GROUP: ResourceType = ResourceType {
    name: "group",
    recurs: false,
    fields: &[
        field("id", Text),
        field("name", Text),
        field("display_name", Text),
        field("avatar_url", Text),
        field("quota_allowance", Number),
        field(MEMBERS, List),
    ],
};

pub(super) fn describe(event: &RecordedEvent, decoded: Event) -> Result<Description, ApplyError> {
    let id = stream_uuid(event)?;
    let (organization_id, named, change, attempt) = match decoded {
        Event::GroupCreated {
            organization_id,
            name,
            display_name,
            avatar_url,
            quota_allowance,
            source: _,
        } => {
            let state = Fields::from([
                ("id", json!(id)),
                ("name", json!(name)),
                ("display_name", json!(display_name)),
                ("avatar_url", json!(avatar_url)),
                ("quota_allowance", json!(quota_allowance)),
            ]);
            // The group of everyone comes with its organization: that is the action.
            let attempt = if id == organization_id {
                None
            } else {
                attempt("create", 201)
            };
            (
                organization_id,
                Named::Event(name, avatar_url),
                Change::Created(state),
                attempt,
            )
        }
        Event::GroupUpdated {
            organization_id,
            previous_name: _,
            name,
            display_name,
            avatar_url,
            quota_allowance,
        } => {
            let state = Fields::from([
                ("name", json!(name)),
                ("display_name", json!(display_name)),
                ("avatar_url", json!(avatar_url)),
                ("quota_allowance", json!(quota_allowance)),
            ]);
            (
                organization_id,
                Named::Event(name, avatar_url),
                Change::Written(state),
                attempt("write", 200),
            )
        }
        Event::GroupMembersChanged {
            organization_id,
            added,
            removed,
        } => {
            let change = Change::Listed {
                field: MEMBERS,
                added: elements(id, added),
                removed: elements(id, removed),
            };
            (
                organization_id,
                Named::Before,
                change,
                attempt("write", 200),
            )
        }
        Event::GroupDeleted {
            organization_id,
            name: _,
        } => (
            organization_id,
            Named::Before,
            Change::Deleted,
            attempt("delete", 200),
        ),
    };
    Ok(Description {
        resource: GROUP.resource(&event.aggregate_id),
        resource_id: id,
        named,
        change,
        attempt,
        user_id: None,
        organization_id: Some(organization_id),
        ends: None,
    })
}

fn elements(group_id: Uuid, user_ids: Vec<Uuid>) -> Vec<Value> {
    user_ids
        .into_iter()
        .map(|user_id| json!({ "user_id": user_id, "group_id": group_id }))
        .collect()
}
