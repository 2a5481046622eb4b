use chancery_aggregates::{api_key, login_refusal};
use chancery_ledger::RecordedEvent;
use serde_json::json;
use uuid::Uuid;

use super::{Attempt, Change, Description, Named, ResourceType, attempt};
use crate::audit::diff::Kind::{Text, Time};
use crate::audit::diff::field;
use crate::audit::fields::Fields;

static API_KEY: ResourceType = ResourceType {
    name: "api_key",
    recurs: false,
    fields: &[
        field("user_id", Text),
        field("expires_at", Time),
        field("created_at", Time),
    ],
};

/// The audit API identifies an API key by its user and names it by its token name, which a session does not have.
pub(super) fn describe(event: &RecordedEvent, decoded: api_key::Event) -> Description {
    let (user_id, named, change, attempt) = match decoded {
        api_key::Event::ApiKeyCreated {
            user_id,
            origin,
            token_name,
            expires_at,
            ..
        } => {
            let state = Fields::from([
                ("user_id", json!(user_id)),
                ("expires_at", json!(expires_at)),
                ("created_at", json!(event.recorded_at)),
            ]);
            let action = match origin {
                api_key::Origin::Login => "login",
                api_key::Origin::Token => "create",
            };
            (
                Some(user_id),
                Named::Event(token_name, String::new()),
                Change::Created(state),
                attempt(action, 201),
            )
        }
        api_key::Event::ApiKeyExtended { expires_at } => {
            let state = Fields::from([("expires_at", json!(expires_at))]);
            // A session that lives on by being used is no action of anybody.
            (None, Named::Before, Change::Written(state), None)
        }
        api_key::Event::ApiKeyDeleted {
            user_id,
            token_name,
            reason,
        } => {
            let attempt = match reason {
                api_key::DeletionReason::Logout => attempt("logout", 200),
                // No action of anybody either; a token, though, is missed in its user's list.
                api_key::DeletionReason::Expired if token_name.is_empty() => None,
                api_key::DeletionReason::Deleted
                | api_key::DeletionReason::PasswordChanged
                | api_key::DeletionReason::UserDeleted
                | api_key::DeletionReason::Expired => {
                    let additional_fields = json!({ "reason": reason });
                    Some(Attempt {
                        action: "delete",
                        status_code: 204,
                        additional_fields,
                    })
                }
            };
            (
                Some(user_id),
                Named::Event(token_name, String::new()),
                Change::Deleted,
                attempt,
            )
        }
    };
    Description {
        resource: API_KEY.resource(&event.aggregate_id),
        resource_id: user_id.unwrap_or_default(),
        named,
        change,
        attempt,
        user_id: user_id.filter(|_| event.metadata.actor_kind.as_deref() != Some("system")),
        organization_id: None,
        ends: None,
    }
}

pub(super) fn describe_refusal(
    event: &RecordedEvent,
    decoded: login_refusal::Event,
) -> Description {
    let login_refusal::Event::LoginRefused {
        email,
        user_id,
        reason,
    } = decoded;
    let status_code = match reason {
        login_refusal::Reason::UnknownUser
        | login_refusal::Reason::WrongPassword
        | login_refusal::Reason::Suspended => 401,
        login_refusal::Reason::PasswordDisabled => 403,
        login_refusal::Reason::RateLimited => 429,
    };
    let additional_fields = json!({ "email": email, "reason": reason });
    Description {
        resource: API_KEY.resource(&event.aggregate_id),
        resource_id: user_id.unwrap_or(Uuid::nil()),
        named: Named::Event(String::new(), String::new()),
        change: Change::Refused,
        attempt: Some(Attempt {
            action: "login",
            status_code,
            additional_fields,
        }),
        user_id,
        organization_id: None,
        ends: None,
    }
}
