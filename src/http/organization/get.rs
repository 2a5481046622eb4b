//! `GET /api/v2/organizations/{organization}` and `GET /api/v2/users/{user}/organizations/{organizationname}`.

use axum::extract::{Path, State};
use chancery_projections::organization::{self, OrganizationRef, Organizations};

use super::{OrganizationModel, PathOrganization};
use crate::http::as_of::{AsOfPosition, Past};
use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};

/// An organization, by id, name or `default`.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}",
    tag = "Organizations",
    params(
        ("organization" = String, Path, description = "Organization id, name, or default"),
        ("as_of" = Option<String>, Query, description = "As it was at this position of the record, or time as in RFC 3339."),
    ),
    responses(
        (status = 200, description = "The organization.", body = OrganizationModel),
        (status = 400, description = "The path cannot be read, or there was no such moment.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such organization, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_organization(
    State(state): State<AppState>,
    session: Session,
    AsOfPosition(as_of): AsOfPosition,
    Path(organization): Path<String>,
) -> Result<Json<OrganizationModel>, ApiError> {
    let now = PathOrganization::find(&state, &session, &organization).await?;
    let Some(position) = as_of else {
        return Ok(Json(now.into()));
    };
    let id = now.id.to_string();
    let reader = state.ledger.reader();
    let events = reader
        .read_stream_until("organization", &id, position)
        .await?;
    let past = Past::new(&state, &[&Organizations], events).await?;
    let then = organization::find(past.pool(), OrganizationRef::Id(now.id)).await?;
    Ok(Json(then.ok_or_else(ApiError::not_found)?.into()))
}

/// An organization that a user belongs to.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/organizations/{organizationname}",
    tag = "Users",
    params(
        ("user" = String, Path, description = "User id, user name, or me"),
        ("organizationname" = String, Path, description = "Organization id, name, or default"),
    ),
    responses(
        (status = 200, description = "The organization.", body = OrganizationModel),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such user or organization, none that the caller may see, or the user is not in it.", body = ErrorBody),
    )
)]
pub async fn get_organization_of_user(
    State(state): State<AppState>,
    session: Session,
    Path((user, organization)): Path<(String, String)>,
) -> Result<Json<OrganizationModel>, ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let found = PathOrganization::find(&state, &session, &organization).await?;
    organization::find_member(state.projections.pool(), found.id, user_id)
        .await?
        .ok_or_else(ApiError::not_found)?;
    Ok(Json(found.into()))
}
