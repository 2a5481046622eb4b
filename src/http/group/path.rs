//! The `{group}` of a path, a UUID, and its `{groupName}`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chancery_operations::group::{self, Group, GroupFilter};

use crate::http::base::path::{segment, uuid};
use crate::http::base::{ApiError, AppState, SignedIn};
use crate::http::organization::OrganizationPath;

/// What finds the group that the path names by its id. An extractor.
pub struct GroupById(pub GroupFilter);

/// What finds the group that the path names by its name in an organization. An extractor; an organization that the caller does not
/// see is 404.
pub struct GroupByName(pub GroupFilter);

/// The group that the path names by its id. An extractor; one that the caller does not see is 404.
pub struct GroupPath(pub Group);

impl FromRequestParts<AppState> for GroupById {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let id = uuid(&segment(parts, state, "group").await?)?;
        Ok(Self(GroupFilter::by_id(id)))
    }
}

impl FromRequestParts<AppState> for GroupByName {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let OrganizationPath(organization) =
            OrganizationPath::from_request_parts(parts, state).await?;
        let name = segment(parts, state, "groupName").await?;
        Ok(Self(GroupFilter::by_name(organization.id, name)))
    }
}

impl FromRequestParts<AppState> for GroupPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        let GroupById(id) = GroupById::from_request_parts(parts, state).await?;
        Ok(Self(group::find(&caller, id).await?))
    }
}
