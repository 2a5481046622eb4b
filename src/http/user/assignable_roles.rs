//! `GET /api/v2/users/roles`.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{ApiError, ErrorBody, Json, Session};
use crate::policy::Role;

/// A role, and whether the caller may give it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AssignableRoles)]
pub struct AssignableRole {
    /// The role's name.
    name: &'static str,
    /// The name shown to people.
    display_name: &'static str,
    /// Whether the caller may give and take it.
    assignable: bool,
    /// Whether the role comes with the server.
    built_in: bool,
}

/// The site roles.
#[utoipa::path(
    get,
    path = "/api/v2/users/roles",
    tag = "Members",
    responses(
        (status = 200, description = "The roles.", body = Vec<AssignableRole>),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
    )
)]
pub async fn list_site_roles(session: Session) -> Result<Json<Vec<AssignableRole>>, ApiError> {
    let subject = session.subject();
    let roles = Role::ALL.into_iter().map(|role| AssignableRole {
        name: role.name(),
        display_name: role.display_name(),
        assignable: subject.may_assign(role),
        built_in: true,
    });
    Ok(Json(roles.collect()))
}
