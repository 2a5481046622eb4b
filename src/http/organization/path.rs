//! The `{organization}` (in one route `{organizationname}`) of a path: a UUID, a name, or `default`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chancery_operations::organization::{self, Organization};

use crate::http::base::path::segment_of;
use crate::http::base::{ApiError, AppState, SignedIn};

/// The organization that the path names. An extractor; one that the caller does not see is 404.
pub struct OrganizationPath(pub Organization);

impl FromRequestParts<AppState> for OrganizationPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        let names = ["organization", "organizationname"];
        let text = segment_of(parts, state, &names).await?;
        Ok(Self(organization::find(&caller, &text).await?))
    }
}
