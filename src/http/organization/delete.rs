//! `DELETE /api/v2/organizations/{organization}`.

use axum::extract::{Path, State};
use chancery_aggregates::organization::{Command, Organization};
use chancery_projections::ProjectionName;

use super::{PathOrganization, decide, refused};
use crate::http::user::logout::Message;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session};
use crate::policy::{Action, OrganizationPart};

/// Deletes an organization with its groups and memberships. Its users stay.
#[utoipa::path(
    delete,
    path = "/api/v2/organizations/{organization}",
    tag = "Organizations",
    params(("organization" = String, Path, description = "Organization id, name, or default")),
    responses(
        (status = 200, description = "The organization is deleted.", body = Message),
        (status = 400, description = "It is the default organization.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not delete this organization.", body = ErrorBody),
        (status = 404, description = "No such organization, or none that the caller may see.", body = ErrorBody),
        (status = 409, description = "It is being changed by other requests.", body = ErrorBody),
    )
)]
pub async fn delete_organization(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(organization): Path<String>,
) -> Result<Json<Message>, ApiError> {
    let id = PathOrganization::find(&state, &session, &organization)
        .await?
        .id;
    let permit = decide(&session, Action::Delete, id, OrganizationPart::Profile)?;
    let executed = state
        .commands(&permit)
        .execute::<Organization>(
            &id.to_string(),
            Command::DeleteOrganization,
            &facts.command(&state, &session.actor()),
        )
        .await
        .map_err(|error| ApiError::of_execute(error, refused))?;
    state
        .wait_for(ProjectionName::ORGANIZATION, executed.position)
        .await?;
    Ok(Json(Message::new("Organization has been deleted.")))
}
