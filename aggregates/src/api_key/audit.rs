use serde_json::json;

use super::{ApiKey, DeletionReason, Event, Origin};
use crate::audit::Kind::{Text, Time};
use crate::audit::{Action, Audited, Entry, Resource, Title, field};

/// Named by its token name, which a session does not have, and identified by its user.
pub(crate) static API_KEY: Resource = Resource {
    name: "api_key",
    actions: &[
        Action::Create,
        Action::Delete,
        Action::Login,
        Action::Logout,
    ],
    fields: &[
        field("user_id", Text),
        field("expires_at", Time),
        field("created_at", Time),
    ],
    ends_unseen: false,
};

impl Audited for ApiKey {
    const RESOURCES: &'static [&'static Resource] = &[&API_KEY];

    fn entry(_id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        Ok(match event {
            Event::ApiKeyCreated {
                user_id,
                origin,
                token_name,
                ..
            } => {
                let action = match origin {
                    Origin::Login => Action::Login,
                    Origin::Token => Action::Create,
                };
                let title = Title::Said(token_name.clone());
                let mut entry = Entry::new(&API_KEY, *user_id, action, title);
                entry.user_id = Some(*user_id);
                Some(entry)
            }
            // A session that lives on by being used is no action of anybody.
            Event::ApiKeyExtended { .. } => None,
            Event::ApiKeyDeleted {
                user_id,
                token_name,
                reason,
            } => {
                let expired = *reason == DeletionReason::Expired;
                // Nor is the end of a session; a token, though, is missed in its user's list.
                if expired && token_name.is_empty() {
                    return Ok(None);
                }
                let title = Title::Said(token_name.clone());
                let mut entry = if *reason == DeletionReason::Logout {
                    Entry::new(&API_KEY, *user_id, Action::Logout, title)
                } else {
                    Entry::new(&API_KEY, *user_id, Action::Delete, title)
                        .with("reason", json!(reason))
                };
                entry.user_id = (!expired).then_some(*user_id);
                Some(entry)
            }
        })
    }
}
