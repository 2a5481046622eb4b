//! `DELETE /api/v2/organizations/{organization}/members/{user}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_ledger::{AppendError, Position};
use chancery_projections::ProjectionName;
use uuid::Uuid;

use super::{ATTEMPTS, find, leave_organization};
use crate::http::organization::{PathOrganization, decide};
use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, RequestFacts, Session};
use crate::policy::{Action, OrganizationPart, Permit};

/// Takes a user out of an organization and all its groups.
#[utoipa::path(
    delete,
    path = "/api/v2/organizations/{organization}/members/{user}",
    tag = "Members",
    params(
        ("organization" = String, Path, description = "Organization id, name, or default"),
        ("user" = String, Path, description = "User id, user name, or me"),
    ),
    responses(
        (status = 204, description = "The user is no member any more."),
        (status = 400, description = "The user is the caller.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not remove members.", body = ErrorBody),
        (status = 404, description = "No such organization or user, none that the caller may see, or the user is no member.", body = ErrorBody),
        (status = 409, description = "The membership is being changed by other requests.", body = ErrorBody),
    )
)]
pub async fn remove_member(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path((organization, user)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let organization_id = PathOrganization::find(&state, &session, &organization)
        .await?
        .id;
    let permit = decide(
        &session,
        Action::Delete,
        organization_id,
        OrganizationPart::Members,
    )?;
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    find(&state, organization_id, user_id).await?;
    if user_id == session.user_id() {
        return Err(ApiError::bad_request(
            "cannot remove self from an organization",
        ));
    }
    let position = record(&state, &session, &facts, &permit, organization_id, user_id).await?;
    state
        .wait_for(ProjectionName::ORGANIZATION, position)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn record(
    state: &AppState,
    session: &Session,
    facts: &RequestFacts,
    permit: &Permit,
    organization_id: Uuid,
    user_id: Uuid,
) -> Result<Option<Position>, ApiError> {
    let mut attempt = 1;
    loop {
        let context = facts.command(state, &session.actor());
        let mut unit = state.commands(permit).unit_of_work(&context);
        let pool = state.projections.pool();
        leave_organization(&mut unit, pool, organization_id, user_id).await?;
        match unit.commit().await {
            Err(AppendError::Conflict) if attempt < ATTEMPTS => attempt += 1,
            outcome => return outcome.map_err(|error| ApiError::of_append(&error)),
        }
    }
}
