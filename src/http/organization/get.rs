//! `GET /api/v2/organizations/{organization}` and `GET /api/v2/users/{user}/organizations/{organizationname}`.

use axum::extract::{Path, State};
use chancery_projections::organization;

use super::{OrganizationModel, PathOrganization};
use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};

/// An organization, by id, name or `default`.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}",
    tag = "Organizations",
    params(("organization" = String, Path, description = "Organization id, name, or default")),
    responses(
        (status = 200, description = "The organization.", body = OrganizationModel),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such organization, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_organization(
    State(state): State<AppState>,
    session: Session,
    Path(organization): Path<String>,
) -> Result<Json<OrganizationModel>, ApiError> {
    let organization = PathOrganization::find(&state, &session, &organization).await?;
    Ok(Json(organization.into()))
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
