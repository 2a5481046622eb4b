//! The `{user}` of a path: a UUID, a user name, or `me`.

use chancery_projections::user::{self, User, UserRef};
use uuid::Uuid;

use crate::http::{ApiError, AppState, Session};

/// Finds the users that paths name.
#[derive(Clone, Copy, Debug)]
pub struct PathUser;

impl PathUser {
    /// The user that `text` names, for `session`. Unknown users are 404.
    pub async fn find(state: &AppState, session: &Session, text: &str) -> Result<User, ApiError> {
        let id = Uuid::parse_str(text).ok();
        let reference = match id {
            _ if text == "me" => UserRef::Id(session.user_id()),
            Some(id) => UserRef::Id(id),
            None => UserRef::Username(text),
        };
        user::find(state.projections.pool(), reference)
            .await?
            .ok_or_else(ApiError::not_found)
    }
}
