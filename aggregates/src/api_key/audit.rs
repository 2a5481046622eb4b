use serde_json::json;

use super::{ApiKey, DeletionReason, Event, Origin};
use crate::audit::Kind::{Text, Time};
use crate::audit::{Action, Audited, Entry, Resource, Title, field};

/// Named by its token name, which a session does not have, and identified by its user.
pub(crate) static API_KEY: Resource = Resource::new(
    "api_key",
    &[
        Action::Create,
        Action::Delete,
        Action::Login,
        Action::Logout,
    ],
    &[
        field("user_id", Text),
        field("expires_at", Time),
        field("created_at", Time),
    ],
);

impl Audited for ApiKey {
    const RESOURCES: &'static [&'static Resource] = &[&API_KEY];

    fn entry(_id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let (user_id, token_name, action) = match event {
            Event::ApiKeyCreated(key) => {
                let action = match key.origin {
                    Origin::Login => Action::Login,
                    Origin::Token => Action::Create,
                };
                (key.user_id, &key.token_name, action)
            }
            // A session that lives on by being used is no action of anybody.
            Event::ApiKeyExtended { .. } => return Ok(None),
            Event::ApiKeyDeleted {
                user_id,
                token_name,
                reason,
            } => {
                let action = match reason {
                    DeletionReason::Logout => Action::Logout,
                    // Nor is the end of a session; a token, though, is missed in its user's list.
                    DeletionReason::Expired if token_name.as_str().is_empty() => return Ok(None),
                    _ => Action::Delete,
                };
                (*user_id, token_name, action)
            }
        };
        let title = Title::Said(token_name.as_str().to_owned());
        let mut entry = Entry::new(&API_KEY, user_id, action, title);
        entry.user_id = Some(user_id);
        if let (Action::Delete, Event::ApiKeyDeleted { reason, .. }) = (action, event) {
            entry = entry.with("reason", json!(reason));
            entry.user_id = entry.user_id.filter(|_| *reason != DeletionReason::Expired);
        }
        Ok(Some(entry))
    }
}
