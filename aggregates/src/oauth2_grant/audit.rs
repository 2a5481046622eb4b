use serde_json::{Value, json};
use uuid::{Builder, Uuid};

use super::{Event, OAuth2Grant, Stage};
use crate::audit::Kind::{Secret, Text, Time};
use crate::audit::{Action, Audited, Entry, Refusal, Resource, Title, field};
use crate::oauth2::pkce;
use crate::oauth2_app::audit::APP;

/// The contract's audit API knows no codes and tokens; these types are Chancery's.
static CODE: Resource = Resource {
    name: "oauth2_provider_app_code",
    actions: &[Action::Create, Action::Write, Action::Delete],
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
    ends_unseen: true,
};

static TOKEN: Resource = Resource {
    name: "oauth2_provider_app_token",
    actions: &[Action::Create, Action::Write, Action::Delete],
    fields: &[
        field("app_id", Text),
        field("user_id", Text),
        field("audience", Text),
        field("scope", Text),
        field("expires_at", Time),
        field("refresh_expires_at", Time),
        field("hashed_secret", Secret),
        field("hashed_refresh_token", Secret),
    ],
    ends_unseen: true,
};

impl Audited for OAuth2Grant {
    const RESOURCES: &'static [&'static Resource] = &[&CODE, &TOKEN];

    fn entry(id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let (resource, action, reason) = match event {
            Event::CodeIssued { .. } => (&CODE, Action::Create, None),
            Event::CodeExchanged { .. } => (&TOKEN, Action::Create, None),
            Event::TokenRefreshed { .. } => (&TOKEN, Action::Write, None),
            Event::ExchangeRefused { reason, .. } => (&CODE, Action::Write, Some(json!(reason))),
            Event::RefreshRefused { reason, .. } => (&TOKEN, Action::Write, Some(json!(reason))),
            Event::GrantRevoked {
                had_tokens, reason, ..
            } => {
                let resource = if *had_tokens { &TOKEN } else { &CODE };
                (resource, Action::Delete, Some(json!(reason)))
            }
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
        }) = event;
        let title = Title::Of(&APP, app_id.uuid());
        let mut entry = Entry::new(resource, resource_id(id), action, title)
            .with("grant_id", id)
            .with("app_id", json!(app_id));
        if let Some(reason) = reason {
            entry = entry.with("reason", reason);
        }
        entry.user_id = Some(*user_id);
        if matches!(
            event,
            Event::ExchangeRefused { .. } | Event::RefreshRefused { .. }
        ) {
            entry.refusal = Some(Refusal::Invalid);
        }
        Ok(Some(entry))
    }

    fn view(&self, _id: &str, resource: &Resource) -> Option<Value> {
        let asked = &self.authorization;
        match (self.stage, &self.generation) {
            (Stage::CodeIssued, _) if *resource == CODE => Some(json!({
                "app_id": asked.app_id,
                "user_id": asked.user_id,
                "redirect_uri": asked.redirect_uri,
                "resource_uri": asked.resource_uri,
                "code_challenge": asked.code_challenge,
                "code_challenge_method": asked.code_challenge.as_ref().map(|_| pkce::S256),
                "scope": asked.scope,
                "expires_at": asked.code_expires_at,
                "hashed_secret": asked.hashed_code,
            })),
            (Stage::Exchanged, Some(held)) if *resource == TOKEN => Some(json!({
                "app_id": asked.app_id,
                "user_id": asked.user_id,
                "audience": asked.resource_uri,
                "scope": asked.scope,
                "expires_at": held.access_token_expires_at,
                "refresh_expires_at": held.refresh_token_expires_at,
                "hashed_secret": held.hashed_secret,
                "hashed_refresh_token": held.hashed_refresh_token,
            })),
            _ => None,
        }
    }

    fn stream_of(resource_id: Uuid) -> Option<String> {
        grant_id(resource_id)
    }
}

const ID_LENGTH: usize = 10;
/// The bytes of a UUID that hold no character: those with its version and variant, and the last three.
const FREE: [usize; 6] = [6, 7, 8, 13, 14, 15];

/// The UUID (version 8) that stands for a grant: the ten characters of its id in the bytes that are free for them.
fn resource_id(grant_id: &str) -> Uuid {
    let mut bytes = [0; 16];
    let places = (0..16).filter(|place| !FREE.contains(place));
    for (place, character) in places.zip(grant_id.bytes()) {
        bytes[place] = character;
    }
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// The id of the grant that a UUID stands for.
fn grant_id(resource_id: Uuid) -> Option<String> {
    let bytes = resource_id.as_bytes();
    let id: String = (0..16)
        .filter(|place| !FREE.contains(place))
        .map(|place| char::from(bytes[place]))
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    (id.len() == ID_LENGTH && self::resource_id(&id) == resource_id).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_that_the_trail_shows_says_the_grant() {
        for id in ["0123456789", "AbCdEfGhIj", "zzzzzzzzzz"] {
            assert_eq!(grant_id(resource_id(id)).as_deref(), Some(id));
        }
    }

    #[test]
    fn other_ids_say_no_grant() {
        for id in [
            Uuid::nil(),
            Uuid::max(),
            Uuid::from_u128(7),
            resource_id("short"),
            resource_id("no-id-here"),
        ] {
            assert_eq!(grant_id(id), None, "{id}");
        }
    }
}
