//! `GET /api/v2/organizations/{organization}/members/roles`.

use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::organization::{PathOrganization, decide};
use crate::http::{ApiError, AppState, ErrorBody, Json, Session};
use crate::policy::{Action, OrganizationPart, OrganizationRole};

/// A role in an organization, and whether the caller may give it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssignableOrganizationRole {
    /// The role's name.
    name: &'static str,
    /// The name shown to people.
    display_name: &'static str,
    /// The organization.
    organization_id: Uuid,
    /// Whether the caller may give and take it.
    assignable: bool,
    /// Whether the role comes with the server.
    built_in: bool,
}

/// The roles of an organization.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/members/roles",
    tag = "Members",
    params(("organization" = String, Path, description = "Organization id, name, or default")),
    responses(
        (status = 200, description = "The roles.", body = Vec<AssignableOrganizationRole>),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such organization, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn list_organization_roles(
    State(state): State<AppState>,
    session: Session,
    Path(organization): Path<String>,
) -> Result<Json<Vec<AssignableOrganizationRole>>, ApiError> {
    let organization_id = PathOrganization::find(&state, &session, &organization)
        .await?
        .id;
    let _ = decide(
        &session,
        Action::Read,
        organization_id,
        OrganizationPart::MemberRoles,
    )?;
    let subject = session.subject();
    let roles = OrganizationRole::ALL
        .into_iter()
        .map(|role| AssignableOrganizationRole {
            name: role.name(),
            display_name: role.display_name(),
            organization_id,
            assignable: subject.may_assign_in(organization_id, role),
            built_in: true,
        });
    Ok(Json(roles.collect()))
}
