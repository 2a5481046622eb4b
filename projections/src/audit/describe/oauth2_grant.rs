use chancery_aggregates::oauth2_grant::Event;
use chancery_ledger::RecordedEvent;
use serde_json::{Value, json};
use uuid::Uuid;

use super::oauth2_app::APP;
use super::{Attempt, Change, Description, Named, ResourceType, fields};
use crate::audit::diff::Kind::{Secret, Text, Time};
use crate::audit::diff::field;

/// The contract's audit API knows no codes and tokens; these types are Chancery's.
const CODE: ResourceType = ResourceType {
    name: "oauth2_provider_app_code",
    fields: &[
        field("app_id", Text),
        field("user_id", Text),
        field("redirect_uri", Text),
        field("resource_uri", Text),
        field("code_challenge", Text),
        field("code_challenge_method", Text),
        field("scope", Text),
        field("expires_at", Time),
        field("hashed_secret", Secret),
    ],
};

const TOKEN: ResourceType = ResourceType {
    name: "oauth2_provider_app_token",
    fields: &[
        field("app_id", Text),
        field("user_id", Text),
        field("audience", Text),
        field("scope", Text),
        field("expires_at", Time),
        field("refresh_expires_at", Time),
        field("api_key_id", Text),
        field("hashed_secret", Secret),
        field("hashed_refresh_token", Secret),
    ],
};

/// Namespace of the UUIDs that stand for grants, whose ids are ten characters.
const NAMESPACE: Uuid = Uuid::from_u128(0x3f0c_9a5e_7d1b_4c52_9e86_51a7_0b2d_c8f4);

pub(super) fn describe(event: &RecordedEvent, decoded: Event) -> Description {
    let grant_id = event.aggregate_id.as_str();
    let changed_at = json!(event.position.0);
    let (resource_type, app_id, user_id, change, action, status_code, reason) = match decoded {
        Event::CodeIssued {
            app_id,
            user_id,
            redirect_uri,
            resource_uri,
            code_challenge,
            code_challenge_method,
            scope,
            code_expires_at,
            ..
        } => {
            let state = fields([
                ("app_id", json!(app_id)),
                ("user_id", json!(user_id)),
                ("redirect_uri", json!(redirect_uri)),
                ("resource_uri", json!(resource_uri)),
                ("code_challenge", json!(code_challenge)),
                ("code_challenge_method", json!(code_challenge_method)),
                ("scope", json!(scope)),
                ("expires_at", json!(code_expires_at)),
                ("hashed_secret", changed_at),
            ]);
            (&CODE, app_id, user_id, Change::Created(state), "create", 302, Value::Null)
        }
        Event::CodeExchanged {
            app_id,
            user_id,
            api_key_id,
            audience,
            scope,
            access_token_expires_at,
            refresh_token_expires_at,
            ..
        } => {
            let state = fields([
                ("app_id", json!(app_id)),
                ("user_id", json!(user_id)),
                ("audience", json!(audience)),
                ("scope", json!(scope)),
                ("expires_at", json!(access_token_expires_at)),
                ("refresh_expires_at", json!(refresh_token_expires_at)),
                ("api_key_id", json!(api_key_id)),
                ("hashed_secret", changed_at.clone()),
                ("hashed_refresh_token", changed_at),
            ]);
            (&TOKEN, app_id, user_id, Change::Created(state), "create", 200, Value::Null)
        }
        Event::TokenRefreshed {
            app_id,
            user_id,
            api_key_id,
            audience,
            scope,
            access_token_expires_at,
            refresh_token_expires_at,
            ..
        } => {
            let state = fields([
                ("audience", json!(audience)),
                ("scope", json!(scope)),
                ("expires_at", json!(access_token_expires_at)),
                ("refresh_expires_at", json!(refresh_token_expires_at)),
                ("api_key_id", json!(api_key_id)),
                ("hashed_secret", changed_at.clone()),
                ("hashed_refresh_token", changed_at),
            ]);
            (&TOKEN, app_id, user_id, Change::Written(state), "write", 200, Value::Null)
        }
        Event::ExchangeRefused { app_id, user_id, reason } => {
            (&CODE, app_id, user_id, Change::Refused, "write", 400, json!(reason))
        }
        Event::RefreshRefused { app_id, user_id, reason } => {
            (&TOKEN, app_id, user_id, Change::Refused, "write", 400, json!(reason))
        }
        Event::GrantRevoked { app_id, user_id, api_key_id, reason } => {
            let resource_type = if api_key_id.is_some() { &TOKEN } else { &CODE };
            (resource_type, app_id, user_id, Change::Deleted, "delete", 204, json!(reason))
        }
    };
    let mut additional_fields = json!({ "grant_id": grant_id, "app_id": app_id });
    if !reason.is_null() {
        additional_fields["reason"] = reason;
    }
    Description {
        resource_type,
        resource_key: grant_id.to_owned(),
        resource_id: Uuid::new_v5(&NAMESPACE, grant_id.as_bytes()),
        named: Named::After((APP.name, app_id.to_string())),
        change,
        attempt: Some(Attempt { action, status_code, additional_fields }),
        user_id: Some(user_id),
        organization_id: None,
    }
}
