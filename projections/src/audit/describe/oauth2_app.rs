use chancery_aggregates::oauth2_app::Event;
use chancery_ledger::RecordedEvent;
use serde_json::json;

use super::{Attempt, Change, Description, Named, ResourceType, attempt};
use crate::ApplyError;
use crate::audit::diff::Kind::{Flag, List, Text};
use crate::audit::diff::field;
use crate::audit::fields::Fields;
use crate::event::stream_uuid;

pub(super) static APP: ResourceType = ResourceType {
    name: "oauth2_provider_app",
    recurs: false,
    fields: &[
        field("name", Text),
        field("icon", Text),
        field("callback_url", Text),
        field("redirect_uris", List),
        field("client_type", Text),
        field("token_endpoint_auth_method", Text),
        field("require_pkce", Flag),
        field("allow_multiple_grants", Flag),
    ],
};

/// No field of a secret is tracked (oauth2.md 9.4).
static SECRET: ResourceType = ResourceType {
    name: "oauth2_provider_app_secret",
    recurs: false,
    fields: &[],
};

pub(super) fn describe(event: &RecordedEvent, decoded: Event) -> Result<Description, ApplyError> {
    let app_id = stream_uuid(event)?;
    let app = |named, change, attempt| Description {
        resource: APP.resource(&event.aggregate_id),
        resource_id: app_id,
        named,
        change,
        attempt,
        user_id: None,
        organization_id: None,
        ends: None,
    };
    let secret = |id: uuid::Uuid, named, change, action, status_code| Description {
        resource: SECRET.resource(&id.to_string()),
        resource_id: id,
        named,
        change,
        attempt: Some(Attempt {
            action,
            status_code,
            additional_fields: json!({ "app_id": app_id }),
        }),
        user_id: None,
        organization_id: None,
        ends: None,
    };
    Ok(match decoded {
        Event::Oauth2AppCreated {
            name,
            callback_url,
            icon,
            redirect_uris,
            client_type,
            token_endpoint_auth_method,
            require_pkce,
            allow_multiple_grants,
        } => {
            let state = Fields::from([
                ("name", json!(name)),
                ("icon", json!(icon)),
                ("callback_url", json!(callback_url)),
                ("redirect_uris", json!(redirect_uris)),
                ("client_type", json!(client_type)),
                (
                    "token_endpoint_auth_method",
                    json!(token_endpoint_auth_method),
                ),
                ("require_pkce", json!(require_pkce)),
                ("allow_multiple_grants", json!(allow_multiple_grants)),
            ]);
            app(
                Named::Event(name, icon),
                Change::Created(state),
                attempt("create", 201),
            )
        }
        Event::Oauth2AppUpdated {
            name,
            callback_url,
            icon,
            redirect_uris,
        } => {
            let state = Fields::from([
                ("name", json!(name)),
                ("icon", json!(icon)),
                ("callback_url", json!(callback_url)),
                ("redirect_uris", json!(redirect_uris)),
            ]);
            app(
                Named::Event(name, icon),
                Change::Written(state),
                attempt("write", 200),
            )
        }
        Event::Oauth2AppDeleted {} => app(Named::Before, Change::Deleted, attempt("delete", 204)),
        Event::Oauth2AppSecretCreated {
            secret_id,
            display_secret,
            ..
        } => {
            let named = Named::Event(display_secret, String::new());
            secret(
                secret_id,
                named,
                Change::Created(Fields::from([])),
                "create",
                201,
            )
        }
        Event::Oauth2AppSecretDeleted { secret_id } => {
            secret(secret_id, Named::Before, Change::Deleted, "delete", 204)
        }
    })
}
