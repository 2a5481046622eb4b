//! The `{user}` of a path: a UUID, a user name, or `me`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chancery_operations::user::{self, User};

use crate::http::base::path::segment;
use crate::http::base::{ApiError, AppState, SignedIn};

/// The user that the path names. An extractor; one that the caller does not see is 404.
pub struct UserPath(pub User);

/// How the path names a user, who is looked for later. An extractor.
pub struct UserText(pub String);

impl FromRequestParts<AppState> for UserPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        let UserText(text) = UserText::from_request_parts(parts, state).await?;
        Ok(Self(user::find(&caller, &text).await?))
    }
}

impl FromRequestParts<AppState> for UserText {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        segment(parts, state, "user").await.map(Self)
    }
}
