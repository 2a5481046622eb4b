use chancery_aggregates::user::Event;
use chancery_ledger::RecordedEvent;
use serde_json::{Value, json};

use super::{Attempt, Change, Description, Named, ResourceType, attempt};
use crate::ApplyError;
use crate::audit::diff::Kind::{Flag, List, Secret, Text};
use crate::audit::diff::field;
use crate::audit::fields::Fields;
use crate::event::stream_uuid;

pub(super) static USER: ResourceType = ResourceType {
    name: "user",
    recurs: false,
    fields: &[
        field("id", Text),
        field("email", Text),
        field("username", Text),
        field("name", Text),
        field("status", Text),
        field("login_type", Text),
        field("rbac_roles", List),
        field("quiet_hours_schedule", Text),
        field("deleted", Flag),
        field("hashed_password", Secret),
    ],
};

pub(super) fn describe(event: &RecordedEvent, decoded: Event) -> Result<Description, ApplyError> {
    let id = stream_uuid(event)?;
    let (named, change, attempt) = match decoded {
        Event::UserCreated {
            username,
            email,
            name,
            login_type,
            status,
            roles,
            hashed_password,
        } => {
            let mut state = Fields::from([
                ("id", json!(id)),
                ("email", json!(email)),
                ("username", json!(username)),
                ("name", json!(name)),
                ("status", json!(status)),
                ("login_type", json!(login_type)),
                ("rbac_roles", json!(roles)),
            ]);
            if hashed_password.is_some() {
                state.set("hashed_password", json!(event.position.0));
            }
            (
                Named::Event(username.into_inner(), String::new()),
                Change::Created(state),
                attempt("create", 201),
            )
        }
        Event::UserActivated {} => written([("status", json!("active"))], 200),
        Event::UserSuspended {} => written([("status", json!("suspended"))], 200),
        Event::PasswordChanged { .. } => {
            written([("hashed_password", json!(event.position.0))], 204)
        }
        Event::UserProfileUpdated { username, name, .. } => {
            let state = Fields::from([("username", json!(username)), ("name", json!(name))]);
            (
                Named::Event(username.into_inner(), String::new()),
                Change::Written(state),
                attempt("write", 200),
            )
        }
        Event::UserRolesChanged { roles } => written([("rbac_roles", json!(roles))], 200),
        Event::QuietHoursScheduleSet { schedule } => {
            written([("quiet_hours_schedule", json!(schedule))], 200)
        }
        Event::UserDeleted { username, .. } => (
            Named::Event(username.into_inner(), String::new()),
            Change::Deleted,
            attempt("delete", 200),
        ),
    };
    Ok(Description {
        resource: USER.resource(&event.aggregate_id),
        resource_id: id,
        named,
        change,
        attempt,
        user_id: None,
        organization_id: None,
        ends: None,
    })
}

/// A change of fields of a user who keeps its name.
fn written<const N: usize>(
    state: [(&'static str, Value); N],
    status_code: i32,
) -> (Named, Change, Option<Attempt>) {
    (
        Named::Before,
        Change::Written(state.into()),
        attempt("write", status_code),
    )
}
