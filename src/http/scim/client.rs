//! Who speaks SCIM: whoever shows the deployment's key, bare or as a bearer token.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chancery_operations::scim::{self, Provisioner};

use super::error::ScimError;
use crate::http::base::signed_in::guest;
use crate::http::base::{ApiError, AppState};
use crate::secret::Secret;

const BEARER: &str = "bearer ";

/// One who has shown the key. An extractor.
pub struct ScimClient(pub Provisioner);

/// A deployment that has a key. An extractor; everything else about SCIM is 404 in one that has none.
pub struct ScimEnabled;

/// Refuses everything about SCIM in a deployment without a key.
pub fn check_enabled(state: &AppState) -> Result<(), ApiError> {
    if scim::is_enabled(&state.services) {
        return Ok(());
    }
    let message =
        "SCIM is disabled, please contact your administrator if you believe this is an error";
    Err(ApiError::new(StatusCode::NOT_FOUND, message)
        .with_detail("SCIM is enabled by a key: see CHANCERY_SCIM_KEY."))
}

impl FromRequestParts<AppState> for ScimEnabled {
    type Rejection = ApiError;

    async fn from_request_parts(_parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        check_enabled(state).map(|()| Self)
    }
}

impl FromRequestParts<AppState> for ScimClient {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        check_enabled(state).map_err(IntoResponse::into_response)?;
        let provisioner = scim::authenticate(&guest(parts, state), &shown(&parts.headers));
        let unknown = || ScimError::unauthenticated().into_response();
        Ok(Self(provisioner.ok_or_else(unknown)?))
    }
}

/// What the request shows; nothing, if it shows nothing that could be a key.
fn shown(headers: &HeaderMap) -> Secret {
    let shown = headers.get(AUTHORIZATION);
    let shown = shown
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let scheme = shown.get(..BEARER.len());
    let is_bearer = scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(BEARER));
    let key = if is_bearer {
        &shown[BEARER.len()..]
    } else {
        shown
    };
    Secret::from(key)
}
