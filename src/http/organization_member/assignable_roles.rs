//! `GET /api/v2/organizations/{organization}/members/roles`.

use chancery_aggregates::organization::OrganizationId;
use chancery_operations::organization_member;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn};
use crate::http::organization::OrganizationPath;

/// A role in an organization, and whether the caller may give it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssignableOrganizationRole {
    /// The role's name.
    name: &'static str,
    /// The name shown to people.
    display_name: &'static str,
    /// The organization.
    organization_id: OrganizationId,
    /// Whether the caller may give and take it.
    assignable: bool,
    /// Whether the role comes with the server.
    built_in: bool,
}

/// The roles of an organization.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/members/roles",
    responses(
        (status = 200, description = "The roles.", body = Vec<AssignableOrganizationRole>),
        ReadRefusal,
    )
)]
pub async fn list_organization_roles(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
) -> Result<Json<Vec<AssignableOrganizationRole>>, ApiError> {
    let roles = organization_member::assignable_roles(&caller, &organization)?;
    let roles = roles.map(|(role, assignable)| AssignableOrganizationRole {
        name: role.name(),
        display_name: role.display_name(),
        organization_id: organization.id,
        assignable,
        built_in: true,
    });
    Ok(Json(roles.collect()))
}
