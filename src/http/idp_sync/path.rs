//! Whose settings a path names, for those who may see and change them. Others are refused before what they sent is read.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chancery_operations::idp_sync;
use chancery_operations::organization::Organization;

use crate::http::base::{ApiError, AppState, SignedIn};
use crate::http::organization::OrganizationPath;

/// The deployment. An extractor.
pub struct SyncedDeployment;

/// The organization that the path names. An extractor; one that the caller does not see is 404.
pub struct SyncedOrganization(pub Organization);

impl FromRequestParts<AppState> for SyncedDeployment {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        caller.sees(idp_sync::resource(None))?;
        Ok(Self)
    }
}

impl FromRequestParts<AppState> for SyncedOrganization {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        let OrganizationPath(organization) =
            OrganizationPath::from_request_parts(parts, state).await?;
        caller.sees(idp_sync::resource(Some(&organization)))?;
        Ok(Self(organization))
    }
}
