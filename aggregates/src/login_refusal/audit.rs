use serde_json::json;

use super::{Event, LoginRefusal, Reason};
use crate::api_key::audit::API_KEY;
use crate::audit::{Action, Audited, Entry, Refusal, Resource, Title};

/// A key that somebody did not get.
impl Audited for LoginRefusal {
    const RESOURCES: &'static [&'static Resource] = &[&API_KEY];

    fn entry(_id: &str, event: &Event) -> Result<Option<Entry>, uuid::Error> {
        let Event::LoginRefused {
            email,
            user_id,
            reason,
        } = event;
        let id = user_id.unwrap_or_default();
        let mut entry = Entry::new(&API_KEY, id, Action::Login, Title::Said(String::new()))
            .with("email", json!(email))
            .with("reason", json!(reason));
        entry.refusal = Some(match reason {
            Reason::UnknownUser | Reason::WrongPassword | Reason::Suspended => {
                Refusal::Unauthenticated
            }
            Reason::PasswordDisabled => Refusal::Forbidden,
            Reason::RateLimited => Refusal::RateLimited,
        });
        entry.user_id = *user_id;
        Ok(Some(entry))
    }
}
