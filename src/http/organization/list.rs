//! `GET /api/v2/organizations` and `GET /api/v2/users/{user}/organizations`.

use axum::extract::{Path, State};
use chancery_projections::organization::{self, Organization};

use super::{OrganizationModel, decide};
use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};
use crate::policy::{Action, OrganizationPart};

/// The organizations that the caller may read, by name.
#[utoipa::path(
    get,
    path = "/api/v2/organizations",
    tag = "Organizations",
    responses(
        (status = 200, description = "The organizations.", body = Vec<OrganizationModel>),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
    )
)]
pub async fn list_organizations(
    State(state): State<AppState>,
    session: Session,
) -> Result<Json<Vec<OrganizationModel>>, ApiError> {
    let pool = state.projections.pool();
    let organizations = if session.subject().reads_every_organization() {
        organization::list(pool).await?
    } else {
        organization::list_of_member(pool, session.user_id()).await?
    };
    Ok(Json(models(organizations)))
}

/// The organizations that a user belongs to, as far as the caller may read them, by name.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/organizations",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, description = "The organizations.", body = Vec<OrganizationModel>),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn list_organizations_of_user(
    State(state): State<AppState>,
    session: Session,
    Path(user): Path<String>,
) -> Result<Json<Vec<OrganizationModel>>, ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let mut organizations = organization::list_of_member(state.projections.pool(), user_id).await?;
    organizations.retain(|organization| {
        decide(
            &session,
            Action::Read,
            organization.id,
            OrganizationPart::Profile,
        )
        .is_ok()
    });
    Ok(Json(models(organizations)))
}

fn models(organizations: Vec<Organization>) -> Vec<OrganizationModel> {
    organizations
        .into_iter()
        .map(OrganizationModel::from)
        .collect()
}
