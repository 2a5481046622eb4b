//! The `{group}` of a path, a UUID, and its `{groupName}`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chancery_operations::group::{self, GroupRef, SeenGroup};
use uuid::Uuid;

use crate::http::base::path::{segment, uuid};
use crate::http::base::{ApiError, AppState, SignedIn};

/// The id of the group that the path names. An extractor.
pub struct GroupId(pub Uuid);

/// The name of the group that the path names. An extractor.
pub struct GroupName(pub String);

/// The group that the path names. An extractor; one that the caller does not see is 404.
pub struct GroupPath(pub SeenGroup);

impl FromRequestParts<AppState> for GroupId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let text = segment(parts, state, "group").await?;
        uuid(&text).map(Self)
    }
}

impl FromRequestParts<AppState> for GroupName {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        segment(parts, state, "groupName").await.map(Self)
    }
}

impl FromRequestParts<AppState> for GroupPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        let GroupId(id) = GroupId::from_request_parts(parts, state).await?;
        Ok(Self(group::find(&caller, GroupRef::Id(id)).await?))
    }
}
