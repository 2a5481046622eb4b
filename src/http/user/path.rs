//! The `{user}` of a path: a UUID, a user name, or `me`.

use chancery_projections::user::{self, User, UserRef};
use uuid::Uuid;

use crate::http::{ApiError, AppState, Session};
use crate::policy::{Action, Resource};

/// A UUID's length with its hyphens; without them it would be a user name.
const UUID_LENGTH: usize = 36;

/// Finds the users that paths name.
#[derive(Clone, Copy, Debug)]
pub struct PathUser;

impl PathUser {
    /// The user that `text` names, for `session`. Unknown users, and those that the session may not read, are 404.
    pub async fn find(state: &AppState, session: &Session, text: &str) -> Result<User, ApiError> {
        let id = Uuid::try_parse(text)
            .ok()
            .filter(|_| text.len() == UUID_LENGTH);
        let reference = match id {
            _ if text == "me" => UserRef::Id(session.user_id()),
            Some(id) => UserRef::Id(id),
            None => UserRef::Username(text),
        };
        let user = user::find(state.projections.pool(), reference)
            .await?
            .ok_or_else(ApiError::not_found)?;
        let _ = session.decide(Action::Read, Resource::User(user.id))?;
        Ok(user)
    }
}
