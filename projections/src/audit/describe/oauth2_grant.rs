use chancery_aggregates::oauth2_grant::Event;
use chancery_ledger::RecordedEvent;
use serde_json::{Value, json};
use uuid::Uuid;

use super::oauth2_app::APP;
use super::{Attempt, Change, Description, Named, ResourceType};
use crate::audit::diff::Kind::{Secret, Text, Time};
use crate::audit::diff::field;
use crate::audit::fields::Fields;

/// The contract's audit API knows no codes and tokens; these types are Chancery's.
static CODE: ResourceType = ResourceType {
    name: "oauth2_provider_app_code",
    recurs: false,
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

static TOKEN: ResourceType = ResourceType {
    name: "oauth2_provider_app_token",
    recurs: false,
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

/// A code's fields, and those of `CodeIssued` that they show.
const ISSUED: &[(&str, &str)] = &[
    ("app_id", "app_id"),
    ("user_id", "user_id"),
    ("redirect_uri", "redirect_uri"),
    ("resource_uri", "resource_uri"),
    ("code_challenge", "code_challenge"),
    ("code_challenge_method", "code_challenge_method"),
    ("scope", "scope"),
    ("expires_at", "code_expires_at"),
];

/// A token's fields, and those of `CodeExchanged` and `TokenRefreshed` that they show.
const HELD: &[(&str, &str)] = &[
    ("app_id", "app_id"),
    ("user_id", "user_id"),
    ("audience", "audience"),
    ("scope", "scope"),
    ("expires_at", "access_token_expires_at"),
    ("refresh_expires_at", "refresh_token_expires_at"),
    ("api_key_id", "api_key_id"),
];

pub(super) fn describe(event: &RecordedEvent, decoded: &Event) -> Description {
    let grant_id = event.aggregate_id.as_str();
    let (resource_type, change, action, status_code) = match decoded {
        Event::CodeIssued { .. } => (
            &CODE,
            Change::Created(state(event, ISSUED, &["hashed_secret"])),
            "create",
            302,
        ),
        Event::CodeExchanged { .. } => (&TOKEN, Change::Created(tokens(event)), "create", 200),
        Event::TokenRefreshed { .. } => (&TOKEN, Change::Written(tokens(event)), "write", 200),
        Event::ExchangeRefused { .. } => (&CODE, Change::Refused, "write", 400),
        Event::RefreshRefused { .. } => (&TOKEN, Change::Refused, "write", 400),
        Event::GrantRevoked {
            api_key_id: Some(_),
            ..
        } => (&TOKEN, Change::Deleted, "delete", 204),
        Event::GrantRevoked {
            api_key_id: None, ..
        } => (&CODE, Change::Deleted, "delete", 204),
    };
    let (Event::CodeIssued {
        app_id, user_id, ..
    }
    | Event::CodeExchanged {
        app_id, user_id, ..
    }
    | Event::TokenRefreshed {
        app_id, user_id, ..
    }
    | Event::ExchangeRefused {
        app_id, user_id, ..
    }
    | Event::RefreshRefused {
        app_id, user_id, ..
    }
    | Event::GrantRevoked {
        app_id, user_id, ..
    }) = decoded;
    let mut additional_fields = json!({ "grant_id": grant_id, "app_id": app_id });
    if let Some(reason) = event.payload.get("reason") {
        additional_fields["reason"] = reason.clone();
    }
    let ends = matches!(decoded, Event::CodeExchanged { .. }).then(|| CODE.resource(grant_id));
    Description {
        resource: resource_type.resource(grant_id),
        resource_id: Uuid::new_v5(&NAMESPACE, grant_id.as_bytes()),
        named: Named::After(APP.resource(&app_id.to_string())),
        change,
        attempt: Some(Attempt {
            action,
            status_code,
            additional_fields,
        }),
        user_id: Some(*user_id),
        organization_id: None,
        ends,
    }
}

fn tokens(event: &RecordedEvent) -> Fields {
    state(event, HELD, &["hashed_secret", "hashed_refresh_token"])
}

/// The fields that an event sets; of its secrets only that they changed.
fn state(
    event: &RecordedEvent,
    shown: &[(&'static str, &str)],
    secrets: &[&'static str],
) -> Fields {
    let of_payload = |(field, key): &(&'static str, &str)| {
        let value = event.payload.get(*key).cloned().unwrap_or(Value::Null);
        (*field, value)
    };
    let changed = |field: &&'static str| (*field, json!(event.position.0));
    shown
        .iter()
        .map(of_payload)
        .chain(secrets.iter().map(changed))
        .collect()
}
