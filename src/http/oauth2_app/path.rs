//! The `{app}` of a path: a UUID, which is the app's `client_id`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chancery_operations::oauth2_app::{self, Client};
use uuid::Uuid;

use crate::http::base::path::{segment, uuid};
use crate::http::base::{ApiError, AppState, SignedIn};

/// The id of the app that the path names. An extractor.
pub struct OAuth2AppId(pub Uuid);

/// The app that the path names. An extractor; an unknown app is 404.
pub struct OAuth2AppPath(pub Client);

impl FromRequestParts<AppState> for OAuth2AppId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let text = segment(parts, state, "app").await?;
        let invalid = |_| ApiError::bad_request("Invalid OAuth2 client ID.");
        Uuid::try_parse(&text).map(Self).map_err(invalid)
    }
}

/// The `{secret_id}` that the path names. An extractor.
pub struct OAuth2AppSecretId(pub Uuid);

impl FromRequestParts<AppState> for OAuth2AppSecretId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let text = segment(parts, state, "secret_id").await?;
        uuid(&text).map(Self)
    }
}

impl FromRequestParts<AppState> for OAuth2AppPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        let OAuth2AppId(id) = OAuth2AppId::from_request_parts(parts, state).await?;
        Ok(Self(oauth2_app::get(&caller, id, None).await?))
    }
}
