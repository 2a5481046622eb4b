use chancery_aggregates::{organization, organization_member};
use chancery_ledger::RecordedEvent;
use serde_json::json;

use super::user::USER;
use super::{Change, Description, Named, ResourceType, attempt};
use crate::ApplyError;
use crate::audit::diff::Kind::{Flag, List, Text, Time};
use crate::audit::diff::field;
use crate::audit::fields::Fields;
use crate::event::stream_uuid;

static ORGANIZATION: ResourceType = ResourceType {
    name: "organization",
    recurs: false,
    fields: &[
        field("name", Text),
        field("display_name", Text),
        field("description", Text),
        field("icon", Text),
        field("is_default", Flag),
        field("updated_at", Time),
    ],
};

static MEMBER: ResourceType = ResourceType {
    name: "organization_member",
    recurs: true,
    fields: &[
        field("username", Text),
        field("user_id", Text),
        field("roles", List),
        field("created_at", Time),
        field("updated_at", Time),
    ],
};

pub(super) fn describe(
    event: &RecordedEvent,
    decoded: organization::Event,
) -> Result<Description, ApplyError> {
    let id = stream_uuid(event)?;
    let (named, change, attempt) = match decoded {
        organization::Event::OrganizationCreated {
            name,
            display_name,
            description,
            icon,
            is_default,
        } => {
            let state = Fields::from([
                ("name", json!(name)),
                ("display_name", json!(display_name)),
                ("description", json!(description)),
                ("icon", json!(icon)),
                ("is_default", json!(is_default)),
                ("updated_at", json!(event.recorded_at)),
            ]);
            (
                Named::Event(name, icon),
                Change::Created(state),
                attempt("create", 201),
            )
        }
        organization::Event::OrganizationUpdated {
            name,
            display_name,
            description,
            icon,
            previous_name: _,
        } => {
            let state = Fields::from([
                ("name", json!(name)),
                ("display_name", json!(display_name)),
                ("description", json!(description)),
                ("icon", json!(icon)),
                ("updated_at", json!(event.recorded_at)),
            ]);
            (
                Named::Event(name, icon),
                Change::Written(state),
                attempt("write", 200),
            )
        }
        organization::Event::OrganizationDeleted { .. } => {
            (Named::Before, Change::Deleted, attempt("delete", 200))
        }
    };
    Ok(Description {
        resource: ORGANIZATION.resource(&event.aggregate_id),
        resource_id: id,
        named,
        change,
        attempt,
        user_id: None,
        organization_id: Some(id),
        ends: None,
    })
}

/// The field `username` is the user's name, which is what the entry is named after: the projection fills it in.
pub(super) fn describe_member(
    event: &RecordedEvent,
    decoded: organization_member::Event,
) -> Description {
    let (organization_id, user_id, change, attempt) = match decoded {
        organization_member::Event::OrganizationMemberAdded {
            organization_id,
            user_id,
            roles,
        } => {
            let state = Fields::from([
                ("user_id", json!(user_id)),
                ("roles", json!(roles)),
                ("created_at", json!(event.recorded_at)),
                ("updated_at", json!(event.recorded_at)),
            ]);
            (
                organization_id,
                user_id,
                Change::Created(state),
                attempt("create", 200),
            )
        }
        organization_member::Event::OrganizationMemberRolesChanged {
            organization_id,
            user_id,
            roles,
        } => {
            let state = Fields::from([
                ("roles", json!(roles)),
                ("updated_at", json!(event.recorded_at)),
            ]);
            (
                organization_id,
                user_id,
                Change::Written(state),
                attempt("write", 200),
            )
        }
        organization_member::Event::OrganizationMemberRemoved {
            organization_id,
            user_id,
        } => (
            organization_id,
            user_id,
            Change::Deleted,
            attempt("delete", 204),
        ),
    };
    Description {
        resource: MEMBER.resource(&event.aggregate_id),
        resource_id: user_id,
        named: Named::After(USER.resource(&user_id.to_string())),
        change,
        attempt,
        user_id: None,
        organization_id: Some(organization_id),
        ends: None,
    }
}
