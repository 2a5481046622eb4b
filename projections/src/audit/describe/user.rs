use chancery_aggregates::user::Event;
use chancery_ledger::RecordedEvent;
use serde_json::json;

use super::{Change, Description, Named, ResourceType, attempt, fields};
use crate::ApplyError;
use crate::audit::diff::Kind::{List, Secret, Text};
use crate::audit::diff::field;
use crate::event::stream_uuid;

pub(super) const USER: ResourceType = ResourceType {
    name: "user",
    fields: &[
        field("id", Text),
        field("email", Text),
        field("username", Text),
        field("name", Text),
        field("status", Text),
        field("login_type", Text),
        field("rbac_roles", List),
        field("quiet_hours_schedule", Text),
        field("hashed_password", Secret),
    ],
};

pub(super) fn describe(event: &RecordedEvent, decoded: Event) -> Result<Description, ApplyError> {
    let id = stream_uuid(event)?;
    let (named, change, attempt) = match decoded {
        Event::UserCreated { username, email, name, login_type, status, roles, hashed_password } => {
            let mut state = fields([
                ("id", json!(id)),
                ("email", json!(email)),
                ("username", json!(username)),
                ("name", json!(name)),
                ("status", json!(status)),
                ("login_type", json!(login_type)),
                ("rbac_roles", json!(roles)),
            ]);
            if hashed_password.is_some() {
                state.insert("hashed_password".to_owned(), json!(event.position.0));
            }
            (Named::Event(username.into_inner(), String::new()), Change::Created(state), attempt("create", 201))
        }
        Event::UserActivated {} => {
            (Named::Before, Change::Written(fields([("status", json!("active"))])), attempt("write", 200))
        }
        Event::UserSuspended {} => {
            (Named::Before, Change::Written(fields([("status", json!("suspended"))])), attempt("write", 200))
        }
        Event::UserProfileUpdated { username, name, previous_username: _ } => {
            let state = fields([("username", json!(username)), ("name", json!(name))]);
            (Named::Event(username.into_inner(), String::new()), Change::Written(state), attempt("write", 200))
        }
        Event::UserRolesChanged { roles } => {
            (Named::Before, Change::Written(fields([("rbac_roles", json!(roles))])), attempt("write", 200))
        }
        Event::QuietHoursScheduleSet { schedule } => {
            let state = fields([("quiet_hours_schedule", json!(schedule))]);
            (Named::Before, Change::Written(state), attempt("write", 200))
        }
        Event::UserDeleted { .. } => (Named::Before, Change::Deleted, attempt("delete", 200)),
        Event::PasswordChanged { .. } => {
            let state = fields([("hashed_password", json!(event.position.0))]);
            (Named::Before, Change::Written(state), attempt("write", 204))
        }
    };
    Ok(Description {
        resource_type: &USER,
        resource_key: event.aggregate_id.clone(),
        resource_id: id,
        named,
        change,
        attempt,
        user_id: None,
        organization_id: None,
    })
}
